/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The longest common subsequence by dynamic programming, walked from the front: what is not in it
 * is deleted or added. The walk yields a list of edits; hunks are stretches of that list in which
 * no more than twice the context lies between two changes.
 */
#include "harness/base/linediff.h"

#include <string.h>

#define CONTEXT 3

struct lines {
	const char **line;
	size_t count;
};

struct edit {
	char sign; /* ' ' '-' '+' */
	const char *line;
	size_t old, new; /* lines of each before this one */
};

static struct lines split(struct arena *a, const char *text)
{
	struct lines lines = {0};

	while (*text) {
		size_t length = strcspn(text, "\n");

		*arena_push(a, lines.line, lines.count) = arena_strndup(a, text, length);
		text += length + (text[length] == '\n');
	}
	return lines;
}

/* length[i][j]: of the longest common subsequence of old[i..] and new[j..]. */
static size_t *common(struct arena *a, const struct lines *old, const struct lines *new)
{
	size_t width = new->count + 1;
	size_t *length = arena_alloc(a, (old->count + 1) * width * sizeof(*length));

	for (size_t i = old->count; i-- > 0;)
		for (size_t j = new->count; j-- > 0;) {
			size_t down = length[(i + 1) * width + j],
			       right = length[i * width + j + 1];

			if (!strcmp(old->line[i], new->line[j]))
				length[i * width + j] = length[(i + 1) * width + j + 1] + 1;
			else
				length[i * width + j] = down > right ? down : right;
		}
	return length;
}

static struct edit *edits(struct arena *a, const struct lines *old, const struct lines *new,
			  size_t *count)
{
	size_t width = new->count + 1, i = 0, j = 0;
	size_t *length = common(a, old, new);
	struct edit *list = NULL;

	*count = 0;
	while (i < old->count || j < new->count) {
		struct edit *e = arena_push(a, list, *count);

		e->old = i;
		e->new = j;
		if (i < old->count && j < new->count && !strcmp(old->line[i], new->line[j])) {
			e->sign = ' ';
			e->line = old->line[i++];
			j++;
		} else if (j == new->count || (i < old->count && length[(i + 1) * width + j] >=
								     length[i * width + j + 1])) {
			e->sign = '-';
			e->line = old->line[i++];
		} else {
			e->sign = '+';
			e->line = new->line[j++];
		}
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
	struct lines from = split(a, old), to = split(a, new);
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
