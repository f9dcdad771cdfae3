/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blessing, a pure function: a script as text, a time line made by hand, and the text that must
 * come of them. What is seen in real runs is tests/bless.sh's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/bless/bless.h"
#include "harness/bless/times.h"
#include "harness/script/script.h"

#define MS NS_PER_MS

static struct arena arena;
static struct run run;
static struct timeline t;
static struct judgement verdict;

static int fresh(void **state)
{
	(void)state;
	arena_free(&arena);
	timeline_init(&t, &arena);
	t.start = 1000 * NS_PER_S;
	t.tick = 4 * MS;
	return 0;
}

static void script(const char *text)
{
	struct source *source = arena_new(&arena, struct source);
	struct complaints complaints = {.arena = &arena};
	struct facts facts = {.kernel = {6, 18, 0}, .family = 4};
	struct script *parsed;

	*source = (struct source){"test.tcp", text, strlen(text)};
	run = (struct run){0};
	parsed = script_parse(&arena, source, &complaints);
	assert_non_null(parsed);
	assert_true(script_expand(&arena, parsed, &facts, NULL, 0, NULL, NULL, &run, &complaints));
	run.to_bless = true;
	if (!script_check(&arena, &run, &complaints))
		complaints_print(stderr, &complaints);
	assert_int_equal(complaints.count, 0);
}

/* The index of the line that begins, after blanks, with `start`; `nth` counts from 0. */
static int line_of(const char *start, int nth)
{
	for (size_t i = 0; i < run.line_count; i++) {
		const char *text = run.lines[i].text;

		text += strspn(text, " \t");
		if (!strncmp(text, start, strlen(start)) && nth-- == 0)
			return (int)i;
	}
	fail_msg("no line '%s'", start);
	return -1;
}

static struct event *event(enum event_kind kind, int line, int64_t from_ms, int64_t to_ms)
{
	struct event *e = timeline_event(&t, kind, t.start + from_ms * MS, t.start + to_ms * MS);

	e->line = line;
	if (line >= 0 && run.lines[line].actor.host)
		e->host = host_find(run.lines[line].actor.host);
	e->text = "call()";
	return e;
}

/* The call of that line, and its return, at once. */
static void called(const char *line, int nth, int64_t at_ms, int64_t result, int error)
{
	int index = line_of(line, nth);
	struct event *e = event(EVENT_CALL, index, at_ms, at_ms);

	e->call = run.lines[index].call.name;
	e->descriptor = "c";
	e = event(EVENT_RETURN, index, at_ms, at_ms);
	e->result = result;
	e->error = error;
	e->call = run.lines[index].call.name;
	if (result >= 0)
		e->bound = run.lines[index].call.result.name;
}

static struct segment *segment(enum host from, int64_t at_ms, uint8_t flags, int64_t seq,
			       uint32_t length, int64_t ack)
{
	struct packet *p = arena_new(&arena, struct packet);
	struct segment *s = arena_push(&arena, t.segments, t.segment_count);
	struct event *e;

	p->kind = PACKET_TCP;
	p->flags = flags;
	p->length = length;
	p->source = host_ip(from, 4);
	p->target = host_ip(from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT, 4);
	*s = (struct segment){
	    .packet = p,
	    .id = (int)t.segment_count - 1,
	    .from = from,
	    .to = from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT,
	    .end = from == HOST_SERVER,
	    .seq = seq,
	    .ack = ack,
	    .window = 64000,
	    .decided = true,
	    .lost_at = HOST_NONE,
	};
	e = event(EVENT_SENT, -1, at_ms, at_ms);
	e->segment = s->id;
	s->sent = s->arrived = e->from;
	s->sent_order = e->order;
	e = event(EVENT_ARRIVED, -1, at_ms, at_ms);
	e->segment = s->id;
	s->arrived_order = e->order;
	return s;
}

static void lose(struct segment *s)
{
	s->fate = FATE_LOST;
	s->lost_at = HOST_ROUTER;
	s->arrived_order = 0, s->arrived = 0;
}

#define HANDSHAKE                                                                                  \
	"client socket() = c\nclient connect(c, server:80) = 0\n client> S\n server> S.\n "        \
	"client> .\n"

/* The connection c, client to server. */
static void handshake(void)
{
	struct connection *c = arena_push(&arena, t.connections, t.connection_count);

	*arena_push(&arena, c->names, c->name_count) = "c";
	c->end[0].host = HOST_CLIENT;
	c->end[1].host = HOST_SERVER;
	called("client socket", 0, 0, 3, 0);
	called("client connect", 0, 0, 0, 0);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 0, FLAG_ACK, 1, 0, 1);
}

static const char *blessed(bool acks, const char **why)
{
	struct blessing what = {.done = run.line_count, .acks = acks};

	judge(&arena, &run, &t, run.line_count, true, &verdict);
	return bless_rewrite(&arena, &run, &t, &verdict, &what, why);
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
	lose(segment(HOST_SERVER, 205, FLAG_ACK | FLAG_PSH, 1, 8, 4));
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n     client> P. 1:4(3) ack 1\n"
			  "     server> P. 1:9(8)\n"
			  "  +200ms server> P. 1:9(8) ack 4 lost\n");
}

/* The longest common subsequence keeps what is alike, and of those what is the same. */
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
	/* A duplicate is not plain, and would be taken for the first one if that were not written.
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
	lose(segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lose(segment(HOST_CLIENT, 205, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	lose(segment(HOST_CLIENT, 1230, FLAG_ACK | FLAG_PSH, 1, 3, 1));
	becomes(HANDSHAKE "client send(c, \"abc\") = 3\n client> P. lost\n"
			  "  +200ms  client> P. lost # doubled\n  +1s     client> P. lost\n");
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
	struct complaints complaints = {.arena = &arena};
	static const char text[] = "client socket() = c   #! expected d\n  #+ client> S\n"
				   "client close(c) = 0 # a close\n   #- client> R\n";
	struct source source = {"test.tcp", text, sizeof(text) - 1};

	(void)state;
	assert_string_equal(bless_unmark(&arena, script_parse(&arena, &source, &complaints)),
			    "client socket() = c\nclient close(c) = 0 # a close\n");
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

static void test_no_problem(void **state)
{
	const char *why;

	(void)state;
	script(HANDSHAKE);
	handshake();
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_int_equal(verdict.problem_count, 0);
	assert_null(bless_gap(&arena, &run, &t, &verdict, &why));
	assert_null(why);
}

static ns_t round_ms(int64_t least, int64_t most, int64_t before)
{
	const struct measured m = {least * MS, most * MS, 4 * MS};

	return time_roundest(&m, before * MS) / MS;
}

static void test_round_times(void **state)
{
	const struct gap second = {.present = true, .min = NS_PER_S, .max = NS_PER_S};
	struct measured m = {1200 * MS, 1200 * MS, 4 * MS};

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
	/* What is later than allowed: the least that allows it. */
	assert_int_equal(time_mended(&second, &m) / MS, 1100);
	assert_true(time_holds(1100 * MS, &m));
	assert_false(time_holds(1000 * MS, &m));
	assert_false(time_holds(1300 * MS, &m));
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
	    cmocka_unit_test_setup(test_turns, fresh),
	    cmocka_unit_test_setup(test_names, fresh),
	    cmocka_unit_test_setup(test_marks, fresh),
	    cmocka_unit_test_setup(test_line_ends, fresh),
	    cmocka_unit_test_setup(test_no_problem, fresh),
	    cmocka_unit_test_setup(test_round_times, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
