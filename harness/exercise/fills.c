/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the exercise is made once more from its origin, and the student's lines are
 * laid beside it, without comments and empty lines. What stands between the fixed parts of a line
 * was filled in. If a fixed part differs, the text is no longer this exercise.
 *
 * What is filled in must be exact: a range or a `*` would be right without any knowledge.
 */
#include "harness/exercise/exercise.h"

#include <string.h>

#include "harness/base/text.h"

static const char *bare(struct arena *a, const char *text)
{
	return exercise_bare(a, text, strlen(text));
}

/* ---- the student's lines ---- */

struct written {
	const char *text;
	int number;
	size_t from, to; /* of the whole physical line */
};

static struct written *lines_of(struct arena *a, const char *text, size_t length, size_t *count)
{
	struct written *list = NULL;
	int number = 1;

	*count = 0;
	for (size_t from = 0; from < length; number++) {
		const char *newline = memchr(text + from, '\n', length - from);
		size_t to = newline ? (size_t)(newline - text) : length;
		const char *bare = exercise_bare(a, text + from, to - from);

		if (*bare)
			*arena_push(a, list, *count) = (struct written){bare, number, from, to};
		from = to + 1;
	}
	return list;
}

/* Its next word; *text is then what follows. NULL: there is none. */
static const char *next_word(struct arena *a, const char **text)
{
	size_t n = strcspn(*text, " ");
	const char *word = n ? arena_strndup(a, *text, n) : NULL;

	*text += n;
	*text += **text == ' ';
	return word;
}

bool exercise_is_one(struct arena *a, const char *text, const char **name, const char **level)
{
	size_t count;
	struct written *lines = lines_of(a, text, strlen(text), &count);
	const char *at = count ? lines->text : "", *word = next_word(a, &at);

	if (!word || strcmp(word, "exercise") != 0)
		return false;
	*name = next_word(a, &at);
	*level = next_word(a, &at);
	return true;
}

/* ---- one thing that is filled in ---- */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

static const struct {
	const char *letters; /* of these it may be made; NULL: of all, except .. */
	const char *wanted;
} forms[] = {
    [BLANK_RESULT] = {NULL, "what is exact: no range, no '*', no name"},
    [BLANK_FLAGS] = {FLAG_LETTERS "-", "flags such as S, S., P. or R"},
    [BLANK_NUMBER] = {DIGITS "+-", "a number"},
    [BLANK_WORD] = {LETTERS DIGITS "-", "a word"},
};

static bool is_exact(const struct blank *b, const char *text)
{
	const char *letters = forms[b->kind].letters;

	if (letters)
		return text[strspn(text, letters)] == '\0';
	return !strpbrk(text, "*$?@") && !strstr(text, "..") && !strstr(text, ">=");
}

static struct fill fill_of(struct arena *a, const struct blank *b, const char *text, int line)
{
	struct fill fill = {.blank = b, .line = line, .text = text, .state = FILL_TO_RUN};

	if (!*text || strstr(text, BLANK)) {
		fill.state = FILL_LEFT;
	} else if (!strcmp(text, bare(a, b->answer))) {
		fill.state = FILL_RIGHT;
	} else if (!is_exact(b, text)) {
		fill.state = FILL_NO_FORM;
		fill.why = arena_printf(a, "expected %s", forms[b->kind].wanted);
	}
	return fill;
}

/* ---- a line ---- */

static bool read_line(struct arena *a, const struct exercise_line *line, const struct written *w,
		      struct filled *out)
{
	/* Blanks at the ends of a fixed part do not count: who fills in may set them freely. */
	const char *at = w->text, *fixed = bare(a, line->fixed[0]);

	if (strncmp(at, fixed, strlen(fixed)) != 0)
		return false;
	at += strlen(fixed);
	for (size_t i = 0; i < line->count; i++) {
		const char *next = bare(a, line->fixed[i + 1]), *found;

		found = *next ? strstr(at, next) : at + (i + 1 == line->count ? strlen(at) : 0);
		/* Two blanks with nothing but a space between them. */
		if (!*next && i + 1 < line->count) {
			at += *at == ' ';
			found = at + strcspn(at, " ");
		}
		if (!found)
			return false;
		*arena_push(a, out->list, out->count) = fill_of(
		    a, line->blanks[i], exercise_bare(a, at, (size_t)(found - at)), w->number);
		at = found + strlen(next);
	}
	return *at == '\0';
}

