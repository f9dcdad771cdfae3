/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `try`: what is measured on recorded time lines, and what is said of it: rows, sentences, and what
 * is expected. Each expectation is shown to hold once, and to fail if it is turned wrong.
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

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/base/wrap.h"
#include "harness/try/try.h"
#include "tests/recorded.h"

#define FAILED_AT  100 /* ms */
#define CONNECTION 7   /* an inode */

static struct line lines[2];
static struct judgement verdict;
static struct line_judgement fates[2];

/* A failure that has happened, and a program that has not ended. */
static int fresh(void **state)
{
	(void)state;
	recorded_begin();
	t.watched = t.start + FAILED_AT * MS + 24 * 3600 * NS_PER_S;
	lines[0] = (struct line){.kind = LINE_FAILURE, .failure = {.of = OF_CLIENT}};
	lines[1] = (struct line){.kind = LINE_PROGRAM, .actor = {.id = HOST_CLIENT}};
	run = (struct run){.failure = &lines[0],
			   .subject = HOST_CLIENT,
			   .lines = lines,
			   .line_count = ARRAY_SIZE(lines),
			   .facts = {.family = 4}};
	fates[1] = (struct line_judgement){.fate = LINE_MET, .event = -1};
	verdict = (struct judgement){
	    .lines = fates,
	    .failure = {.line = 1, .happened = true, .hangs = true, .end = -1},
	};
	verdict.failure.at = t.start + FAILED_AT * MS;
	return 0;
}

static struct event *event(enum event_kind kind, int64_t from_ms, int64_t to_ms)
{
	struct event *e = host_event(kind, HOST_CLIENT, from_ms, to_ms);

	e->program = true;
	return e;
}

static struct event *called(const char *text, int64_t at_ms)
{
	struct event *e = program_event(EVENT_CALL, HOST_CLIENT, text, at_ms);

	e->inode = CONNECTION;
	return e;
}

static struct event *returned(const char *text, int64_t at_ms, int64_t result, int error)
{
	return as_return(called(text, at_ms), result, error);
}

static struct event *call(const char *text, int64_t at_ms, int64_t result, int error)
{
	called(text, at_ms);
	return returned(text, at_ms, result, error);
}

static void socket_made(const char *text, uint64_t inode)
{
	struct event *e = call(text, 1, 3, 0);

	e->inode = 0;
	e->made = inode;
}

/* It has a connection before the failure. */
static void connected(void)
{
	socket_made("socket(AF_INET, SOCK_STREAM, 0)", CONNECTION);
	call("connect(3, server:8080)", 2, 0, 0);
}

static void ended(int64_t at_ms, int status, int signal)
{
	struct event *e = event(EVENT_DEATH, at_ms, at_ms);

	e->status = status;
	e->signal = signal;
	verdict.failure.end = (int)(e - t.events);
	verdict.failure.hangs = false;
}

static struct measured measured(void)
{
	return measure(&arena, &run, &t, &verdict, run.subject);
}

/* ---- measuring ---- */

static void test_first_error(void **state)
{
	struct measured m;

	(void)state;
	connected();
	call("send(3, \"x\", 1)", 50, -1, EPIPE); /* before the failure: of something else */
	call("recv(3, ..., 10, MSG_DONTWAIT)", 110, -1, EAGAIN);
	call("recv(3, ..., 10)", 120, -1, ECONNRESET);
	call("recv(3, ..., 10)", 130, -1, ENOTCONN);
	ended(150, 7, 0);
	m = measured();
	assert_true(m.happened);
	assert_string_equal(m.error, "ECONNRESET");
	assert_string_equal(m.call, "recv");
	assert_int_equal(m.error_after, 20 * MS);
	assert_int_equal(m.how, ENDED_EXITED);
	assert_int_equal(m.status, 7);
	assert_int_equal(m.end, 50 * MS);
}

static void test_error_asked_for(void **state)
{
	(void)state;
	connected();
	call("getsockopt(3, SO_ERROR, ...)", 110, 0, 0)->seen[2] = "[0]";
	assert_null(measured().error);
	call("getsockopt(3, SO_ERROR, ...)", 120, 0, 0)->seen[2] = "[ECONNREFUSED]";
	assert_string_equal(measured().error, "ECONNREFUSED");
}

static void test_end_of_peer(void **state)
{
	(void)state;
	connected();
	call("recv(3, ..., 10)", 120, 0, 0);
	assert_string_equal(measured().error, "EOF");
}

/* A socket without connections may ask for its address, and get an error that is none. */
static void test_other_sockets(void **state)
{
	(void)state;
	socket_made("socket(AF_INET, SOCK_DGRAM, 0)", CONNECTION);
	call("connect(3, server:8080)", 120, -1, ENETUNREACH);
	assert_null(measured().error);
	assert_false(measured().has_connected);
}

/* What follows from a call may come before the call has returned. */
static void test_beginning_of_failure(void **state)
{
	struct event *failure;

	(void)state;
	connected();
	failure = event(EVENT_RETURN, 90, FAILED_AT);
	failure->program = false;
	fates[1].event = (int)(failure - t.events);
	call("recv(3, ..., 10)", 95, -1, ECONNRESET);
	assert_string_equal(measured().error, "ECONNRESET");
	assert_int_equal(measured().error_after, 5 * MS);
}

