/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: lists of times, and the order in which jobs begin if each begins when a
 * place is free; a simulation of places says how long all of it takes. And whether a machine has
 * time, from what it says of itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/run/capacity.h"
#include "harness/run/spare.h"
#include "harness/run/turns.h"

#define MOST 600

/* ---- the order ---- */

struct times {
	const ns_t *seconds;
};

static ns_t time_of(void *context, size_t job)
{
	const struct times *t = context;

	return t->seconds[job] * NS_PER_S;
}

/* The order in which they begin, as letters. */
static void order_of(const char *times, int at_once, char *order)
{
	ns_t seconds[26];
	struct times context = {seconds};
	size_t count = strlen(times), job;
	struct turns t;

	for (size_t i = 0; i < count; i++)
		seconds[i] = times[i] - '0';
	turns_begin(&t, count, time_of, &context);
	while (turns_next(&t, at_once, &job)) {
		*order++ = (char)('a' + job);
		turns_start(&t, job);
	}
	*order = '\0';
	turns_end(&t);
}

static void long_ones_begin_early(void **state)
{
	static const struct {
		const char *times; /* of a, b, c.. in seconds */
		int at_once;
		const char *order;
	} cases[] = {
	    {"", 4, ""},
	    {"1", 1, "a"},
	    {"0000", 2, "abcd"},
	    /* One at a time it does not matter, so they begin in their order. */
	    {"1119", 1, "abcd"},
	    {"9111", 1, "abcd"},
	    /* 12 s are 6 s in two places: the one of 9 s is to begin now. */
	    {"1119", 2, "dabc"},
	    /* 11 s in all; the ones of 4 s are to begin when less than 8 s are left. */
	    {"111440", 2, "abcdef"},
	    {"114401", 2, "abcdfe"},
	    {"11111141", 2, "abcdgefh"},
	    /* Of equal times the earlier one. */
	    {"3333", 4, "abcd"},
	    {"1515", 4, "bdac"},
	};
	char order[27];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		order_of(cases[i].times, cases[i].at_once, order);
		assert_string_equal(order, cases[i].order);
	}
}

static void unknown_times_are_in_order(void **state)
{
	struct turns t;
	size_t job, n = 0;

	(void)state;
	turns_begin(&t, 5, NULL, NULL);
	while (turns_next(&t, 3, &job)) {
		assert_int_equal(job, n++);
		turns_start(&t, job);
	}
	assert_int_equal(n, 5);
	turns_end(&t);
}

/* Who asks twice gets the same answer. */
static void asking_changes_nothing(void **state)
{
	static const ns_t seconds[] = {1, 1, 1, 9};
	struct times context = {seconds};
	struct turns t;
	size_t job;

	(void)state;
	turns_begin(&t, 4, time_of, &context);
	for (int i = 0; i < 3; i++) {
		assert_true(turns_next(&t, 2, &job));
		assert_int_equal(job, 3);
	}
	turns_end(&t);
}

/* Sums of times that a script can say. */
static void times_may_be_huge(void **state)
{
	static const ns_t seconds[] = {1, INT64_MAX / NS_PER_S, INT64_MAX / NS_PER_S, 1};
	static const size_t order[] = {1, 2, 0, 3};
	struct times context = {seconds};
	struct turns t;
	size_t job, n = 0;

	(void)state;
	turns_begin(&t, 4, time_of, &context);
	for (; turns_next(&t, 3, &job); turns_start(&t, job))
		assert_int_equal(job, order[n++]);
	assert_int_equal(n, 4);
	turns_end(&t);
}

/* How long it all takes with so many places, each of which is always filled. */
static ns_t makespan(const ns_t *seconds, size_t count, int places)
{
	ns_t free_at[MOST] = {0}, end = 0;
	struct times context = {seconds};
	struct turns t;
	size_t job;

	turns_begin(&t, count, time_of, &context);
	while (turns_next(&t, places, &job)) {
		int first = 0;

		for (int i = 1; i < places; i++)
			if (free_at[i] < free_at[first])
				first = i;
		free_at[first] += seconds[job];
		end = free_at[first] > end ? free_at[first] : end;
		turns_start(&t, job);
	}
	turns_end(&t);
	return end;
}

/* The longest, or what all places have to do: no order is faster. */
static void all_take_little_longer_than_the_longest(void **state)
{
	ns_t seconds[MOST], sum = 0;

	(void)state;
	/* Many short ones, and long ones at the end. */
	for (size_t i = 0; i < MOST; i++)
		sum += seconds[i] = i < MOST - 40 ? 1 + (ns_t)(i % 7) : 90;
	for (int places = 1; places <= 200; places++) {
		ns_t least = (sum + places - 1) / places;

		least = least < 90 ? 90 : least;
		/* In their order, it would be up to one of the long ones more. */
		assert_in_range(makespan(seconds, MOST, places), least, least + 90);
		if (least == 90)
			assert_in_range(makespan(seconds, MOST, places), 90, 90 + 7);
	}
}

/* ---- time of the machine ---- */

static void reads_who_wants_a_processor(void **state)
{
	(void)state;
	assert_int_equal(spare_wanting("3.64 4.45 5.58 2/102 28023\n"), 2);
	assert_int_equal(spare_wanting("0.00 0.00 0.00 117/4102 8023\n"), 117);
	assert_int_equal(spare_wanting(""), -1);
	assert_int_equal(spare_wanting("0.00 0.00 0.00\n"), -1);
	assert_int_equal(spare_wanting("0.00 0.00 0.00 many\n"), -1);
}

static void a_machine_of_many_processors_has_time(void **state)
{
	(void)state;
	assert_false(has_spare_time(0));
	assert_true(has_spare_time(1000000));
}

static void some_run_in_any_case(void **state)
{
	struct capacity c = capacity();

	(void)state;
	assert_true(c.at_once >= 1);
	assert_true(c.most >= c.at_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(long_ones_begin_early),
	    cmocka_unit_test(unknown_times_are_in_order),
	    cmocka_unit_test(asking_changes_nothing),
	    cmocka_unit_test(times_may_be_huge),
	    cmocka_unit_test(all_take_little_longer_than_the_longest),
	    cmocka_unit_test(reads_who_wants_a_processor),
	    cmocka_unit_test(a_machine_of_many_processors_has_time),
	    cmocka_unit_test(some_run_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
