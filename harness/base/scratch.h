/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories for what is unfinished: made, worked in, removed; and, where a process was killed
 * before it could do that, removed by a later one.
 */
#ifndef BASE_SCRATCH_H
#define BASE_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "harness/base/arena.h"

struct scratch {
	int parent;	  /* descriptor of the directory that it is in */
	int fd;		  /* its own descriptor, which holds the lock; -1: it is gone */
	const char *name; /* in the parent */
	const char *path; /* of it, as the parent's path was given */
};

/*
 * Make a directory of that mode in the directory `parent`, called `prefix` and some random
 * characters. It is removed by scratch_remove(), or by a later scratch_sweep() when this process,
 * and all children that have inherited the descriptor, have ended. False: errno says why there can
 * be none. The strings live in the arena.
 */
bool scratch_make(struct arena *a, const char *parent, const char *prefix, mode_t mode,
		  struct scratch *s);

/* Remove what stands there under its name by now, with all that is in it; no more the second time.
 */
void scratch_remove(struct scratch *s);

/* Remove what processes that are gone have left: directories of that prefix, of this user. */
void scratch_sweep(const char *parent, const char *prefix);

/*
 * The directory for temporary things, which nobody else can enter: `tcplab` in $XDG_RUNTIME_DIR, or
 * tcplab-UID in /tmp; in $TMPDIR, if that is set. It is made if it is not there. NULL: `error` says
 * why there is none, and what mends it.
 */
const char *scratch_parent(struct arena *a, const char **error);

/* In there: sweep away what has that prefix, and make one of it. False: `error` says why not. */
bool scratch_open(struct arena *a, const char *prefix, struct scratch *s, const char **error);

#endif
