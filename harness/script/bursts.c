/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which hosts must say one segment at a time.
 *
 * TCP hands down what it may send in bursts, each a packet of many segments, which is cut after the
 * host's own firewall has seen it. To the firewall a burst is one packet with the number of its
 * first segment, the length of all of them, and the flags of its last one. A fault there that
 * speaks of segments (by numbers, a length, flags, a count, or in the fates of lines below it)
 * would silently mean something else. Since a socket learns how large its bursts may be when it
 * connects, which may be long before the fault, the whole run is looked at in advance.
 */
#include <string.h>

#include "harness/script/script.h"

static bool is_of_tcp(const struct fault_pattern *p)
{
	return !p->has_segment || p->segment.kind == SEGMENT_TCP || p->segment.kind == SEGMENT_DATA;
}

bool run_picks_own(const struct run *run, enum host host)
{
	if (host == HOST_ROUTER) /* its own TCP says nothing but resets */
		return false;
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		const struct fault_pattern *p = &line->fault.pattern;

		if (line->kind == LINE_FAULT && line->actor.id == host &&
		    (!p->sender || p->sender->host == host) && is_of_tcp(p))
			return true;
	}
	return false;
}
