/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blessing, a pure function: a script as text, a time line made by hand, and the text that must
 * result. Real runs are tested by tests/bless.sh.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/bless/bless_answer.h"
#include "harness/bless/history.h"
#include "harness/bless/lateness.h"
#include "harness/bless/times.h"
#include "harness/calls/calls.h"
#include "harness/script/script.h"
#include "tests/recorded.h"

static struct judgement verdict;
static struct draft draft;
static const char *held; /* the lines that held in the usual run */

static int fresh(void **state)
{
	(void)state;
	recorded_begin();
	held = NULL;
	return 0;
}

static void script(const char *text)
{
	read_good_script(text, true);
}

/* The call of that line, and its return, at once. */
static void called(const char *line, int nth, int64_t at_ms, int64_t result, int error)
{
	int index = line_of(line, nth);
	struct event *e = line_event(EVENT_CALL, index, at_ms, at_ms);

	e->call = run.lines[index].call.row;
	e->descriptor = "c";
	line_returned(index, at_ms, result, error);
}

static void lost(struct segment *s)
{
	lose(s, HOST_ROUTER);
}

static void handshake(void)
{
	called("client socket", 0, 0, 3, 0);
	called("client connect", 0, 0, 0, 0);
	handshake_passed();
}

static const char *blessed(bool acks, const char **why)
{
	struct blessing what = {.done = run.line_count, .held = held, .acks = acks};

	judge(&arena, &run, &t, run.line_count, true, &verdict);
	return bless_rewrite(&arena, &run, &t, &verdict, &what, &draft, why) ? draft.text : NULL;
}

static void becomes(const char *wanted)
{
	const char *why = NULL, *text = blessed(false, &why);

	if (!text)
		fail_msg("refused: %s", why);
	assert_string_equal(text, wanted);
}

static void refuses(const char *reason)
{
	const char *why = NULL;

	assert_null(blessed(false, &why));
	if (!strstr(why, reason))
		fail_msg("wanted '%s', and there was '%s'", reason, why);
}

/* ---- */

static void test_what_holds(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client send(c, \"abc\") = 3   # so\n   client> P. 1:4(3) ack >= 0 # far\n...\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_CLIENT, 2, FLAG_ACK | FLAG_PSH, 4, 3, 1);
	becomes(run.script->source->text);
}

static void test_values(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\")    # a\n"
			 "  client>  P. 2:5(3..9)  ack 0x7 win * # b\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3    # a\n"
			  "  client>  P. 1:4(3..9)  ack 1 win * # b\n");
}

static void test_results(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = -1 EPIPE (Broken pipe) @x\n...\n");
	handshake();
	called("client send", 0, 1, -1, 104);
	becomes(HANDSHAKE "client send(c, \"abc\") = -1 ECONNRESET @x\n...\n");
}

static void test_lines(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client send(c, \"abc\") = 3\n     client> F. # goes\n     server> P. 1:9(8)\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_SERVER, 2, FLAG_ACK | FLAG_PSH, 1, 8, 4);
	lost(segment(HOST_SERVER, 205, FLAG_ACK | FLAG_PSH, 1, 8, 4));
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n     client> P. 1:4(3) ack 1\n"
			  "     server> P. 1:9(8)\n"
			  "  +200ms server> P. 1:9(8) ack 4 lost\n");
}

/* The longest common subsequence keeps similar items, and prefers equal ones. */
static void test_alignment(void **state)
{
	(void)state;
	script(HANDSHAKE
	       "client send(c, \"abc\") = 3\n client> P. 1:4(3) # one\n client> F. 4:4(0)\n"
	       " client> P. 7:10(3) # three\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 4, 3, 1);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 7, 3, 1);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3) # one\n"
			  " client> P. 4:7(3) ack 1\n client> P. 7:10(3) # three\n");
}

static void test_plain(void **state)
{
	const char *why;

	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 4);
	becomes(run.script->source->text);
	assert_string_equal(blessed(true, &why), HANDSHAKE
			    "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n server> . ack 4\n");
	/* A duplicate is not plain, and would be taken for the first one if that had no line.
	 */
	segment(HOST_SERVER, 245, FLAG_ACK, 1, 0, 4);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n server> . ack 4\n"
			  "  +200ms server> . ack 4\n");
}

static void test_times(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. lost\n"
			 "  +500ms  client> P. lost # doubled\n  +1s     client> P. lost\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	lost(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 205, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 1230, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. lost\n"
			  "  +200ms  client> P. lost # doubled\n  +1s     client> P. lost\n");
}

/* The text below the handshake with the time that a usual run has seen, or NULL. */
static const char *with_gap(enum bless_time time)
{
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	draft = (struct draft){0};
	assert_int_equal(bless_gap(&arena, &run, &t, &verdict, &draft), time);
	return draft.text ? draft.text + strlen(HANDSHAKE) : NULL;
}

/* Dropped at 1 .. 2; a call that was begun at `begun`, and packets of it then and at `again`. */
static void again_after_drop(const char *rest, int64_t begun, int64_t again)
{
	fresh(NULL);
	script(arena_printf(&arena, HANDSHAKE "router drop client> P. @dark\n%s", rest));
	handshake();
	line_event(EVENT_ACTION, line_of("router drop", 0), 1, 2);
	called(strstr(rest, "+30ms") ? "+30ms client" : "client send", 0, begun, 3, 0);
	lost(segment(HOST_CLIENT, begun, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, again, FLAG_ACK | FLAG_PSH, 1, 3, 1));
}

#define SENT "client send(c, \"abc\") = 3\n client> P. lost\n"

/*
 * The time counts from the action. That the call was begun 40 ms after it was due is the program's
 * own time, and not the timer's.
 */
