/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gaps: `+T` before a line, judged between kernel events.
 *
 * T counts from the nearest kernel event above: a packet, the return of a call that blocked, or
 * another timed line (or from the event that a name marks). The calls written in between may each
 * be what really began it, so the origin is the interval from that event to the last such call's
 * return. A call that returned only after the timed event can have begun it only when it was
 * entered. The gap holds if for some origin and some moment within the event's own interval it is
 * in
 *
 *     [T - 1 tick, T + T/8 + 2 ticks]
 *
 * since the timer wheel never fires early, and late by at most 1/8 (kernel/time/timer.c); a range
 * a..b is taken literally. Load widens the intervals, so it can only forgive.
 *
 * What the engine does itself, actions and readings, never comes too early, and if it comes too
 * late, that is no mismatch: see late.c.
 */
#include "harness/judge/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/script/script.h"

bool line_is_origin(const struct line *line)
{
	return line->kind == LINE_SENT || line->kind == LINE_ARRIVAL || line->kind == LINE_FORGE ||
	       line->kind == LINE_RESUME || line->kind == LINE_RETURNED || line->gap.present;
}

/* Until when what that line says, which is met, may have begun what came at `at`. */
static ns_t may_begin_until(const struct trial *t, size_t index, ns_t at)
{
	const struct line_judgement *j = &t->out->lines[index];
	const struct event *e = j->event < 0 ? NULL : &t->timeline->events[j->event];

	if (t->run->lines[index].kind != LINE_CALL || j->to <= at || !e || e->kind != EVENT_RETURN)
		return j->to;
	return e->begun > j->from ? e->begun : j->from;
}

bool gap_origin(const struct trial *t, size_t index, ns_t at, ns_t *from, ns_t *to)
{
	const struct line_judgement *lines = t->out->lines;
	ns_t last_call = 0;
	size_t i = index;

	if (t->run->lines[index].gap.from) {
		int labelled = t->run->index->labelled[index];

		if (labelled < 0 || lines[labelled].fate != LINE_MET)
			return false;
		i = (size_t)labelled;
		*from = lines[i].from;
		*to = may_begin_until(t, i, at);
		return true;
	}
	while (i-- > 0) {
		const struct line *line = &t->run->lines[i];

		t->out->steps++;
		if (lines[i].fate == LINE_PENDING)
			return false;
		if (lines[i].fate == LINE_FAILED && line_is_origin(line))
			return false;
		if (lines[i].fate != LINE_MET)
			continue;
		if (line->kind == LINE_CALL && may_begin_until(t, i, at) > last_call)
			last_call = may_begin_until(t, i, at);
		if (!line_is_origin(line))
			continue;
		*from = lines[i].from;
		*to = last_call > lines[i].to ? last_call : lines[i].to;
		return true;
	}
	*from = t->timeline->start;
	*to = last_call > *from ? last_call : *from;
	return true;
}

bool judge_origin(const struct run *run, const struct timeline *timeline, const struct judgement *j,
		  size_t index, ns_t *at)
{
	struct judgement copy = *j;
	const struct trial t = {.run = run, .timeline = timeline, .out = &copy};
	ns_t from;

	return gap_origin(&t, index, INT64_MAX, &from, at);
}

const char *duration_text(struct arena *a, ns_t ns)
{
	if (ns >= 10 * NS_PER_S)
		return arena_printf(a, "%.3fs", (double)ns / NS_PER_S);
	return arena_printf(a, "%.1fms", (double)ns / NS_PER_MS);
}

/* What the gap before a line counts from, in words: see gap_origin(). */
static const char *origin_text(struct trial *t, size_t index)
{
	const char *label = t->run->lines[index].gap.from;

	if (label)
		return arena_printf(t->arena, "@%s", label);
	for (size_t i = index; i-- > 0;)
		if (t->out->lines[i].fate == LINE_MET && line_is_origin(&t->run->lines[i]))
			return line_reference(t->arena, &t->run->lines[i]);
	return "the beginning";
}

void gap_bounds(const struct gap *gap, ns_t tick, ns_t *low, ns_t *high)
{
	*low = gap->is_range ? gap->min : gap->min - tick;
	*high = gap->is_range ? gap->max : gap->min + gap->min / 8 + 2 * tick;
}

ns_t gap_off(const struct trial *t, size_t index, ns_t at)
{
	const struct gap *gap = &t->run->lines[index].gap;
	ns_t from, to, low, high;

	if (!gap->present || !gap_origin(t, index, at, &from, &to))
		return 0;
	gap_bounds(gap, t->timeline->tick, &low, &high);
	if (at - from < low)
		return at - from - low;
	return at - to > high ? at - to - high : 0;
}

/* When it came, as seen from there. */
static const char *distance_text(struct arena *a, ns_t from, ns_t at)
{
	return at < from ? arena_printf(a, "it %s before that", duration_text(a, from - at))
			 : arena_printf(a, "it after %s", duration_text(a, at - from));
}

static void judge_gap(struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	struct line_judgement *j = &t->out->lines[index];
	const struct gap *gap = &line->gap;
	/* The engine is responsible for how late its own work comes: see late.c. */
	bool is_own = line_role(line) == ROLE_ACTION || line_is_reading(line);
	ns_t from, to, low, high;

	if (!gap_origin(t, index, j->to, &from, &to))
		return;
	gap_bounds(gap, t->timeline->tick, &low, &high);
	if (j->to - from >= low && (is_own || j->from - to <= high))
		return;
	problem_timing(t, index, j->event,
		       arena_printf(t->arena, "%s %s..%s after %s", line_reference(t->arena, line),
				    duration_text(t->arena, low > 0 ? low : 0),
				    duration_text(t->arena, high), origin_text(t, index)),
		       distance_text(t->arena, from, j->to));
}

void judge_gaps(struct trial *t)
{
	const struct line_list *lines = &t->index->timed;

	for (size_t i = first_unsettled(t, lines); i < lines->count && lines->list[i] < t->met_end;
	     i++)
		if (t->out->lines[lines->list[i]].fate == LINE_MET)
			judge_gap(t, lines->list[i]);
}
