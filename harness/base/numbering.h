/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for names: equal names have the same number, and numbers grow from 0 as names come up.
 * Who works with names again and again then compares numbers, and keeps what belongs to a name in
 * an array.
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

/* The number of the name, which is a new one if it has none yet. */
int number_give(struct arena *a, struct numbering *n, const char *name);
/* -1: it has none. */
int number_find(const struct numbering *n, const char *name);
/* Only the first `count` names have a number from now on. */
void number_forget(struct numbering *n, size_t count);

#endif
