/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge, a pure function: scripts as text, time lines made by hand. Each rule is shown to hold
 * once and to be broken once, because a rule that cannot be broken judges nothing.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/calls/calls.h"
#include "harness/judge/judge.h"
#include "harness/packet/icmp.h"
#include "harness/script/script.h"
#include "tests/judgements.h"
#include "tests/recorded.h"

static struct judgement verdict;

static int fresh(void **state)
{
	(void)state;
	recorded_begin();
	return 0;
}

static void script(const char *text)
{
	read_good_script(text, false);
}

static struct event *returned(const char *line, int nth, int64_t at_ms, int64_t result, int error)
{
	return line_returned(line_of(line, nth), at_ms, result, error);
}

static void returned_handshake(void)
{
	handshake_passed();
	returned("client socket", 0, 0, 3, 0);
	returned("client connect", 0, 0, 0, 0);
}

static size_t settled; /* lines, in all judgements that were compared */

/* Facts that are computed once about events do not change their judgement. */
static void same_when_resolved(bool over)
{
	struct timeline resolved = t;
	struct judgement again;

	resolved.events = arena_alloc(&arena, (t.event_count + 1) * sizeof(*t.events));
	for (size_t i = 0; i < t.event_count; i++) {
		resolved.events[i] = t.events[i];
		judge_resolve(&arena, &run, &resolved.events[i]);
	}
	judge(&arena, &run, &resolved, run.line_count, over, &again);
	assert_int_equal(again.verdict, verdict.verdict);
	assert_int_equal(again.problem_count, verdict.problem_count);
	for (size_t i = 0; i < again.problem_count; i++)
		assert_string_equal(again.problems[i].message, verdict.problems[i].message);
	for (size_t i = 0; i < run.line_count; i++)
		assert_int_equal(again.lines[i].fate, verdict.lines[i].fate);
}

/*
 * The number of lines that have begun when all those events exist: the lines of these events, and
 * the lines of their effects.
 */
static size_t begun_by(const struct timeline *then)
{
	size_t done = 0;

	for (size_t i = 0; i < then->event_count; i++)
		if (then->events[i].line >= (int)done)
			done = (size_t)then->events[i].line + 1;
	while (done < run.line_count && line_role(&run.lines[done]) != ROLE_ACTION &&
	       !line_is_reading(&run.lines[done]))
		done++;
	return done;
}

/* The judge that continues from the settled part says the same after each event as the one that
 * begins again. */
static void same_when_settled(void)
{
	struct growing g = grow(&arena, &t);
	struct judge_memory *memory = judge_remember(&arena);
	struct arena judged = {0};

	for (size_t events = 0; events <= t.event_count; events++) {
		struct judgement given, anew;
		const char *what;

		grow_to(&g, events);
		judge_on(memory, &judged, &run, &g.then, begun_by(&g.then), &given);
		judge(&judged, &run, &g.then, begun_by(&g.then), false, &anew);
		what = judgements_differ(&judged, &run, &given, &anew);
		if (what)
			fail_msg("after %zu events another thing is said %s", events, what);
		settled += given.settled;
		arena_clear(&judged);
	}
	judge_forget(memory);
	arena_free(&judged);
}

static void judge_all(bool over)
{
	judge(&arena, &run, &t, run.line_count, over, &verdict);
	same_when_resolved(over);
	same_when_settled();
}

static void passes(void)
{
	judge_all(true);
	if (verdict.problem_count)
		print_message("%s\n", verdict.problems[0].message);
	assert_int_equal(verdict.verdict, VERDICT_PASS);
}

static void fails_at(const char *start, int nth)
{
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
	assert_int_equal(verdict.problems[0].line, line_of(start, nth));
	assert_non_null(verdict.problems[0].message);
}

/* The complete message of the first problem. */
static void says(const char *message)
{
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
	assert_string_equal(verdict.problems[0].message, message);
}

/* ---- calls ---- */

static void refused(int error)
{
	script("client socket() = c\nclient connect(c, server:80) = -1 ECONNREFUSED\n");
	returned("client socket", 0, 0, 3, 0);
	returned("client connect", 0, 1, -1, error);
}

static void test_errno(void **state)
{
	(void)state;
	refused(111);
	passes();
	fresh(NULL);
	refused(110);
	fails_at("client connect", 0);
}

static void test_missing_return(void **state)
{
	(void)state;
	script("client socket() = c\n");
	judge_all(false);
	assert_false(verdict.diverged); /* it may still come */
	fails_at("client socket", 0);
}

static void filled(const char *seen)
{
	script(HANDSHAKE "client recv(c, \"hello\", 100) = 5\n");
	returned_handshake();
	returned("client recv", 0, 1, 5, 0)->seen[1] = seen;
}

static void test_data_filled_in(void **state)
{
	(void)state;
	filled("\"hello\"");
	passes();
	fresh(NULL);
	filled("\"hullo\"");
	fails_at("client recv", 0);
}

/* A call that fails fills in nothing: a value written there has not come. */
static void test_nothing_filled_in(void **state)
{
	static const struct {
		const char *line;
		int result, error;
		bool passes;
	} cases[] = {
	    {"client recv(c, ..., 9) = *\n", -1, EAGAIN, true},
	    {"client recv(c, \"a\", 9) = *\n", -1, EAGAIN, false},
	    {"client recv(c, \"\", 9) = *\n", -1, EAGAIN, false},
	    {"client recv(c, NULL, 9) = *\n", -1, EAGAIN, true},
	    {"client recv(c, \"a\", 9) = -1..5\n", -1, EAGAIN, false},
	    {"client recvmsg(c, {msg_iov=[{iov_len=9}]}) = *\n", -1, EAGAIN, true},
	    {"client recvmsg(c, {msg_iov=[{iov_base=\"\", iov_len=9}]}) = *\n", -1, EAGAIN, false},
	    {"client recvmsg(c, {msg_flags=0}) = *\n", -1, EAGAIN, false},
	    {"client recvmsg(c, {msg_name=server:*}) = *\n", -1, EAGAIN, false},
	    {"client getsockopt(c, SO_ERROR, [*]) = *\n", -1, EBADF, true},
	    {"client getsockopt(c, SO_ERROR, [0]) = *\n", -1, EBADF, false},
	    {"client getpeername(c, server:*) = *\n", -1, ENOTCONN, false},
	    {"client getpeername(c, ..., [16]) = *\n", -1, ENOTCONN, false},
	    {"client ioctl(c, FIONBIO, [1]) = *\n", -1, EBADF, true},
	    {"client ioctl(c, SIOCINQ, [1]) = *\n", -1, EBADF, false},
	    {"client waitpid(-1, ..., WNOHANG) = *\n", 0, 0, true},
	    {"client waitpid(-1, [{WEXITSTATUS=0}], WNOHANG) = *\n", 0, 0, false},
	    {"client epoll_wait(c, [], 5, 0) = *\n", -1, EINTR, false},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *call = strchr(cases[i].line, ' ') + 1;
		char start[32];

		fresh(NULL);
		snprintf(text, sizeof(text), HANDSHAKE "%s", cases[i].line);
		snprintf(start, sizeof(start), "client %.*s", (int)strcspn(call, "("), call);
		script(text);
		returned_handshake();
		returned(start, 0, 1, cases[i].result, cases[i].error);
		if (cases[i].passes)
			passes();
		else
			fails_at(start, 0);
	}
}

/* Facts about a return belong to one run's line; another run is judged afresh. */
static void test_resolved_of_one_run(void **state)
{
	(void)state;
	filled("\"hello\"");
	judge_resolve(&arena, &run, &t.events[t.event_count - 1]);
	passes();
	script(HANDSHAKE "client recv(c, \"hello\", 100) = 4\n");
	fails_at("client recv", 0);
	script(HANDSHAKE "client recv(c, \"hallo\", 100) = 5\n");
	fails_at("client recv", 0);
	script(HANDSHAKE "client recv(c, \"hello\", 100) = 5\n");
	passes();
}

static struct event *blocked_call(bool blocked)
{
	struct event *e;

	returned_handshake();
	e = line_event(EVENT_CALL, line_of("client recv", 0), 1, 2);
	e->blocked = blocked;
	return e;
}

static void test_open_call_stays_open(void **state)
{
	(void)state;
	script(HANDSHAKE "client recv(c, ..., 100) ...\n");
	blocked_call(true);
	passes();
	returned("client recv", 0, 5, 0, 0);
	fails_at("client recv", 0);
}

static void test_open_call_must_block(void **state)
{
	(void)state;
	script(HANDSHAKE "client recv(c, ..., 100) ...\n");
	blocked_call(false);
	fails_at("client recv", 0);
}

static void test_resumed_call(void **state)
{
	(void)state;
	script(HANDSHAKE "client recv(c, ..., 100) ...\n client ... recv(c, ..., 100) = 0\n");
	blocked_call(true);
	returned("client recv", 0, 5, 0, 0)->blocked = true;
	passes();
	t.events[t.event_count - 1].result = 7;
	fails_at("client ... recv", 0);
}

/* A call in which its process dies does not return; that must have been written. */
static void test_call_without_return(void **state)
{
	struct event *call, *death;

	(void)state;
	script("client wait() = ?\n client +++ killed by SIGKILL +++\n");
	call = line_event(EVENT_CALL, line_of("client wait", 0), 5, 5);
	fails_at("client wait", 0);
	call->abandoned = true;
	death = line_event(EVENT_DEATH, -1, 5, 6);
	death->host = HOST_CLIENT;
	death->signal = SIGKILL;
	passes();
	death->signal = SIGTERM;
	fails_at("client +++", 0);
	death->signal = 0;
	fails_at("client +++", 0);

	fresh(NULL);
	script("client wait() = ?\n client +++ killed by SIGKILL +++\n");
	line_event(EVENT_CALL, line_of("client wait", 0), 5, 5);
	returned("client wait", 0, 6, 0, 0);
	fails_at("client wait", 0);

	fresh(NULL);
	script("client wait() = 0\n client +++ exited with 0 +++\n");
	line_event(EVENT_CALL, line_of("client wait", 0), 5, 5)->abandoned = true;
	line_event(EVENT_DEATH, -1, 5, 6)->host = HOST_CLIENT;
	fails_at("client wait", 0);
}

/* Nobody has asked for it: an error, after the call in which it came. */
static void test_death_unasked(void **state)
{
	(void)state;
	script(HANDSHAKE "client recv(c, ..., 100) ...\n");
	blocked_call(true);
	passes();
	line_event(EVENT_DEATH, -1, 5, 6)->host = HOST_CLIENT;
	fails_at("client recv", 0);
}

/* It is seen late, but its cause was before the events that were seen meanwhile. */
static void test_death_seen_late(void **state)
{
	struct event *death;

	(void)state;
	script("client socket() = c\nserver fork() = kid\nserver kill(kid, SIGKILL) = 0\n"
	       "client connect(c, server:80) = 0\n");
	connection("c", NULL);
	returned("client socket", 0, 0, 3, 0);
	returned("server fork", 0, 1, 7, 0);
	returned("server kill", 0, 5, 0, 0);
	returned("client connect", 0, 7, 0, 0);
	segment(HOST_CLIENT, 7, FLAG_SYN, 0, 0, 0);
	death = line_event(EVENT_DEATH, -1, 6, 8);
	death->host = HOST_SERVER;
	death->part = "kid";
	death->signal = SIGKILL;
	says("expected nothing more after server kill(kid, SIGKILL) = 0; got server.kid  +++ "
	     "killed by "
	     "SIGKILL +++");
}

/* `= kid` is that process and no other. */
static void test_process_name(void **state)
{
	struct event *e;

	(void)state;
	script("client fork() = kid\n client wait4(kid) = kid\n");
	returned("client fork", 0, 5, 7, 0);
	e = returned("client wait4", 0, 6, 7, 0);
	passes();
	e->bound = "other";
	fails_at("client wait4", 0);
	e->bound = NULL;
	fails_at("client wait4", 0);
}

static void test_process_state(void **state)
{
	struct event *e;

	(void)state;
	script("client fork() = kid\n client ps kid Z\n");
	returned("client fork", 0, 5, 7, 0);
	e = line_event(EVENT_READING, line_of("client ps", 0), 6, 7);
	e->process = "kid";
	e->state = 'S';
	fails_at("client ps", 0);
	e->state = 'Z';
	passes();
}

static void test_signal_unasked(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"a\") = -1 EPIPE\n client --- SIGPIPE ---\n");
	returned_handshake();
	returned("client send", 0, 1, -1, 32);
	for (int i = 0; i < 2; i++) {
		struct event *e = line_event(EVENT_SIGNAL, -1, 1, 1);

		e->signal = SIGPIPE;
		e->host = HOST_CLIENT;
		if (i == 0)
			passes();
		else
			fails_at("client ---", 0);
	}
}

static void test_variable_binds_once(void **state)
{
	(void)state;
	for (uint32_t length = 9; length >= 8; length--) {
		fresh(NULL);
		script(HANDSHAKE "client send(c, ..., 9) = $n\n client> P. 1:$n+1($n)\n");
		returned_handshake();
		returned("client send", 0, 1, 9, 0);
		segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, length, 1);
		if (length == 9)
			passes();
		else
			fails_at("client> P.", 0);
	}
}

/* A call and the client's direction are looked at before the server's packet, which binds the name.
 */
static void test_variable_bound_later(void **state)
{
	(void)state;
	for (uint32_t ack = 10; ack <= 11; ack++) {
		fresh(NULL);
		script(HANDSHAKE "server> P. 1:$n(9)\n"
				 "client> P. 1:2(1) ack $n + 0\n"
				 "client ioctl(c, SIOCINQ, [$n + 0]) = 0\n");
		returned_handshake();
		segment(HOST_SERVER, 1, FLAG_PSH | FLAG_ACK, 1, 9, 1);
		segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 1, ack);
		returned("client ioctl", 0, 3, 0, 0)->seen[2] = "[10]";
		if (ack == 10)
			passes();
		else
			fails_at("client> P. 1:2", 0);
	}
}

/* In a value that a call fills in, a $name takes the first observed value, and is compared
 * afterwards. */
static void test_variable_in_arguments(void **state)
{
	(void)state;
	for (int port = 4000; port <= 4001; port++) {
		fresh(NULL);
		script(HANDSHAKE "client getsockname(c, client:$p) = 0\n"
				 "client getsockname(c, client:4000 + $p - 4000) = 0\n"
				 "client ioctl(c, SIOCINQ, [$p]) = 0\n");
		returned_handshake();
		returned("client getsockname", 0, 1, 0, 0)->seen[1] = "client:4000";
		returned("client getsockname", 1, 2, 0, 0)->seen[1] =
		    port == 4000 ? "client:4000" : "client:4001";
		returned("client ioctl", 0, 3, 0, 0)->seen[2] = "[4000]";
		if (port == 4000)
			passes();
		else
			fails_at("client getsockname", 1);
	}
	fresh(NULL);
	script(HANDSHAKE "client ioctl(c, SIOCINQ, [$p]) = 0\n"
			 "client ioctl(c, SIOCINQ, [$p]) = 0\n");
	returned_handshake();
	returned("client ioctl", 0, 1, 0, 0)->seen[2] = "[1]";
	returned("client ioctl", 1, 2, 0, 0)->seen[2] = "[2]";
	fails_at("client ioctl", 1);
}

