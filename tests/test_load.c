/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libraries that are loaded when they are needed: by the first name that is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/load.h"

static bool loads(const char *const *files, char error[256])
{
	static const char *const names[] = {"cos", NULL};
	struct {
		double (*cos)(double);
	} functions = {0};

	return load_library(files, names, &functions, error, 256) && functions.cos(0) == 1;
}

static void test_names(void **state)
{
	char error[256];

	(void)state;
	assert_true(loads((const char *const[]){"libm.so.6", NULL}, error));
	assert_true(loads((const char *const[]){"libnone.so.9", "libm.so.6", NULL}, error));
	/* An empty one is not the program, which has no such function. */
	assert_true(loads((const char *const[]){"", "libm.so.6", NULL}, error));
	assert_false(loads((const char *const[]){"libc.so.6", NULL}, error));
	assert_non_null(strstr(error, "cos"));
	assert_false(loads((const char *const[]){"libnone.so.9", NULL}, error));
	assert_non_null(strstr(error, "libnone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
