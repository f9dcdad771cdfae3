/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reading of a socket shows its state and its timer. If one of them is new, it is told at the
 * last packet of that connection before the reading, on the link of the host whose socket it is.
 */
#include <string.h>

#include "harness/story/story_parts.h"
#include "harness/timeline/notation.h"

/* What was seen last of a host's socket. */
struct known {
	enum host host;
	const char *name;
	struct socket_state socket;
};

struct after {
	struct telling *s;
	int (*last)[LAB_HOSTS]; /* of each connection, at each host: the last packet; -1: none */
	struct known *known;
	size_t known_count;
};

static bool is_name(const struct connection *c, const char *name)
{
	for (int i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return false;
}

/* The newest connection of that name that has packets at this host. */
static int last_packet(const struct after *a, enum host host, const char *name)
{
	for (size_t i = a->s->t->connection_count; i-- > 0;)
		if (a->last[i][host] != NONE && is_name(&a->s->t->connections[i], name))
			return a->last[i][host];
	return NONE;
}

static struct known *known_of(struct after *a, const struct event *e, bool *is_first)
{
	struct known *k;

	for (size_t i = 0; i < a->known_count; i++)
		if (a->known[i].host == e->host && strcmp(a->known[i].name, e->descriptor) == 0) {
			*is_first = false;
			return &a->known[i];
		}
	k = arena_push(a->s->a, a->known, a->known_count);
	*k = (struct known){.host = e->host, .name = e->descriptor};
	*is_first = true;
	return k;
}

static bool same(const struct socket_state *a, const struct socket_state *b)
{
	return a->found == b->found &&
	       (!a->found || (a->state == b->state && a->timer == b->timer &&
			      (a->timer == SS_TIMER_NONE || a->timer_count == b->timer_count)));
}

static void read_socket(struct after *a, int event)
{
	const struct event *e = &a->s->t->events[event];
	bool is_first;
	struct known *k = known_of(a, e, &is_first);

	if (is_first || !same(&k->socket, &e->socket))
		story_note(a->s, last_packet(a, e->host, e->descriptor),
			   (struct note){NOTE_AFTER, event, e->line,
					 arena_printf(a->s->a, "%s: %s, seen after this packet",
						      host_name(e->host),
						      event_bare_text(a->s->a, a->s->t, e))});
	k->socket = e->socket;
}

void story_after(struct telling *s)
{
	const struct timeline *t = s->t;
	struct after a = {
	    .s = s,
	    .last = arena_alloc(s->a, (t->connection_count + 1) * sizeof(*a.last)),
	};

	memset(a.last, 0xff, (t->connection_count + 1) * sizeof(*a.last)); /* NONE */
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];

		if (e->frame && e->host >= 0 && e->host < LAB_HOSTS &&
		    t->segments[e->segment].connection >= 0)
			a.last[t->segments[e->segment].connection][e->host] = (int)i;
		else if (e->kind == EVENT_READING && e->descriptor && !e->counter_count &&
			 !e->process)
			read_socket(&a, (int)i);
	}
}