static void test_time_without_own(void **state)
{
	(void)state;
	again_after_drop(SENT "  @dark+10ms client> P. lost\n", 42, 250);
	becomes(HANDSHAKE "router drop client> P. @dark\n" SENT "  @dark+200ms client> P. lost\n");
	assert_string_equal(with_gap(TIME_LATE), "router drop client> P. @dark\n" SENT
						 "  @dark+200ms client> P. lost\n");
	/* 200 ms, an eighth and two ticks after the action's end: 235; 40 ms are its own. */
	again_after_drop(SENT "  @dark+200ms client> P. lost\n", 42, 235);
	assert_null(with_gap(TIME_OTHER));
	again_after_drop(SENT "  @dark+200ms client> P. lost\n", 42, 236);
	assert_null(with_gap(TIME_LATE_ITSELF));
	again_after_drop(SENT "  @dark+200ms client> P. lost\n", 42, 275);
	assert_null(with_gap(TIME_LATE_ITSELF));
	again_after_drop(SENT "  @dark+200ms client> P. lost\n", 42, 276);
	assert_non_null(with_gap(TIME_LATE));
	/* It was due at 30, since the time before it counts from the handshake at 0. */
	again_after_drop("+30ms " SENT "  @dark+200ms client> P. lost\n", 42, 247);
	assert_null(with_gap(TIME_LATE_ITSELF));
	again_after_drop("+30ms " SENT "  @dark+200ms client> P. lost\n", 42, 248);
	assert_non_null(with_gap(TIME_LATE));
}

/* What the script itself waits for is no time of the program: a reading that is repeated, and what
 * only vanished. */
static void test_waiting_is_not_own(void **state)
{
	static const char rest[] = SENT "client ss c ESTAB\nrouter heal\n"
					"  @dark+200ms client> P. lost\n";
	struct event *e;

	(void)state;
	for (int i = 0; i < 3; i++) {
		again_after_drop(rest, 2, 300);
		t.segments[3].inferred = i == 2;
		e = line_event(EVENT_READING, line_of("client ss", 0), i == 2 ? 160 : 100,
			       i == 2 ? 160 : 100);
		e->begun = t.start + (i ? e->from - t.start : 2 * MS);
		e->socket = (struct socket_state){.found = true, .state = ss_state_find("ESTAB")};
		line_event(EVENT_ACTION, line_of("router heal", 0), i == 2 ? 160 : 100,
			   i == 2 ? 160 : 100);
		with_gap(i == 1 ? TIME_LATE_ITSELF : TIME_LATE);
	}
}

/*
 * A call that is to sleep was entered at 1, waited for a CPU until 31, and sent something then:
 * that came at once. One that came back at 60 has sent it when it was entered, 30 ms before, unless
 * its thread had to wait for so long.
 */
static void test_call_that_waits_for_a_cpu(void **state)
{
	static const char call[] = "client connect(c, server:81)%s\n";
	struct event *e;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fresh(NULL);
		script(arena_printf(&arena, arena_printf(&arena, "%s%s", HANDSHAKE, call),
				    i ? " = 0" : " ..."));
		handshake();
		e = line_event(EVENT_CALL, line_of("client connect", 1), 1, i ? 1 : 32);
		e->call = call_find("connect");
		e->blocked = !i;
		segment(HOST_CLIENT, 31, FLAG_ACK | FLAG_PSH, 1, 3, 1);
		if (i) {
			e = line_event(EVENT_RETURN, line_of("client connect", 1), 1, 60);
			e->call = call_find("connect");
			e->begun = t.start + (i == 1 ? 1 : 25) * MS;
		}
		becomes(arena_printf(&arena, "%s%s%s%s", HANDSHAKE,
				     arena_printf(&arena, call, i ? " = 0" : " ..."),
				     i == 1 ? "  +30ms " : " ", "client> P. 1:4(3) ack 1\n"));
	}
}

/* Packets that are kept for 50 ms, so that their lines are below both actions. The second one was
 * late by 15 ms: this is not a time between the packets. */
static void test_late_beside_delay(void **state)
{
	static const char calls[] = HANDSHAKE "router delay 50ms\nclient send(c, \"a\") = 1\n"
					      "server sysctl net.ipv4.tcp_sack = 0\n";
	struct segment *s;
	struct event *e;

	(void)state;
	script(calls);
	handshake();
	line_event(EVENT_ACTION, line_of("router delay", 0), 0, 0);
	called("client send", 0, 1, 1, 0);
	line_event(EVENT_ACTION, line_of("server sysctl", 0), 16, 16);
	for (int i = 0; i < 2; i++) {
		s = segment(i ? HOST_SERVER : HOST_CLIENT, i ? 16 : 1, FLAG_ACK | FLAG_PSH, 1, 1,
			    1);
		e = &t.events[t.event_count - 1];
		e->from = e->to = s->arrived = s->sent + 50 * MS;
		s->delayed = true;
		line_event(EVENT_HELD, -1, i ? 16 : 1, i ? 16 : 1)->segment = s->id;
	}
	becomes(
	    arena_printf(&arena, "%s client> P. 1:2(1) ack 1\n server> P. 1:2(1) ack 1\n", calls));
}

/* The timer of 416 ms is late by up to 32 more. It is twice the one of the line above. */
static void test_time_doubles(void **state)
{
	(void)state;
	script(HANDSHAKE SENT "  +200ms client> P. lost\n  +300ms client> P. lost\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	lost(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 209, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 649, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	assert_string_equal(with_gap(TIME_LATE),
			    SENT "  +200ms client> P. lost\n  +400ms client> P. lost\n");
}