static void test_ends(void **state)
{
	struct event *crash;

	(void)state;
	connected();
	assert_int_equal(measured().how, ENDED_NOT);
	assert_int_equal(measured().end, 24 * 3600 * NS_PER_S);
	crash = event(EVENT_ACTION, 103, 103);
	crash->program = false;
	lines[1].kind = LINE_CRASH;
	fates[1].event = (int)(crash - t.events);
	verdict.failure.line = 0;
	fates[0].event = -1;
	assert_int_equal(measured().how, ENDED_CRASHED);
	assert_int_equal(measured().end, 3 * MS);
	lines[1].actor.id = HOST_SERVER;
	assert_int_equal(measured().how, ENDED_NOT);
	ended(200, 0, SIGPIPE);
	assert_int_equal(measured().how, ENDED_KILLED);
	assert_string_equal(measured().signal, "SIGPIPE");
}

/* What it had to wait, and the lab while it ran; not what was over before, and not more than all.
 */
static void test_waited(void **state)
{
	(void)state;
	connected();
	call("send(3, \"x\", 1)", 50, 1, 0)->waited = 30 * MS;
	host_event(EVENT_DISTURBED, HOST_CLIENT, 40, 90)->slow = true;
	host_event(EVENT_DISTURBED, HOST_CLIENT, 110, 170)->slow = true;
	host_event(EVENT_DISTURBED, HOST_CLIENT, 180, 190);
	ended(200, 0, 0);
	t.events[t.event_count - 1].waited = 37 * MS;
	host_event(EVENT_DISTURBED, HOST_CLIENT, 210, 290)->slow = true;
	assert_int_equal(measured().waited, 67 * MS);
	t.events[t.event_count - 2].waited = 370 * MS;
	assert_int_equal(measured().waited, 100 * MS);
}

static void test_left_early(void **state)
{
	(void)state;
	assert_false(measured().left_early);
	t.left_early = true;
	t.left_why = "it had made 200000 calls";
	assert_true(measured().left_early);
	assert_string_equal(measured().left_why, t.left_why);
	ended(150, 0, 0);
	assert_false(measured().left_early);
	assert_null(measured().left_why);
}

/* It was given up after 40 s: what counts is the last quarter of these. */
static void test_at_work(void **state)
{
	static const int64_t most = 40000, since = FAILED_AT + 3 * most / 4;

	(void)state;
	connected();
	t.watched = t.start + (FAILED_AT + most) * MS;
	call("recv(3, ..., 10)", since - 1, 10, 0);
	call("recv(3, ..., 10)", since + 1, -1, EAGAIN);
	call("write(1, ..., 10)", since + 2, 10, 0)->inode = 0;
	assert_false(measured().at_work);
	assert_false(measured().left_early);
	call("recv(3, ..., 10)", since + 3, 1, 0);
	assert_true(measured().at_work);
	assert_true(measured().left_early);
	assert_string_equal(measured().left_why, "data still went over its connections");
	run.subject = HOST_SERVER; /* which need not end */
	assert_false(measured().at_work);
	run.subject = HOST_CLIENT;
	t.watched = t.start + FAILED_AT * MS + 24 * 3600 * NS_PER_S;
	call("recv(3, ..., 10)", 24 * 3600 * 1000LL, 1, 0);
	assert_false(measured().at_work);
	t.watched = t.start + (FAILED_AT + most) * MS;
	ended(most, 0, 0);
	assert_false(measured().at_work);
}

static void test_connects_again(void **state)
{
	(void)state;
	t.watched = t.start + (FAILED_AT + 40000) * MS;
	connected();
	socket_made("socket(AF_INET, SOCK_STREAM, 0)", CONNECTION + 1);
	call("connect(3, server:8080)", FAILED_AT + 29000, -1, ECONNREFUSED);
	assert_false(measured().at_work);
	event(EVENT_CALL, FAILED_AT + 39000, FAILED_AT + 39000)->name = "connect";
	t.events[t.event_count - 1].inode = CONNECTION;
	assert_string_equal(measured().left_why, "it still connected again and again");
}

static void test_computes(void **state)
{
	(void)state;
	t.watched = t.start + (FAILED_AT + 40000) * MS;
	connected();
	t.computed[HOST_CLIENT] = t.start + (FAILED_AT + 29000) * MS;
	t.computed[HOST_SERVER] = t.watched; /* another program */
	assert_false(measured().at_work);
	t.computed[HOST_CLIENT] = t.start + (FAILED_AT + 39000) * MS;
	assert_string_equal(measured().left_why, "it was still computing");
}

static void test_not_happened(void **state)
{
	struct problem p = {.message = "expected client> S; got nothing"};
	struct measured m;

	(void)state;
	verdict.failure.happened = false;
	verdict.problems = &p;
	verdict.problem_count = 1;
	connected();
	ended(21, 3, 0);
	m = measured();
	assert_false(m.happened);
	assert_string_equal(m.not_why, p.message);
	assert_int_equal(m.end, 20 * MS); /* since its first event */
}

/* What happens to the network from the beginning does not happen to a program that never connects.
 */
static void test_never_connected(void **state)
{
	struct measured m;
	struct event *e;

	(void)state;
	socket_made("socket(AF_INET, SOCK_STREAM, 0)", CONNECTION);
	ended(150, 0, 0);
	e = call("send(3, \"x\", 1)", 120, -1, ENOTCONN);
	m = measured();
	assert_false(m.happened);
	assert_string_equal(m.not_why, "the program has made no TCP connection");
	assert_null(m.error);
	e->note = "io_uring"; /* it may have connected, unseen */
	assert_true(measured().happened);
	e->note = NULL;
	assert_true(
	    measure(&arena, &run, &t, &verdict, HOST_SERVER).happened); /* waits for others */
}

