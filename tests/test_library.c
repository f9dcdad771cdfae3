/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a library is made in a temporary directory, with every kind of thing in it
 * that is not a scenario; words are selected from it, and files of every unfit kind are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/readfile.h"
#include "harness/plan/library.h"

#define SCRIPT "# A title\nclient  socket() = c\n"

static struct arena a;
static struct library l;
static char root[] = "/tmp/tcplab-test-XXXXXX";

static const char *in_root(const char *path)
{
	return arena_printf(&a, "%s/%s", root, path);
}

static void put(const char *path, const char *text, size_t length)
{
	FILE *f = fopen(in_root(path), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	static const char *const topics[] = {"connect", "beginnings", "close", ".hidden"};
	static const char *const files[] = {
	    "connect/connect-refused.tcp",
	    "connect/connect-timeout.tcp",
	    "connect/.hidden.tcp",
	    "connect/notes.txt",
	    "connect/.tcp",
	    "beginnings/established.tcp",
	    "close/linger-zero.tcp",
	    ".hidden/no.tcp",
	    "stray.tcp",
	};

	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		mkdir(in_root(topics[i]), 0777);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		put(files[i], SCRIPT, strlen(SCRIPT));
	library_open(&l, &a, root);
	return 0;
}

static int tear_down(void **state)
{
	int status = system(arena_printf(&a, "rm -rf '%s'", root));

	(void)state;
	arena_free(&a);
	return status;
}

static void lists_scenarios_only(void **state)
{
	static const char *const names[] = {"established", "linger-zero", "connect-refused",
					    "connect-timeout"};

	(void)state;
	assert_null(l.problem);
	assert_int_equal(l.count, 0); /* not asked for yet */
	library_list(&l);
	assert_int_equal(l.count, 4);
	for (size_t i = 0; i < l.count; i++)
		assert_string_equal(l.list[i].name, names[i]);
	assert_true(l.list[0].is_beginning);
	assert_false(l.list[1].is_beginning);
}

static void selects(void **state)
{
	static const struct {
		const char *word;
		size_t count;
		const char *first;
	} cases[] = {
	    {"connect-refused", 1, "connect-refused"},
	    {"connect/connect-refused", 1, "connect-refused"},
	    {"connect-*", 2, "connect-refused"},
	    {"connect/*", 2, "connect-refused"},
	    {"*", 3, "linger-zero"},
	    {"all", 3, "linger-zero"},
	    {"established", 1, "established"},
	    {"[cl]*-[rz]*", 2, "linger-zero"},
	    {"/no/such/file.tcp", 1, "file"},
	    {"here.tcp", 1, "here"},
	    {"/dev/null", 1, "null"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct selection s = {0};
		const char *error = NULL;

		assert_true(library_select(&l, cases[i].word, &s, &error));
		assert_int_equal(s.count, cases[i].count);
		assert_string_equal(s.list[0]->name, cases[i].first);
	}
}

static void names_near_misses(void **state)
{
	static const struct {
		const char *word, *error;
	} cases[] = {
	    {"connect-refsued",
	     "no scenario is called 'connect-refsued'; did you mean connect-refused?"},
	    {"zzzzzz", "no scenario is called 'zzzzzz'; 'list' shows them all"},
	    {"z*", "no scenario matches 'z*'; 'list' shows them all"},
	    {"estab*", "no scenario matches 'estab*'; 'list' shows them all"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct selection s = {0};
		const char *error = NULL;

		assert_false(library_select(&l, cases[i].word, &s, &error));
		assert_string_equal(error, cases[i].error);
		assert_int_equal(s.count, 0);
	}
}

static void says_where_the_library_should_be(void **state)
{
	struct selection s = {0};
	const char *error = NULL;
	struct library none;

	(void)state;
	library_open(&none, &a, "/nonexistent");
	assert_non_null(none.problem);
	assert_false(library_select(&none, "all", &s, &error));
	assert_non_null(strstr(error, "/nonexistent"));
	assert_non_null(strstr(error, "--library"));
	/* A path works all the same. */
	assert_true(library_select(&none, in_root("stray.tcp"), &s, &error));
}

static void refuses_what_is_no_text(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		const char *error; /* NULL: it is text */
	} cases[] = {
	    {"", 0, "is empty"},
	    {"a\0b\n", 4, ":1:2: this is not text: a byte 0x00"},
	    {"a\n\x7f"
	     "ELF",
	     6, ":2:1: this is not text: a byte 0x7f"},
	    {"\x1b[2J", 4, "byte 0x1b"},
	    {"# \xff\n", 4, "byte 0xff"},
	    {"# \xc3", 3, "byte 0xc3"},
	    {"# \xe2\x82 \n", 6, "byte 0xe2"},
	    {"# \xe2\x82\xac \xc3\xa9\n", 9, NULL},
	    {"\t\r\n", 3, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *error = NULL;
		struct source *source;

		put("file.tcp", cases[i].text, cases[i].length);
		source = source_read(&a, in_root("file.tcp"), &error);
		if (!cases[i].error) {
			assert_non_null(source);
			assert_int_equal(source->length, cases[i].length);
			assert_memory_equal(source->text, cases[i].text, cases[i].length);
			continue;
		}
		assert_null(source);
		assert_non_null(strstr(error, cases[i].error));
		assert_non_null(strstr(error, "file.tcp"));
	}
}

static void refuses_what_is_no_file(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_null(source_read(&a, root, &error));
	assert_non_null(strstr(error, "is a directory"));
	assert_null(source_read(&a, in_root("none"), &error));
	assert_non_null(strstr(error, "No such file"));
	assert_int_equal(mkfifo(in_root("fifo"), 0666), 0);
	assert_null(source_read(&a, in_root("fifo"), &error));
	assert_non_null(strstr(error, "not a regular file"));
	assert_null(source_read(&a, "/dev/zero", &error));
	assert_non_null(strstr(error, "not a regular file"));
	assert_int_equal(symlink("loop", in_root("loop")), 0);
	assert_null(source_read(&a, in_root("loop"), &error));
	assert_non_null(strstr(error, "loop"));
}

static void refuses_by_size(void **state)
{
	const char *error = NULL;

	(void)state;
	put("big.tcp", "", 0);
	assert_int_equal(truncate(in_root("big.tcp"), MAX_SCRIPT_SIZE + 1), 0);
	assert_null(source_read(&a, in_root("big.tcp"), &error));
	assert_non_null(strstr(error, "too large"));
	assert_non_null(strstr(error, "1048577"));
}

static void refuses_what_it_may_not_read(void **state)
{
	const char *error = NULL;

	(void)state;
	if (geteuid() == 0) /* may read anything */
		skip();
	put("secret.tcp", SCRIPT, strlen(SCRIPT));
	assert_int_equal(chmod(in_root("secret.tcp"), 0), 0);
	assert_null(source_read(&a, in_root("secret.tcp"), &error));
	assert_non_null(strstr(error, "Permission denied"));
}

static struct script *use(const char *by, const char *name, struct diagnostics *c)
{
	struct selection s = {0};
	const char *error = NULL;
	struct library_use u = {.library = &l};

	assert_true(library_select(&l, by, &s, &error));
	u.by = s.list[0];
	return library_use(&u, name, (struct place){0}, c);
}

static void finds_beginnings(void **state)
{
	struct diagnostics c = {.arena = &a};

	(void)state;
	assert_non_null(use("connect-refused", "established", &c));
	assert_non_null(use("connect-refused", "linger-zero", &c));
	/* Beside a file named by its path, before the library; not beside a scenario of the
	 * library. */
	assert_non_null(use(in_root("stray.tcp"), "established", &c));
	put("own.tcp", SCRIPT, strlen(SCRIPT));
	assert_non_null(use(in_root("stray.tcp"), "own", &c));
	assert_int_equal(c.count, 0);
	assert_null(use("connect-refused", "own", &c));
	assert_int_equal(c.count, 1);
	assert_null(use("connect-refused", "establishd", &c));
	assert_int_equal(c.count, 2);
	assert_non_null(strstr(c.list[1].message, "did you mean established?"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_scenarios_only),
	    cmocka_unit_test(selects),
	    cmocka_unit_test(names_near_misses),
	    cmocka_unit_test(says_where_the_library_should_be),
	    cmocka_unit_test(refuses_what_is_no_text),
	    cmocka_unit_test(refuses_what_is_no_file),
	    cmocka_unit_test(refuses_by_size),
	    cmocka_unit_test(refuses_what_it_may_not_read),
	    cmocka_unit_test(finds_beginnings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
