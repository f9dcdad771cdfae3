/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: time lines made by hand become ladders, which are printed without colors and
 * compared row by row, from the first row below the names. What must hold for the ladder of every
 * run is tested with each of them, too.
 */
#include "tests/recorded.h"

#include <errno.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/ladder/tcp_course.h"
#include "tests/ladders.h"

static struct observation seen;
static struct ladder ladder;

static int met; /* the line that is met; -1: none, the ladder has what was seen */

static void begin(const char *text)
{
	recorded_begin();
	met = -1;
	read_good_script(arena_printf(&arena, "client  socket() = c\n%s", text), false);
	connection("c", NULL);
}

static const char *printed(bool utf8)
{
	struct ladder_layout layout;
	struct text colored, plain;
	const char *bytes, *problem;
	FILE *out;

	seen = (struct observation){.run = &run, .timeline = t};
	seen.judgement.lines =
	    arena_alloc(&arena, (run.line_count + 1) * sizeof(*seen.judgement.lines));
	if (met >= 0)
		seen.judgement.lines[met].fate = LINE_MET;
	problem = ladder_unsound(&arena, &seen);
	if (problem)
		fail_msg("%s", problem);
	ladder_make(&arena, &seen, &ladder);
	ladder_lay_out(&arena, &ladder, &layout);
	ladder_print(text_open(&colored), &layout);
	bytes = text_close(&colored, &arena);
	out = text_open(&plain);
	ladder_adapt(out, bytes, strlen(bytes), false, utf8);
	return text_close(&plain, &arena);
}

/* From the time on, without blanks at the left. */
static const char *row(const char *text, size_t n)
{
	const char *end;

	for (n++; n; n--)
		text = strchr(text, '\n') + 1;
	text += strspn(text, " ");
	end = strchr(text, '\n');
	return arena_strndup(&arena, text, (size_t)(end - text));
}

#define ROW(text, n, expected) assert_string_equal(row(text, n), expected)

static struct event *call(enum event_kind kind, const char *line, const char *text, int64_t from,
			  int64_t to)
{
	struct event *e = line_event(kind, line_of(line, 0), from, to);

	e->text = text;
	e->call = run.lines[e->line].call.row;
	return e;
}

#define CONNECT "client  connect(c, server:80) = 0\n"

static void test_whole(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	call(EVENT_RETURN, "client  socket", "socket()", 1, 1)->result = 3;
	call(EVENT_RETURN, "client  connect", "connect(c, server:80)", 2, 3);
	segment(HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 2, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	text = printed(false);
	ROW(text, 0, "0.001000 socket() = 3              |                 |                 |");
	ROW(text, 1, "0.002000 connect(c, server:80)     |                 |                 |");
	ROW(text, 2, "0.002000                 SYN-SENT  #---------------- S --------------->|");
	ROW(text, 3,
	    "0.002000                    ESTAB  #<----------- S. ack 1 -------------|  SYN-RECV");
	ROW(text, 4, "0.003000 = 0                       |                 |                 |");
	assert_int_equal(ladder.count, 5);
	text = printed(true);
	ROW(text, 2, "0.002000                 SYN-SENT  ┃──────────────── S ───────────────▶│");
}

/* A call that sends has one row, whatever arrives meanwhile; one that may wait has two. */
static void test_sends(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT "client  send(c, \"x\") = 1\nclient  recv(c, ..., 10) = 1\n");
	call(EVENT_RETURN, "client  send", "send(c, \"x\")", 1, 1)->result = 1;
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 1, 1);
	segment(HOST_SERVER, 1, FLAG_ACK, 1, 0, 2);
	segment(HOST_SERVER, 3, FLAG_ACK | FLAG_PSH, 1, 1, 2);
	call(EVENT_RETURN, "client  recv", "recv(c, \"y\", 10)", 2, 3)->result = 1;
	text = printed(false);
	ROW(text, 0, "0.001000 send(c, \"x\") = 1          |                 |                 |");
	ROW(text, 3, "0.002000 recv(c, \"y\", 10)          |                 |                 |");
	ROW(text, 4, "0.003000                           #<-------- P. 1:2(1) ack 2 ---------|");
	ROW(text, 5, "0.003000 = 1                       |                 |                 |");
}

/* A failed call has a row for its end: what came meanwhile is why. */
static void test_failed(void **state)
{
	struct event *e;
	const char *text;

	(void)state;
	begin(CONNECT);
	e = call(EVENT_RETURN, "client  connect", "connect(c, server:80)", 1, 3);
	e->error = ECONNREFUSED;
	e->result = -1;
	segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 2, FLAG_RST | FLAG_ACK, 0, 0, 1);
	text = printed(false);
	ROW(text, 0, "0.001000 connect(c, server:80)     |                 |                 |");
	ROW(text, 1, "0.001000                 SYN-SENT  #---------------- S --------------->|");
	ROW(text, 2, "0.002000                   CLOSED  #<-------- R. 0:0(0) ack 1 ---------|");
	ROW(text, 3, "0.003000 = -1 ECONNREFUSED         |                 |                 |");
	assert_true(ladder.rungs[3].is_bad);
}

