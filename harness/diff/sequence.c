/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). The
 * common beginning and the common end are paired at once. In between, for a growing number of
 * edits, the algorithm notes the furthest point on each diagonal (index in old minus index in new);
 * from the end it walks back through these notes. The two sequences are of one script on two
 * kernels, so there are few edits; if there are very many, the part in between stays unpaired.
 */
#include "harness/diff/sequence.h"

#include <stdbool.h>

#define MOST_EDITS 2000

int sequence_word(json_t *words, const char *text)
{
	const json_t *known = json_object_get(words, text);
	int number = known ? (int)json_integer_value(known) : (int)json_object_size(words);

	if (!known)
		json_object_set_new(words, text, json_integer(number));
	return number;
}

struct middle {
	const int *old, *new;
	int old_count, new_count;
};

/* The furthest point on diagonal `k` with one edit more than in `from`. */
static int reach(const struct middle *m, const int *from, int edits, int k)
{
	int x, y;

	if (!edits)
		x = 0;
	else if (k == -edits || (k != edits && from[k - 1] < from[k + 1]))
		x = from[k + 1];
	else
		x = from[k - 1] + 1;
	for (y = x - k;
	     x >= 0 && y >= 0 && x < m->old_count && y < m->new_count && m->old[x] == m->new[y];
	     x++)
		y++;
	return x;
}

/* Back from the end, edit by edit: everything between two edits is common. */
static void walk_back(const struct middle *m, int **reached, int edits, int *pairs)
{
	int x = m->old_count, y = m->new_count;

	for (; edits >= 0; edits--) {
		const int *from = edits ? reached[edits - 1] : NULL;
		int k = x - y, before_x = 0, before_y = 0;

		if (edits) {
			bool down = k == -edits || (k != edits && from[k - 1] < from[k + 1]);
			int before = down ? k + 1 : k - 1;

			before_x = from[before];
			before_y = before_x - before;
		}
		while (x > before_x && y > before_y && m->old[x - 1] == m->new[y - 1])
			pairs[--x] = --y;
		x = before_x;
		y = before_y;
	}
}

static void align_middle(struct arena *a, const struct middle *m, int *pairs)
{
	int most = m->old_count + m->new_count;
	int **reached;

	if (most > MOST_EDITS)
		most = MOST_EDITS;
	reached = arena_alloc(a, (size_t)(most + 1) * sizeof(*reached));
	for (int edits = 0; edits <= most; edits++) {
		const int *from = edits ? reached[edits - 1] : NULL;

		/* Diagonals below the middle one have negative numbers. */
		reached[edits] =
		    (int *)arena_alloc(a, (size_t)(2 * edits + 3) * sizeof(int)) + edits + 1;
		for (int k = -edits; k <= edits; k += 2) {
			int x = reach(m, from, edits, k);

			reached[edits][k] = x;
			if (x >= m->old_count && x - k >= m->new_count) {
				walk_back(m, reached, edits, pairs);
				return;
			}
		}
	}
}

int *sequence_align(struct arena *a, const int *old, size_t old_count, const int *new,
		    size_t new_count)
{
	int *pairs = arena_alloc(a, (old_count + 1) * sizeof(*pairs));
	size_t first = 0, last = 0;
	struct middle m;

	for (size_t i = 0; i < old_count; i++)
		pairs[i] = UNPAIRED;
	for (; first < old_count && first < new_count && old[first] == new[first]; first++)
		pairs[first] = (int)first;
	for (; last < old_count - first && last < new_count - first &&
	       old[old_count - 1 - last] == new[new_count - 1 - last];
	     last++)
		pairs[old_count - 1 - last] = (int)(new_count - 1 - last);
	m = (struct middle){old + first, new + first, (int)(old_count - first - last),
			    (int)(new_count - first - last)};
	if (m.old_count && m.new_count) {
		align_middle(a, &m, pairs + first);
		for (size_t i = first; i < old_count - last; i++)
			if (pairs[i] != UNPAIRED)
				pairs[i] += (int)first;
	}
	return pairs;
}
