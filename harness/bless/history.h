/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has become of the lines that somebody has written, over all drafts of their script.
 */
#ifndef BLESS_HISTORY_H
#define BLESS_HISTORY_H

#include "harness/bless/bless.h"

struct history {
	struct arena *arena;
	struct written {
		int number; /* in the file */
		const char *text;
		bool touched; /* something in it did not hold, once */
		bool moved;   /* once it stood elsewhere */
	} * written;	      /* from 0 */
	size_t written_count;
	const char *text; /* the newest draft .. */
	int *origin; /* .. of each of its lines: which one of the written, from 1; 0: it has come in
		      */
	size_t line_count;
};

/* What somebody has written is the draft that nothing has been seen for yet: the file without
 * marks. */
void history_begin(struct history *h, struct arena *a, const struct draft *written);
/* A draft made of the newest one. */
void history_take(struct history *h, const struct draft *draft);

/*
 * The number in the file of the newest draft's line of that number; 0: nobody has written it. NULL,
 * or the text of the draft's line.
 */
int history_number(const struct history *h, int number);
const char *history_line(const struct history *h, int number);

/* A written line that does not hold. */
struct contradiction {
	int line;	     /* its number in the file */
	const char *written; /* without its indentation */
	const char *seen;    /* likewise, what stands there now; NULL: nothing of the kind */
	bool moved;	     /* the same, but elsewhere */
};

/* Of what was written, what does not stand there any more; their number. */
size_t history_contradictions(const struct history *h, struct contradiction **list);

/* How much has come in: whole lines, and what was missing in written ones. */
size_t history_added(const struct history *h);
size_t history_filled(const struct history *h);

#endif