/* An item behind a result is found by its name; unwritten items are not compared. */
static void test_shown(void **state)
{
	static const struct {
		const char *written;
		bool right;
	} cases[] = {
	    {"1 (in [c])", true},
	    {"1 (left {tv_sec=1})", true},
	    {"1 (left {tv_usec=1..5}, in [c])", true},
	    {"1 (out [c])", false},
	    {"1 (in [c], left {tv_sec=2})", false},
	    {"1 (Timeout)", false},
	    {"1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct event *e;

		fresh(NULL);
		script(arena_printf(
		    &arena, HANDSHAKE "client select(..., [c], NULL, NULL, {tv_sec=3}) = %s\n",
		    cases[i].written));
		returned_handshake();
		e = returned("client select", 0, 1, 1, 0);
		e->seen[shown_at(0)] = "in [c]";
		e->seen[shown_at(1)] = "left {tv_sec=1, tv_usec=5}";
		if (cases[i].right)
			passes();
		else
			fails_at("client select", 0);
	}
}

/* `to` is about an address, not about the host that has it. */
static void test_to_address(void **state)
{
	(void)state;
	for (int second = 0; second < 2; second++) {
		struct segment *s;

		fresh(NULL);
		script("client socket() = c\nclient connect(c, server2:80) = -1 ECONNREFUSED\n"
		       " client> S to server2\n");
		connection("c", NULL);
		returned("client socket", 0, 0, 3, 0);
		returned("client connect", 0, 0, -1, 111);
		s = segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
		if (second)
			((struct packet *)s->packet)->target = second_ip(HOST_SERVER, 4);
		if (second)
			passes();
		else
			fails_at("client> S", 0);
	}
}

/* ---- packets ---- */

static void test_handshake(void **state)
{
	(void)state;
	script(HANDSHAKE);
	returned_handshake();
	passes();
}

static void test_wrong_flags(void **state)
{
	(void)state;
	script(HANDSHAKE);
	connection("c", NULL);
	returned("client socket", 0, 0, 3, 0);
	returned("client connect", 0, 0, 0, 0);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_RST | FLAG_ACK, 0, 0, 1);
	fails_at("server> S.", 0);
}

static void test_third_ack_is_not_plain(void **state)
{
	(void)state;
	script("client socket() = c\nclient connect(c, server:80) = 0\n client> S\n server> S.\n");
	returned_handshake();
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

static void test_unasked_packet(void **state)
{
	(void)state;
	script(HANDSHAKE);
	returned_handshake();
	segment(HOST_SERVER, 1, FLAG_RST, 1, 0, 0);
	fails_at("client> .", 0);
	assert_non_null(strstr(verdict.problems[0].message, "expected no more packets after"));
}

static void data_exchange(const char *rest)
{
	char text[512];

	snprintf(text, sizeof(text), HANDSHAKE "client send(c, \"hello\") = 5\n%s", rest);
	script(arena_strdup(&arena, text));
	returned_handshake();
	returned("client send", 0, 1, 5, 0);
	segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 5, 1);
}

static void test_plain_ack_unwritten(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\n");
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 6);
	passes();
	segment(HOST_SERVER, 42, FLAG_ACK, 1, 0, 6); /* a duplicate is not plain */
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

static void test_plain_ack_lost(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\n");
	lose(segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 6), HOST_ROUTER);
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

static void test_acks_exact(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\nacks exact\n");
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 6);
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

static void test_plain_ack_written(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\n server> . ack 6\n");
	judge_all(false);
	assert_int_equal(verdict.lines[line_of("server> . ack", 0)].fate, LINE_PENDING);
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 5); /* not far enough */
	judge_all(false);
	assert_int_equal(verdict.lines[line_of("server> . ack", 0)].fate, LINE_PENDING);
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 6);
	passes();
}

static void test_plain_ack_riding(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\n server> . ack 6\n server> P. 1:3(2)\n");
	segment(HOST_SERVER, 41, FLAG_PSH | FLAG_ACK, 1, 2, 6);
	passes();
	fresh(NULL);
	data_exchange(" client> P. 1:6(5)\n server> . ack 6\n server> P. 1:3(2)\n");
	segment(HOST_SERVER, 41, FLAG_PSH | FLAG_ACK, 1, 2, 5);
	fails_at("server> . ack 6", 0);
}

static void test_repeated_ack_must_be_seen(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\n server> . ack 6\n server> . ack 6\n");
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 6);
	fails_at("server> . ack 6", 1);
	segment(HOST_SERVER, 42, FLAG_ACK, 1, 0, 6);
	passes();
}

static void test_data(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, ..., 30) = 30\n client> data (30)\n");
	returned_handshake();
	returned("client send", 0, 1, 30, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 20, 1);
	segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 21, 10, 1);
	passes();
	segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 21, 10,
		1); /* a retransmission is a line of its own */
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

/* The other parts of a `data` line hold for each of its segments; its numbers for all together. */
static void test_data_fields(void **state)
{
	static const struct {
		const char *line;
		bool passes;
	} cases[] = {
	    {"client> data (30) ack 1", true},	   {"client> data (30) ack 2", false},
	    {"client> data (30) win 64000", true}, {"client> data (30) win >= 64001", false},
	    {"client> data (30) <!TS>", true},	   {"client> data (30) <TS>", false},
	    {"client> data 1:31(30)", true},	   {"client> data 2:32(30)", false},
	    {"client> data *:31(30)", true},	   {"client> data *:32(30)", false},
	    {"client> data 1:*(*) ack 1", true},   {"client> data 2:*(*)", false},
	    {"client> data (30) ack $n", true},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(NULL);
		snprintf(text, sizeof(text), HANDSHAKE "client send(c, ..., 30) = 30\n %s\n",
			 cases[i].line);
		script(text);
		returned_handshake();
		returned("client send", 0, 1, 30, 0);
		segment(HOST_CLIENT, 1, FLAG_ACK, 1, 20, 1);
		segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 21, 10, 1);
		if (cases[i].passes)
			passes();
		else
			fails_at("client> data", 0);
	}
}

static void test_data_short(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, ..., 30) = 30\n client> data (30)\n");
	returned_handshake();
	returned("client send", 0, 1, 30, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 20, 1);
	fails_at("client> data", 0);
}

static void test_anything(void **state)
{
	(void)state;
	data_exchange(" ...\n client> F.\n");
	segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 5, 1);
	segment(HOST_CLIENT, 3, FLAG_FIN | FLAG_ACK, 6, 0, 1);
	passes();
	segment(HOST_CLIENT, 4, FLAG_FIN | FLAG_ACK, 6, 0, 1); /* nothing is let pass behind it */
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
}

static void test_lost(void **state)
{
	struct segment *s;

	(void)state;
	script(
	    "client socket() = c\nclient connect(c, server:80) ...\n client> S lost at server\n");
	connection("c", NULL);
	returned("client socket", 0, 0, 3, 0);
	line_event(EVENT_CALL, line_of("client connect", 0), 0, 1)->blocked = true;
	s = segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	judge_all(false);
	assert_false(verdict.diverged); /* the server's firewall may still say so */
	lose(s, HOST_SERVER);
	passes();
	lose(s, HOST_ROUTER);
	fails_at("client> S", 0);
}

static void test_fate_open(void **state)
{
	struct segment *s;

	(void)state;
	script(HANDSHAKE);
	returned_handshake();
	s = &t.segments[1];
	s->decided = false;
	judge_all(false);
	assert_false(verdict.diverged);
	assert_int_equal(verdict.lines[line_of("server> S.", 0)].fate, LINE_PENDING);
}

/* ---- order ---- */

static void test_order_in_a_lane(void **state)
{
	(void)state;
	script(HANDSHAKE "client shutdown(c, SHUT_WR) = 0\n client> F.\n server> F.\n");
	returned_handshake();
	returned("client shutdown", 0, 1, 0, 0);
	segment(HOST_SERVER, 2, FLAG_FIN | FLAG_ACK, 1, 0, 1);
	segment(HOST_CLIENT, 3, FLAG_FIN | FLAG_ACK, 1, 0, 2);
	fails_at("server> F.", 0);
}

static void test_packet_before_its_call(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"hello\") = 5\n client> P. 1:6(5)\n");
	returned_handshake();
	returned("client send", 0, 50, 5, 0)->descriptor = "c";
	segment(HOST_CLIENT, 20, FLAG_PSH | FLAG_ACK, 1, 5, 1);
	fails_at("client> P.", 0);
}

static struct event *reading(const char *line, int64_t at_ms, const char *state, const char *timer,
			     int64_t left_ms)
{
	struct event *e = line_event(EVENT_READING, line_of(line, 0), at_ms, at_ms);

	e->descriptor = "c";
	e->socket = (struct socket_state){
	    true, ss_state_find(state), 0, 5, ss_timer_find(timer), left_ms * MS, 2};
	return e;
}

/* A reading that was as written only when packets written below it had come: of no connection, and
 * datagrams. */
