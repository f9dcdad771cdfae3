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
#include <sys/resource.h>
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

/* As few changes as there can be: the example of Myers (Algorithmica 1, 1986) takes five. */
static void test_fewest(void **state)
{
	(void)state;
	expect("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
	       "--- a\n+++ b\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n-a\n b\n+a\n b\n a\n+c\n");
}

/* Their memory does not grow with the product of the two: that would be 800 MB. */
static void test_long(void **state)
{
	struct arena a = {0};
	struct text text, printed;
	const char *old, *new;
	struct rusage used;
	FILE *out;

	(void)state;
	out = text_open(&text);
	for (int i = 0; i < 10000; i++)
		fprintf(out, "%d\n", i * 7 % 50);
	old = text_close(&text, &a);
	out = text_open(&text);
	for (int i = 0; i < 10000; i++)
		fprintf(out, "%d\n", i * 3 % 50);
	new = text_close(&text, &a);
	assert_true(linediff_print(text_open(&printed), &a, "a", old, "b", new));
	text_close(&printed, &a);
	arena_free(&a);
	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
#ifndef __SANITIZE_ADDRESS__
	assert_true(used.ru_maxrss < 64 * 1024); /* KB */
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal),  cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_ends),   cmocka_unit_test(test_hunks),
	    cmocka_unit_test(test_fewest), cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
