/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For an invented run (walk.h): its packets. Each is made from a line; fields that the line leaves
 * open have the values that a host would plausibly use. It is made as bytes, if there is an encoder
 * for it, so that the decoder is tested, too. The time line gets it as from the capture and the
 * fault logs.
 */
#ifndef FUZZ_PACKETS_H
#define FUZZ_PACKETS_H

#include <net/ethernet.h>

#include "harness/calls/calls.h"
#include "harness/capture/capture_internal.h"
#include "harness/packet/encode.h"
#include "harness/packet/icmp.h"
#include "harness/timeline/timeline_parts.h"
#include "tests/fuzz/fuzz.h"

#define LARGEST	     4000 /* bytes of data */
#define ASIDE	     (20 * NS_PER_US)
#define CLIENT_PORT  40000
#define SERVER_PORT  8080
#define FIRST_NUMBER 1000 /* of a direction, as on the wire */

/* A thread that makes calls. */
struct caller {
	enum host host;
	const char *part;
	int line, call; /* the call that it is in: of which line, which event; -1: none */
};

/* Where a descriptor has been connected to. */
struct target {
	const char *name;
	struct packet between; /* addresses and ports */
};

struct walk {
	struct arena *arena;
	const struct run *run;
	struct timeline t;
	struct capture capture;
	struct input in;
	ns_t now;
	size_t done;
	bool stranger; /* an actor has said what no actor would */
	struct caller *callers;
	size_t caller_count;
	struct target *targets;
	size_t target_count;
	const struct judgement *j; /* the newest */
	void (*ask)(struct walk *);
	void (*forget)(struct walk *); /* an event has come to stand before others */
	void *context;
};

/* ---- numbers that are written ---- */

static inline int64_t written(const struct walk *w, const struct value *v, int64_t otherwise)
{
	int64_t number;

	if (v && (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST))
		v = v->left;
	return v && judge_value(w->j, v, &number) ? number : otherwise;
}

static inline bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* ---- packets ---- */

static inline void sight(struct walk *w, enum host link, bool in, uint16_t ethertype,
			 const unsigned char *bytes, size_t size)
{
	const struct sighting seen = {
	    .ifindex = (int)link + 1,
	    .outgoing = !in,
	    .ethertype = ethertype,
	    .stamp = w->now,
	    .bytes = bytes,
	    .captured = (uint32_t)size,
	    .length = (uint32_t)size,
	};

	capture_keep(&w->capture, &w->t, &seen);
	w->now += ASIDE;
}

/* The packet as seen: bytes or, if the encoder cannot make them, the decoded fields. */
struct frame_bytes {
	struct packet *packet;
	uint16_t ethertype;
	unsigned char *bytes; /* NULL: there are none */
	size_t size;
};

static inline struct frame_bytes framed(struct walk *w, const struct packet *p)
{
	struct frame_bytes f = {
	    .ethertype = p->source.family == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP,
	};

	if (p->kind == PACKET_TCP)
		f.bytes = packet_encode(w->arena, p, &f.size);
	if (f.bytes) {
		f.packet = packet_decode(w->arena, f.ethertype, f.bytes, f.size);
		return f;
	}
	f.packet = arena_new(w->arena, struct packet);
	*f.packet = *p;
	return f;
}

static inline void show(struct walk *w, const struct frame_bytes *f, enum host link, bool in)
{
	if (link != HOST_CLIENT && link != HOST_SERVER)
		return;
	if (f->bytes) {
		sight(w, link, in, f->ethertype, f->bytes, f->size);
		return;
	}
	timeline_packet(&w->t, f->packet, w->now, link, in);
	w->now += ASIDE;
}

static inline enum host link_of(enum host h)
{
	return h == HOST_CLIENT || h == HOST_NOBODY || h == HOST_BROADCAST ? HOST_CLIENT
									   : HOST_SERVER;
}

/* It leaves `from`, and this is its fate. */
static inline void cross(struct walk *w, const struct packet *p, enum host from, enum fate fate,
			 enum host at)
{
	const struct frame_bytes f = framed(w, p);
	enum host to = host_of_ip(&f.packet->target), link = link_of(to);
	bool eaten = fate == FATE_LOST || fate == FATE_REJECTED;