/* Two threads wait at once, and each ends with its own name. */
static void test_threads(void **state)
{
	struct event *e;
	const char *text;

	(void)state;
	begin("client  thread() = t2\n" CONNECT "client.t2  recv(c, ..., 10) ...\n");
	call(EVENT_CALL, "client  connect", "connect(c, server:80)", 1, 1)->blocked = true;
	e = call(EVENT_CALL, "client.t2", "recv(c, ..., 10)", 2, 2);
	e->blocked = true, e->part = "t2";
	e = call(EVENT_RETURN, "client  connect", "connect(c, server:80)", 3, 3);
	e->blocked = true;
	e = call(EVENT_CALL, "client.t2", "recv(c, ..., 10)", 2, 2);
	e->kind = EVENT_RETURN, e->from = e->to = t.start + 4 * MS;
	e->blocked = true, e->part = "t2";
	text = printed(false);
	ROW(text, 0, "0.001000 connect(c, server:80)     |                 |                 |");
	ROW(text, 1, "0.002000 t2: recv(c, ..., 10)      #                 |                 |");
	ROW(text, 2, "0.003000 connect() = 0             #                 |                 |");
	ROW(text, 3, "0.004000 t2: recv() = 0            |                 |                 |");
}

/* The arrival that segment() has noted is not there; perhaps there is a later one. */
static struct segment *away(struct segment *s)
{
	t.event_count--;
	s->arrived = 0, s->arrived_order = 0;
	return s;
}

static void arrives(struct segment *s, int64_t at)
{
	struct event *e = line_event(EVENT_ARRIVED, -1, at, at);

	e->segment = s->id;
	s->arrived = e->from, s->arrived_order = e->order;
}

static void test_losses(void **state)
{
	struct segment *s;
	const char *text;

	(void)state;
	begin(CONNECT);
	lose(away(segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0)), HOST_ROUTER);
	lose(away(segment(HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0)), HOST_CLIENT);
	lose(away(segment(HOST_SERVER, 3, FLAG_SYN | FLAG_ACK, 0, 0, 1)), HOST_CLIENT);
	s = away(segment(HOST_CLIENT, 4, FLAG_RST, 1, 0, 0));
	s->fate = FATE_REJECTED, s->lost_at = HOST_ROUTER;
	text = printed(false);
	ROW(text, 0, "0.001000                 SYN-SENT  |------- S ------X|                 |");
	ROW(text, 1, "0.002000                           |- S X            |                 |");
	ROW(text, 2,
	    "0.003000                           |X----------- S. ack 1 -------------|  SYN-RECV");
	ROW(text, 3, "| R 1:1(0) rejected                 |");
	ROW(text, 4, "0.004000                           |----------------X|                 |");
}

/* A held packet waits at the router, whose line shows that; a forged one begins there. */
static void test_router(void **state)
{
	struct segment *s;
	const char *text;

	(void)state;
	begin(CONNECT);
	s = away(segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0));
	s->held = true;
	segment(HOST_SERVER, 2, FLAG_ACK, 1, 0, 1)->forged = true;
	arrives(&t.segments[0], 5);
	text = printed(false);
	ROW(text, 0, "0.001000                 SYN-SENT  |---- S held ---->|                 |");
	ROW(text, 1, "0.002000                           |<... . ack 1 ....#                 |");
	ROW(text, 2, "0.005000                           |                 #------- S ------>|");
}

/* The arrival is in a row of its own if something happened there before it. */
static void test_late(void **state)
{
	struct segment *s;
	const char *text;

	(void)state;
	begin("server  socket() = l\n" CONNECT);
	s = away(segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0));
	call(EVENT_RETURN, "server  socket", "socket()", 2, 2)->result = 3;
	arrives(s, 3);
	text = printed(false);
	ROW(text, 0, "0.001000                 SYN-SENT  |------- S ------>|                 |");
	ROW(text, 1,
	    "0.002000                           |                 #                 | socket() = "
	    "3");
	ROW(text, 2, "0.003000                           |                 #------- S ------>|");
}

static void test_timers(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_CLIENT, 1000, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 1000, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 1000, FLAG_ACK, 1, 0, 1);
	segment(HOST_CLIENT, 1000, FLAG_ACK, 1, 10, 1);
	segment(HOST_SERVER, 1040, FLAG_ACK, 1, 0, 11);
	segment(HOST_CLIENT, 2000, FLAG_ACK, 11, 10, 1);
	segment(HOST_CLIENT, 2200, FLAG_ACK, 11, 10, 1);
	segment(HOST_CLIENT, 2600, FLAG_ACK, 11, 10, 1);
	segment(HOST_SERVER, 2600, FLAG_ACK, 1, 0, 21);
	segment(HOST_CLIENT, 3000, FLAG_ACK, 20, 0, 1);
	segment(HOST_SERVER, 3000, FLAG_ACK, 1, 0, 21)->window = 0;
	segment(HOST_CLIENT, 4000, FLAG_ACK, 20, 0, 1);
	segment(HOST_CLIENT, 5000, FLAG_FIN | FLAG_ACK, 21, 0, 1);
	text = printed(false);
	ROW(text, 1, "::            1.0 s: RTO             :");
	ROW(text, 6, ":        40 ms: delayed ACK         ::");
	ROW(text, 8, ":              960 ms               :");
	ROW(text, 10, "::     200 ms: RTO or loss probe     :");
	ROW(text, 12, "::            400 ms: RTO            :");
	ROW(text, 15, "::         400 ms: keepalive         :");
	ROW(text, 18, "::        1.0 s: window probe        :");
	ROW(text, 20, ":               1.0 s               :");
}

