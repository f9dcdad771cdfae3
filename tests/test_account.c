/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts of runs, as they travel from one process to another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/report/account.h"

static struct arena a;

static const char *written(const struct account *account)
{
	struct text text;

	account_write(text_open(&text), account);
	return text_close(&text, &a);
}

static void test_same(void **state)
{
	const struct account whole = {
	    .verdict = VERDICT_FAIL,
	    .took = 1ll << 40,
	    .why = "why \xff",
	    .diagnostic = "\"quoted\"\n",
	    .instead = true,
	    .reason = "f:1: x",
	    .file = "/caf\xe9.tcp",
	    .line = 12,
	    .expected = "client> S",
	    .got = "nothing",
	    .differ = "",
	    .row = json_pack("{si}", "n", 3),
	    .before = 77,
	};
	const char *text = written(&whole);
	struct account read;

	(void)state;
	assert_true(account_read(&a, text, strlen(text), &read));
	assert_int_equal(read.verdict, VERDICT_FAIL);
	assert_int_equal(read.took, 1ll << 40);
	assert_string_equal(read.why, whole.why);
	assert_string_equal(read.diagnostic, whole.diagnostic);
	assert_true(read.instead);
	assert_string_equal(read.reason, whole.reason);
	assert_string_equal(read.file, whole.file);
	assert_int_equal(read.line, 12);
	assert_string_equal(read.expected, whole.expected);
	assert_string_equal(read.got, whole.got);
	assert_string_equal(read.differ, "");
	assert_true(json_equal(read.row, whole.row));
	assert_int_equal(read.before, 77);
	json_decref(read.row);
	json_decref(whole.row);
}

/* Absent members stay absent. Bytes that are not an account are refused without a message. */
static void test_none(void **state)
{
	static const char *const none[] = {"", "x", "[]", "{\"verdict\": 99}", "{\"verdict\": -1}",
					   "3"};
	const struct account passed = {.verdict = VERDICT_PASS, .took = 5};
	const char *text = written(&passed);
	struct account read;

	(void)state;
	assert_true(account_read(&a, text, strlen(text), &read));
	assert_int_equal(read.verdict, VERDICT_PASS);
	assert_null(read.why);
	assert_null(read.diagnostic);
	assert_null(read.reason);
	assert_null(read.row);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		assert_false(account_read(&a, none[i], strlen(none[i]), &read));
		assert_int_equal(read.verdict, VERDICT_BROKEN);
		json_decref(read.row);
	}
	assert_false(account_read(&a, NULL, 0, &read));
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
