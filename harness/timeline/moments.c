/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: events are sorted by the time at which they are told. Packets keep the
 * capture's order, which is the real one: the time stamps of two CPUs may be reversed by some ten
 * nanoseconds. So a packet is told no earlier than those before it.
 */
#include <stdlib.h>

#include "harness/timeline/timeline.h"

bool event_is_packet(const struct event *e)
{
	return e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED;
}

static int by_time(const void *left, const void *right)
{
	const struct moment *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->event->order != b->event->order)
		return a->event->order - b->event->order;
	return (int)a->is_end - (int)b->is_end;
}

void moments_sort(struct moment *moments, size_t count)
{
	ns_t latest = 0;

	for (size_t i = 0; i < count; i++)
		if (event_is_packet(moments[i].event))
			moments[i].at = latest = moments[i].at > latest ? moments[i].at : latest;
	if (count)
		qsort(moments, count, sizeof(*moments), by_time);
}
