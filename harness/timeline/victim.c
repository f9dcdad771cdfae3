/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports of faults.
 *
 * A report and the capture's view of the same packet come on different sockets, so either may come
 * first. If a report finds its segment at the fault's place (open, for a fault at the router;
 * arrived, for one in the receiver's firewall), it completes the segment at once; an early report
 * is kept until the segment gets there. A packet that a host's own firewall takes from that host's
 * output was never on a link, so the report is the only information: it makes the packet SENT and
 * LOST.
 *
 * The kernel stamps a report with the time at which the packet came in, cut to microseconds. So
 * among several similar segments the report means the last one that came no later than its stamp.
 */
#include "harness/timeline/timeline_parts.h"

static bool not_after(ns_t time, ns_t stamp)
{
	return time / NS_PER_US <= stamp / NS_PER_US;
}

/* Whether segment `s` is at the place, or has passed it, where a fault of `host` could have taken
 * it. */
static bool is_taken_at(const struct segment *s, const struct victim *v)
{
	ns_t stamp = v->stamp;

	/* A duplicated segment has perhaps left already. */
	if (v->fault && v->fate == FATE_TWICE && s->decided && s->fate == FATE_ARRIVED &&
	    s->arrived_order && !s->held)
		return not_after(s->sent, stamp);
	if (v->host == HOST_ROUTER)
		return (!s->decided || s->inferred) && !s->due && !s->delayed &&
		       not_after(s->sent, stamp);
	return s->decided && s->fate == FATE_ARRIVED && s->arrived_order &&
	       not_after(s->packet->in_pieces ? s->sent : s->arrived, stamp);
}

static bool is_victim(const struct segment *s, const struct packet *p)
{
	return packet_same(s->packet, p) || packet_piece(p, s->packet);
}

/* One piece of it has been reported already. */
static bool is_known(const struct timeline *t, const struct victim *v)
{
	for (size_t i = t->segment_count; i-- > 0;) {
		const struct segment *s = &t->segments[i];

		if (packet_piece(v->packet, s->packet) && s->decided && s->lost_at == v->host)
			return true;
	}
	return false;
}

static int victim_segment(const struct timeline *t, const struct victim *v)
{
	for (size_t i = t->segment_count; i-- > 0;) {
		if (is_taken_at(&t->segments[i], v) && is_victim(&t->segments[i], v->packet))
			return (int)i;
	}
	return NONE;
}

/* Rewind, so that this segment is examined again. */
static void reopen(struct timeline *t, int id)
{
	t->segments[id].decided = false;
	if (t->first_open > (size_t)id)
		t->first_open = (size_t)id;
}

static void complete_taken(struct timeline *t, int id, const struct victim *v)
{
	struct segment *s = &t->segments[id];

	s->inferred = false;
	s->lost_at = HOST_NONE;
	switch (v->fate) {
	case FATE_HELD:
		segment_hold(t, id, v->stamp, false);
		break;
	case FATE_TWICE:
		s->due = s->arrived_order ? 1 : 2;
		reopen(t, id);
		break;
	case FATE_CORRUPT:
		s->fate = FATE_CORRUPT;
		s->decided = true;
		break;
	default:
		segment_hold(t, id, v->stamp, true);
		reopen(t, id);
		break;
	}
	*arena_push(t->arena, t->taken, t->taken_count) = (struct taken){id, v->fault};
}

static void complete(struct timeline *t, int id, const struct victim *v)
{
	struct segment *s = &t->segments[id];

	s->fault_line = v->line;
	if (v->fault) {
		complete_taken(t, id, v);
		return;
	}
	if (s->inferred) {
		/* Its loss is on the time line already; now the cause is known. */
		s->inferred = false;
		s->fate = v->rejected ? FATE_REJECTED : FATE_LOST;
		return;
	}
	segment_lose(t, id, s->arrived > v->stamp ? s->arrived : v->stamp, v->stamp, v->host,
		     v->rejected);
}

/* The capture has not shown it and will not: the report is the only information. */
static void stand_alone(struct timeline *t, const struct victim *v)
{
	struct packet *p = arena_new(t->arena, struct packet);
	enum host from = host_of_ip(&v->packet->source);
	int id;

	*p = *v->packet;
	/* A packet on its way out has no checksum yet: its device fills it in. */
	if (from == v->host)
		p->bad_checksum = false;
	if (from == HOST_ROUTER)
		segment_decide_quoted(t, p, v->stamp);
	id = segment_enter(t, p, v->stamp, from);
	t->segments[id].fault_line = v->line;
	segment_lose(t, id, v->stamp, v->stamp, v->host, v->rejected);
}

static void report(struct timeline *t, const struct victim *v)
{
	int id = victim_segment(t, v);

	if (id != NONE)
		complete(t, id, v);
	else if (!v->packet->fragment || !is_known(t, v))
		*arena_push(t->arena, t->victims, t->victim_count) = *v;
}

void timeline_victim(struct timeline *t, const struct packet *p, ns_t stamp, enum host host,
		     bool rejected, int line)
{
	const struct victim v = {
	    .packet = p, .stamp = stamp, .host = host, .rejected = rejected, .line = line};

	passing_reveal(t, p);
	if (host_of_ip(&p->source) == host)
		stand_alone(t, &v);
	else
		report(t, &v);
}

void timeline_taken(struct timeline *t, const struct packet *p, ns_t stamp, enum fate fate,
		    int fault, int line)
{
	const struct victim v = {.packet = p,
				 .stamp = stamp,
				 .host = HOST_ROUTER,
				 .fate = fate,
				 .fault = fault,
				 .line = line};

	passing_reveal(t, p);
	report(t, &v);
}

static void forget(struct timeline *t, size_t i)
{
	for (t->victim_count--; i < t->victim_count; i++)
		t->victims[i] = t->victims[i + 1];
}

void victim_meet(struct timeline *t, int segment, enum host host)
{
	const struct segment *s = &t->segments[segment];

	for (size_t i = 0; i < t->victim_count; i++) {
		struct victim v = t->victims[i];

		if (v.host != host || !is_taken_at(s, &v) || !is_victim(s, v.packet))
			continue;
		forget(t, i);
		complete(t, segment, &v);
		return;
	}
}

void victims_settle(struct timeline *t, ns_t before)
{
	for (size_t i = 0; i < t->victim_count;) {
		struct victim v = t->victims[i];

		if (v.stamp >= before) {
			i++;
			continue;
		}
		forget(t, i);
		if (!v.packet->fragment) /* of a datagram that was never complete: no report */
			stand_alone(t, &v);
	}
}