/* The span of a timer has its name if a wait does not tell it. */
static void test_spans(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	call(EVENT_RETURN, "client  socket", "socket()", 400, 400)->result = 3;
	segment(HOST_CLIENT, 1000, FLAG_SYN, 0, 0, 0);
	text = printed(false);
	ROW(text, 1, "::              400 ms               :");
	ROW(text, 2, "0.400000 socket() = 3             :|                 |                 |");
	ROW(text, 4, "1.000000                RTO 1.0 s *|---------------- S --------------->|");
	assert_string_equal(ladder.rungs[4].timer, "RTO 1.0 s");
}

/* What has come or gone meanwhile may have set it anew, and so may an option. */
static void test_no_spans(void **state)
{
	(void)state;
	begin(CONNECT "client  setsockopt(c, SO_KEEPALIVE, 1) = 0\n");
	segment(HOST_CLIENT, 0, FLAG_ACK, 1, 10, 1);
	segment(HOST_SERVER, 100, FLAG_ACK, 1, 10, 1);
	segment(HOST_CLIENT, 300, FLAG_ACK, 1, 10, 1);
	segment(HOST_SERVER, 300, FLAG_ACK, 11, 0, 11);
	call(EVENT_RETURN, "client  setsockopt", "setsockopt(c, SO_KEEPALIVE, 1)", 400, 400);
	segment(HOST_CLIENT, 1400, FLAG_ACK, 10, 0, 11);
	segment(HOST_CLIENT, 2400, FLAG_ACK, 10, 0, 11);
	printed(false);
	for (size_t i = 0; i < ladder.count; i++) /* only between the two probes it is known */
		assert_true(!ladder.rungs[i].timer ||
			    (ladder.rungs[i].at == 2400 * MS && ladder.rungs[i].set == 1400 * MS));
	assert_non_null(ladder.rungs[ladder.count - 1].timer);
}

/* A call stands above its packets, also at the same time; the time of a month has its columns. */
static void test_same_time(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	segment(HOST_CLIENT, 2678400000, FLAG_SYN, 0, 0, 0);
	call(EVENT_RETURN, "client  connect", "connect(c, server:80)", 2678400000, 2678400000);
	text = printed(false);
	ROW(text, 1, "2678400.00 connect(c, server:80) = 0 |                 |                 |");
	ROW(text, 2, "2678400.00                 SYN-SENT  |---------------- S --------------->|");
}

static void test_crash(void **state)
{
	const char *text;

	(void)state;
	begin("server  socket() = l\nserver  crash\nserver  boot\n" CONNECT);
	call(EVENT_CALL, "server  socket", "socket()", 1, 1)->abandoned = true;
	line_event(EVENT_ACTION, line_of("server  crash", 0), 2, 2)->note = "server  crash";
	lose(away(segment(HOST_CLIENT, 3, FLAG_SYN, 0, 0, 0)), HOST_SERVER);
	line_event(EVENT_ACTION, line_of("server  boot", 0), 4, 4)->note = "server  boot";
	text = printed(false);
	ROW(text, 0,
	    "0.001000                           |                 |                 | socket()");
	ROW(text, 1,
	    "0.002000                           |                 |                 # server  "
	    "crash");
	ROW(text, 2, "0.003000                 SYN-SENT  |---------------- S ---------------X");
	ROW(text, 3,
	    "0.004000                           |                 |                 | server  "
	    "boot");
}

static void test_repeats(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 100; i++)
		segment(HOST_CLIENT, i, FLAG_SYN, 0, 0, 0);
	text = printed(false);
	ROW(text, 0, "0.000000                 SYN-SENT  |---------------- S --------------->|");
	ROW(text, 1, ":           98 times more           :");
	ROW(text, 2, "0.099000                           |---------------- S --------------->|");
	assert_int_equal(ladder.count, 3);
}

static void test_transfer(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 10; i++) {
		segment(HOST_CLIENT, i, FLAG_ACK, 1 + i * 1000, 1000, 1);
		if (i % 2)
			segment(HOST_SERVER, i, FLAG_ACK, 1, 0, 1001 + i * 1000);
	}
	text = printed(false);
	ROW(text, 0, "0.000000                           |==== 10 segments, 10000 bytes ====>|");
	ROW(text, 1, "0.001000                           |<====== 5 ACKs, up to 10001 =======|");
	assert_int_equal(ladder.count, 2);
}