/* A packet that comes too soon may be another one; a return cannot. */
static void test_time_too_early(void **state)
{
	struct event *back;

	(void)state;
	script(HANDSHAKE SENT "  +440ms client> P. lost\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	lost(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 421, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	assert_string_equal(with_gap(TIME_MAY_COME), SENT "  +400ms client> P. lost\n");
	fresh(NULL);
	script(HANDSHAKE "client recv(c, ..., 9) ...\n+3s client ... recv(c, ..., 9) = 1\n");
	handshake();
	line_event(EVENT_CALL, line_of("client recv", 0), 1, 1)->call = call_find("recv");
	back = line_event(EVENT_RETURN, line_of("client recv", 0), 1001, 1001);
	back->call = call_find("recv");
	back->blocked = true;
	back->result = 1;
	assert_string_equal(with_gap(TIME_EARLY),
			    "client recv(c, ..., 9) ...\n+1s client ... recv(c, ..., 9) = 1\n");
}

/*
 * The step `next` was begun at `begun_ms`, 0: never; what stands above it had come at 1, and there
 * was a packet at `came_ms`. Why that run is doubtful.
 */
static const char *doubt(const char *rest, const char *next, int64_t begun_ms, int64_t came_ms)
{
	fresh(NULL);
	script(arena_printf(&arena, HANDSHAKE "client send(c, \"a\") = 1\n%s", rest));
	handshake();
	called("client send", 0, 1, 1, 0);
	segment(HOST_CLIENT, came_ms, FLAG_ACK | FLAG_PSH, 1, 1, 1);
	if (begun_ms && !strncmp(next, "client ss", 9)) {
		struct event *e =
		    line_event(EVENT_READING, line_of(next, 0), begun_ms + 50, begun_ms + 51);

		e->begun = t.start + begun_ms * MS;
		e->socket = (struct socket_state){.found = true, .state = ss_state_find("ESTAB")};
	} else if (begun_ms) {
		line_event(EVENT_ACTION, line_of(next, 0), begun_ms, begun_ms);
	}
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	return why_doubtful(&arena, &run, &t, &verdict, run.line_count);
}

static void test_overtaken(void **state)
{
	static const char drop[] = "router drop client>\n", ss[] = "client ss c ESTAB\n",
			  gap[] = "+50ms router drop client>\n",
			  waits[] = " client> P. 1:2(1)\nrouter drop client>\n";

	(void)state;
	assert_string_equal(doubt(drop, "router drop", 60, 40),
			    "test.tcp:7: it was begun too late, and came after 'client> P. 1:2(1) "
			    "ack 1 win 64000', "
			    "or together with it");
	assert_non_null(doubt(drop, "router drop", 0, 40)); /* it was never begun */
	assert_null(doubt(drop, "router drop", 60, 70));
	assert_null(
	    doubt(drop, "router drop", 51, 51)); /* perhaps that came of it, or of a timer */
	assert_non_null(doubt(drop, "router drop", 52, 52)); /* it was late by more than 50 ms */
	assert_null(doubt(drop, "router drop", 60, 1));	     /* that came of the call */
	assert_non_null(doubt(drop, "router drop", 60, 2));
	assert_non_null(doubt(ss, "client ss", 60, 40));
	assert_null(doubt(ss, "client ss", 30, 40)); /* it was asked again and again */
	assert_null(doubt(gap, "+50ms", 60, 40));    /* it was not due */
	assert_non_null(doubt(gap, "+50ms", 60, 55));
	assert_null(doubt(waits, "router drop", 60, 40)); /* nor where it is waited for */
	assert_null(doubt(waits, "router drop", 60, 59));
}

/* In a script about delayed acknowledgements 20 ms are too late. */
static void test_overtaken_for_acks(void **state)
{
	(void)state;
	for (int at = 21; at <= 22; at++)
		for (int exact = 0; exact < 2; exact++) {
			assert_null(doubt("router drop client>\n", "router drop", at, at));
			run.acks_exact = exact;
			assert_int_equal(!why_doubtful(&arena, &run, &t, &verdict, run.line_count),
					 !exact || at == 21);
		}
}

/* Nobody knows when a call was entered that was seen asleep only later. */
static void test_overtaken_before_sleep(void **state)
{
	static const char recv[] = "client recv(c, ..., 9) ...\n";
	struct event *e;

	(void)state;
	for (int seen = 51; seen <= 52; seen++) {
		doubt(recv, "", 0, 40);
		e = line_event(EVENT_CALL, line_of("client recv", 0), 1, seen);
		e->call = call_find("recv");
		e->blocked = true;
		judge(&arena, &run, &t, run.line_count, true, &verdict);
		assert_int_equal(!why_doubtful(&arena, &run, &t, &verdict, run.line_count),
				 seen == 51);
	}
}

/* Since when all that the stretch of the last call waits for has come, in ms; -1: never. */
static int64_t known_of(size_t begin)
{
	ns_t known;

	judge(&arena, &run, &t, run.line_count, false, &verdict);
	known = stretch_known(&arena, &run, &t, &verdict, begin, run.line_count);
	return known == INT64_MAX ? -1 : (known - t.start) / MS;
}

static void test_stretch_known(void **state)
{
	size_t send;

	(void)state;
	/* A packet that nobody has written is not waited for. */
	doubt("", "", 0, 2);
	send = (size_t)line_of("client send", 0);
	assert_int_equal(known_of(send), 1);
	/* One that is written is: until it has arrived, .. */
	doubt(" client> P. 1:2(1)\n", "", 0, 2);
	assert_int_equal(known_of(send), 2);
	/* .. or has not come yet, .. */
	doubt(" client> P. 1:2(1)\n server> F. 1:1(0)\n", "", 0, 2);
	assert_int_equal(known_of(send), -1);
	/* .. or another one has come instead. */
	segment(HOST_SERVER, 30, FLAG_RST, 1, 0, 0);
	assert_int_equal(known_of(send), 30);
	/* So is a call that has not returned. */
	fresh(NULL);
	script(HANDSHAKE "client recv(c, ..., 1) = 1\n");
	handshake();
	line_event(EVENT_CALL, line_of("client recv", 0), 1, 1)->call = call_find("recv");
	assert_int_equal(known_of(send), -1);
}

/* When that came which has broken a silence of 20 ms from `known` on, in ms; -1: nothing has. */
static int64_t after_quiet(int64_t known)
{
	ns_t silent;
	const struct event *e = first_after_quiet(&t, t.start + known * MS, 20 * MS, &silent);

	assert_true(!e || silent < e->from);
	return e ? (e->from - t.start) / MS : -1;
}

static void test_after_quiet(void **state)
{
	(void)state;
	doubt("", "", 0, 2);
	assert_int_equal(after_quiet(1), -1);
	segment(HOST_SERVER, 22, FLAG_ACK, 1, 0, 2);
	segment(HOST_SERVER, 42, FLAG_ACK, 1, 0, 2);
	assert_int_equal(after_quiet(1), -1); /* one after the other, never quiet for so long */
	segment(HOST_SERVER, 200, FLAG_ACK, 1, 0, 2);
	segment(HOST_SERVER, 63, FLAG_ACK, 1, 0, 2);
	assert_int_equal(after_quiet(1), 63); /* the first of them, wherever it stands */
	assert_int_equal(after_quiet(42), 63);
	assert_int_equal(after_quiet(43), 200); /* since then it was quiet for 20 ms */
	assert_int_equal(after_quiet(180), -1);
	/* One that was noticed late may have come in time. To read or to wait breaks no silence. */
	line_event(EVENT_DEATH, -1, 70, 180);
	line_event(EVENT_READING, 0, 220, 225);
	line_event(EVENT_DISTURBED, -1, 221, 225);
	assert_int_equal(after_quiet(43), -1);
}

/* A run that waits for silence is overtaken by what it did not know when it began a step. */
static void test_overtaken_in_silence(void **state)
{
	size_t line;

	(void)state;
	for (int known = 30; known <= 50; known += 20) {
		doubt("client ss c ESTAB\nrouter drop client>\n", "client ss", 3, 40);
		line = (size_t)line_of("router drop", 0);
		line_event(EVENT_ACTION, (int)line, 60, 61)->known = t.start + known * MS;
		judge(&arena, &run, &t, run.line_count, true, &verdict);
		assert_int_equal(!why_doubtful(&arena, &run, &t, &verdict, line - 1), known == 50);
		/* Up to here the reading above was waited for, and that was over at 54. */
		assert_null(why_doubtful(&arena, &run, &t, &verdict, line));
	}
}

/* To wait for a CPU alters nothing by itself, nor does a packet that is released late, unless
 * something happens meanwhile. */
static void test_disturbed(void **state)
{
	struct event *e;

	(void)state;
	for (int i = 0; i < 5; i++) {
		doubt(" client> P. 1:2(1)\nrouter drop client>\n", "router drop", 50, 40);
		e = line_event(EVENT_DISTURBED, -1,
			       i == 3	? 30
			       : i == 4 ? 45
					: 41,
			       i == 4 ? 51 : 49);
		e->note = "so";
		e->slow = i == 1;
		e->if_eventful = i >= 2;
		judge(&arena, &run, &t, run.line_count, true, &verdict);
		assert_int_equal(!why_doubtful(&arena, &run, &t, &verdict, run.line_count),
				 i == 1 || i == 2);
	}
}

/* A call that slept until something arrived at 55 came back then, not when it went in. */
static void test_slept_until(void **state)
{
	size_t drop;

	(void)state;
	for (int arrives = 0; arrives < 3; arrives++) {
		struct event *back;

		fresh(NULL);
		script(HANDSHAKE "client recv(c, ..., 9) ...\nrouter drop server>\n"
				 "client ... recv(c, ..., 9) = 1\n");
		handshake();
		drop = (size_t)line_of("router drop", 0);
		line_event(EVENT_CALL, line_of("client recv", 0), 1, 1)->call = call_find("recv");
		line_event(EVENT_ACTION, (int)drop, 50, 50);
		if (arrives) /* at the other host, or at that of the call */
			segment(arrives == 1 ? HOST_CLIENT : HOST_SERVER, 55, FLAG_ACK, 1, 1, 1);
		back = line_event(EVENT_RETURN, line_of("client recv", 0), 10, 60);
		back->call = call_find("recv");
		back->blocked = true;
		if (arrives == 2)
			assert_int_equal(stretch_of_event(&run, &t, (int)t.event_count - 1), drop);
		else
			assert_true(stretch_of_event(&run, &t, (int)t.event_count - 1) < drop);
	}
}

static void test_turns(void **state)
{
	(void)state;
	script(HANDSHAKE "repeat 2\nclient send(c, \"a\")\nend\n");
	handshake();
	called("client send", 0, 1, 1, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 1, 1);
	called("client send", 1, 2, 1, 0);
	segment(HOST_CLIENT, 2, FLAG_ACK | FLAG_PSH, 2, 1, 1);
	refuses("below it comes 'client> P. 1:2(1) ack 1' in turn 1 of the repeat of line 6, and "
		"'client> P. 2:3(1) ack 1' in turn 2");
	fresh(NULL);
	script(HANDSHAKE "repeat 2\nclient send(c, \"a\") # each time\nend\n");
	handshake();
	called("client send", 0, 1, -1, 32);
	called("client send", 1, 2, -1, 32);
	segment(HOST_CLIENT, 3, FLAG_ACK | FLAG_FIN, 1, 0, 1);
	becomes(HANDSHAKE "repeat 2\nclient send(c, \"a\") = -1 EPIPE # each time\nend\n"
			  " client> F. ack 1\n");
	fresh(NULL);
	script(HANDSHAKE "repeat 2\nclient send(c, \"a\") = 5\nend\n");
	handshake();
	called("client send", 0, 1, -1, 32);
	called("client send", 1, 2, -1, 11);
	refuses("it is '-1 EPIPE' in turn 1 of the repeat of line 6, and it is '-1 EAGAIN' in turn "
		"2");
}

static void test_names(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = $n\nclient send(c, \"abc\") = $n + 1\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	called("client send", 1, 2, 3, 0);
	refuses("test.tcp:7: '$n + 1' is written here, and it is 3");
}

static void test_marks(void **state)
{
	struct diagnostics diagnostics = {.arena = &arena};
	static const char text[] = "client socket() = c   #! expected d\n  #+ client> S\n"
				   "client close(c) = 0 # a close\n   #- client> R\n";
	struct source source = {"test.tcp", text, sizeof(text) - 1};

	(void)state;
	draft = bless_unmark(&arena, script_parse(&arena, &source, &diagnostics));
	assert_string_equal(draft.text, "client socket() = c\nclient close(c) = 0 # a close\n");
	assert_int_equal(draft.line_count, 2);
	assert_int_equal(draft.lines[0], 1);
	assert_int_equal(draft.lines[1], 3);
}

/* With a line goes its end, however many \r there are, and though the file's last line has no \n.
 */
static void test_line_ends(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> F.\r\r\n client> P. 1:4(3)\n"
			 " server> R.\r");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n");
}

/* Lines that come in end as the line above them does, whose blanks stay with it. */
static void test_line_ends_of_additions(void **state)
{
	static const struct {
		const char *before, *after;
	} ends[] = {
	    {"\n", "\n"},	 {"\r\n", "\r\n"}, {"\r\r\n", "\r\r\n"},
	    {" \t\r\n", "\r\n"}, {" \n", "\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *before = ends[i].before, *after = ends[i].after;
		const char *call = HANDSHAKE "client send(c, \"abc\") = 3";
		const char *added = " client> P. 1:4(3) ack 1";

		fresh(NULL);
		script(arena_printf(&arena, "%s%s# end%s", call, before, before));
		handshake();
		called("client send", 0, 1, 3, 0);
		segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
		becomes(arena_printf(&arena, "%s%.*s%s%s%s# end%s", call,
				     (int)(strlen(before) - strlen(after)), before, after, added,
				     after, before));
	}
	/* The last line has no end. */
	fresh(NULL);
	script("#\r\n" HANDSHAKE "client send(c, \"abc\") = 3");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	becomes("#\r\n" HANDSHAKE "client send(c, \"abc\") = 3\r\n"
		" client> P. 1:4(3) ack 1");
}

static void test_no_problem(void **state)
{
	(void)state;
	script(HANDSHAKE);
	handshake();
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_int_equal(verdict.problem_count, 0);
	draft = (struct draft){0};
	assert_int_equal(bless_gap(&arena, &run, &t, &verdict, &draft), TIME_OTHER);
	assert_null(draft.text);
}

/* ---- written lines that hold are kept ---- */

/* An answer to the reading of that line. */
static void read_state(const char *line, int64_t at_ms, const char *state)
{
	struct event *e = line_event(EVENT_READING, line_of(line, 0), at_ms, at_ms);

	e->descriptor = "c";
	e->socket.found = strcmp(state, "none") != 0;
	e->socket.state = ss_state_find(state);
}

/* A reading is repeated until it is as written: events meanwhile come before it. */
static void test_reading_asked_again(void **state)
{
	(void)state;
	script(HANDSHAKE "client close(c) = 0\n client> F.\nclient ss c none\n");
	handshake();
	called("client close", 0, 1, 0, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_FIN, 1, 0, 1);
	read_state("client ss", 2, "FIN-WAIT-1");
	segment(HOST_SERVER, 41, FLAG_ACK | FLAG_FIN, 1, 0, 2);
	read_state("client ss", 1041, "none");
	becomes(HANDSHAKE "client close(c) = 0\n client> F.\n  +40ms server> F. ack 2\n"
			  "client ss c none\n");
	assert_int_equal(draft.changed_count, 0);
}

/* Where the acknowledgement stands of which another one is the duplicate. */
static void test_original_above(void **state)
{
	(void)state;
	script(HANDSHAKE "client close(c) = 0\n client> F.\nclient ss c none\n"
			 "server socket() = l\n");
	handshake();
	called("client close", 0, 1, 0, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_FIN, 1, 0, 1);
	read_state("client ss", 2, "FIN-WAIT-1");
	segment(HOST_SERVER, 41, FLAG_ACK, 1, 0, 2);
	read_state("client ss", 1041, "none");
	called("server socket", 0, 1042, 3, 0);
	segment(HOST_SERVER, 1043, FLAG_ACK, 1, 0, 2);
	becomes(HANDSHAKE "client close(c) = 0\n client> F.\n server> . ack 2\n"
			  "client ss c none\nserver socket() = l\n server> . ack 2\n");
}

/* A line that held in the usual run is not changed, even if a longer wait gives another result. */
static void test_what_has_held(void **state)
{
	static const char text[] = HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n"
					     "client ss c ESTAB\nclient send(c, \"abc\") = 3\n";

	(void)state;
	script(text);
	handshake();
	called("client send", 0, 1, 2, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 2, 1);
	read_state("client ss", 2, "CLOSE-WAIT");
	called("client send", 1, 3, -1, 32);
	segment(HOST_SERVER, 4, FLAG_RST, 1, 0, 0);
	becomes(HANDSHAKE "client send(c, \"abc\") = 2\n client> P. 1:3(2)\n"
			  "client ss c CLOSE-WAIT\nclient send(c, \"abc\") = -1 EPIPE\n"
			  " server> R\n");
	assert_int_equal(draft.changed_count, 4);
	held = "+++++++++";
	assert_int_equal(strlen(held), run.line_count);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n"
			  "client ss c ESTAB\nclient send(c, \"abc\") = 3\n server> R\n");
	assert_int_equal(draft.changed_count, 0);
	held = "++++++++-";
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n"
			  "client ss c ESTAB\nclient send(c, \"abc\") = -1 EPIPE\n"
			  " server> R\n");
	assert_int_equal(draft.changed_count, 1);
	assert_int_equal(draft.changed[0], 9);
}

