/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The causes of a death or a handler's run: a script as text, and a time line made by hand. Whether
 * a script itself may stop processes.
 */
#include "tests/scripts.h"

#include <signal.h>

#include "harness/engine/cause.h"

#define MS NS_PER_MS

static struct run *run;
static struct timeline t;
static struct judgement judgement;

static void script(const char *text)
{
	run = expand_nth(parse_good(text), &facts_6_18, 0);
	timeline_init(&t, &arena);
	judgement = (struct judgement){0};
}

/* The call or the verb of line `line`, from 0, begins at that time. */
static struct event *begin(enum event_kind kind, size_t line, int64_t at_ms)
{
	struct event *e = timeline_event(&t, kind, at_ms * MS, at_ms * MS);

	e->line = (int)line;
	e->host = host_find(run->lines[line].actor.host);
	e->part = run->lines[line].actor.part;
	if (kind == EVENT_CALL)
		e->call = run->lines[line].call.row;
	return e;
}

static struct event *handled(const char *part, int signal, int64_t at_ms)
{
	struct event *e = timeline_event(&t, EVENT_SIGNAL, at_ms * MS, at_ms * MS);

	e->host = HOST_SERVER;
	e->part = part;
	e->signal = signal;
	return e;
}

static int cause_of(int number, const char *part, int64_t at_ms)
{
	return cause_find(run, &t, &judgement, number, HOST_SERVER, part, at_ms * MS);
}

static void test_kill(void **state)
{
	(void)state;
	script("server fork() = kid\nserver kill(kid, SIGTERM) = 0\nserver kill(kid, 10) = 0\n"
	       "client raise(SIGTERM) = 0\n");
	assert_int_equal(cause_of(SIGTERM, "kid", 400), -1);
	begin(EVENT_CALL, 0, 0);
	begin(EVENT_CALL, 1, 1);
	begin(EVENT_CALL, 2, 2);
	begin(EVENT_CALL, 3, 3); /* on the other host */
	assert_int_equal(cause_of(SIGTERM, "kid", 400), 1);
	assert_int_equal(cause_of(SIGUSR1, "kid", 400), 2);
	/* It had not been sent yet; or it is of a timer. */
	assert_int_equal(cause_of(SIGUSR1, "kid", 1), -1);
	assert_int_equal(cause_of(SIGALRM, "kid", 400), -1);
	assert_int_equal(cause_of(0, "kid", 400), -1);
	/* Everything that ends another process. */
	assert_int_equal(cause_of(SIGCHLD, NULL, 400), 2);
}

/* A signal whose handler has run has no other effect. */
static void test_handled(void **state)
{
	(void)state;
	script("server signal SIGUSR1\n");
	begin(EVENT_ACTION, 0, 1);
	assert_int_equal(cause_of(SIGUSR1, NULL, 200), 0);
	handled(NULL, SIGUSR1, 200);
	assert_int_equal(cause_of(SIGUSR1, NULL, 1200), -1);
	assert_int_equal(cause_of(SIGUSR1, "kid", 1200), 0);
}

static void test_stopped(void **state)
{
	(void)state;
	script("server fork() = kid\nserver kill(kid, SIGSTOP) = 0\nserver kill(kid, SIGTERM) = 0\n"
	       "server kill(kid, SIGCONT) = 0\n");
	begin(EVENT_CALL, 1, 1);
	begin(EVENT_CALL, 2, 2);
	begin(EVENT_CALL, 3, 1002);
	assert_int_equal(cause_of(SIGTERM, "kid", 1003), 2);
}

/* A real-time signal has no name, but a number. */
static void test_numbers(void **state)
{
	int cause;

	(void)state;
	script("server fork() = kid\nserver kill(kid, 40) = 0\nserver kill(kid, SIGCONT) = 0\n");
	begin(EVENT_CALL, 1, 1);
	begin(EVENT_CALL, 2, 2);
	cause = cause_of(40, "kid", 1);
	assert_int_equal(cause, 0);
	assert_true(cause_sends(run, &t, &judgement, cause, 40));
	assert_false(cause_sends(run, &t, &judgement, cause, 41));
	assert_false(cause_sends(run, &t, &judgement, -1, 40));
	/* Perhaps sent before it continued, but not by this. */
	assert_false(cause_sends(run, &t, &judgement, cause_of(41, "kid", 2), 41));
}

