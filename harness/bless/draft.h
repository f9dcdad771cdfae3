/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a draft from pieces of the old text and their replacements: internal to bless/.
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
	size_t at;  /* the old text has been processed so far .. */
	int number; /* .. which is in that line */
	bool begun; /* something of the newest line has been written */
};

void draft_open(struct draft_writer *w, struct arena *a, const struct source *source);
/* The bytes of the old text between these offsets; pieces go forward only. */
void draft_copy(struct draft_writer *w, size_t from, size_t to);
/*
 * The replacement of the text that began there. Each line that begins in it was added, except those
 * that have a number in `moved` (which may be NULL).
 */
void draft_put(struct draft_writer *w, size_t at, const char *text, const int *moved);
/* The old text there did not hold. */
void draft_changed(struct draft_writer *w);
struct draft draft_close(struct draft_writer *w);

#endif
