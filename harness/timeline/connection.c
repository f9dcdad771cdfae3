/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections: which incarnation of a 4-tuple a segment belongs to, and its numbers relative to it.
 *
 * A SYN with an ISN that the current incarnation does not have begins a new one, unless it is the
 * second SYN of a simultaneous open. Other segments go to the incarnation whose ISNs are the
 * nearest before their numbers, so that when a host forgets a connection and opens the same 4-tuple
 * again, the challenge ACK of the end that remembers, and the reset that answers it, still use the
 * numbers of the old one (RFC 9293 3.5.1, "half-open connections").
 *
 * If a segment has no ACK and there is no connection (any more), the answer is a reset with number
 * 0 (RFC 9293 3.10.7.1; net/ipv4/tcp_ipv4.c, tcp_v4_send_reset()). That is not a number of the
 * direction, whatever ISN the direction has shown before, so it is not changed.
 *
 * A forged SYN alone does not begin a connection: it may be an attacker's, without effect. It has
 * begun a new incarnation when the other end answers it with a new ISN, as from TIME-WAIT, or when
 * it has forgotten the old connection.
 */
#include "harness/timeline/timeline_parts.h"

/* The distance from a segment to an incarnation whose ISNs are not known: nearer than a wrong one.
 * */
#define FAR 0x80000000u

#define MAX_WSCALE 14 /* RFC 7323 2.3: a larger one counts as this */

/* The end of `c` that sent `p`, or NONE. */
static int sender_end(const struct connection *c, const struct packet *p)
{
	for (int e = 0; e < 2 && c->kind == PACKET_TCP; e++) {
		if (c->end[e].port == p->source_port && c->end[!e].port == p->target_port &&
		    ip_equal(&c->end[e].ip, &p->source) && ip_equal(&c->end[!e].ip, &p->target))
			return e;
	}
	return NONE;
}

