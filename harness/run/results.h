/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results of a run in the file system: DIRECTORY/NAME/ with some files in it, complete or not
 * at all.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/arena.h"

/*
 * One file of a result, or, with `make` instead of `write`, what that makes in the open directory:
 * a directory of that name. They return false with errno set when that could not be written.
 */
struct result_file {
	const char *name;
	bool (*write)(FILE *out, void *context);
	bool (*make)(int directory, const char *name, void *context);
};

/*
 * Make ROOT/KERNEL, check that it can be written to, and remove remains of killed programs there.
 * NULL: `error` says why results cannot be written.
 */
const char *results_open(struct arena *a, const char *root, const char *kernel, const char **error);

/*
 * Write the files and replace DIRECTORY/NAME by them; with `keep`, add DIRECTORY/NAME@TIME instead.
 * Other processes see all of the old or all of the new. `files` ends with name NULL. False: `error`
 * says why; the old result is then unchanged.
 */
bool results_write(struct arena *a, const char *directory, const char *name, bool keep,
		   const struct result_file *files, void *context, const char **error);

/*
 * The same with all that a run leaves (left_files.h), as far as it is in the open directory `from`,
 * and stays there. What else is there is not taken, links are not followed, and a file must not
 * have more than `most` bytes.
 */
bool results_copy(struct arena *a, const char *directory, const char *name, bool keep, int from,
		  int64_t most, const char **error);

/* Write one file beside the runs, or replace it. */
bool results_write_file(struct arena *a, const char *directory, const struct result_file *file,
			void *context, const char **error);

/*
 * A file that is new, and exactly in that directory, whoever else may write there. NULL: errno
 * says why not.
 */
FILE *results_new_file(int directory, const char *name);

/* Remove the unfinished work of processes that have ended. */
void results_sweep(const char *directory);

#endif
