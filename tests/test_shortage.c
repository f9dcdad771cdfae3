/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addition to a message about a lack of descriptors.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/shortage.h"

static void test_mended(void **state)
{
	static const struct {
		int error;
		const char *has, *has_not; /* NULL: the message is what it was */
	} rows[] = {
	    {EMFILE, "which ulimit -n can raise", "fs.file-max"},
	    {ENFILE, "fs.file-max", "which ulimit -n can raise"},
	    {ENOENT, NULL, NULL},
	};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *message = arena_printf(&a, "no socket: %s", strerror(rows[i].error));
		const char *mended = shortage_mend(&a, message);

		if (!rows[i].has) {
			assert_ptr_equal(mended, message);
			continue;
		}
		assert_true(strncmp(mended, message, strlen(message)) == 0);
		assert_non_null(strstr(mended, rows[i].has));
		assert_null(strstr(mended, rows[i].has_not));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
