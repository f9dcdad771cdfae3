/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The message of a run for `bless` to the process that has started it.
 */
#ifndef BLESS_ANSWER_H
#define BLESS_ANSWER_H

#include <stdio.h>

#include "harness/bless/bless.h"

struct bless_answer {
	/* For a usual run that failed: where. */
	const char *path;
	int line;
	size_t from;	  /* the run's line from which to observe */
	const char *held; /* the lines that still held: bless_held() */
	/* Why it failed, was skipped, broke or is unsure, or why it is not clear; NULL: no reason.
	 */
	const char *message;
	/* The new text; NULL: there is none (yet). */
	struct draft draft;
	enum bless_time time; /* of a usual run that failed: what the draft is about */
};

/* Errors are the stream's: ferror() tells. */
void bless_answer_write(FILE *out, const struct bless_answer *answer);
/* False: that is not (all of) an answer. */
bool bless_answer_read(struct arena *a, const char *bytes, size_t length,
		       struct bless_answer *answer);

#endif
