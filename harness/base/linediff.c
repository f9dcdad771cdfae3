/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The longest common subsequence: every line that is not in it is deleted or added. The lines that
 * both texts begin with, and those that both end with, are in it. In between it uses Hirschberg's
 * method (Communications of the ACM 18, 1975): one text is cut in the middle, and the other one
 * where the two pairs of halves have most in common; then each pair is treated in the same way. For
 * that, only lengths of common subsequences are needed, and two rows of them are kept: the memory
 * grows with the sum of the texts' lengths, the time with the product of the parts in between.
 *
 * The walk yields a list of edits; hunks are stretches of that list in which no more than twice the
 * context lies between two changes.
 */
#include "harness/base/linediff.h"

#include <string.h>

#include "harness/base/numbering.h"

#define CONTEXT 3

struct lines {
	const char **line;
	int *number; /* the same for lines that are equal */
	size_t count;
};

struct edit {
	char sign; /* ' ' '-' '+' */
	const char *line;
	size_t old, new; /* lines of each before this one */
};

struct comparison {
	const struct lines *old, *new;
	bool *old_kept, *new_kept;     /* the common subsequence */
	size_t *from_start, *from_end; /* rows, see cut() */
};

static struct lines split(struct arena *a, struct numbering *numbers, const char *text)
{
	struct lines lines = {0};

	while (*text) {
		size_t length = strcspn(text, "\n");

		*arena_push(a, lines.line, lines.count) = arena_strndup(a, text, length);
		text += length + (text[length] == '\n');
	}
	lines.number = arena_alloc(a, lines.count * sizeof(*lines.number));
	for (size_t i = 0; i < lines.count; i++)
		lines.number[i] = number_give(a, numbers, lines.line[i]);
	return lines;
}

/*
 * length[j]: of the longest common subsequence of these lines of the old text and the first j of
 * the `count` new ones; or the last j, if both are looked at from their ends.
 */
static void measure(const int *old, size_t old_count, const int *new, size_t count, bool from_end,
		    size_t *length)
{
	memset(length, 0, (count + 1) * sizeof(*length));
	for (size_t i = 0; i < old_count; i++) {
		int line = old[from_end ? old_count - 1 - i : i];
		size_t diagonal = 0; /* the row before, one to the left */

		for (size_t j = 1; j <= count; j++) {
			size_t above = length[j];

			if (line == new[from_end ? count - j : j - 1])
				length[j] = diagonal + 1;
			else if (length[j - 1] > above)
				length[j] = length[j - 1];
			diagonal = above;
		}
	}
}

/* Where to cut the new lines, if the old ones are cut after `half`. */
static size_t cut(const struct comparison *c, const int *old, size_t old_count, size_t half,
		  const int *new, size_t count)
{
	size_t best = 0;

	measure(old, half, new, count, false, c->from_start);
	measure(old + half, old_count - half, new, count, true, c->from_end);
	for (size_t j = 1; j <= count; j++)
		if (c->from_start[j] + c->from_end[count - j] >
		    c->from_start[best] + c->from_end[count - best])
			best = j;
	return best;
}

static void keep(struct comparison *c, size_t i, size_t j)
{
	c->old_kept[i] = c->new_kept[j] = true;
}

/* For the lines from i to i_end, and from j to j_end. The recursion is log2(lines) deep. */
static void compare(struct comparison *c, size_t i, size_t i_end, size_t j, size_t j_end)
{
	const int *old = c->old->number, *new = c->new->number;
	size_t half, at;

	while (i < i_end && j < j_end && old[i] == new[j])
		keep(c, i++, j++);
	while (i < i_end && j < j_end && old[i_end - 1] == new[j_end - 1])
		keep(c, --i_end, --j_end);
	if (i == i_end || j == j_end)
		return;
	if (i_end - i == 1) {
		for (at = j; at < j_end && old[i] != new[at]; at++)
			;
		if (at < j_end)
			keep(c, i, at);
		return;
	}
	half = (i_end - i) / 2;
	at = j + cut(c, old + i, i_end - i, half, new + j, j_end - j);
	compare(c, i, i + half, j, at);
	compare(c, i + half, i_end, at, j_end);
}

static struct edit *edits(struct arena *a, const struct lines *old, const struct lines *new,
			  size_t *count)
{
	struct comparison c = {
	    .old = old,
	    .new = new,
	    .old_kept = arena_alloc(a, old->count + 1),
	    .new_kept = arena_alloc(a, new->count + 1),
	    .from_start = arena_alloc(a, (new->count + 1) * sizeof(size_t)),
	    .from_end = arena_alloc(a, (new->count + 1) * sizeof(size_t)),
	};
	struct edit *list = NULL;
	size_t i = 0, j = 0;

	compare(&c, 0, old->count, 0, new->count);
	*count = 0;
	while (i < old->count || j < new->count) {
		struct edit *e = arena_push(a, list, *count);
		bool deleted = i < old->count && !c.old_kept[i];
		bool added = !deleted && j < new->count && !c.new_kept[j];
		char sign = ' ';

		if (deleted)
			sign = '-';
		else if (added)
			sign = '+';
		*e = (struct edit){sign, added ? new->line[j] : old->line[i], i, j};
		i += !added;
		j += !deleted;
	}
	return list;
}

static void print_hunk(FILE *out, const struct edit *list, size_t first, size_t end)
{
	size_t old = 0, new = 0;

	for (size_t i = first; i < end; i++) {
		old += list[i].sign != '+';
		new += list[i].sign != '-';
	}
	fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", list[first].old + (old > 0), old,
		list[first].new + (new > 0), new);
	for (size_t i = first; i < end; i++)
		fprintf(out, "%c%s\n", list[i].sign, list[i].line);
}

/* One past the last edit of the hunk whose first change is at `change`. */
static size_t hunk_end(const struct edit *list, size_t count, size_t change)
{
	size_t last = change;

	for (size_t i = change; i < count && i <= last + 2 * CONTEXT + 1; i++)
		if (list[i].sign != ' ')
			last = i;
	return last + CONTEXT + 1 < count ? last + CONTEXT + 1 : count;
}

bool linediff_print(FILE *out, struct arena *a, const char *old_name, const char *old,
		    const char *new_name, const char *new)
{
	struct numbering numbers = {0};
	struct lines from = split(a, &numbers, old), to = split(a, &numbers, new);
	bool differ = false;
	size_t count, end = 0;
	struct edit *list = edits(a, &from, &to, &count);

	for (size_t i = 0; i < count; i++) {
		if (list[i].sign == ' ' || i < end)
			continue;
		if (!differ)
			fprintf(out, "--- %s\n+++ %s\n", old_name, new_name);
		differ = true;
		end = hunk_end(list, count, i);
		print_hunk(out, list, i > CONTEXT ? i - CONTEXT : 0, end);
	}
	return differ;
}
