/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time line: segments and their fates.
 *
 * A segment is open from the moment when it enters the router until something decides its fate: it
 * leaves towards its host, a fault reports it (victim.c), the router sends an ICMP error that
 * quotes it, or none of these has come when the caller calls it settled. If a packet leaves without
 * having entered, the router made it: its ICMP errors, the resets of a `reject` rule (which have
 * another host's address); or the engine forged it, and has announced it (forged.c).
 *
 * A fault may also keep a segment, duplicate it or corrupt it; then the engine itself injects it on
 * the link to its target, and announces it (timeline_release), so that the leaving packet is
 * recognized.
 *
 * Among segments that cannot be distinguished (same.c), the oldest open one leaves first, because a
 * router keeps the order.
 */
#include <string.h>

#include "harness/timeline/timeline_parts.h"

void timeline_init(struct timeline *t, struct arena *a)
{
	*t = (struct timeline){.arena = a, .tick = tick()};
}

struct event *timeline_event(struct timeline *t, enum event_kind kind, ns_t from, ns_t to)
{
	struct event *e = arena_push_moving(t->arena, t->events, t->event_count);

	e->kind = kind;
	e->order = ++t->last_order;
	e->from = from;
	e->to = to;
	e->line = NONE;
	e->host = HOST_NONE;
	e->segment = NONE;
	e->cause = NONE;
	return e;
}

static struct event *segment_event(struct timeline *t, enum event_kind kind, ns_t from, ns_t to,
				   int segment, enum host host)
{
	struct event *e = timeline_event(t, kind, from, to);

	e->segment = segment;
	e->host = host;
	if (kind == EVENT_SENT || kind == EVENT_ARRIVED)
		e->frame = t->frame;
	return e;
}

int segment_add(struct timeline *t, const struct packet *p, ns_t stamp, enum host from)
{
	int id = (int)t->segment_count;
	struct segment *s = arena_push_moving(t->arena, t->segments, t->segment_count);

	*s = (struct segment){
	    .packet = p,
	    .id = id,
	    .from = from,
	    .to = host_of_ip(&p->target),
	    .connection = NONE,
	    .end = NONE,
	    .lost_at = HOST_NONE,
	    .sent = stamp,
	    .fault_line = NONE,
	};
	s->sent_order = segment_event(t, EVENT_SENT, stamp, stamp, id, from)->order;
	return id;
}

int segment_enter(struct timeline *t, const struct packet *p, ns_t stamp, enum host from)
{
	int id = segment_add(t, p, stamp, from);

	segment_connect(t, id);
	return id;
}

/* An answer to a SYN: the sender of the SYN gives up. A forged one may be ignored.
 */
static void note_refusal(struct timeline *t, const struct segment *s)
{
	struct connection *c = s->connection < 0 ? NULL : &t->connections[s->connection];

	if (c && c->kind == PACKET_TCP && s->packet->kind == PACKET_TCP && !s->forged &&
	    s->packet->flags & FLAG_RST && !c->end[s->end].has_isn)
		c->end[s->end].refused = true;
}

static void segment_arrive(struct timeline *t, int id, ns_t stamp, enum host at)
{
	struct segment *s = &t->segments[id];

	s->fate = FATE_ARRIVED;
	s->decided = true;
	s->inferred = false;
	s->lost_at = HOST_NONE;
	s->arrived = stamp;
	note_refusal(t, s);
	s->arrived_order = segment_event(t, EVENT_ARRIVED, stamp, stamp, id, at)->order;
}

void segment_lose(struct timeline *t, int id, ns_t from, ns_t to, enum host at, bool rejected)
{
	struct segment *s = &t->segments[id];

	s->fate = rejected ? FATE_REJECTED : FATE_LOST;
	s->decided = true;
	s->lost_at = at;
	if (from < s->sent)
		from = s->sent;
	segment_event(t, EVENT_LOST, from, to < from ? from : to, id, at);
}

void segment_hold(struct timeline *t, int id, ns_t stamp, bool delayed)
{
	struct segment *s = &t->segments[id];

	s->held = !delayed;
	s->delayed = delayed;
	s->decided = !delayed;
	s->fate = delayed ? FATE_ARRIVED : FATE_HELD;
	if (stamp < s->sent)
		stamp = s->sent;
	segment_event(t, EVENT_HELD, stamp, stamp, id, HOST_ROUTER)->note =
	    delayed ? "delayed" : "held";
}

void timeline_release(struct timeline *t, int id)
{
	t->segments[id].due++;
}

enum fate segment_fate(const struct segment *s)
{
	return s->held ? FATE_HELD : s->fate;
}

/* It leaves as the engine has announced: released, or for the second time, or corrupted. */
static void segment_due_leaves(struct timeline *t, int id, ns_t stamp, enum host link)
{
	struct segment *s = &t->segments[id];
	bool spoiled = s->fate == FATE_CORRUPT, again = s->arrived_order && !spoiled;
	int order;

	s->due--;
	s->delayed = false;
	if (!spoiled && !again) {
		segment_arrive(t, id, stamp, link);
		t->segments[id].decided = !t->segments[id].due; /* else it comes once more */
		return;
	}
	s->decided = true;
	if (again)
		s->fate = FATE_TWICE;
	if (spoiled)
		s->arrived = stamp;
	order = segment_event(t, EVENT_ARRIVED, stamp, stamp, id, link)->order;
	if (spoiled)
		s->arrived_order = order;
}

/* The oldest segment that is due to leave as `p`, or NONE. */
static int segment_due(const struct timeline *t, const struct packet *p, enum host link)
{
	if (!t->taken_count) /* no fault has kept or duplicated any */
		return NONE;
	for (size_t i = 0; i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];

		if (s->due > 0 && s->from != link && packet_same(s->packet, p))
			return (int)i;
	}
	return NONE;
}

