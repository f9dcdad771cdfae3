/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places in a script, and diagnostics about them.
 *
 * A diagnostic names the file, line and column, says what is wrong and what was probably meant, and
 * shows the line with a caret under the place:
 *
 *     scenarios/connect/x.tcp:3:37: unknown errno 'ECONREFUSED'; did you mean ECONNREFUSED?
 *         client  connect(c, server:8080) = -1 ECONREFUSED
 *                                              ^
 *
 * Diagnostics are collected, not printed, so that the code that finds them needs no I/O and a test
 * can read them. A script has at most MAX_DIAGNOSTICS of them.
 */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/arena.h"

/* The text of one script file. `text` is not NUL-terminated beyond `length`, may not hold NULs. */
struct source {
	const char *path; /* the user's name for it, as it is shown */
	const char *text;
	size_t length;
};

/* Lines and columns count from 1; a column is a byte. source NULL: no place is known. */
struct place {
	const struct source *source;
	int line;
	int column;
};

struct diagnostic {
	struct place place;
	struct place used_at; /* the `use` line that brought the place in, or source NULL */
	const char *message;
};

#define MAX_DIAGNOSTICS 20

struct diagnostics {
	struct arena *arena;
	struct diagnostic *list;
	size_t count;
	struct place used_at; /* copied to each new diagnostic */
};

/* False: no more diagnostics are collected, so expensive checks can be skipped. */
bool diagnostics_wanted(const struct diagnostics *c);
void diagnose(struct diagnostics *c, struct place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Diagnostics from number `first` on that arose in that line, which ends in the text's line `last`,
 * but whose place is in another line (the value of a parameter), show that line, too.
 */
void diagnostics_use(struct diagnostics *c, size_t first, struct place line, int last);

/* "line 7", in a message about the file `from`; for a line of another file: "b.tcp:7". */
const char *place_text(struct arena *a, struct place place, const struct source *from);

/* Of each the message, the line and the caret, in the form shown above. */
void diagnostics_print(FILE *out, const struct diagnostics *c);

/*
 * The candidate nearest to `word` by edit distance (transpositions count one, case is ignored), or
 * NULL when none is near enough to have been meant. `candidates` ends with NULL.
 */
const char *nearest(const char *word, const char *const *candidates);

#endif
