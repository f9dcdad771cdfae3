/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots of time lines that are made by hand: what has one, and what is in it.
 */
#include "tests/recorded.h"

#include "harness/base/text.h"
#include "harness/ladder/plot.h"

static struct observation seen;

static void begin(void)
{
	recorded_begin();
	read_good_script("client  socket() = c\nclient  connect(c, server:80) = 0\n", false);
	connection("c", NULL);
	t.connections[0].end[0].has_isn = t.connections[0].end[1].has_isn = true;
}

static void observe(void)
{
	seen = (struct observation){.run = &run, .timeline = t};
}

static void send_data(int segments)
{
	for (int i = 0; i < segments; i++) {
		segment(HOST_CLIENT, 10 * i, FLAG_ACK, 1 + 1000 * i, 1000, 1);
		segment(HOST_SERVER, 10 * i + 5, FLAG_ACK, 1, 0, 1001 + 1000 * i);
	}
	observe();
}

static const char *sequence(void)
{
	struct text svg;

	plot_sequence(text_open(&svg), &arena, &seen, "a < b");
	return text_close(&svg, &arena);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void test_sequence(void **state)
{
	const char *text;

	(void)state;
	begin();
	send_data(7);
	assert_false(plot_has_sequence(&arena, &seen));
	begin();
	send_data(8);
	assert_true(plot_has_sequence(&arena, &seen));
	text = sequence();
	assert_non_null(strstr(text, "<title>a &lt; b</title>"));
	assert_non_null(strstr(text, "c: what the client sends"));
	/* 8401 numbers are 400 pixels high; the first segment is at the left, below. */
	assert_non_null(strstr(text, "<path class=\"data\" d=\"M100 462V415M185 415V367"));
	assert_non_null(strstr(text, "<path class=\"again\" d=\"\"/>"));
	/* An ACK after half of the time to the next segment. */
	assert_non_null(strstr(text, "<path class=\"acked\" d=\"M142 415H228V367"));
	/* The window is far above all that is drawn. */
	assert_non_null(strstr(text, "<path class=\"edge\" d=\"M142 62H228V62"));
}

/* A repetition has a ring (two arcs), what does not arrive a cross. */
static void test_repeated(void **state)
{
	struct segment *s;
	const char *text;

	(void)state;
	begin();
	send_data(8);
	s = segment(HOST_CLIENT, 100, FLAG_ACK, 1001, 1000, 1);
	lose(s, HOST_ROUTER);
	observe();
	text = strstr(sequence(), "<path class=\"acked\" d=\"M1"); /* below the key */
	text = strstr(text, "<path class=\"again\" d=\"M");
	assert_non_null(text);
	text = arena_strndup(&arena, text, strcspn(text, ">"));
	assert_int_equal(count(text, "a4 4"), 2);
	assert_int_equal(count(text, "l8 8"), 1);
}

/* Nothing is drawn of which a part was not seen, or which has no width. */
static void test_no_sequence(void **state)
{
	(void)state;
	begin();
	send_data(8);
	seen.timeline.passed = 1;
	assert_false(plot_has_sequence(&arena, &seen));
	begin();
	for (int i = 0; i < 8; i++)
		segment(HOST_CLIENT, 10, FLAG_ACK, 1 + 1000 * i, 1000, 1);
	observe();
	assert_false(plot_has_sequence(&arena, &seen));
}

/* The same pixels are not drawn again. */
static void test_many(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 5000; i++)
		segment(HOST_CLIENT, i, FLAG_ACK, 1 + 10 * i, 10, 1);
	observe();
	assert_true(plot_has_sequence(&arena, &seen));
	assert_in_range(strlen(sequence()), 1000, 20000);
}

static void test_timers(void **state)
{
	const char *text;
	struct text svg;

	(void)state;
	begin();
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_CLIENT, 1000, FLAG_SYN, 0, 0, 0);
	segment(HOST_CLIENT, 3000, FLAG_SYN, 0, 0, 0);
	observe();
	assert_false(plot_has_timers(&arena, &seen));
	segment(HOST_CLIENT, 7000, FLAG_SYN, 0, 0, 0);
	observe();
	assert_true(plot_has_timers(&arena, &seen));
	plot_timers(text_open(&svg), &arena, &seen, "t");
	text = text_close(&svg, &arena);
	assert_int_equal(count(text, ">client RTO<"), 3);
	assert_int_equal(count(text, "class=\"bar\""), 3);
	assert_non_null(strstr(text, "width=\"100\""));
	assert_non_null(strstr(text, "width=\"400\""));
	assert_non_null(strstr(text, ">4.0 s<"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sequence),	cmocka_unit_test(test_repeated),
	    cmocka_unit_test(test_no_sequence), cmocka_unit_test(test_many),
	    cmocka_unit_test(test_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