/* Of several similar packets, the others' times show which one has no line. */
static void test_first_forgotten(void **state)
{
	static const char text[] = HANDSHAKE "client send(c, \"abc\") = 3\n"
					     "  +200ms client> P. 1:4(3) lost # one\n"
					     "  +400ms client> P. 1:4(3) lost # two\n";

	(void)state;
	script(text);
	handshake();
	called("client send", 0, 1, 3, 0);
	lost(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	/* So far it could be the first line's packet, with a wrong time; but it is too early to
	 * know. */
	judge(&arena, &run, &t, run.line_count, false, &verdict);
	assert_true(verdict.diverged);
	assert_int_equal(bless_gap(&arena, &run, &t, &verdict, &draft), TIME_MAY_COME);
	assert_int_equal(bless_complete(&run, &t, &verdict, 5, run.line_count), -1);
	lost(segment(HOST_CLIENT, 205, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lost(segment(HOST_CLIENT, 625, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n         client> P. 1:4(3) ack 1 lost\n"
			  "  +200ms client> P. 1:4(3) lost # one\n"
			  "  +400ms client> P. 1:4(3) lost # two\n");
	assert_int_equal(draft.changed_count, 0);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_int_equal(bless_complete(&run, &t, &verdict, 5, run.line_count), 0);
}

/* A line is moved only if the run has reached it, and nothing of its kind comes there. */
static void test_moved(void **state)
{
	struct blessing what = {.done = 7};
	const char *why;

	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n server> . ack 4\n"
			 "client send(c, \"def\") = 3\n client> P. 1:4(3)\n client> P. 4:7(3)\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_SERVER, 2, FLAG_ACK, 1, 0, 4);
	judge(&arena, &run, &t, 7, true, &verdict);
	assert_true(bless_rewrite(&arena, &run, &t, &verdict, &what, &draft, &why));
	assert_string_equal(
	    draft.text,
	    HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3) ack 1\n server> . ack 4\n"
		      "client send(c, \"def\") = 3\n client> P. 1:4(3)\n client> P. 4:7(3)\n");
	called("client send", 1, 3, 3, 0);
	segment(HOST_CLIENT, 3, FLAG_ACK | FLAG_PSH, 4, 3, 1);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n server> . ack 4\n"
			  "client send(c, \"def\") = 3\n client> P. 4:7(3)\n");
	assert_int_equal(draft.lines[6], -9);
}

static void test_held(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\n# note\n"
			 "client ss c none\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 2, 1);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_string_equal(bless_held(&arena, &run, &verdict), "++++++---");
	/* A reading is asked until it is as written, or something else goes wrong. */
	fresh(NULL);
	script(HANDSHAKE "client ss c none\n");
	handshake();
	read_state("client ss", 2, "ESTAB");
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_string_equal(bless_held(&arena, &run, &verdict), "+++++-");
	segment(HOST_CLIENT, 3, FLAG_ACK | FLAG_PSH, 1, 2, 1);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_string_equal(bless_held(&arena, &run, &verdict), "+++++?");
	/* So it is once more: what came has to be written first. */
	read_state("client ss", 4, "CLOSE-WAIT");
	held = "+++++?";
	becomes(HANDSHAKE " client> P. 1:3(2) ack 1\nclient ss c none\n");
	held = "+++++-";
	becomes(HANDSHAKE " client> P. 1:3(2) ack 1\nclient ss c CLOSE-WAIT\n");
	fresh(NULL);
	script(HANDSHAKE "client ss c none\n");
	handshake();
	read_state("client ss", 2, "ESTAB");
	held = "+++++?";
	becomes(HANDSHAKE "client ss c ESTAB\n");
}

static void with_mss(const struct segment *s, uint16_t mss)
{
	struct packet *p = arena_new(&arena, struct packet);

	*p = *s->packet;
	p->options.has_mss = true;
	p->options.mss = mss;
	t.segments[s->id].packet = p;
}

/* An option that binds a name while it is tried has not bound it for the next one. */
static void test_trial_binds_nothing(void **state)
{
	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> F.\n"
			 " client> P. 1:4(3) <mss $m>\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	with_mss(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1), 1000);
	with_mss(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 4, 3, 1), 2000);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3) <mss $m>\n"
			  " client> P. 4:7(3) ack 1\n");
}