static void test_reading_below_other_packets(void **state)
{
	static const struct {
		const char *line;
		enum packet_kind kind;
	} rows[] = {{"client> arp to nobody", PACKET_ARP}, {"client> udp", PACKET_UDP}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (int64_t asked = 5; asked <= 15; asked += 10) {
			struct segment *s;

			fresh(NULL);
			script(arena_printf(&arena,
					    "client socket(..., SOCK_DGRAM) = c\n"
					    "client ss c UNCONN\n %s\n",
					    rows[i].line));
			returned("client socket", 0, 0, 3, 0);
			s = segment(HOST_CLIENT, 10, 0, 0, 5, 0);
			((struct packet *)s->packet)->kind = rows[i].kind;
			s->connection = -1;
			if (rows[i].kind == PACKET_ARP) {
				((struct packet *)s->packet)->target = host_ip(HOST_NOBODY, 4);
			} else {
				connection("c", NULL);
				t.connections[0].kind = PACKET_UDP;
				s->connection = 0;
			}
			reading("client ss", asked, "UNCONN", "none", 0);
			if (asked < 10)
				passes();
			else
				fails_at("client ss", 0);
		}
}

/* ---- times ---- */

static void retransmission(int64_t after_ms)
{
	data_exchange(" client> P. 1:6(5) lost\n +200ms client> P. 1:6(5) lost\n");
	lose(&t.segments[3], HOST_ROUTER);
	lose(segment(HOST_CLIENT, 1 + after_ms, FLAG_PSH | FLAG_ACK, 1, 5, 1), HOST_ROUTER);
}

static void test_gap(void **state)
{
	static const struct {
		int64_t after_ms;
		bool holds;
	} rows[] = {{195, false}, {196, true}, {200, true}, {233, true}, {234, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		retransmission(rows[i].after_ms);
		if (rows[i].holds)
			passes();
		else
			fails_at("+200ms", 0);
	}
}

static void test_gap_from_a_call(void **state)
{
	(void)state;
	script(HANDSHAKE "client setsockopt(c, SO_KEEPALIVE, 1) = 0\n +1s client> . (0)\n");
	returned_handshake();
	/* The timer may have begun with the call, which load has delayed. */
	returned("client setsockopt", 0, 500, 0, 0);
	segment(HOST_CLIENT, 1500, FLAG_ACK, 0, 0, 1);
	passes();
	t.segments[3].sent = t.start + 1700 * MS;
	fails_at("+1s", 0);
}

/*
 * A call that still waits when the packet comes can only have caused it when it was entered, not
 * when it returned; if load has delayed the entry, not later than that.
 */
static void test_gap_below_a_call_that_waits(void **state)
{
	static const struct {
		int64_t came_ms, back_ms, begun_ms;
		bool holds;
	} rows[] = {
	    {1500, 1400, 0, true},  /* back before it: it may have begun the timer late */
	    {1500, 3000, 0, false}, /* still waiting */
	    {1500, 1501, 0, false}, /* .. and be it for a moment */
	    {1500, 1500, 0, true},  /* nobody can say which was first */
	    {1240, 3000, 0, true},  /* it went in at 110: + 1 s + 1/8 + two ticks */
	    {1244, 3000, 0, false},
	    {1244, 3000, 120, true}, /* it may have gone in later than it set out to */
	    {1105, 3000, 0, true},
	    {990, 3000, 0, false}, /* too early from wherever it counts */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		script(HANDSHAKE "client recv(c, ..., 9) = 0\n +1s client> . (0)\n");
		returned_handshake();
		returned("client recv", 0, rows[i].back_ms, 0, 0);
		t.events[t.event_count - 1].from = t.start + 110 * MS;
		t.events[t.event_count - 1].begun =
		    rows[i].begun_ms ? t.start + rows[i].begun_ms * MS : 0;
		segment(HOST_CLIENT, rows[i].came_ms, FLAG_ACK, 0, 0, 1);
		if (rows[i].holds)
			passes();
		else
			fails_at("+1s", 0);
	}
}

/* Also when it is marked. */
static void test_gap_from_a_call_that_waits(void **state)
{
	(void)state;
	for (int came = 1500; came <= 3500; came += 1000) {
		fresh(NULL);
		script(HANDSHAKE "client recv(c, ..., 9) = 0 @a\n @a+1s client> . (0)\n");
		returned_handshake();
		returned("client recv", 0, 3000, 0, 0);
		t.events[t.event_count - 1].from = t.start + 110 * MS;
		segment(HOST_CLIENT, came, FLAG_ACK, 0, 0, 1);
		if (came > 3000)
			passes();
		else
			fails_at("@a+1s", 0);
	}
}

static void test_gap_range_and_label(void **state)
{
	(void)state;
	data_exchange(
	    " client> P. 1:6(5) lost @first\n @first+10ms..20ms client> P. 1:6(5) lost\n");
	lose(&t.segments[3], HOST_ROUTER);
	lose(segment(HOST_CLIENT, 16, FLAG_PSH | FLAG_ACK, 1, 5, 1), HOST_ROUTER);
	passes();
	t.segments[4].sent = t.start + 22 * MS;
	fails_at("@first+", 0);
}

/* The line has been done: what the engine notes of an action that is no call. */
static void did(const char *line, int64_t from_ms, int64_t to_ms)
{
	line_event(EVENT_ACTION, line_of(line, 0), from_ms, to_ms)->note = line;
}

/* Every action is an event: others can count from it, and it counts from others. */
static void test_gap_from_an_action(void **state)
{
	static const char *const actions[] = {
	    "router drop server>",
	    "router hold server>",
	    "router dup server>",
	    "router corrupt server>",
	    "router delay 20ms server>",
	    "server reject client>",
	    "router release",
	    "router heal",
	    "server mute",
	    "server crash",
	    "server sysctl net.ipv4.tcp_sack = 0",
	    "server ip route del client",
	    "server signal SIGCHLD",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		for (int at = 130; at <= 160; at += 10) {
			fresh(NULL);
			script(arena_printf(&arena,
					    HANDSHAKE "%s @a\n @a+40ms..50ms client> P. 1:2(1)\n",
					    actions[i]));
			returned_handshake();
			did(actions[i], 100, 105);
			segment(HOST_CLIENT, at, FLAG_PSH | FLAG_ACK, 1, 1, 1);
			if (at == 140 || at == 150)
				passes(); /* from some moment of its interval */
			else
				fails_at("@a+40ms", 0);
		}

	fresh(NULL);
	script("server crash\nserver boot @up\nclient socket() = c\n"
	       "@up+40ms client connect(c, server:80) = 0\nclient> S @syn\n");
	connection("c", NULL);
	did("server crash", 1, 2);
	did("server boot", 10, 11);
	returned("client socket", 0, 12, 3, 0);
	returned("@up+", 0, 51, 0, 0);
	segment(HOST_CLIENT, 51, FLAG_SYN, 0, 0, 0);
	passes();
	t.events[t.event_count - 3].to -= 10 * MS; /* the engine went on too early */
	fails_at("@up+", 0);
}

/*
 * Without a name, a time counts from what a kernel did: from an action only if that has a time.
 */
static void test_gap_beside_an_action(void **state)
{
	(void)state;
	script(HANDSHAKE "router drop server>\n +140ms..150ms client> P. 1:2(1)\n");
	returned_handshake();
	did("router drop", 100, 101);
	segment(HOST_CLIENT, 145, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	passes();

	for (int at = 145; at <= 245; at += 100) {
		fresh(NULL);
		script(HANDSHAKE " +100ms router drop server>\n +140ms..150ms client> P. 1:2(1)\n");
		returned_handshake();
		did("+100ms router", 100, 101);
		segment(HOST_CLIENT, at, FLAG_PSH | FLAG_ACK, 1, 1, 1);
		if (at == 245)
			passes();
		else
			fails_at("+140ms", 0);
	}
}

/* One that was not done is no mismatch of its own, and nothing can count from it. */
static void test_action_not_done(void **state)
{
	(void)state;
	script(HANDSHAKE "router drop server> @a\n @a+40ms client> P. 1:2(1)\n");
	returned_handshake();
	fails_at("@a+40ms", 0);
	assert_int_equal(verdict.lines[line_of("router drop", 0)].fate, LINE_NOTHING);
	did("router drop", 100, 101);
	judge_all(true);
	assert_int_equal(verdict.lines[line_of("router drop", 0)].fate, LINE_MET);
	assert_int_equal(verdict.lines[line_of("router drop", 0)].from, t.start + 100 * MS);
}

/* In a repeat a name is that of the nearest line above; with the counter in it, of one turn. */
static void test_label_in_a_repeat(void **state)
{
	(void)state;
	for (int row = 0; row < 3; row++) {
		fresh(NULL);
		script(HANDSHAKE
		       "repeat 2 as i\nrouter drop server> 5:6(1) times $i + 1 @a\n"
		       "server sysctl net.ipv4.tcp_sack = 1 @b$i\n"
		       " @a+10ms..20ms client> P. (1)\nend\n"
		       " @a+30ms..40ms client> P. (1)\n @b0+150ms..160ms client> P. (1)\n");
		returned_handshake();
		for (int turn = 0; turn < 2; turn++) {
			line_event(EVENT_ACTION, line_of("router drop", turn), 100 * turn,
				   100 * turn);
			line_event(EVENT_ACTION, line_of("server sysctl", turn), 100 * turn,
				   100 * turn);
			segment(HOST_CLIENT, 100 * turn + 15, FLAG_PSH | FLAG_ACK, 1 + turn, 1, 1);
		}
		segment(HOST_CLIENT, row == 1 ? 120 : 135, FLAG_PSH | FLAG_ACK, 3, 1, 1);
		segment(HOST_CLIENT, row == 2 ? 255 : 155, FLAG_PSH | FLAG_ACK, 4, 1, 1);
		if (row == 0)
			passes();
		else
			fails_at(row == 1 ? "@a+30ms" : "@b0+", 0);
	}
}

/* ---- the program's own delays ---- */

/* The verdict, if the only mismatch has nothing to do with times. */
static enum verdict late(const char *line, int64_t from_ms, int64_t to_ms, bool mismatch)
{
	fresh(NULL);
	script(arena_printf(&arena, HANDSHAKE "%s\nclient> P. 1:2(1)\n", line));
	returned_handshake();
	did(line, from_ms, to_ms);
	segment(HOST_CLIENT, 200, FLAG_PSH | FLAG_ACK, 1, mismatch ? 2 : 1, 1);
	judge_all(true);
	return verdict.verdict;
}

static void test_late_action(void **state)
{
	static const struct {
		const char *line;
		int64_t from_ms, to_ms;
		enum verdict if_other;
	} rows[] = {
	    /* A tick is 4 ms: 10 ms, an eighth, two ticks. */
	    {"+10ms router drop server>", 10, 19, VERDICT_FAIL},
	    {"+10ms router drop server>", 10, 20, VERDICT_UNSURE},
	    {"+10ms router drop server>", 20, 20, VERDICT_UNSURE},
	    {"+10ms..20ms router drop server>", 10, 20, VERDICT_FAIL},
	    {"+10ms..20ms router drop server>", 10, 21, VERDICT_UNSURE},
	    {"router drop server>", 100, 190, VERDICT_FAIL}, /* nothing is asked of it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *line = rows[i].line;
		int64_t from = rows[i].from_ms, to = rows[i].to_ms;

		assert_int_equal(late(line, from, to, false), VERDICT_PASS);
		assert_int_equal(late(line, from, to, true), rows[i].if_other);
		assert_int_equal(!verdict.late, rows[i].if_other == VERDICT_FAIL);
	}
	late("+10ms router drop server>", 10, 60, true);
	assert_string_equal(verdict.late, "line 6 came 40.8ms too late, 60.0ms after the line "
					  "above: +10ms   router  drop server>");
}

/* ---- timers that the machine made late ---- */

/* What was known of two CPUs, at which time. */
struct known {
	int64_t at_ms, of_ms[2];
};

static void knew(const struct known *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ns_t of[] = {known[i].of_ms[0] * MS, known[i].of_ms[1] * MS};
		const struct withheld reading = {t.start + known[i].at_ms * MS, of, 2};

		withheld_add(&arena, &t.withheld, &reading);
	}
}

/* A timer of 400 ms: with ticks of 4 ms it is due at 400, and may fire from 396 to 458. */
static void test_late_machine(void **state)
{
	static const struct {
		int64_t fires_ms;
		struct known known[4];
		enum verdict verdict;
	} rows[] = {
	    /* The machine has no hypervisor, or one that withholds nothing. */
	    {478, {{0}}, VERDICT_FAIL},
	    {478, {{0, {0, 0}}, {393, {0, 0}}, {479, {0, 0}}}, VERDICT_FAIL},
	    /* In time, whatever was withheld. */
	    {457, {{0, {0, 0}}, {393, {0, 0}}, {458, {50, 0}}}, VERDICT_PASS},
	    /* 20 ms too late, of which the machine explains 30, 20, at most 20, and less. */
	    {478, {{0, {0, 0}}, {393, {0, 0}}, {479, {30, 0}}}, VERDICT_UNSURE},
	    {478, {{0, {0, 0}}, {393, {0, 0}}, {479, {0, 20}}}, VERDICT_UNSURE},
	    {478, {{0, {70, 0}}, {393, {90, 0}}, {479, {100, 0}}}, VERDICT_UNSURE},
	    {479, {{0, {70, 0}}, {393, {90, 0}}, {480, {100, 0}}}, VERDICT_FAIL},
	    {558, {{0, {0, 0}}, {393, {0, 0}}, {560, {40, 0}}}, VERDICT_FAIL},
	    /* Two CPUs were away, perhaps at the same time. */
	    {488, {{0, {0, 0}}, {393, {0, 0}}, {489, {10, 10}}}, VERDICT_FAIL},
	    /* It was withheld before the timer was due, or after it had fired. */
	    {478, {{0, {0, 0}}, {393, {30, 0}}, {479, {30, 0}}}, VERDICT_FAIL},
	    {478, {{0, {0, 0}}, {393, {0, 0}}, {479, {0, 0}}, {520, {30, 0}}}, VERDICT_FAIL},
	    /*
	     * No reading is from shortly before the timer was due: perhaps the CPU was away then.
	     */
	    {478, {{0, {0, 0}}, {402, {30, 0}}, {479, {30, 0}}}, VERDICT_UNSURE},
	    /* Too early is another matter. */
	    {390, {{0, {0, 0}}, {380, {0, 0}}, {391, {30, 0}}}, VERDICT_FAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t count = 0;

		fresh(NULL);
		script(HANDSHAKE "  +400ms client> P. 1:2(1)\n");
		returned_handshake();
		segment(HOST_CLIENT, rows[i].fires_ms, FLAG_PSH | FLAG_ACK, 1, 1, 1);
		while (count < 4 && (count == 0 || rows[i].known[count].at_ms))
			count++;
		knew(rows[i].known, count);
		judge_all(true);
		if (verdict.verdict != rows[i].verdict)
			fail_msg("row %zu: %s, %s", i, verdict_names[verdict.verdict],
				 verdict.late);
		assert_int_equal(!verdict.disturbed, rows[i].verdict != VERDICT_UNSURE);
		if (i == 3)
			assert_string_equal(verdict.disturbed,
					    "line 6 came 20.0ms too late, and when it was due a "
					    "hypervisor had withheld a CPU for about 30 ms");
	}
}

/* A withheld CPU does not explain an event that is missing or different. */
static void test_machine_is_not_to_blame(void **state)
{
	static const struct known known[] = {{0, {0, 0}}, {393, {0, 0}}, {479, {50, 0}}};

	(void)state;
	for (int comes = 0; comes < 2; comes++) {
		fresh(NULL);
		script(HANDSHAKE "  +400ms client> P. 1:2(1)\n");
		returned_handshake();
		if (comes)
			segment(HOST_CLIENT, 478, FLAG_PSH | FLAG_ACK, 1, 2, 1);
		knew(known, 3);
		judge_all(true);
		assert_int_equal(verdict.verdict, VERDICT_FAIL);
	}
}

/* An ACK comes that no line asks for, and before the action that was to come at 10 to 19 ms. */
static void test_overdue_action(void **state)
{
	(void)state;
	for (int at = 15; at <= 25; at += 10) {
		fresh(NULL);
		script(HANDSHAKE "+10ms router drop server>\n");
		returned_handshake();
		segment(HOST_CLIENT, at, FLAG_FIN | FLAG_ACK, 1, 0, 1);
		judge(&arena, &run, &t, (size_t)line_of("+10ms", 0), true, &verdict);
		assert_int_equal(verdict.verdict, at > 19 ? VERDICT_UNSURE : VERDICT_FAIL);
	}
	assert_string_equal(verdict.late, "line 6 was 5.8ms overdue when that came: "
					  "+10ms   router  drop server>");
}

static struct segment *forged(const char *line, int nth, enum host from, int64_t at_ms,
			      uint8_t flags, int64_t seq);

/*
 * A segment is forged, which the client answers at once, and then repeats its data. The client has
 * measured how long the answer took, so the time-out is longer by that, and by the same factor when
 * it is doubled.
 */
static void test_late_answer(void **state)
{
	static const struct {
		const char *answer, *gap;
		int64_t answered_ms, fires_ms;
		enum verdict verdict;
	} rows[] = {
	    /* 400 ms may be 396 to 458; answered at once, or 10 ms late. */
	    {"", "+400ms", 0, 458, VERDICT_PASS},
	    {"", "+400ms", 0, 478, VERDICT_FAIL},
	    {"", "+400ms", 10, 478, VERDICT_UNSURE},
	    {"", "+400ms", 10, 479, VERDICT_FAIL},
	    {"", "+400ms", 27, 492, VERDICT_UNSURE},
	    /* 800 ms may be 908: four times as much; 200 ms, 233: twice, since it may be a probe.
	     */
	    {"", "+800ms", 10, 948, VERDICT_UNSURE},
	    {"", "+800ms", 10, 949, VERDICT_FAIL},
	    {"", "+200ms", 10, 253, VERDICT_UNSURE},
	    {"", "+200ms", 10, 254, VERDICT_FAIL},
	    {"", "+100ms..180ms", 10, 200, VERDICT_UNSURE},
	    {"", "+100ms..180ms", 9, 200, VERDICT_FAIL},
	    /* Too early is another matter. */
	    {"", "+400ms", 27, 390, VERDICT_FAIL},
	    /* The script itself makes the answer late, by a time or by `quiet`: not the engine. */
	    {"+10ms", "+400ms", 10, 478, VERDICT_FAIL},
	    {"+10ms", "+400ms", 19, 478, VERDICT_FAIL},
	    {"+0..50ms", "+400ms", 10, 478, VERDICT_UNSURE},
	    {"quiet 10ms\n", "+400ms", 11, 478, VERDICT_FAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t at = rows[i].answered_ms;

		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE "%s router forge server> R 2:2(0)\n"
					      " client> . 1:1(0) ack 1\n"
					      "  %s client> P. 1:2(1)\n",
				    rows[i].answer, rows[i].gap));
		returned_handshake();
		if (rows[i].answer[0] == 'q')
			line_event(EVENT_CLOCK, line_of("quiet", 0), 0, at - 1);
		forged(rows[i].answer[0] == '+' ? rows[i].answer : "router forge", 0, HOST_SERVER,
		       at, FLAG_RST, 2);
		segment(HOST_CLIENT, at, FLAG_ACK, 1, 0, 1);
		segment(HOST_CLIENT, at + rows[i].fires_ms, FLAG_PSH | FLAG_ACK, 1, 1, 1);
		judge_all(true);
		if (verdict.verdict != rows[i].verdict)
			fail_msg("row %zu: %s, %s", i, verdict_names[verdict.verdict],
				 verdict.late);
		assert_int_equal(!verdict.late, rows[i].verdict != VERDICT_UNSURE);
		if (i == 2)
			assert_string_equal(verdict.late,
					    "line 6 was done 10.0ms late, which made a round trip "
					    "longer; line 8 came 20.0ms too late");
	}
}

/* Everything that the program does itself: a call, also one that sleeps, a segment, a reading. */
static void test_late_call_forgery_reading(void **state)
{
	(void)state;
	for (int at = 15; at <= 25; at += 10) {
		enum verdict expected = at > 19 ? VERDICT_UNSURE : VERDICT_FAIL;

		fresh(NULL); /* what it returned is the mismatch */
		script(HANDSHAKE "+10ms client recv(c, ..., 1) = 1\n");
		returned_handshake();
		line_event(EVENT_CALL, line_of("+10ms", 0), at, 400);
		returned("+10ms", 0, 400, -1, 11);
		judge_all(true);
		assert_int_equal(verdict.verdict, expected);

		fresh(NULL); /* it should have slept, and did so, and came back */
		script(HANDSHAKE "+10ms client recv(c, ..., 1) ...\n");
		returned_handshake();
		line_event(EVENT_CALL, line_of("+10ms", 0), 10, at)->blocked = true;
		segment(HOST_CLIENT, 200, FLAG_FIN | FLAG_ACK, 1, 0, 1);
		judge_all(true);
		assert_int_equal(verdict.verdict, expected);

		fresh(NULL);
		script(HANDSHAKE "+10ms router forge server> R 2:2(0)\n client> . 1:1(0) ack 1\n");
		returned_handshake();
		forged("+10ms", 0, HOST_SERVER, at, FLAG_RST, 2);
		judge_all(true);
		assert_int_equal(verdict.verdict, expected);

		fresh(NULL);
		script(HANDSHAKE "client> P. (1) @a\n @a+10ms client ss c ESTAB\n");
		returned_handshake();
		segment(HOST_CLIENT, 50, FLAG_PSH | FLAG_ACK, 1, 1, 1);
		reading("@a+10ms", 50 + at, "CLOSING", "none", 0);
		judge_all(true);
		assert_int_equal(verdict.verdict, expected);
		assert_int_equal(verdict.late && strstr(verdict.late, "after @a"), at > 19);
	}
}

/* An origin that has failed itself is no origin: what counts from it is not late. */
static void test_late_after_a_failure(void **state)
{
	(void)state;
	script(HANDSHAKE "+100ms client recv(c, ..., 1) ...\n +10ms router drop server>\n");
	returned_handshake();
	line_event(EVENT_CALL, line_of("+100ms", 0), 100, 100)->blocked = true;
	did("+10ms router", 110, 110);
	passes();
	returned("+100ms", 0, 200, 0, 0); /* and no line says that it comes back */
	fails_at("+100ms", 0);
	assert_null(verdict.late);
}

/* ---- names of moments ---- */

/* Every event with a time can have a name, and others can count from it. */
static void test_labels(void **state)
{
	(void)state;
	script(HANDSHAKE "server thread() = t2 @thread\n"
			 "client recv(c, ..., 1) ... @blocked\n"
			 " client ... recv() = 0 @back\n"
			 " client> data (2) @data\n"
			 " >server P. 2:3(1) @arrived\n"
			 "client ss c ESTAB @read\n"
			 "quiet 10ms @quiet\n"
			 "server --- SIGUSR1 --- @handled\n"
			 "server +++ exited with 0 +++ @dead\n"
			 "router forge server> R @forged\n");
	returned_handshake();
	returned("server thread", 0, 10, 3, 0);
	line_event(EVENT_CALL, line_of("client recv", 0), 20, 21)->blocked = true;
	returned("client recv", 0, 30, 0, 0)->blocked = true;
	segment(HOST_CLIENT, 40, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	segment(HOST_CLIENT, 50, FLAG_PSH | FLAG_ACK, 2, 1, 1);
	reading("client ss", 60, "ESTAB", "none", 0);
	line_event(EVENT_CLOCK, line_of("quiet", 0), 60, 70);
	line_event(EVENT_SIGNAL, -1, 80, 80)->signal = SIGUSR1;
	t.events[t.event_count - 1].host = HOST_SERVER;
	line_event(EVENT_DEATH, -1, 90, 90)->host = HOST_SERVER;
	forged("router forge", 0, HOST_SERVER, 100, FLAG_RST, 2);
	passes();
	for (size_t i = 0; i < run.line_count; i++)
		if (run.lines[i].label) {
			assert_int_equal(verdict.lines[i].fate, LINE_MET);
			assert_true(verdict.lines[i].from > t.start);
			assert_true(verdict.lines[i].to >= verdict.lines[i].from);
		}
	assert_int_equal(verdict.lines[line_of("client> data", 0)].from, t.start + 50 * MS);
}

/* ---- readings ---- */

static void test_ss(void **state)
{
	static const struct {
		const char *state;
		const char *timer;
		int64_t left_ms;
		bool holds;
	} rows[] = {
	    {"ESTAB", "on", 1000, true},       {"ESTAB", "on", 880, true},
	    {"ESTAB", "on", 500, false},       {"ESTAB", "persist", 1000, false},
	    {"FIN-WAIT-1", "on", 1000, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		script(HANDSHAKE "client ss c ESTAB 0 5 timer:(on,1sec,2)\n");
		returned_handshake();
		reading("client ss", 1, rows[i].state, rows[i].timer, rows[i].left_ms);
		if (rows[i].holds)
			passes();
		else
			fails_at("client ss", 0);
	}
}

static void test_ss_later_answer_counts(void **state)
{
	(void)state;
	script(HANDSHAKE "client ss c ESTAB\n");
	returned_handshake();
	reading("client ss", 1, "SYN-SENT", "on", 0);
	judge_all(false);
	assert_int_equal(verdict.lines[line_of("client ss", 0)].fate, LINE_PENDING);
	reading("client ss", 2, "ESTAB", "none", 0);
	passes();
}

/* The engine gave up before it came to the call, and then all above it was met after all. */
static void test_not_begun(void **state)
{
	(void)state;
	script(HANDSHAKE "client close(c) = 0\n client> F.\n");
	returned_handshake();
	judge(&arena, &run, &t, (size_t)line_of("client close", 0), true, &verdict);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
	assert_int_equal(verdict.problems[0].line, line_of("client close", 0));
	judge(&arena, &run, &t, (size_t)line_of("client close", 0), false, &verdict);
	assert_int_equal(verdict.verdict, VERDICT_PASS);
}

static void test_ss_with_a_gap(void **state)
{
	static const struct {
		int64_t at_ms, left_ms;
		bool holds;
	} rows[] = {
	    {201, 800, true}, {201, 600, false}, {400, 600, true}, /* late: it has run on */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		script(HANDSHAKE "  +200ms client ss c ESTAB 0 5 timer:(on,800ms,2)\n");
		returned_handshake();
		reading("+200ms", rows[i].at_ms, "ESTAB", "on", rows[i].left_ms);
		if (rows[i].holds)
			passes();
		else
			fails_at("+200ms", 0);
	}
	/* So late, anything may have happened meanwhile. */
	t.events[t.event_count - 1].socket.timer_left = 800 * MS;
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_UNSURE);
}

/* The packet or the call after it may have begun the timer; on a busy machine 300 ms lie in
 * between. */
static void test_ss_after_a_call(void **state)
{
	static const struct {
		int64_t left_ms;
		bool holds;
	} rows[] = {
	    {380, false}, {400, true}, {500, true}, {800, true}, {900, true}, {920, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		script(HANDSHAKE "client setsockopt(c, SO_KEEPALIVE, 1) = 0\n"
				 "client ss c ESTAB 0 5 timer:(on,800ms,2)\n");
		returned_handshake();
		returned("client setsockopt", 0, 300, 0, 0);
		t.events[t.event_count - 1].from = t.start + 300 * MS;
		reading("client ss", 301, "ESTAB", "on", rows[i].left_ms);
		if (rows[i].holds)
			passes();
		else
			fails_at("client ss", 0);
	}
}

/* A sum that is too large a number is none; modulo 2^64 this one would be 5. */
static void test_sum_too_large(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client ss c ESTAB 0 $n\n"
	       "server ss c ESTAB 0 $n + 9223372036854775807 + 9223372036854775807 + 2\n");
	returned_handshake();
	reading("client ss", 1, "ESTAB", "none", 0);
	reading("server ss", 2, "ESTAB", "none", 0);
	fails_at("server ss", 0);
}

static void test_nstat(void **state)
{
	static struct counter_reading counters[] = {{"TcpOutRsts", 1, true}};
	struct event *e;

	(void)state;
	script("server nstat TcpOutRsts +1\n");
	e = line_event(EVENT_READING, 0, 1, 1);
	e->counters = counters;
	e->counter_count = 1;
	passes();
	counters[0].delta = 2;
	fails_at("server nstat", 0);
	counters[0].delta = 1;
}

static void test_quiet(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5)\nquiet 300ms\n");
	line_event(EVENT_CLOCK, line_of("quiet", 0), 1, 310);
	passes();
	segment(HOST_SERVER, 200, FLAG_ACK, 1, 0, 6); /* plain, but a sound */
	fails_at("quiet", 0);
}

/* A return after the silence, of a thread that may have waited for a CPU since before its end. */
static void test_quiet_before_return(void **state)
{
	struct event *e;

	(void)state;
	script(HANDSHAKE "client recv(c, ..., 100) ...\nquiet 300ms\n"
			 " client ... recv(c, ..., 100) = 0\n");
	blocked_call(true);
	line_event(EVENT_CLOCK, line_of("quiet", 0), 5, 310);
	e = returned("client recv", 0, 320, 0, 0);
	e->blocked = true;
	e->from = t.start + 305 * MS;
	passes();
	e->to = t.start + 309 * MS;
	fails_at("quiet", 0);
}

static void test_disturbed(void **state)
{
	(void)state;
	refused(110);
	line_event(EVENT_DISTURBED, -1, 1, 1)->note = "test";
	judge_all(true);
	assert_int_equal(verdict.verdict, VERDICT_UNSURE);
}

/* The parts of a datagram line are compared, and nothing else. */
static void datagrams(const char *line, enum packet_kind kind, const char *word)
{
	struct packet *p;

	script(arena_printf(&arena, "client socket(..., SOCK_DGRAM) = c\n client:c> %s\n", line));
	connection("c", NULL);
	t.connections[0].kind = kind;
	p = (struct packet *)segment(HOST_CLIENT, 1, 0, 0, 5, 0)->packet;
	p->kind = kind;
	p->icmp_word = word;
	p->icmp = word ? icmp_find(word) : NULL;
	p->data = (const unsigned char *)"hello";
	p->target_port = 5000;
	returned("client socket", 0, 0, 3, 0);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
}

static void test_datagrams(void **state)
{
	static const struct {
		const char *line;
		enum packet_kind kind;
		const char *word;
		enum verdict verdict;
	} cases[] = {
	    {"udp", PACKET_UDP, NULL, VERDICT_PASS},
	    {"udp (5) \"hello\" to server:5000", PACKET_UDP, NULL, VERDICT_PASS},
	    {"udp (4)", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"udp \"hallo\"", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"udp to server:5001", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"udp lost", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"-", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"icmp echo-request", PACKET_UDP, NULL, VERDICT_FAIL},
	    {"icmp echo-request (5) \"hello\"", PACKET_ECHO, "echo-request", VERDICT_PASS},
	    {"icmp echo-request (4)", PACKET_ECHO, "echo-request", VERDICT_FAIL},
	    {"icmp echo-reply (5)", PACKET_ECHO, "echo-request", VERDICT_FAIL},
	    {"udp (5)", PACKET_ECHO, "echo-request", VERDICT_FAIL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		datagrams(cases[i].line, cases[i].kind, cases[i].word);
		if (verdict.verdict != cases[i].verdict)
			fail_msg("%s: %s", cases[i].line, verdict_names[verdict.verdict]);
	}
	fresh(state);
	datagrams("udp (4)", PACKET_UDP, NULL);
	assert_string_equal(verdict.problems[0].differ, "length differs");
}

/*
 * Written the wrong way round, or as another kind: the line is named, though it was taken to be
 * about the other host's socket, and though a later line is just like what came.
 */
static void test_datagram_of_another(void **state)
{
	static const char *const wrong[] = {"server> udp (5)", "client> icmp echo-reply"};

	for (size_t i = 0; i < 2; i++) {
		struct packet *p;

		fresh(state);
		script(arena_printf(&arena,
				    "server socket(..., SOCK_DGRAM) = s\n"
				    "client socket(..., SOCK_DGRAM) = c\n"
				    " %s\n"
				    "client send(c, \"hello\") = 5\n"
				    " client> udp (5)\n",
				    wrong[i]));
		connection("c", NULL);
		t.connections[0].kind = PACKET_UDP;
		p = (struct packet *)segment(HOST_CLIENT, 1, 0, 0, 5, 0)->packet;
		p->kind = PACKET_UDP;
		returned("server socket", 0, 0, 3, 0);
		returned("client socket", 0, 0, 3, 0);
		returned("client send", 0, 5, 5, 0)->descriptor = "c";
		judge(&arena, &run, &t, run.line_count, true, &verdict);
		assert_int_equal(verdict.verdict, VERDICT_FAIL);
		assert_int_equal(verdict.problems[0].line, line_of(wrong[i], 0));
		assert_non_null(strstr(verdict.problems[0].got, "client> udp"));
	}
}

/* What an error quotes: its protocol, and its length. */
static void test_quoted_datagrams(void **state)
{
	static const struct {
		const char *quoted;
		enum verdict verdict;
	} cases[] = {
	    {"", VERDICT_PASS},		 {"[udp]", VERDICT_PASS},
	    {"[udp (5)]", VERDICT_PASS}, {"[udp (4)]", VERDICT_FAIL},
	    {"[-]", VERDICT_FAIL},	 {"[icmp echo-request]", VERDICT_FAIL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct packet *p, *quoted;

		fresh(state);
		script(arena_printf(
		    &arena,
		    "client socket(..., SOCK_DGRAM) = c\n server> icmp port-unreachable %s\n",
		    cases[i].quoted));
		connection("c", NULL);
		t.connections[0].kind = PACKET_UDP;
		p = (struct packet *)segment(HOST_SERVER, 1, 0, 0, 0, 0)->packet;
		quoted = arena_new(&arena, struct packet);
		quoted->kind = PACKET_UDP;
		quoted->length = 5;
		p->kind = PACKET_ICMP;
		p->icmp_word = "port-unreachable";
		p->icmp = icmp_find(p->icmp_word);
		p->quoted = quoted;
		returned("client socket", 0, 0, 3, 0);
		judge(&arena, &run, &t, run.line_count, true, &verdict);
		if (verdict.verdict != cases[i].verdict)
			fail_msg("%s: %s", cases[i].quoted, verdict_names[verdict.verdict]);
	}
}

/* ---- forged ---- */

static struct segment *forged(const char *line, int nth, enum host from, int64_t at_ms,
			      uint8_t flags, int64_t seq)
{
	struct segment *s = segment(from, at_ms, flags, seq, 0, 0);

	s->forged = true;
	for (size_t i = 0; i < t.event_count; i++)
		if (t.events[i].kind == EVENT_SENT && t.events[i].segment == s->id)
			t.events[i].line = line_of(line, nth);
	return s;
}

/* The forge line answers for it; the stream of its host knows nothing of it. */
static void test_forged(void **state)
{
	(void)state;
	for (int missing = 0; missing < 2; missing++) {
		fresh(NULL);
		script(HANDSHAKE "router forge server> R 2:2(0)\n client> . 1:1(0) ack 1\n"
				 "client recv(c, ..., 1) = 1\n server> data (1)\n");
		returned_handshake();
		if (!missing)
			forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2);
		segment(HOST_CLIENT, 1, FLAG_ACK, 1, 0, 1);
		returned("client recv", 0, 3, 1, 0);
		segment(HOST_SERVER, 2, FLAG_ACK | FLAG_PSH, 1, 1, 1);
		if (missing)
			fails_at("router forge", 0);
		else
			passes();
	}
}

/* It is not a packet of that host that a line could match, and not an unexpected one. */
static void test_forged_is_not_sent(void **state)
{
	(void)state;
	script(HANDSHAKE "router forge server> R 2:2(0)\n server> R 2:2(0)\n");
	returned_handshake();
	forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2);
	fails_at("server> R", 0);
	fresh(NULL);
	script(HANDSHAKE "router forge server> R 2:2(0)\n >client R 2:2(0)\n");
	returned_handshake();
	forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2);
	passes();
}

static void test_forged_lost(void **state)
{
	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		fresh(NULL);
		script(HANDSHAKE "router forge server> R 2:2(0) lost at client\n");
		returned_handshake();
		forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2);
		if (lost)
			lose(&t.segments[3], HOST_CLIENT);
		if (lost)
			passes();
		else
			fails_at("router forge", 0);
	}
	fresh(NULL);
	script(HANDSHAKE "router forge server> R 2:2(0)\n");
	returned_handshake();
	lose(forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2), HOST_CLIENT);
	fails_at("router forge", 0);
}

/* While its fate is not settled, other packets are blamed on it. */
static void test_forged_takes_blame(void **state)
{
	(void)state;
	script(HANDSHAKE "router forge server> R 2:2(0) lost at client\n client> . 1:1(0) ack 1\n");
	returned_handshake();
	forged("router forge", 0, HOST_SERVER, 1, FLAG_RST, 2);
	segment(HOST_CLIENT, 2, FLAG_ACK, 1, 0, 1);
	segment(HOST_CLIENT, 3, FLAG_RST, 1, 0, 0);
	fails_at("router forge", 0);
}

/* Its effects come after it, at the host that it reaches; a gap counts from it. */
static void test_forged_order(void **state)
{
	(void)state;
	for (int early = 0; early < 2; early++) {
		fresh(NULL);
		script(HANDSHAKE "router forge server> R 2:2(0)\n +40ms client> . 1:1(0) ack 1\n");
		returned_handshake();
		forged("router forge", 0, HOST_SERVER, 10, FLAG_RST, 2);
		segment(HOST_CLIENT, early ? 20 : 50, FLAG_ACK, 1, 0, 1);
		if (early)
			fails_at("+40ms", 0);
		else
			passes();
	}
	fresh(NULL);
	script(HANDSHAKE "router forge server> R 2:2(0)\n client> . 1:1(0) ack 1\n");
	returned_handshake();
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 0, 1);
	forged("router forge", 0, HOST_SERVER, 10, FLAG_RST, 2);
	fails_at("client> . 1:1", 0);
}

