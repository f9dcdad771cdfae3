/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: runs are compared one after the other, and each adds its differences; a
 * kind keeps one place of each run. Counting and sorting is done once, at the end.
 */
#include "harness/diff/kinds.h"

#include <stdlib.h>
#include <string.h>

struct kind *kinds_find(const struct kinds *k, const char *what)
{
	for (size_t i = 0; i < k->count; i++)
		if (!strcmp(k->list[i].what, what))
			return &k->list[i];
	return NULL;
}

void kinds_add(struct kinds *k, const char *what, const char *old, const char *new,
	       struct spot place)
{
	struct kind *kind = kinds_find(k, what);

	if (!kind) {
		kind = arena_push(k->arena, k->list, k->count);
		kind->what = arena_strdup(k->arena, what);
		kind->nth = k->count;
	}
	/* Run after run is compared, so it is the last one or none. */
	if (kind->place_count && !strcmp(kind->places[kind->place_count - 1].run, k->run))
		return;
	*arena_push(k->arena, kind->places, kind->place_count) = (struct kind_place){
	    .scenario = k->scenario,
	    .run = k->run,
	    .nth = k->nth,
	    .place = {place.line, arena_strdup(k->arena, place.text)},
	    .old = old ? arena_strdup(k->arena, old) : NULL,
	    .new = new ? arena_strdup(k->arena, new) : NULL,
	};
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_values(const struct kind_place *a, const struct kind_place *b)
{
	return same(a->old, b->old) && same(a->new, b->new);
}

static void find_usual(struct kind *kind)
{
	size_t most = 0;

	for (size_t i = 0; i < kind->place_count; i++) {
		size_t count = 0;

		for (size_t j = 0; j < kind->place_count; j++)
			count += same_values(&kind->places[i], &kind->places[j]);
		if (count <= most)
			continue;
		most = count;
		kind->first = &kind->places[i];
		kind->others = kind->place_count - count;
	}
}

static void count_scenarios(struct kind *kind)
{
	for (size_t i = 0; i < kind->place_count; i++) {
		bool known = false;

		for (size_t j = 0; j < i && !known; j++)
			known = !strcmp(kind->places[j].scenario, kind->places[i].scenario);
		kind->scenarios += !known;
	}
}

static int by_scenarios(const void *left, const void *right)
{
	const struct kind *a = left, *b = right;

	if (a->scenarios != b->scenarios)
		return a->scenarios < b->scenarios ? 1 : -1;
	if (a->first->nth != b->first->nth)
		return a->first->nth < b->first->nth ? -1 : 1;
	if (a->first->place.line != b->first->place.line)
		return a->first->place.line < b->first->place.line ? -1 : 1;
	return a->nth < b->nth ? -1 : 1;
}

void kinds_conclude(struct kinds *k)
{
	for (size_t i = 0; i < k->count; i++) {
		count_scenarios(&k->list[i]);
		find_usual(&k->list[i]);
	}
	if (k->count)
		qsort(k->list, k->count, sizeof(*k->list), by_scenarios);
}