static void options_told(enum host host, uint64_t inode, struct socket_options o)
{
	*arena_push(&arena, t.sockets, t.socket_count) = (struct program_socket){host, inode, o};
}

/* What the kernel said of the last connection, the last time; however it was set. */
static void test_options(void **state)
{
	const struct socket_options wrong = {.user_timeout = 1};
	struct measured m;

	(void)state;
	assert_false(measured().has_connected);
	connected();
	call("setsockopt(3, TCP_USER_TIMEOUT, 30000)", 5, 0, 0);
	m = measured();
	assert_true(m.has_connected && !m.has_options);
	options_told(HOST_CLIENT, CONNECTION, wrong);
	options_told(HOST_CLIENT, CONNECTION,
		     (struct socket_options){.keepalive = true, .idle = 60, .send_limit = true});
	options_told(HOST_SERVER, CONNECTION, wrong);
	options_told(HOST_CLIENT, CONNECTION + 1, wrong);
	m = measured();
	assert_true(m.has_options && m.options.keepalive && m.options.send_limit);
	assert_int_equal(m.options.idle, 60);
	assert_int_equal(m.options.user_timeout, 0);
}

static void test_accepted(void **state)
{
	struct event *e;

	(void)state;
	socket_made("socket(AF_INET, SOCK_STREAM, 0)", CONNECTION);
	e = call("accept(3, ...)", 4, 4, 0);
	e->made = 8;
	e = call("recv(4, ..., 10)", 110, -1, ECONNRESET);
	e->inode = 8;
	options_told(HOST_CLIENT, 8, (struct socket_options){.keepalive = true});
	options_told(HOST_CLIENT, CONNECTION, (struct socket_options){.user_timeout = 1});
	assert_true(measured().has_options && measured().options.keepalive);
	assert_string_equal(measured().error, "ECONNRESET");
}

/* A server in the background ends with its last process; a client with its first one. */
static void test_background(void **state)
{
	struct event *e;

	(void)state;
	ended(150, 0, 0);
	t.events[t.event_count - 1].others = true;
	assert_int_equal(measured().how, ENDED_EXITED);
	run.subject = HOST_SERVER;
	t.events[t.event_count - 1].host = HOST_SERVER;
	assert_int_equal(measured().how, ENDED_NOT);
	e = event(EVENT_DEATH, 160, 160);
	e->host = HOST_SERVER;
	e->part = "t2";
	e->status = 1;
	e->others = true;
	assert_int_equal(measured().how, ENDED_NOT);
	e = event(EVENT_DEATH, 170, 170);
	e->host = HOST_SERVER;
	e->part = "t3";
	e->status = 4;
	assert_int_equal(measured().status, 4);
	assert_int_equal(measured().end, 70 * MS);
	t.events[0].status = 2; /* the first one has failed: that is no background */
	assert_int_equal(measured().status, 2);
	assert_int_equal(measured().end, 50 * MS);
}

static void test_place(void **state)
{
	struct measured m;

	(void)state;
	connected();
	call("poll([{fd=3, events=POLLIN}], 1, 1000)", 110, 0, 0);
	call("poll([{fd=3, events=POLLIN}], 1, 0)", 1110, 0, 0);
	m = measured();
	assert_false(m.is_in);
	assert_int_equal(m.in_limit, 1000); /* of those that it repeats, the longest */
	called("recv(3, ..., 10)", 2000);
	m = measured();
	assert_true(m.is_in);
	assert_string_equal(m.in, "recv(3, ..., 10)");
	assert_int_equal(m.in_limit, -1);
}

/* ---- what is tried again ---- */

static void sent(int of, enum host from, int64_t at_ms, uint8_t flags, int64_t seq, uint32_t length)
{
	while (t.connection_count <= (size_t)of)
		arena_push(&arena, t.connections, t.connection_count);
	segment_of(of, from, at_ms, flags, seq, length, 0);
}

static void test_again(void **state)
{
	struct measured m;

	(void)state;
	sent(0, HOST_CLIENT, 1, FLAG_SYN, 0, 0);
	sent(0, HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 100);
	sent(0, HOST_CLIENT, 50, FLAG_PSH | FLAG_ACK, 1, 100);	 /* before the failure */
	sent(0, HOST_CLIENT, 110, FLAG_PSH | FLAG_ACK, 101, 20); /* for the first time */
	sent(0, HOST_SERVER, 120, FLAG_PSH | FLAG_ACK, 1, 900);	 /* somebody else's */
	sent(0, HOST_CLIENT, 200, FLAG_PSH | FLAG_ACK, 91, 30);
	m = measured();
	assert_int_equal(m.connections, 0);
	assert_int_equal(m.bytes, 30);
	sent(1, HOST_CLIENT, 300, FLAG_SYN, 0, 0);
	sent(1, HOST_CLIENT, 301, FLAG_PSH | FLAG_ACK, 1, 100);
	m = measured();
	assert_int_equal(m.connections, 1);
	assert_int_equal(m.bytes, 130);
}