/* Nothing is open before the index that this returns. */
static size_t segments_open(struct timeline *t)
{
	while (t->first_open < t->segment_count && t->segments[t->first_open].decided)
		t->first_open++;
	return t->first_open;
}

void segment_decide_quoted(struct timeline *t, const struct packet *error, ns_t stamp)
{
	if (error->kind != PACKET_ICMP || !error->quoted)
		return;
	for (size_t i = segments_open(t); i < t->segment_count; i++) {
		struct segment *s = &t->segments[i];

		if (s->decided || !packet_quoted(error->quoted, s->packet))
			continue;
		s->inferred = true;
		segment_lose(t, (int)i, stamp, stamp, HOST_ROUTER, false);
		return;
	}
}

/* The segment that leaves towards `link` as `p`, or NONE: the router made it. */
static int segment_leaving(struct timeline *t, const struct packet *p, enum host link)
{
	for (size_t i = segments_open(t); i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];

		if (!s->decided && s->from != link && packet_same(s->packet, p))
			return (int)i;
	}
	/* Given up too early: it was delayed. */
	for (size_t i = t->segment_count; i-- > 0;) {
		const struct segment *s = &t->segments[i];

		if (s->inferred && s->from != link && packet_same(s->packet, p))
			return (int)i;
	}
	return NONE;
}

bool segment_is_leaving(struct timeline *t, const struct packet *p, enum host link)
{
	return segment_due(t, p, link) != NONE || segment_leaving(t, p, link) != NONE;
}

/* Traffic of a link with itself, and other traffic with addresses that nobody in the lab has. */
static bool is_housekeeping(const struct packet *p)
{
	return p->kind == PACKET_OTHER &&
	       (host_of_ip(&p->source) == HOST_NONE || host_of_ip(&p->target) == HOST_NONE);
}

/* It is in the router: does it end there? */
static void segment_within(struct timeline *t, int id, ns_t stamp)
{
	const struct segment *s = &t->segments[id];

	if (s->packet->kind == PACKET_ARP || s->to == HOST_ROUTER || s->to == HOST_BROADCAST)
		segment_arrive(t, id, stamp, HOST_ROUTER);
	else
		victim_meet(t, id, HOST_ROUTER);
}

static void packet_in(struct timeline *t, const struct packet *p, ns_t stamp, enum host link)
{
	segment_within(t, segment_enter(t, p, stamp, link), stamp);
	passing_follow(t, p);
}

static void packet_out(struct timeline *t, const struct packet *p, ns_t stamp, enum host link)
{
	int id = segment_due(t, p, link);

	if (id != NONE) {
		segment_due_leaves(t, id, stamp, link);
		victim_meet(t, id, link);
		return;
	}
	id = forged_leaving(t, p, stamp);
	if (id == NONE)
		id = segment_leaving(t, p, link);
	if (id == NONE) {
		if (p->kind == PACKET_ICMP)
			passing_settle(t, INT64_MAX);
		segment_decide_quoted(t, p, stamp);
		id = segment_enter(t, passing_keep(t, p), stamp, HOST_ROUTER);
	}
	segment_arrive(t, id, stamp, link);
	victim_meet(t, id, link);
}

static void piece(struct timeline *t, const struct packet *p, ns_t stamp, enum host link, bool in)
{
	struct pieces *d = fragment_add(t, p, link, in);
	const struct packet *whole;
	int id;

	if (in && d->count == 1)
		d->segment = segment_enter(t, packet_partial(t->arena, p), stamp, link);
	id = d->segment;
	whole = fragment_join(t, d);
	if (!whole)
		return;
	if (!in) {
		packet_out(t, whole, stamp, link);
		return;
	}
	t->segments[id].packet = whole;
	segment_within(t, id, stamp);
}

void timeline_packet(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in)
{
	if (is_housekeeping(p))
		return;
	if (p->fragment)
		piece(t, p, stamp, link, in);
	else if (in)
		packet_in(t, p, stamp, link);
	else
		packet_out(t, p, stamp, link);
}

void timeline_settle(struct timeline *t, ns_t before)
{
	passing_settle(t, before);
	victims_settle(t, before);
	for (size_t i = segments_open(t); i < t->segment_count; i++) {
		struct segment *s = &t->segments[i];

		if (s->decided || s->sent >= before || s->delayed || s->due)
			continue;
		s->inferred = true;
		segment_lose(t, (int)i, s->sent, before, HOST_ROUTER, false);
		t->events[t->event_count - 1].note = "vanished";
	}
}

bool timeline_unsettled(const struct timeline *t)
{
	for (size_t i = t->first_open; i < t->segment_count; i++) {
		if (!t->segments[i].decided)
			return true;
	}
	return t->victim_count > 0 || t->passing_end > t->passing_first;
}
