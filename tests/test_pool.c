/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the pool's work is a row of small functions, each of which ends in one of
 * the ways of a run: normally, by a signal, by exit(), never, with much output. The pool's reports
 * are kept and compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/run/pool.h"

#define MOST 200

/* Shared with the children. */
struct shared {
	int running, most; /* at once */
	pid_t child, grandchild;
	int attempts;
	int started;
	int reported;
};

struct test {
	struct shared *shared;
	int (*work)(struct test *t, size_t job, int attempt, FILE *out);
	ns_t limit;
	size_t reported;
	struct pool_end end[MOST];
	char output[MOST][64];
	const char *aside; /* what each job reports only to the parent */
	size_t stop_after;
	/* Of the job that failed after it had been reported. */
	size_t late_jobs, late_job;
	int late_said;
	struct pool_end late;
	char late_errors[64];
	/* Of the order in which they start. */
	size_t started, order[MOST];
	int asked, has_time_from; /* how often whether there is time, and from when on there is */
};

static int do_work(void *context, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct test *t = context;

	if (t->aside)
		fprintf(aside, "%s %zu", t->aside, job);
	return t->work(t, job, attempt, out);
}

static ns_t get_limit(void *context, size_t job)
{
	struct test *t = context;

	t->order[t->started++ % MOST] = job;
	return t->limit;
}

static bool take(void *context, size_t job, const struct pool_end *end)
{
	struct test *t = context;
	size_t n = end->output_length < 63 ? end->output_length : 63;

	assert_int_equal(job, t->reported++);
	t->end[job] = *end;
	if (n)
		memcpy(t->output[job], end->output, n);
	t->output[job][n] = '\0';
	if (t->aside) {
		char expected[64];

		snprintf(expected, sizeof(expected), "%s %zu", t->aside, job);
		assert_int_equal(end->aside_length, strlen(expected));
		assert_memory_equal(end->aside, expected, end->aside_length);
	} else {
		assert_int_equal(end->aside_length, 0);
	}
	__atomic_add_fetch(&t->shared->reported, 1, __ATOMIC_SEQ_CST);
	return t->reported != t->stop_after;
}

static void take_late(void *context, size_t job, int said, const struct pool_end *end)
{
	struct test *t = context;

	t->late_jobs++;
	t->late_job = job;
	t->late_said = said;
	t->late = *end;
	snprintf(t->late_errors, sizeof(t->late_errors), "%.*s", (int)end->error_length,
		 end->errors ? end->errors : "");
}

static struct pool pool_of(struct test *t, size_t jobs, int at_once)
{
	t->shared = mmap(NULL, sizeof(*t->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(t->shared, MAP_FAILED);
	if (!t->limit)
		t->limit = 20 * NS_PER_S;
	return (struct pool){.jobs = jobs,
			     .at_once = at_once,
			     .context = t,
			     .work_context = t,
			     .work = do_work,
			     .limit = get_limit,
			     .done = take,
			     .failed_late = take_late};
}

static void nap(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * NS_PER_MS};

	nanosleep(&t, NULL);
}

static int say_late_if_early(struct test *t, size_t job, int attempt, FILE *out)
{
	int n = __atomic_add_fetch(&t->shared->running, 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&t->shared->most, __ATOMIC_SEQ_CST);

	(void)attempt;
	while (n > most && !__atomic_compare_exchange_n(&t->shared->most, &most, n, false,
							__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	nap(job < 5 ? 50 - 10 * (int)job : 1);
	fprintf(out, "job %zu\n", job);
	__atomic_sub_fetch(&t->shared->running, 1, __ATOMIC_SEQ_CST);
	return job % 3;
}

static void reports_in_order(void **state)
{
	struct test t = {.work = say_late_if_early};
	struct pool p = pool_of(&t, 20, 7);
	char text[64];

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 20);
	for (size_t i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "job %zu\n", i);
		assert_string_equal(t.output[i], text);
		assert_int_equal(t.end[i].status, i % 3);
		assert_int_equal(t.end[i].repeats, 0);
	}
	assert_in_range(t.shared->most, 2, 7);
}

static void many_at_once(void **state)
{
	struct test t = {.work = say_late_if_early};
	struct pool p = pool_of(&t, MOST, MOST);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, MOST);
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(t.end[i].status, i % 3);
}

