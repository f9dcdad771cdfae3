/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was observed, in the language's own notation: the judge's messages, the transcripts and
 * result.json all use the same words.
 */
#ifndef NOTATION_H
#define NOTATION_H

#include "harness/timeline/timeline.h"

/*
 * One event, without its time: `client> S. 0:0(0) ack 1 lost`, `client connect(c, server:80) = 0`.
 */
const char *event_text(struct arena *a, const struct timeline *t, const struct event *e);

/* The same without the host and the part of it that did it. */
const char *event_bare_text(struct arena *a, const struct timeline *t, const struct event *e);

/* A RETURN's result: `= -1 ECONNREFUSED`. */
const char *event_result(struct arena *a, const struct event *e);

/* Whether a call's return shows that part beside its result (= 1 ([{fd=c, revents=POLLIN}])). */
bool event_shows(const struct event *e, size_t i);

/* A process's state as ps shows it: S, Z; none. */
const char *process_state_text(char state);

/* A segment with every field, from its flags on. */
const char *segment_text(struct arena *a, const struct segment *s);

/* What became of it, and what is to be written of that: "it was lost at the router: write `lost`".
 */
const char *fate_text(struct arena *a, const struct segment *s);

/*
 * A segment with what distinguishes it: flags, numbers if it has data or does not begin at `next`,
 * ack, a closed window, SACK blocks, fate.
 */
const char *segment_default(struct arena *a, const struct segment *s, int64_t next);

/* What is written at its arrow: like segment_default(), in the place where it belongs. */
const char *segment_label(struct arena *a, const struct segment *s);

#endif
