/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forging: from a forge line to a segment on the link to its host.
 *
 * What the line says is taken; relative numbers become those on the wire. The rest is filled in as
 * the host that seems to send it would plausibly do: the next sequence number in its direction, an
 * acknowledgement of all that the other direction has sent, its newest window and time stamps. The
 * segment is put on the time line before it leaves, so that it is known when the capture shows it.
 */
#include <errno.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/engine/forge.h"
#include "harness/packet/encode.h"

/* Ports of forged connections: below those that a kernel picks by itself (32768 and up). */
#define FIRST_PORT 20000
#define PORTS	   10000

int64_t forge_number(const struct forge *f, const struct value *v, int64_t otherwise)
{
	int64_t number;

	return v && judge_value(&f->e->judgement, v, &number) ? number : otherwise;
}

const struct connection *forge_connection(const struct forge *f)
{
	return &f->e->timeline->connections[f->connection];
}

/* ---- whose it is ---- */

static void begin_connection(struct forge *f)
{
	struct timeline *t = f->e->timeline;
	int family = f->e->run->facts.family;
	const struct address *to = &f->line->segment.to;
	struct ip from_ip = row_ip(f->line->forged.address, family);
	struct ip to_ip = row_ip(to->row, family);

	f->end = 0;
	f->connection = timeline_begin(t, f->line->connection, &from_ip,
				       (uint16_t)(FIRST_PORT + t->connection_count % PORTS), &to_ip,
				       (uint16_t)forge_number(f, to->port, 0));
}

bool forge_find(struct forge *f, enum host of)
{
	struct engine *e = f->e;
	const char *name = f->line->connection;
	ns_t until = now() + e->options->timeout;

	while ((f->connection = timeline_find(e->timeline, name)) < 0) {
		if (now() >= until)
			return broken_at(e, f->line,
					 "no packet of connection '%s' has been seen, so "
					 "none can be forged",
					 name);
		if (!watch(e, until))
			return false;
	}
	f->end = connection_end(forge_connection(f), of);
	if (f->end >= 0)
		return true;
	return broken_at(e, f->line,
			 "'%s' is a connection between %s and %s; %s is not one of its ends", name,
			 host_name(forge_connection(f)->end[0].host),
			 host_name(forge_connection(f)->end[1].host), host_name(of));
}

/* ---- what it says ---- */

void forge_ip_fields(struct forge *f)
{
	const struct segment_pattern *s = &f->line->segment;

	for (int i = 0; i < IP_FIELDS; i++)
		if (s->ip[i])
			ip_field_set(&f->packet, (enum ip_field)i,
				     (uint32_t)forge_number(f, s->ip[i], 0));
}

static void set_addresses(struct forge *f)
{
	const struct connection *c = forge_connection(f);
	struct packet *p = &f->packet;

	p->kind = PACKET_TCP;
	p->ttl = FORGED_TTL;
	p->source = c->end[f->end].ip;
	p->source_port = c->end[f->end].port;
	p->target = c->end[!f->end].ip;
	p->target_port = c->end[!f->end].port;
}

static void set_numbers(struct forge *f)
{
	const struct timeline *t = f->e->timeline;
	const struct segment_pattern *s = &f->line->segment;
	struct packet *p = &f->packet;
	int c = f->connection, e = f->end;

	bool syn = s->flags & FLAG_SYN;

	p->flags = s->flags;
	p->seq = wire_seq(t, c, e, syn, forge_number(f, s->seq, syn ? 0 : direction_next(t, c, e)));
	if (s->flags & FLAG_ACK)
		p->ack =
		    wire_seq(t, c, !e, false, forge_number(f, s->ack, direction_next(t, c, !e)));
	p->urgent = (uint16_t)forge_number(f, s->urgent, 0);
}

static bool set_window(struct forge *f)
{
	const struct timeline *t = f->e->timeline;
	const struct segment_pattern *s = &f->line->segment;
	const struct segment *newest = direction_newest(t, f->connection, f->end);
	int64_t bytes = forge_number(f, s->window, newest ? newest->window : FORGED_WINDOW);
	int64_t window = wire_window(t, f->connection, f->end, s->flags & FLAG_SYN, bytes);

	if (!s->window && window > UINT16_MAX) /* a SYN's is not scaled */
		window = UINT16_MAX;
	if (window < 0 || window > UINT16_MAX)
		return broken_at(f->e, f->line,
				 "a window of %lld bytes does not fit: this direction has no "
				 "such window scale",
				 (long long)bytes);
	f->packet.window = (uint16_t)window;
	return true;
}