/* ---- held, duplicated, corrupted ---- */

static void arrive(struct segment *s, int64_t at_ms)
{
	int id = s->id;
	struct event *e = line_event(EVENT_ARRIVED, -1, at_ms, at_ms);

	e->segment = id;
	t.segments[id].fate = FATE_ARRIVED;
	t.segments[id].arrived = e->from;
	t.segments[id].arrived_order = e->order;
}

/* It is held, and has not arrived: which is the last thing that was noted of it. */
static struct segment *hold(struct segment *s)
{
	t.events[t.event_count - 1].kind = EVENT_HELD;
	t.events[t.event_count - 1].note = "held";
	s->held = true;
	s->fate = FATE_HELD;
	s->arrived = 0;
	s->arrived_order = 0;
	return s;
}

/* Held: met when it is held and when it has been released; the arrival has a line of its own. */
static void test_held(void **state)
{
	static const struct {
		const char *lines;
		bool let_go;
		const char *fails; /* NULL: passes */
	} cases[] = {
	    {" client> P. 1:2(1) held\n", false, NULL},
	    {" client> P. 1:2(1)\n", false, "client> P."},
	    {" client> P. 1:2(1) lost\n", false, "client> P."},
	    {" client> P. 1:2(1) held\n >server P. 1:2(1)\n", true, NULL},
	    {" client> P. 1:2(1) held\n", true, "client> P."},
	    {" client> P. 1:2(1) held\n ...\n", true, NULL},
	    {" client> P. 1:2(1) held\n >server P. 1:2(1)\n", false, ">server P."},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		script(arena_printf(&arena, HANDSHAKE "client send(c, \"a\") = 1\n%s",
				    cases[i].lines));
		returned_handshake();
		returned("client send", 0, 1, 1, 0);
		hold(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 1, 1));
		if (cases[i].let_go)
			arrive(&t.segments[3], 5);
		if (cases[i].fails)
			fails_at(cases[i].fails, 0);
		else
			passes();
	}
}

