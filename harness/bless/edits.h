/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be changed in a script's text, collected from lines that may take place several times
 * (`repeat`): inner to bless/.
 */
#ifndef BLESS_EDITS_H
#define BLESS_EDITS_H

#include "harness/bless/bless.h"

struct edit {
	struct extent at;
	const char *text; /* NULL: it stays as it is written */
	size_t line;	  /* of the run, that wants it so */
	bool fills;	  /* nothing was written there */
	int *moved; /* of lines that come in: the number of the line that each one was; 0: none */
};

/* A line that is to come in below the line `below` of the run. */
struct insertion {
	size_t below;
	const struct event *event;
	const char *gap;  /* +200ms, or "" */
	const char *body; /* from the host on */
	int column;	  /* at which the body begins, counted from 0 */
	int moved;	  /* the number of the line that it was, elsewhere; 0: it is new */
};

struct edits {
	struct arena *arena;
	const struct run *run;
	const struct blessing *what;
	struct edit *list;
	size_t count;
	struct insertion *insertions;
	size_t insertion_count;
	const char *why; /* it cannot be done; the first reason is the one that counts */
};

/* It cannot be told how line `line` of the run should be written. Always false. */
bool edits_refuse(struct edits *e, size_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * What stands there in line `line` is to be that; NULL: it holds as it is. A line that has held as
 * a whole is left as it is.
 */
void edits_set(struct edits *e, size_t line, struct extent at, const char *text);
/* Nothing that expects anything stands there in line `line`, and that is to. */
void edits_fill(struct edits *e, size_t line, struct extent at, const char *text);
/* The whole line is to go. */
void edits_delete(struct edits *e, size_t line);
void edits_insert(struct edits *e, struct insertion insertion);

/* Whether the line stands in the script itself, not in one that it uses. */
bool line_is_own(const struct run *run, const struct line *line);
/* The text of a part of a line; it need not be the script's own. */
const char *extent_text(struct arena *a, const struct line *line, struct extent at);

/*
 * The script's text with all of it done. False: the turns of a repeat disagree, or it was refused
 * already.
 */
bool edits_apply(struct edits *e, struct draft *draft);

#endif
