/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * That something is still being worked on, for whoever waits: on standard error, and nothing of
 * what takes less than a second. A terminal has one line that is renewed; anything else gets a new
 * one now and then, ever more seldom.
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
/* Say that, and for how long by now, if it is time to. Returns how long it is until the next time.
 */
ns_t progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* How long it has been going on. */
ns_t progress_took(const struct progress *p);
/* Something else is about to be printed: the live line goes. */
void progress_clear(struct progress *p);

#endif