/* ---- times of events that follow at once ---- */

/* The effect of an action has come at once, even if the action was late. */
static void test_after_action(void **state)
{
	struct event *handled;
	int cause;

	(void)state;
	script(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\nrouter heal\n"
			 "client signal SIGUSR1\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	line_event(EVENT_ACTION, line_of("router heal", 0), 61, 62);
	segment(HOST_SERVER, 63, FLAG_ACK | FLAG_FIN, 1, 0, 4);
	line_event(EVENT_ACTION, line_of("client signal", 0), 121, 122);
	cause = (int)t.event_count - 1;
	handled = line_event(EVENT_SIGNAL, -1, 121, 321);
	handled->host = HOST_CLIENT;
	handled->signal = SIGUSR1;
	handled->cause = cause;
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. 1:4(3)\nrouter heal\n"
			  " server> F. ack 4\nclient signal SIGUSR1\n client --- SIGUSR1 ---\n");
}

static void test_deaths(void **state)
{
	struct event *death;

	(void)state;
	script(HANDSHAKE "client fork() = kid\nclient kill(kid, SIGTERM) = 0\n");
	handshake();
	called("client fork", 0, 1, 0, 0);
	called("client kill", 0, 2, 0, 0);
	/* Noticed late, but it may have come at once: it has no time .. */
	death = line_event(EVENT_DEATH, -1, 2, 352);
	death->host = HOST_CLIENT;
	death->part = "kid";
	death->signal = SIGTERM;
	/* .. and neither has its possible effect. */
	segment(HOST_CLIENT, 340, FLAG_ACK | FLAG_FIN, 1, 0, 1);
	becomes(HANDSHAKE "client fork() = kid\nclient kill(kid, SIGTERM) = 0\n"
			  " client.kid +++ killed by SIGTERM +++\n client> F. ack 1\n");
	/* It was alive for 350 ms, and nobody did anything to it. */
	for (size_t i = 0; i < t.event_count; i++)
		if (t.events[i].kind == EVENT_DEATH)
			t.events[i].from = t.start + 351 * MS;
		else if (t.events[i].segment == (int)t.segment_count - 1)
			t.events[i].from = t.events[i].to = t.start + 353 * MS;
	t.segments[t.segment_count - 1].sent = t.start + 353 * MS;
	becomes(HANDSHAKE "client fork() = kid\nclient kill(kid, SIGTERM) = 0\n"
			  "  +350ms client.kid +++ killed by SIGTERM +++\n client> F. ack 1\n");
}

