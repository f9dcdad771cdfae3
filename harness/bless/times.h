/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measured times, as an author would write them: internal to bless/.
 */
#ifndef BLESS_TIMES_H
#define BLESS_TIMES_H

#include "harness/bless/edits.h"

/* How long something took, as far as its beginning is known. */
struct measured {
	ns_t least, most;
	ns_t tick;
};

/* Whether `+t` holds for it (judge/gaps.c). */
bool time_holds(ns_t t, const struct measured *m);

/*
 * The roundest time that holds. Timers that back off double: `before` is the previous time; it, or
 * twice it, is used if it holds; 0: none.
 */
ns_t time_roundest(const struct measured *m, ns_t before);

const char *time_text(struct arena *a, ns_t t);

#endif
