/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of packets and errnos, the steps of a time line made by hand, and pages. */
#include "tests/recorded.h"

#include <errno.h>

#include "harness/base/text.h"
#include "harness/explain/explain.h"

static void begin(const char *text)
{
	recorded_begin();
	read_good_script(arena_printf(&arena, "client  socket() = c\n%s", text), false);
	connection("c", NULL);
}

#define WORDS(segment, expected) assert_string_equal(packet_words(&arena, &t, segment), expected)

/* (The segments are numbered from 0: each pointer is valid until the next one is added.) */
static void test_packets(void **state)
{
	struct segment *s;

	(void)state;
	begin("");
	s = segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0);
	WORDS(s, "SYN: it asks for a connection");
	s = segment(HOST_SERVER, 1, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	WORDS(s, "SYN and ACK: it accepts the connection");
	s = segment(HOST_CLIENT, 1, FLAG_ACK, 1, 0, 1);
	WORDS(s, "ACK: it has got everything before number 1");
	s = segment(HOST_CLIENT, 1, FLAG_ACK | FLAG_PSH, 1, 5, 1);
	WORDS(s, "5 bytes of data, numbers 1 to 5");
	s = segment(HOST_SERVER, 1, FLAG_ACK, 1, 0, 6);
	s->window = 0;
	WORDS(s, "ACK: it has got everything before number 6; its window is shut: no data may be "
		 "sent to it");
	s = segment(HOST_SERVER, 1, FLAG_ACK | FLAG_FIN, 1, 1, 6);
	WORDS(s, "one byte of data, number 1; FIN: it has no more to send");
	s = segment(HOST_SERVER, 1, FLAG_ACK, 3, 0, 6);
	((struct packet *)s->packet)->options.sack_count = 1;
	s->sack[0][0] = 10;
	s->sack[0][1] = 20;
	WORDS(s, "ACK, once more: it waits for number 6; SACK: it also has numbers 10 to 19");
	s = segment(HOST_CLIENT, 1, FLAG_RST, 6, 0, 0);
	WORDS(s, "RST: the connection is over, at once");
}

static void test_refusal(void **state)
{
	(void)state;
	begin("");
	segment(HOST_CLIENT, 1, FLAG_SYN, 0, 0, 0);
	WORDS(segment(HOST_SERVER, 1, FLAG_RST | FLAG_ACK, 0, 0, 1),
	      "RST: it refuses the connection");
	begin("");
	segment(HOST_CLIENT, 1, FLAG_ACK, 1, 0, 1);
	WORDS(segment(HOST_SERVER, 1, FLAG_RST, 1, 0, 0), "RST: the connection is over, at once");
}

#define CONNECT "client  connect(c, server:80) = -1 ECONNREFUSED\n"

static struct event *refused(int64_t at)
{
	struct event *e = line_returned(line_of("client  connect", 0), at, -1, ECONNREFUSED);

	e->text = "connect(c, server:80)";
	e->descriptor = "c";
	return e;
}

/* The reason is told if it has come, in that connection, before the return. */
static void test_reasons(void **state)
{
	(void)state;
	begin(CONNECT);
	assert_string_equal(error_words(&arena, &t, refused(5)), "Connection refused");
	segment(HOST_CLIENT, 6, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 6, FLAG_RST | FLAG_ACK, 0, 0, 1);
	assert_string_equal(error_words(&arena, &t, refused(5)), "Connection refused");
	assert_string_equal(error_words(&arena, &t, refused(7)),
			    "Connection refused: a reset has come in answer to the SYN");
	connection("d", NULL);
	segment_of(1, HOST_SERVER, 8, FLAG_RST, 0, 0, 0);
	t.connections[0].names[0] = "another";
	assert_string_equal(error_words(&arena, &t, refused(9)), "Connection refused");
}

static const char *told(void)
{
	struct observation seen = {.run = &run, .timeline = t};
	struct text text;

	seen.judgement.lines =
	    arena_alloc(&arena, (run.line_count + 1) * sizeof(*seen.judgement.lines));
	explain_print(text_open(&text), &seen);
	return text_close(&text, &arena);
}

/* A late call of the script is no wait of the story; a timer's is. */
static void test_steps(void **state)
{
	struct event *e;
	const char *text;

	(void)state;
	begin(CONNECT);
	e = line_returned(line_of("client  socket", 0), 1, 3, 0);
	e->text = "socket()";
	e = refused(1500);
	e->from = t.start + 50 * MS;
	lose(segment(HOST_CLIENT, 50, FLAG_SYN, 0, 0, 0), HOST_ROUTER);
	segment(HOST_CLIENT, 1050, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 1050, FLAG_RST | FLAG_ACK, 0, 0, 1);
	text = told();
	assert_non_null(strstr(text, "\fStep 1 of 2: the client calls socket(), connect().\n"));
	assert_non_null(strstr(text, "\fStep 2 of 2: 1.0 s pass, and a timer ends (RTO); then the "
				     "client sends.\n"));
	assert_non_null(strstr(text, "    client  connect() = -1 ECONNREFUSED\n"
				     "        Connection refused: a reset"));
}

/* Of what repeats itself the first and the last time are told. */
static void test_repeats(void **state)
{
	const char *text;

	(void)state;
	begin(CONNECT);
	for (int i = 0; i < 7; i++)
		lose(segment(HOST_CLIENT, 1000 * i, FLAG_SYN, 0, 0, 0), HOST_ROUTER);
	text = told();
	assert_non_null(strstr(text, "1.0 s pass, and a timer ends (RTO); then that repeats "
				     "itself.\n\n    (4 times more; here is the last time)\n"
				     "    client> S\n"));
}

static int turns, turns_wanted;

static bool turn(FILE *out)
{
	(void)out;
	return ++turns < turns_wanted;
}

static const char *turned(int wanted)
{
	struct text text;

	turns = 0;
	turns_wanted = wanted;
	explain_turn(text_open(&text), "a\fb\fc", 5, wanted ? turn : NULL);
	return text_close(&text, &arena);
}

static void test_pages(void **state)
{
	(void)state;
	assert_string_equal(turned(0), "abc");
	assert_string_equal(turned(9), "abc");
	assert_int_equal(turns, 2);
	assert_string_equal(turned(2), "ab");
	assert_string_equal(turned(1), "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_packets), cmocka_unit_test(test_refusal),
	    cmocka_unit_test(test_reasons), cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_repeats), cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