/*
 * What comes out of the router amid a transfer need not be what was sent amid it: these ACKs are
 * older, and so they have an arrow of their own. Nor does what is kept there arrive.
 */
static void test_transfer_meets_acks(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 3; i++)
		away(segment(HOST_SERVER, i, FLAG_ACK, 1, 0, 1 + i));
	for (int i = 0; i < 8; i++) {
		segment(HOST_CLIENT, 5 + i, FLAG_ACK, 1 + i * 1000, 1000, 1);
		if (i < 2)
			away(segment(HOST_SERVER, 5 + i, FLAG_ACK, 1, 0, 1001 + i * 1000));
		else if (i < 5)
			arrives(&t.segments[i - 2], 5 + i);
	}
	arrives(&t.segments[4], 33);
	arrives(&t.segments[6], 33);
	text = printed(false);
	ROW(text, 3, "0.005000                           |===== 8 segments, 8000 bytes =====>|");
	ROW(text, 4, "|                2 ACKs, up to 2001 |");
	ROW(text, 5, "0.005000                           |                 #<================|");
	ROW(text, 6, "| 3 ACKs, up to 3 #                 |");
	ROW(text, 7, "0.007000                           |<================#                 |");
	ROW(text, 9, "0.033000                           |<- . ack 1001 ---#                 |");
}

/* A hole, or a window that is shut, is not hidden. */
static void test_not_joined(void **state)
{
	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 14; i++)
		segment(HOST_CLIENT, i, FLAG_ACK, 1 + (i + i / 7) * 1000, 1000, 1);
	printed(false);
	assert_int_equal(ladder.count, 14);
	segment(HOST_SERVER, 20, FLAG_ACK, 1, 0, 15001)->window = 0;
	printed(false);
	assert_int_equal(ladder.count, 15);
}

static void test_too_long(void **state)
{
	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 1000; i++)
		segment(HOST_CLIENT, i, FLAG_ACK | FLAG_FIN, i * i, 1, 1);
	printed(false);
	assert_int_equal(ladder.count, LADDER_MOST + 1);
	assert_string_equal(ladder.rungs[LADDER_MOST / 2].text,
			    "600 rows are left out: the transcript has them");
}

/* Long words and strings. */
static void test_wrapped(void **state)
{
	const char *text;

	(void)state;
	begin("server  socket() = l\n");
	call(EVENT_RETURN, "client  socket", "sysctl net.ipv4.tcp_syn_linear_timeouts", 1, 1);
	call(EVENT_RETURN, "server  socket",
	     "call(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "
	     "\"0123456789\\n0123456789012345678901234567890123456789\", 12)",
	     2, 2);
	text = printed(false);
	ROW(text, 0, "0.001000 sysctl net.ipv4.tcp_syn_  |                 |                 |");
	ROW(text, 1, "linear_timeouts = 0     |                 |                 |");
	ROW(text, 2,
	    "0.002000                           |                 |                 | "
	    "call(aaaaaaaaaaaaaaaaaaaa");
	assert_non_null(strstr(ladder.rungs[1].text, "\"..., 12) = 0"));
	call(EVENT_RETURN, "client  socket", "a b c d e f g h i j k l m n o p q r s t", 3, 3);
	text = printed(false);
	assert_non_null(strstr(text, "0.003000 a b c d e f g h i j k l m |"));
}

/* A line's own words, without its host, and without the time that it waits. */
static void test_words_of_line(void **state)
{
	struct event *e;

	(void)state;
	begin("  +2s     client  ss c none\n");
	met = 1;
	e = line_event(EVENT_READING, met, 2000, 2000);
	e->descriptor = "c";
	ROW(printed(false), 1,
	    "2.000000 ss c none                 |                 |                 |");
}

/* ---- states of sockets ---- */

/* The state that the life line of that host has in that row. */
static const char *state_in(size_t rung, enum host host)
{
	return ss_state_names[ladder.rungs[rung].state[host].state];
}

#define STATES(rung, client, server)                                                               \
	do {                                                                                       \
		assert_string_equal(state_in(rung, HOST_CLIENT), client);                          \
		assert_string_equal(state_in(rung, HOST_SERVER), server);                          \
	} while (0)

static struct event *reading(const char *line, int64_t at, enum ss_state state)
{
	struct event *e = line_event(EVENT_READING, line_of(line, 0), at, at);

	e->descriptor = run.lines[e->line].ss.what;
	e->socket = (struct socket_state){.found = state != SS_NONE, .state = state};
	return e;
}

static void handshake(void)
{
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 0, FLAG_ACK, 1, 0, 1);
}

#define SOCKETS                                                                                    \
	"server  socket() = l\nserver  bind(l, :80) = 0\nserver  listen(l, 5) = 0\n" CONNECT       \
	"client  ss c TIME-WAIT\nclient  shutdown(c, SHUT_WR) = 0\nclient  close(c) = 0\n"

