/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: how its command is read, and what its keeper tells of it. The programs
 * here are roles of tests/programs/roles.c, in a lab, without an engine.
 */
#include <linux/limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "tests/labs.h"

#include "harness/actor/actor_wire.h"
#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/program/keeper.h"
#include "harness/program/tasks.h"
#include "harness/program/told.h"

static const char *roles; /* the program's path */

/* ---- commands ---- */

static const char *words_of(struct arena *a, const struct program *p)
{
	const char *text = p->by_shell ? "shell" : "";

	for (size_t i = 0; !p->by_shell && p->argv[i]; i++)
		text = arena_printf(a, "%s<%s>", text, p->argv[i]);
	return text;
}

static void test_commands(void **state)
{
	static const struct {
		const char *command, *words;
	} rows[] = {
	    {"sh", "<sh>"},
	    {" sh  -c\tx ", "<sh><-c><x>"},
	    {"sh 'a b' \"c d\" e\\ f", "<sh><a b><c d><e f>"},
	    {"sh a'b'\"c\"d ''", "<sh><abcd><>"},
	    {"sh \"a\\\"b\\c'\" '\"'", "<sh><a\"b\\c'><\">"},
	    {"sh '$x *' \"*;|\"", "<sh><$x *><*;|>"},
	    {"sh $x", "shell"},
	    {"sh \"$x\"", "shell"},
	    {"sh \"`x`\"", "shell"},
	    {"sh a | cat", "shell"},
	    {"sh a; sh b", "shell"},
	    {"sh > x", "shell"},
	    {"sh *", "shell"},
	    {"X=1 sh", "shell"},
	    {"exec sh", "shell"},
	    {"sh 'a", "shell"},
	    {"", "shell"},
	    {"sh x=1", "<sh><x=1>"},
	};
	struct program_user user = program_user(NULL);
	struct arena a = {0};
	struct program p;
	const char *error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(program_find(&a, &user, HOST_CLIENT, rows[i].command, &p, &error));
		assert_string_equal(words_of(&a, &p), rows[i].words);
	}
	arena_free(&a);
}

static void test_no_such_program(void **state)
{
	static const struct {
		const char *command, *error;
	} rows[] = {
	    {"no-such-program x",
	     "--server: there is no program 'no-such-program' in any directory of PATH"},
	    {"./no-such-program", "--server: there is no program './no-such-program'"},
	    {"/tmp", "--server: '/tmp' cannot be executed: Permission denied"},
	    {"/etc/passwd", "--server: '/etc/passwd' cannot be executed: Permission denied"},
	};
	struct program_user user = program_user(NULL);
	struct arena a = {0};
	struct program p;
	const char *error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(program_find(&a, &user, HOST_SERVER, rows[i].command, &p, &error));
		assert_string_equal(error, rows[i].error);
	}
	arena_free(&a);
}

/* While an ordinary user traces it, such a program would not run as the other user. */
static void test_other_user(void **state)
{
	struct program_user root = program_user(NULL), other = root;
	char path[] = "/tmp/tcplab-test-XXXXXX";
	int fd = mkstemp(path);
	struct arena a = {0};
	struct program p;
	const char *error;

	(void)state;
	root.uid = 0;
	other.uid = geteuid() + 1;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 04755), 0);
	assert_false(program_find(&a, &other, HOST_CLIENT, path, &p, &error));
	assert_non_null(strstr(error, "is set-user-ID: only root can observe what it does"));
	assert_true(program_find(&a, &root, HOST_CLIENT, path, &p, &error));
	close(fd);
	unlink(path);
	arena_free(&a);
}

/* ---- what is told ---- */

struct kept {
	struct keeper keeper;
	struct program program;
	struct program_user user;
	pid_t pid;
	int channel, output;
	int signal; /* for its first process, from outside, when it has made a call; 0: none */
};

static void become_keeper(void *context)
{
	struct kept *k = context;

	keeper_main(&k->keeper);
}

