/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: the code that reads a script collects them, the code that has a terminal prints
 * them.
 *
 * Printing finds the line in the source again by counting newlines, which is cheap for the few
 * possible diagnostics. Tabs are repeated in the caret's line, so that the caret is right at any
 * tab width; terminal commands are made visible (shown.h); of a very long line only the part around
 * the place is shown.
 *
 * nearest() is the optimal string alignment distance: insertion, deletion, substitution and the
 * transposition of neighbours cost one each.
 */
#include "harness/base/diagnostic.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "harness/base/shown.h"

#define SHOWN	     160 /* bytes of a line, at most */
#define SHOWN_BEFORE 100 /* of which before the place */
#define LONGEST_WORD 64	 /* nearest() does not guess longer words */

bool diagnostics_wanted(const struct diagnostics *c)
{
	return c->count < MAX_DIAGNOSTICS;
}

void diagnose(struct diagnostics *c, struct place at, const char *fmt, ...)
{
	struct diagnostic *diagnostic;
	va_list ap;

	if (!diagnostics_wanted(c))
		return;
	diagnostic = arena_push(c->arena, c->list, c->count);
	diagnostic->place = at;
	diagnostic->used_at = c->used_at;
	va_start(ap, fmt);
	diagnostic->message = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
}

void diagnostics_use(struct diagnostics *c, size_t first, struct place line, int last)
{
	for (size_t i = first; i < c->count; i++) {
		struct diagnostic *new = &c->list[i];

		if (!new->used_at.source && (new->place.source != line.source ||
					     new->place.line < line.line || new->place.line > last))
			new->used_at = line;
	}
}

/* The bytes of line `number`, or NULL if the text has no such line. */
static const char *find_line(const struct source *source, int number, size_t *length)
{
	const char *at = source->text, *end, *newline;

	if (!at)
		return NULL;
	end = at + source->length;
	for (int line = 1; line < number; line++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			return NULL;
		at = newline + 1;
	}
	newline = memchr(at, '\n', (size_t)(end - at));
	*length = (size_t)((newline ? newline : end) - at);
	if (*length && at[*length - 1] == '\r')
		(*length)--;
	return at;
}

static void show_place(FILE *out, const struct place *place)
{
	size_t length, from = 0, to, column = place->column > 0 ? (size_t)place->column - 1 : 0;
	const char *line = find_line(place->source, place->line, &length);

	if (!line || !length)
		return;
	if (column > length)
		column = length;
	if (length > SHOWN && column > SHOWN_BEFORE)
		from = column - SHOWN_BEFORE;
	to = length - from > SHOWN ? from + SHOWN : length;

	/* Not from the middle of a character. */
	while (from && ((unsigned char)line[from] & 0xc0) == 0x80)
		from--;
	fputs(from ? "    ..." : "    ", out);
	for (size_t i = from; i < to;) {
		if (line[i] == '\t')
			putc(line[i++], out);
		else
			i += shown_one(out, line + i, length - i);
	}
	fputs(to < length ? "...\n" : "\n", out);

	fputs(from ? "       " : "    ", out);
	for (size_t i = from; i < column;) {
		size_t plain = shown_plain(line + i, length - i);

		if (line[i] == '\t')
			putc('\t', out);
		else
			fputs(plain ? " " : "    ", out); /* \xNN */
		i += plain ? plain : 1;
	}
	fputs("^\n", out);
}

const char *place_text(struct arena *a, struct place place, const struct source *from)
{
	return !place.source || !from || place.source == from
		   ? arena_printf(a, "line %d", place.line)
		   : arena_printf(a, "%s:%d", place.source->path, place.line);
}

static void print_place(FILE *out, const struct place *place, const char *message)
{
	if (place->source)
		fprintf(out, "%s:%d:%d: ", place->source->path, place->line, place->column);
	shown_put(out, message);
	putc('\n', out);
	if (place->source)
		show_place(out, place);
}

static void diagnostic_print(FILE *out, const struct diagnostic *c)
{
	print_place(out, &c->place, c->message);
	if (c->used_at.source)
		print_place(out, &c->used_at, "that came in by this line");
}

void diagnostics_print(FILE *out, const struct diagnostics *c)
{
	for (size_t i = 0; i < c->count; i++)
		diagnostic_print(out, &c->list[i]);
	if (c->count >= MAX_DIAGNOSTICS)
		fprintf(out, "only the first %d mistakes are shown\n", MAX_DIAGNOSTICS);
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	/* Three rows of the matrix: this one, the one above and, for transpositions, the one above
	 * that. */
	size_t rows[3][LONGEST_WORD + 1];
	size_t *above2 = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *free_row = above2;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t change = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);

			row[j] = least(change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				row[j] = least(row[j], above2[j - 2] + 1);
		}
		above2 = above;
		above = row;
		row = free_row;
	}
	return above[b_length];
}

const char *nearest(const char *word, const char *const *candidates)
{
	size_t length = strlen(word), best_distance = 0;
	const char *best = NULL;

	if (length > LONGEST_WORD)
		return NULL;
	for (; *candidates; candidates++) {
		size_t other = strlen(*candidates), longer = other > length ? other : length, d;

		if (other > LONGEST_WORD)
			continue;
		d = distance(word, length, *candidates, other);
		/* Up to a third of the letters may be wrong, but at least one of them and never
		 * all. */
		if (d >= longer || d > (longer < 6 ? 1 : longer / 3))
			continue;
		if (!best || d < best_distance) {
			best = *candidates;
			best_distance = d;
		}
	}
	return best;
}