	if (eaten && at == from && from != HOST_ROUTER) {
		timeline_victim(&w->t, f.packet, w->now, from, fate == FATE_REJECTED, -1);
		return;
	}
	if (from != HOST_ROUTER)
		show(w, &f, from, true);
	if (eaten && at == HOST_ROUTER)
		timeline_victim(&w->t, f.packet, w->now, at, fate == FATE_REJECTED, -1);
	else if (fate == FATE_HELD || fate == FATE_CORRUPT || fate == FATE_TWICE)
		timeline_taken(&w->t, f.packet, w->now, fate, 1, -1);
	if (fate == FATE_HELD || (eaten && at == HOST_ROUTER) || to == HOST_ROUTER ||
	    to == HOST_BROADCAST || to == HOST_GHOST || f.packet->kind == PACKET_ARP)
		return;
	if (fate == FATE_CORRUPT && w->t.segment_count)
		timeline_release(&w->t, (int)w->t.segment_count - 1);
	show(w, &f, link, false);
	if (fate == FATE_TWICE && w->t.segment_count) {
		timeline_release(&w->t, (int)w->t.segment_count - 1);
		show(w, &f, link, false);
	}
	if (eaten && at == link)
		timeline_victim(&w->t, f.packet, w->now, at, fate == FATE_REJECTED, -1);
}

/* All that the router has held leaves it. */
static inline void let_go(struct walk *w)
{
	size_t count = w->t.segment_count;

	for (size_t i = 0; i < count; i++) {
		const struct segment *s = &w->t.segments[i];
		struct frame_bytes f = {.packet = (struct packet *)s->packet};

		if (!s->held || s->arrived_order)
			continue;
		timeline_release(&w->t, (int)i);
		show(w, &f, link_of(s->to), false);
	}
}

/* ---- whose a packet is ---- */

static inline const struct target *target_of(const struct walk *w, const char *name)
{
	for (size_t i = w->target_count; i-- > 0;)
		if (same_name(w->targets[i].name, name))
			return &w->targets[i];
	return w->target_count ? &w->targets[w->target_count - 1] : NULL;
}

/* Addresses and ports; the connection, if there is one, and which end of it sends. */
static inline void address(struct walk *w, struct packet *p, const char *name, enum host from,
			   int *c, int *end)
{
	int family = w->run->facts.family;
	const struct target *known = target_of(w, name);

	*c = name ? timeline_find(&w->t, name) : -1;
	*end = *c < 0 ? -1 : connection_end(&w->t.connections[*c], from);
	p->source = from == HOST_ROUTER ? router_ip(HOST_CLIENT, family) : host_ip(from, family);
	p->target = host_ip(from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT, family);
	p->source_port = from == HOST_CLIENT ? CLIENT_PORT : SERVER_PORT;
	p->target_port = from == HOST_CLIENT ? SERVER_PORT : CLIENT_PORT;
	if (*end >= 0) {
		const struct connection *is = &w->t.connections[*c];

		p->source = is->end[*end].ip;
		p->source_port = is->end[*end].port;
		if (is->kind == PACKET_TCP) {
			p->target = is->end[!*end].ip;
			p->target_port = is->end[!*end].port;
		}
	} else if (known && host_of_ip(&known->between.source) == from) {
		p->source = known->between.source;
		p->source_port = known->between.source_port;
		p->target = known->between.target;
		p->target_port = known->between.target_port;
	} else if (known && host_of_ip(&known->between.target) == from) {
		p->source = known->between.target;
		p->source_port = known->between.target_port;
		p->target = known->between.source;
		p->target_port = known->between.source_port;
	}
}

static inline void direct(struct walk *w, struct packet *p, const struct segment_pattern *s)
{
	if (!s->has_to || !s->to.host)
		return;
	p->target = named_ip(s->to.host, w->run->facts.family);
	p->target_port = (uint16_t)written(w, s->to.port, p->target_port);
}

static inline void fill_options(struct walk *w, struct packet *p, const struct segment_pattern *s,
				int c, int end)
{
	struct tcp_options *o = &p->options;

	for (size_t i = 0; i < s->option_count; i++) {
		const struct option_pattern *from = &s->options[i];
		int64_t number[8] = {0};

		for (size_t k = 0; k < from->value_count; k++)
			number[k] = written(w, from->values[k], 1);
		if (from->absent)
			continue;
		if (from->kind == OPTION_MSS)
			o->has_mss = true, o->mss = (uint16_t)number[0];
		else if (from->kind == OPTION_WSCALE)
			o->has_wscale = true, o->wscale = (uint8_t)number[0];
		else if (from->kind == OPTION_SACK_OK)
			o->sack_ok = true;
		else if (from->kind == OPTION_TS)
			o->has_ts = true, o->ts_value = FIRST_NUMBER + (uint32_t)number[0];
		else if (from->kind == OPTION_TFO)
			o->has_tfo = true;
		else if (from->kind == OPTION_SACK)
			for (size_t k = 0; k + 1 < from->value_count && k < 8; k += 2) {
				uint32_t base =
				    c >= 0 && end >= 0 ? wire_seq(&w->t, c, !end, false, 0) : 0;

				o->sack[k / 2][0] = base + (uint32_t)number[k];
				o->sack[k / 2][1] = base + (uint32_t)number[k + 1];
				o->sack_count = (uint8_t)(k / 2 + 1);
			}
	}
}

