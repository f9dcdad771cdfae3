/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers as spans: from the moment at which one was set to the packet that it has sent.
 */
#ifndef LADDER_SPAN_H
#define LADDER_SPAN_H

#include "harness/timeline/timeline.h"

struct timer_spans;

struct timer_spans *timer_spans_begin(struct arena *a, const struct timeline *t);

/*
 * What has sent this segment, if that was a timer and it is known since when it ran: its name;
 * `set` is that moment. Else NULL. It is asked before the segment's sending is seen.
 */
const char *timer_span(const struct timer_spans *all, const struct segment *s, ns_t *set);

/* In the order of time. */
void timer_spans_see(struct timer_spans *all, const struct event *e, ns_t at);

#endif
