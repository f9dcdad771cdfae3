/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what a socket sends and gets becomes steps (tcp_course.h): the numbers say
 * whether a segment is acceptable, in order, and acknowledges a SYN or a FIN (RFC 9293 3.10.7).
 *
 * A socket that is never answered is given up at some time, and nobody sees that. But its whole
 * past and future on the wire is known here. So it exists as long as it will still send something;
 * after its last repetition it may be gone as soon as the next one would have been due.
 */
#include "harness/ladder/tcp_socket.h"

#include "harness/base/array.h"

#define TIME_WAIT   (60 * NS_PER_S)   /* include/net/tcp.h, TCP_TIMEWAIT_LEN */
#define LEAST_RTO   (200 * NS_PER_MS) /* TCP_RTO_MIN */
#define FIRST_RTO   NS_PER_S	      /* TCP_TIMEOUT_INIT */
#define GRANULARITY 8		      /* a timer is late by up to this part of its time */

static bool has(const struct segment *s, unsigned flags)
{
	return (s->packet->flags & flags) == flags;
}

static int64_t end_of(const struct segment *s)
{
	return s->seq + s->packet->length + has(s, FLAG_SYN) + has(s, FLAG_FIN);
}

void tcp_socket_step(struct tcp_socket *s, enum tcp_step step)
{
	s->state = tcp_course(s->state, step);
}

/* ---- what it sends ---- */

/* A new socket at the same end: a connection was refused, or forgotten. */
static void begin(struct tcp_socket *s, const struct segment *first)
{
	s->next = s->acked_to = has(first, FLAG_ACK) ? first->ack : 0;
	s->edge = s->later_from = s->later_to = s->peer_fin = s->fin = 0;
	s->sent = s->acked = 0;
	s->started = s->repeated = s->asks = s->probes = s->orphan = s->unsure = false;
	s->passive = s->queued = s->cookie = s->doubt = s->taken = s->repair = false;
	s->fast = has(first, FLAG_SYN | FLAG_ACK) && first->ack > 1;
	s->stamp_first = s->stamp = first->ts_value;
	s->gap = s->due = s->over = s->timer = 0;
}

static void note_sent(struct tcp_socket *s, const struct segment *segment)
{
	int64_t end = end_of(segment);

	if (s->started && segment->seq < s->sent) {
		s->gap = segment->sent - s->sent_at;
		s->repeated = true;
	}
	if (!s->started || end > s->sent) {
		s->sent = end;
		s->gap = 0;
	}
	s->signs |= segment->packet->options.has_md5;
	if (segment->ts_value > s->stamp)
		s->stamp = segment->ts_value;
	if (end > segment->seq || segment->seq < s->sent) {
		s->sent_at = segment->sent;
		s->asks = true;
	}
	s->started = true;
	if (!has(segment, FLAG_ACK))
		return;
	s->acked_to = segment->ack;
	if (segment->ack + segment->window > s->edge)
		s->edge = segment->ack + segment->window;
}

/* The handshake is over: what it sends, or who has it, says so. */
static void completes(struct tcp_socket *s)
{
	bool opens = s->state == SS_SYN_RECV || (s->cookie && s->state == SS_NONE);

	s->doubt = false;
	if (!opens)
		return;
	s->queued = s->passive && !s->taken;
	s->state = SS_SYN_RECV; /* a cookie has come back */
	tcp_socket_step(s, STEP_SYN_ACKED);
}

void tcp_socket_accepted(struct tcp_socket *s)
{
	s->taken = true;
	if (!s->fast) /* else its handshake may go on */
		completes(s);
	s->queued = false;
}

static void sends_syn(struct tcp_socket *s, bool ack, enum tcp_listening listening)
{
	if (s->state == SS_NONE && ack) {
		s->passive = true;
		s->cookie = !s->fast && listening == LISTENING_COOKIE;
		s->doubt = !s->fast && listening == LISTENING_MAYBE_COOKIE;
	} else {
		s->doubt = false; /* no cookie is repeated */
	}
	if (!s->cookie)
		tcp_socket_step(s, ack ? STEP_SYN_ACK : STEP_SYN);
}