static bool is_first_syn(const struct packet *p)
{
	return (p->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
}

static bool is_from_nowhere(const struct packet *p)
{
	const uint8_t flags = FLAG_RST | FLAG_ACK;

	return p->kind == PACKET_TCP && (p->flags & flags) == flags && !p->seq;
}

static uint32_t distance(const struct connection *c, int e, const struct packet *p)
{
	uint32_t nearest = FAR;

	if (c->end[e].has_isn && !is_from_nowhere(p) && p->seq - c->end[e].isn < nearest)
		nearest = p->seq - c->end[e].isn;
	if ((p->flags & FLAG_ACK) && c->end[!e].has_isn && p->ack - c->end[!e].isn < nearest)
		nearest = p->ack - c->end[!e].isn;
	return nearest;
}

/* The incarnation that `p` belongs to, or NONE: an unknown one, or the SYN of a new one. */
static int incarnation(const struct timeline *t, const struct packet *p)
{
	int best = NONE, newest = NONE;
	uint32_t nearest = 0;

	for (size_t i = t->connection_count; i-- > 0;) {
		const struct connection *c = &t->connections[i];
		int e = sender_end(c, p);
		uint32_t far;

		if (e == NONE)
			continue;
		if (newest == NONE)
			newest = (int)i;
		far = distance(c, e, p);
		if (best == NONE || far < nearest) {
			best = (int)i;
			nearest = far;
		}
	}
	if (best == NONE || !is_first_syn(p) || nearest == 0)
		return best;
	/* A new ISN: of the second end of a simultaneous open, or of a new incarnation. */
	const struct connection *c = &t->connections[newest];
	int e = sender_end(c, p);

	return !c->end[e].has_isn && c->end[!e].has_isn && !c->end[!e].acked ? newest : NONE;
}

int connection_begin(struct timeline *t, const struct packet *p)
{
	int id = (int)t->connection_count;
	struct connection *c = arena_push(t->arena, t->connections, t->connection_count);

	c->end[0].ip = p->source;
	c->end[0].port = p->source_port;
	c->end[1].ip = p->target;
	c->end[1].port = p->target_port;
	for (int e = 0; e < 2; e++)
		c->end[e].host = host_of_ip(&c->end[e].ip);
	return id;
}

static void learn_scale(struct connection *c, int e, const struct tcp_options *o)
{
	c->end[e].has_wscale = o->has_wscale;
	c->end[e].wscale = o->wscale < MAX_WSCALE ? o->wscale : MAX_WSCALE;
}

/* What each segment of end `e` says, a SYN or not. `ts`: its time stamp. */
static void learn_rest(struct connection *c, int e, const struct packet *p, uint32_t ts)
{
	if ((p->flags & FLAG_ACK) && c->end[!e].has_isn && p->ack - c->end[!e].isn - 1 < FAR)
		c->end[!e].acked = true;
	if (p->options.has_ts && !c->end[e].has_ts) {
		c->end[e].has_ts = true;
		c->end[e].ts_first = ts;
	}
}

/*
 * Learn from a segment of end `e` about its connection; true if it is that end's first SYN. A
 * listener that forgot the connection before the handshake ended answers the next SYN with another
 * ISN.
 */
static bool learn(struct connection *c, int e, const struct packet *p)
{
	const struct tcp_options *o = &p->options;
	bool first = false;

	if (p->flags & FLAG_SYN) {
		first = !c->end[e].has_isn;
		if (first || !c->end[e].acked) {
			c->end[e].has_isn = true;
			c->end[e].isn = p->seq;
			learn_scale(c, e, o);
		}
	}
	learn_rest(c, e, p, o->ts_value);
	return first;
}

/* ---- numbers ---- */

/*
 * The start for forged segments' numbers in a direction that has shown nothing. The two starts
 * differ, so that a number that is taken for the other direction's is visibly wrong.
 */
static uint32_t own_isn(int c, int e)
{
	return 1000000u * (2 * (uint32_t)c + (uint32_t)e + 1);
}

#define OWN_TIME 1000000u

/* The last quarter of the space is before the start: a forged segment or a probe may have it. */
static int64_t relative(uint32_t number, uint32_t start)
{
	uint32_t offset = number - start;

	return offset >= 0xc0000000u ? (int64_t)offset - ((int64_t)1 << 32) : offset;
}

static int64_t relative_number(const struct connection *c, int e, uint32_t number)
{
	return c->end[e].has_isn ? relative(number, c->end[e].isn) : number;
}

static int64_t relative_time(const struct connection *c, int e, uint32_t number)
{
	return c->end[e].has_ts ? relative(number, c->end[e].ts_first) : number;
}

static void number(struct segment *s, const struct connection *c, const struct packet *p)
{
	bool acks = p->flags & FLAG_ACK;
	int e = s->end;

	s->seq = is_from_nowhere(p) ? 0 : relative_number(c, e, p->seq);
	s->ack = acks ? relative_number(c, !e, p->ack) : 0;
}

static void number_all(struct segment *s, const struct connection *c)
{
	const struct packet *p = s->packet;
	const struct tcp_options *o = &p->options;
	int e = s->end;

	number(s, c, p);
	s->urgent = p->flags & FLAG_URG ? p->urgent : 0;
	s->window = p->window;
	if (!(p->flags & FLAG_SYN) && c->end[0].has_wscale && c->end[1].has_wscale)
		s->window <<= c->end[e].wscale;
	for (int i = 0; i < o->sack_count; i++) {
		s->sack[i][0] = relative_number(c, !e, o->sack[i][0]);
		s->sack[i][1] = relative_number(c, !e, o->sack[i][1]);
	}
	if (!o->has_ts)
		return;
	s->ts_value = relative_time(c, e, o->ts_value);
	/* Without ACK the echo means nothing (RFC 7323 3.2), and is sent as 0. */
	s->ts_echo = p->flags & FLAG_ACK ? relative_time(c, !e, o->ts_echo) : o->ts_echo;
}

/* ---- connections that a forged SYN has begun ---- */

/* The newest forged SYN that `p`, a SYN-ACK, answers, or NONE. */
static int answered_syn(const struct timeline *t, const struct packet *p)
{
	for (size_t i = t->segment_count; i-- > 0;) {
		const struct segment *s = &t->segments[i];
		const struct packet *syn = s->packet;

		if (s->forged && is_first_syn(syn) && syn->source_port == p->target_port &&
		    syn->target_port == p->source_port && ip_equal(&syn->source, &p->target) &&
		    ip_equal(&syn->target, &p->source) && p->ack - syn->seq - 1 < packet_space(syn))
			return (int)i;
	}
	return NONE;
}

/* Whether its incarnation has shown this SYN before. */
static bool is_repeated(const struct timeline *t, const struct segment *syn)
{
	const struct connection *c = &t->connections[syn->connection];

	if (syn->packet->seq == c->end[syn->end].isn)
		return true;
	for (int i = 0; i < syn->id; i++) {
		const struct segment *s = &t->segments[i];

		if (s->connection == syn->connection && s->end == syn->end &&
		    s->packet->kind == PACKET_TCP && is_first_syn(s->packet) &&
		    s->packet->seq == syn->packet->seq)
			return true;
	}
	return false;
}

/*
 * Whether a forged SYN whose answer has an ISN that was never seen has begun a new incarnation: the
 * other end has shown another one before. If a listener gets the SYN again, and has forgotten the
 * first one before the handshake had ended, it is still the old incarnation (learn).
 */
static bool begins_anew(const struct timeline *t, const struct segment *syn)
{
	const struct connection *c = &t->connections[syn->connection];
	int e = !syn->end;

	return c->end[e].has_isn && (c->end[e].acked || !is_repeated(t, syn));
}

static bool is_isn(const struct connection *c, const struct packet *p)
{
	int e = sender_end(c, p);

	return c->end[e].has_isn && c->end[e].isn == p->seq;
}

/* The new incarnation, if the SYN-ACK `p` shows that one has begun, else `known`. */
static int reborn(struct timeline *t, const struct packet *p, int known)
{
	bool answers = (p->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == (FLAG_SYN | FLAG_ACK);
	int syn = answers && known != NONE ? answered_syn(t, p) : NONE, id, e;
	struct connection *c, *old;

	if (syn == NONE || is_isn(&t->connections[known], p) || !begins_anew(t, &t->segments[syn]))
		return known;
	id = connection_begin(t, t->segments[syn].packet);
	c = &t->connections[id];
	old = &t->connections[t->segments[syn].connection];
	e = t->segments[syn].end;
	c->is_reborn = true;
	c->first_syn = syn;
	c->end[0] = old->end[e]; /* its clock, too, which goes on */
	c->end[0].acked = c->end[0].named = false;
	c->end[0].isn = t->segments[syn].packet->seq;
	learn_scale(c, 0, &t->segments[syn].packet->options);
	if (old->name_count)
		name_add_to(t, c, old->names[0]);
	return id;
}

static void connect_tcp(struct timeline *t, struct segment *s)
{
	const struct packet *p = s->packet;

	int known = reborn(t, p, incarnation(t, p));

	s->connection = known != NONE ? known : connection_begin(t, p);
	s->end = sender_end(&t->connections[s->connection], p);
	if (learn(&t->connections[s->connection], s->end, p) && !(p->flags & FLAG_ACK))
		name_connected(t, s->connection, s->end, s->sent);
	if (known == NONE) /* after connect()'s, which is the first name */
		name_accepted(t, s->connection);
	number_all(s, &t->connections[s->connection]);
}

/*
 * A forged SYN is the direction's first, and later numbers count from it; or it changes nothing,
 * unless it is the same again before anybody has acknowledged it.
 */
static void learn_forged(struct connection *c, int id, int e, const struct packet *p)
{
	const struct tcp_options *o = &p->options;
	bool first = !c->end[e].has_isn;

	if ((p->flags & FLAG_SYN) && first) {
		c->end[e].has_isn = true;
		c->end[e].isn = own_isn(id, e);
	}
	if ((p->flags & FLAG_SYN) && (first || (!c->end[e].acked && p->seq == c->end[e].isn)))
		learn_scale(c, e, o);
	learn_rest(c, e, p, OWN_TIME);
}

void segment_connect_forged(struct timeline *t, int segment, int connection, int end)
{
	struct segment *s = &t->segments[segment];
	struct connection *c = &t->connections[connection];

	s->connection = connection;
	s->end = end;
	if (s->packet->kind == PACKET_ICMP) { /* its numbers are those that it quotes */
		number(s, c, s->packet->quoted);
		return;
	}
	learn_forged(c, connection, end, s->packet);
	number_all(s, c);
}

uint32_t wire_seq(const struct timeline *t, int c, int e, bool first, int64_t number)
{
	const struct connection *connection = &t->connections[c];

	if (connection->end[e].has_isn)
		return connection->end[e].isn + (uint32_t)number;
	return (first ? own_isn(c, e) : 0) + (uint32_t)number;
}

uint32_t wire_time(const struct timeline *t, int c, int e, bool first, int64_t number)
{
	const struct connection *connection = &t->connections[c];

	if (connection->end[e].has_ts)
		return connection->end[e].ts_first + (uint32_t)number;
	return (first ? OWN_TIME : 0) + (uint32_t)number;
}

int64_t wire_window(const struct timeline *t, int c, int e, bool syn, int64_t bytes)
{
	const struct connection *connection = &t->connections[c];

	if (!syn && connection->end[0].has_wscale && connection->end[1].has_wscale)
		bytes >>= connection->end[e].wscale;
	return bytes;
}

/* An error belongs to the connection of the segment that it quotes, if that was seen. */
static void connect_icmp(struct timeline *t, struct segment *s)
{
	const struct packet *quoted = s->packet->quoted;

	if (!quoted)
		return;
	for (int i = s->id - 1; i >= 0 && s->connection == NONE; i--) {
		if (packet_quoted(quoted, t->segments[i].packet))
			s->connection = t->segments[i].connection;
	}
	if (s->connection == NONE)
		s->connection =
		    quoted->kind == PACKET_TCP ? incarnation(t, quoted) : flow_find(t, quoted);
	if (s->connection == NONE)
		return;
	if (quoted->kind != PACKET_TCP) {
		s->end = 0;
		return;
	}
	s->end = sender_end(&t->connections[s->connection], quoted);
	number(s, &t->connections[s->connection], quoted);
}

void segment_connect(struct timeline *t, int segment)
{
	struct segment *s = &t->segments[segment];

	if (s->packet->kind == PACKET_TCP)
		connect_tcp(t, s);
	else if (s->packet->kind == PACKET_ICMP)
		connect_icmp(t, s);
	else if (s->packet->kind == PACKET_UDP || s->packet->kind == PACKET_ECHO)
		flow_connect(t, s);
}

int connection_end(const struct connection *c, enum host host)
{
	for (int e = 0; e < 2; e++) {
		if (c->end[e].host == host && host != HOST_NONE)
			return e;
	}
	return NONE;
}
