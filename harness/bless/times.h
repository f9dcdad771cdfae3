/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measured times, as an author would write them: internal to bless/.
 */
#ifndef BLESS_TIMES_H
#define BLESS_TIMES_H

#include <stdbool.h>

#include "harness/base/arena.h"
#include "harness/base/clock.h"

#define SMALLEST_GAP (10 * NS_PER_MS) /* less is no timer's doing, and is not written */

/* How long something took, as far as its beginning is known. */
struct measured {
	ns_t least, most;
	ns_t tick;
	size_t line; /* of the run: before which it is, or below which it comes in */
};

/* Whether `+t` holds for it (judge/gaps.c). */
bool time_holds(ns_t t, const struct measured *m);

/*
 * The roundest time that holds. Timers that back off double: `before` is the previous time; it, or
 * twice it, is used if it holds; 0: none.
 */
ns_t time_roundest(const struct measured *m, ns_t before);

/*
 * A busy machine makes a timer late, and none early: of several runs the one in which it took
 * least is nearest to the truth. So the times that one run comes to, in the order of its lines, are
 * told the next one.
 */
struct times {
	struct measured *list;
	size_t count;
	const struct measured *before; /* what earlier runs have come to */
	size_t before_count;
};

/* That is the next one of the list. It becomes what it took before, if that was the same timer. */
void times_note(struct arena *a, struct times *times, struct measured *m);
/* Whether one of them is long enough to be written. */
bool times_any(const struct measured *list, size_t count);

const char *time_text(struct arena *a, ns_t t);

#endif
