/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a draft from pieces of the text before and what takes their place: inner to bless/.
 */
#ifndef BLESS_DRAFT_H
#define BLESS_DRAFT_H

#include "harness/base/text.h"
#include "harness/bless/bless.h"

struct draft_writer {
	struct arena *arena;
	const struct source *source;
	struct draft draft;
	struct text text;
	FILE *out;
	size_t at;  /* so far the text before has been gone through .. */
	int number; /* .. which is in that line */
	bool begun; /* something of the newest line has been written */
};

void draft_open(struct draft_writer *w, struct arena *a, const struct source *source);
/* The bytes of the text before from there to there; pieces go forward only. */
void draft_copy(struct draft_writer *w, size_t from, size_t to);
/*
 * What stands instead of what began there. Each line that begins in it has come in, but for those
 * that have a number in `moved` (which may be NULL).
 */
void draft_put(struct draft_writer *w, size_t at, const char *text, const int *moved);
/* What stood there did not hold. */
void draft_changed(struct draft_writer *w);
struct draft draft_close(struct draft_writer *w);

#endif
