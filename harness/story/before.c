/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host has done is told at the first packet that its link shows afterwards, whether it comes
 * from the host or to it: so each deed is told once, and a packet has what is new. A call that goes
 * on while packets come and go is told twice: with the first packet after it was entered, with the
 * result that it will have, and with the first one after its return.
 */
#include <string.h>

#include "harness/base/text.h"
#include "harness/story/story_parts.h"
#include "harness/timeline/notation.h"

#define MOST_TOLD 6 /* deeds with one packet: the last ones */

/* What has not been told yet of a host. */
struct deeds {
	int *events;
	size_t count;
};

struct before {
	struct telling *s;
	int *partner;  /* of a CALL its RETURN, and the other way round; -1: none */
	bool *is_told; /* of a CALL */
	struct deeds of[LAB_HOSTS];
};

static bool same_actor(const struct event *a, const struct event *b)
{
	return a->host == b->host && a->program == b->program && text_same(a->part, b->part);
}

/* An actor makes one call after the other. */
static void find_partners(struct before *b)
{
	const struct timeline *t = b->s->t;
	int *open = arena_alloc(b->s->a, (t->event_count + 1) * sizeof(*open));
	size_t count = 0;

	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		size_t k = 0;

		b->partner[i] = NONE;
		if (e->kind != EVENT_CALL && e->kind != EVENT_RETURN)
			continue;
		while (k < count && !same_actor(&t->events[open[k]], e))
			k++;
		if (e->kind == EVENT_CALL) {
			count += k == count;
			open[k] = (int)i;
		} else if (k < count) {
			b->partner[i] = open[k];
			b->partner[open[k]] = (int)i;
			open[k] = open[--count];
		}
	}
}

/* "client.t2  accept(l) = d" as "client.t2: accept(l) = d" */
static const char *deed_text(const struct before *b, const struct event *e)
{
	struct event plain = *e;
	const char *text, *gap;

	plain.blocked = false;
	if (e->kind == EVENT_RETURN)
		plain.note = NULL;
	text = event_text(b->s->a, b->s->t, &plain);
	gap = strstr(text, "  ");
	return gap ? arena_printf(b->s->a, "%.*s: %s", (int)(gap - text), text, gap + 2) : text;
}

/* It is over, as far as this packet is concerned. */
static bool is_over(const struct before *b, int call, int packet)
{
	const struct timeline *t = b->s->t;
	int end = b->partner[call];

	return end != NONE && end < packet && t->events[end].to <= t->events[packet].from;
}

static const char *call_text(struct before *b, int call, int packet)
{
	const struct timeline *t = b->s->t;
	int end = b->partner[call];

	if (is_over(b, call, packet)) /* its return tells it */
		return NULL;
	b->is_told[call] = true;
	if (end == NONE)
		return arena_printf(b->s->a, "%s, entered before this packet; it does not return",
				    deed_text(b, &t->events[call]));
	return arena_printf(b->s->a, "%s, entered before this packet",
			    deed_text(b, &t->events[end]));
}

static const char *text_of(struct before *b, int deed, int packet)
{
	const struct event *e = &b->s->t->events[deed];
	int call = b->partner[deed];

	if (e->kind == EVENT_CALL)
		return call_text(b, deed, packet);
	if (e->kind == EVENT_RETURN && call != NONE && b->is_told[call])
		return arena_printf(b->s->a, "%s, returned before this packet", deed_text(b, e));
	return deed_text(b, e);
}

static bool is_deed(const struct event *e)
{
	return e->kind == EVENT_CALL || e->kind == EVENT_RETURN || e->kind == EVENT_SIGNAL ||
	       e->kind == EVENT_DEATH || e->kind == EVENT_ACTION;
}

static enum host host_of(const struct telling *s, const struct event *e)
{
	return e->kind == EVENT_ACTION && e->line >= 0 ? s->run->lines[e->line].actor.id : e->host;
}

/* A call that was told as entered, and of whose return nothing can be told yet, waits. */
static bool must_wait(const struct before *b, int deed, int packet)
{
	return b->s->t->events[deed].kind == EVENT_RETURN && b->partner[deed] != NONE &&
	       !is_over(b, b->partner[deed], packet);
}

static void tell(struct before *b, struct deeds *deeds, int packet)
{
	struct note *told = arena_alloc(b->s->a, (deeds->count + 1) * sizeof(*told));
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < deeds->count; i++) {
		int deed = deeds->events[i];
		const char *text;

		if (must_wait(b, deed, packet)) {
			deeds->events[kept++] = deed;
			continue;
		}
		text = text_of(b, deed, packet);
		if (text)
			told[count++] =
			    (struct note){NOTE_BEFORE, deed, b->s->t->events[deed].line, text};
	}
	deeds->count = kept;
	if (count > MOST_TOLD)
		story_note(b->s, packet,
			   (struct note){NOTE_BEFORE, NONE, NONE,
					 arena_printf(b->s->a, "%s: %zu more before that",
						      host_name(b->s->t->events[packet].host),
						      count - MOST_TOLD)});
	for (size_t i = count > MOST_TOLD ? count - MOST_TOLD : 0; i < count; i++)
		story_note(b->s, packet, told[i]);
}

void story_before(struct telling *s)
{
	const struct timeline *t = s->t;
	struct before b = {
	    .s = s,
	    .partner = arena_alloc(s->a, (t->event_count + 1) * sizeof(*b.partner)),
	    .is_told = arena_alloc(s->a, (t->event_count + 1) * sizeof(*b.is_told)),
	};

	find_partners(&b);
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		enum host host = is_deed(e) ? host_of(s, e) : e->host;

		if (host != HOST_CLIENT && host != HOST_SERVER)
			continue;
		if (is_deed(e))
			*arena_push(s->a, b.of[host].events, b.of[host].count) = (int)i;
		else if (e->frame && b.of[host].count &&
			 !(e->kind == EVENT_SENT && t->segments[e->segment].forged))
			tell(&b, &b.of[host], (int)i);
	}
}