/* ---- the fate of the written lines ---- */

static struct draft of_lines(const char *text, int count, const int *lines, int changed)
{
	struct draft d = {.text = text, .line_count = (size_t)count};

	d.lines = arena_alloc(&arena, (size_t)count * sizeof(*lines));
	memcpy(d.lines, lines, (size_t)count * sizeof(*lines));
	if (changed)
		*arena_push(&arena, d.changed, d.changed_count) = changed;
	return d;
}

static void test_new_times(void **state)
{
	struct history h;
	struct draft file =
	    of_lines("a\n +1s b\n +1s c\n@x+1s d\ne\n", 5, (int[]){1, 2, 3, 4, 5}, 0);

	(void)state;
	history_begin(&h, &arena, &file);
	for (int i = 1; i <= 6; i++)
		assert_false(history_has_new_time(&h, i));
	file = of_lines(" +1s a\n   +1s  b = 1\n+10s c\n+5s f\n@x+2s d\n e\n", 6,
			(int[]){1, 2, 3, 0, 4, 5}, 2);
	history_take(&h, &file);
	assert_true(history_has_new_time(&h, 1));
	assert_false(history_has_new_time(&h, 2));
	assert_true(history_has_new_time(&h, 3));
	assert_true(history_has_new_time(&h, 4));
	assert_true(history_has_new_time(&h, 5));
	assert_false(history_has_new_time(&h, 6));
}