/* The names stand beside the lines, outside where there is room, else inside. */
static void test_states(void **state)
{
	const char *text;

	(void)state;
	begin(SOCKETS);
	call(EVENT_RETURN, "server  listen", "listen(l, 5)", 0, 0)->descriptor = "l";
	handshake();
	call(EVENT_RETURN, "client  close", "close(c)", 1, 1)->descriptor = "c";
	segment(HOST_CLIENT, 2, FLAG_FIN | FLAG_ACK, 1, 0, 1);
	segment(HOST_SERVER, 3, FLAG_ACK, 1, 0, 2);
	segment(HOST_SERVER, 4, FLAG_FIN | FLAG_ACK, 1, 0, 2);
	segment(HOST_CLIENT, 5, FLAG_ACK, 2, 0, 2);
	call(EVENT_RETURN, "client  socket", "socket()", 59000, 59000);
	call(EVENT_RETURN, "client  socket", "socket()", 62000, 62000);
	call(EVENT_RETURN, "client  socket", "socket()", 70000, 70000);
	text = printed(false);
	ROW(text, 0,
	    "0.000000                           |                 |          LISTEN | listen(l, 5) "
	    "= 0");
	ROW(text, 2,
	    "0.000000                    ESTAB  |<----------- S. ack 1 -------------|  SYN-RECV");
	ROW(text, 4, "0.001000 close(c) = 0              | FIN-WAIT-1      |                 |");
	ROW(text, 5,
	    "0.002000                           |--------- F. 1:1(0) ack 1 -------->|  CLOSE-WAIT");
	STATES(3, "ESTAB", "ESTAB");
	STATES(6, "FIN-WAIT-2", "CLOSE-WAIT");
	STATES(7, "TIME-WAIT", "LAST-ACK");
	STATES(8, "TIME-WAIT", "LISTEN"); /* what it has after the connection */
	STATES(10, "TIME-WAIT", "LISTEN");
	STATES(12, "unknown", "LISTEN"); /* the timer is late by up to an eighth */
	STATES(14, "none", "LISTEN");
}

/* close() of a socket with unread data: it is gone, and was never in FIN-WAIT-1. */
static void test_close_resets(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	call(EVENT_RETURN, "client  close", "close(c)", 1, 1)->descriptor = "c";
	segment(HOST_CLIENT, 1, FLAG_RST | FLAG_ACK, 1, 0, 1);
	printed(false);
	STATES(2, "ESTAB", "ESTAB");
	STATES(3, "none", "ESTAB");
	STATES(4, "none", "none");
}

/* .. but if its RST answers something, or comes late, close() was not what it is for. */
static void test_closes_then_resets(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	call(EVENT_RETURN, "client  close", "close(c)", 1, 1)->descriptor = "c";
	segment(HOST_SERVER, 2, FLAG_ACK, 1, 5, 1);
	segment(HOST_CLIENT, 2, FLAG_RST | FLAG_ACK, 1, 0, 6);
	printed(false);
	STATES(3, "FIN-WAIT-1", "ESTAB");
	begin(SOCKETS);
	handshake();
	call(EVENT_RETURN, "client  close", "close(c)", 1, 1)->descriptor = "c";
	segment(HOST_CLIENT, 900, FLAG_RST | FLAG_ACK, 1, 0, 1);
	printed(false);
	STATES(3, "FIN-WAIT-1", "ESTAB");
}

/* What a call sends while it goes on is known when it begins. */
static void test_sends_meanwhile(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	call(EVENT_RETURN, "client  close", "close(c)", 300, 302)->descriptor = "c";
	segment(HOST_CLIENT, 301, FLAG_FIN | FLAG_ACK, 1, 0, 1);
	printed(false);
	STATES(4, "FIN-WAIT-1", "ESTAB");
}

static void answer_by_icmp(int64_t at)
{
	struct packet *p = (struct packet *)segment(HOST_ROUTER, at, FLAG_SYN, 0, 0, 0)->packet;

	p->kind = PACKET_ICMP;
	t.segments[t.segment_count - 1].to = HOST_CLIENT;
}

/* An ICMP error ends an attempt, unless the SYN is repeated afterwards: then it was dropped. */
static void test_icmp_dropped(void **state)
{
	(void)state;
	begin(SOCKETS);
	lose(away(segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0)), HOST_ROUTER);
	answer_by_icmp(0);
	lose(away(segment(HOST_CLIENT, 1000, FLAG_SYN, 0, 0, 0)), HOST_ROUTER);
	answer_by_icmp(1000);
	printed(false);
	STATES(1, "SYN-SENT", "none");
	STATES(4, "none", "none");
}

