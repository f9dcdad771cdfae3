/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For an invented run (walk.h): events that are not written. One function for each kind, in a
 * table; the input's bytes select the event and its details.
 */
#ifndef FUZZ_STRAYS_H
#define FUZZ_STRAYS_H

#include <signal.h>

#include "harness/engine/cause.h"
#include "tests/fuzz/packets.h"

#define MOST_EVENTS 400

/* ---- other events ---- */

static inline enum host take_host(struct walk *w)
{
	return take_byte(&w->in) % 2 ? HOST_SERVER : HOST_CLIENT;
}

static inline void raw_packet(struct walk *w)
{
	static const uint16_t types[] = {ETHERTYPE_IP, ETHERTYPE_IPV6, ETHERTYPE_ARP, 0x1234};
	uint16_t type = types[take_byte(&w->in) % 4];
	enum host link = take_host(w);
	bool in = take_byte(&w->in) % 2;
	size_t size = take_byte(&w->in);
	const unsigned char *bytes = take_bytes(&w->in, w->arena, &size);

	sight(w, link, in, type, bytes, size);
}

/* Once more what was seen before, on that link, perhaps altered. */
static inline void known_packet(struct walk *w)
{
	enum host link = take_host(w);
	bool in = take_byte(&w->in) % 2;
	uint8_t which = take_byte(&w->in), at = take_byte(&w->in), bits = take_byte(&w->in);
	struct frame_bytes f = {0};
	struct packet *p;

	if (!w->t.segment_count)
		return;
	p = arena_new(w->arena, struct packet);
	*p = *w->t.segments[w->t.segment_count - 1 - which % w->t.segment_count].packet;
	f.packet = p;
	if (p->bytes && p->size) {
		f.ethertype = p->source.family == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
		f.size = p->size;
		f.bytes = memcpy(arena_alloc(w->arena, p->size), p->bytes, p->size);
		f.bytes[at % p->size] ^= bits;
	}
	show(w, &f, link, in);
}

static inline void victim(struct walk *w)
{
	uint8_t which = take_byte(&w->in), how = take_byte(&w->in);
	const struct packet *p;

	if (!w->t.segment_count)
		return;
	p = w->t.segments[w->t.segment_count - 1 - which % w->t.segment_count].packet;
	if (how & 0x10)
		timeline_taken(&w->t, p, w->now, (enum fate)(how % (FATE_CORRUPT + 1)), how >> 5,
			       -1);
	else
		timeline_victim(&w->t, p, w->now, (enum host)(how % LAB_HOSTS), how & 0x20, -1);
}

static inline void wait_long(struct walk *w)
{
	w->now += (ns_t)take_byte(&w->in) << (take_byte(&w->in) % 32);
}

static inline void settle(struct walk *w)
{
	timeline_settle(&w->t, w->now - (ns_t)take_byte(&w->in) * NS_PER_MS);
}

static inline void disturb(struct walk *w)
{
	timeline_event(&w->t, EVENT_DISTURBED, w->now, w->now)->note = "it was disturbed";
}

static inline void release(struct walk *w)
{
	let_go(w);
}

static inline const char *any_name(struct walk *w)
{
	const struct run_index *index = w->run->index;
	uint8_t which = take_byte(&w->in);

	return index && index->name_count ? index->names[which % index->name_count] : "zz";
}

/* An accept() or a dup() that nobody has written. */
static inline void accept_name(struct walk *w)
{
	enum host host = take_host(w);
	const char *name = any_name(w);
	struct ip peer =
	    host_ip(host == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT, w->run->facts.family);

	if (take_byte(&w->in) % 2)
		timeline_duplicated(&w->t, name, any_name(w));
	else
		timeline_accepted(&w->t, name, host, &peer, CLIENT_PORT + take_byte(&w->in) % 4);
}

static inline struct caller *caller_of(struct walk *w, enum host host, const char *part)
{
	struct caller *c;

	for (size_t i = w->caller_count; i-- > 0;)
		if (w->callers[i].host == host && same_name(w->callers[i].part, part))
			return &w->callers[i];
	c = arena_push(w->arena, w->callers, w->caller_count);
	*c = (struct caller){host, part, -1, -1};
	return c;
}

static inline void end_of(struct walk *w, enum host host, const char *part, int signal, int status)
{
	struct caller *c = caller_of(w, host, part);
	struct event *e;
	int cause;

	if (c->line >= 0)
		w->t.events[c->call].abandoned = true;
	c->line = -1;
	cause = cause_find(w->run, &w->t, w->j, signal, host, part, w->now);
	e = timeline_event(&w->t, EVENT_DEATH, w->now - ASIDE, w->now);
	e->host = host;
	e->part = part;
	e->signal = signal;
	e->status = status;
	cause_set(&w->t, e, cause);
}

static inline void handle(struct walk *w, enum host host, const char *part, int signal)
{
	struct event *e;
	int cause;

	cause = cause_find(w->run, &w->t, w->j, signal, host, part, w->now);
	e = timeline_event(&w->t, EVENT_SIGNAL, w->now, w->now);
	e->host = host;
	e->part = part;
	e->signal = signal;
	cause_set(&w->t, e, cause);
}

static inline void stray_signal(struct walk *w)
{
	static const int signals[] = {SIGUSR1, SIGPIPE, SIGCHLD, SIGKILL};
	const struct caller *c;
	uint8_t which = take_byte(&w->in);

	if (!w->caller_count)
		return;
	c = &w->callers[which % w->caller_count];
	if (take_byte(&w->in) % 2)
		end_of(w, c->host, c->part, which & 0x80 ? signals[which % 4] : 0, which % 3);
	else
		handle(w, c->host, c->part, signals[which / 4 % 4]);
}

static inline void come_back(struct walk *w, struct caller *c, const struct line *as);

static inline void stray_return(struct walk *w)
{
	for (size_t i = 0; i < w->caller_count; i++)
		if (w->callers[i].line >= 0)
			come_back(w, &w->callers[i], &w->run->lines[w->callers[i].line]);
}

/* Beyond these, the expected event is left out. */
static void (*const strays[])(struct walk *) = {
    NULL,    raw_packet, known_packet, victim,	     wait_long,	   settle,
    disturb, release,	 accept_name,  stray_signal, stray_return,
};
#define STRAYS	  (sizeof(strays) / sizeof(*strays))
#define LEAVE_OUT 31

/* Whether the expected event comes, after all events before it. */
static inline bool comes(struct walk *w)
{
	for (;;) {
		uint8_t what = take_byte(&w->in) % 32;

		if (!what || w->t.event_count > MOST_EVENTS)
			return w->t.event_count <= MOST_EVENTS;
		if (what == LEAVE_OUT)
			return false;
		if (what >= STRAYS)
			return true;
		strays[what](w);
		w->ask(w);
	}
}

#endif