/* Its first connection is no attempt more, whenever it was begun. */
static void test_first_attempt(void **state)
{
	(void)state;
	sent(0, HOST_CLIENT, 110, FLAG_SYN, 0, 0);
	sent(0, HOST_CLIENT, 120, FLAG_PSH | FLAG_ACK, 1, 100);
	assert_int_equal(measured().connections, 0);
	assert_int_equal(measured().bytes, 0);
}

/* ---- in JSON ---- */

static void test_json(void **state)
{
	struct measured m, again;
	json_t *json;

	(void)state;
	connected();
	options_told(HOST_CLIENT, CONNECTION, (struct socket_options){.keepalive = true});
	call("recv(3, ..., 10)", 120, -1, ECONNRESET);
	ended(150, 0, SIGPIPE);
	m = measured();
	m.last = "a line\033[31m, and no command for a terminal";
	json = measured_json(&m);
	assert_true(measured_read(&arena, json, &again));
	assert_string_equal(again.error, m.error);
	assert_string_equal(again.signal, m.signal);
	assert_string_equal(again.last, "a line\\x1b[31m, and no command for a terminal");
	assert_int_equal(again.end, m.end);
	assert_true(again.options.keepalive && again.has_connected && again.has_options);
	assert_false(again.left_early);
	json_object_del(json, "end");
	assert_false(measured_read(&arena, json, &again));
	json_decref(json);
	assert_false(measured_read(&arena, NULL, &again));
}

/* ---- rows ---- */

static struct row row_of(struct measured m)
{
	return (struct row){
	    .name = "refused", .failure = "refused", .shown = "refused", .title = "Nobody", .m = m};
}

static const char *printed(const struct row *row)
{
	struct table_style style = {.name_width = 10};
	struct text text;

	table_row(text_open(&text), &style, row);
	return text_close(&text, &arena);
}