/* A plain ACK that was held is none that may pass unwritten. */
static void test_held_ack_is_not_plain(void **state)
{
	script(HANDSHAKE "client send(c, \"a\") = 1\n client> P. 1:2(1)\n >client . ack 2\n");
	(void)state;
	returned_handshake();
	returned("client send", 0, 1, 1, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 1, 1);
	hold(segment(HOST_SERVER, 2, FLAG_ACK, 1, 0, 2));
	arrive(&t.segments[4], 3);
	fails_at("client> P.", 0);
}

static void test_other_fates(void **state)
{
	static const struct {
		const char *written;
		enum fate fate;
		bool fails;
	} cases[] = {
	    {"twice", FATE_TWICE, false},  {"", FATE_TWICE, true},
	    {"twice", FATE_ARRIVED, true}, {"corrupt", FATE_CORRUPT, false},
	    {"", FATE_CORRUPT, true},	   {"corrupt", FATE_TWICE, true},
	    {"lost", FATE_CORRUPT, true},  {"held", FATE_ARRIVED, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		script(arena_printf(&arena,
				    HANDSHAKE "client send(c, \"a\") = 1\n client> P. 1:2(1) %s\n",
				    cases[i].written));
		returned_handshake();
		returned("client send", 0, 1, 1, 0);
		segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 1, 1)->fate = cases[i].fate;
		if (cases[i].fails)
			fails_at("client> P.", 0);
		else
			passes();
	}
}

/* An arrival meets a line only if it came after the lines above it at that end. */
static void test_arrival_below(void **state)
{
	for (int missing = 0; missing < 2; missing++) {
		fresh(state);
		script(HANDSHAKE "client send(c, \"ab\") = 2\n client> P.\n server> . ack 2\n"
				 " client> P.\n >server P.\n server> . ack 3\n");
		returned_handshake();
		returned("client send", 0, 1, 2, 0);
		segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 1, 1);
		segment(HOST_SERVER, 1, FLAG_ACK, 1, 0, 2);
		segment(HOST_CLIENT, 2, FLAG_ACK | FLAG_PSH, 2, 1, 1);
		if (missing)
			t.segments[5].decided = false, t.segments[5].arrived_order = 0;
		else
			segment(HOST_SERVER, 3, FLAG_ACK, 1, 0, 3);
		judge_all(true);
		if (missing) {
			assert_int_equal(verdict.verdict, VERDICT_FAIL);
			assert_int_equal(verdict.lines[line_of(">server P.", 0)].segment, -1);
		} else {
			passes();
			assert_int_equal(verdict.lines[line_of(">server P.", 0)].segment, 5);
		}
	}
}

/* ---- the named line, and its message ---- */

/* The call of that line was made, and came back at once. */
static struct event *made(const char *line, int nth, int64_t at_ms, int64_t result)
{
	line_event(EVENT_CALL, line_of(line, nth), at_ms, at_ms);
	return returned(line, nth, at_ms, result, 0);
}

/*
 * A forgotten packet: named below the call that caused it, however far the script has come, and
 * whatever lines its sender has further down.
 */
static void test_forgotten(void **state)
{
	static const char *const below[] = {
	    "",
	    "client recv(c, ..., 3) = 3\n",
	    "client recv(c, ..., 3) = 3\n server> P. 7:9(2)\n",
	    "client shutdown(c, SHUT_WR) = 0\n client> F.\n server> . ack 5\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++) {
		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE "client send(c, \"req\") = 3\n client> P. 1:4(3)\n"
					      "server socket() = s\n"
					      "server listen(s, 5) = 0\n%s",
				    below[i]));
		returned_handshake();
		made("client send", 0, 1, 3);
		segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 3, 1);
		made("server socket", 0, 5, 3);
		made("server listen", 0, 6, 0);
		segment(HOST_SERVER, 6, FLAG_PSH | FLAG_ACK, 1, 6, 4);
		if (i == 1 || i == 2)
			made("client recv", 0, 7, 3);
		if (i == 3)
			made("client shutdown", 0, 7, 0);
		says("expected no more packets after server listen(s, 5) = 0; got server> P. "
		     "1:7(6) "
		     "ack 4 win 64000");
		assert_int_equal(verdict.problems[0].line, line_of("server listen", 0));
		assert_true(verdict.problems[0].unasked);
	}
}

/* A call that did something else than is written is named before the packet that it sent. */
static void test_packet_of_another_result(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"a\") = -1 EPIPE\n");
	returned_handshake();
	segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 1, 1); /* it is seen before the return */
	made("client send", 0, 1, 1);
	says("expected client  send(c, \"a\") = -1 EPIPE; got client  send(c, \"a\") = 1");
	assert_int_equal(verdict.problem_count, 2);
	assert_true(verdict.problems[1].unasked);
	assert_int_equal(verdict.problems[1].line, line_of("client send", 0));
}

/* In a step it stands below what had come before it. */
static void test_forgotten_in_between(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"a\") = 1\n client> P. 1:2(1)\n server> F. 1:1(0)\n");
	returned_handshake();
	made("client send", 0, 1, 1);
	segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	segment(HOST_CLIENT, 3, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	segment(HOST_SERVER, 4, FLAG_FIN | FLAG_ACK, 1, 0, 2);
	says("expected no more packets after client> P. 1:2(1); got client> P. 1:2(1) ack 1 win "
	     "64000");
}

/* A reading that was as written before it, and a silence that it broke. */
static void test_unasked_beside_readings(void **state)
{
	(void)state;
	script(HANDSHAKE "client ss c ESTAB\nquiet 300ms\nclient ss c ESTAB timer:none\n");
	returned_handshake();
	reading("client ss", 5, "ESTAB", "none", 0);
	segment(HOST_CLIENT, 100, FLAG_RST, 1, 0, 0);
	says("expected no more packets after client ss c ESTAB; got client> R 1:1(0) win 64000");
	/* It was so only afterwards. */
	t.events[t.event_count - 3].from = t.events[t.event_count - 3].to = t.start + 200 * MS;
	says("expected no more packets after client> .; got client> R 1:1(0) win 64000");
}

/*
 * A packet that is written further down comes at once, or by a timer, while the script waits for
 * another line: that line is wrong.
 */
static void test_came_of_waiting(void **state)
{
	(void)state;
	for (int at = 4; at <= 205; at += 201) {
		fresh(NULL);
		script(HANDSHAKE "client send(c, \"hello\") = 5\n client> P. 1:6(5) lost\n"
				 " server> F. 1:1(0)\n"
				 "client ss c ESTAB\n client> P. 1:6(5) lost\n");
		returned_handshake();
		made("client send", 0, 1, 5);
		lose(segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 5, 1), HOST_ROUTER);
		lose(segment(HOST_CLIENT, at, FLAG_PSH | FLAG_ACK, 1, 5, 1), HOST_ROUTER);
		judge(&arena, &run, &t, (size_t)line_of("client ss", 0), true, &verdict);
		assert_string_equal(verdict.problems[0].message,
				    "expected server> F. 1:1(0); got nothing");
	}
}

/* The arrival was as written; what it brought about is not. */
static void test_reset_behind_arrival(void **state)
{
	(void)state;
	script(HANDSHAKE "router hold server>\nserver socket() = s\n"
			 " server> F. 1:1(0) held\nrouter release\n >client F.\n");
	returned_handshake();
	line_event(EVENT_ACTION, line_of("router hold", 0), 1, 1);
	made("server socket", 0, 2, 3);
	hold(segment(HOST_SERVER, 2, FLAG_FIN | FLAG_ACK, 1, 0, 1));
	line_event(EVENT_ACTION, line_of("router release", 0), 5, 6);
	arrive(&t.segments[3], 6);
	segment(HOST_CLIENT, 6, FLAG_RST, 1, 0, 0);
	says("expected no more packets after >client F.; got client> R 1:1(0) win 64000");
}

/* An unexpected arrival is below the line that released it; one that nearly matches a line, at that
 * line. */
static void test_arrival_unasked(void **state)
{
	(void)state;
	for (int near = 0; near < 2; near++) {
		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE "router hold client>\nclient send(c, \"a\") = 1\n"
					      " client> P. 1:2(1) held\nrouter release\n%s",
				    near ? " >server P. 2:3(1)\n" : " server> F. 1:1(0)\n"));
		returned_handshake();
		line_event(EVENT_ACTION, line_of("router hold", 0), 1, 1);
		made("client send", 0, 2, 1);
		hold(segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 1, 1));
		line_event(EVENT_ACTION, line_of("router release", 0), 5, 6);
		arrive(&t.segments[3], 6);
		if (near)
			says("expected >server P. 2:3(1); got >server P. 1:2(1) ack 1: numbers "
			     "differ");
		else
			says("expected no more packets after router release; got >server P. "
			     "1:2(1) ack 1");
	}
}

/* A packet that never came, although a similar one did: `...` took it, or it is an ACK that may
 * pass. */
static void test_near_miss(void **state)
{
	static const struct {
		const char *line;
		const char *differs; /* NULL: nothing is near */
	} rows[] = {
	    {"client> P. \"hallo\"", "data differ"},
	    {"client> P. 1:6(5) ack 2", "ack differs"},
	    {"client> P. 2:7(5) ack 2", "numbers and ack differ"},
	    {"client> P. (4)", "length differs"},
	    {"client> P. win 1", "window differs"},
	    {"client> P. <mss 1>", "mss differs"},
	    {"client> P. <mss 1, !wscale, sackOK> win 2", "window, mss and sackOK differ"},
	    {"client> P. urg 1", "urgent pointer differs"},
	    {"client> P. ect0", "ECN (noecn) differs"},
	    {"client> P. ttl 63 tos 2", "tos (0) and ttl (0) differ"},
	    {"client> P. to nobody", "target differs"},
	    {"client> P. 1:6(5) lost", "fate differs: it arrived: no fate is written then"},
	    {"client> FP. 1:6(5)", "flags differ"},
	    {"client> F.", NULL},
	    {"client> S 7:7(0)", NULL},
	    {"server> P. 1:6(5)", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct packet *p;
		const char *expected;

		fresh(NULL);
		script(arena_printf(&arena, HANDSHAKE "client send(c, \"hello\") = 5\n ...\n %s\n",
				    rows[i].line));
		returned_handshake();
		made("client send", 0, 1, 5);
		p = (struct packet *)segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 5, 1)->packet;
		p->data = (const unsigned char *)"hello";
		segment(HOST_CLIENT, 2, FLAG_ACK, 6, 0, 1);
		expected = rows[i].differs ? arena_printf(&arena,
							  "; got client> P. 1:6(5) ack 1 win 64000 "
							  "\"hello\": %s",
							  rows[i].differs)
					   : "; got nothing";
		judge_all(true);
		if (!strstr(verdict.problems[0].message, expected))
			fail_msg("%s: %s", rows[i].line, verdict.problems[0].message);
		assert_int_equal(verdict.problems[0].line, line_of(rows[i].line, 0));
		assert_int_equal(verdict.problems[0].event, -1);
	}
}

/* Written of the other side: that line is the one to name, also if it speaks of many segments. */
static void test_other_side(void **state)
{
	static const char *const lines[] = {"server> P. 1:11(10)", "server> data (20)"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fresh(NULL);
		script(arena_printf(&arena, HANDSHAKE "client send(c, ..., 20) = 20\n %s\n",
				    lines[i]));
		returned_handshake();
		made("client send", 0, 1, 20);
		segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 10, 1);
		says(arena_printf(&arena, "expected %s; got client> P. 1:11(10) ack 1 win 64000",
				  lines[i]));
	}
}

/* Of another connection: the tag is wrong, but only if all else is right. */
static void test_near_connection(void **state)
{
	static const char *const expected[] = {
	    "expected client:d> F.; got client:c> F. 1:1(0) ack 1 win 64000: connection differs",
	    "expected client:d> F. 2:2(0); got nothing",
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE
				    "client socket() = d\nclient connect(d, server:81) = 0\n"
				    " ...\n client:d> F.%s\n",
				    i ? " 2:2(0)" : ""));
		returned_handshake();
		connection("c", NULL);
		t.connections[1].names[0] = "d";
		made("client socket", 1, 1, 4);
		made("client connect", 1, 1, 0);
		segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0)->connection = 1;
		segment(HOST_CLIENT, 2, FLAG_FIN | FLAG_ACK, 1, 0, 1);
		says(expected[i]);
	}
}

/* ---- names that an accept() will give later ---- */

