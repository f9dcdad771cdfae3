/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The story of a run, step by step, in words, for people who read no notation yet: `explain`.
 *
 * A pure function of an observation. It tells what the ladder shows, in the ladder's order and as
 * far as the ladder goes; about packets it tells what the story (harness/story/) knows.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "harness/engine/engine.h"

/* The title and the prose, then all steps; a page ends before each of them. */
void explain_print(FILE *out, const struct observation *o);

/*
 * The pages of these bytes, one after the other. `turn` is called before each page but the first;
 * NULL: nobody waits. False of it: the rest is not wanted.
 */
void explain_turn(FILE *out, const char *bytes, size_t length, bool (*turn)(FILE *out));

/* ---- packet_words.c, event_words.c: sentences, "" if there is nothing to say ---- */

const char *packet_words(struct arena *a, const struct timeline *t, const struct segment *s);
/* What an errno means, and which event was its reason, if that is certain. */
const char *error_words(struct arena *a, const struct timeline *t, const struct event *returned);
const char *reading_words(struct arena *a, const struct event *reading);
const char *signal_words(const struct event *e);
/* What a line does that is no call. */
const char *action_words(const struct line *line);

#endif
