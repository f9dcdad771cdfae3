/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fate of the written lines, over all drafts of their script.
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
		bool moved;   /* it was elsewhere once */
	} * written;	      /* from 0 */
	size_t written_count;
	const char *text; /* the newest draft .. */
	int *origin;	  /* .. for each of its lines: the written line, from 1; 0: it was added
			   */
	size_t line_count;
};

/* The written text is the draft before any run: the file without marks. */
void history_begin(struct history *h, struct arena *a, const struct draft *written);
/* A draft made of the newest one. */
void history_take(struct history *h, const struct draft *draft);

/*
 * The number in the file of the newest draft's line of that number; 0: it was not in the file.
 * NULL, or the text of the draft's line.
 */
int history_number(const struct history *h, int number);
const char *history_line(const struct history *h, int number);

/* Whether the newest draft's line of that number has a time that was not in the file. */
bool history_has_new_time(const struct history *h, int number);

/* A written line that does not hold. */
struct contradiction {
	int line;	     /* its number in the file */
	const char *written; /* without its indentation */
	const char *seen;    /* the same for the text there now; NULL: no such line */
	bool moved;	     /* the same, but elsewhere */
};

/* The written lines that have changed or gone; returns their number. */
size_t history_contradictions(const struct history *h, struct contradiction **list);

/* How much was added: whole lines, and missing parts of written ones. */
size_t history_added(const struct history *h);
size_t history_filled(const struct history *h);

#endif
