/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: ladder_timer.c tells the timer from the packet that it has sent. When it was
 * set is known only if nothing else has happened at that end of the connection since then: an ACK
 * that arrives, or another packet that leaves, may have set it anew. So the last thing that has
 * happened there must be what sets this timer, and then the span begins with it.
 */
#include "harness/ladder/ladder_span.h"

#include <string.h>

#include "harness/base/array.h"
#include "harness/calls/calls.h"
#include "harness/ladder/ladder.h"

#define LEAST_SPAN (10 * NS_PER_MS) /* a packet that follows sooner needs no timer */

struct timer_spans {
	const struct timeline *t;
	struct last {
		const struct segment *segment; /* NULL: nothing has happened there */
		ns_t at;
		bool sent;	 /* else it has arrived */
	} * ends;		 /* two for each connection */
	ns_t options[LAB_HOSTS]; /* when the host has last set one */
};

/* ---- what sets a timer ---- */

/* The same data, for the last time before. */
static bool sets_retransmission(const struct last *last, const struct segment *s)
{
	return last->sent && last->segment->seq <= s->seq &&
	       (last->segment->packet->length ||
		(last->segment->packet->flags & (FLAG_SYN | FLAG_FIN)));
}

static bool sets_delayed_ack(const struct last *last, const struct segment *s)
{
	(void)s;
	return !last->sent && last->segment->packet->length;
}

/* Any activity, also a probe before, which has not been answered. */
static bool sets_probe(const struct last *last, const struct segment *s)
{
	(void)last, (void)s;
	return true;
}

static const struct {
	const char *name;
	const char *shown;
	bool (*is_set)(const struct last *, const struct segment *);
	bool is_option; /* setsockopt() may set it, too */
} timers[] = {
    {"RTO", "RTO", sets_retransmission, false},
    {"RTO or loss probe", "RTO or probe", sets_retransmission, false},
    {"keepalive", "keepalive", sets_probe, true},
    {"window probe", "persist", sets_probe, false},
    {"delayed ACK", "delayed ACK", sets_delayed_ack, false},
};

/* ---- all of them ---- */

struct timer_spans *timer_spans_begin(struct arena *a, const struct timeline *t)
{
	struct timer_spans *all = arena_new(a, struct timer_spans);

	*all = (struct timer_spans){.t = t};
	all->ends = arena_alloc(a, (2 * t->connection_count + 1) * sizeof(*all->ends));
	return all;
}

const char *timer_span(const struct timer_spans *all, const struct segment *s, ns_t *set)
{
	const struct last *last;
	const char *name;

	if (s->connection < 0 || s->packet->kind != PACKET_TCP || s->forged || s->from >= LAB_HOSTS)
		return NULL;
	last = &all->ends[2 * s->connection + s->end];
	if (!last->segment || s->sent - last->at < LEAST_SPAN)
		return NULL;
	name = segment_timer(all->t, s);
	for (size_t i = 0; name && i < ARRAY_SIZE(timers); i++) {
		if (strcmp(timers[i].name, name) != 0)
			continue;
		if (!timers[i].is_set(last, s) ||
		    (timers[i].is_option && all->options[s->from] >= last->at))
			return NULL;
		*set = last->at;
		return timers[i].shown;
	}
	return NULL;
}

void timer_spans_see(struct timer_spans *all, const struct event *e, ns_t at)
{
	const struct segment *s;
	bool sent = e->kind == EVENT_SENT;

	if (e->kind == EVENT_RETURN && e->call && e->call->id == CALL_setsockopt)
		all->options[e->host] = at;
	if (!sent && e->kind != EVENT_ARRIVED)
		return;
	s = &all->t->segments[e->segment];
	if (s->connection < 0 || s->packet->kind != PACKET_TCP || (sent && s->forged))
		return;
	all->ends[2 * s->connection + (sent ? s->end : !s->end)] = (struct last){s, at, sent};
}