static void one_at_a_time(void **state)
{
	struct test t = {.work = say_late_if_early};
	struct pool p = pool_of(&t, 6, 1);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.shared->most, 1);
}

static ns_t last_is_long(void *context, size_t job)
{
	(void)context;
	return job == 3 ? 9 * NS_PER_S : NS_PER_S;
}

static void starts_a_long_one_early(void **state)
{
	static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 0, 1, 2}};

	(void)state;
	for (int at_once = 1; at_once <= 2; at_once++) {
		struct test t = {.work = say_late_if_early};
		struct pool p = pool_of(&t, 4, at_once);

		p.takes = last_is_long;
		assert_int_equal(pool_run(&p), 0);
		assert_int_equal(t.started, 4);
		assert_memory_equal(t.order, orders[at_once - 1], sizeof(orders[0]));
		assert_int_equal(t.reported, 4);
		assert_string_equal(t.output[3], "job 3\n");
	}
}

static bool has_time(void *context)
{
	struct test *t = context;

	return t->asked++ >= t->has_time_from;
}

/* 0: five of them were there at once. */
static int wait_for_five(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)job;
	(void)attempt;
	(void)out;
	__atomic_add_fetch(&t->shared->running, 1, __ATOMIC_SEQ_CST);
	for (int ms = 0; ms < 15000; ms++) {
		if (__atomic_load_n(&t->shared->running, __ATOMIC_SEQ_CST) >= 5)
			return 0;
		nap(1);
	}
	return 1;
}

/* It has, or has only when it is asked again. */
static void starts_more_while_there_is_time(void **state)
{
	(void)state;
	for (int from = 0; from < 4; from += 3) {
		struct test t = {.work = wait_for_five, .has_time_from = from};
		struct pool p = pool_of(&t, 5, 2);

		p.most = 5;
		p.has_time = has_time;
		assert_int_equal(pool_run(&p), 0);
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(t.end[i].status, 0);
		assert_true(t.asked >= 3 + from);
	}
}

static void starts_no_more_than_the_most(void **state)
{
	struct test t = {.work = say_late_if_early};
	struct pool p = pool_of(&t, 20, 2);

	(void)state;
	p.most = 4;
	p.has_time = has_time;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 20);
	assert_in_range(t.shared->most, 1, 4);
}

static void starts_no_more_without_time(void **state)
{
	struct test t = {.work = say_late_if_early, .has_time_from = INT_MAX};
	struct pool p = pool_of(&t, 20, 2);

	(void)state;
	p.most = 10;
	p.has_time = has_time;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 20);
	assert_in_range(t.shared->most, 1, 2);
}

static void no_jobs_at_all(void **state)
{
	struct test t = {.work = say_late_if_early};
	struct pool p = pool_of(&t, 0, 4);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 0);
}

static int end_badly(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)t;
	(void)attempt;
	fprintf(out, "began");
	fflush(out);
	fprintf(stderr, "error");
	if (job == 0)
		raise(SIGKILL);
	if (job == 1)
		abort();
	if (job == 2)
		_exit(1); /* as a sanitizer does */
	if (job == 3)
		_exit(0);
	return 5;
}

static void tells_bad_ends(void **state)
{
	struct test t = {.work = end_badly};
	struct pool p = pool_of(&t, 5, 2);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.end[0].signal, SIGKILL);
	assert_int_equal(t.end[1].signal, SIGABRT);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(t.end[i].status, -1);
		assert_false(t.end[i].overran);
		assert_string_equal(t.output[i], "began");
		assert_int_equal(t.end[i].error_length, 5);
	}
	assert_int_equal(t.end[2].signal, 0);
	assert_int_equal(t.end[4].status, 5);
}