static void test_history(void **state)
{
	struct draft file =
	    of_lines("one\n  two \"#\" # 2\nthree\nfour\n", 4, (int[]){1, 2, 4, 5}, 0);
	struct contradiction *list;
	struct history h;

	(void)state;
	history_begin(&h, &arena, &file);
	/* Two is changed, and a line comes in above it; one gets a result. */
	file = of_lines("one = 1\nnew\n  2\nthree\nfour\n", 5, (int[]){1, 0, 2, 3, 4}, 2);
	history_take(&h, &file);
	assert_int_equal(history_contradictions(&h, &list), 1);
	assert_int_equal(list[0].line, 2);
	assert_string_equal(list[0].written, "two \"#\"");
	assert_string_equal(list[0].seen, "2");
	assert_int_equal(history_added(&h), 1);
	assert_int_equal(history_filled(&h), 1);
	/* A line of the draft, as the file counts; and one that nobody has written. */
	assert_int_equal(history_number(&h, 4), 4);
	assert_int_equal(history_number(&h, 2), 0);
	assert_int_equal(history_number(&h, 6), 0);
	assert_string_equal(history_line(&h, 3), "2");
	assert_null(history_line(&h, 6));
	/* An added line may be removed again; three is removed, too. */
	file = of_lines("one = 1\n  2\nfour\n", 3, (int[]){1, 3, 5}, 4);
	history_take(&h, &file);
	assert_int_equal(history_contradictions(&h, &list), 2);
	assert_int_equal(list[1].line, 4);
	assert_null(list[1].seen);
	/* Two is as it was again; four stands elsewhere. */
	file = of_lines("four\none = 1\n  two \"#\" # 2\n", 3, (int[]){-3, 1, 2}, 3);
	history_take(&h, &file);
	assert_int_equal(history_contradictions(&h, &list), 2);
	assert_null(list[0].seen);
	assert_int_equal(list[1].line, 5);
	assert_true(list[1].moved);
	assert_string_equal(list[1].seen, "four");
}

/* A draft says of each line which one it was. */
static void test_lines_of_draft(void **state)
{
	static const int wanted[] = {1, 2, 3, 4, 5, 6, 0, 8, 9};

	(void)state;
	script(HANDSHAKE
	       "client send(c, \"abc\") # six\n client> F. # goes\n server> P. 1:9(8)\n# nine\n");
	handshake();
	called("client send", 0, 1, 3, 0);
	segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1);
	segment(HOST_SERVER, 2, FLAG_ACK | FLAG_PSH, 1, 8, 4);
	becomes(HANDSHAKE "client send(c, \"abc\") = 3 # six\n client> P. 1:4(3) ack 1\n"
			  " server> P. 1:9(8)\n# nine\n");
	assert_int_equal(draft.line_count, 9);
	assert_memory_equal(draft.lines, wanted, sizeof(wanted));
	assert_int_equal(draft.changed_count, 1); /* a result that was missing is no change */
	assert_int_equal(draft.changed[0], 7);
}

/* ---- from one process to the other ---- */

