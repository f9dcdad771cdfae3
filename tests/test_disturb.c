/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When delays are too much: one of them, or many that add up, but not those that are far apart.
 * What is late only in runs to be blessed. Which process somebody else has stopped. And the verdict
 * of a run that was disturbed each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/stopped.h"
#include "harness/engine/state.h"
#include "harness/run/unsure.h"

#define LIMIT (50 * NS_PER_MS)

/* After how many delays of that length, one each `every`, it is too much; 0: never. */
static int too_much_after(ns_t delay, ns_t every)
{
	struct delays d = {0};

	for (int i = 1; i <= 10000; i++)
		if (delay_adds_up(&d, i * every, delay, LIMIT))
			return i;
	return 0;
}

static void one_alone(void **state)
{
	(void)state;
	assert_int_equal(too_much_after(51 * NS_PER_MS, NS_PER_S), 1);
	assert_int_equal(too_much_after(50 * NS_PER_MS, NS_PER_S), 0);
	assert_int_equal(too_much_after(-NS_PER_S, NS_PER_S), 0);
}

/* 30 ms, and 4 ms to run: of a timer of 200 ms hardly anything is left. */
static void many_together(void **state)
{
	(void)state;
	assert_int_equal(too_much_after(30 * NS_PER_MS, 34 * NS_PER_MS), 2);
	assert_int_equal(too_much_after(10 * NS_PER_MS, 20 * NS_PER_MS), 10);
	assert_int_equal(too_much_after(NS_PER_MS, 3 * NS_PER_MS), 198);
}

/* A quarter of the time, and less. */
static void many_far_apart(void **state)
{
	(void)state;
	assert_int_equal(too_much_after(25 * NS_PER_MS, 100 * NS_PER_MS), 0);
	assert_int_equal(too_much_after(NS_PER_MS, 4 * NS_PER_MS), 0);
	assert_int_equal(too_much_after(0, NS_PER_MS), 0);
}

static void counts_anew(void **state)
{
	struct delays d = {0};

	(void)state;
	assert_false(delay_adds_up(&d, NS_PER_S, 40 * NS_PER_MS, LIMIT));
	assert_true(delay_adds_up(&d, NS_PER_S, 11 * NS_PER_MS, LIMIT));
	assert_false(delay_adds_up(&d, NS_PER_S, 11 * NS_PER_MS, LIMIT));
}

/* Five seconds are more than any of these tests takes. */
static void late_in_runs_to_be_blessed(void **state)
{
	struct arena arena = {0};
	struct timeline t;
	struct run run = {0};
	struct engine e = {.arena = &arena, .timeline = &t, .run = &run};
	ns_t past = now() - 5 * NS_PER_S, future = now() + 5 * NS_PER_S;

	(void)state;
	timeline_init(&t, &arena);
	note_late_reading(&e, past); /* it is not to be blessed */
	run.to_bless = true;
	note_late_reading(&e, future);
	note_overslept(&e, future, future - 1);
	assert_int_equal(t.event_count, 0);
	note_late_reading(&e, past);
	assert_int_equal(t.event_count, 1);
	assert_true(t.events[0].if_eventful && t.events[0].from == past);
	note_overslept(&e, future, future + 1);
	note_overslept(&e, past, past - 1);
	assert_int_equal(t.event_count, 3);
	assert_int_equal(t.events[1].to, future + 1);
	assert_true(t.events[2].from == past && t.events[2].to > past);
	for (size_t i = 0; i < t.event_count; i++)
		assert_int_equal(t.events[i].kind, EVENT_DISTURBED);
	arena_free(&arena);
}

/* What is stolen from many CPUs at the same time is not more than from one. */
static void stolen_from_each(void **state)
{
	static const char before[] = "cpu  9 9 9 9 9 9 9 300 0 0\n"
				     "cpu0 9 9 9 9 9 9 9 100 0 0\n"
				     "cpu1 9 9 9 9 9 9 9 200 0 0\n"
				     "intr 12 3\n";
	static const char after[] = "cpu  9 9 9 9 9 9 9 314 0 0\n"
				    "cpu0 9 9 9 9 9 9 9 106 0 0\n"
				    "cpu1 9 9 9 9 9 9 9 208 0 0\n"
				    "intr 12 3\n";
	FILE *files[] = {fmemopen((void *)before, strlen(before), "r"),
			 fmemopen((void *)after, strlen(after), "r")};
	struct arena a = {0};
	struct withheld steal[2], none = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_non_null(files[i]);
		withheld_read(files[i], &a, &steal[i]);
		fclose(files[i]);
		assert_int_equal(steal[i].count, 2);
	}
	assert_int_equal(withheld_most(&steal[0], &steal[1]), 8 * NS_PER_S / sysconf(_SC_CLK_TCK));
	assert_int_equal(withheld_most(&steal[1], &steal[1]), 0);
	assert_int_equal(withheld_most(&none, &steal[1]), 0);
	arena_free(&a);
}

/* Of readings that are the same the first and the last are kept, which is all that there is to
 * know. */