static const char *one_line(struct arena *a, const struct told *t)
{
	const char *part = t->part ? arena_printf(a, "%s ", t->part) : "", *beside = "";
	const struct call_row *row = t->name ? call_find(t->name) : NULL;

	if (t->kind == TOLD_OUTSIDE)
		return arena_printf(a, "%s--- %d ---\n", part, t->status);
	if (t->kind == TOLD_DEATH && WIFSIGNALED(t->status))
		return arena_printf(a, "%s+++ %d +++\n", part, -WTERMSIG(t->status));
	if (t->kind == TOLD_DEATH)
		return arena_printf(a, "%s+++ %d +++\n", part, WEXITSTATUS(t->status));
	if (row && t->seen[0] && !type_is_filled(row->params[0].type))
		beside = arena_printf(a, " (%s)", t->seen[0]);
	return arena_printf(a, "%s%s = %lld%s%s%s\n", part, t->text, (long long)t->result,
			    t->error ? " " : "",
			    t->error ? constant_name(GROUP_errno, t->error) : "", beside);
}

/* The only child of the keeper, which is not ours. */
static pid_t first_process(pid_t keeper)
{
	char path[64];
	pid_t pid = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", keeper, keeper);
	in = fopen(path, "re");
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%d", &pid), 1);
	fclose(in);
	return pid;
}

/*
 * All returns and ends, in order. Each return has a call before it, and both have sensible times;
 * calls that do not return are counted.
 */
static const char *collect(struct arena *a, struct kept *k, int *never_returned)
{
	const char *lines = "";
	struct told t;
	int got, open = 0;
	ns_t last = 0;

	for (;;) {
		struct pollfd fd = {.fd = k->channel, .events = POLLIN};

		if (poll(&fd, 1, 60000) != 1)
			fail_msg("nothing more came after:\n%s", lines);
		got = told_take(k->channel, a, &t);
		if (got < 0)
			break;
		if (t.kind == TOLD_FAILED)
			return t.text;
		if (t.kind == TOLD_HERE) { /* it waits until it is watched */
			assert_int_equal(send(k->channel, "", 1, MSG_NOSIGNAL), 1);
			continue;
		}
		assert_true(t.to >= last && t.from <= t.to);
		last = t.to;
		open += t.kind == TOLD_CALL;
		open -= t.kind == TOLD_RETURN;
		if (t.kind == TOLD_RETURN)
			assert_true(t.begun <= t.from);
		if (t.kind == TOLD_RETURN && k->signal) {
			kill(first_process(k->pid), k->signal);
			k->signal = 0;
		}
		if (t.kind == TOLD_RETURN || t.kind == TOLD_OUTSIDE ||
		    (t.kind == TOLD_DEATH && t.status >= 0))
			lines = arena_printf(a, "%s%s", lines, one_line(a, &t));
	}
	*never_returned = open;
	return lines;
}

static const char *told_by(struct arena *a, const char *command, int signal, int *never_returned)
{
	struct kept k = {.user = program_user(NULL), .signal = signal};
	struct lab lab;
	const char *error, *lines;
	int channel[2];
	pid_t pid;

	labs_start(&lab, 4);
	assert_true(program_find(a, &k.user, HOST_CLIENT, command, &k.program, &error));
	assert_true(channel_make(channel));
	k.channel = channel[0];
	k.keeper = (struct keeper){
	    .host = HOST_CLIENT,
	    .program = &k.program,
	    .user = &k.user,
	    .family = 4,
	    .channel = channel[1],
	    .input = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    .has_users = lab.has_users,
	};
	k.keeper.output = k.keeper.errors = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid = lab_fork(&lab, HOST_CLIENT, become_keeper, &k);
	if (pid < 0)
		fail_msg("%s", lab.error);
	k.pid = pid;
	close(channel[1]);
	lines = collect(a, &k, never_returned);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(k.channel);
	close(k.keeper.input);
	close(k.keeper.output);
	lab_close(&lab);
	return lines;
}

