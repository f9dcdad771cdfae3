/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments that merely pass (`capture headers`): millions of them, in a transfer of gigabytes,
 * about which there is nothing to report.
 *
 * A segment that only carries new data of its direction, or acknowledges data, is not put on the
 * time line when it enters the router. Data is new if it has not been seen before: a host's
 * processors may put segments on the link in another order, and then the missing part is a hole for
 * a time. A repetition is reported. A passing segment is remembered until it leaves, and then
 * forgotten. Any other fate (a fault takes it or keeps it, it vanishes) is reported: then the
 * segment is put on the time line at the place where it entered, before later events. So the report
 * does not depend on the time when its fate became known.
 *
 * Its numbers are compared as on the wire, so that a direction may carry more than 32 bits can
 * count.
 */
#include <string.h>

#include "harness/timeline/timeline_parts.h"

/* The connection and the end that it is of; false: none. */
static bool find(const struct timeline *t, const struct packet *p, struct connection **c, int *e)
{
	for (size_t i = t->connection_count; i-- > 0;) {
		*c = &t->connections[i];
		for (*e = 0; *e < 2; (*e)++)
			if ((*c)->kind == PACKET_TCP && (*c)->end[*e].port == p->source_port &&
			    (*c)->end[!*e].port == p->target_port &&
			    ip_equal(&(*c)->end[*e].ip, &p->source) &&
			    ip_equal(&(*c)->end[!*e].ip, &p->target))
				return true;
	}
	return false;
}

static bool is_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* The hole that holds all of the packet's data; -1: none. */
static int hole_of(const struct direction *d, const struct packet *p)
{
	for (int i = 0; i < d->hole_count; i++)
		if (!is_after(d->holes[i].from, p->seq) &&
		    !is_after(p->seq + p->length, d->holes[i].to))
			return i;
	return -1;
}

#define HOLES (int)(sizeof((struct direction){0}.holes) / sizeof(struct hole))

static bool is_new(const struct direction *d, const struct packet *p)
{
	return !is_after(d->next, p->seq) || hole_of(d, p) >= 0;
}

static void remove_hole(struct direction *d, int i)
{
	d->hole_count--;
	memmove(&d->holes[i], &d->holes[i + 1], (size_t)(d->hole_count - i) * sizeof(*d->holes));
}

/* The oldest one is removed: the capture has missed its data. */
static void add_hole(struct direction *d, uint32_t from, uint32_t to)
{
	if (!is_after(to, from))
		return;
	if (d->hole_count == HOLES)
		remove_hole(d, 0);
	d->holes[d->hole_count++] = (struct hole){from, to};
}

/* The rest of the hole is before and behind the packet's data. */
static void fill_hole(struct direction *d, int i, const struct packet *p)
{
	struct hole hole = d->holes[i];

	remove_hole(d, i);
	add_hole(d, hole.from, p->seq);
	add_hole(d, p->seq + p->length, hole.to);
}

/*
 * A segment may pass if it carries nothing but new data, or if it is an ACK of data that differs
 * from the one before in its number or its window. An ACK of a FIN may not.
 */
static bool may_pass(const struct connection *c, int e, const struct packet *p)
{
	const struct direction *own = &c->end[e].direction, *other = &c->end[!e].direction;

	if (!c->end[0].has_isn || !c->end[1].has_isn || p->bad_checksum ||
	    (p->flags & ~FLAG_PSH) != FLAG_ACK || p->options.sack_count || !p->window ||
	    is_after(p->ack, other->next))
		return false;
	if (p->length)
		return is_new(own, p);
	return !is_after(own->next, p->seq) && p->ack != c->end[!e].isn + 1 &&
	       (p->ack != own->ack || p->window != own->window);
}

/* The state of the direction so far. */
static void follow(struct connection *c, int e, const struct packet *p)
{
	struct direction *d = &c->end[e].direction;
	uint32_t end = p->seq + ((p->flags & FLAG_SYN) != 0) + p->length;

	if (p->flags & FLAG_RST)
		return;
	if (p->length && hole_of(d, p) >= 0)
		fill_hole(d, hole_of(d, p), p);
	if (p->flags & FLAG_SYN)
		d->hole_count = 0;
	else
		add_hole(d, d->next, p->seq);
	if (p->flags & FLAG_SYN || is_after(end, d->next))
		d->next = end;
	if (!(p->flags & FLAG_ACK))
		return;
	d->ack = p->ack;
	d->window = p->window;
}

/* They come and go nearly in order: the free room is in front of them. */
static void make_room(struct timeline *t)
{
	size_t count = t->passing_end - t->passing_first;
	struct passing *old = count ? t->passing + t->passing_first : NULL;

	if (t->passing_end < t->passing_room)
		return;
	if (2 * count >= t->passing_room) {
		t->passing_room = 2 * t->passing_room + 64;
		t->passing = arena_alloc(t->arena, t->passing_room * sizeof(*old));
	}
	if (count)
		memmove(t->passing, old, count * sizeof(*old));
	t->passing_first = 0;
	t->passing_end = count;
}

