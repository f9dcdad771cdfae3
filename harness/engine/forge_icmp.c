/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forging ICMP errors.
 *
 * An error quotes the headers of a segment that its target has sent. If the target has sent one
 * with the written flags and numbers, the newest such one is quoted as it was, with its options;
 * else one is made up, so that an attacker's wrong guess can be written.
 *
 * The kernel looks at what is quoted, not at who says it. But it drops an error, or only notes it,
 * while a process is within a call on the socket. So an error belongs below a call that has
 * returned or that sleeps, as forged packets always do.
 */
#include "harness/base/text.h"
#include "harness/engine/forge.h"
#include "harness/packet/encode.h"
#include "harness/packet/icmp.h"

static bool is_written(const struct forge *f, const struct value *v, int64_t seen)
{
	return forge_number(f, v, seen) == seen;
}

/* The newest segment of that end that has all that is written; NULL: there is none. */
static const struct segment *find_quoted(const struct forge *f)
{
	const struct timeline *t = f->e->timeline;
	const struct segment_pattern *s = &f->line->segment;

	for (size_t i = t->segment_count; i-- > 0;) {
		const struct segment *seen = &t->segments[i];
		const struct packet *p = seen->packet;

		if (seen->connection == f->connection && seen->end == f->end &&
		    p->kind == PACKET_TCP && p->flags == s->inner_flags &&
		    is_written(f, s->inner_seq, seen->seq) &&
		    is_written(f, s->inner_length, p->length))
			return seen;
	}
	return NULL;
}

static struct packet *make_quoted(const struct forge *f)
{
	const struct timeline *t = f->e->timeline;
	const struct segment_pattern *s = &f->line->segment;
	const struct connection *c = forge_connection(f);
	int e = f->end;
	bool syn = s->inner_flags & FLAG_SYN;
	struct packet *p = arena_new(f->e->arena, struct packet);
	int64_t length = forge_number(f, s->inner_length, 0);
	int64_t next = syn ? 0 : direction_next(t, f->connection, e);

	p->kind = PACKET_TCP;
	p->source = c->end[e].ip;
	p->source_port = c->end[e].port;
	p->target = c->end[!e].ip;
	p->target_port = c->end[!e].port;
	p->flags = s->inner_flags;
	p->seq = wire_seq(t, f->connection, e, syn, forge_number(f, s->inner_seq, next));
	if (p->flags & FLAG_ACK)
		p->ack =
		    wire_seq(t, f->connection, !e, false, direction_next(t, f->connection, !e));
	p->window = FORGED_WINDOW;
	/* A sum with a $name can have any result. */
	p->length = length < 0 || length > PACKET_MAX ? PACKET_MAX : (uint32_t)length;
	return p;
}

static struct packet *quoted(const struct forge *f)
{
	const struct segment *seen = find_quoted(f);
	struct packet *p = seen ? arena_new(f->e->arena, struct packet) : make_quoted(f);

	if (seen)
		*p = *seen->packet;
	p->ttl = FORGED_TTL;
	if (!p->data) /* it was not captured; only headers are quoted */
		p->data = (const unsigned char *)text_pattern(f->e->arena, p->length);
	return p;
}

bool forge_error(struct forge *f, size_t index)
{
	const struct segment_pattern *s = &f->line->segment;
	int family = f->e->run->facts.family, code = icmp_code(s->icmp, family);
	enum host to = s->to.row->host, from = f->line->forged.address->host;
	struct packet *p = &f->packet;

	if (!forge_find(f, to))
		return false;
	p->kind = PACKET_ICMP;
	p->ttl = FORGED_TTL + (from == HOST_ROUTER);
	p->source =
	    from == HOST_ROUTER ? router_ip(to, family) : row_ip(f->line->forged.address, family);
	p->target = forge_connection(f)->end[f->end].ip;
	p->icmp_type = (uint8_t)icmp_type(s->icmp, family);
	p->icmp_code = code < 0 ? 0 : (uint8_t)code;
	p->icmp_mtu = (uint32_t)forge_number(f, s->mtu, 0);
	p->quoted = quoted(f);
	forge_ip_fields(f);
	return forge_send(f, index);
}
