/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exercises as texts: what is blank on which level, what a student may change, and, for each
 * scenario of the library, that its exercise can be read again, blank and with its answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>
#include <glob.h>

#include "harness/base/readfile.h"
#include "harness/base/text.h"
#include "harness/exercise/exercise.h"

static struct arena arena;
static struct exercise e;
static struct filled filled;

static const struct source *source_of(const char *text)
{
	struct source *source = arena_new(&arena, struct source);

	*source = (struct source){"test.tcp", arena_strdup(&arena, text), strlen(text)};
	return source;
}

static void make_of(const struct source *source, enum exercise_level level)
{
	struct diagnostics c = {.arena = &arena};
	struct script *script = script_parse(&arena, source, &c);

	diagnostics_print(stderr, &c);
	assert_int_equal(c.count, 0);
	exercise_make(&arena, script, "NAME", level, &e);
}

static void make(const char *text, enum exercise_level level)
{
	arena_free(&arena);
	make_of(source_of(text), level);
}

static const char *printed(bool answers)
{
	struct text text;

	exercise_print(text_open(&text), &e, "COMMAND", answers);
	return text_close(&text, &arena);
}

/* Below its first line. */
static const char *body(void)
{
	return strstr(printed(false), "exercise NAME") + strlen("exercise NAME ") +
	       strlen(exercise_levels[e.level]) + 2;
}

static bool read_as(const char *text)
{
	return exercise_read(
	    &arena, &e, source_of(arena_printf(&arena, "# mine\nexercise NAME flags\n%s", text)),
	    &filled);
}

#define ORIGIN                                                                                     \
	"# RST, ECONNREFUSED and EPIPE\n#\n# The prose tells all.\n\n"                             \
	"client  socket() = c\n"                                                                   \
	"client  connect(c, server:80) = -1 ECONNREFUSED (Connection refused)  # tells it\n"       \
	"   client> S 0:0(0)\n"                                                                    \
	"   +0..5ms  server> R. ack 1 win 0..9   # \"\n"                                           \
	"# a comment\n"                                                                            \
	"client  getsockopt(c, SO_ERROR, [ECONNREFUSED]) = 0\n"                                    \
	"client  --- SIGPIPE ---\n"                                                                \
	"when    kernel >= 6.1\n"                                                                  \
	"client  ss c none\n"                                                                      \
	"end\n"                                                                                    \
	"client  ss c CLOSE-WAIT 0 *\n"                                                            \
	"client  nstat TcpOutRsts +1 TcpInSegs >= 2\n"

static void test_errnos(void **state)
{
	(void)state;
	make(ORIGIN, LEVEL_ERRNOS);
	assert_non_null(strstr(printed(false), "# RST, ____ and ____\n"));
	assert_null(strstr(printed(false), "prose"));
	assert_string_equal(body(), "client  socket() = c\n"
				    "client  connect(c, server:80) = ____\n"
				    "   client> S 0:0(0)\n"
				    "   +0..5ms  server> R. ack 1 win 0..9\n"
				    "client  getsockopt(c, SO_ERROR, [____]) = ____\n"
				    "client  --- ____ ---\n"
				    "when    kernel >= 6.1\n"
				    "client  ss c none\n"
				    "end\n"
				    "client  ss c CLOSE-WAIT 0 *\n"
				    "client  nstat TcpOutRsts +1 TcpInSegs >= 2\n");
}

static void test_numbers(void **state)
{
	const char *text;

	(void)state;
	make(ORIGIN, LEVEL_FLAGS);
	text = printed(false);
	assert_non_null(strstr(text, "# ____, ____ and ____\n"));
	assert_non_null(strstr(text, "   client> ____ 0:0(0)\n"));
	assert_non_null(strstr(text, "client  ss c ____ 0 *\n"));
	assert_non_null(strstr(text, "when    kernel >= 6.1\nclient  ss c none\n"));
	make(ORIGIN, LEVEL_NUMBERS);
	text = printed(false);
	assert_non_null(strstr(text, "   client> ____ ____:____(____)\n"));
	assert_non_null(strstr(text, "server> ____ ack ____ win 0..9\n"));
	assert_non_null(strstr(text, "client  nstat TcpOutRsts ____ TcpInSegs >= 2\n"));
}

static enum fill_state state_of(const char *format, const char *text)
{
	const char *at = strstr(format, "%s");
	bool readable =
	    read_as(arena_printf(&arena, "%.*s%s%s", (int)(at - format), format, text, at + 2));

	if (!readable)
		fail_msg("%d: %s", filled.wrong_line, filled.wrong);
	return filled.list[0].state;
}

#define PACKET	"client  socket() = c\n   client> S 0:0(0)\n"
#define FLAGS	"client  socket() = c\n\n# mine\n  client>%s  0:0(0) # mine\n"
#define CALL	"client  connect(c, server:80) = -1 EPIPE\n"
#define RESULTS "client connect(c, server:80) =%s"

