/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transcript: what happened, in the notation of the script (docs/language.md, "The
 * transcript").
 *
 * Normal: the script's own lines in its own order, with the values seen where they differ. Verbose:
 * one line for each event, absolute times, every field. Both are themselves valid scripts of what
 * happened.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "harness/engine/engine.h"

void transcript_print(FILE *out, const struct observation *o);
/* The same for people: with the time of each line, in a column. It is a script, too. */
void transcript_print_stamped(FILE *out, const struct observation *o);
void transcript_print_verbose(FILE *out, const struct observation *o);

/* The numbers of the run's $names, in one comment; nothing if there are none. */
void values_print(FILE *out, const struct observation *o);

/* In one line: where, what was expected, what came. Nothing if all was as written. */
void reason_print(FILE *out, const struct observation *o);

/* In a comment, for a transcript by itself: that the run is broken, and why. */
void broken_print(FILE *out, const struct observation *o);

/* Why the run is broken, and where. */
const char *broken_reason(struct arena *a, const struct observation *o);

/*
 * The line, what was expected, what came instead, the transcript around it with the place marked;
 * `stamped`: and with times.
 */
void failure_print(FILE *out, const struct observation *o, bool stamped);

/*
 * Of a failure that has happened: how the program ended, and when; else NULL.
 */
const char *failure_text(struct arena *a, const struct observation *o);

#endif