static void test_answer(void **state)
{
	const struct bless_answer said = {
	    .path = "a: b/\xff\n.tcp",
	    .line = 12,
	    .from = 7,
	    .held = "+-+",
	    .message = "expected: a; got: b\nand more",
	    .draft = of_lines("x\ny\n", 2, (int[]){0, 2}, 3),
	    .time = TIME_LATE,
	};
	struct bless_answer heard;
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);

	(void)state;
	bless_answer_write(out, &said);
	fclose(out);
	assert_true(bless_answer_read(&arena, bytes, length, &heard));
	assert_string_equal(heard.path, said.path);
	assert_int_equal(heard.line, 12);
	assert_int_equal(heard.from, 7);
	assert_string_equal(heard.held, said.held);
	assert_string_equal(heard.message, said.message);
	assert_string_equal(heard.draft.text, said.draft.text);
	assert_int_equal(heard.draft.line_count, 2);
	assert_memory_equal(heard.draft.lines, said.draft.lines, 2 * sizeof(int));
	assert_int_equal(heard.draft.changed_count, 1);
	assert_int_equal(heard.draft.changed[0], 3);
	assert_int_equal(heard.time, TIME_LATE);
	for (size_t i = 0; i < length; i++)
		assert_false(bless_answer_read(&arena, bytes, i, &heard));
	free(bytes);
}

static ns_t round_ms(int64_t least, int64_t most, int64_t before)
{
	const struct measured m = {least * MS, most * MS, 4 * MS};

	return time_roundest(&m, before * MS) / MS;
}

static void test_round_times(void **state)
{
	(void)state;
	assert_int_equal(round_ms(1023, 1023, 0), 1000);
	assert_int_equal(round_ms(44, 44, 0), 40);
	assert_int_equal(round_ms(205, 205, 0), 200);
	assert_int_equal(round_ms(7509000, 7509000, 0), 7200000);
	/* Twice what was before, or that again. */
	assert_int_equal(round_ms(3204, 3204, 1600), 3200);
	assert_int_equal(round_ms(3204, 3204, 3200), 3200);
	/* Waits of ours stand between: whichever is rounder. */
	assert_int_equal(round_ms(940, 1000, 0), 1000);
	assert_int_equal(round_ms(208, 208, 0), 200);
	assert_int_equal(round_ms(312, 312, 0), 300);
	/* 200 ms would hold, and no longer if it came a tick later. */
	assert_int_equal(round_ms(230, 230, 0), 220);
}

/* Whatever was measured for a timer, the written time then holds whenever it expires. */
static void holds_again(ns_t length, ns_t tick)
{
	ns_t late = tick; /* by the wheel */

	while (length >= 63 * late)
		late *= 8;
	for (ns_t seen = length; seen <= length + late; seen += tick) {
		const struct measured m = {seen, seen, tick};
		ns_t t = time_roundest(&m, 0);

		for (ns_t next = length; next <= length + late; next += tick) {
			const struct measured again = {next, next, tick};

			if (!time_holds(t, &again))
				fail_msg("%lld ms: +%lld ms after %lld, which is not %lld",
					 (long long)(length / MS), (long long)(t / MS),
					 (long long)(seen / MS), (long long)(next / MS));
		}
	}
}

static void test_round_times_hold_again(void **state)
{
	static const int64_t lengths[] = {20,	40,   100,  200,  250,	300,  400,  500,   800,
					  1000, 1500, 1600, 2000, 3000, 5000, 6000, 10000, 60000};
	static const ns_t ticks[] = {1 * MS, 4 * MS, 10 * MS};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		for (size_t k = 0; k < sizeof(ticks) / sizeof(*ticks); k++)
			holds_again(lengths[i] * MS, ticks[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_what_holds, fresh),
	    cmocka_unit_test_setup(test_values, fresh),
	    cmocka_unit_test_setup(test_results, fresh),
	    cmocka_unit_test_setup(test_lines, fresh),
	    cmocka_unit_test_setup(test_alignment, fresh),
	    cmocka_unit_test_setup(test_plain, fresh),
	    cmocka_unit_test_setup(test_times, fresh),
	    cmocka_unit_test_setup(test_time_without_own, fresh),
	    cmocka_unit_test_setup(test_waiting_is_not_own, fresh),
	    cmocka_unit_test_setup(test_call_that_waits_for_a_cpu, fresh),
	    cmocka_unit_test_setup(test_late_beside_delay, fresh),
	    cmocka_unit_test_setup(test_time_doubles, fresh),
	    cmocka_unit_test_setup(test_time_too_early, fresh),
	    cmocka_unit_test_setup(test_overtaken, fresh),
	    cmocka_unit_test_setup(test_overtaken_for_acks, fresh),
	    cmocka_unit_test_setup(test_overtaken_before_sleep, fresh),
	    cmocka_unit_test_setup(test_stretch_known, fresh),
	    cmocka_unit_test_setup(test_after_quiet, fresh),
	    cmocka_unit_test_setup(test_overtaken_in_silence, fresh),
	    cmocka_unit_test_setup(test_disturbed, fresh),
	    cmocka_unit_test_setup(test_slept_until, fresh),
	    cmocka_unit_test_setup(test_turns, fresh),
	    cmocka_unit_test_setup(test_names, fresh),
	    cmocka_unit_test_setup(test_marks, fresh),
	    cmocka_unit_test_setup(test_line_ends, fresh),
	    cmocka_unit_test_setup(test_no_problem, fresh),
	    cmocka_unit_test_setup(test_round_times, fresh),
	    cmocka_unit_test_setup(test_round_times_hold_again, fresh),
	    cmocka_unit_test_setup(test_reading_asked_again, fresh),
	    cmocka_unit_test_setup(test_line_ends_of_additions, fresh),
	    cmocka_unit_test_setup(test_original_above, fresh),
	    cmocka_unit_test_setup(test_what_has_held, fresh),
	    cmocka_unit_test_setup(test_first_forgotten, fresh),
	    cmocka_unit_test_setup(test_moved, fresh),
	    cmocka_unit_test_setup(test_held, fresh),
	    cmocka_unit_test_setup(test_trial_binds_nothing, fresh),
	    cmocka_unit_test_setup(test_after_action, fresh),
	    cmocka_unit_test_setup(test_deaths, fresh),
	    cmocka_unit_test_setup(test_history, fresh),
	    cmocka_unit_test_setup(test_lines_of_draft, fresh),
	    cmocka_unit_test_setup(test_new_times, fresh),
	    cmocka_unit_test_setup(test_answer, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