/* One of Fast Open sends a RST with its own number when its listener is closed. */
static void sends_reset(struct tcp_socket *s, const struct segment *segment)
{
	bool is_closed =
	    s->fast && s->state == SS_SYN_RECV && has(segment, FLAG_ACK) && segment->seq == s->sent;

	if (s->doubt || is_closed)
		s->state = SS_NONE;
	s->doubt = false;
	tcp_socket_step(s, STEP_RST);
}

/* Nobody has asked for that: its last process has ended. */
static bool is_of_the_dead(const struct tcp_socket *s)
{
	return s->state == SS_ESTAB || s->state == SS_CLOSE_WAIT;
}

void tcp_socket_sends(struct tcp_socket *s, const struct segment *segment,
		      enum tcp_listening listening)
{
	bool syn = has(segment, FLAG_SYN), ack = has(segment, FLAG_ACK);

	if (has(segment, FLAG_RST)) {
		sends_reset(s, segment);
		return;
	}
	if (syn && s->state == SS_NONE)
		begin(s, segment);
	note_sent(s, segment);
	if (syn)
		sends_syn(s, ack, listening);
	else if (s->doubt)
		completes(s);
	if (has(segment, FLAG_FIN)) {
		s->fin = end_of(segment);
		s->orphan |= is_of_the_dead(s);
		tcp_socket_step(s, STEP_END);
	}
}

/*
 * It had data that nobody has read, or SO_LINGER with no time (net/ipv4/tcp.c, __tcp_close()): then
 * the RST is the next packet, and comes at once. Behind another packet, or after some time, it has
 * another reason.
 */
bool tcp_socket_resets(const struct tcp_socket *s, ns_t at)
{
	return s->reset_at && s->reset_after == s->last_order && s->reset_at - at < LEAST_RTO;
}

/* ---- what it gets ---- */

static bool is_acceptable(const struct tcp_socket *s, const struct segment *segment)
{
	return end_of(segment) >= s->acked_to && (!s->edge || segment->seq <= s->edge);
}

static bool is_reset(const struct tcp_socket *s, const struct segment *segment)
{
	bool in_window = segment->seq >= s->next && (!s->edge || segment->seq <= s->edge);

	if (s->state == SS_TIME_WAIT && s->rfc1337)
		return false;
	if (s->state == SS_SYN_SENT)
		return has(segment, FLAG_ACK) && segment->ack > s->acked && segment->ack <= s->sent;
	/* net/ipv4/tcp_minisocks.c: what is no whole socket asks for no more. */
	if (s->state == SS_FIN_WAIT_2 && s->orphan)
		return in_window;
	/* net/ipv4/tcp_input.c, tcp_reset_check(): who sends it may not have counted its FIN. */
	if (s->peer_fin && s->next == s->peer_fin && segment->seq == s->next - 1 &&
	    (s->state == SS_CLOSE_WAIT || s->state == SS_LAST_ACK || s->state == SS_CLOSING))
		return true;
	return segment->seq == s->next || (s->later_to && segment->seq == s->later_to);
}

static void is_acked(struct tcp_socket *s, const struct segment *segment, int order,
		     enum tcp_listening listening)
{
	if (segment->ack > s->sent)
		return;
	s->asks = segment->ack < s->sent;
	if (segment->ack > s->acked) {
		s->acked = segment->ack;
		s->gap = 0;
		s->sent_at = segment->arrived;
	}
	s->probes = segment->window == 0 && (s->probes || s->asks);
	/* If it still repeats its SYN-ACK, it has not taken this: its queue is full. */
	if (segment->ack >= 1 && order > s->last_syn_ack) {
		if (s->fast)
			completes(s);
		else if (listening == LISTENING_MAYBE_NOT && s->state == SS_SYN_RECV && s->passive)
			s->doubt = true;
		else if (listening != LISTENING_NOT || !s->passive)
			completes(s);
	}
	if (s->fin && segment->ack >= s->fin)
		tcp_socket_step(s, STEP_FIN_ACKED);
}

