/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control groups that this process is in leave to it: a container's limits.
 */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdint.h>

#include "harness/base/arena.h"

#define UNLIMITED INT64_MAX

struct cgroup {
	int64_t memory;	     /* the least limit, in bytes */
	int64_t memory_left; /* what nobody uses of it, or could be taken back at once */
	int64_t tasks_left;  /* further processes and threads */
	int64_t processors;  /* how many of them the time that it may have fills, rounded up */
	int64_t killed;	     /* processes that were killed for want of memory; 0 if not known */
};

/*
 * Of both versions, whichever is there; UNLIMITED where there is no limit, or none to be seen.
 * `root`: where /proc and all that it names are; "" but in a test.
 */
void cgroup_read(const char *root, struct cgroup *c);
/* `killed` alone, for which less is read. */
int64_t cgroup_killed(void);

/*
 * The message that something was killed, with what mends it if that is the limit of memory: it has
 * killed more processes than the `before` that were counted then.
 */
const char *cgroup_mend(struct arena *a, const char *message, int64_t before);

#endif
