/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is settled: how a run that is still going on is judged without beginning again each time.
 *
 * When all lines that have been begun are met, and nothing is open, later events cannot alter how
 * they were met. So the judgement is kept as it is there, and the next one goes on from that place:
 * no part of the judge looks at a line, event or segment that is settled. Whatever could still turn
 * out differently is open: a fate that is not known, a call that sleeps, a packet that has met a
 * line further down or was passed over for the time being.
 *
 * The parts alter their state in place, and announce it before (will_alter), so that it can be
 * undone: each judgement begins at what is settled, not at what the last one left. The memory that
 * the last one has used is then free again. Otherwise a long wait, in which nothing is settled and
 * each judgement is about all that has come meanwhile, would keep all of these.
 *
 * The memory changes nothing in what is reported: as soon as something goes wrong, or one of the
 * parts needs what lies above, everything is judged from the beginning, by judge(). The same is
 * done if something comes that concerns what is settled. When a connection is new or gets a name,
 * lines above may be about it, so what is settled is judged once more with that knowledge. What the
 * router holds, delays or duplicates may come back at any time: such a run is never settled.
 *
 * That both answers are the same is tested with all scenarios and their mutants, after each event
 * (tests/mutants/compare.c).
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/script/script.h"

/* ---- taking back ---- */

struct undo {
	struct arena arena;
	struct alteration {
		void *what, *was;
		size_t size;
	} * list;
	size_t count;
};

void will_alter(struct trial *t, void *what, size_t size)
{
	struct undo *u = t->undo;
	struct alteration *new;

	if (!u)
		return;
	new = arena_push(&u->arena, u->list, u->count);
	*new = (struct alteration){what, arena_alloc(&u->arena, size), size};
	memcpy(new->was, what, size);
}

static void forget_alterations(struct undo *u)
{
	arena_clear(&u->arena);
	u->list = NULL;
	u->count = 0;
}

void *more_room(struct trial *t, const void *items, size_t had, size_t count, size_t size)
{
	void *room = arena_alloc(t->rooms, count * size);

	if (had)
		memcpy(room, items, had * size);
	return room;
}

/* ---- what may be settled ---- */

static bool line_is_over(const struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	enum line_fate fate = t->out->lines[index].fate;
	int resuming = t->index->resuming[index];

	if ((line->kind == LINE_CALL || line->kind == LINE_OBSERVED) && line->call.open)
		return fate == LINE_MET && resuming >= 0 && (size_t)resuming < t->done;
	return fate == LINE_MET || (fate == LINE_NOTHING && line_role(line) != ROLE_ACTION);
}

static bool lines_are_over(const struct trial *t)
{
	for (size_t i = t->settled.lines; i < t->done; i++)
		if (!line_is_over(t, i))
			return false;
	return t->met_end <= t->done;
}

static bool events_are_over(const struct trial *t)
{
	const struct timeline *tl = t->timeline;

	for (size_t i = t->settled.events; i < tl->event_count; i++)
		if (tl->events[i].line >= (int)t->done)
			return false;
	for (size_t i = t->settled.segments; i < tl->segment_count; i++)
		if (!tl->segments[i].decided || tl->segments[i].inferred)
			return false;
	return true;
}

static ns_t latest(ns_t a, ns_t b)
{
	return a > b ? a : b;
}

/* Settled up to here, if that can be said. */
static bool settle(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct settled *s = &t->settled;

	if (t->tentative || !lines_are_over(t) || !events_are_over(t) || !page_settle(t))
		return false;
	for (; s->events < tl->event_count; s->events++) {
		const struct event *e = &tl->events[s->events];

		if (event_is_heard(e))
			s->heard = latest(s->heard, e->to);
		if (e->kind == EVENT_CLOCK)
			s->quiet = latest(s->quiet, e->to);
	}
	s->segments = tl->segment_count;
	s->lines = t->done;
	return true;
}

/* ---- a memory ---- */

struct judge_memory {
	struct arena lasting, rooms;
	struct arena_mark mark; /* of `lasting`: what is there since then can be taken back */
	struct undo undo;
	struct trial settled, now;
	struct judgement judgement; /* as far as it is settled */
	bool is_begun;
	size_t connections, names, told; /* how many there were when it began */
	size_t given_up;		 /* with this many lines begun, it could not go on */
};

struct judge_memory *judge_remember(struct arena *a)
{
	struct judge_memory *m = arena_new(a, struct judge_memory);