/* Of what came before that which it follows, one part is remembered. */
static void gets_data(struct tcp_socket *s, const struct segment *segment)
{
	int64_t end = end_of(segment);

	if (has(segment, FLAG_FIN))
		s->peer_fin = end;
	if (segment->seq > s->next) {
		if (!s->later_to || segment->seq < s->later_from)
			s->later_from = segment->seq;
		if (end > segment->seq && end > s->later_to)
			s->later_to = end;
		return;
	}
	s->next = end > s->next ? end : s->next;
	if (s->later_to && s->later_from <= s->next) {
		s->next = s->later_to > s->next ? s->later_to : s->next;
		s->later_from = s->later_to = 0;
	}
	if (s->peer_fin && s->next >= s->peer_fin)
		tcp_socket_step(s, STEP_GOT_FIN);
}

/* Of a time stamp that it has never sent: it resets that, and goes on (RFC 7323 3.2). */
static bool is_wrong_echo(const struct tcp_socket *s, const struct segment *segment, ns_t at)
{
	const struct tcp_options *o = &segment->packet->options;

	return o->has_ts && o->ts_echo &&
	       (segment->ts_echo < s->stamp_first ||
		segment->ts_echo > s->stamp + (at - s->sent_at) / NS_PER_MS + 1);
}

static void gets_syn(struct tcp_socket *s, const struct segment *segment)
{
	bool ack = has(segment, FLAG_ACK);

	if (ack && (segment->ack <= s->acked || segment->ack > s->sent))
		return;
	s->next = s->acked_to = 1;
	if (ack) {
		s->acked = segment->ack;
		s->asks = s->acked < s->sent;
	}
	tcp_socket_step(s, ack ? STEP_GOT_SYN_ACK : STEP_GOT_SYN);
}

/* The TTL with which it arrives: the router takes one from what it forwards. */
static int64_t ttl_of(const struct segment *s)
{
	return s->packet->ttl - !s->forged;
}

/*
 * While it is half open: another SYN in the window makes the listener reset and forget it
 * (net/ipv4/tcp_minisocks.c, tcp_check_req()). Its own one, repeated, does not.
 */
static bool is_other_syn(const struct tcp_socket *s, const struct segment *segment)
{
	return s->state == SS_SYN_RECV && s->passive && !s->fast && has(segment, FLAG_SYN) &&
	       !has(segment, FLAG_ACK) && segment->seq >= s->next && segment->seq < s->edge;
}

/*
 * Which errors about its SYN-ACK make a listener forget it: net/ipv4/tcp_ipv4.c, tcp_v4_err();
 * net/ipv6/icmp.c, icmpv6_err_convert().
 */
