/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of one run on two kernels. They are from one script, but they differ where a `when`
 * distinguishes the kernels, and a failed run did not reach its last one.
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
	bool rest;	/* and something was still missing */
	const char *diagnostic; /* the kernel's warning meanwhile; NULL: none */
};

void lines_read(struct arena *a, const json_t *run, struct lines *out);

/* The kernel's warning, without the kernel's name; NULL: none. */
const char *lines_diagnostic(const json_t *run);

/* For each line of `old` its counterpart's index in `new`, UNPAIRED where it has none. */
int *lines_pair(struct arena *a, const struct lines *old, const struct lines *new);

/*
 * Where to cut each of the two so that only lines are left that the other one has reached, too: one
 * past the last line. `pairs` is theirs.
 */
void lines_cut(const struct lines *old, const struct lines *new, const int *pairs, size_t *old_cut,
	       size_t *new_cut);

/* The place of a line: NAME:12, or NAME (established.tcp:3) for one from another file. */
struct spot lines_place(struct arena *a, const struct lines *lines, int line);

#endif
