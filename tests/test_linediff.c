/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unified difference: equal texts, one change, changes far apart and near each other, ends of
 * texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/linediff.h"
#include "harness/base/text.h"

static void expect(const char *old, const char *new, const char *wanted)
{
	struct arena a = {0};
	struct text text;
	bool differ = linediff_print(text_open(&text), &a, "a", old, "b", new);
	const char *printed = text_close(&text, &a);

	assert_string_equal(printed, wanted);
	assert_int_equal(differ, *wanted != '\0');
	arena_free(&a);
}

static void test_equal(void **state)
{
	(void)state;
	expect("", "", "");
	expect("one\ntwo\n", "one\ntwo\n", "");
}

static void test_one_line(void **state)
{
	(void)state;
	expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
	       "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

static void test_ends(void **state)
{
	(void)state;
	expect("1\n2\n", "0\n1\n2\n3\n", "--- a\n+++ b\n@@ -1,2 +1,4 @@\n+0\n 1\n 2\n+3\n");
	expect("1\n", "", "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-1\n");
	expect("", "1\n", "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+1\n");
}

static void test_hunks(void **state)
{
	(void)state;
	/* Six lines between two changes are context of both: one hunk. Seven are not. */
	expect("x\n1\n2\n3\n4\n5\n6\ny\n", "1\n2\n3\n4\n5\n6\n",
	       "--- a\n+++ b\n@@ -1,8 +1,6 @@\n-x\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n");
	expect("x\n1\n2\n3\n4\n5\n6\n7\ny\n", "1\n2\n3\n4\n5\n6\n7\n",
	       "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n"
	       "@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-y\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_hunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
