/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of difference. One cause shows in many runs, often in many places of each; a kind is one
 * line of output.
 */
#ifndef DIFF_KINDS_H
#define DIFF_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"

struct spot {
	int line;	  /* of the run; -1: it is about the whole */
	const char *text; /* the same in words: fin-wait-2:12 */
};

/* Where it shows: the first place in a run. */
struct kind_place {
	const char *scenario, *run;
	size_t nth; /* among the runs that were compared */
	struct spot place;
	const char *old, *new; /* NULL: it has no values */
};

struct kind {
	const char *what; /* packet server> S.: window */
	size_t nth;	  /* in the order in which they were added */
	struct kind_place *places;
	size_t place_count;
	size_t scenarios;		/* in how many */
	const struct kind_place *first; /* runs with the most common values */
	size_t others;			/* runs with other values */
	bool unsure;			/* two runs on one kernel show it, too */
};

struct kinds {
	struct arena *arena;
	struct kind *list;
	size_t count;
	const char *scenario, *run; /* the run that is being compared */
	size_t nth;
};

/*
 * Add a difference of that kind, with or without values. Only the first of each kind in a run
 * counts.
 */
void kinds_add(struct kinds *k, const char *what, const char *old, const char *new,
	       struct spot place);

/*
 * After all have been added: count, find the most common values, and sort: first the kinds that
 * most scenarios show, and among these the earliest, which is nearest to the cause.
 */
void kinds_conclude(struct kinds *k);

struct kind *kinds_find(const struct kinds *k, const char *what);

#endif
