/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows: which socket a datagram belongs to.
 *
 * UDP has no connections, and one socket may send to many, so a datagram belongs to the socket that
 * sent it. On the wire that is the sender's address and port. Its name is the descriptor of the
 * newest sending call before the kernel stamped the datagram, because the engine makes one call
 * after the other and a datagram leaves within the call. So it does not matter how a socket got its
 * port, and a port that another socket takes over begins another flow.
 *
 * In the same way an echo request belongs to the socket that sent it, with its identifier instead
 * of a port. The other kernel itself sends the reply: it belongs to the flow of the request.
 */
#include <string.h>

#include "harness/packet/icmp.h"
#include "harness/timeline/timeline_parts.h"

static bool is_reply(const struct packet *p)
{
	return p->kind == PACKET_ECHO && p->icmp && p->icmp->is_reply;
}

/* The address and the port (or identifier) of its socket. */
static const struct ip *flow_ip(const struct packet *p)
{
	return is_reply(p) ? &p->target : &p->source;
}

static uint16_t flow_port(const struct packet *p)
{
	return p->kind == PACKET_ECHO ? p->echo_id : p->source_port;
}

static bool is_named(const struct connection *c, const char *name)
{
	for (int i = 0; i < c->name_count; i++) {
		if (name && strcmp(c->names[i], name) == 0)
			return true;
	}
	return !name && !c->name_count;
}

/* The newest flow of that socket; with `name`, only one of that name. */
static int find(const struct timeline *t, const struct packet *p, bool by_name, const char *name)
{
	for (size_t i = t->connection_count; i-- > 0;) {
		const struct connection *c = &t->connections[i];

		if (c->kind == p->kind && c->end[0].port == flow_port(p) &&
		    ip_equal(&c->end[0].ip, flow_ip(p)) && (!by_name || is_named(c, name)))
			return (int)i;
	}
	return NONE;
}

int flow_find(const struct timeline *t, const struct packet *p)
{
	return find(t, p, false, NULL);
}

static int begin(struct timeline *t, const struct packet *p, const char *name)
{
	struct connection *c = arena_push(t->arena, t->connections, t->connection_count);

	c->kind = p->kind;
	c->end[0].ip = *flow_ip(p);
	c->end[0].host = host_of_ip(&c->end[0].ip);
	c->end[0].port = flow_port(p);
	c->end[1].host = HOST_NONE;
	if (name)
		name_add_to(t, c, name);
	return (int)t->connection_count - 1;
}

void flow_connect(struct timeline *t, struct segment *s)
{
	const struct packet *p = s->packet;
	const char *name;

	s->end = is_reply(p);
	if (is_reply(p)) {
		s->connection = flow_find(t, p);
		return;
	}
	name = name_sender(t, s->from, s->sent);
	s->connection = find(t, p, true, name);
	if (s->connection == NONE)
		s->connection = begin(t, p, name);
}