static bool forgets(const struct packet *icmp)
{
	static const struct {
		int family, type, first, last;
	} errors[] = {
	    {4, 3, 0, 1}, {4, 11, 0, UINT8_MAX}, {4, 12, 0, UINT8_MAX},
	    {6, 1, 1, 1}, {6, 1, 4, UINT8_MAX},	 {6, 4, 0, UINT8_MAX},
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (icmp->source.family == errors[i].family && icmp->icmp_type == errors[i].type &&
		    icmp->icmp_code >= errors[i].first && icmp->icmp_code <= errors[i].last)
			return true;
	return false;
}

/* While a process uses a socket, its kernel drops the error (tcp_v4_err()). */
static void gets_icmp(struct tcp_socket *s, const struct packet *icmp, int order)
{
	bool half_open = s->state == SS_SYN_RECV && s->passive && !s->fast;

	if (half_open && icmp->quoted && icmp->quoted->flags & FLAG_SYN && forgets(icmp))
		s->state = SS_NONE;
	else if (order > s->last_sent_order)
		tcp_socket_step(s, STEP_GOT_ICMP);
}

static bool does_not_count(const struct tcp_socket *s, const struct segment *segment)
{
	const struct packet *p = segment->packet;

	if (s->least_ttl && p->kind == PACKET_TCP && ttl_of(segment) < s->least_ttl)
		return true;
	return p->bad_checksum || (s->state == SS_NONE && !s->cookie) ||
	       (s->signs && p->kind == PACKET_TCP && !p->options.has_md5);
}

void tcp_socket_gets(struct tcp_socket *s, const struct segment *segment, ns_t at, int order,
		     enum tcp_listening listening)
{
	if (does_not_count(s, segment))
		return;
	if (segment->packet->kind == PACKET_ICMP) {
		gets_icmp(s, segment->packet, order);
		return;
	}
	if (is_other_syn(s, segment)) {
		s->state = SS_NONE;
		return;
	}
	if (has(segment, FLAG_RST)) {
		if (is_reset(s, segment))
			tcp_socket_step(s, STEP_GOT_RST);
		return;
	}
	if (s->state == SS_SYN_SENT) {
		if (has(segment, FLAG_SYN) && !is_wrong_echo(s, segment, at))
			gets_syn(s, segment);
		return;
	}
	if (has(segment, FLAG_SYN) && s->state == SS_SYN_RECV && has(segment, FLAG_ACK))
		is_acked(s, segment, order, listening);
	if (has(segment, FLAG_SYN) || !has(segment, FLAG_ACK))
		return;
	if (s->state == SS_TIME_WAIT && s->due)
		tcp_socket_set_timer(s, at, 0);
	if (!is_acceptable(s, segment))
		return;
	is_acked(s, segment, order, listening);
	gets_data(s, segment);
}

/* ---- time ---- */

static void set(struct tcp_socket *s, ns_t at, ns_t least, ns_t most)
{
	s->due = at + least;
	s->over = at + most + most / GRANULARITY;
	s->timer = least == most ? least : 0;
}

/*
 * net/ipv4/tcp.h, tcp_fin_time(): not less than 3.5 RTO. More than a minute is waited for in two
 * parts, of which the second is as long as the first (tcp_keepalive_timer()).
 */
void tcp_socket_set_timer(struct tcp_socket *s, ns_t at, ns_t fin_timeout)
{
	ns_t fin = s->linger ? s->linger : fin_timeout;
	ns_t rto = s->repeated ? 3 * FIRST_RTO : LEAST_RTO + LEAST_RTO / 4, least = rto / 2 * 7;

	if (s->state == SS_TIME_WAIT)
		set(s, at, TIME_WAIT, TIME_WAIT);
	else if (s->state == SS_FIN_WAIT_2 && s->orphan)
		set(s, at, fin > TIME_WAIT ? 2 * (fin - TIME_WAIT) : fin,
		    fin > TIME_WAIT ? 2 * (fin - TIME_WAIT)
		    : fin < least   ? least
				    : fin);
}

void tcp_socket_wait(struct tcp_socket *s, ns_t at)
{
	if (!s->over || at < s->over)
		return;
	s->due = s->over = s->timer = 0;
	tcp_socket_step(s, STEP_TIMER);
}

/* Something is due from it if nothing comes: a repetition, or a probe of the window. */
static bool is_waiting(const struct tcp_socket *s)
{
	bool has_ended = s->state == SS_FIN_WAIT_1 || s->state == SS_LAST_ACK;

	if (s->state == SS_NONE || s->state == SS_TIME_WAIT || s->state == SS_FIN_WAIT_2)
		return false;
	return s->asks || s->probes || (has_ended && !s->fin);
}

enum ss_state tcp_socket_state(const struct tcp_socket *s, ns_t at)
{
	ns_t wait = s->gap > LEAST_RTO ? s->gap : LEAST_RTO;
	bool is_last = at > s->last_sent && s->last_order >= s->last_sent_order;

	if (s->over && at >= s->over)
		return SS_NONE;
	if ((s->due && at >= s->due) || s->doubt || (s->unsure && s->state == SS_FIN_WAIT_2))
		return SS_UNKNOWN;
	if (is_waiting(s) && is_last && at - s->sent_at > wait)
		return SS_UNKNOWN;
	return s->state;
}
