/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of the script front end: scripts as text or from tests/data, and their diagnostics.
 * Each test ends with scripts_end, which frees everything.
 */
#ifndef TESTS_SCRIPTS_H
#define TESTS_SCRIPTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/array.h"
#include "harness/script/script.h"

static struct arena arena;
static struct diagnostics diagnostics;

static int scripts_begin(void **state)
{
	(void)state;
	diagnostics = (struct diagnostics){.arena = &arena};
	return 0;
}

static int scripts_end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#define script_test(f) cmocka_unit_test_setup_teardown(f, scripts_begin, scripts_end)

static inline struct script *parse_bytes(const char *text, size_t length)
{
	struct source *source = arena_new(&arena, struct source);

	*source = (struct source){"test.tcp", text, length};
	return script_parse(&arena, source, &diagnostics);
}

static inline struct script *parse_text(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static inline struct script *parse_good(const char *text)
{
	struct script *s = parse_text(text);

	if (!s)
		diagnostics_print(stderr, &diagnostics);
	assert_non_null(s);
	assert_int_equal(diagnostics.count, 0);
	return s;
}

/* All diagnostics as they would be printed. */
static inline const char *diagnosed(void)
{
	char *text = NULL, *copy;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	diagnostics_print(out, &diagnostics);
	fclose(out);
	copy = arena_strndup(&arena, text, size);
	free(text);
	return copy;
}

/* That there is exactly one diagnostic, at that place, whose text includes `what`. */
static inline void expect_diagnostic(int line, int column, const char *what)
{
	if (diagnostics.count != 1 || diagnostics.list[0].place.line != line ||
	    diagnostics.list[0].place.column != column ||
	    !strstr(diagnostics.list[0].message, what))
		fail_msg("wanted %d:%d '%s', and there was\n%s", line, column, what, diagnosed());
}

static inline struct script *load_data(const char *name)
{
	struct source *source = arena_new(&arena, struct source);
	FILE *in;
	char *text = arena_alloc(&arena, 65536);

	source->path = arena_printf(&arena, "tests/data/%s.tcp", name);
	in = fopen(source->path, "r");
	if (!in)
		fail_msg("%s: cannot be read; run from the project's directory", source->path);
	source->text = text;
	source->length = fread(text, 1, 65535, in);
	fclose(in);
	return script_parse(&arena, source, &diagnostics);
}

static inline struct script *use_data(void *context, const char *name, struct place at,
				      struct diagnostics *c)
{
	(void)context;
	(void)at;
	(void)c;
	return load_data(name);
}

/* The texts of LANGUAGE.md: two beginnings and 26 scenarios. */
static const char *const data_names[] = {
    "listening",
    "established",
    "connect-refused",
    "syn-black-hole",
    "nonblocking-refused",
    "refusal-filtered",
    "host-unreachable",
    "backlog",
    "handshake-ack-lost",
    "daytime",
    "select-stalled",
    "accept-eintr",
    "shutdown-by-thread",
    "keepalive",
    "zero-window",
    "rto-backoff",
    "close-unread",
    "simultaneous-close",
    "simultaneous-open",
    "time-wait-port",
    "fin-wait-2",
    "pmtu-black-hole",
    "crash-reboot",
    "fast-open-stale-cookie",
    "urgent-epoll-sendmsg",
    "blind-reset",
    "syn-flood",
    "route-deleted",
};

static const struct facts facts_6_18
    __attribute__((unused)) = {.kernel = {6, 18, 3}, .family = 4, .has_netem = true};

/* The run of the nth combination of parameters; expansion must succeed. */
static inline struct run *expand_nth(const struct script *s, const struct facts *facts, size_t nth)
{
	struct run *run = arena_new(&arena, struct run);
	struct binding **sets;
	size_t count, n = script_combinations(&arena, s, &sets, &count, &diagnostics);

	assert_true(nth < n);
	if (!script_expand(&arena, s, facts, sets[nth], count, use_data, NULL, run, &diagnostics))
		fail_msg("%s", diagnosed());
	return run;
}

static inline const char *printed(const struct line *line)
{
	char *text = NULL, *copy;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	line_print(out, line);
	fclose(out);
	copy = arena_strndup(&arena, text, size);
	free(text);
	return copy;
}

#endif
