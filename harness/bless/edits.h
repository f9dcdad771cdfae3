/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The changes to a script's text, collected from lines that may be executed several times
 * (`repeat`): internal to bless/.
 */
#ifndef BLESS_EDITS_H
#define BLESS_EDITS_H

#include "harness/bless/bless.h"

struct edit {
	struct extent at;
	const char *text; /* NULL: it stays as it is written */
	size_t line;	  /* the line of the run that requests it */
	bool fills;	  /* nothing was written there */
	int *moved;	  /* of added lines: the old number of each one; 0: none */
};

/* A line to add below the line `below` of the run. */
struct insertion {
	size_t below;
	const struct event *event;
	const char *gap;  /* +200ms, or "" */
	const char *body; /* from the host on */
	int column;	  /* at which the body begins, counted from 0 */
	int moved;	  /* its old number, elsewhere; 0: it is new */
};

struct edits {
	struct arena *arena;
	const struct run *run;
	const struct blessing *what;
	struct edit *list;
	size_t count;
	struct insertion *insertions;
	size_t insertion_count;
	const char *why; /* it cannot be done; the first reason is kept */
};

/* It is not clear how line `line` of the run should be written. Always false. */
bool edits_refuse(struct edits *e, size_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The text there in line `line` must become that; NULL: it holds as it is. A line that held as a
 * whole is not changed.
 */
void edits_set(struct edits *e, size_t line, struct extent at, const char *text);
/* Line `line` has no expectation there, and must get this one. */
void edits_fill(struct edits *e, size_t line, struct extent at, const char *text);
/* Remove the whole line. */
void edits_delete(struct edits *e, size_t line);
void edits_insert(struct edits *e, struct insertion insertion);

/* Whether the line is in the script itself, not in one that it uses. */
bool line_is_own(const struct run *run, const struct line *line);
/* The text of a part of a line; it need not be the script's own. */
const char *extent_text(struct arena *a, const struct line *line, struct extent at);

/*
 * The script's text with all changes. False: the turns of a repeat disagree, or it was refused
 * already.
 */
bool edits_apply(struct edits *e, struct draft *draft);

#endif
