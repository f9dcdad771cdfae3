/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments in the time line.
 *
 * The engine announces a segment before it injects it on the link to its target. If the capture
 * then shows the same segment leave, without having come in, this is the forged one. It is recorded
 * as sent by the host whose name it has, at the moment when it left, and as arrived at the same
 * moment. The engine says which connection it belongs to: it may look like the beginning of another
 * one (a SYN in an existing connection), or like nothing that the ends would ever send.
 *
 * The next number of a direction is computed from all its segments so far. A segment with a hole
 * before it does not count, because it is not a continuation (an attacker's guess); a RST, and a
 * SYN that begins nothing, do not count either.
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

/* Of an error, `end` is the one that it quotes, and anybody may have sent it. */
static enum host sender(const struct timeline *t, const struct forging *f)
{
	return f->packet->kind == PACKET_ICMP ? host_of_ip(&f->packet->source)
					      : t->connections[f->connection].end[f->end].host;
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
		id = segment_add(t, p, stamp, sender(t, &f));
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
