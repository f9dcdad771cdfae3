/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of a pool's jobs is the next to start.
 */
#ifndef TURNS_H
#define TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/clock.h"

struct turns {
	size_t count;	 /* of the jobs */
	size_t started;	 /* how many */
	double left;	 /* ns; how long the others are expected to take in all */
	bool *has_begun; /* each */
	ns_t *takes;	 /* how long each is expected to take */
	size_t *longest; /* the jobs, the longest first */
	/* What is before these has begun; the first in the order of the jobs, and of `longest`. */
	size_t next, next_longest;
};

/* `takes(context, job)`: how long the job is expected to take. NULL: nobody knows. */
void turns_begin(struct turns *t, size_t jobs, ns_t (*takes)(void *context, size_t job),
		 void *context);
void turns_end(struct turns *t);

/* The next job, where so many can run at once. False: all have begun. */
bool turns_next(struct turns *t, int at_once, size_t *job);
void turns_start(struct turns *t, size_t job);

#endif
