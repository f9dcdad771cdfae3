/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab that cannot be built: where the machine had too much to do, the run is unsure, and keeps
 * the reason; elsewhere it is broken. And for which runs over IPv4 IPv6 is left out.
 *
 * This file has its own lab_wire() and the like, which fail as the test wants. The linker takes
 * them instead of those in netns/wire.c.
 */
#include "tests/labs.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "harness/engine/engine.h"
#include "harness/run/unsure.h"
#include "harness/script/script.h"
#include "netns/internal.h"

enum refused { NO_CLONE, FIRST_PROCESSES, THEIR_CHILDREN };

static int wire_error; /* how lab_wire() fails; 0: it does nothing, and says that all is well */

/* What a child has seen. */
static struct told {
	enum verdict first, last;
	bool only_ipv4;
	char broken[512];
} * told;

bool lab_wire(struct lab *lab, int family)
{
	lab->family = family;
	told->only_ipv4 = lab->only_ipv4;
	return !wire_error || lab_fail_for(lab, wire_error, "wiring: %s", strerror(wire_error));
}

bool wire_raise(struct lab *lab, const struct lab_end *end)
{
	(void)end;
	return lab_fail(lab, "not in this test");
}

bool wire_has_ipv6(const struct lab *lab)
{
	return !lab->only_ipv4;
}

static void run_text(int family, const char *text)
{
	struct source source = {"test.tcp", text, strlen(text)};
	struct facts facts = {.kernel = {6, 18, 0}, .family = family};
	struct arena a = {0};
	struct diagnostics diagnostics = {.arena = &a};
	struct run run = {0};
	struct observation seen = {0};
	const struct engine_options options = {.limit = 10 * NS_PER_S};
	struct script *script = script_parse(&a, &source, &diagnostics);

	if (!script ||
	    !script_expand(&a, script, &facts, NULL, 0, NULL, NULL, &run, &diagnostics) ||
	    !script_check(&a, &run, &diagnostics)) {
		diagnostics_print(stderr, &diagnostics);
		_exit(1);
	}
	engine_run(&run, &options, &a, &seen);
	told->first = seen.judgement.verdict;
	unsure_conclude(&a, &seen, UNSURE_REPEATS - 1);
	if (seen.judgement.verdict != told->first)
		_exit(1);
	unsure_conclude(&a, &seen, UNSURE_REPEATS);
	told->last = seen.judgement.verdict;
	snprintf(told->broken, sizeof(told->broken), "%s", seen.broken ? seen.broken : "");
	_exit(0);
}

/* As if the table of processes were full: for hosts' first processes, or for those that they make.
 */
static void refuse(enum refused refused)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	uint64_t kind = refused == FIRST_PROCESSES ? CLONE_NEWPID : 0;

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone), 1,
			     SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWPID, kind)) ||
	    seccomp_load(filter))
		_exit(1);
}

/* In a child: its namespaces are changed for good. */
static void child_runs(int family, const char *text, enum refused refused)
{
	int status = -1;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (refused != NO_CLONE)
			refuse(refused);
		run_text(family, text);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void what_may_pass(void **state)
{
	static const struct {
		int error;
		enum verdict verdict;
	} rows[] = {
	    {ETIMEDOUT, VERDICT_UNSURE},
	    {EAGAIN, VERDICT_UNSURE},
	    {EPERM, VERDICT_BROKEN},
	    {EOPNOTSUPP, VERDICT_BROKEN},
	};
	char expected[128];

	(void)state;
	labs_need();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wire_error = rows[i].error;
		child_runs(4, "client socket() = c\n", NO_CLONE);
		assert_int_equal(told->first, rows[i].verdict);
		assert_int_equal(told->last, VERDICT_BROKEN);
		snprintf(expected, sizeof(expected), "wiring: %s", strerror(wire_error));
		assert_string_equal(told->broken, expected);
	}
}

static void no_process_left(void **state)
{
	/* Several hosts fail. Which of them is noticed first depends on how soon each has ended. */
	static const char *const expected[] = {
	    [FIRST_PROCESSES] = "starting the client's first process: ",
	    [THEIR_CHILDREN] = "'s first process cannot make another one: ",
	};

	(void)state;
	labs_need();
	wire_error = 0;
	for (enum refused refused = FIRST_PROCESSES; refused <= THEIR_CHILDREN; refused++) {
		child_runs(4, "client socket() = c\n", refused);
		if (!strstr(told->broken, expected[refused]) ||
		    !strstr(told->broken, strerror(EAGAIN)))
			fail_msg("%s", told->broken);
		assert_int_equal(told->first, VERDICT_UNSURE);
		assert_int_equal(told->last, VERDICT_BROKEN);
	}
}

static void who_needs_ipv6(void **state)
{
	static const struct {
		int family;
		const char *text;
		bool only_ipv4;
	} rows[] = {
	    {4, "client socket() = c\n", true},
	    {4, "client socket() = c  # 16 of 6\n", true},
	    {6, "client socket() = c\n", false},
	    {4, "client socket(AF_INET6, SOCK_STREAM) = c\n", false},
	    {4, "client socket(10, SOCK_STREAM) = c\n", false},
	    {4, "client nstat Ip6InReceives +0\n", false},
	    {4, "client socket() = c\nclient bind(c, {sa_family=10, server:80}) = -1 EINVAL\n",
	     false},
	};

	(void)state;
	labs_need();
	wire_error = EPERM;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		child_runs(rows[i].family, rows[i].text, NO_CLONE);
		if (told->only_ipv4 != rows[i].only_ipv4)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_may_pass),
	    cmocka_unit_test(no_process_left),
	    cmocka_unit_test(who_needs_ipv6),
	};

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