/* The lab changes the process that makes it, so each has a process of its own. */
static void signalled_role_tells(const char *role, int signal, const char *expected,
				 int never_returned)
{
	int status;
	pid_t pid;

	labs_need();
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct arena a = {0};
		int open = 0;
		const char *lines =
		    told_by(&a, arena_printf(&a, "%s %s", roles, role), signal, &open);
		bool same = !strcmp(lines, expected) && open == never_returned;

		if (!same)
			print_error("%s told (%d calls have not returned):\n%s-- expected:\n%s",
				    role, open, lines, expected);
		arena_free(&a);
		fflush(NULL);
		_exit(same ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void role_tells(const char *role, const char *expected, int never_returned)
{
	signalled_role_tells(role, 0, expected, never_returned);
}

#define REFUSED(part)                                                                              \
	part "socket(AF_INET, SOCK_STREAM, 0) = 3\n" part                                          \
	     "connect(3, server:80) = -1 ECONNREFUSED\n" part "close(3) = 0\n"
#define UDP                                                                                        \
	"socket(AF_INET, SOCK_DGRAM, 0) = 3\n"                                                     \
	"bind(3, localhost:7777) = 0\n"

static void test_calls(void **state)
{
	(void)state;
	role_tells("refused", REFUSED("") "+++ 3 +++\n", 0);
	role_tells("elsewhere", "+++ 0 +++\n", 0);
	role_tells("data",
		   UDP "setsockopt(3, SO_KEEPALIVE, 1) = 0\n"
		       "getsockopt(3, SO_ERROR, [0]) = 0\n"
		       "setsockopt(3, SOL_SOCKET, 9999, 0) = -1 ENOPROTOOPT\n"
		       "sendmsg(3, {msg_name=localhost:7777, msg_iov=[{iov_base=\"ab\"}, "
		       "{iov_base=\"c\\n\"}]}, MSG_NOSIGNAL) = 4\n"
		       "recvfrom(3, \"abc\\n\", 10, MSG_DONTWAIT, localhost:7777, [16]) = 4\n"
		       "getsockname(3, localhost:7777, [16]) = 0\n"
		       "recv(3, ..., 10, MSG_DONTWAIT) = -1 EAGAIN\n"
		       "fcntl(3, F_SETFL, O_NONBLOCK) = 0\n"
		       "connect(3, localhost:7777) = 0\n"
		       "write(3, \"abc\", 3) = 3\n"
		       "read(3, \"abc\", 10) = 3\n"
		       "shutdown(3, SHUT_RDWR) = 0\n"
		       "+++ 0 +++\n",
		   0);
	role_tells("serves",
		   "socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		   "socket(AF_INET, SOCK_STREAM, 0) = 4\n"
		   "setsockopt(3, SO_REUSEADDR, 1) = 0\n"
		   "bind(3, localhost:7777) = 0\n"
		   "listen(3, 5) = 0\n"
		   "connect(4, localhost:7777) = 0\n"
		   "accept4(3, NULL, NULL, SOCK_CLOEXEC) = 5\n"
		   "close(5) = 0\n"
		   "+++ 0 +++\n",
		   0);
	role_tells("waits",
		   "socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		   "connect(3, server:80) = -1 ECONNREFUSED\n"
		   "poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0) = 1 ([{fd=3, "
		   "revents=POLLOUT|POLLHUP}])\n"
		   "select(4, NULL, [3], NULL, {tv_sec=0, tv_usec=0}) = 1 (out [3])\n"
		   "epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data=7}) = 0\n"
		   "epoll_wait(4, [{events=EPOLLHUP, data=7}], 1, 0) = 1\n"
		   "+++ 0 +++\n",
		   0);
}

#define POLLED	 "poll([{fd=3, events=POLLIN}], 1, 1) = "
#define SELECTED "select(4, [3], NULL, NULL, {tv_sec=0, tv_usec=0}) = "
#define READY	 POLLED "1 ([{fd=3, revents=POLLIN}])\n" SELECTED "1 (in [3])\n"

/* What it sends itself is its own doing. */
static void test_signals_from_outside(void **state)
{
	(void)state;
	role_tells("killed", "+++ -15 +++\n", 0);
	role_tells("kills-itself", "+++ -9 +++\n", 0);
	signalled_role_tells("hangs", SIGTERM,
			     "socket(AF_INET, SOCK_DGRAM, 0) = 3\n--- 15 ---\n+++ -15 +++\n", 0);
	signalled_role_tells("hangs", SIGKILL,
			     "socket(AF_INET, SOCK_DGRAM, 0) = 3\n--- 9 ---\n+++ -9 +++\n", 0);
}

/* What is done again and again in vain is told once. */
static void test_idle(void **state)
{
	(void)state;
	role_tells("idles",
		   UDP POLLED "0 ([])\n" SELECTED "0\n"
			      "sendto(3, \"\", 0, 0, localhost:7777) = 0\n" READY READY
			      "+++ 0 +++\n",
		   0);
#define WAITED(time) "poll([{fd=3, events=POLLIN}], 1, " time ") = 0 ([])\n"
	role_tells("settles",
		   "socket(AF_INET, SOCK_DGRAM, 0) = 3\n" WAITED("0") WAITED("1") WAITED("2")
		       WAITED("3") WAITED("4") WAITED("5") WAITED("6") "+++ 0 +++\n",
		   0);
}

static void test_tasks(void **state)
{
	(void)state;
	role_tells("threads 2", REFUSED("t2 ") REFUSED("t3 ") "+++ 0 +++\n", 0);
	role_tells("fork", REFUSED("t2 ") "t2 +++ 5 +++\n+++ 6 +++\n", 0);
	role_tells("vfork", REFUSED("t2 ") "t2 +++ 3 +++\n+++ 4 +++\n", 0);
	role_tells("exec-by-thread",
		   "socket(AF_INET, SOCK_DGRAM, 0) = 3\n"
		   "fcntl(3, F_SETFD, FD_CLOEXEC) = 0\n" REFUSED("") "+++ 3 +++\n",
		   1);
	role_tells("first-ends-first", REFUSED("t2 ") "+++ 4 +++\n", 0);
	role_tells("killed", "+++ -15 +++\n", 0);
}

static void test_descriptors(void **state)
{
	(void)state;
	role_tells("dup2",
		   "socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		   "dup2(3, 20) = 20\n"
		   "close(3) = 0\n"
		   "connect(20, server:80) = -1 ECONNREFUSED\n"
		   "+++ 0 +++\n",
		   0);
	role_tells("amid-files",
		   "socket(AF_INET, SOCK_DGRAM, 0) = 4\n"
		   "bind(4, localhost:7777) = 0\n"
		   "connect(4, localhost:7777) = 0\n"
		   "write(4, \"x\", 1) = 1\n"
		   "dup2(4, 1) = 1\n"
		   "write(1, \"y\", 1) = 1\n"
		   "close(4) = 0\n"
		   "+++ 0 +++\n",
		   0);
#define CONNECTED(fd) "socket(AF_INET, SOCK_DGRAM, 0) = " fd "\nconnect(" fd ", server:80) = 0\n"
#define WRITTEN(fd)   "write(" fd ", \"x\", 1) = 1\n"
	role_tells("many-sockets",
		   CONNECTED("3") CONNECTED("4") CONNECTED("5") CONNECTED("6") CONNECTED("7")
		       CONNECTED("8") WRITTEN("3") WRITTEN("4") WRITTEN("5") WRITTEN("6")
			   WRITTEN("7") WRITTEN("8") "+++ 0 +++\n",
		   0);
	role_tells("message",
		   "socket(AF_INET, SOCK_STREAM, 0) = 5\n"
		   "t2 fcntl(5, F_GETFL) = 2 (O_RDWR)\n"
		   "t2 connect(5, server:80) = -1 ECONNREFUSED\n"
		   "t2 +++ 0 +++\n"
		   "+++ 0 +++\n",
		   0);
}

static void test_signals(void **state)
{
	(void)state;
	role_tells("interrupted", UDP "recv(3, ..., 1, 0) = -1 EINTR\n+++ 1 +++\n", 0);
	role_tells("poll-interrupted",
		   UDP "poll([{fd=3, events=POLLIN}], 1, 10000) = -1 EINTR\n+++ 1 +++\n", 0);
	role_tells("restarted",
		   UDP "sendto(3, \"!\", 1, 0, localhost:7777) = 1\n"
		       "recv(3, \"!\", 1, 0) = 1\n"
		       "+++ 0 +++\n",
		   0);
	role_tells("stopped",
		   UDP "sendto(3, \"!\", 1, 0, localhost:7777) = 1\n"
		       "t2 poll([{fd=3, events=POLLIN}], 1, 60000) = 1 ([{fd=3, "
		       "revents=POLLIN}])\n"
		       "t2 +++ 6 +++\n"
		       "+++ 6 +++\n",
		   0);
}

static void test_the_rest(void **state)
{
	(void)state;
	role_tells("enters", "+++ 0 +++\n", 0);
	role_tells("unprivileged", REFUSED("") "+++ 0 +++\n", 0);
	/* Its close() is not seen, because no filter can be made for it; but it is not killed. */
	role_tells("confined",
		   "socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		   "connect(3, server:80) = -1 ECONNREFUSED\n"
		   "+++ 4 +++\n",
		   0);
	role_tells("confined-child",
		   "socket(AF_INET, SOCK_STREAM, 0) = 3\n"
		   "t2 connect(3, server:80) = -1 ECONNREFUSED\n"
		   "t2 close(3) = 0\n"
		   "t2 +++ 5 +++\n"
		   "+++ 6 +++\n",
		   0);
}

#define SLEEPS 50

static ns_t processor_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ns_of(t);
}

/* This process, at moments that are given: so it does not matter how busy the machine is. */
static void test_busy(void **state)
{
	struct tasks tasks = {0};
	ns_t at = 100 * NS_PER_S, began;
	int schedstat = -1;

	(void)state;
	if (task_schedstat(&schedstat, getpid()) < 0)
		skip();
	close(schedstat);
	task_add(&tasks, getpid());
	assert_false(tasks_are_busy(&tasks, at)); /* the first look */
	began = processor_time();
	while (processor_time() < began + 120 * NS_PER_MS)
		;
	assert_false(tasks_are_busy(&tasks, at + 100 * NS_PER_MS)); /* too early */
	while (processor_time() < began + 300 * NS_PER_MS)
		;
	assert_true(tasks_are_busy(&tasks, at + 500 * NS_PER_MS));
	assert_false(tasks_are_busy(&tasks, at + 3600 * NS_PER_S));
	task_remove(&tasks, tasks.list);
	free(tasks.list);
}

/* How often a program has woken is looked at now and then, without the stops of tracing. */
static void test_wakes(void **state)
{
	struct tasks tasks = {0};
	struct task *task;
	int done[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(done, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < SLEEPS; i++)
			usleep(1000);
		close(done[0]);
		close(done[1]);
		pause();
	}
	close(done[1]);
	assert_int_equal(read(done[0], &c, 1), 0);
	close(done[0]);
	task = task_add(&tasks, pid);
	wakes_watch();
	assert_int_equal(wakes_since(&tasks), 0); /* it is not time yet */
	raise(SIGALRM);
	assert_in_range(wakes_since(&tasks), SLEEPS, 100000);
	assert_int_equal(wakes_since(&tasks), 0);
	raise(SIGALRM);
	assert_in_range(wakes_since(&tasks), 0, 1); /* it may have had to sleep at last */
	task->wakes = 0;
	task->stops = 1000000;
	raise(SIGALRM);
	assert_int_equal(wakes_since(&tasks), 0);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free(tasks.list);
}

/* So many threads at once: nobody knows their order, but each makes its calls. */
static void test_many_threads(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	labs_need();
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct arena a = {0};
		int open = 0, count = 0;
		const char *lines =
		    told_by(&a, arena_printf(&a, "%s at-once 100", roles), 0, &open);

		for (const char *at = lines; (at = strstr(at, "connect(")); at++)
			count++;
		_exit(count == 100 && open == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commands),	 cmocka_unit_test(test_no_such_program),
	    cmocka_unit_test(test_other_user),	 cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_idle),	 cmocka_unit_test(test_signals_from_outside),
	    cmocka_unit_test(test_tasks),	 cmocka_unit_test(test_descriptors),
	    cmocka_unit_test(test_signals),	 cmocka_unit_test(test_the_rest),
	    cmocka_unit_test(test_many_threads), cmocka_unit_test(test_wakes),
	    cmocka_unit_test(test_busy),
	};
	static char path[PATH_MAX];
	const char *slash = strrchr(argv[0], '/');

	(void)argc;
	snprintf(path, sizeof(path), "%.*sprograms/roles", slash ? (int)(slash - argv[0]) + 1 : 0,
		 argv[0]);
	roles = path;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
