/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stretches, and the one at which a run has gone wrong.
 */
#include <string.h>

#include "harness/bless/bless.h"

static bool begins(const struct line *line)
{
	return line_role(line) == ROLE_ACTION || line_is_reading(line);
}

size_t stretch_begin(const struct run *run, size_t index)
{
	while (index > 0 && !begins(&run->lines[index]))
		index--;
	return index;
}

size_t stretch_end(const struct run *run, size_t begin)
{
	size_t end = begin + 1;

	while (end < run->line_count && !begins(&run->lines[end]))
		end++;
	return end < run->line_count ? end : run->line_count;
}

bool stretch_is_written(const struct run *run, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		if (line_role(&run->lines[i]) == ROLE_OBSERVATION &&
		    !line_is_reading(&run->lines[i]))
			return true;
	return false;
}

/* The line that begins with the event; -1: none. */
static int begun_line(const struct event *e)
{
	switch (e->kind) {
	case EVENT_CALL:
	case EVENT_ACTION:
	case EVENT_READING:
	case EVENT_CLOCK:
	case EVENT_SENT: /* forged; no line has brought about what a kernel sent */
		return e->line;
	default:
		return -1;
	}
}

/* What comes before a silence is over does not come in it. */
static ns_t beginning(const struct event *e)
{
	return e->kind == EVENT_CLOCK ? e->to : e->from;
}

/* When the first line from `line` on was begun; INT64_MAX: none was. */
static ns_t begun_at(const struct timeline *t, size_t line)
{
	ns_t at = INT64_MAX;

	for (size_t k = 0; k < t->event_count; k++) {
		const struct event *e = &t->events[k];

		if (begun_line(e) >= (int)line && beginning(e) < at)
			at = beginning(e);
	}
	return at;
}

struct window stretch_window(const struct run *run, const struct timeline *t, size_t begin,
			     size_t end)
{
	bool is_first = begin == 0 && run->line_count && !begins(&run->lines[0]);

	return (struct window){is_first ? 0 : begun_at(t, begin), begun_at(t, end)};
}

bool window_has(const struct window *w, const struct event *e)
{
	return e->from >= w->from && e->from < w->to;
}

/* ---- where it went wrong ---- */

bool event_before(const struct event *a, const struct event *b)
{
	if (a->to < b->from)
		return true;
	if (b->to < a->from)
		return false;
	return a < b;
}

size_t stretch_of_event(const struct run *run, const struct timeline *t, int event)
{
	size_t begin = 0;

	while (begin < run->line_count) {
		size_t end = stretch_end(run, begin);

		if (t->events[event].from < begun_at(t, end))
			break;
		begin = end;
	}
	return begin < run->line_count ? begin : stretch_begin(run, run->line_count - 1);
}

/* Only a value of the line is wrong, not that such a packet comes here. */
static bool is_near(const struct timeline *t, const struct line *line, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	return line->kind == LINE_SENT && line->segment.kind == SEGMENT_TCP &&
	       s->packet->kind == PACKET_TCP && line->segment.flags == s->packet->flags;
}

/*
 * A packet that nobody asked for there may have come of an action further up, below which nothing
 * is written: from the first of those on.
 */
static size_t where_from(const struct run *run, size_t begin)
{
	/* When something was read as written, all was well above that. */
	while (begin > 0 && !line_is_reading(&run->lines[begin])) {
		size_t above = stretch_begin(run, begin - 1);

		if (line_is_reading(&run->lines[above]) || stretch_is_written(run, above, begin))
			break;
		begin = above;
	}
	return begin;
}

static size_t from_problem(const struct run *run, const struct timeline *t, const struct problem *p)
{
	size_t begin = stretch_begin(run, (size_t)p->line), came;
	const struct event *e = p->event >= 0 ? &t->events[p->event] : NULL;

	if (!e)
		return begin;
	came = stretch_of_event(run, t, p->event);
	if (came < begin)
		begin = came;
	if (!p->unasked && (e->kind != EVENT_SENT || is_near(t, &run->lines[p->line], e)))
		return begin;
	return where_from(run, begin);
}

/* The first problem is the cause; others may be what came of it. */
size_t bless_from(const struct run *run, const struct timeline *t, const struct judgement *j)
{
	return j->problem_count ? from_problem(run, t, &j->problems[0]) : run->line_count;
}