/* IP_MINTTL: what comes from behind too many routers does not count. The lab's router is one. */
static void test_least_ttl(void **state)
{
	struct event *e;

	(void)state;
	begin(SOCKETS);
	handshake();
	e = call(EVENT_RETURN, "client  close", "setsockopt(c, SOL_IP, IP_MINTTL, [63], 4)", 1, 1);
	e->descriptor = "c";
	e->call = call_find("setsockopt");
	for (uint8_t ttl = 63; ttl <= 64; ttl++) {
		struct segment *s = segment(HOST_SERVER, 2, FLAG_RST, 1, 0, 0);
		struct packet *p = arena_new(&arena, struct packet);

		*p = *s->packet;
		p->ttl = ttl;
		s->packet = p;
	}
	printed(false);
	STATES(4, "ESTAB", "none");
	STATES(5, "none", "none");
}

/* Once nothing more comes from a socket that waits for an answer, it may be gone. */
static void test_silence(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	lose(away(segment(HOST_CLIENT, 1000, FLAG_ACK, 1, 10, 1)), HOST_ROUTER);
	lose(away(segment(HOST_CLIENT, 1300, FLAG_ACK, 1, 10, 1)), HOST_ROUTER);
	call(EVENT_RETURN, "client  socket", "socket()", 1500, 1500);
	call(EVENT_RETURN, "client  socket", "socket()", 1900, 1900);
	reading("client  ss", 2000, SS_ESTAB);
	printed(false);
	STATES(8, "ESTAB", "ESTAB"); /* the next one is not due yet */
	STATES(10, "unknown", "ESTAB");
	STATES(12, "ESTAB", "ESTAB"); /* a reading says so */
	assert_int_equal(ladder.reading_count, 1);
	assert_int_equal(ladder.readings[0].expected, SS_UNKNOWN);
}

/* Two connections: the life line has that which has changed last, with its name. */
static void test_two_connections(void **state)
{
	const char *text;

	(void)state;
	begin(SOCKETS);
	connection("d", NULL);
	handshake();
	segment_of(1, HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0);
	segment_of(1, HOST_SERVER, 2, FLAG_RST | FLAG_ACK, 0, 0, 1);
	text = printed(false);
	ROW(text, 3, "0.001000              d: SYN-SENT  |-------------- d: S -------------->|");
	ROW(text, 4, "0.002000                 c: ESTAB  |<------ d: R. 0:0(0) ack 1 --------|");
}

/* A RST whose number is not the next one ends nothing; a hole keeps a FIN from being taken. */
static void test_numbers(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	segment(HOST_SERVER, 1, FLAG_RST, 5, 0, 0);
	segment(HOST_CLIENT, 2, FLAG_FIN | FLAG_ACK, 11, 0, 1);
	segment(HOST_CLIENT, 3, FLAG_ACK, 1, 10, 1);
	printed(false);
	STATES(3, "ESTAB", "none"); /* who sends a RST has no connection any more */
	begin(SOCKETS);
	handshake();
	segment(HOST_SERVER, 1, FLAG_RST, 5, 0, 0)->forged = true;
	segment(HOST_CLIENT, 2, FLAG_FIN | FLAG_ACK, 11, 0, 1);
	segment(HOST_CLIENT, 3, FLAG_ACK, 1, 10, 1);
	segment(HOST_SERVER, 4, FLAG_RST, 1, 0, 0)->forged = true;
	printed(false);
	STATES(3, "ESTAB", "ESTAB");
	STATES(4, "FIN-WAIT-1", "ESTAB");
	STATES(5, "FIN-WAIT-1", "CLOSE-WAIT");
	STATES(6, "none", "CLOSE-WAIT");
}

/* What is half open counts a RST with its exact number, and another SYN in its window. */
static void test_half_open(void **state)
{
	(void)state;
	begin(SOCKETS);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 1, FLAG_RST, 2, 0, 0)->forged = true;
	segment(HOST_CLIENT, 2, FLAG_SYN, 100000, 0, 0)->forged = true;
	segment(HOST_CLIENT, 3, FLAG_SYN, 0, 0, 0)->forged = true;
	segment(HOST_CLIENT, 4, FLAG_SYN, 500, 0, 0)->forged = true;
	printed(false);
	STATES(4, "ESTAB", "SYN-RECV");
	STATES(5, "ESTAB", "none");
	begin(SOCKETS);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 1, FLAG_RST, 1, 0, 0)->forged = true;
	printed(false);
	STATES(2, "ESTAB", "none");
}

/* An error about the server's SYN-ACK. */
static const char *state_after(int family, uint8_t type, uint8_t code)
{
	struct segment *s;

	begin(SOCKETS);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	s = away(segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1));
	lose(s, HOST_ROUTER);
	s = segment(HOST_CLIENT, 1, 0, 0, 0, 0);
	s->forged = true;
	s->end = 1; /* that of the packet that it quotes */
	*(struct packet *)s->packet =
	    (struct packet){.kind = PACKET_ICMP,
			    .source = {.family = family},
			    .icmp_word = "x",
			    .icmp_type = type,
			    .icmp_code = code,
			    .quoted = (struct packet *)t.segments[1].packet};
	printed(false);
	return state_in(2, HOST_SERVER);
}

