/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments in the time line.
 *
 * The engine announces a segment before it puts it on the link to its target; what the capture then
 * shows leaving, without having come in, and is the same, is it. It is told as sent by the host
 * whose name it bears, at the moment when it left, and as arrived in the same moment. Which
 * connection it belongs to the engine has said: it may look like the beginning of another one (a
 * SYN in a connection that stands), or like nothing that the ends would ever send.
 *
 * What would come next in a direction is told from all segments that have been seen of it. One that
 * leaves a hole before it does not count, since it is no continuation (an attacker's guess); nor do
 * a RST, and a SYN that begins nothing.
 */
#include "harness/timeline/timeline_parts.h"

int timeline_begin(struct timeline *t, const char *name, const struct ip *from, uint16_t from_port,
		   const struct ip *to, uint16_t to_port)
{
	const struct packet p = {
	    .source = *from, .target = *to, .source_port = from_port, .target_port = to_port};
	int c = connection_begin(t, &p);

	name_add_to(t, &t->connections[c], name);
	return c;
}

void timeline_forging(struct timeline *t, const struct forging *f)
{
	*arena_push(t->arena, t->forgings, t->forging_count) = *f;
}

int forged_leaving(struct timeline *t, const struct packet *p, ns_t stamp)
{
	for (size_t i = 0; i < t->forging_count; i++) {
		struct forging f = t->forgings[i];
		struct segment *s;
		int id;

		if (!packet_same(f.packet, p))
			continue;
		for (t->forging_count--; i < t->forging_count; i++)
			t->forgings[i] = t->forgings[i + 1];
		id = segment_add(t, p, stamp, t->connections[f.connection].end[f.end].host);
		s = &t->segments[id];
		s->forged = true;
		t->events[t->event_count - 1].line = f.line;
		segment_connect_forged(t, id, f.connection, f.end);
		return id;
	}
	return NONE;
}

static bool continues(const struct segment *s, int64_t next)
{
	const struct packet *p = s->packet;

	if (s->seq > next || (p->flags & FLAG_RST))
		return false;
	return !(p->flags & FLAG_SYN) || s->seq == 0;
}

static bool is_in_direction(const struct segment *s, int c, int e)
{
	return s->connection == c && s->end == e && s->packet->kind == PACKET_TCP;
}

int64_t direction_next(const struct timeline *t, int c, int e)
{
	const struct connection *connection = &t->connections[c];
	int64_t next = 0;
	bool any = false;

	if (connection->is_reborn && e == 0)
		next = packet_space(t->segments[connection->first_syn].packet);
	for (size_t i = 0; i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];
		int64_t end = s->seq + packet_space(s->packet);

		if (!is_in_direction(s, c, e))
			continue;
		/* Without a SYN the numbers are raw, and begin anywhere. */
		if (!any && !connection->end[e].has_isn)
			next = s->seq;
		any = true;
		if (continues(s, next) && end > next)
			next = end;
	}
	return next;
}

const struct segment *direction_newest(const struct timeline *t, int c, int e)
{
	for (size_t i = t->segment_count; i-- > 0;)
		if (is_in_direction(&t->segments[i], c, e) &&
		    !(t->segments[i].packet->flags & FLAG_RST))
			return &t->segments[i];
	return t->connections[c].is_reborn && e == 0 ? &t->segments[t->connections[c].first_syn]
						     : NULL;
}
