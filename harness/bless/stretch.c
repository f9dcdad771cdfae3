/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stretches, and the one in which a run has differed.
 */
#include <string.h>

#include "harness/bless/bless.h"
#include "harness/calls/calls.h"
#include "harness/judge/questions.h"
#include "harness/script/script.h"

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
		if (line_role(&run->lines[i]) == ROLE_OBSERVATION)
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
	case EVENT_SENT: /* forged; no line has caused a packet that a kernel sent */
		return e->line;
	default:
		return -1;
	}
}

/* An event before the end of a silence does not belong to the silence. */
static ns_t beginning(const struct event *e)
{
	return e->kind == EVENT_CLOCK ? e->to : e->from;
}

/* When the first line from `line` on began; INT64_MAX: none did. */
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

/* ---- packets in flight ---- */

bool is_ordered_with(const struct run *run, const struct timeline *t, size_t index,
		     const struct segment *s)
{
	const struct line *line = &run->lines[index];
	const char *whose = segment_connection(t, s), *about;

	if (line->kind == LINE_QUIET || line->kind == LINE_FORGE)
		return true;
	if (line_is_reading(line))
		return line->actor.id == s->from;
	about = line->kind == LINE_CALL ? call_descriptor(&line->call) : NULL;
	return about && whose && line->actor.id == s->from &&
	       !strcmp(canonical_name(t, about), whose);
}

/*
 * When the action or reading of the event was over: a sleeping call when it is known to sleep; a
 * reading at its last answer.
 */
static ns_t begun_over(const struct run *run, const struct timeline *t, size_t begun)
{
	const struct event *e = &t->events[begun];
	ns_t over = e->to;

	if (e->kind != EVENT_READING && (e->kind != EVENT_CALL || e->blocked))
		return over;
	for (size_t k = begun + 1; k < t->event_count; k++) {
		const struct event *other = &t->events[k];

		if (other->line == e->line && other->kind == EVENT_RETURN)
			return run->lines[e->line].call.open ? over : other->to;
		if (other->line == e->line && other->kind == EVENT_READING)
			over = other->to;
	}
	return e->kind == EVENT_READING || run->lines[e->line].call.open ? over : INT64_MAX;
}

/* The router kept it for a time, and then it arrived. */
static bool was_delayed(const struct timeline *t, const struct segment *s)
{
	for (size_t k = 0; k < t->event_count && s->arrived; k++)
		if (t->events[k].kind == EVENT_HELD && t->events[k].segment == s->id)
			return !s->held;
	return false;
}

/*
 * The end of the script's last action between the sending of that packet and its arrival; the time
 * of sending, if there is no such action, or if the packet's line must still be above it.
 */
static ns_t stands_at(const struct run *run, const struct timeline *t, const struct event *e)
{
	const struct segment *s = e->kind == EVENT_SENT ? &t->segments[e->segment] : NULL;
	ns_t at = e->from;

	if (!s || !was_delayed(t, s))
		return at;
	for (size_t k = 0; k < t->event_count; k++) {
		const struct event *begun = &t->events[k];
		int line = begun_line(begun);

		if (line < 0 || beginning(begun) <= e->from)
			continue;
		if (begun_over(run, t, k) >= s->arrived || is_ordered_with(run, t, (size_t)line, s))
			break;
		if (beginning(begun) > at)
			at = beginning(begun);
	}
	return at;
}

/*
 * The earliest time at which an event may have begun. The interval of a call's return includes the
 * time for which its thread waited for a CPU, even before the call. But a call that slept was
 * woken. So if packets arrived at its host in the interval, it returned no earlier than the first
 * of them.
 */
static ns_t came_at(const struct timeline *t, const struct event *e)
{
	for (size_t k = 0; k < t->event_count && e->kind == EVENT_RETURN && e->blocked; k++) {
		const struct event *other = &t->events[k];

		if (other->kind == EVENT_ARRIVED && other->to > e->from && other->to <= e->to &&
		    t->segments[other->segment].to == e->host)
			return other->to;
	}
	return e->from;
}

bool window_has(const struct window *w, const struct run *run, const struct timeline *t,
		const struct event *e)
{
	ns_t came = came_at(t, e);

	/* Its line is never above the place where it was sent. */
	if (came >= w->to)
		return false;
	if (e->kind == EVENT_SENT) {
		ns_t at = stands_at(run, t, e);

		return at >= w->from && at < w->to;
	}
	return came >= w->from;
}

/* ---- where it differed ---- */

/* A host sends a call's packets, or takes in packets for it, before it wakes the call's thread. */
static bool wakes(const struct event *packet, const struct event *call)
{
	return (packet->kind == EVENT_SENT || packet->kind == EVENT_ARRIVED) &&
	       call->kind == EVENT_RETURN;
}

bool event_before(const struct event *a, const struct event *b)
{
	if (a->to < b->from)
		return true;
	if (b->to < a->from)
		return false;
	if (wakes(a, b) || wakes(b, a))
		return wakes(a, b);
	return a < b;
}

size_t stretch_of_event(const struct run *run, const struct timeline *t, int event)
{
	size_t begin = 0;

	while (begin < run->line_count) {
		size_t end = stretch_end(run, begin);

		if (came_at(t, &t->events[event]) < begun_at(t, end))
			break;
		begin = end;
	}
	return begin < run->line_count ? begin : stretch_begin(run, run->line_count - 1);
}

/* Only a value of the line is wrong; such a packet does come here. */
static bool is_near(const struct timeline *t, const struct line *line, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	return line->kind == LINE_SENT && line->segment.kind == SEGMENT_TCP &&
	       s->packet->kind == PACKET_TCP && line->segment.flags == s->packet->flags;
}

/*
 * An unexpected packet may be the effect of an action further up that has no lines below it: begin
 * with the first of those.
 */
static size_t where_from(const struct run *run, size_t begin)
{
	/* If a reading was as written, everything above it was right. */
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

/* The first problem is the cause; others may be its effects. */
size_t bless_from(const struct run *run, const struct timeline *t, const struct judgement *j)
{
	return j->problem_count ? from_problem(run, t, &j->problems[0]) : run->line_count;
}
