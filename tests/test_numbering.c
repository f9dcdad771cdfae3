/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for names, compared with a list that is searched: random adds, searches and removals,
 * always the same ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/numbering.h"

#define NAMES 300

static void test_like_a_list(void **state)
{
	struct arena a = {0};
	struct numbering n = {0};
	const char *names[NAMES], *list[NAMES];
	size_t count = 0;

	(void)state;
	srand(1);
	assert_int_equal(number_find(&n, "none"), -1);
	for (size_t i = 0; i < NAMES; i++)
		names[i] = arena_printf(&a, "name%zu", i);
	for (int round = 0; round < 20000; round++) {
		const char *name = arena_strdup(&a, names[rand() % NAMES]);
		size_t i = 0;

		while (i < count && strcmp(list[i], name) != 0)
			i++;
		assert_int_equal(number_find(&n, name), i < count ? (int)i : -1);
		if (rand() % 50 == 0) {
			count = (size_t)rand() % (count + 1);
			number_forget(&n, count);
		} else {
			assert_int_equal(number_give(&a, &n, name), i);
			if (i == count)
				list[count++] = name;
		}
		assert_int_equal(n.count, count);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_like_a_list)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
