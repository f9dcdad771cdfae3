/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lanes: where lines lie, and when a line that is written below another certainly came before it.
 *
 * A line `H>` is about the sending of a packet. In the lane of the host that it reaches, the packet
 * lies where it arrives, but that is only implied: while it was on its way, this host sent packets
 * without knowing of it, and other packets may have overtaken it; such lines may be in either
 * order. So two packets are unordered if they were on their way at the same time; one whose flight
 * was over before the other's began comes first. Whatever else happens at a host lies before or
 * after the arrival. An arrival that is written by itself, `>H`, is an event like any other.
 *
 * An arriving packet wakes a sleeping call; the kernel wakes it before it answers
 * (tcp_rcv_synsent_state_process: first sk_state_change, then tcp_send_ack), so between a return
 * and what its own end sends there is no order.
 *
 * The kernel alone decides when it sends a plain ACK. So one that a line asks for may have come
 * before calls and readings that are written above it, but not before a silence. That it is not
 * older than what it answers is checked where it is chosen (packets.c).
 */
#include "harness/judge/lanes.h"

#include <limits.h>

/* Above, below: there is no order. */
static const bool unordered[LANE_EVENTS][LANE_EVENTS] = {
    [LANE_RETURN][LANE_SENT] = true,
    [LANE_SENT][LANE_RETURN] = true,
};

/* ---- where a line lies ---- */

static int flight_end(const struct segment *s)
{
	if (s->arrived_order)
		return s->arrived_order;
	return s->held || !s->decided ? INT_MAX : s->sent_order;
}

bool segment_place(const struct segment *s, enum host host, struct position *p)
{
	*p = (struct position){
	    .from = s->sent,
	    .to = s->sent,
	    .order = s->sent_order,
	    .left = s->sent_order,
	    .ended = flight_end(s),
	    .as = LANE_SENT,
	};
	if (s->from == host)
		return true;
	p->from = p->to = s->arrived;
	p->order = s->arrived_order;
	p->as = LANE_IMPLIED;
	return s->to == host && s->arrived_order;
}

bool arrival_place(const struct segment *s, enum host host, struct position *p)
{
	*p = (struct position){
	    .from = s->arrived,
	    .to = s->arrived,
	    .order = s->arrived_order,
	    .ended = s->arrived_order,
	    .as = LANE_ARRIVED,
	};
	return s->to == host && s->arrived_order;
}

static bool packet_place(const struct trial *t, size_t index, enum host host, struct position *p)
{
	enum line_kind kind = t->index->keys[index].kind;
	int number = t->out->lines[index].segment;
	const struct segment *s = number < 0 ? NULL : &t->timeline->segments[number];

	if (!s)
		return false;
	if (kind == LINE_SENT) {
		if (!segment_place(s, host, p))
			return false;
		/* The arrival counts where it is written by itself, if it is. */
		if (p->as == LANE_IMPLIED && (s->held || t->arrival_written[number]))
			return false;
	} else if (!arrival_place(s, host, p)) {
		return false;
	}
	p->line = index;
	p->plain = t->plainly[index];
	return true;
}

bool lane_place(const struct trial *t, size_t index, const struct lane *lane, struct position *p)
{
	const struct line_key *key = &t->index->keys[index];
	const struct line_judgement *j = &t->out->lines[index];

	if (j->fate != LINE_MET)
		return false;
	*p = (struct position){.line = index, .from = j->from, .to = j->to, .as = LANE_DEED};
	switch (key->kind) {
	case LINE_SENT:
	case LINE_ARRIVAL:
	case LINE_FORGE:
		return !lane->is_thread && packet_place(t, index, lane->host, p);
	case LINE_RESUME:
	case LINE_RETURNED:
		p->as = LANE_RETURN;
		/* fall through */
	case LINE_CALL:
	case LINE_OBSERVED:
	case LINE_SIGNALLED:
	case LINE_DEATH:
		return lane->is_thread ? key->actor == lane->actor : key->host == lane->host;
	case LINE_QUIET:
		p->as = LANE_SILENCE;
		return true;
	default:
		return key->reads && key->host == lane->host;
	}
}

/* ---- what came before what ---- */

bool is_inverted(const struct position *above, const struct position *below)
{
	if (unordered[above->as][below->as] || (below->plain && above->as != LANE_SILENCE))
		return false;
	if (!above->order || !below->order)
		return below->to < above->from;
	/* The capture's order is total, and right also where time stamps are equal. */
	return above->as == LANE_IMPLIED ? below->ended < above->left : below->order < above->order;
}

void marks_add(struct marks *m, const struct position *p)
{
	int *order = p->as == LANE_IMPLIED ? &m->left : &m->order;
	int own = p->as == LANE_IMPLIED ? p->left : p->order;

	if (own > *order)
		*order = own;
	if (p->from > m->began[p->as])
		m->began[p->as] = p->from;
}

bool marks_forbid(const struct marks *m, const struct position *p)
{
	if (p->order && !p->plain && (p->order < m->order || p->ended < m->left))
		return true;
	for (enum lane_event above = 0; above < LANE_EVENTS; above++)
		if (!unordered[above][p->as] && !(p->order && above >= LANE_SENT) &&
		    !(p->plain && above != LANE_SILENCE) && p->to < m->began[above])
			return true;
	return false;
}

ns_t marks_latest(const struct marks *m)
{
	ns_t latest = 0;

	for (enum lane_event above = 0; above < LANE_EVENTS; above++)
		if (m->began[above] > latest)
			latest = m->began[above];
	return latest;
}
