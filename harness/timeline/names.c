/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of connections.
 *
 * The engine reports a name before the SYN leaves (connect) or after the handshake is over
 * (accept), and the capture may be read later than both. So a name that finds no connection waits
 * for one.
 *
 * Not every connect() sends a SYN, so a name can wait in vain. It must not go to the SYN of a later
 * connect() to the same address: the engine makes one call after the other, so a SYN belongs to the
 * newest name that was reported before the kernel stamped it. For the same reason a datagram
 * belongs to the newest call that sends.
 */
#include <string.h>

#include "harness/timeline/timeline_parts.h"

void name_add_to(struct timeline *t, struct connection *c, const char *name)
{
	for (int i = 0; i < c->name_count; i++) {
		if (strcmp(c->names[i], name) == 0)
			return;
	}
	*arena_push(t->arena, c->names, c->name_count) = name;
}

static bool is_end(const struct connection *c, int end, const struct expectation *x)
{
	return c->end[end].host == x->host && c->end[!end].port == x->port &&
	       ip_equal(&c->end[!end].ip, &x->peer);
}

static void expect(struct timeline *t, const struct expectation *x)
{
	*arena_push(t->arena, t->expectations, t->expectation_count) = *x;
}

static void meet(struct timeline *t, size_t expectation, int c, int end)
{
	name_add_to(t, &t->connections[c], t->expectations[expectation].name);
	t->connections[c].end[end].named = true;
	for (t->expectation_count--; expectation < t->expectation_count; expectation++)
		t->expectations[expectation] = t->expectations[expectation + 1];
}

void name_connected(struct timeline *t, int c, int end, ns_t stamp)
{
	size_t oldest = t->expectation_count, best = t->expectation_count;

	for (size_t i = t->expectation_count; i-- > 0;) {
		const struct expectation *x = &t->expectations[i];

		if (x->accepted || !is_end(&t->connections[c], end, x))
			continue;
		oldest = i;
		if (best == t->expectation_count && x->since <= stamp)
			best = i;
	}
	/* If a clock was set back meanwhile, the first name is as good as any. */
	if (best == t->expectation_count)
		best = oldest;
	if (best < t->expectation_count)
		meet(t, best, c, end);
}

void name_accepted(struct timeline *t, int c)
{
	for (size_t i = 0; i < t->expectation_count; i++) {
		for (int e = 0; e < 2; e++) {
			if (t->expectations[i].accepted &&
			    is_end(&t->connections[c], e, &t->expectations[i])) {
				meet(t, i, c, e);
				return;
			}
		}
	}
}

/* A moment, cut like the stamp of a fault's report of a packet that leaves then. */
static ns_t cut(ns_t moment)
{
	return moment / NS_PER_US * NS_PER_US;
}

void timeline_connecting_since(struct timeline *t, const char *name, enum host host,
			       const struct ip *to, uint16_t port, ns_t since)
{
	expect(t, &(struct expectation){
		      .name = name, .host = host, .peer = *to, .port = port, .since = cut(since)});
}

void timeline_connecting(struct timeline *t, const char *name, enum host host, const struct ip *to,
			 uint16_t port)
{
	timeline_connecting_since(t, name, host, to, port, now());
}

void timeline_sending_since(struct timeline *t, const char *name, enum host host, ns_t since)
{
	*arena_push(t->arena, t->senders, t->sender_count) =
	    (struct sender){.name = name, .host = host, .since = cut(since)};
}

void timeline_sending(struct timeline *t, const char *name, enum host host)
{
	timeline_sending_since(t, name, host, now());
}

const char *name_sender(const struct timeline *t, enum host host, ns_t stamp)
{
	for (size_t i = t->sender_count; i-- > 0;) {
		if (t->senders[i].host == host && t->senders[i].since <= stamp)
			return t->senders[i].name;
	}
	return NULL;
}

void timeline_accepted(struct timeline *t, const char *name, enum host host, const struct ip *peer,
		       uint16_t port)
{
	struct expectation x = {
	    .name = name, .accepted = true, .host = host, .peer = *peer, .port = port};

	for (size_t i = t->connection_count; i-- > 0;) {
		struct connection *c = &t->connections[i];

		for (int e = 0; e < 2; e++) {
			if (is_end(c, e, &x) && !c->end[e].named) {
				name_add_to(t, c, name);
				c->end[e].named = true;
				return;
			}
		}
	}
	expect(t, &x);
}

void timeline_duplicated(struct timeline *t, const char *name, const char *of)
{
	int c = timeline_find(t, of);

	if (c != NONE)
		name_add_to(t, &t->connections[c], name);
}

int timeline_find(const struct timeline *t, const char *name)
{
	for (size_t i = t->connection_count; i-- > 0;) {
		const struct connection *c = &t->connections[i];

		for (int n = 0; n < c->name_count; n++) {
			if (strcmp(c->names[n], name) == 0)
				return (int)i;
		}
	}
	return NONE;
}

size_t timeline_told(const struct timeline *t, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < t->expectation_count; i++) {
		const struct expectation *x = &t->expectations[i];

		count += x->accepted && (!name || strcmp(x->name, name) == 0);
	}
	return count;
}

bool connection_is_unaccepted(const struct connection *c, enum host host)
{
	int end = c->kind == PACKET_TCP ? connection_end(c, host) : NONE;

	return end != NONE && !c->end[end].named && !(c->end[end].refused && !c->end[end].has_isn);
}
