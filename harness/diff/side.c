/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: `run --json` prints everything about every run, including skipped and broken
 * ones, in the order of the command line. That document is written to a file, and an index is made
 * of it: the data of each run that is needed to count it, and its place. Nothing is read from the
 * directory of results, where earlier runs may have left something.
 *
 * Every interrupt of the parent also reaches the child, which cleans up after itself; so the parent
 * only waits for it.
 */
#include "harness/diff/side.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/progress.h"
#include "harness/base/shown.h"
#include "harness/diff/json.h"
#include "harness/diff/lines.h"
#include "harness/diff/sound.h"

/* ---- running ---- */

static volatile sig_atomic_t child;

static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define INTERRUPTS ARRAY_SIZE(interrupts)

static void hand_on(int sig)
{
	if (child > 0)
		kill((pid_t)child, sig);
}

static _Noreturn void become_run(struct arena *a, const struct side *side,
				 const struct errand *errand, const char *document, pid_t parent)
{
	const struct options *o = errand->options;
	const char **argv = arena_alloc(a, (errand->name_count + 20) * sizeof(*argv));
	int out = open(document, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	size_t n = 0;

	argv[n++] = "tcplab";
	argv[n++] = "--json";
	argv[n++] = "--results";
	argv[n++] = arena_printf(a, "%s/%s", errand->results, side->label);
	if (strcmp(side->kernel, HOST_KERNEL) != 0) {
		argv[n++] = "--kernel";
		argv[n++] = side->kernel;
	}
	if (o->library) {
		argv[n++] = "--library";
		argv[n++] = o->library;
	}
	if (o->at_once) {
		argv[n++] = "--jobs";
		argv[n++] = arena_printf(a, "%d", o->at_once);
	}
	if (errand->families & FAMILY_4)
		argv[n++] = "-4";
	if (errand->families & FAMILY_6)
		argv[n++] = "-6";
	if (errand->record)
		argv[n++] = "--record";
	argv[n++] = "run";
	argv[n++] = "--";
	for (size_t i = 0; i < errand->name_count; i++)
		argv[n++] = errand->names[i];
	if (!errand->name_count)
		argv[n++] = "all";
	/* What fails there is no finding by itself; its messages are still guarded. */
	if (getenv("GITHUB_ACTIONS"))
		setenv("GITHUB_ACTIONS", "no annotations", 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || getppid() != parent)
		_exit(EXIT_BROKEN);
	execv("/proc/self/exe", (char *const *)argv);
	_exit(EXIT_BROKEN);
}

/* Until it ends; meanwhile a message says that it still runs. */
static void wait_for(pid_t pid, const struct side *side)
{
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	struct progress progress;
	int ready = 0;

	progress_begin(&progress);
	while (end.fd >= 0 && (ready == 0 || (ready < 0 && errno == EINTR))) {
		ns_t wait = progress_say(&progress, "running on %s", side->kernel);

		ready = poll(&end, 1, (int)(wait / NS_PER_MS) + 1);
	}
	progress_clear(&progress);
	if (end.fd >= 0)
		close(end.fd);
}

/* Its exit status; EXIT_INTERRUPTED also when it was killed. */
static int run(struct arena *a, const struct side *side, const struct errand *errand,
	       const char *document)
{
	struct sigaction forward = {.sa_handler = hand_on}, before[INTERRUPTS];
	int status = -1;
	pid_t parent = getpid(), pid;
	sigset_t all, mask;

	/* A signal stays blocked until the handlers know to which process to pass it. */
	sigemptyset(&all);
	for (size_t i = 0; i < INTERRUPTS; i++)
		sigaddset(&all, interrupts[i]);
	sigprocmask(SIG_BLOCK, &all, &mask);
	pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &mask, NULL);
		become_run(a, side, errand, document, parent);
	}
	child = pid;
	for (size_t i = 0; i < INTERRUPTS; i++) {
		sigaction(interrupts[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(interrupts[i], &forward, NULL);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid > 0)
		wait_for(pid, side);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	child = 0;
	for (size_t i = 0; i < INTERRUPTS; i++)
		sigaction(interrupts[i], &before[i], NULL);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_INTERRUPTED;
}

/* ---- reading ---- */

/* The next character that is not a blank. */
static int next_of(FILE *in)
{
	int c;

	do
		c = fgetc(in);
	while (isspace(c));
	return c;
}

static const char *text_of(struct arena *a, const json_t *run, const char *key)
{
	const char *text = json_string_value(json_object_get(run, key));

	return text ? arena_strdup(a, text) : NULL;
}

/* Why it failed: the line that was not met, or the kernel's warning. */
static const char *failure_of(struct arena *a, const json_t *run)
{
	const json_t *problem = json_array_get(json_at(run, "problems"), 0);
	const char *diagnostic = lines_diagnostic(run);

	if (problem)
		return arena_printf(a, "%s:%lld: %s", json_text(problem, "file"),
				    (long long)json_number(problem, "file_line"),
				    json_text(problem, "message"));
	return diagnostic ? arena_printf(a, "the kernel said: %s", diagnostic)
			  : "no reason is known";
}

static void enter(struct side *side, struct arena *a, const json_t *run, long at)
{
	struct ran *ran = arena_push(a, side->runs, side->count);
	const char *why = text_of(a, run, "broken");

	*ran = (struct ran){
	    .name = text_of(a, run, "name"),
	    .scenario = text_of(a, run, "scenario"),
	    .path = text_of(a, run, "path"),
	    .verdict = text_of(a, run, "verdict"),
	    .why = why ? why : text_of(a, run, "skipped"),
	    .failed = !strcmp(json_text(run, "verdict"), "fail") ? failure_of(a, run) : NULL,
	    .family = (int)json_integer_value(json_object_get(run, "family")),
	    .at = at,
	};
}

bool side_read(struct side *side, struct arena *a, const char **why)
{
	FILE *in = side->document;
	const char *release = "unknown";
	char *head = NULL;
	size_t size = 0;
	int c = ',';

	*why = "it is not whole";
	if (!in || getline(&head, &size, in) < 0) {
		free(head);
		return false;
	}
	/* {"format": 2, "tcplab": "0.1", "kernel": "6.12.117", "runs": [ */
	if (strstr(head, "\"kernel\": \"")) {
		release = arena_strdup(a, strstr(head, "\"kernel\": \"") + 11);
		*strchrnul(release, '"') = '\0';
	}
	free(head);
	side->results = arena_printf(a, "%s/%s", side->results, release);
	while (c == ',') {
		long at = ftell(in);
		json_t *run = json_loadf(in, JSON_DISABLE_EOF_CHECK, NULL);

		const char *unsound = run ? run_unsound(run) : *why;

		if (unsound) {
			*why = unsound;
			json_decref(run);
			return false;
		}
		enter(side, a, run, at);
		json_decref(run);
		c = next_of(in);
	}
	return c == ']';
}

int side_run(struct side *side, struct arena *a, const struct errand *errand)
{
	const char *document = arena_printf(a, "%s/%s.json", errand->work, side->label), *why;
	int status = run(a, side, errand, document);

	if (status == EXIT_USAGE || status >= EXIT_INTERRUPTED)
		return status;
	side->results = arena_printf(a, "%s/%s", errand->results, side->label);
	side->document = fopen(document, "re");
	side->broken = status == EXIT_BROKEN;
	if (side_read(side, a, &why))
		return EXIT_PASSED;
	say("what the runs on %s told cannot be read: %s (exit status %d, %s)", side->kernel, why,
	    status, document);
	return EXIT_BROKEN;
}

const struct ran *side_find(const struct side *side, const char *name)
{
	for (size_t i = 0; i < side->count; i++)
		if (!strcmp(side->runs[i].name, name))
			return &side->runs[i];
	return NULL;
}

bool ran_through(const struct ran *ran)
{
	return !strcmp(ran->verdict, "pass") || !strcmp(ran->verdict, "fail");
}

bool failed_on_both(const struct ran *old, const struct ran *new)
{
	return old->failed && new->failed;
}

json_t *side_load(const struct side *side, const struct ran *ran)
{
	if (fseek(side->document, ran->at, SEEK_SET) < 0)
		return NULL;
	return json_loadf(side->document, JSON_DISABLE_EOF_CHECK, NULL);
}

void side_close(struct side *side)
{
	if (side->document)
		fclose(side->document);
	side->document = NULL;
}
