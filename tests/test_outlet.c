/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is printed where a machine obeys it: no text is a command, however it comes in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/outlet.h"

/* What standard error gets, piece by piece, from the beginning of a line on. */
static const char *safe(struct arena *a, const char *text, size_t piece)
{
	const char *all = "";
	size_t length = strlen(text), made;

	free(outlet_safe(STDERR_FILENO, "\n", 1, &made));
	for (size_t i = 0; i < length; i += piece) {
		size_t n = length - i < piece ? length - i : piece;
		char *bytes = outlet_safe(STDERR_FILENO, text + i, n, &made);

		assert_non_null(bytes);
		all = arena_printf(a, "%s%.*s", all, (int)made, bytes);
		free(bytes);
	}
	return all;
}

static void commands(void **state)
{
	static const char *const rows[][2] = {
	    {"::error::x", ":\\x3aerror::x"},
	    {" \t ::error::x", " \t :\\x3aerror::x"},
	    {"a\n::error::x\n", "a\n:\\x3aerror::x\n"},
	    {"a\r::error::x\r", "a\r:\\x3aerror::x\r"},
	    {":::::", ":\\x3a:::"},
	    {"\xc2\xa0\xe2\x80\x8b::error::x", "\xc2\xa0\xe2\x80\x8b:\\x3a"
					       "error::x"},
	    {":\xe2\x80\x8b:error::x", ":\xe2\x80\x8b\\x3a"
				       "error::x"},
	    {"\x1b::error::x", "\x1b:\\x3a"
			       "error::x"},
	    {"x ##[error]y", "x ##\\x5berror]y"},
	    {"x ####[error]y", "x ####\\x5berror]y"},
	    {"x #\xe2\x80\x8b#[error]y", "x #\xe2\x80\x8b#\\x5b"
					 "error]y"},
	    {"##\n[x", "##\n[x"},
	    {"", ""},
	};
	static const char *const harmless[] = {
	    "client  connect(c, [::1]:80) = 0\n",
	    "a::b",
	    ":a::b",
	    "a ::error::x\n",
	    "#[x]",
	    "# #[x]",
	    "#:#[x]",
	    ": x ::",
	    "fd00::1",
	};
	struct arena a = {0};

	(void)state;
	setenv("GITHUB_ACTIONS", "true", 1);
	outlet_guard();
	for (size_t piece = 1; piece < 12; piece++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			assert_string_equal(safe(&a, rows[i][0], piece), rows[i][1]);
		for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
			assert_string_equal(safe(&a, harmless[i], piece), harmless[i]);
	}
	outlet_unguard();
	arena_free(&a);
}

static void cut(void **state)
{
	size_t made;
	char *bytes;

	(void)state;
	outlet_guard();
	outlet_cut(STDERR_FILENO);
	bytes = outlet_safe(STDERR_FILENO, ":error::x", 9, &made);
	assert_int_equal(made, 12);
	assert_memory_equal(bytes, "\\x3aerror::x", 12);
	free(bytes);
	outlet_unguard();
}

static void elsewhere(void **state)
{
	size_t made;

	(void)state;
	assert_null(outlet_safe(STDERR_FILENO, "::x", 3, &made));
	unsetenv("GITHUB_ACTIONS");
	outlet_guard();
	assert_null(outlet_safe(STDERR_FILENO, "::x", 3, &made));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands),
	    cmocka_unit_test(cut),
	    cmocka_unit_test(elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