static void test_half_open_unreachable(void **state)
{
	(void)state;
	assert_string_equal(state_after(4, 3, 1), "none");
	assert_string_equal(state_after(4, 3, 3), "SYN-RECV");
	assert_string_equal(state_after(6, 1, 0), "SYN-RECV");
	assert_string_equal(state_after(6, 1, 3), "SYN-RECV");
	assert_string_equal(state_after(6, 1, 4), "none");
}

/* Fast Open: accept() comes before the handshake is over. */
static void test_fast_open(void **state)
{
	struct event *e;

	(void)state;
	begin(SOCKETS "server  accept(l) = x\n");
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 5, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 6);
	e = call(EVENT_RETURN, "server  accept", "accept(l)", 1, 1);
	e->descriptor = "l", e->bound = "c";
	segment(HOST_CLIENT, 2, FLAG_ACK, 6, 0, 1);
	printed(false);
	STATES(2, "ESTAB", "SYN-RECV");
	STATES(3, "ESTAB", "ESTAB");
	begin(SOCKETS);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 5, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 6);
	segment(HOST_SERVER, 1, FLAG_RST, 77, 0, 0); /* it answers a wrong ACK */
	segment(HOST_SERVER, 2, FLAG_RST | FLAG_ACK, 1, 0, 6);
	printed(false);
	STATES(2, "ESTAB", "SYN-RECV");
	STATES(3, "none", "none");
}

/* A RST may have the number of the FIN before it; of what is no end it may not. */
static void test_fins_number(void **state)
{
	(void)state;
	begin(SOCKETS);
	handshake();
	segment(HOST_SERVER, 1, FLAG_ACK, 1, 10, 1)->forged = true;
	segment(HOST_SERVER, 2, FLAG_RST, 10, 0, 0)->forged = true;
	segment(HOST_SERVER, 3, FLAG_FIN | FLAG_ACK, 11, 0, 1)->forged = true;
	segment(HOST_SERVER, 4, FLAG_RST, 10, 0, 0)->forged = true;
	segment(HOST_SERVER, 5, FLAG_RST, 11, 0, 0)->forged = true;
	printed(false);
	STATES(4, "ESTAB", "ESTAB");
	STATES(6, "CLOSE-WAIT", "ESTAB");
	STATES(7, "none", "ESTAB");
}

/* A SYN-ACK whose echo was never sent is reset, and connect() goes on. */
static void test_wrong_echo(void **state)
{
	struct segment *s;

	(void)state;
	begin(SOCKETS);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	for (int i = 1; i < 3; i++) {
		s = segment(HOST_SERVER, i, FLAG_SYN | FLAG_ACK, 0, 0, 1);
		s->forged = true;
		s->ts_echo = i == 1 ? 500000 : 0;
		((struct packet *)s->packet)->options =
		    (struct tcp_options){.has_ts = true, .ts_echo = 7};
	}
	printed(false);
	STATES(1, "SYN-SENT", "none");
	STATES(2, "ESTAB", "none");
}

/* A packet with too small a TTL does not count; an error of a call ends a socket, or only tells. */
static void test_options(void **state)
{
	struct event *e;

	(void)state;
	for (int reports = 0; reports < 2; reports++) {
		begin(CONNECT "client  setsockopt(c, IP_MINTTL, 255) = 0\n"
			      "client  recv(c, ..., 1) = 1\n");
		handshake();
		e = call(EVENT_RETURN, "client  setsockopt", "setsockopt(c, IP_MINTTL, 255)", 1, 1);
		e->descriptor = "c";
		segment(HOST_SERVER, 2, FLAG_RST, 1, 0, 0)->forged = true;
		e = call(EVENT_RETURN, "client  setsockopt",
			 reports ? "setsockopt(c, IP_RECVERR, 1)" : "setsockopt(c, X, 1)", 3, 3);
		e->descriptor = "c";
		e = call(EVENT_RETURN, "client  recv", "recv(c, ..., 1)", 4, 4);
		e->descriptor = "c", e->error = EHOSTUNREACH;
		call(EVENT_RETURN, "client  socket", "socket()", 5, 5);
		printed(false);
		STATES(4, "ESTAB", "ESTAB");
		STATES(7, reports ? "ESTAB" : "none", "ESTAB");
	}
}

#define CLOSES                                                                                     \
	CONNECT "client  setsockopt(c, TCP_REPAIR, 1) = 0\n"                                       \
		"client  sysctl net.ipv4.tcp_max_tw_buckets = 0\n"                                 \
		"client  thread() = t\nclient.t  recv(c, ..., 10) ...\nclient  close(c) = 0\n"

