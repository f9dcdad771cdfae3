/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mangled scripts: the shipped scenarios and the reference's examples, each changed at random
 * (tokens and lines left out, doubled, swapped, taken from elsewhere, numbers at their limits, a
 * line cut off), always in the same way. Each result is read, expanded and checked without harm;
 * each refusal has a place and a reason; an accepted script is printed so that it parses to the
 * same. This test is most useful with the sanitizers.
 */
#include <ftw.h>
#include <unistd.h>

#include "harness/engine/engine.h"
#include "tests/scripts.h"

#define MANGLED	     12000
#define COMBINATIONS 3 /* of each, at most */

static const char **texts, **lines;
static size_t text_count, line_count;
static struct arena kept;

/* ---- their sources ---- */

static const char *const extremes[] = {
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "*",
    "4294967296",
    "65536",
    "$x",
    "..",
    "...",
    "1..0",
    "99999999h",
    "0x7fffffffffffffff",
    "\"\\xff\"",
    "?",
    "NULL",
    "{}",
    "[]",
    "()",
    "@a",
    "+1s",
    "client",
    "router",
    "localhost",
    "c",
    ">= 0",
    "$",
    "\"",
    "\\",
};

static void add_text(const char *text, size_t length)
{
	const char *copy = arena_strndup(&kept, text, length), *end;

	*arena_push(&kept, texts, text_count) = copy;
	for (; *copy; copy = *end ? end + 1 : end) {
		end = copy + strcspn(copy, "\n");
		if (end > copy && *copy != '#')
			*arena_push(&kept, lines, line_count) =
			    arena_strndup(&kept, copy, (size_t)(end - copy));
	}
}

static char *read_file(const char *path, size_t *length)
{
	FILE *in = fopen(path, "r");
	char *text = malloc(1 << 20);

	if (!in || !text)
		fail_msg("%s: cannot be read; run from the project's directory", path);
	*length = fread(text, 1, (1 << 20) - 1, in);
	text[*length] = '\0';
	fclose(in);
	return text;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t length;
	char *text;

	(void)st, (void)ftw;
	if (type != FTW_F || strlen(path) < 4 || strcmp(path + strlen(path) - 4, ".tcp"))
		return 0;
	text = read_file(path, &length);
	add_text(text, length);
	free(text);
	return 0;
}

static int gather(void **state)
{
	size_t length;
	char *text = read_file("docs/language.md", &length);

	(void)state;
	for (char *from = text; (from = strstr(from, "```tcp"));) {
		char *begin = from + strcspn(from, "\n") + 1, *end = strstr(begin, "```");

		assert_non_null(end);
		add_text(begin, (size_t)(end - begin));
		from = end + 3;
	}
	free(text);
	assert_int_equal(nftw("scenarios", visit, 16, FTW_PHYS), 0);
	assert_int_equal(nftw("tests/data", visit, 16, FTW_PHYS), 0);
	assert_true(text_count > 100);
	return 0;
}

static int give_back(void **state)
{
	(void)state;
	arena_free(&kept);
	return 0;
}

/* ---- mangling ---- */

static uint64_t random_state;

/* Marsaglia's xorshift64, from 0 to below `n`. */
static size_t below(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? random_state % n : 0;
}

/* A token's length: a word, a number, a string, blanks, or one other character. */
static size_t token(const char *at)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$");

	if (*at == '"')
		n = 1 + strcspn(at + 1, "\"") + 1;
	else if (!n)
		n = strspn(at, " \t");
	return n && n <= strlen(at) ? n : 1;
}

/* One that is no blank, picked at random; its length, 0: there is none. */
static size_t pick_token(const char *line, size_t *at)
{
	size_t count = 0, picked = 0;

	for (size_t i = 0; line[i]; i += token(line + i))
		if (line[i] != ' ' && line[i] != '\t' && below(++count) == 0) {
			*at = i;
			picked = token(line + i);
		}
	return picked;
}

/* A token of some other line. */
static const char *other_token(void)
{
	const char *line = lines[below(line_count)];
	size_t at, length = pick_token(line, &at);

	return length ? arena_strndup(&arena, line + at, length) : "";
}

static const char *alter_line(const char *line)
{
	size_t at = 0, length = pick_token(line, &at), rest = at + length;
	const char *mine = arena_strndup(&arena, line + at, length);

	switch (below(6)) {
	case 0:
		return arena_printf(&arena, "%.*s%s", (int)at, line, line + rest);
	case 1:
		return arena_printf(&arena, "%.*s%s %s", (int)rest, line, mine, line + rest);
	case 2:
		return arena_printf(&arena, "%.*s%s%s", (int)at, line, other_token(), line + rest);
	case 3:
		return arena_printf(&arena, "%.*s %s %s", (int)at, line, other_token(), line + at);
	case 4:
		return arena_strndup(&arena, line, below(strlen(line) + 1));
	default:
		return arena_printf(&arena, "%.*s%s%s", (int)at, line,
				    extremes[below(ARRAY_SIZE(extremes))], line + rest);
	}
}