static int never_end(struct test *t, size_t job, int attempt, FILE *out)
{
	pid_t pid;

	(void)attempt;
	(void)out;
	if (job == 1)
		return 0;
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	signal(SIGTERM, SIG_IGN);
	t->shared->child = getpid();
	t->shared->grandchild = pid;
	__atomic_store_n(&t->shared->started, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
}

/* After it is killed, it may take a moment until its new parent has waited for it. */
static bool is_gone(pid_t pid)
{
	char path[64], line[256] = "";

	for (int i = 0; i < 200; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "r");
		if (!f)
			return true;
		if (fgets(line, sizeof(line), f) && strstr(line, ") Z")) {
			fclose(f);
			return true;
		}
		fclose(f);
		nap(10);
	}
	return false;
}

static void kills_what_overruns(void **state)
{
	struct test t = {.work = never_end, .limit = 100 * NS_PER_MS};
	struct pool p = pool_of(&t, 2, 2);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_true(t.end[0].overran);
	assert_int_equal(t.end[0].status, -1);
	assert_int_equal(t.end[1].status, 0);
	assert_false(t.end[1].overran);
	assert_true(is_gone(t.shared->grandchild));
}

static int be_unsure(struct test *t, size_t job, int attempt, FILE *out)
{
	__atomic_add_fetch(&t->shared->attempts, 1, __ATOMIC_SEQ_CST);
	fprintf(out, "attempt %d", attempt);
	if (job == 1)
		return attempt < 2 ? 3 : 0; /* sure the third time */
	return job == 2 ? 3 : 0;
}

static void repeats_what_is_unsure(void **state)
{
	struct test t = {.work = be_unsure};
	struct pool p = pool_of(&t, 4, 2);

	(void)state;
	p.again = 3;
	p.repeats = 3;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 4);
	assert_int_equal(t.end[0].repeats, 0);
	assert_int_equal(t.end[1].repeats, 2);
	assert_int_equal(t.end[1].status, 0);
	assert_string_equal(t.output[1], "attempt 2");
	assert_int_equal(t.end[2].repeats, 3);
	assert_int_equal(t.end[2].status, 3);
	assert_int_equal(t.shared->attempts, 1 + 3 + 4 + 1);
}

/* A pool that has run (--repeat does so) repeats as before. */
static void repeats_the_second_time_too(void **state)
{
	struct test t = {.work = be_unsure};
	struct pool p = pool_of(&t, 4, 2);

	(void)state;
	p.again = 3;
	p.repeats = 3;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(pool_run(&p), 0);
		assert_int_equal(t.end[1].repeats, 2);
		assert_int_equal(t.end[1].status, 0);
		memset(t.end, 0, sizeof(t.end));
		t.reported = 0;
	}
}

/* As if the table of processes were full, so many times; then fork(2) as ever. */
static int refused_forks;

pid_t fork(void)
{
	if (refused_forks && refused_forks--) {
		errno = EAGAIN;
		return -1;
	}
	return _Fork();
}

static int be_good(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)t, (void)job;
	fprintf(out, "attempt %d", attempt);
	return 0;
}

static void repeats_what_cannot_be_started(void **state)
{
	struct test t = {.work = be_good};
	struct pool p = pool_of(&t, 2, 1);

	(void)state;
	p.again = 3;
	p.repeats = 3;
	refused_forks = 3; /* the first one twice, the other once */
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(refused_forks, 0);
	assert_int_equal(t.reported, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(t.end[i].status, 0);
		assert_null(t.end[i].unstarted);
	}
	assert_int_equal(t.end[0].repeats + t.end[1].repeats, 3);

	t.reported = 0;
	refused_forks = 8; /* each of the two four times */
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(refused_forks, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(t.end[i].status, -1);
		assert_int_equal(t.end[i].repeats, 3);
		assert_string_equal(t.end[i].unstarted, strerror(EAGAIN));
	}
}

/* In a process of its own, which gets the signal; returns how pool_run ended there. */
static int interrupt(int sig, struct shared **shared)
{
	struct test t = {.work = never_end};
	struct pool p = pool_of(&t, 1, 1);
	pid_t pid = fork();
	int status;

	*shared = t.shared;
	if (pid == 0)
		_exit(pool_run(&p));
	while (!__atomic_load_n(&t.shared->started, __ATOMIC_SEQ_CST))
		nap(1);
	kill(pid, sig);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void leaves_nothing_when_interrupted(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct shared *shared;

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		assert_int_equal(interrupt(signals[i], &shared), signals[i]);
		assert_true(is_gone(shared->grandchild));
	}
}

