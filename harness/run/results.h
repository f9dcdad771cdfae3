/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run leaves in the file system: DIRECTORY/NAME/ with some files in it, whole or not at all.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"

/* One file of a result. `write` returns false with errno set when it could not write. */
struct result_file {
	const char *name;
	bool (*write)(FILE *out, void *context);
};

/*
 * Make ROOT/KERNEL, see that it can be written to, and remove what programs that were killed left
 * there. NULL: `error` says why results cannot be written.
 */
const char *results_open(struct arena *a, const char *root, const char *kernel, const char **error);

#define RESULT_NAME_MAX (NAME_MAX - 24) /* bytes of NAME: the rest is for @TIME */

/*
 * Write the files and put them in the place of what was in DIRECTORY/NAME before; with `keep`, add
 * DIRECTORY/NAME@TIME instead. Whoever looks sees all of the old or all of the new. `files` ends
 * with name NULL. False: `error` says why; the old is then as it was.
 */
bool results_write(struct arena *a, const char *directory, const char *name, bool keep,
		   const struct result_file *files, void *context, const char **error);

/* The same with all files of the directory `from`, which stay there. */
bool results_adopt(struct arena *a, const char *directory, const char *name, bool keep,
		   const char *from, const char **error);

/* Remove what processes that are gone have left unfinished. */
void results_sweep(const char *directory);

#endif