static void test_fills(void **state)
{
	(void)state;
	make(PACKET, LEVEL_FLAGS);
	assert_int_equal(state_of(FLAGS, " ____"), FILL_LEFT);
	assert_int_equal(state_of(FLAGS, " S"), FILL_RIGHT);
	assert_int_equal(state_of(FLAGS, " S."), FILL_TO_RUN);
	assert_string_equal(exercise_with(&arena, &e, filled.list),
			    "client  socket() = c\n   client> S. 0:0(0)\n");
	assert_int_equal(filled.list[0].line, 6);
	assert_int_equal(state_of(FLAGS, " data"), FILL_NO_FORM);
	assert_int_equal(state_of(FLAGS, " *"), FILL_NO_FORM);
	make(CALL, LEVEL_ERRNOS);
	assert_int_equal(state_of(RESULTS, " -1  EPIPE"), FILL_RIGHT);
	assert_int_equal(state_of(RESULTS, "-1 ECONNRESET (Connection reset by peer)"),
			 FILL_TO_RUN);
	assert_int_equal(state_of(RESULTS, " 0"), FILL_TO_RUN);
	assert_int_equal(state_of(RESULTS, " ..."), FILL_NO_FORM);
	assert_int_equal(state_of(RESULTS, " *"), FILL_NO_FORM);
	assert_int_equal(state_of(RESULTS, " $n"), FILL_NO_FORM);
	assert_int_equal(state_of(RESULTS, " -1..5"), FILL_NO_FORM);
}

/* All letters that flags have. */
static void test_flags(void **state)
{
	(void)state;
	make("  client> " FLAG_LETTERS "\n  client> SEWe 0:0(0)\n  server> -\n", LEVEL_FLAGS);
	assert_string_equal(body(), "  client> ____\n  client> ____ 0:0(0)\n  server> ____\n");
	assert_true(read_as("  client> " FLAG_LETTERS "\n  client> See 0:0(0)\n  server> x\n"));
	assert_int_equal(filled.list[0].state, FILL_RIGHT);
	assert_int_equal(filled.list[1].state, FILL_TO_RUN);
	assert_int_equal(filled.list[2].state, FILL_NO_FORM);
}

static void test_changed(void **state)
{
	(void)state;
	make(PACKET, LEVEL_FLAGS);
	assert_false(read_as("client  socket() = c\n  server> S 0:0(0)\n"));
	assert_int_equal(filled.wrong_line, 4);
	assert_string_equal(filled.wrong, "only blanks may be filled in; the line is:  client> "
					  "____ 0:0(0)");
	assert_false(read_as("client  socket() = c\n"));
	assert_false(read_as("client  socket() = c\n  client> S 0:0(0)\n...\n"));
	assert_int_equal(filled.wrong_line, 5);
	assert_false(read_as("client  socket() = c\n  client> S 0:0(0) lost\n"));
}

#define ORDERED                                                                                    \
	"client  socket() = c\n  client> S\n  server> R.\n  server> R.\nclient  close(c) = 0\n"
#define REPEATED "repeat  2\n  client> S\nend\n"

static void test_order(void **state)
{
	(void)state;
	make(ORDERED, LEVEL_ORDER);
	assert_int_equal(e.free_count, 3);
	assert_string_equal(body(), "client  socket() = c\nclient  close(c) = 0\n\n"
				    "# Give each of these lines its place above:\n#\n"
				    "#     client> S\n#     server> R.\n#     server> R.\n");
	assert_true(read_as(body()));
	assert_int_equal(filled.left, 3);
	assert_true(read_as(ORDERED));
	assert_int_equal(filled.left, 0);
	assert_string_equal(filled.text, "# mine\n                   \n" ORDERED);
	assert_false(read_as(ORDERED "  server> R.\n"));
	assert_int_equal(filled.wrong_line, 8);
	assert_false(read_as("client  close(c) = 0\n"));
	assert_string_equal(filled.wrong, "above it this line is missing:  client socket() = c");
	assert_false(read_as("client  socket() = c\n"));
	assert_string_equal(filled.wrong, "below it this line is missing:  client close(c) = 0");
	make(REPEATED, LEVEL_ORDER);
	assert_int_equal(e.free_count, 0);
}

static void test_is_one(void **state)
{
	const char *name, *level;

	(void)state;
	assert_true(exercise_is_one(&arena, "\n# x\n  exercise  a/b order # y\n", &name, &level));
	assert_string_equal(name, "a/b");
	assert_string_equal(level, "order");
	assert_true(exercise_is_one(&arena, "exercise", &name, &level));
	assert_null(name);
	assert_false(exercise_is_one(&arena, "# exercise a order\n", &name, &level));
	assert_false(exercise_is_one(&arena, "client  socket() = c\nexercise a\n", &name, &level));
	assert_false(exercise_is_one(&arena, "", &name, &level));
}

static void again(const char *path, bool answers, enum fill_state wanted)
{
	if (!exercise_read(&arena, &e, source_of(printed(answers)), &filled))
		fail_msg("%s, %s: line %d: %s", path, exercise_levels[e.level], filled.wrong_line,
			 filled.wrong);
	assert_int_equal(filled.left, answers ? 0 : e.free_count);
	assert_int_equal(filled.count, e.count);
	for (size_t i = 0; i < filled.count; i++)
		if (filled.list[i].state != wanted)
			fail_msg("%s, %s: line %d: '%s'", path, exercise_levels[e.level],
				 filled.list[i].line, filled.list[i].text);
}

static void test_library(void **state)
{
	const char *error = NULL;
	glob_t files;

	(void)state;
	assert_int_equal(glob("scenarios/*/*.tcp", 0, NULL, &files), 0);
	assert_true(files.gl_pathc > 100);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		for (int level = 0; level < LEVELS; level++) {
			arena_free(&arena);
			make_of(source_read(&arena, files.gl_pathv[i], &error), level);
			again(files.gl_pathv[i], false, FILL_LEFT);
			again(files.gl_pathv[i], true, FILL_RIGHT);
		}
	}
	globfree(&files);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errnos), cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_fills),  cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_order),  cmocka_unit_test(test_is_one),
	    cmocka_unit_test(test_flags),  cmocka_unit_test(test_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
