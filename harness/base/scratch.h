/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories for unfinished work: made, used, removed; and, if a process was killed before it
 * could do that, removed by a later one.
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
	const char *path; /* of it, relative or absolute like the parent's path */
};

/*
 * Make a directory of that mode in the directory `parent`, called `prefix` and some random
 * characters. scratch_remove() removes it, or a later scratch_sweep() when this process, and all
 * children that have inherited the descriptor, have ended. False: errno says why it is not
 * possible (EXDEV: another user's link leads to the parent). The strings live in the arena.
 */
bool scratch_make(struct arena *a, const char *parent, const char *prefix, mode_t mode,
		  struct scratch *s);

/* Remove whatever has its name now, with everything in it; the second call does nothing.
 */
void scratch_remove(struct scratch *s);

/* Remove what ended processes have left: directories of that prefix, of this user. */
void scratch_sweep(const char *parent, const char *prefix);

/*
 * The directory for temporary things, which nobody else can enter: `tcplab` in $XDG_RUNTIME_DIR, or
 * tcplab-UID in /tmp; in $TMPDIR, if that is set. It is made if it does not exist. NULL: `error`
 * says why there is none, and the remedy.
 */
const char *scratch_parent(struct arena *a, const char **error);

/* In that directory: sweep old directories of that prefix, and make a new one. False: `error` says
 * why not. */
bool scratch_open(struct arena *a, const char *prefix, struct scratch *s, const char **error);

#endif