static void test_times(void **state)
{
	static const struct {
		ns_t time;
		const char *text;
	} rows[] = {
	    {0, "0 us"},
	    {999999, "999 us"},
	    {999 * MS, "999 ms"},
	    {1500 * MS, "1.5 s"},
	    {59 * NS_PER_S + 400 * MS, "59.4 s"},
	    {59 * NS_PER_S + 600 * MS, "1 min 0 s"},
	    {954 * NS_PER_S, "15 min 54 s"},
	    {3600 * NS_PER_S, "1 h 0 min"},
	    {24 * 3600 * NS_PER_S, "24 h 0 min"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(table_time(&arena, rows[i].time), rows[i].text);
}

static void test_row(void **state)
{
	struct measured m = {.happened = true,
			     .is_needed = true,
			     .how = ENDED_EXITED,
			     .status = 7,
			     .end = 954 * NS_PER_S,
			     .error = "ETIMEDOUT",
			     .error_after = 900 * NS_PER_S,
			     .connections = 12,
			     .bytes = 1234567};
	struct row row = row_of(m);

	(void)state;
	assert_string_equal(printed(&row),
			    "refused     ETIMEDOUT       15 min 0 s  exited with 7   "
			    "   15 min 54 s     12  1234k\n");
	row.m.last = "a\tline";
	assert_non_null(strstr(printed(&row), "\n    a\\tline\n"));
	row.m.last = arena_printf(&arena, "%0200d", 0);
	assert_int_equal(strlen(strstr(printed(&row), "\n") + 1), 101); /* with its newline */
	row.m.how = ENDED_NOT;
	assert_non_null(strstr(printed(&row), "still hanging"));
	row.m.is_needed = false;
	assert_non_null(strstr(printed(&row), "still there"));
	row.m.happened = false;
	assert_non_null(strstr(printed(&row), "not reached"));
	row.verdict = VERDICT_SKIP;
	row.why = "takes long";
	assert_string_equal(printed(&row), "refused     skip: takes long\n");
	row = row_of(m);
	row.shown = "a name that is too long";
	assert_non_null(strstr(printed(&row), "a name that is too long\n            ETIMEDOUT"));
}

static void test_name(void **state)
{
	struct planned planned = {.name = "cut-30s,ipv6,moment=idle"};

	(void)state;
	assert_string_equal(table_name(&arena, &planned), "cut-30s, ipv6, idle");
	planned.name = "refused";
	assert_string_equal(table_name(&arena, &planned), "refused");
}

/* ---- sentences ---- */

/* The only sentence about it; "": there is none. */
static const char *said(struct measured m)
{
	struct row row = row_of(m);
	const char **list = words_of(&arena, &row);

	assert_true(!list[0] || !list[1]);
	return list[0] ? list[0] : "";
}

/* One call can move very much; what is sent again is no work of the program. */
static void test_carries(void **state)
{
	const int64_t at = FAILED_AT + 39000;
	struct row row;

	(void)state;
	t.watched = t.start + (FAILED_AT + 40000) * MS;
	sent(0, HOST_CLIENT, 1, FLAG_SYN, 0, 0);
	sent(0, HOST_CLIENT, 2, FLAG_PSH | FLAG_ACK, 1, 100);
	sent(0, HOST_CLIENT, at, FLAG_PSH | FLAG_ACK, 1, 100);
	sent(0, HOST_SERVER, at, FLAG_ACK, 1, 0);
	assert_false(measured().at_work);
	sent(0, HOST_SERVER, at, FLAG_PSH | FLAG_ACK, 1, 10);
	assert_string_equal(measured().left_why, "data still went over its connections");
	assert_string_equal(said(measured()),
			    "has not ended 40.0 s after the failure: data still went "
			    "over its connections when it was given up");
	row = row_of(measured());
	assert_string_equal(table_end(&arena, &row.m), "still at work");
}

static void test_sentence_hanging(void **state)
{
	struct measured m = {.happened = true,
			     .is_needed = true,
			     .how = ENDED_NOT,
			     .end = 24 * 3600 * NS_PER_S,
			     .in = "recv(3, ..., 10)",
			     .is_in = true,
			     .in_limit = -1,
			     .has_connected = true,
			     .has_options = true};

	(void)state;
	assert_string_equal(said(m), "has not ended 24 h 0 min after the failure: it waits in "
				     "recv(3, ..., 10); no TCP_USER_TIMEOUT, keepalive off on the "
				     "connection");
	m.left_why = "it had made 200000 calls";
	assert_non_null(strstr(said(m), "has not ended 24 h 0 min after the failure, and was given "
					"up then, because it had made 200000 calls: it waits in "));
	m.left_why = NULL;
	m.in_limit = 1000;
	m.options = (struct socket_options){.keepalive = true, .idle = 7200};
	assert_string_equal(said(m), "has not ended 24 h 0 min after the failure: it waits again "
				     "and again in recv(3, ..., 10); no TCP_USER_TIMEOUT, "
				     "keepalive on (after 7200 s) on the connection");
	m.has_options = false;
	assert_non_null(strstr(said(m), "; the options of its connection are not known"));
	m.has_connected = false;
	assert_non_null(strstr(said(m), "; it has made no connection"));
	m.is_needed = false; /* a server need not end */
	assert_string_equal(said(m), "");
}

static void test_sentence_long(void **state)
{
	struct measured m = {.happened = true,
			     .is_needed = true,
			     .how = ENDED_EXITED,
			     .status = 1,
			     .end = 954 * NS_PER_S,
			     .error = "ETIMEDOUT",
			     .call = "recv",
			     .error_after = 953 * NS_PER_S,
			     .has_options = true,
			     .options = {.keepalive = true, .idle = 60}};

	(void)state;
	assert_string_equal(said(m),
			    "hangs for 15 min 54 s, until recv() gets ETIMEDOUT: no "
			    "TCP_USER_TIMEOUT, keepalive on (after 60 s) on the connection");
	m.options = (struct socket_options){.user_timeout = 5000};
	m.error = NULL;
	assert_string_equal(said(m), "hangs for 15 min 54 s, and then ends by a limit of its own: "
				     "TCP_USER_TIMEOUT 5000 ms, keepalive off on the connection");
	m.end = 59 * NS_PER_S;
	assert_string_equal(said(m), "");
}

static void test_sentence_incomplete(void **state)
{
	struct measured m = {.whose = "client",
			     .happened = true,
			     .is_needed = true,
			     .how = ENDED_EXITED,
			     .error = "EOF",
			     .answer = 1000,
			     .received = 500};

	(void)state;
	assert_string_equal(said(m),
			    "exits with 0, and has read 500 of the 1000 bytes of the answer");
	m.received = 1000;
	assert_string_equal(said(m), "");
	m.received = 500;
	m.status = 1;
	assert_string_equal(said(m), "");
}

static void test_other_sentences(void **state)
{
	struct measured m = {.happened = true, .is_needed = true, .how = ENDED_KILLED};

	(void)state;
	m.signal = "SIGPIPE";
	assert_int_equal(strncmp(said(m), "is killed by SIGPIPE: ", 22), 0);
	m.signal = "SIGSEGV";
	assert_string_equal(said(m), "is killed by SIGSEGV");
	m = (struct measured){.happened = true,
			      .is_needed = true,
			      .how = ENDED_EXITED,
			      .status = 1,
			      .connections = 49,
			      .end = 10 * MS};
	assert_string_equal(said(m), "connects again 49 times within 10 ms, without a pause");
	m.end = 30 * NS_PER_S;
	assert_string_equal(said(m), "connects again 49 times within 30.0 s");
	m.connections = 9;
	assert_string_equal(said(m), "");
	m.is_needed = false;
	assert_non_null(strstr(said(m), "a server that has ended (exited with 1, 30.0 s after"));
	m = (struct measured){.not_why = "got nothing"};
	assert_non_null(strstr(said(m), "did not get that far, so nothing is known: got nothing"));
}

/* The same is said once, of all failures of which it is true; and no line is too long. */
static void test_words(void **state)
{
	struct measured m = {
	    .happened = true, .is_needed = true, .how = ENDED_KILLED, .signal = "SIGPIPE"};
	struct row list[2] = {row_of(m), row_of(m)};
	struct rows rows = {list, 2};
	struct text text;
	const char *all;

	(void)state;
	list[1].shown = "another";
	words_print(text_open(&text), &rows);
	all = text_close(&text, &arena);
	assert_string_equal(all, "\nworth knowing:\n"
				 "- is killed by SIGPIPE: it sends on a connection that is closed, "
				 "without MSG_NOSIGNAL, and has not\n"
				 "  ignored the signal\n"
				 "      refused: Nobody\n"
				 "      another: Nobody\n");
	rows.count = 0;
	words_print(text_open(&text), &rows);
	assert_string_equal(text_close(&text, &arena), "");
}

/* ---- what is expected ---- */

static const char *const failures[] = {"refused", "black-hole", "half-closed", NULL};
static bool has[LAB_HOSTS]; /* programs */

static struct expectations *parse(const char *text, struct diagnostics *c)
{
	static struct source source;

	*c = (struct diagnostics){.arena = &arena};
	source = (struct source){"expect", arena_strdup(&arena, text), strlen(text)};
	return expectations_parse(&arena, &source, failures, has, c);
}

/* What does not hold: "expected; got"; "": all holds. */
static const char *missed(const char *text, struct measured m)
{
	struct diagnostics c;
	const struct expectations *e = parse(text, &c);
	struct row row = row_of(m);

	assert_non_null(e);
	expectations_ask(&arena, e, &row);
	assert_true(row.miss_count <= 1);
	return row.miss_count ? arena_printf(&arena, "%d: %s; %s", row.misses[0].at.line,
					     row.misses[0].expected, row.misses[0].got)
			      : "";
}

static void test_expectations(void **state)
{
	const struct measured m = {.happened = true,
				   .is_needed = true,
				   .how = ENDED_EXITED,
				   .status = 7,
				   .end = 10 * NS_PER_S,
				   .error = "ECONNREFUSED",
				   .connections = 3};
	static const struct {
		const char *text, *missed;
	} rows[] = {
	    {"refused: ends within 10s", ""},
	    {"refused: ends within 9999ms", "1: ends within 9999ms; exited with 7 after 10.0 s"},
	    {"any failure: exits with 7", ""},
	    {"any failure: exits with 8", "1: exits with 8; exited with 7 after 10.0 s"},
	    {"ref*: does not exit with 0", ""},
	    {"ref*: does not exit with 7", "1: does not exit with 7; exited with 7 after 10.0 s"},
	    {"refused: gets ECONNREFUSED", ""},
	    {"refused: gets EOF", "1: gets EOF; ECONNREFUSED"},
	    {"refused: gets no error", "1: gets no error; ECONNREFUSED"},
	    {"refused: connects again at most 3 times", ""},
	    {"refused: connects again at most 2 times",
	     "1: connects again at most 2 times; 3 connections"},
	    {"refused: does not end", "1: does not end; exited with 7 after 10.0 s"},
	    {"refused: is killed by SIGPIPE",
	     "1: is killed by SIGPIPE; exited with 7 after 10.0 s"},
	    {"refused: does not happen", "1: does not happen; it has happened"},
	    {"black-hole, half-*: exits with 0", ""},		      /* it is not about this one */
	    {"any failure: exits with 0\nrefused: exits with 7", ""}, /* the last one counts */
	    {"refused: exits with 7\nany failure: exits with 0",
	     "2: exits with 0; exited with 7 after 10.0 s"},
	    {"any failure: exits with 0\nrefused: ends within 1h", /* about another thing */
	     "1: exits with 0; exited with 7 after 10.0 s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(missed(rows[i].text, m), rows[i].missed);
}

static void test_expected_ends(void **state)
{
	struct measured m = {
	    .happened = true, .is_needed = true, .how = ENDED_NOT, .end = 24 * 3600 * NS_PER_S};

	(void)state;
	assert_string_equal(missed("refused: does not end", m), "");
	assert_string_equal(missed("refused: ends within 24h", m),
			    "1: ends within 24h; still hanging after 24 h 0 min");
	assert_string_equal(missed("refused: gets no error", m), "");
	m.how = ENDED_KILLED;
	m.signal = "SIGPIPE";
	assert_string_equal(missed("refused: is killed by SIGPIPE", m), "");
	assert_string_equal(missed("refused: exits with 0", m),
			    "1: exits with 0; killed by SIGPIPE after 24 h 0 min");
}

/* What was not watched for long enough is neither met nor missed. */
static void test_not_known(void **state)
{
	const struct measured hangs = {
	    .happened = true, .is_needed = true, .how = ENDED_NOT, .end = 30 * NS_PER_S};
	struct measured early = hangs, unreached;
	static const struct {
		const char *text;
		bool of_hanging, of_early, of_unreached; /* it is not known */
	} rows[] = {
	    {"refused: ends within 60s", true, true, true},
	    {"refused: ends within 30s", false, false, true},
	    {"refused: does not end", false, true, true},
	    {"refused: exits with 7", false, true, true},
	    {"refused: gets EOF", false, true, true},
	    {"refused: connects again at most 3 times", false, false, true},
	};

	(void)state;
	early.left_early = true;
	unreached = early;
	unreached.happened = false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct measured *m[] = {&hangs, &early, &unreached};
		const bool open[] = {rows[i].of_hanging, rows[i].of_early, rows[i].of_unreached};

		for (size_t k = 0; k < ARRAY_SIZE(m); k++) {
			struct diagnostics c;
			struct row row = row_of(*m[k]);

			expectations_ask(&arena, parse(rows[i].text, &c), &row);
			assert_int_equal(row.why != NULL, open[k]);
			assert_true(!open[k] || !row.miss_count);
		}
	}
}

static const char *not_known(const char *text, struct measured m)
{
	struct diagnostics c;
	struct row row = row_of(m);

	expectations_ask(&arena, parse(text, &c), &row);
	assert_true(!row.why || !row.miss_count);
	return row.why ? row.why : row.miss_count ? "missed" : "";
}

/* What may have come too late only because the machine was busy is not missed. */
static void test_busy_machine(void **state)
{
	struct measured m = {.happened = true,
			     .is_needed = true,
			     .how = ENDED_EXITED,
			     .end = 5300 * MS,
			     .waited = 299 * MS};

	(void)state;
	assert_string_equal(not_known("refused: ends within 5s", m), "missed");
	m.waited = 300 * MS;
	assert_string_equal(not_known("refused: ends within 5s", m),
			    "expect:1: ends within 5s: it ended after 5.3 s; up to 300 ms of that, "
			    "it and the lab had to wait for a processor, so this is not known");
	assert_string_equal(not_known("refused: ends within 6s", m), "");
	assert_string_equal(not_known("refused: exits with 1", m), "missed");
	m.how = ENDED_NOT; /* the time of its end is not in question */
	assert_string_equal(not_known("refused: ends within 5s", m), "missed");
}

static void test_unseen(void **state)
{
	static const char unseen[] =
	    ": it uses io_uring, whose operations are not seen, so this is "
	    "not known";
	struct measured m = {.happened = true,
			     .is_needed = true,
			     .whose = "client",
			     .how = ENDED_EXITED,
			     .is_unseen = true,
			     .answer = 100};

	(void)state;
	assert_non_null(strstr(not_known("refused: gets EOF", m), unseen));
	assert_non_null(strstr(not_known("refused: gets no error", m), unseen));
	assert_string_equal(not_known("refused: exits with 0", m), "");
	assert_null(strstr(said(m), "bytes of the answer"));
	m.error = "EOF";
	assert_string_equal(not_known("refused: gets EOF", m), "");
	assert_string_equal(not_known("refused: gets no error", m), "missed");
	assert_non_null(strstr(not_known("refused: gets ECONNRESET", m), unseen));
}

/* As long as it may take. */
static void test_patience(void **state)
{
	struct diagnostics c;

	(void)state;
	assert_int_equal(expectations_patience(parse("refused: exits with 0", &c)), 0);
	assert_int_equal(expectations_patience(parse("refused: ends within 5s\n"
						     "any failure: ends within 60s\n"
						     "refused: ends within 7s",
						     &c)),
			 60 * NS_PER_S);
}

/* What is said of the server is asked of the server, if it is a program. */
static void test_expected_of_server(void **state)
{
	struct measured m = {
	    .whose = "client", .happened = true, .is_needed = true, .how = ENDED_EXITED};
	struct row row = row_of(m);
	struct diagnostics c;
	const char *text = "any failure: exits with 0\nrefused: server does not end\n"
			   "refused: server gets no error\nrefused: client gets no error";

	(void)state;
	has[HOST_CLIENT] = true;
	has[HOST_SERVER] = false;
	assert_null(parse(text, &c));
	assert_string_equal(c.list[0].message, "the server is no program here; --server names one");
	assert_int_equal(c.list[0].place.column, 10);
	has[HOST_SERVER] = true;
	row.has_server = true;
	row.server = (struct measured){.whose = "server", .happened = true, .how = ENDED_NOT};
	expectations_ask(&arena, parse(text, &c), &row);
	assert_int_equal(row.miss_count, 0);
	row.server.how = ENDED_KILLED;
	row.server.signal = "SIGSEGV";
	row.server.error = "EPIPE";
	expectations_ask(&arena, parse(text, &c), &row);
	assert_int_equal(row.miss_count, 2);
	assert_string_equal(row.misses[0].expected, "server does not end");
	assert_string_equal(row.misses[0].got, "killed by SIGSEGV after 0 us");
	assert_string_equal(row.misses[1].got, "EPIPE");
	/* of a server alone it is the same as without the word */
	row = row_of(m);
	row.m.whose = "server";
	row.m.status = 1;
	expectations_ask(&arena, parse("refused: server exits with 0", &c), &row);
	assert_int_equal(row.miss_count, 1);
	/* .. and what is said of a client that is not measured is not asked */
	row.miss_count = 0;
	expectations_ask(&arena, parse("refused: client exits with 9", &c), &row);
	assert_int_equal(row.miss_count, 0);
	assert_null(parse("refused: server does not happen", &c));
	assert_non_null(strstr(c.list[0].message, "is about the failure, not about the server"));
}

/* Beside the row of the client, what came of the server. */
static void test_row_of_server(void **state)
{
	struct measured m = {.whose = "client",
			     .happened = true,
			     .is_needed = true,
			     .how = ENDED_EXITED,
			     .error = "ETIMEDOUT",
			     .error_after = 2 * MS,
			     .end = 3 * MS};
	struct row row = row_of(m);

	(void)state;
	row.has_server = true;
	row.server = (struct measured){.whose = "server",
				       .happened = true,
				       .how = ENDED_KILLED,
				       .signal = "SIGPIPE",
				       .end = 1 * MS,
				       .last = "words"};
	assert_non_null(strstr(printed(&row), "\n  server    -                           killed by "
					      "SIGPIPE         1 ms      -      -\n    words\n"));
	assert_string_equal(table_summary(&arena, &row),
			    "client: ETIMEDOUT after 2 ms, exited with 0 after 3 ms; server: no "
			    "error, killed by SIGPIPE after 1 ms");
	assert_int_equal(strncmp(words_of(&arena, &row)[0], "its server is killed by SIGPIPE", 31),
			 0);
	assert_non_null(strstr(words_of(&arena, &row)[1], "a server that has ended (killed"));
	row.m.happened = false;
	assert_null(strstr(printed(&row), "  server"));
}

/* A failure that did not happen meets no expectation, except that it does not. */
static void test_expected_to_happen(void **state)
{
	struct measured m = {.how = ENDED_EXITED, .not_why = "no packet"};
	struct diagnostics c;
	struct row row = row_of(m);

	(void)state;
	assert_string_equal(missed("refused: exits with 0", m),
			    "1: exits with 0; it has not happened: no packet");
	assert_string_equal(missed("refused: exits with 0\nrefused: does not happen", m), "");
	row.moment = "before-first-byte";
	expectations_ask(&arena, parse("refused: exits with 0", &c), &row);
	assert_int_equal(row.miss_count, 1);
	row = row_of(m);
	row.moment = "idle";
	expectations_ask(&arena, parse("refused: exits with 0", &c), &row);
	assert_int_equal(row.miss_count, 0);
}

static void test_wrong_lines(void **state)
{
	static const struct {
		const char *text;
		int line, column;
		const char *message;
	} rows[] = {
	    {"", 1, 1, "nothing is expected"},
	    {"# a comment\n\n", 1, 1, "nothing is expected"},
	    {"refused", 1, 1, "expected FAILURE: STATEMENT"},
	    {" refusd: exits with 7", 1, 2, "did you mean refused?"},
	    {"refused, : exits with 7", 1, 10, "expected the name of a failure"},
	    {"xyz-*: exits with 7", 1, 1, "no failure is called 'xyz-*'"},
	    {"refused:", 1, 9, "expected one of: ends within DURATION"},
	    {"refused: ends", 1, 10, "expected one of: "},
	    {"refused: ends within", 1, 21, "a duration such as 60s, not ''"},
	    {"refused: ends within 5 s", 1, 22, "a duration such as 60s, not '5'"},
	    {"refused: exits with -1", 1, 21, "expected a number, not '-1'"},
	    {"refused: exits with 256", 1, 21,
	     "expected an exit status, which is at most 255, not '256'"},
	    {"refused: gets econnreset", 1, 15, "expected an errno"},
	    {"refused: is killed by 9", 1, 23, "expected a signal"},
	    {"refused: exits with 7 # ok\nrefused: exits with 7 7", 2, 23, "the end of the line"},
	    {"refused: connects again at most 7 tries", 1, 35, "expected 'times'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct diagnostics c;

		if (parse(rows[i].text, &c) || c.count != 1 ||
		    c.list[0].place.line != rows[i].line ||
		    c.list[0].place.column != rows[i].column ||
		    !strstr(c.list[0].message, rows[i].message)) {
			diagnostics_print(stderr, &c);
			fail_msg("'%s': wanted %d:%d '%s'", rows[i].text, rows[i].line,
				 rows[i].column, rows[i].message);
		}
	}
}

/* ---- lines ---- */

/* A text as it has to be printed, if lines may be broken where a '/' stands, and nowhere else. */
static const char *broken_at(const char *text, int used)
{
	const char *out = "";

	for (bool is_first = true; *text; is_first = false) {
		size_t length = strcspn(text, "/");
		bool fits = is_first || used + 1 + (int)length <= 100;

		out = arena_printf(&arena, "%s%s%.*s", out, is_first ? "" : (fits ? " " : "\n  "),
				   (int)length, text);
		used = (fits ? used + !is_first : 2) + (int)length;
		text += length + (text[length] == '/');
	}
	return arena_printf(&arena, "%s\n", out);
}

static void test_breaks(void **state)
{
	static const char *const texts[] = {
	    "within/60 s/of/it",
	    "for/15 min 54 s,/until/it",
	    "on/(after/7200 s)",
	    "on/(7200 s)",
	    "all/of/the/100069 bytes/of/it",
	    "24 h 0 min/(or/60 s)/7/more",
	    "in/0.5 ms:/3 times,/1 byte.",
	    "5/strings/in/60/steps",
	    "60 s/7200/seconds",
	    "60",
	    "one/60",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (int used = 70; used <= 100; used++) {
			char *text = arena_strdup(&arena, texts[i]);
			struct text out;

			for (char *c = text; (c = strchr(c, '/')); c++)
				*c = ' ';
			words_wrap(text_open(&out), &arena, text, used, 2);
			assert_string_equal(text_close(&out, &arena), broken_at(texts[i], used));
		}
}

#define test(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    test(test_first_error),
	    test(test_error_asked_for),
	    test(test_end_of_peer),
	    test(test_other_sockets),
	    test(test_beginning_of_failure),
	    test(test_ends),
	    test(test_left_early),
	    test(test_at_work),
	    test(test_carries),
	    test(test_connects_again),
	    test(test_computes),
	    test(test_waited),
	    test(test_not_happened),
	    test(test_never_connected),
	    test(test_options),
	    test(test_accepted),
	    test(test_background),
	    test(test_place),
	    test(test_again),
	    test(test_first_attempt),
	    test(test_json),
	    test(test_times),
	    test(test_row),
	    test(test_name),
	    test(test_sentence_hanging),
	    test(test_sentence_long),
	    test(test_sentence_incomplete),
	    test(test_other_sentences),
	    test(test_words),
	    test(test_breaks),
	    test(test_expectations),
	    test(test_expected_ends),
	    test(test_not_known),
	    test(test_busy_machine),
	    test(test_unseen),
	    test(test_patience),
	    test(test_expected_to_happen),
	    test(test_wrong_lines),
	    test(test_expected_of_server),
	    test(test_row_of_server),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_free(&arena);
	return failed;
}