/* accept() waits for what is written below it; the first SYN was lost. */
static void accept_waits(const char *syn)
{
	script(arena_printf(&arena,
			    "server socket() = l\nserver listen(l, 1) = 0\n"
			    "client socket() = c\nclient socket() = d\n"
			    "client connect(c, server:80) ...\n client> S lost\n"
			    "server accept(l) = x\n%s server> S.\n client> .\n"
			    "client ... connect() = 0\n",
			    syn));
	connection("c", NULL);
	returned("server socket", 0, 0, 3, 0);
	returned("server listen", 0, 0, 0, 0);
	returned("client socket() = c", 0, 0, 3, 0);
	returned("client socket() = d", 0, 0, 4, 0);
	line_event(EVENT_CALL, line_of("client connect", 0), 0, 1)->blocked = true;
	lose(segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0), HOST_ROUTER);
	line_event(EVENT_CALL, line_of("server accept", 0), 2, 2);
	segment(HOST_CLIENT, 1001, FLAG_SYN, 0, 0, 0);
}

static void accepted(void)
{
	struct connection *c = &t.connections[0];

	segment(HOST_SERVER, 1001, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 1002, FLAG_ACK, 1, 0, 1);
	*arena_push(&arena, c->names, c->name_count) = "x";
	c->end[1].named = true;
	returned("server accept", 0, 1002, 4, 0)->from = t.start + 2 * MS;
	returned("client connect", 0, 1002, 0, 0)->blocked = true;
}

static void still_open(void)
{
	judge_all(false);
	if (verdict.problem_count)
		print_message("%s\n", verdict.problems[0].message);
	assert_false(verdict.diverged);
}

static void test_accept_waits(void **state)
{
	(void)state;
	accept_waits(" +1s client> S\n");
	still_open();
	/* Only one is possible, so times from here are known already. */
	assert_int_equal(verdict.lines[line_of("+1s client> S", 0)].fate, LINE_MET);
	accepted();
	passes();
}

/* In a message about another line a line is shown without its gap, which would look like a part of
 * the message.
 */
static void test_reference_without_gap(void **state)
{
	(void)state;
	script(HANDSHAKE " +1s   server> P. 1:2(1)\n client> P. 1:2(1)\n");
	returned_handshake();
	segment(HOST_CLIENT, 500, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	segment(HOST_SERVER, 1000, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	says("expected client> P. 1:2(1) after server> P. 1:2(1); got it before that: client> P. "
	     "1:2(1) ack 1 win 64000");
}

/* The difference is reported, for the line that has it. */
static void test_accept_waits_for_another(void **state)
{
	(void)state;
	accept_waits(" +1s client> S <mss 1400>\n");
	still_open();
	says("expected +1s     client> S <mss 1400>; got client> S 0:0(0) win 64000: mss differs");
	accepted();
	says("expected +1s     client> S <mss 1400>; got client> S 0:0(0) win 64000: mss differs");
}

/* A packet that comes before the line is due is not one of its own. */
static void test_accept_is_not_asked(void **state)
{
	(void)state;
	accept_waits("");
	still_open();
	fails_at("client> .", 0);
	fresh(state);
	script("server socket() = l\nserver listen(l, 1) = 0\n" HANDSHAKE
	       "server accept(l) = x\n server> F.\n");
	returned("server socket", 0, 0, 3, 0);
	returned("server listen", 0, 0, 0, 0);
	returned_handshake();
	segment(HOST_CLIENT, 5, FLAG_FIN | FLAG_ACK, 1, 0, 1); /* no line of x's asks for that */
	judge_all(false);
	assert_true(verdict.diverged);
}

static void another_waits(void)
{
	struct connection *d = arena_push(&arena, t.connections, t.connection_count);

	*arena_push(&arena, d->names, d->name_count) = "d";
	d->end[0].host = HOST_CLIENT;
	d->end[1].host = HOST_SERVER;
}

/* Of two connections nobody knows which one it will be. */
static void test_accept_of_several(void **state)
{
	(void)state;
	accept_waits(" +1s client> S\n");
	another_waits();
	still_open();
	says("expected server  accept(l) = x; got no return: the call is still in the kernel");
	accepted();
	passes();
}

/* No accept() will ever name a refused connection: then only one is possible. */
static void test_accept_after_a_refusal(void **state)
{
	(void)state;
	accept_waits(" +1s client> S <mss 1400>\n");
	another_waits();
	t.connections[1].end[1].refused = true;
	still_open();
	says(
	    "expected +1s     client> S <mss 1400>; got client:c> S 0:0(0) win 64000: mss differs");
	/* .. unless it has answered after all. */
	t.connections[1].end[1].has_isn = true;
	says("expected server  accept(l) = x; got no return: the call is still in the kernel");
}

/* A held packet arrives, and may be the one that a line about x expects. */
static void test_accept_of_several_and_arrival(void **state)
{
	(void)state;
	accept_waits(" +1s client> S held\n >server S\n");
	t.segments[1].held = true;
	another_waits();
	still_open();
	accepted();
	passes();
}

/* The effect of the call above has another tag: that line must be named, not the call. */
static void test_wrong_tag(void **state)
{
	static const char *const expected[] = {
	    "expected client:d> P. 1:2(1); got client:c> P. 1:2(1) ack 1 win 64000",
	    "expected no more packets after client send(c, \"a\") = 1; got client:c> P. 1:2(1) "
	    "ack 1 win 64000",
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE
				    "client socket() = d\nclient connect(d, server:81) = 0\n"
				    " client:d> S\nclient send(c, \"a\") = 1\n client:d> P. 1:%s\n",
				    i ? "3(2)" : "2(1)"));
		returned_handshake();
		connection("c", NULL);
		t.connections[1].names[0] = "d";
		made("client socket", 1, 1, 4);
		made("client connect", 1, 1, 0);
		segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0)->connection = 1;
		made("client send", 0, 2, 1);
		segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 1, 1);
		says(expected[i]);
	}
}

/* Of several that differ in one field, the one that is nearest in it. */
static void test_nearest_miss(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, ..., 9) = 9\n ...\n server> . ack 9\n");
	returned_handshake();
	made("client send", 0, 1, 9);
	for (int ack = 3; ack <= 7; ack += 2)
		segment(HOST_SERVER, ack, FLAG_ACK, 1, 0, ack);
	says("expected server> . ack 9; got server> . 1:1(0) ack 7 win 64000: ack differs");
}

/* A packet that met a line above is not a near miss of one below. */
static void test_met_is_no_miss(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client send(c, \"a\") = 1\n client> P. 1:2(1)\n ...\n client> P. 2:3(1)\n");
	returned_handshake();
	made("client send", 0, 1, 1);
	segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 1, 1, 1);
	says("expected client> P. 2:3(1); got nothing");
}

/* `data` is about what is new; and of what came, how much. */
static void test_near_data(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client send(c, ..., 9) = 9\n client> data (9)\n ...\n client> data (9)\n");
	returned_handshake();
	made("client send", 0, 1, 9);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 9, 1);
	segment(HOST_CLIENT, 9, FLAG_PSH | FLAG_ACK, 1, 9, 1);
	says("expected client> data (9); got client> P. 1:10(9) ack 1 win 64000: a retransmission, "
	     "which needs a line of its own");
	assert_int_equal(verdict.problems[0].line, line_of("client> data", 1));

	fresh(NULL);
	script(HANDSHAKE "client send(c, ..., 9) = 9\n client> data (9)\n client> data (9)\n");
	returned_handshake();
	made("client send", 0, 1, 9);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 9, 1);
	segment(HOST_CLIENT, 9, FLAG_PSH | FLAG_ACK, 1, 9, 1);
	says("expected client> data (9); got client> P. 1:10(9) ack 1 win 64000: a retransmission, "
	     "which needs a line of its own");

	fresh(NULL);
	script(HANDSHAKE "client send(c, ..., 30) = 30\n client> data (30)\n");
	returned_handshake();
	made("client send", 0, 1, 30);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 10, 1);
	segment(HOST_CLIENT, 1, FLAG_ACK, 11, 10, 1);
	says(
	    "expected client> data (30); got client> . 11:21(10) ack 1 win 64000: 20 bytes in all");
	segment(HOST_CLIENT, 1, FLAG_ACK, 21, 11, 1);
	says("expected client> data (30); got client> . 21:32(11) ack 1 win 64000: after 20 bytes "
	     "of "
	     "them");

	fresh(NULL);
	script(HANDSHAKE "client send(c, ..., 30) = 30\n client> data (30) ack 1\n");
	returned_handshake();
	made("client send", 0, 1, 30);
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 20, 1);
	segment(HOST_CLIENT, 1, FLAG_PSH | FLAG_ACK, 21, 10, 2);
	says("expected client> data (30) ack 1; got client> P. 21:31(10) ack 2 win 64000: ack "
	     "differs");
}

/* If another packet came than the line expects, the fields that differ are named, too. */
static void test_differing_fields(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5) ack 1 win 5\n");
	says(
	    "expected client> P. 1:6(5) ack 1 win 5; got client> P. 1:6(5) ack 1 win 64000: window "
	    "differs");
	fresh(NULL);
	data_exchange(" client> P. 1:6(5) lost\n");
	says("expected client> P. 1:6(5) lost; got client> P. 1:6(5) ack 1 win 64000: fate "
	     "differs: it arrived: "
	     "no fate is written then");
}

/* Of a structure only the fields that differ; in a list, with what tells which one it is. */
static void test_differing_arguments(void **state)
{
	struct event *e;

	(void)state;
	script(HANDSHAKE "client getsockopt(c, TCP_INFO, {tcpi_state=1, tcpi_retransmits=3, "
			 "tcpi_rtt=1..9}) = 0\n");
	returned_handshake();
	e = made("client getsockopt", 0, 1, 0);
	e->seen[2] =
	    "{tcpi_state=TCP_ESTABLISHED, tcpi_ca_state=0, tcpi_retransmits=0, tcpi_rtt=5}";
	says("expected client  getsockopt(c, TCP_INFO, {tcpi_state=1, tcpi_retransmits=3, "
	     "tcpi_rtt=1..9}) = 0; got client  getsockopt(c, TCP_INFO, {tcpi_retransmits=0}) = 0");

	fresh(NULL);
	script("client socket() = c\nclient socket() = d\n"
	       "client poll([{fd=c, events=POLLIN}, {fd=d, events=POLLIN}], 2, 0) = 2 "
	       "([{fd=c, revents=POLLIN}, {fd=d, revents=POLLHUP}])\n");
	returned("client socket", 0, 0, 3, 0);
	returned("client socket", 1, 0, 4, 0);
	e = made("client poll", 0, 1, 2);
	e->seen[0] = "[{fd=c, revents=POLLIN}, {fd=d, revents=POLLIN}]";
	says("expected client  poll([{fd=c, events=POLLIN}, {fd=d, events=POLLIN}], 2, 0) = 2 "
	     "([{fd=c, revents=POLLIN}, {fd=d, revents=POLLHUP}]); got client  poll([{fd=c, "
	     "events=POLLIN}, {fd=d, events=POLLIN}], 2, 0) = 2 ([{fd=d, revents=POLLIN}])");
	/* When it is another number, all of it. */
	e->result = 1;
	e->seen[0] = "[{fd=c, revents=POLLIN}]";
	judge_all(true);
	assert_non_null(strstr(verdict.problems[0].got, "= 1 ([{fd=c, revents=POLLIN}])"));

	fresh(NULL);
	script("client socket() = c\nclient connect(c, server:80) = 0\n");
	returned("client socket", 0, 0, 3, 0);
	returned("client connect", 0, 1, -1, 111);
	says("expected client  connect(c, server:80) = 0; got client  connect(c, server:80) = -1 "
	     "ECONNREFUSED");
}

/* Of several counters those that are another number. */
static void test_differing_counters(void **state)
{
	static struct counter_reading counters[] = {{"TcpOutRsts", 1, true},
						    {"TcpInSegs", 2, true}};
	struct event *e;

	(void)state;
	script("server nstat TcpOutRsts +1 TcpInSegs +1\n");
	e = line_event(EVENT_READING, 0, 1, 1);
	e->counters = counters;
	e->counter_count = 2;
	says("expected server  nstat TcpOutRsts +1 TcpInSegs +1; got server  nstat TcpInSegs +2");
}

/* A matter of when: the packet, what was expected, what it counts from, and when it was. */
static void test_timing_said(void **state)
{
	(void)state;
	data_exchange(" client> P. 1:6(5) @sent\n +0..20ms server> . ack 6\n");
	segment(HOST_SERVER, 44, FLAG_ACK, 1, 0, 6);
	says("expected server> . ack 6 0.0ms..20.0ms after client> P. 1:6(5); got it after 43.0ms");
	fresh(NULL);
	data_exchange(" client> P. 1:6(5) @sent\n @sent+0..20ms server> . ack 6\n");
	segment(HOST_SERVER, 12346, FLAG_ACK, 1, 0, 6);
	says("expected server> . ack 6 0.0ms..20.0ms after @sent; got it after 12.345s");
	fresh(NULL);
	data_exchange(" client> P. 1:6(5)\nclient socket() = d @s\n @s+0 server> . ack 6\n");
	made("client socket", 1, 10, 5);
	segment(HOST_SERVER, 5, FLAG_ACK, 1, 0, 6);
	says("expected server> . ack 6 0.0ms..8.0ms after @s; got it 5.0ms before that");
	fresh(NULL);
	script(HANDSHAKE "client send(c, \"hello\") = 5\n client> P. 1:6(5)\n");
	returned_handshake();
	returned("client send", 0, 50, 5, 0)->descriptor = "c";
	segment(HOST_CLIENT, 20, FLAG_PSH | FLAG_ACK, 1, 5, 1);
	says("expected client> P. 1:6(5) after client send(c, \"hello\") = 5; got it before that: "
	     "client> P. 1:6(5) ack 1 win 64000");
}

/* A $name that is written is a number by then. */
static void test_numbers_said(void **state)
{
	(void)state;
	script(HANDSHAKE "client ss c ESTAB $n $m\nserver ss c ESTAB $n + 1 $nn\n");
	returned_handshake();
	reading("client ss", 1, "ESTAB", "none", 0);
	reading("server ss", 2, "ESTAB", "none", 0);
	says("expected server  ss c ESTAB $n + 1 $nn with $n = 0; got server  ss c ESTAB 0 5 "
	     "timer:none");
}

/* ---- crossing packets ---- */

#define PLAIN	  FLAG_ACK
#define FINISHES  (FLAG_FIN | FLAG_ACK)
#define PUSHES	  (FLAG_PSH | FLAG_ACK)
#define FIRST_OWN 3 /* the first segment behind the handshake */

static struct segment *depart(struct segment *s)
{
	s->arrived = 0;
	s->arrived_order = 0;
	return s;
}

/* A packet is sent or arrives, in the order of the list. */
struct flight {
	char what; /* 'c', 's': the client's, the server's is sent; 'C', 'S': and arrives */
};

/* `moves` in the order in which they happen: cCsS. What does not arrive is lost. */
static void fly(const char *moves, uint8_t flags)
{
	int number[2] = {-1, -1};

	for (int i = 0; moves[i]; i++) {
		bool by_server = moves[i] == 's' || moves[i] == 'S';
		int64_t at = 10 * (i + 1);

		if (moves[i] == 'c' || moves[i] == 's')
			number[by_server] =
			    depart(segment(by_server ? HOST_SERVER : HOST_CLIENT, at, flags, 1,
					   flags & FLAG_PSH ? 1 : 0, 1))
				->id;
		else
			arrive(&t.segments[number[by_server]], at);
	}
	for (int i = 0; i < 2; i++)
		if (number[i] >= 0 && !t.segments[number[i]].arrived_order)
			lose(&t.segments[number[i]], HOST_ROUTER);
}