static bool enters(struct timeline *t, const struct packet *p, ns_t stamp, enum host link)
{
	struct passing *new;
	struct connection *c;
	int e;

	if (t->victim_count || !find(t, p, &c, &e) || c->end[e].host != link || !may_pass(c, e, p))
		return false;
	follow(c, e, p);
	make_room(t);
	new = &t->passing[t->passing_end++];
	*new = (struct passing){
	    .packet = *p,
	    .stamp = stamp,
	    .from = link,
	    .frame = t->frame,
	    .before = t->event_count,
	};
	new->packet.size = p->size < sizeof(new->bytes) ? p->size : sizeof(new->bytes);
	memcpy(new->bytes, p->bytes, new->packet.size);
	new->packet.data = new->packet.bytes = NULL;
	return true;
}

static void forget(struct timeline *t, size_t i)
{
	size_t first = t->passing_first++;

	memmove(&t->passing[first + 1], &t->passing[first], (i - first) * sizeof(*t->passing));
	if (t->passing_first == t->passing_end)
		t->passing_first = t->passing_end = 0;
}

static bool leaves(struct timeline *t, const struct packet *p, enum host link)
{
	struct connection *c;
	int e;

	for (size_t i = t->passing_first; i < t->passing_end; i++) {
		if (t->passing[i].from == link || !packet_same(&t->passing[i].packet, p))
			continue;
		forget(t, i);
		t->passed++;
		return true;
	}
	/* A segment that leaves has entered; if the capture has missed that, it is reported.
	 */
	if (!find(t, p, &c, &e) || c->end[!e].host != link || !may_pass(c, e, p) ||
	    segment_is_leaving(t, p, link))
		return false;
	follow(c, e, p);
	t->passed++;
	return true;
}

/*
 * Nothing passes during a recorded silence: the judge must learn that it was not silent.
 */
bool timeline_passes(struct timeline *t, const struct packet *p, ns_t stamp, enum host link,
		     bool in)
{
	if (!t->headers || p->kind != PACKET_TCP || p->fragment || !p->bytes ||
	    stamp <= t->silent_until || !(in ? enters(t, p, stamp, link) : leaves(t, p, link)))
		return false;
	t->passed_at = stamp > t->passed_at ? stamp : t->passed_at;
	return true;
}

void passing_follow(struct timeline *t, const struct packet *p)
{
	struct connection *c;
	int e;

	if (t->headers && p->kind == PACKET_TCP && find(t, p, &c, &e))
		follow(c, e, p);
}

/* ---- segments that do not pass ---- */

/* The last event becomes the one of that index, and has happened before all from there on. */
static void move_back(struct timeline *t, size_t to)
{
	struct event last = t->events[t->event_count - 1];
	int order = to ? t->events[to - 1].order + 1 : 1;

	memmove(&t->events[to + 1], &t->events[to], (t->event_count - 1 - to) * sizeof(*t->events));
	t->events[to] = last;
	t->events[to].order = order;
	for (size_t i = to + 1; i < t->event_count; i++)
		t->events[i].order++;
	for (size_t i = 0; i < t->event_count; i++)
		if (t->events[i].cause >= (int)to)
			t->events[i].cause++;
	for (size_t i = 0; i < t->segment_count; i++) {
		struct segment *s = &t->segments[i];

		if (s->id == last.segment) {
			s->sent_order = order;
			continue;
		}
		s->sent_order += s->sent_order >= order;
		s->arrived_order += s->arrived_order >= order;
	}
	if (t->moved)
		t->moved(t->moved_context, to);
}

const struct event *timeline_longest_waiting(const struct timeline *t, size_t seen,
					     size_t told_late)
{
	/* Otherwise it could be a late event, or an old one that this insertion has moved. */
	return &t->events[t->told_late > told_late ? t->event_count - 1 : seen];
}

const struct packet *passing_keep(struct timeline *t, const struct packet *p)
{
	unsigned char *bytes;

	/* A neighbour request, which has no IP header in ARP: the capture has kept it already.
	 */
	if (!t->headers || !p->bytes || p->kind == PACKET_ARP)
		return p;
	bytes = arena_alloc(t->arena, p->size + 1);
	memcpy(bytes, p->bytes, p->size);
	return packet_decode(t->arena, p->source.family == 6 ? ETHERTYPE_V6 : ETHERTYPE_V4, bytes,
			     p->size);
}

static void reveal(struct timeline *t, size_t i)
{
	struct passing p = t->passing[i];
	int frame = t->frame;

	for (size_t k = i + 1; k < t->passing_end; k++)
		t->passing[k].before++; /* segments that entered later are behind it */
	forget(t, i);
	p.packet.bytes = p.bytes;
	t->frame = p.frame;
	segment_enter(t, passing_keep(t, &p.packet), p.stamp, p.from);
	t->frame = frame;
	t->told_late++;
	if (p.before + 1 < t->event_count)
		move_back(t, p.before);
}

void passing_reveal(struct timeline *t, const struct packet *p)
{
	for (size_t i = t->passing_first; i < t->passing_end; i++) {
		if (!packet_same(&t->passing[i].packet, p))
			continue;
		reveal(t, i);
		return;
	}
}

void passing_settle(struct timeline *t, ns_t before)
{
	while (t->passing_first < t->passing_end && t->passing[t->passing_first].stamp < before)
		reveal(t, t->passing_first);
}
