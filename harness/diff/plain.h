/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison of transcripts.
 */
#ifndef DIFF_PLAIN_H
#define DIFF_PLAIN_H

#include "harness/diff/side.h"

/*
 * Print the difference between the transcripts of that run on the two kernels, in the format of
 * diff -u. 1: they differ, 0: they do not, -1: a transcript is missing.
 */
int plain_compare(FILE *out, const struct side *old, const struct side *new, const char *name);

/* A transcript, and the result.json of its run. */
struct transcript {
	const char *text;
	const json_t *run;
};

/*
 * Turn both into the texts to compare: without the settings that only one kernel has and without a
 * message at the end that repeats a line's own. If one of the runs failed, the other one's later
 * lines are left out, and a remark says that the failed one did not reach them. The kernel's
 * warning is added.
 */
void plain_prepare(struct arena *a, struct transcript *old, struct transcript *new);

#endif
