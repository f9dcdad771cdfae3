/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run for `bless` tells the process that has ordered it.
 */
#ifndef BLESS_ANSWER_H
#define BLESS_ANSWER_H

#include <stdio.h>

#include "harness/bless/bless.h"

struct bless_answer {
	/* Of a run as usual that failed: where. */
	const char *path;
	int line;
	size_t from;	  /* the run's line to look from */
	const char *held; /* what has held nevertheless: bless_held() */
	/* Why it failed, was skipped or broke, or why it cannot be told; NULL: there is no why. */
	const char *message;
	/* The new text; NULL: there is none (yet). */
	struct draft draft;
};

/* Errors are the stream's: ferror() tells. */
void bless_answer_write(FILE *out, const struct bless_answer *answer);
/* False: that is not (all of) an answer. */
bool bless_answer_read(struct arena *a, const char *bytes, size_t length,
		       struct bless_answer *answer);

#endif