/* exit(), SIGPIPE and what was blocked come of a thread's own calls, that do not sleep meanwhile.
 */
static void test_own_calls(void **state)
{
	struct event *call;

	(void)state;
	script("server fork() = kid\nserver.kid exit(3) = ?\nserver socket() = c\n"
	       "server send(c, \"a\") = *\nserver sigprocmask(SIG_UNBLOCK, [SIGTERM]) = 0\n");
	begin(EVENT_CALL, 1, 1);
	assert_int_equal(cause_of(0, "kid", 400), 0);
	assert_int_equal(cause_of(0, NULL, 400), -1);
	assert_int_equal(cause_of(SIGCHLD, NULL, 400), 0);
	call = begin(EVENT_CALL, 3, 2);
	assert_int_equal(cause_of(SIGPIPE, NULL, 3), 1);
	assert_int_equal(cause_of(SIGPIPE, "kid", 3), -1);
	call->abandoned = true; /* of another thread, and the process has ended in it */
	assert_int_equal(cause_of(SIGPIPE, "kid", 3), 1);
	call->blocked = true;
	assert_int_equal(cause_of(SIGPIPE, NULL, 3), -1);
	begin(EVENT_CALL, 4, 5);
	assert_int_equal(cause_of(SIGTERM, NULL, 6), 2);
	assert_int_equal(cause_of(SIGTERM, "kid", 6), -1);
}

/* A signal that was sent while it was blocked comes when a call unblocks it, not when it was sent.
 * */
static void test_unblocked(void **state)
{
	(void)state;
	script("server socket() = c\nserver signal SIGUSR1\n"
	       "server poll([{fd=c, events=POLLIN}], 1, 0) = 1\n"
	       "server ppoll([{fd=c, events=POLLIN}], 1, NULL, []) = 1\n"
	       "server pselect(..., [c], NULL, NULL, NULL, []) = 1\n");
	begin(EVENT_ACTION, 1, 1);
	begin(EVENT_CALL, 2, 100);
	assert_int_equal(cause_of(SIGUSR1, NULL, 101), 0);
	begin(EVENT_CALL, 3, 200);
	assert_int_equal(cause_of(SIGUSR1, NULL, 201), 2);
	begin(EVENT_CALL, 4, 300);
	assert_int_equal(cause_of(SIGUSR1, NULL, 301), 3);
}

/* A death lies between its cause and the moment when it was noticed. */
static void test_times(void **state)
{
	struct event *death;

	(void)state;
	script("server fork() = kid\nserver kill(kid, SIGTERM) = 0\n");
	begin(EVENT_CALL, 1, 10);
	death = timeline_event(&t, EVENT_DEATH, 300 * MS, 400 * MS);
	cause_set(&t, death, -1);
	assert_int_equal(death->from, 300 * MS);
	cause_set(&t, death, 0);
	assert_int_equal(death->cause, 0);
	assert_int_equal(death->from, 10 * MS);
	/* The caller says exactly when it was entered. */
	t.events[0].from = 11 * MS;
	cause_dated(&t, 0);
	assert_int_equal(death->from, 11 * MS);
	assert_int_equal(death->to, 400 * MS);
}

static bool stops(const char *text)
{
	script(text);
	return script_mentions(run).stops;
}

static void test_stops(void **state)
{
	(void)state;
	assert_true(stops("server signal SIGSTOP\n"));
	assert_true(stops("server sigaction(SIGTSTP, {sa_handler=handler}) = 0\n"));
	assert_true(stops("server fork() = kid\nserver kill(kid, 19) = 0\n"));
	assert_true(stops("server signal(18, SIG_IGN) = *\n"));
	assert_true(stops("server pause() = $n\nserver raise($n) = 0\n"));
	assert_false(
	    stops("server fork() = kid\nserver kill(kid, 15) = 0\nserver kill(kid, 0) = *\n"));
	assert_false(stops("server socket() = c\nserver send(c, ..., 19) = 18\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_kill),	 script_test(test_handled),   script_test(test_stopped),
	    script_test(test_own_calls), script_test(test_unblocked), script_test(test_times),
	    script_test(test_numbers),	 script_test(test_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
