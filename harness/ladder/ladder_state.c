/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: RFC 9293 3.3.2, from outside. What an end sends and gets moves it from state
 * to state, and a reading of ss corrects that: some of what moves a socket is not seen on the wire.
 */
#include "harness/ladder/ladder_state.h"

static bool has(const struct segment *s, unsigned flags)
{
	return (s->packet->flags & flags) == flags;
}

static int64_t end_of(const struct segment *s)
{
	return s->seq + s->packet->length + has(s, FLAG_SYN) + has(s, FLAG_FIN);
}

/* ---- what it sends ---- */

static const enum ss_state after_fin[SS_STATES] = {
    [SS_SYN_RECV] = SS_FIN_WAIT_1,
    [SS_ESTAB] = SS_FIN_WAIT_1,
    [SS_CLOSE_WAIT] = SS_LAST_ACK,
};

void end_sends(struct end_state *e, const struct segment *s)
{
	if (has(s, FLAG_RST)) {
		if (e->state != SS_SYN_SENT && e->state != SS_SYN_RECV && e->state != SS_TIME_WAIT)
			e->state = SS_NONE;
		return;
	}
	if (has(s, FLAG_SYN) && e->state == SS_NONE)
		*e = (struct end_state){.state = has(s, FLAG_ACK) ? SS_SYN_RECV : SS_SYN_SENT,
					.next = has(s, FLAG_ACK) ? s->ack : 0};
	else if (has(s, FLAG_SYN | FLAG_ACK) && e->state == SS_SYN_SENT)
		e->state = SS_SYN_RECV;
	if (has(s, FLAG_FIN)) {
		e->fin = end_of(s);
		if (after_fin[e->state])
			e->state = after_fin[e->state];
	}
}

/* ---- what it gets ---- */

static void is_acked(struct end_state *e, const struct segment *s)
{
	if (e->state == SS_SYN_RECV && s->ack >= 1)
		e->state = SS_ESTAB;
	if (!e->fin || s->ack < e->fin)
		return;
	if (e->state == SS_FIN_WAIT_1)
		e->state = SS_FIN_WAIT_2;
	else if (e->state == SS_CLOSING)
		e->state = SS_TIME_WAIT;
	else if (e->state == SS_LAST_ACK)
		e->state = SS_NONE;
}

static void gets_fin(struct end_state *e)
{
	if (e->state == SS_ESTAB || e->state == SS_SYN_RECV)
		e->state = SS_CLOSE_WAIT;
	else if (e->state == SS_FIN_WAIT_1)
		e->state = SS_CLOSING;
	else if (e->state == SS_FIN_WAIT_2)
		e->state = SS_TIME_WAIT;
}

/* Parts that came before what they follow are remembered, one of them. */
static void gets_data(struct end_state *e, const struct segment *s)
{
	int64_t end = end_of(s);

	if (has(s, FLAG_FIN))
		e->peer_fin = end;
	if (s->seq > e->next) {
		if (!e->later_to || s->seq < e->later_from)
			e->later_from = s->seq;
		e->later_to = end > e->later_to ? end : e->later_to;
		return;
	}
	e->next = end > e->next ? end : e->next;
	if (e->later_to && e->later_from <= e->next && e->later_to > e->next)
		e->next = e->later_to;
	if (e->peer_fin && e->next >= e->peer_fin)
		gets_fin(e);
}

void end_gets(struct end_state *e, const struct segment *s)
{
	if (e->state == SS_NONE)
		return;
	if (has(s, FLAG_RST)) {
		if (e->state == SS_SYN_SENT ? has(s, FLAG_ACK) && s->ack == 1 : s->seq == e->next)
			e->state = SS_NONE;
		return;
	}
	if (e->state == SS_SYN_SENT) {
		if (!has(s, FLAG_SYN))
			return;
		e->next = 1;
		e->state = !has(s, FLAG_ACK) ? SS_SYN_RECV : s->ack >= 1 ? SS_ESTAB : SS_SYN_SENT;
		return;
	}
	if (has(s, FLAG_SYN) || !has(s, FLAG_ACK))
		return;
	is_acked(e, s);
	gets_data(e, s);
}