static void children_die_with_the_parent(void **state)
{
	struct shared *shared;

	(void)state;
	assert_int_equal(interrupt(SIGKILL, &shared), -SIGKILL);
	assert_true(is_gone(shared->child));
	/* The grandchild is the work's own business: the lab has the same rule for its hosts. */
	kill(shared->grandchild, SIGKILL);
}

static void stops_when_told(void **state)
{
	struct test t = {.work = say_late_if_early, .stop_after = 2};
	struct pool p = pool_of(&t, 50, 4);

	(void)state;
	assert_int_equal(pool_run(&p), SIGPIPE);
	assert_int_equal(t.reported, 2);
	t.reported = 0;
	t.stop_after = p.jobs = 1; /* at the last one, too */
	assert_int_equal(pool_run(&p), SIGPIPE);
	/* No child is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* Announces how it will end, is reported, and only then ends, so or in another way. */
static int say_first(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)attempt;
	fprintf(out, "job %zu", job);
	pool_say(2);
	for (int ms = 0; ms < 10000; ms++) {
		if (__atomic_load_n(&t->shared->reported, __ATOMIC_SEQ_CST) > (int)job)
			break;
		nap(1);
	}
	fprintf(stderr, "and %zu more", job);
	switch (job) {
	case 1:
		abort();
	case 2:
		return 3;
	case 3:
		exit(0);
	case 4:
		for (;;)
			pause();
	}
	return 2;
}

static void reports_what_was_said(void **state)
{
	struct test t = {.work = say_first};
	struct pool p = pool_of(&t, 1, 1);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(t.reported, 1);
	assert_int_equal(t.shared->reported, 1);
	assert_int_equal(t.end[0].status, 2);
	assert_string_equal(t.output[0], "job 0");
	assert_int_equal(t.late_jobs, 0);
}

static void tells_what_ends_otherwise(void **state)
{
	static const struct {
		int status, signal;
	} ends[] = {{2, 0}, {-1, SIGABRT}, {3, 0}, {-1, 0}, {-1, SIGKILL}};

	(void)state;
	for (size_t job = 1; job < sizeof(ends) / sizeof(*ends); job++) {
		struct test t = {.work = say_first, .limit = job == 4 ? 300 * NS_PER_MS : 0};
		struct pool p = pool_of(&t, job + 1, 1);

		p.again = 3; /* it has been reported, so it is not repeated */
		p.repeats = 3;
		assert_int_equal(pool_run(&p), 0);
		assert_int_equal(t.reported, job + 1);
		assert_int_equal(t.end[job].status, 2);
		assert_int_equal(t.late_jobs, job);
		assert_int_equal(t.late_job, job);
		assert_int_equal(t.late_said, 2);
		assert_int_equal(t.late.status, ends[job].status);
		assert_int_equal(t.late.signal, ends[job].signal);
		assert_int_equal(t.late.overran, job == 4);
		assert_int_equal(t.late.output_length, 0);
		if (job != 2) /* which writes what it still has to when it returns */
			continue;
		assert_string_equal(t.late_errors, "and 2 more");
	}
}

static int say_and_stay(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)job;
	(void)attempt;
	(void)out;
	pool_say(0);
	__atomic_add_fetch(&t->shared->started, 1, __ATOMIC_SEQ_CST);
	nap(20000);
	return 0;
}

static bool take_interrupted(void *context, size_t job, const struct pool_end *end)
{
	struct test *t = context;

	(void)end;
	if (job > 0)
		return ++t->reported > 0;
	raise(SIGINT); /* blocked here */
	/* The others have all said their word by then, so the pool need not sleep. */
	for (int ms = 0; ms < 10000; ms++) {
		if (__atomic_load_n(&t->shared->started, __ATOMIC_SEQ_CST) == 4)
			break;
		nap(1);
	}
	return ++t->reported > 0;
}

