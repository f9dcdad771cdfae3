/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two judgements that must be the same, and a time line as it was while it grew: for tests of the
 * judge that continues from the settled part (harness/judge/settled.c).
 */
#ifndef TESTS_JUDGEMENTS_H
#define TESTS_JUDGEMENTS_H

#include "harness/base/text.h"
#include "harness/judge/judge.h"

static inline bool same_problem(const struct problem *a, const struct problem *b)
{
	return a->line == b->line && a->event == b->event && a->timing == b->timing &&
	       a->unasked == b->unasked && a->rank == b->rank &&
	       text_same(a->expected, b->expected) && text_same(a->got, b->got) &&
	       text_same(a->differ, b->differ) && text_same(a->message, b->message);
}

static inline bool same_problems(const struct judgement *a, const struct judgement *b)
{
	for (size_t i = 0; i < a->problem_count && i < b->problem_count; i++)
		if (!same_problem(&a->problems[i], &b->problems[i]))
			return false;
	return a->problem_count == b->problem_count;
}

static inline bool has_variable(const struct judgement *j, const struct variable *v)
{
	for (size_t i = 0; i < j->variable_count; i++)
		if (text_same(j->variables[i].name, v->name))
			return j->variables[i].value == v->value;
	return false;
}

/* In whichever order they stand. */
static inline bool same_variables(const struct judgement *a, const struct judgement *b)
{
	for (size_t i = 0; i < a->variable_count; i++)
		if (!has_variable(b, &a->variables[i]))
			return false;
	return a->variable_count == b->variable_count;
}

static inline bool same_line(const struct line_judgement *a, const struct line_judgement *b)
{
	return a->fate == b->fate && a->event == b->event && a->segment == b->segment &&
	       a->from == b->from && a->to == b->to;
}

/* The first line about which they differ; the number of lines: there is none. */
static inline size_t differing_line(const struct run *run, const struct judgement *a,
				    const struct judgement *b)
{
	size_t i = 0;

	while (i < run->line_count && same_line(&a->lines[i], &b->lines[i]))
		i++;
	return i;
}

/* The subject on which they differ; NULL: they are the same. */
static inline const char *judgements_differ(struct arena *a, const struct run *run,
					    const struct judgement *one,
					    const struct judgement *other)
{
	size_t line = differing_line(run, one, other);

	if (line < run->line_count)
		return arena_printf(a, "of line %d, %s", run->lines[line].place.line,
				    run->lines[line].text);
	if (!same_problems(one, other))
		return "of problems";
	if (!same_variables(one, other))
		return "of $names";
	if (one->verdict != other->verdict || one->diverged != other->diverged ||
	    !text_same(one->disturbed, other->disturbed) || !text_same(one->late, other->late))
		return "of all";
	return NULL;
}

/* ---- as it was ---- */

/* A time line while it grew. */
struct growing {
	struct timeline then;
	const struct timeline *whole;
	struct segment *segments;
	int *last; /* of each segment: the last event that speaks of it */
};

static inline struct growing grow(struct arena *a, const struct timeline *whole)
{
	struct growing g = {.whole = whole, .then = *whole};

	g.segments = arena_alloc(a, (whole->segment_count + 1) * sizeof(*g.segments));
	g.last = arena_alloc(a, (whole->segment_count + 1) * sizeof(*g.last));
	for (size_t i = 0; i < whole->event_count; i++)
		if (whole->events[i].segment >= 0)
			g.last[whole->events[i].segment] = (int)i;
	g.then.segments = g.segments;
	g.then.event_count = g.then.segment_count = g.then.connection_count = 0;
	g.then.taken_count = 0;
	return g;
}

/* It has been sent, and nothing more is known of it. */
static inline struct segment only_sent(const struct segment *s)
{
	struct segment sent = *s;

	sent.fate = FATE_ARRIVED;
	sent.decided = sent.inferred = sent.held = sent.delayed = false;
	sent.due = 0;
	sent.lost_at = HOST_NONE;
	sent.arrived = 0;
	sent.arrived_order = 0;
	return sent;
}

static inline void grow_to(struct growing *g, size_t events)
{
	struct timeline *then = &g->then;

	for (; then->event_count < events; then->event_count++) {
		int id = g->whole->events[then->event_count].segment;
		const struct segment *s = id < 0 ? NULL : &g->whole->segments[id];

		if (!s)
			continue;
		g->segments[id] = (int)then->event_count < g->last[id] ? only_sent(s) : *s;
		if (then->segment_count <= (size_t)id)
			then->segment_count = (size_t)id + 1;
		if (s->connection >= (int)then->connection_count)
			then->connection_count = (size_t)s->connection + 1;
	}
}

#endif
