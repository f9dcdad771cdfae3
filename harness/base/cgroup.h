/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this process's control groups allow it: a container's limits.
 */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdint.h>

#include "harness/base/arena.h"

#define UNLIMITED INT64_MAX

struct cgroup {
	int64_t memory;	     /* the least limit, in bytes */
	int64_t memory_left; /* the part that is free, or can be reclaimed at once */
	int64_t tasks_left;  /* further processes and threads */
	int64_t processors;  /* how many processors its allowed time fills, rounded up */
	int64_t killed;	     /* processes that were killed for lack of memory; 0 if not known */
};

/*
 * Of the version that exists; UNLIMITED if there is no limit, or none is visible. `root`: where
 * /proc and everything that it names are; "" except in a test.
 */
void cgroup_read(const char *root, struct cgroup *c);
/* Only `killed`; this reads less. */
int64_t cgroup_killed(void);

/*
 * The message that something was killed, with the remedy if the reason is the limit of memory: it
 * has killed more processes than `before`.
 */
const char *cgroup_mend(struct arena *a, const char *message, int64_t before);

#endif
