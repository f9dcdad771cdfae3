/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When delays are too much: one of them, or many that add up, but not those that are far apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/engine/state.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_alone),
	    cmocka_unit_test(many_together),
	    cmocka_unit_test(many_far_apart),
	    cmocka_unit_test(counts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