static inline void fill_tcp(struct walk *w, struct packet *p, const struct segment_pattern *s,
			    int c, int end)
{
	bool known = c >= 0 && end >= 0 && w->t.connections[c].kind == PACKET_TCP;
	int64_t length = written(w, s->length, (int64_t)s->payload_length);
	int64_t seq = written(w, s->seq, known ? direction_next(&w->t, c, end) : 0);
	int64_t ack = written(w, s->ack, known ? direction_next(&w->t, c, !end) : 0);
	bool syn = s->flags & FLAG_SYN;

	p->kind = PACKET_TCP;
	p->ttl = 64;
	for (int i = 0; i < IP_FIELDS; i++)
		if (s->ip[i])
			ip_field_set(p, (enum ip_field)i,
				     (uint32_t)written(w, s->ip[i], 0) & ip_field_rows[i].most);
	p->flags = s->flags;
	if (s->kind == SEGMENT_DATA)
		p->flags = FLAG_ACK | FLAG_PSH;
	p->seq = known ? wire_seq(&w->t, c, end, syn, seq) : (uint32_t)(FIRST_NUMBER + seq);
	if (p->flags & FLAG_ACK)
		p->ack =
		    known ? wire_seq(&w->t, c, !end, false, ack) : (uint32_t)(FIRST_NUMBER + ack);
	p->window = (uint16_t)(known ? wire_window(&w->t, c, end, syn, written(w, s->window, 65535))
				     : written(w, s->window, 65535));
	p->urgent = (uint16_t)written(w, s->urgent, 0);
	p->length = length < 0 || length > LARGEST ? LARGEST : (uint32_t)length;
	p->data = (const unsigned char *)text_pattern(w->arena, p->length);
	if (s->has_payload && s->payload_length == p->length)
		p->data = (const unsigned char *)s->payload;
	fill_options(w, p, s, c, end);
}

/* The last packet from the host that gets the error. */
static inline struct packet *quote(struct walk *w, enum host of)
{
	for (size_t i = w->t.segment_count; i-- > 0;)
		if (w->t.segments[i].from == of)
			return (struct packet *)w->t.segments[i].packet;
	return NULL;
}

static inline void fill_icmp(struct walk *w, struct packet *p, const struct segment_pattern *s,
			     int c, enum host from)
{
	const struct icmp_row *row = s->word ? icmp_find(s->word) : NULL;
	enum host to = from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT;

	p->kind = PACKET_ICMP;
	p->icmp_word = s->word;
	p->icmp = s->icmp;
	if (s->icmp && s->icmp->is_numbered) {
		p->icmp_type = (uint8_t)s->icmp->v4_type;
		p->icmp_code = (uint8_t)s->icmp->v4_code;
		p->icmp = icmp_of(w->run->facts.family, p->icmp_type, p->icmp_code);
	}
	p->icmp_mtu = (uint32_t)written(w, s->mtu, 0);
	if (row && row->is_echo) {
		p->kind = PACKET_ECHO;
		p->echo_id = (uint16_t)(1 + c);
		p->length = (uint32_t)written(w, s->length, 0) % (LARGEST + 1);
		direct(w, p, s);
		return;
	}
	if (s->has_to && s->to.host)
		to = address_host(s->to.host);
	p->quoted = quote(w, to);
	if (from == HOST_ROUTER)
		p->target = host_ip(to, w->run->facts.family);
}

static inline void fill_udp(struct walk *w, struct packet *p, const struct segment_pattern *s)
{
	p->kind = PACKET_UDP;
	p->length = (uint32_t)written(w, s->length, (int64_t)s->payload_length) % (LARGEST + 1);
	p->data = (const unsigned char *)text_pattern(w->arena, p->length);
	if (s->has_payload && s->payload_length == p->length)
		p->data = (const unsigned char *)s->payload;
	direct(w, p, s);
}

static inline struct packet made_from(struct walk *w, const struct segment_pattern *s,
				      const char *name, enum host from)
{
	struct packet p = {0};
	int c, end;

	address(w, &p, name, from, &c, &end);
	if (s->kind == SEGMENT_TCP || s->kind == SEGMENT_DATA) {
		fill_tcp(w, &p, s, c, end);
	} else if (s->kind == SEGMENT_ICMP) {
		fill_icmp(w, &p, s, c, from);
	} else if (s->kind == SEGMENT_UDP) {
		fill_udp(w, &p, s);
	} else {
		p.kind = PACKET_ARP;
		direct(w, &p, s);
	}
	return p;
}

#endif