static void set_timestamp(struct forge *f, const struct option_pattern *o)
{
	const struct timeline *t = f->e->timeline;
	const struct segment *mine = direction_newest(t, f->connection, f->end);
	const struct segment *other = direction_newest(t, f->connection, !f->end);
	struct tcp_options *to = &f->packet.options;
	int64_t value = mine && mine->packet->options.has_ts ? mine->ts_value : 0;

	to->has_ts = true;
	to->ts_value = wire_time(t, f->connection, f->end, true,
				 o->value_count > 0 ? forge_number(f, o->values[0], 0) : value);
	if (o->value_count > 1 && !(f->packet.flags & FLAG_ACK))
		to->ts_echo = (uint32_t)forge_number(f, o->values[1],
						     0); /* it has no meaning: leave it as it is */
	else if (o->value_count > 1)
		to->ts_echo =
		    wire_time(t, f->connection, !f->end, false, forge_number(f, o->values[1], 0));
	else if (other && other->packet->options.has_ts)
		to->ts_echo = other->packet->options.ts_value;
}

static void set_mss(struct forge *f, const struct option_pattern *o)
{
	f->packet.options.has_mss = true;
	f->packet.options.mss = (uint16_t)forge_number(f, o->values[0], 0);
}

static void set_wscale(struct forge *f, const struct option_pattern *o)
{
	f->packet.options.has_wscale = true;
	f->packet.options.wscale = (uint8_t)forge_number(f, o->values[0], 0);
}

static void set_sack_ok(struct forge *f, const struct option_pattern *o)
{
	(void)o;
	f->packet.options.sack_ok = true;
}

static void set_sack(struct forge *f, const struct option_pattern *o)
{
	struct tcp_options *to = &f->packet.options;

	for (size_t i = 0; i < o->value_count && i < 2 * MAX_SACK_BLOCKS; i++)
		to->sack[i / 2][i % 2] = wire_seq(f->e->timeline, f->connection, !f->end, false,
						  forge_number(f, o->values[i], 0));
	to->sack_count = (uint8_t)(o->value_count / 2);
}

static void set_fast_open(struct forge *f, const struct option_pattern *o)
{
	(void)o;
	f->packet.options.has_tfo = true;
}

static void (*const option_table[OPTION_KINDS])(struct forge *, const struct option_pattern *) = {
    [OPTION_MSS] = set_mss,	 [OPTION_WSCALE] = set_wscale, [OPTION_SACK_OK] = set_sack_ok,
    [OPTION_TS] = set_timestamp, [OPTION_SACK] = set_sack,     [OPTION_TFO] = set_fast_open,
};

static void set_options(struct forge *f)
{
	const struct segment_pattern *s = &f->line->segment;

	for (size_t i = 0; i < s->option_count; i++)
		option_table[s->options[i].kind](f, &s->options[i]);
}

static void set_data(struct forge *f)
{
	const struct segment_pattern *s = &f->line->segment;
	struct packet *p = &f->packet;
	int64_t length = forge_number(f, s->length, (int64_t)s->payload_length);

	/* A sum with a $name can have any result. */
	p->length = length < 0 || length > PACKET_MAX ? PACKET_MAX : (uint32_t)length;
	p->data = (const unsigned char *)text_pattern(f->e->arena, p->length);
	if (s->has_payload && s->payload_length == p->length)
		p->data = (const unsigned char *)s->payload;
}

/* ---- sending ---- */

bool forge_send(struct forge *f, size_t index)
{
	struct engine *e = f->e;
	enum host to = host_of_ip(&f->packet.target);
	struct forging forging = {.connection = f->connection, .end = f->end, .line = (int)index};
	uint16_t ethertype = f->packet.source.family == 6 ? 0x86dd : 0x0800;
	size_t size;
	unsigned char *bytes = packet_encode(e->arena, &f->packet, &size);

	if (!bytes)
		return broken_at(e, f->line, "this segment is too large for a packet");
	forging.packet = packet_decode(e->arena, ethertype, bytes, size);
	timeline_forging(e->timeline, &forging);
	if (!lab_inject(&e->lab, to, bytes, size))
		return broken_at(e, f->line, "%s", e->lab.error);
	return watch_now(e);
}

bool do_forge(struct engine *e, size_t index)
{
	struct forge f = {.e = e, .line = &e->run->lines[index]};

	if (f.line->segment.kind == SEGMENT_ICMP)
		return forge_error(&f, index);
	if (f.line->begins)
		begin_connection(&f);
	else if (!forge_find(&f, f.line->forged.address->host))
		return false;
	set_addresses(&f);
	forge_ip_fields(&f);
	set_numbers(&f);
	if (!set_window(&f))
		return false;
	set_options(&f);
	set_data(&f);
	return forge_send(&f, index);
}