/* Children that always have something to say do not keep a signal out. */
static void sees_a_signal_between_jobs(void **state)
{
	struct test t = {.work = say_and_stay};
	struct pool p = pool_of(&t, 4, 4);

	(void)state;
	p.done = take_interrupted;
	signal(SIGINT, SIG_DFL); /* a shell's background jobs ignore it */
	assert_int_equal(pool_run(&p), SIGINT);
	assert_int_equal(t.reported, 1);
	assert_int_equal(t.shared->started, 4);
}

static int leave_one_behind(struct test *t, size_t job, int attempt, FILE *out)
{
	(void)t;
	(void)attempt;
	(void)out;
	if (job == 0 && fork() == 0) {
		setpgid(0, 0);
		nap(20);
		_exit(0);
	}
	nap(job ? 200 : 0);
	return 0;
}

static void adopts_what_is_left_behind(void **state)
{
	struct test t = {.work = leave_one_behind};
	struct pool p = pool_of(&t, 2, 2);

	(void)state;
	assert_int_equal(pool_run(&p), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int look_around(struct test *t, size_t job, int attempt, FILE *out)
{
	struct sigaction old;
	sigset_t mask;
	char c;

	(void)t;
	(void)job;
	(void)attempt;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigaction(SIGPIPE, NULL, &old);
	fprintf(out, "%d %d %d %d %d", sigismember(&mask, SIGINT), sigismember(&mask, SIGCHLD),
		old.sa_handler == SIG_DFL, (int)read(STDIN_FILENO, &c, 1), getpgrp() == getpid());
	return 0;
}

static void child_starts_clean(void **state)
{
	struct test t = {.work = look_around};
	struct pool p = pool_of(&t, 1, 1);
	sigset_t before, after;

	(void)state;
	sigprocmask(SIG_BLOCK, NULL, &before);
	assert_int_equal(pool_run(&p), 0);
	assert_string_equal(t.output[0], "0 0 1 0 1");
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&before, i), sigismember(&after, i));
}

static void writes_all_or_says_why(void **state)
{
	static char big[1 << 20];
	int ends[2], full = open("/dev/full", O_WRONLY);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		size_t have = 0;
		ssize_t n;

		close(ends[1]);
		while ((n = read(ends[0], big, sizeof(big))) > 0)
			have += n;
		_exit(have == sizeof(big) ? 0 : 1);
	}
	close(ends[0]);
	assert_true(pool_write(ends[1], big, sizeof(big)));
	close(ends[1]);
	wait(&status);
	assert_int_equal(status, 0);

	assert_false(pool_write(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	close(full);
	sigaction(SIGPIPE, &ignore, &old);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_false(pool_write(ends[1], "x", 1));
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
	sigaction(SIGPIPE, &old, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reports_in_order),
	    cmocka_unit_test(many_at_once),
	    cmocka_unit_test(one_at_a_time),
	    cmocka_unit_test(starts_a_long_one_early),
	    cmocka_unit_test(starts_more_while_there_is_time),
	    cmocka_unit_test(starts_no_more_than_the_most),
	    cmocka_unit_test(starts_no_more_without_time),
	    cmocka_unit_test(no_jobs_at_all),
	    cmocka_unit_test(tells_bad_ends),
	    cmocka_unit_test(kills_what_overruns),
	    cmocka_unit_test(repeats_what_is_unsure),
	    cmocka_unit_test(repeats_the_second_time_too),
	    cmocka_unit_test(repeats_what_cannot_be_started),
	    cmocka_unit_test(leaves_nothing_when_interrupted),
	    cmocka_unit_test(sees_a_signal_between_jobs),
	    cmocka_unit_test(children_die_with_the_parent),
	    cmocka_unit_test(stops_when_told),
	    cmocka_unit_test(reports_what_was_said),
	    cmocka_unit_test(tells_what_ends_otherwise),
	    cmocka_unit_test(adopts_what_is_left_behind),
	    cmocka_unit_test(child_starts_clean),
	    cmocka_unit_test(writes_all_or_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