static bool refuse(struct filled *out, int line, const char *why)
{
	out->wrong_line = line;
	out->wrong = why;
	return false;
}

static bool read_blanks(struct arena *a, const struct exercise *e, const struct written *w,
			size_t count, struct filled *out)
{
	size_t k = 0;
	int last = count ? w[count - 1].number : 1;

	for (size_t i = 0; i < e->line_count; i++) {
		const struct exercise_line *line = &e->lines[i];

		if (!*line->text)
			continue;
		if (k == count)
			return refuse(out, last,
				      arena_printf(a, "below it this line is missing:  %s",
						   bare(a, line->text)));
		if (!read_line(a, line, &w[k], out))
			return refuse(out, w[k].number,
				      arena_printf(a,
						   "only blanks may be filled in; the line is:  %s",
						   bare(a, line->text)));
		k++;
	}
	return k == count || refuse(out, w[k].number, "this line is not of the exercise");
}

/* ---- the order of lines ---- */

static bool same_text(struct arena *a, const struct exercise_line *line, const char *text)
{
	return !strcmp(bare(a, line->whole), text);
}

/* Which line that has no place yet it is; the number of lines: none. */
static size_t find_free(struct arena *a, const struct exercise *e, const bool *placed,
			const char *text)
{
	size_t i = 0;

	while (i < e->line_count &&
	       !(e->lines[i].is_free && !placed[i] && same_text(a, &e->lines[i], text)))
		i++;
	return i;
}

/* The next line that was always there. */
static size_t next_fixed(const struct exercise *e, size_t i)
{
	while (i < e->line_count && (e->lines[i].is_free || !*e->lines[i].text))
		i++;
	return i;
}

/* Whether it is one of the lines that were always there, further down. */
static bool is_later(struct arena *a, const struct exercise *e, size_t fixed, const char *text)
{
	while (fixed < e->line_count && !same_text(a, &e->lines[fixed], text))
		fixed = next_fixed(e, fixed + 1);
	return fixed < e->line_count;
}

/* Why a line is neither the next one nor one without a place. */
static const char *why_not(struct arena *a, const struct exercise *e, size_t fixed,
			   const char *text)
{
	const char *next;

	if (!is_later(a, e, fixed, text))
		return "this line is none of those that were missing, and nothing else may be "
		       "changed";
	next = e->lines[fixed].whole;
	return arena_printf(a, "above it this line is missing:  %s", bare(a, next));
}

static bool read_order(struct arena *a, const struct exercise *e, const struct written *w,
		       size_t count, struct filled *out)
{
	bool *placed = arena_alloc(a, e->line_count + 1);
	size_t fixed = next_fixed(e, 0);

	out->left = e->free_count;
	for (size_t k = 0; k < count; k++) {
		size_t found;

		if (fixed < e->line_count && same_text(a, &e->lines[fixed], w[k].text)) {
			fixed = next_fixed(e, fixed + 1);
			continue;
		}
		found = find_free(a, e, placed, w[k].text);
		if (found == e->line_count)
			return refuse(out, w[k].number, why_not(a, e, fixed, w[k].text));
		placed[found] = true;
		out->left--;
	}
	if (fixed < e->line_count)
		return refuse(out, count ? w[count - 1].number : 1,
			      arena_printf(a, "below it this line is missing:  %s",
					   bare(a, e->lines[fixed].whole)));
	return true;
}

/* The first line, which says what it is, becomes an empty one: the others keep their numbers. */
static const char *without_first(struct arena *a, const struct source *source,
				 const struct written *first)
{
	char *text = arena_strndup(a, source->text, source->length);

	memset(text + first->from, ' ', first->to - first->from);
	return text;
}

bool exercise_read(struct arena *a, const struct exercise *e, const struct source *source,
		   struct filled *out)
{
	size_t count;
	struct written *w = lines_of(a, source->text, source->length, &count);

	*out = (struct filled){0};
	if (!count)
		return refuse(out, 1, "there is nothing in it");
	if (e->level != LEVEL_ORDER)
		return read_blanks(a, e, w + 1, count - 1, out);
	out->text = without_first(a, source, w);
	return read_order(a, e, w + 1, count - 1, out);
}

const char *exercise_with(struct arena *a, const struct exercise *e, const struct fill *fill)
{
	const struct extent at = fill->blank->at;
	const struct source *o = e->origin;

	return arena_printf(a, "%.*s%s%.*s", (int)at.from, o->text, fill->text,
			    (int)(o->length - at.to), o->text + at.to);
}