/* Two packets that are in flight at the same time may be written in either order. */
static void test_crossing(void **state)
{
	static const struct {
		const char *moves;
		const char *client, *server; /* their fates */
		bool client_first, server_first;
	} cases[] = {
	    {"csCS", "", "", true, true},
	    {"csSC", "", "", true, true},
	    {"scCS", "", "", true, true},
	    {"scSC", "", "", true, true},
	    {"cCsS", "", "", true, false},
	    {"sScC", "", "", false, true},
	    {"csS", "lost", "", true, false}, /* it was lost before the other one was sent */
	    {"scS", "lost", "", true, true},
	    {"sc", "lost", "lost", true, true}, /* nobody can know */
	    {"sSc", "lost", "", false, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int client_first = 0; client_first < 2; client_first++) {
			const char *lines[2];
			bool right = client_first ? cases[i].client_first : cases[i].server_first;

			fresh(state);
			lines[0] = arena_printf(&arena, " server> F. %s\n", cases[i].server);
			lines[1] = arena_printf(&arena, " client> F. %s\n", cases[i].client);
			script(arena_printf(&arena, HANDSHAKE "%s%s", lines[client_first],
					    lines[!client_first]));
			returned_handshake();
			fly(cases[i].moves, FINISHES);
			judge_all(true);
			if ((verdict.verdict == VERDICT_PASS) != right)
				fail_msg("%s, %s: %s", cases[i].moves, lines[client_first],
					 verdict_names[verdict.verdict]);
			if (!right)
				fails_at(client_first ? "server> F." : "client> F.", 0);
		}
}

/* The router's packets, too: lines of packets that ended before it sent them come first. */
static void test_order_of_an_icmp_error(void **state)
{
	static const struct {
		const char *lines;
		bool answer_first, passes;
	} cases[] = {
	    {" client> P. 1:6(5) lost\n router> icmp net-unreachable\n client> P. 1:6(5)\n", false,
	     true},
	    {" client> P. 1:6(5) lost\n router> icmp net-unreachable\n client> P. 1:6(5)\n", true,
	     false},
	    {" client> P. 1:6(5) lost\n client> P. 1:6(5)\n router> icmp net-unreachable\n", true,
	     true},
	    {" client> P. 1:6(5) lost\n client> P. 1:6(5)\n router> icmp net-unreachable\n", false,
	     false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct packet *p;

		fresh(state);
		data_exchange(cases[i].lines);
		lose(&t.segments[FIRST_OWN], HOST_ROUTER);
		if (cases[i].answer_first)
			segment(HOST_CLIENT, 2, PUSHES, 1, 5, 1);
		p = (struct packet *)segment(HOST_ROUTER, 3, 0, 1, 0, 0)->packet;
		p->kind = PACKET_ICMP;
		p->icmp_word = "net-unreachable";
		p->icmp = icmp_find(p->icmp_word);
		if (!cases[i].answer_first)
			segment(HOST_CLIENT, 4, PUSHES, 1, 5, 1);
		judge_all(true);
		if ((verdict.verdict == VERDICT_PASS) != cases[i].passes)
			fail_msg("%zu: %s", i, verdict_names[verdict.verdict]);
	}
}

/* An arrival that is written by itself is an event like any other. */
static void test_crossing_arrival_written(void **state)
{
	static const struct {
		const char *moves;
		bool passes;
	} cases[] = {{"cCsS", true}, {"csCS", false}, {"scCS", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		script(HANDSHAKE " client> F.\n >server F.\n server> F.\n");
		returned_handshake();
		fly(cases[i].moves, FINISHES);
		if (cases[i].passes)
			passes();
		else
			fails_at("server> F.", 0);
	}
}

/* Every other event at an end is before or after an arrival. */
static void test_call_and_arrival(void **state)
{
	static const struct {
		const char *lines;
		int64_t returned_ms;
		const char *fails;
	} cases[] = {
	    {" client> P.\n server ... recv(x, ..., 9) = 1\n", 40, NULL},
	    {" client> P.\n server ... recv(x, ..., 9) = 1\n", 15, "server ... recv"},
	    {" server ... recv(x, ..., 9) = 1\n client> P.\n", 40, "client> P."},
	    {" server ... recv(x, ..., 9) = 1\n client> P.\n", 15, NULL},
	    {" server ... recv(x, ..., 9) = 1\n client> P.\n", 5, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct event *e;

		fresh(state);
		script(arena_printf(&arena,
				    "server socket() = l\nserver listen(l, 1) = 0\n" HANDSHAKE
				    "server accept(l) = x\nserver recv(x, ..., 9) ...\n%s",
				    cases[i].lines));
		returned_handshake();
		*arena_push(&arena, t.connections[0].names, t.connections[0].name_count) = "x";
		returned("server socket", 0, 0, 3, 0);
		returned("server listen", 0, 0, 0, 0);
		returned("server accept", 0, 0, 4, 0);
		line_event(EVENT_CALL, line_of("server recv", 0), 1, 2)->blocked = true;
		fly("cC", PUSHES); /* 10 ms, 20 ms */
		e = returned("server recv", 0, cases[i].returned_ms, 1, 0);
		e->blocked = true;
		e->descriptor = "x";
		if (cases[i].fails)
			fails_at(cases[i].fails, 0);
		else
			passes();
	}
}

/* One packet overtakes another of the same sender: that says nothing about their sending. */
static void test_overtaken(void **state)
{
	for (int written = 0; written < 3; written++) {
		static const char *const arrivals[] = {"",
						       " >server P. 2:3(1)\n >server P. 1:2(1)\n",
						       " >server P. 1:2(1)\n >server P. 2:3(1)\n"};
		struct segment *first;

		fresh(state);
		script(arena_printf(&arena, HANDSHAKE " client> P. 1:2(1)\n client> P. 2:3(1)\n%s",
				    arrivals[written]));
		returned_handshake();
		first = depart(segment(HOST_CLIENT, 1, PUSHES, 1, 1, 1));
		first->delayed = true;
		segment(HOST_CLIENT, 2, PUSHES, 2, 1, 1);
		arrive(&t.segments[FIRST_OWN], 20);
		if (written < 2)
			passes();
		else
			fails_at(">server P. 2:3", 0);
	}
}

/* ---- a plain ACK and the lines above it ---- */

static void one_and_fin(const char *rest)
{
	script(arena_printf(&arena,
			    HANDSHAKE "client send(c, \"one\") = 3\n client> P. 1:4(3)\n"
				      "client close(c) = 0\n%s",
			    rest));
	returned_handshake();
	returned("client send", 0, 1, 3, 0)->descriptor = "c";
	returned("client close", 0, 10, 0, 0)->descriptor = "c";
	segment(HOST_CLIENT, 1, PUSHES, 1, 3, 1);
}

/* Without a number it must have been sent after the packets above had reached its sender. */
static void test_bare_ack_is_newer(void **state)
{
	for (int crossing = 0; crossing < 2; crossing++) {
		int early;

		fresh(state);
		one_and_fin(" client> F.\n server> .\n");
		early = segment(HOST_SERVER, 2, PLAIN, 1, 0, 4)->id;
		if (crossing)
			depart(&t.segments[early]);
		judge_all(false);
		assert_false(verdict.diverged); /* nor is it met: the FIN is to come */
		assert_int_equal(verdict.lines[line_of("server> .", 0)].fate, LINE_PENDING);
		segment(HOST_CLIENT, 11, FINISHES, 4, 0, 1);
		if (crossing)
			arrive(&t.segments[early], 12);
		fails_at("server> .", 0);
		assert_non_null(strstr(verdict.problems[0].message, "before the lines above"));
		segment(HOST_SERVER, 51, PLAIN, 1, 0, 5);
		passes();
		assert_int_equal(verdict.lines[line_of("server> .", 0)].segment, 5 + FIRST_OWN - 2);
	}
}

/* It is not known whether the FIN has come, and so not whether this is an answer to it. */
static void test_bare_ack_waits(void **state)
{
	(void)state;
	one_and_fin(" client> F.\n server> .\n server> R.\n");
	segment(HOST_CLIENT, 11, FINISHES, 4, 0, 1)->decided = false;
	segment(HOST_SERVER, 12, PLAIN, 1, 0, 5);
	segment(HOST_SERVER, 13, FLAG_RST | FLAG_ACK, 1, 0, 5);
	judge_all(false);
	assert_false(verdict.diverged);
	assert_int_equal(verdict.lines[line_of("server> .", 0)].fate, LINE_PENDING);
	t.segments[4].decided = true;
	passes();
}

/* An earlier duplicate meets no line; it is not the answer to a later packet. */
static void test_bare_ack_is_no_older_duplicate(void **state)
{
	(void)state;
	one_and_fin(" client> F.\n server> .\n");
	segment(HOST_SERVER, 2, PLAIN, 1, 0, 4);
	segment(HOST_SERVER, 3, PLAIN, 1, 0, 4);
	judge_all(false);
	assert_true(verdict.diverged);
}

/* With a number it may have crossed the packets above, but it must not have come before them. */
static void test_numbered_ack(void **state)
{
	static const struct {
		int64_t acked, arrives_ms, later; /* another one */
		bool lost;			  /* the FIN is, which stands above */
		bool passes;
	} cases[] = {
	    {4, 2, 0, false, false}, {4, 2, 5, false, true}, {4, 12, 0, false, true},
	    {4, 2, 0, true, true},   {3, 2, 0, true, false}, {3, 12, 0, false, false},
	    {3, 2, 5, false, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct segment *fin;
		int ack;

		fresh(state);
		one_and_fin(cases[i].lost ? " client> F. lost\n server> . ack 4\n"
					  : " client> F.\n server> . ack 4\n");
		ack = depart(segment(HOST_SERVER, 2, PLAIN, 1, 0, cases[i].acked))->id;
		if (cases[i].arrives_ms < 11)
			arrive(&t.segments[ack], cases[i].arrives_ms);
		fin = segment(HOST_CLIENT, 11, FINISHES, 4, 0, 1);
		if (cases[i].lost)
			lose(fin, HOST_ROUTER);
		if (cases[i].arrives_ms > 11)
			arrive(&t.segments[ack], cases[i].arrives_ms);
		if (cases[i].later)
			segment(HOST_SERVER, 51, PLAIN, 1, 0, cases[i].later);
		if (cases[i].passes)
			passes();
		else
			fails_at("server> . ack 4", 0);
	}
}

/* Neither may have come before a silence. */
static void test_plain_ack_below_a_silence(void **state)
{
	static const char *const lines[] = {" server> .\n", " server> . ack 6\n"};

	for (size_t i = 0; i < 2; i++) {
		fresh(state);
		data_exchange(
		    arena_printf(&arena, " client> P. 1:6(5)\nquiet 100ms\n%s", lines[i]));
		segment(HOST_SERVER, 2, PLAIN, 1, 0, 6);
		line_event(EVENT_CLOCK, line_of("quiet", 0), 3, 110);
		fails_at("quiet", 0);
	}
}

/*
 * Calls may come before or after it: the script does not decide when the kernel acknowledges. Times
 * count from its place in the script.
 */
static void test_plain_ack_before_a_call(void **state)
{
	static const char *const lines[] = {" server> .\n", " server> . ack 6\n"};

	for (size_t i = 0; i < 2; i++)
		for (int late = 0; late < 2; late++) {
			fresh(state);
			data_exchange(
			    arena_printf(&arena,
					 " client> P. 1:6(5)\nclient shutdown(c, SHUT_WR) = 0\n"
					 "%s +200ms client> F.\n",
					 lines[i]));
			segment(HOST_SERVER, 2, PLAIN, 1, 0, 6);
			returned("client shutdown", 0, 500, 0, 0)->descriptor = "c";
			segment(HOST_CLIENT, late ? 750 : 700, FINISHES, 6, 0, 1);
			if (late)
				fails_at("+200ms", 0);
			else
				passes();
		}
}

/* A forged segment, too, needs an answer that is not older; a forged ACK needs none. */
static void test_plain_ack_and_what_calls_for_one(void **state)
{
	static const char *const lines[] = {" server> .\n", " server> . ack 6\n"};

	for (size_t i = 0; i < 2; i++) {
		fresh(state);
		data_exchange(arena_printf(
		    &arena, " client> P. 1:6(5)\nrouter forge client> R 9:9(0)\n%s", lines[i]));
		segment(HOST_SERVER, 2, PLAIN, 1, 0, 6);
		forged("router forge", 0, HOST_CLIENT, 10, FLAG_RST, 9);
		fails_at("server> .", 0);
		segment(HOST_SERVER, 11, PLAIN, 1, 0, 6);
		passes();
	}
	for (int probe = 0; probe < 2; probe++) {
		fresh(state);
		data_exchange(" client> P. 1:6(5)\n client> . win 0\n server> .\n");
		segment(HOST_SERVER, 2, PLAIN, 1, 0, 6);
		segment(HOST_CLIENT, 3, PLAIN, probe ? 5 : 6, 0, 1)->window = 0;
		if (probe)
			fails_at("server> .", 0);
		else
			passes();
	}
}

/* Nobody acknowledges an acknowledgement. */
static void test_bare_acks_of_both(void **state)
{
	(void)state;
	script(HANDSHAKE " client> F.\n server> F.\n client> .\n server> .\n");
	returned_handshake();
	fly("csCS", FINISHES);
	depart(segment(HOST_SERVER, 50, PLAIN, 2, 0, 2));
	depart(segment(HOST_CLIENT, 51, PLAIN, 2, 0, 2));
	arrive(&t.segments[FIRST_OWN + 2], 60);
	arrive(&t.segments[FIRST_OWN + 3], 61);
	passes();
}

/* A probe is a segment of its own, and a range is to be reached. */
static void test_asks_for_more_than_an_ack(void **state)
{
	static const struct {
		const char *line;
		int64_t acked;
		bool passes;
	} cases[] = {
	    {"server> . 1:1(0)", 6, true},    {"server> . 0:0(0)", 6, false},
	    {"server> . ack 5..7", 6, true},  {"server> . ack 7..9", 6, false},
	    {"server> . ack 7..9", 10, true}, {"server> . ack >= 7", 6, false},
	    {"server> . ack >= 6", 6, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		data_exchange(arena_printf(&arena, " client> P. 1:6(5)\n %s\n server> P. 1:3(2)\n",
					   cases[i].line));
		segment(HOST_SERVER, 2, PUSHES, 1, 2, cases[i].acked);
		if (cases[i].passes)
			passes();
		else
			fails_at("server> .", 0);
	}
}

/* ---- below `...` ---- */

/* The segment that carries an acknowledgement is covered by the `...` above its line. */
static void test_anything_covers_what_is_ridden(void **state)
{
	static const char *const lines[] = {" ...\n server> . ack 1\n", " ...\n server> .\n",
					    " ...\n server> . ack 1\n server> S.\n",
					    " ...\n server> . ack 1\n client> .\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		fresh(state);
		script(arena_printf(
		    &arena, "client socket() = c\nclient connect(c, server:80) = 0\n%s", lines[i]));
		returned_handshake();
		passes();
		segment(HOST_SERVER, 5, PUSHES, 1, 1, 1); /* but no more than that one */
		judge_all(true);
		assert_int_equal(verdict.verdict, VERDICT_FAIL);
	}
}

/* A packet that came before something above the next line does not meet that line. */
static void test_anything_and_order(void **state)
{
	(void)state;
	for (int seen = 0; seen < 3; seen++) {
		fresh(NULL);
		data_exchange(" client> P. 1:6(5)\n ...\nclient send(c, \"b\") = 1\n client> P.\n");
		segment(HOST_CLIENT, 5, PUSHES, 1, 5, 1); /* again */
		judge_all(false);
		assert_false(verdict.diverged);
		assert_int_equal(verdict.lines[line_of("client> P.", 1)].fate, LINE_PENDING);
		segment(HOST_CLIENT, 8, PUSHES, 1, 5, 1); /* and again */
		if (seen > 0)
			returned("client send", 1, 10, 1, 0)->descriptor = "c";
		if (seen > 1)
			segment(HOST_CLIENT, 11, PUSHES, 6, 1, 1);
		judge_all(false);
		assert_false(verdict.diverged);
		if (seen == 1) /* it is told what came instead */
			fails_at("client> P.", 1);
		else if (seen == 2)
			passes();
	}
}

/* Nor does one that the other end had before it sent the packets above. */
static void test_anything_and_the_other_end(void **state)
{
	(void)state;
	script(HANDSHAKE " client> P. 1:2(1)\n ...\n server> P. (1)\n");
	returned_handshake();
	segment(HOST_SERVER, 1, PUSHES, 1, 1, 1);
	segment(HOST_CLIENT, 2, PUSHES, 1, 1, 2);
	fails_at("server> P.", 0);
	segment(HOST_SERVER, 3, PUSHES, 2, 1, 2);
	passes();
	assert_int_equal(verdict.lines[line_of("server> P.", 0)].segment, FIRST_OWN + 2);
}

/* A line with a gap takes the first that comes in time; if none does, the nearest is named. */
static void test_anything_and_a_gap(void **state)
{
	static const struct {
		int64_t at_ms[4];
		int64_t chosen_ms; /* 0: passes with none to be told of */
		bool passes;
	} cases[] = {
	    {{501}, 501, true},	      {{201, 501}, 501, true},	{{201, 451, 551, 901}, 551, true},
	    {{201, 451}, 451, false}, {{201, 901}, 201, false}, {{201, 801}, 801, false},
	    {{801}, 801, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct line_judgement *j;

		fresh(state);
		data_exchange(" client> P. 1:6(5) lost @first\n ...\n"
			      " @first+500ms..600ms client> P. 1:6(5) lost\n ...\n");
		lose(&t.segments[FIRST_OWN], HOST_ROUTER);
		for (int k = 0; k < 4 && cases[i].at_ms[k]; k++)
			lose(segment(HOST_CLIENT, cases[i].at_ms[k], PUSHES, 1, 5, 1), HOST_ROUTER);
		judge_all(false);
		assert_int_equal(verdict.diverged, !cases[i].passes && cases[i].chosen_ms != 451);
		if (cases[i].passes)
			passes();
		else
			fails_at("@first+", 0);
		j = &verdict.lines[line_of("@first+", 0)];
		assert_int_equal(t.segments[j->segment].sent, t.start + cases[i].chosen_ms * MS);
	}
}

/* The segments of `data (n)` below `...` have no hole, wherever they begin. */
static void test_anything_and_some_data(void **state)
{
	static const struct {
		const char *data;
		enum verdict verdict;
	} rows[] = {
	    {"(100)", VERDICT_PASS},	     {"(1000)", VERDICT_PASS},
	    {"(50)", VERDICT_PASS},	     {"(1100)", VERDICT_PASS},
	    {"(1050)", VERDICT_PASS},	     {"(150)", VERDICT_FAIL},
	    {"(1150)", VERDICT_PASS},	     {"(1151)", VERDICT_FAIL},
	    {"(99)", VERDICT_FAIL},	     {"101:1151(1050)", VERDICT_PASS},
	    {"51:1101(1050)", VERDICT_FAIL}, {"1:1101(1100)", VERDICT_PASS},
	    {"2:1102(1100)", VERDICT_FAIL},  {"$a:1151(1050)", VERDICT_PASS},
	    {"$a:1101(1050)", VERDICT_FAIL}, {"$a:1101(1000)", VERDICT_PASS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fresh(NULL);
		script(arena_printf(&arena,
				    HANDSHAKE
				    "client send(c, ..., 1150) = 1150\n ...\n client> data %s\n"
				    " ...\n",
				    rows[i].data));
		returned_handshake();
		made("client send", 0, 1, 1150);
		segment(HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 100, 1);
		segment(HOST_CLIENT, 3, FLAG_PSH | FLAG_ACK, 101, 1000, 1);
		segment(HOST_CLIENT, 4, FLAG_PSH | FLAG_ACK, 1, 100, 1); /* a repetition */
		segment(HOST_CLIENT, 5, FLAG_PSH | FLAG_ACK, 1101, 50, 1);
		judge_all(true);
		if (verdict.verdict != rows[i].verdict)
			fail_msg("data %s: %s", rows[i].data, verdict_names[verdict.verdict]);
	}
}

/* `data` likewise, as a whole. */
static void test_anything_and_a_gap_of_data(void **state)
{
	static const struct {
		int64_t at_ms[4];
		bool passes;
	} cases[] = {
	    {{10, 11, 100, 101}, true},
	    {{99, 101}, true},
	    {{10, 11}, false},
	    {{10, 11, 12, 13}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		script(HANDSHAKE "client send(c, ..., 40) = 40\n ...\n +100ms client> data (20)\n");
		returned_handshake();
		returned("client send", 0, 1, 40, 0);
		for (int k = 0; k < 4 && cases[i].at_ms[k]; k++)
			segment(HOST_CLIENT, cases[i].at_ms[k], PUSHES, 1 + 10 * k, 10, 1);
		if (cases[i].passes)
			passes();
		else
			fails_at("+100ms", 0);
	}
}

/* An arrival, too, is one that fits in time. */
static void test_arrival_and_gap(void **state)
{
	static const struct {
		int64_t at_ms[2];
		bool passes;
	} cases[] = {{{201, 501}, true}, {{501}, true}, {{201}, false}, {{201, 801}, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fresh(state);
		data_exchange(" client> P. 1:6(5) @first\n ...\n"
			      " @first+500ms..600ms >server P. 1:6(5)\n ...\n");
		for (int k = 0; k < 2 && cases[i].at_ms[k]; k++)
			segment(HOST_CLIENT, cases[i].at_ms[k], PUSHES, 1, 5, 1);
		if (cases[i].passes)
			passes();
		else
			fails_at("@first+", 0);
	}
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

/* ---- really settled, and only apparently settled ---- */

/* In each case the first step is over when an event comes that could still change how it was met.
 * */

static void first_step(void)
{
	returned_handshake();
	returned("client send", 0, 5, 4, 0);
	segment(HOST_CLIENT, 5, FLAG_ACK | FLAG_PSH, 1, 4, 1);
}

#define FIRST_STEP HANDSHAKE "client send(c, \"ping\", 4) = 4\n"

/*
 * A call further down is the first to bind a name, because calls are evaluated first. The judge
 * that continues finds that the call is wrong; then the one that begins again gives the message.
 */
static void test_settled_names(void **state)
{
	(void)state;
	fresh(NULL);
	script(FIRST_STEP " client> P. $a:5(4)\n"
			  "client ioctl(c, SIOCOUTQ, [0]) = 0\n"
			  "client ioctl(c, SIOCINQ, [$a]) = 0\n");
	first_step();
	returned("client ioctl", 0, 6, 0, 0)->seen[2] = "[0]";
	returned("client ioctl", 1, 7, 0, 0)->seen[2] = "[7]";
	fails_at("client> P.", 0);
}

/* It was passed over because something above it had not come yet, which nobody would answer. */
static void test_settled_passed_over(void **state)
{
	(void)state;
	fresh(NULL);
	script(FIRST_STEP " client> P. (4)\n"
			  "client ioctl(c, SIOCOUTQ, [0]) = 0\n"
			  "client ioctl(c, SIOCINQ, [0]) = 0\n"
			  " client> . 5:5(0) ack 1 win 64000\n server> .\n");
	first_step();
	returned("client ioctl", 0, 6, 0, 0)->seen[2] = "[0]";
	segment(HOST_SERVER, 7, FLAG_ACK, 1, 0, 5);
	returned("client ioctl", 1, 8, 0, 0)->seen[2] = "[0]";
	segment(HOST_CLIENT, 8, FLAG_ACK, 5, 0, 1);
	passes();
}

/* Packets come before the lines that they meet are begun. */
static void test_settled_too_early(void **state)
{
	(void)state;
	fresh(NULL);
	script(FIRST_STEP " client> P. (4)\n"
			  "client ioctl(c, SIOCOUTQ, [0]) = 0\n"
			  " server> P. (4)\n"
			  "client ioctl(c, SIOCINQ, [0]) = 0\n"
			  " >server P. (4)\n");
	first_step();
	segment(HOST_SERVER, 6, FLAG_ACK | FLAG_PSH, 1, 4, 5);
	returned("client ioctl", 0, 7, 0, 0)->seen[2] = "[0]";
	returned("client ioctl", 1, 8, 0, 0)->seen[2] = "[0]";
	judge_all(true);
}

/* A packet that had been held is preferred, also by the first line. */
static void test_settled_held(void **state)
{
	(void)state;
	fresh(NULL);
	script(FIRST_STEP " client> P. (4)\n >server P. (4)\n"
			  "client send(c, \"pong\", 4) = 4\n"
			  " client> P. (4) held\n >server P. (4)\n");
	first_step();
	returned("client send", 1, 6, 4, 0);
	segment(HOST_CLIENT, 7, FLAG_ACK | FLAG_PSH, 5, 4, 1)->held = true;
	judge_all(true);
}

/* The call is written below the settled part, but came before it. */
static void test_settled_order(void **state)
{
	(void)state;
	fresh(NULL);
	script(FIRST_STEP " client> P. (4)\nclient ioctl(c, SIOCOUTQ, [0]) = 0\n");
	first_step();
	returned("client ioctl", 0, 3, 0, 0)->seen[2] = "[0]";
	fails_at("client ioctl", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_errno),
	    TEST(test_missing_return),
	    TEST(test_data_filled_in),
	    TEST(test_nothing_filled_in),
	    TEST(test_resolved_of_one_run),
	    TEST(test_open_call_stays_open),
	    TEST(test_open_call_must_block),
	    TEST(test_resumed_call),
	    TEST(test_call_without_return),
	    TEST(test_death_unasked),
	    TEST(test_death_seen_late),
	    TEST(test_process_name),
	    TEST(test_process_state),
	    TEST(test_signal_unasked),
	    TEST(test_variable_binds_once),
	    TEST(test_variable_bound_later),
	    TEST(test_variable_in_arguments),
	    TEST(test_to_address),
	    TEST(test_shown),
	    TEST(test_handshake),
	    TEST(test_wrong_flags),
	    TEST(test_third_ack_is_not_plain),
	    TEST(test_unasked_packet),
	    TEST(test_plain_ack_unwritten),
	    TEST(test_plain_ack_lost),
	    TEST(test_acks_exact),
	    TEST(test_plain_ack_written),
	    TEST(test_plain_ack_riding),
	    TEST(test_repeated_ack_must_be_seen),
	    TEST(test_data),
	    TEST(test_data_fields),
	    TEST(test_data_short),
	    TEST(test_anything),
	    TEST(test_lost),
	    TEST(test_fate_open),
	    TEST(test_order_in_a_lane),
	    TEST(test_packet_before_its_call),
	    TEST(test_reading_below_other_packets),
	    TEST(test_gap),
	    TEST(test_gap_from_a_call),
	    TEST(test_gap_below_a_call_that_waits),
	    TEST(test_gap_from_a_call_that_waits),
	    TEST(test_gap_range_and_label),
	    TEST(test_gap_from_an_action),
	    TEST(test_gap_beside_an_action),
	    TEST(test_action_not_done),
	    TEST(test_label_in_a_repeat),
	    TEST(test_late_action),
	    TEST(test_overdue_action),
	    TEST(test_late_machine),
	    TEST(test_late_answer),
	    TEST(test_machine_is_not_to_blame),
	    TEST(test_late_call_forgery_reading),
	    TEST(test_late_after_a_failure),
	    TEST(test_labels),
	    TEST(test_ss),
	    TEST(test_ss_later_answer_counts),
	    TEST(test_not_begun),
	    TEST(test_ss_with_a_gap),
	    TEST(test_ss_after_a_call),
	    TEST(test_sum_too_large),
	    TEST(test_nstat),
	    TEST(test_quiet_before_return),
	    TEST(test_quiet),
	    TEST(test_disturbed),
	    TEST(test_datagrams),
	    TEST(test_datagram_of_another),
	    TEST(test_quoted_datagrams),
	    TEST(test_held),
	    TEST(test_held_ack_is_not_plain),
	    TEST(test_other_fates),
	    TEST(test_arrival_below),
	    TEST(test_crossing),
	    TEST(test_order_of_an_icmp_error),
	    TEST(test_crossing_arrival_written),
	    TEST(test_call_and_arrival),
	    TEST(test_overtaken),
	    TEST(test_bare_ack_is_newer),
	    TEST(test_bare_ack_waits),
	    TEST(test_bare_ack_is_no_older_duplicate),
	    TEST(test_numbered_ack),
	    TEST(test_plain_ack_below_a_silence),
	    TEST(test_plain_ack_before_a_call),
	    TEST(test_plain_ack_and_what_calls_for_one),
	    TEST(test_bare_acks_of_both),
	    TEST(test_asks_for_more_than_an_ack),
	    TEST(test_anything_covers_what_is_ridden),
	    TEST(test_anything_and_order),
	    TEST(test_anything_and_the_other_end),
	    TEST(test_anything_and_a_gap),
	    TEST(test_anything_and_a_gap_of_data),
	    TEST(test_anything_and_some_data),
	    TEST(test_arrival_and_gap),
	    TEST(test_forged),
	    TEST(test_forged_is_not_sent),
	    TEST(test_forged_lost),
	    TEST(test_forged_takes_blame),
	    TEST(test_forged_order),
	    TEST(test_forgotten),
	    TEST(test_packet_of_another_result),
	    TEST(test_forgotten_in_between),
	    TEST(test_unasked_beside_readings),
	    TEST(test_came_of_waiting),
	    TEST(test_reset_behind_arrival),
	    TEST(test_arrival_unasked),
	    TEST(test_near_miss),
	    TEST(test_other_side),
	    TEST(test_near_connection),
	    TEST(test_reference_without_gap),
	    TEST(test_accept_waits),
	    TEST(test_accept_waits_for_another),
	    TEST(test_accept_is_not_asked),
	    TEST(test_accept_of_several),
	    TEST(test_accept_after_a_refusal),
	    TEST(test_accept_of_several_and_arrival),
	    TEST(test_wrong_tag),
	    TEST(test_nearest_miss),
	    TEST(test_met_is_no_miss),
	    TEST(test_near_data),
	    TEST(test_differing_fields),
	    TEST(test_differing_arguments),
	    TEST(test_differing_counters),
	    TEST(test_timing_said),
	    TEST(test_numbers_said),
	    TEST(test_settled_names),
	    TEST(test_settled_passed_over),
	    TEST(test_settled_too_early),
	    TEST(test_settled_held),
	    TEST(test_settled_order),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	print_message("settled: %zu lines\n", settled);

	arena_free(&arena);
	return failed;
}
