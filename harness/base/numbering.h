/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for names: equal names have the same number, and numbers grow from 0 as names appear.
 * Code that often works with names then compares numbers, and keeps the data of a name in an array.
 */
#ifndef BASE_NUMBERING_H
#define BASE_NUMBERING_H

#include "harness/base/arena.h"

struct numbering {
	const char **names; /* of each number */
	size_t count;
	int *slots; /* a hash table of 2^bits numbers + 1; 0: free */
	unsigned bits;
};

/* The number of the name; a new number if it has none yet. */
int number_give(struct arena *a, struct numbering *n, const char *name);
/* -1: it has none. */
int number_find(const struct numbering *n, const char *name);
/* From now on only the first `count` names have a number. */
void number_forget(struct numbering *n, size_t count);

#endif
