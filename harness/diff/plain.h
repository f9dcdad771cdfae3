/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison of transcripts.
 */
#ifndef DIFF_PLAIN_H
#define DIFF_PLAIN_H

#include "harness/diff/side.h"

/*
 * Print what turns the transcript of that run on the one kernel into that on the other, in the
 * format of diff -u. 1: they differ, 0: they do not, -1: a transcript is not there.
 */
int plain_compare(FILE *out, const struct side *old, const struct side *new, const char *name);

/* A transcript, and the result.json of its run. */
struct transcript {
	const char *text;
	const json_t *run;
};

/*
 * Turn both into what is to be compared: without the settings that only one kernel has, without
 * the message at the end that repeats a line's own, and, where one of the runs failed, without what
 * the other one did from there on, but with a word for what the failed one did not come to; and
 * with what the kernel said of itself.
 */
void plain_prepare(struct arena *a, struct transcript *old, struct transcript *new);

#endif
