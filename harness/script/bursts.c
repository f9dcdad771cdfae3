/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which hosts must send one segment at a time.
 *
 * TCP passes down what it may send in bursts, each a packet of many segments, which is cut after
 * the host's own firewall has seen it. For the firewall a burst is one packet with the number of
 * its first segment, the length of all of them, and the flags of its last one. A fault there that
 * is about segments (by numbers, a length, flags, a count, or in the fates of lines below it) would
 * silently mean something else. A socket learns how large its bursts may be when it connects, which
 * may be long before the fault; so the whole run is examined in advance.
 */
#include <string.h>

#include "harness/script/script.h"

static bool is_of_tcp(const struct fault_pattern *p)
{
	return !p->has_segment || p->segment.kind == SEGMENT_TCP || p->segment.kind == SEGMENT_DATA;
}

bool run_picks_own(const struct run *run, enum host host)
{
	if (host == HOST_ROUTER) /* its own TCP sends only resets */
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
