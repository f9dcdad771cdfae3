/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: jobs are reported in their order, so they also start in their order: then
 * what has ended need not wait long for its report. But a long job that starts last makes everybody
 * wait for it alone. So the longest one starts before its turn as soon as it takes as long as all
 * that is left would take if every place were always filled. The fewer jobs run at once, the later
 * that is: one at a time, they all start in their order. Sums of times are of type double: a script
 * may say anything, and no sum of that overflows.
 */
#include "harness/run/turns.h"

#include <stdlib.h>

#include "harness/base/memory.h"

/* qsort() has no context. */
struct length {
	ns_t takes;
	size_t job;
};

/* The longest first; else in their order. */
static int by_length(const void *left, const void *right)
{
	const struct length *a = left, *b = right;

	if (a->takes != b->takes)
		return a->takes > b->takes ? -1 : 1;
	return a->job < b->job ? -1 : a->job > b->job;
}

static void sort(struct turns *t)
{
	struct length *all = memory_get((t->count + 1) * sizeof(*all));

	for (size_t i = 0; i < t->count; i++)
		all[i] = (struct length){t->takes[i], i};
	qsort(all, t->count, sizeof(*all), by_length);
	for (size_t i = 0; i < t->count; i++)
		t->longest[i] = all[i].job;
	free(all);
}

void turns_begin(struct turns *t, size_t jobs, ns_t (*takes)(void *context, size_t job),
		 void *context)
{
	*t = (struct turns){.count = jobs};
	t->has_begun = memory_get((jobs + 1) * sizeof(*t->has_begun));
	t->takes = memory_get((jobs + 1) * sizeof(*t->takes));
	t->longest = memory_get((jobs + 1) * sizeof(*t->longest));
	for (size_t i = 0; i < jobs; i++) {
		t->has_begun[i] = false;
		t->takes[i] = takes ? takes(context, i) : 0;
		t->left += (double)t->takes[i];
	}
	sort(t);
}

void turns_end(struct turns *t)
{
	free(t->has_begun);
	free(t->takes);
	free(t->longest);
	*t = (struct turns){0};
}

bool turns_next(struct turns *t, int at_once, size_t *job)
{
	size_t longest;

	if (t->started == t->count)
		return false;
	while (t->has_begun[t->next])
		t->next++;
	while (t->has_begun[t->longest[t->next_longest]])
		t->next_longest++;
	longest = t->longest[t->next_longest];
	/* `left` includes it. */
	*job = (double)t->takes[longest] > t->left / at_once ? longest : t->next;
	return true;
}

void turns_start(struct turns *t, size_t job)
{
	t->has_begun[job] = true;
	t->left -= (double)t->takes[job];
	t->started++;
}
