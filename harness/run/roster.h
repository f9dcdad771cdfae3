/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A roster: what one machine of several is to do (a share of all runs), on one kernel. It is a file
 * beside the results, so that `merge` can tell what is missing.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include "harness/base/arena.h"
#include "harness/run/results.h"

#define MOST_SHARES 1000

struct roster {
	const char *kernel;
	int nth, of;
	const char **own, **all; /* its runs, and those of all shares */
	size_t own_count, all_count;
};

/* The name of its file: shard-1-of-3.json. */
const char *roster_name(struct arena *a, int nth, int of);

/* Whether that is the name of one. */
bool roster_is_name(const char *file);

/* Leave it in the results of its kernel. False: `error` says why not. */
bool roster_leave(struct arena *a, const char *directory, struct roster *r, const char **error);

#endif