	m->given_up = SIZE_MAX;
	return m;
}

void judge_forget(struct judge_memory *m)
{
	arena_free(&m->lasting);
	arena_free(&m->rooms);
	arena_free(&m->undo.arena);
}

static size_t count_names(const struct timeline *tl)
{
	size_t count = 0;

	for (size_t i = 0; i < tl->connection_count; i++)
		count += (size_t)tl->connections[i].name_count;
	return count;
}

static void take_back(struct judge_memory *m)
{
	struct undo *u = &m->undo;

	while (u->count) {
		const struct alteration *last = &u->list[--u->count];

		memcpy(last->what, last->was, last->size);
	}
	forget_alterations(u);
	arena_release(&m->lasting, m->mark);
}

static void keep(struct judge_memory *m)
{
	forget_alterations(&m->undo);
	m->mark = arena_mark(&m->lasting);
}

/* The room that was made for more holds all that is settled, too. */
static void keep_room(struct judge_memory *m)
{
	struct trial *s = &m->settled;
	const struct trial *t = &m->now;

	s->room_events = t->room_events;
	s->room_segments = t->room_segments;
	s->lookup.next = t->lookup.next;
	s->lookup.sent = t->lookup.sent;
	s->lookup.arrived = t->lookup.arrived;
	s->arrival_written = t->arrival_written;
	s->taken = t->taken;
}

/* Judge from what is settled up to now. False: impossible, or something went wrong. */
static bool go_on(struct judge_memory *m, struct arena *a, const struct timeline *tl, size_t done,
		  struct judgement *out)
{
	struct trial *t = &m->now;

	*t = m->settled;
	*out = m->judgement;
	t->arena = a;
	t->timeline = tl;
	t->done = done;
	t->out = out;
	trial_judge(t);
	keep_room(m);
	if (t->doubtful || t->wanting || t->mismatch_count || out->problem_count) {
		take_back(m);
		return false;
	}
	if (!settle(t))
		return true;
	keep(m);
	m->settled = *t;
	m->judgement = *out;
	m->judgement.steps = 0;
	return true;
}

/* Judge what had been settled before with the connections that there are now. */
static void begin(struct judge_memory *m, struct arena *a, const struct run *run,
		  const struct timeline *tl)
{
	const struct settled before = m->is_begun ? m->settled.settled : (struct settled){0};
	struct timeline until_then = *tl;
	struct judgement judged;

	arena_clear(&m->lasting);
	arena_clear(&m->rooms);
	m->judgement = (struct judgement){0};
	m->now = (struct trial){
	    .arena = a,
	    .lasting = &m->lasting,
	    .rooms = &m->rooms,
	    .run = run,
	    .timeline = tl,
	    .out = &m->judgement,
	};
	trial_open(&m->now);
	keep(m);
	m->now.undo = &m->undo;
	m->settled = m->now;
	m->connections = tl->connection_count;
	m->names = count_names(tl);
	m->told = timeline_told(tl, NULL);
	m->is_begun = true;
	if (!before.lines)
		return;
	until_then.event_count = before.events;
	until_then.segment_count = before.segments;
	go_on(m, a, &until_then, before.lines, &judged);
	take_back(m);
	m->judgement.steps += judged.steps;
}

/* What was settled is still above all that is asked about. */
static bool is_above(const struct judge_memory *m, const struct timeline *tl, size_t done)
{
	const struct settled *s = &m->settled.settled;

	return s->lines <= done && s->events <= tl->event_count && s->segments <= tl->segment_count;
}

void judge_on(struct judge_memory *m, struct arena *a, const struct run *run,
	      const struct timeline *tl, size_t done, struct judgement *out)
{
	size_t steps = 0;

	take_back(m);
	m->is_begun = m->is_begun && is_above(m, tl, done);
	if (!tl->taken_count && done != m->given_up) {
		if (!m->is_begun || m->connections != tl->connection_count ||
		    m->names != count_names(tl) || m->told != timeline_told(tl, NULL))
			begin(m, a, run, tl);
		if (go_on(m, a, tl, done, out)) {
			m->judgement.steps = 0;
			out->settled = m->settled.settled.lines;
			judgement_conclude(&m->now);
			return;
		}
		if (!m->settled.settled.lines)
			m->given_up = done;
		steps = out->steps;
	}
	m->is_begun = false;
	judge(a, run, tl, done, false, out);
	out->steps += steps;
}
