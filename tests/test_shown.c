/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text as it is shown: no terminal command in it reaches a terminal, and nothing that is not UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/shown.h"

static void test_shown(void **state)
{
	static const struct {
		const char *text, *as;
	} rows[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
	     "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
	    {"\x1b[31m", "\\x1b[31m"},
	    {"a\nb\rc\td", "a\\nb\\rc\\td"},
	    {"\x7f\x01", "\\x7f\\x01"},
	    {"\xc2\x9b"
	     "1m",
	     "\\xc2\\x9b1m"},				  /* CSI as one character of C1 */
	    {"\xc2\xa0", "\xc2\xa0"},			  /* the first one behind those */
	    {"\xff\xc3", "\\xff\\xc3"},			  /* none, and half of one */
	    {"\xc0\x9b", "\\xc0\\x9b"},			  /* ESC, overlong */
	    {"\xe0\x80\x9b", "\\xe0\\x80\\x9b"},	  /* likewise */
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},	  /* a surrogate */
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond the last one */
	    {"\xe2\x82", "\\xe2\\x82"},
	    {"a\xe2\x80\xaeg", "a\\xe2\\x80\\xaeg"}, /* from right to left */
	    {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},     /* an isolate */
	    {"\xe2\x80\xa7", "\xe2\x80\xa7"},	     /* the one before a separator of lines .. */
	    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},     /* .. and that one */
	};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(shown(&a, rows[i].text), rows[i].as);
	arena_free(&a);
}

static void test_utf8(void **state)
{
	(void)state;
	assert_true(is_utf8(""));
	assert_true(is_utf8("a\x1b\n\xc2\x9b\xe2\x82\xac"));
	assert_false(is_utf8("a\xff"));
	assert_false(is_utf8("\xe2\x82"));
	assert_false(is_utf8("\xed\xa0\x80"));
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(shown_width(""), 0);
	assert_int_equal(shown_width("na\xc3\xafve"), 5);
	assert_int_equal(shown_width("\xe2\x82\xac \xf0\x9f\x98\x80"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shown),
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
