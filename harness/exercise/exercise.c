/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the exercise has the origin's lines without their comments, which would
 * give the answers away, and without the prose; errnos and signals in the title are blank, too.
 * Lines whose order is to be found stand in a comment at the end, sorted, so that their order says
 * nothing.
 */
#include "harness/exercise/exercise.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/memory.h"
#include "harness/base/text.h"

const char *const exercise_levels[LEVELS + 1] = {"errnos", "flags", "numbers", "order", NULL};

enum exercise_level exercise_level_find(const char *name)
{
	int level = 0;

	while (level < LEVELS && strcmp(exercise_levels[level], name) != 0)
		level++;
	return (enum exercise_level)level;
}

/* ---- text ---- */

/* How much of a line stands before its comment. */
static size_t before_comment(const char *line, size_t length)
{
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && line[i] == '\\')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
		else if (line[i] == '#' && !quoted)
			return i;
	}
	return length;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

const char *exercise_bare(struct arena *a, const char *line, size_t length)
{
	char *bare = arena_alloc(a, length + 1);
	size_t n = 0;

	length = before_comment(line, length);
	for (size_t i = 0; i < length; i++)
		if (!is_blank(line[i]))
			bare[n++] = line[i];
		else if (n && bare[n - 1] != ' ')
			bare[n++] = ' ';
	if (n && bare[n - 1] == ' ')
		n--;
	bare[n] = '\0';
	return bare;
}

/* ---- the title ---- */

static bool gives_away(const char *word, size_t length, enum exercise_level level)
{
	static const char *const flags[] = {"SYN", "FIN", "RST", "ACK", NULL};

	if (length > 3 && (word[0] == 'E' || !strncmp(word, "SIG", 3)) && level != LEVEL_ORDER) {
		size_t capitals = 0;

		while (capitals < length && isupper((unsigned char)word[capitals]))
			capitals++;
		return capitals == length;
	}
	for (size_t i = 0; flags[i] && level >= LEVEL_FLAGS && level != LEVEL_ORDER; i++)
		if (length == 3 && !strncmp(word, flags[i], 3))
			return true;
	return false;
}

static const char *title_of(struct arena *a, const char *title, enum exercise_level level)
{
	struct text text;
	FILE *out = text_open(&text);

	while (*title) {
		size_t n = 0;

		while (isalnum((unsigned char)title[n]) || title[n] == '_')
			n++;
		if (n && gives_away(title, n, level))
			fputs(BLANK, out);
		else
			fwrite(title, 1, n ? n : 1, out);
		title += n ? n : 1;
	}
	return text_close(&text, a);
}

/* ---- lines ---- */

/* The next blank that begins at `at` or later is taken if it ends before `end`. */
static void cut_line(struct arena *a, struct exercise *e, struct exercise_line *line, size_t from,
		     size_t end, size_t *next)
{
	const char *text = e->origin->text;
	size_t at = from, fixed = 0;
	struct text with;
	FILE *out = text_open(&with);

	for (; *next < e->count && e->blanks[*next].at.to <= end; ++*next) {
		const struct blank *b = &e->blanks[*next];

		if (b->at.from < at)
			continue;
		*arena_push(a, line->fixed, fixed) = arena_strndup(a, text + at, b->at.from - at);
		*arena_push(a, line->blanks, line->count) = b;
		fprintf(out, "%.*s" BLANK, (int)(b->at.from - at), text + at);
		at = b->at.to;
	}
	*arena_push(a, line->fixed, fixed) = arena_strndup(a, text + at, end - at);
	fprintf(out, "%.*s", (int)(end - at), text + at);
	line->text = text_close(&with, a);
	line->whole = arena_strndup(a, text + from, end - from);
}

static bool is_free_line(const struct script *s, const bool *is_free, int number)
{
	for (size_t i = 0; i < s->line_count; i++)
		if (is_free[i] && s->lines[i].place.line == number)
			return true;
	return false;
}

/* Comment lines leave nothing; of several empty lines one is kept, and none at the beginning. */
static void cut_lines(struct arena *a, const struct script *s, struct exercise *e)
{
	const bool *is_free = exercise_free(a, s);
	const char *text = s->source->text;
	size_t length = s->source->length, next = 0;
	int number = 1;

	for (size_t from = 0; from < length; number++) {
		const char *newline = memchr(text + from, '\n', length - from);
		size_t to = newline ? (size_t)(newline - text) : length;
		size_t end = from + before_comment(text + from, to - from);
		bool is_comment = end < to;
		struct exercise_line *line;

		while (end > from && is_blank(text[end - 1]))
			end--;
		if (end > from ||
		    (!is_comment && e->line_count && *e->lines[e->line_count - 1].text)) {
			line = arena_push(a, e->lines, e->line_count);
			cut_line(a, e, line, from, end, &next);
			line->is_free = e->level == LEVEL_ORDER && is_free_line(s, is_free, number);
			e->free_count += line->is_free;
		}
		from = to + 1;
	}
}

void exercise_make(struct arena *a, const struct script *origin, const char *name,
		   enum exercise_level level, struct exercise *out)
{
	*out = (struct exercise){.origin = origin->source, .name = name, .level = level};
	out->title = title_of(a, origin->title ? origin->title : "", level);
	out->blanks = exercise_blanks(a, origin, level, &out->count);
	cut_lines(a, origin, out);
}

bool exercise_has_work(const struct exercise *e)
{
	return e->count || e->free_count;
}

/* ---- printing ---- */

static int by_text(const void *left, const void *right)
{
	const struct exercise_line *a = *(const struct exercise_line *const *)left,
				   *b = *(const struct exercise_line *const *)right;

	return strcmp(a->text + strspn(a->text, " \t"), b->text + strspn(b->text, " \t"));
}

static void print_free(FILE *out, const struct exercise *e)
{
	const struct exercise_line **list = memory_get((e->free_count + 1) * sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < e->line_count; i++)
		if (e->lines[i].is_free)
			list[count++] = &e->lines[i];
	if (count)
		qsort(list, count, sizeof(*list), by_text);
	fputs("\n# Give each of these lines its place above:\n#\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "#     %s\n", list[i]->text + strspn(list[i]->text, " \t"));
	free(list);
}

void exercise_print(FILE *out, const struct exercise *e, const char *run, bool answers)
{
	bool is_order = e->level == LEVEL_ORDER;

	fprintf(out, "# %s\n#\n", e->title);
	if (is_order)
		fputs(
		    "# Some lines are missing, and stand at the end of this file. Each of them has "
		    "its place.\n",
		    out);
	else
		fputs("# Fill in each " BLANK ", and change nothing else. Comments may be added.\n",
		      out);
	fprintf(out,
		"#\n"
		"#     %s\n"
		"#\n"
		"# says where it is wrong, and what is still to be done.\n\n"
		"exercise %s %s\n\n",
		run, e->name, exercise_levels[e->level]);
	for (size_t i = 0; i < e->line_count; i++)
		if (answers || !e->lines[i].is_free)
			fprintf(out, "%s\n", answers ? e->lines[i].whole : e->lines[i].text);
	if (is_order && !answers)
		print_free(out, e);
}