/* What close() does if another call sleeps, without a packet, and without room for TIME-WAIT. */
static void test_closes(void **state)
{
	struct event *e;

	(void)state;
	begin(CLOSES);
	handshake();
	e = call(EVENT_CALL, "client.t", "recv(c, ..., 10)", 1, 1);
	e->descriptor = "c", e->part = "t", e->blocked = true;
	call(EVENT_RETURN, "client  close", "close(c)", 2, 2)->descriptor = "c";
	e = call(EVENT_RETURN, "client.t", "recv(c, ..., 10)", 3, 3);
	e->descriptor = "c", e->part = "t", e->blocked = true;
	printed(false);
	STATES(4, "ESTAB", "ESTAB");
	STATES(5, "FIN-WAIT-1", "ESTAB");

	begin(CLOSES);
	handshake();
	call(EVENT_RETURN, "client  setsockopt", "setsockopt(c, TCP_REPAIR, 1)", 1, 1)->descriptor =
	    "c";
	call(EVENT_RETURN, "client  close", "close(c)", 2, 2)->descriptor = "c";
	printed(false);
	STATES(4, "none", "ESTAB");

	begin(CLOSES);
	handshake();
	line_event(EVENT_ACTION, line_of("client  sysctl", 0), 1, 1)->note = "x";
	call(EVENT_RETURN, "client  close", "close(c)", 2, 2)->descriptor = "c";
	segment(HOST_CLIENT, 2, FLAG_FIN | FLAG_ACK, 1, 0, 1);
	segment(HOST_SERVER, 3, FLAG_ACK, 1, 0, 2);
	printed(false);
	STATES(5, "FIN-WAIT-1", "CLOSE-WAIT");
	STATES(6, "none", "CLOSE-WAIT");
}

static const struct {
	enum ss_state from;
	enum tcp_step step;
	enum ss_state to;
} course[] = {
    {SS_ESTAB, STEP_GOT_FIN, SS_CLOSE_WAIT},	{SS_CLOSE_WAIT, STEP_END, SS_LAST_ACK},
    {SS_LAST_ACK, STEP_FIN_ACKED, SS_NONE},	{SS_FIN_WAIT_1, STEP_GOT_FIN, SS_CLOSING},
    {SS_CLOSING, STEP_FIN_ACKED, SS_TIME_WAIT}, {SS_SYN_SENT, STEP_GOT_SYN, SS_SYN_RECV},
    {SS_SYN_SENT, STEP_CLOSE, SS_NONE},		{SS_ESTAB, STEP_CLOSE, SS_ESTAB},
    {SS_LISTEN, STEP_GOT_RST, SS_LISTEN},	{SS_TIME_WAIT, STEP_RST, SS_TIME_WAIT},
    {SS_FIN_WAIT_2, STEP_TIMER, SS_NONE},	{SS_ESTAB, STEP_TIMER, SS_ESTAB},
    {SS_TIME_WAIT, STEP_CRASH, SS_NONE},
};

static void test_course(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(course); i++)
		assert_int_equal(tcp_course(course[i].from, course[i].step), course[i].to);
	for (int i = 0; i < SS_STATES; i++)
		assert_true(ss_state_names[i]);
}

static void test_picture(void **state)
{
	struct ladder_layout layout;
	struct text svg;
	const char *text;

	(void)state;
	begin(CONNECT);
	call(EVENT_RETURN, "client  socket", "send(c, \"<&>\")", 1, 1)->error = EPIPE;
	segment(HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0);
	printed(true);
	ladder_lay_out(&arena, &ladder, &layout);
	ladder_svg(text_open(&svg), &layout, "a < b");
	text = text_close(&svg, &arena);
	assert_non_null(strstr(text, "<title>a &lt; b</title>"));
	assert_non_null(strstr(text, "class=\"bad\">send(c, \"&lt;&amp;&gt;\")"));
	assert_non_null(strstr(text, "class=\"flight\""));
	assert_non_null(strstr(text, "<g data-event=\"0\">\n<text"));
	assert_non_null(strstr(text, "<rect class=\"s-opening\""));
	assert_non_null(strstr(text, "class=\"state\">SYN-SENT</text>"));
	assert_null(strstr(text, "\033"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_failed),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_losses),
	    cmocka_unit_test(test_router),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_timers),
	    cmocka_unit_test(test_crash),
	    cmocka_unit_test(test_sends),
	    cmocka_unit_test(test_same_time),
	    cmocka_unit_test(test_repeats),
	    cmocka_unit_test(test_transfer),
	    cmocka_unit_test(test_not_joined),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_wrapped),
	    cmocka_unit_test(test_picture),
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_two_connections),
	    cmocka_unit_test(test_course),
	    cmocka_unit_test(test_spans),
	    cmocka_unit_test(test_no_spans),
	    cmocka_unit_test(test_close_resets),
	    cmocka_unit_test(test_closes_then_resets),
	    cmocka_unit_test(test_icmp_dropped),
	    cmocka_unit_test(test_words_of_line),
	    cmocka_unit_test(test_least_ttl),
	    cmocka_unit_test(test_sends_meanwhile),
	    cmocka_unit_test(test_transfer_meets_acks),
	    cmocka_unit_test(test_half_open),
	    cmocka_unit_test(test_half_open_unreachable),
	    cmocka_unit_test(test_fast_open),
	    cmocka_unit_test(test_fins_number),
	    cmocka_unit_test(test_wrong_echo),
	    cmocka_unit_test(test_closes),
	    cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