static const char *alter_lines(const char **list, size_t count)
{
	size_t at = below(count), other = below(count);
	const char *text = "", *line = list[at];

	switch (below(8)) {
	case 0:
		list[at] = "";
		break;
	case 1:
		list[at] = arena_printf(&arena, "%s\n%s", list[at], list[other]);
		break;
	case 2:
		list[at] = list[other];
		list[other] = line;
		break;
	case 3:
		list[at] = arena_printf(&arena, "%s\n%s", line, lines[below(line_count)]);
		break;
	default:
		list[at] = alter_line(line);
		break;
	}
	for (size_t i = 0; i < count; i++)
		text = arena_printf(&arena, "%s%s\n", text, list[i]);
	return text;
}

static const char *mangle(const char *text)
{
	for (size_t times = 1 + below(2); times > 0; times--) {
		const char **list = NULL, *end;
		size_t count = 0;

		for (; *text; text = *end ? end + 1 : end) {
			end = text + strcspn(text, "\n");
			*arena_push(&arena, list, count) =
			    arena_strndup(&arena, text, (size_t)(end - text));
		}
		if (count)
			text = alter_lines(list, count);
	}
	return text;
}

/* ---- the properties ---- */

/* `fine`, or there is a reason, and where. */
static void explained(bool fine, const char *text)
{
	if (fine != !diagnostics.count)
		fail_msg("%zu diagnostics, and yet it is %s:\n%s", diagnostics.count,
			 fine ? "taken" : "refused", text);
	for (size_t i = 0; i < diagnostics.count; i++)
		if (!diagnostics.list[i].place.source || diagnostics.list[i].place.line < 1 ||
		    diagnostics.list[i].place.column < 1 || !*diagnostics.list[i].message)
			fail_msg("'%s' has no place:\n%s", diagnostics.list[i].message, text);
	diagnosed(); /* it can be shown */
}

static const char *printed_script(const struct script *s)
{
	const char *text = "";

	for (size_t i = 0; i < s->line_count; i++)
		text = arena_printf(&arena, "%s%s\n", text, printed(&s->lines[i]));
	return text;
}

static void printed_is_the_same(const struct script *s, const char *text)
{
	const char *once = printed_script(s);
	const struct script *again = parse_text(once);

	if (!again)
		fail_msg("%s\nis what is printed of this, which is fine:\n%s\n%s", once, text,
			 diagnosed());
	if (strcmp(once, printed_script(again)) != 0)
		fail_msg("%s\nis what is printed of this, and not the same:\n%s", once, text);
}

static struct script *use_beginning(void *context, const char *name, struct place at,
				    struct diagnostics *c)
{
	const char *path = arena_printf(&arena, "scenarios/beginnings/%s.tcp", name);
	struct source *source = arena_new(&arena, struct source);
	size_t length;
	char *text;

	(void)context;
	if (strchr(name, '/') || access(path, R_OK) < 0) {
		diagnose(c, at, "no such beginning");
		return NULL;
	}
	text = read_file(path, &length);
	*source = (struct source){path, arena_strndup(&arena, text, length), length};
	free(text);
	return script_parse(&arena, source, c);
}

static void expanded_and_checked(const struct script *s, int family, const char *text)
{
	struct facts facts = {.kernel = {6, 18, 3}, .family = family};
	struct binding **sets;
	size_t count, n = script_combinations(&arena, s, &sets, &count, &diagnostics);

	explained(n > 0, text);
	for (size_t i = 0; i < n && i < COMBINATIONS && !diagnostics.count; i++) {
		struct run run;
		bool fine = script_expand(&arena, s, &facts, sets[i], count, use_beginning, NULL,
					  &run, &diagnostics);

		if (fine && !run.skip)
			fine = script_check(&arena, &run, &diagnostics) &&
			       engine_accepts(&run, &diagnostics);
		explained(fine, text);
	}
}

static void mangled_scripts(void **state)
{
	(void)state;
	random_state = 20250101;
	for (size_t i = 0; i < MANGLED; i++) {
		const char *text = mangle(texts[below(text_count)]);
		struct script *s = parse_text(text);

		explained(s != NULL, text);
		if (s) {
			printed_is_the_same(s, text);
			expanded_and_checked(s, i % 2 ? 4 : 6, text);
		}
		scripts_end(NULL);
		scripts_begin(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(mangled_scripts),
	};

	return cmocka_run_group_tests(tests, gather, give_back);
}
