/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of one run on two kernels. They are of one script, but where a `when` tells the kernels
 * apart they are not the same, and a run that failed did not come to its last one.
 */
#ifndef DIFF_LINES_H
#define DIFF_LINES_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/diff/kinds.h"

struct lines {
	const json_t *run;  /* its result.json */
	const char **texts; /* as written, with their indentation */
	size_t count;
	bool failed;
	size_t reached; /* one past the last line of which anything was seen; all, if it passed */
	bool rest;	/* and there was something to come */
	const char *complaint; /* what the kernel said of itself meanwhile; NULL: nothing */
};

void lines_read(struct arena *a, const json_t *run, struct lines *out);

/* What the kernel said of itself, without who it was; NULL: nothing. */
const char *lines_complaint(const json_t *run);

/* For each line of `old` its counterpart's index in `new`, UNPAIRED where it has none. */
int *lines_pair(struct arena *a, const struct lines *old, const struct lines *new);

/*
 * Where each of the two is to be cut off so that nothing is left to which the other one did not
 * come: one past the last line. `pairs` is theirs.
 */
void lines_cut(const struct lines *old, const struct lines *new, const int *pairs, size_t *old_cut,
	       size_t *new_cut);

/* Where a line stands: NAME:12, or NAME (established.tcp:3) for one that another file brought. */
struct spot lines_place(struct arena *a, const struct lines *lines, int line);

#endif
