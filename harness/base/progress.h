/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows that work is still going on: on standard error, and nothing in the first second. A terminal
 * has one line that is updated; anything else gets a new line from time to time, at growing
 * intervals.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>

#include "harness/base/clock.h"

struct progress {
	bool live;  /* it is a terminal */
	bool shown; /* .. and the line is there */
	ns_t began, next, pause;
};

void progress_begin(struct progress *p);
/*
 * If it is time for a message, print what goes on, and since when. Returns the time until the next
 * one.
 */
ns_t progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* How long it has been going on. */
ns_t progress_took(const struct progress *p);
/* Something else is about to be printed: erase the live line. */
void progress_clear(struct progress *p);

#endif