static void readings_between(void **state)
{
	/* 0 at 0, 1 and 2 ms; 7 ms at 3 to 5; 9 ms at 6 ms. */
	static const ns_t sums[] = {0, 0, 0, 7, 7, 7, 9};
	struct withheld_list readings = {0};
	struct arena a = {0};

	(void)state;
	assert_int_equal(withheld_between(&readings, 0, 9), 0);
	for (int at = 0; at < 7; at++) {
		ns_t of = sums[at];
		struct withheld reading = {at, &of, 1};

		withheld_add(&a, &readings, &reading);
		assert_int_equal(withheld_between(&readings, at, at), 0);
	}
	assert_int_equal(readings.count, 5);
	assert_int_equal(withheld_between(&readings, 0, 1), 0);
	assert_int_equal(withheld_between(&readings, 0, 2), 0);
	assert_int_equal(withheld_between(&readings, 0, 3), 7);
	assert_int_equal(withheld_between(&readings, 1, 5), 7);
	assert_int_equal(withheld_between(&readings, 2, 3), 7);
	assert_int_equal(withheld_between(&readings, 3, 5), 0);
	assert_int_equal(withheld_between(&readings, 4, 6), 2);
	assert_int_equal(withheld_between(&readings, -5, 99), 9);
	assert_int_equal(withheld_between(&readings, 6, 99), 0);
	arena_free(&a);
}

/* ---- processes that somebody else has stopped ---- */

/* The other process's answer, or its end. */
static char ask(const int pair[2])
{
	char byte = '?';

	if (write(pair[0], "?", 1) != 1 || read(pair[0], &byte, 1) != 1)
		return 0;
	return byte;
}

static pid_t begin(int pair[2], bool can_tell)
{
	pid_t pid;
	char byte;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	close(pair[0]);
	stops_watch(true); /* as the engine does, of which the others are forked */
	stops_watch(can_tell);
	while (read(pair[1], &byte, 1) == 1)
		if (write(pair[1], stops_seen() ? "s" : "-", 1) != 1)
			break;
	_exit(0);
}

static void stop(pid_t pid)
{
	int status = 0;

	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
}

static void end(pid_t pid, const int pair[2])
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(pair[0]);
	close(pair[1]);
}

static void who_was_stopped_knows(void **state)
{
	int pair[2];
	pid_t pid = begin(pair, true);

	(void)state;
	assert_int_equal(ask(pair), '-');
	assert_false(process_was_stopped(pid));
	for (int round = 0; round < 3; round++) {
		stop(pid);
		assert_true(process_was_stopped(pid));
		kill(pid, SIGCONT);
		assert_true(process_was_stopped(pid));
		assert_int_equal(ask(pair), 's');
	}
	end(pid, pair);
	assert_false(process_was_stopped(pid));
}

/* If the script does that itself, SIGCONT belongs to the script. */
static void who_does_not_watch_does_not(void **state)
{
	int pair[2];
	pid_t pid = begin(pair, false);

	(void)state;
	assert_int_equal(ask(pair), '-');
	stop(pid);
	kill(pid, SIGCONT);
	assert_int_equal(ask(pair), '-');
	end(pid, pair);
}

static void masks_of_scripts(void **state)
{
	sigset_t set;

	(void)state;
	sigemptyset(&set);
	stops_keep(&set);
	assert_int_equal(sigismember(&set, SIGCONT), 0);
	stops_watch(true);
	stops_keep(&set);
	assert_int_equal(sigismember(&set, SIGCONT), 1);
	stops_hide(&set);
	assert_int_equal(sigismember(&set, SIGCONT), 0);
	stops_watch(false);
}

/* ---- the report of a run that has reached a limit ---- */

/* Later events do not prevent the report of a run that was already broken. */
static void too_much_after_the_end(void **state)
{
	static struct engine e;
	static struct observation out;
	struct line line = {0};
	struct run run = {.lines = &line, .line_count = 1};
	struct engine_options options = {.captured = 1};
	struct arena a = {0};

	(void)state;
	for (int broken_before = 0; broken_before < 2; broken_before++) {
		out = (struct observation){.capture.bytes = 2,
					   .broken = broken_before ? "first" : NULL};
		e = (struct engine){.run = &run, .options = &options, .arena = &a, .out = &out};
		assert_false(budget_holds(&e));
		assert_int_equal(out.too_much, !broken_before);
		assert_int_equal(strcmp(out.broken, "first") == 0, broken_before);
	}
	arena_free(&a);
}

/* ---- the verdict of a disturbed run ---- */

static void never_failed(void **state)
{
	struct arena a = {0};
	struct observation o = {.judgement = {.verdict = VERDICT_UNSURE, .late = "line 6 came"}};

	(void)state;
	unsure_conclude(&a, &o, UNSURE_REPEATS - 1);
	assert_int_equal(o.judgement.verdict, VERDICT_UNSURE);
	unsure_conclude(&a, &o, UNSURE_REPEATS);
	assert_int_equal(o.judgement.verdict, VERDICT_BROKEN);
	assert_string_equal(o.broken, "it was disturbed in each of 4 attempts, so nobody can say "
				      "whether the kernel is to blame; this time: line 6 came");
	o = (struct observation){
	    .judgement = {.verdict = VERDICT_UNSURE, .disturbed = "noise", .late = "line 6 came"}};
	unsure_conclude(&a, &o, UNSURE_REPEATS);
	assert_non_null(strstr(o.broken, "this time: noise"));
	o = (struct observation){.judgement = {.verdict = VERDICT_FAIL}};
	unsure_conclude(&a, &o, UNSURE_REPEATS);
	assert_int_equal(o.judgement.verdict, VERDICT_FAIL);
	assert_null(o.broken);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_alone),
	    cmocka_unit_test(many_together),
	    cmocka_unit_test(many_far_apart),
	    cmocka_unit_test(counts_anew),
	    cmocka_unit_test(late_in_runs_to_be_blessed),
	    cmocka_unit_test(stolen_from_each),
	    cmocka_unit_test(readings_between),
	    cmocka_unit_test(who_was_stopped_knows),
	    cmocka_unit_test(who_does_not_watch_does_not),
	    cmocka_unit_test(masks_of_scripts),
	    cmocka_unit_test(never_failed),
	    cmocka_unit_test(too_much_after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
