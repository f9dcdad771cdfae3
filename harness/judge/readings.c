/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings: what `ss`, `nstat` and `ps` lines ask for, and `quiet`.
 *
 * The engine reads again and again until the judge agrees or patience ends, and notes each answer
 * with its line. One answer that is as written meets the line. What is written of a timer's time
 * left is what it was when the lines above had been met (and the line's own gap had passed),
 * however late the reading came; it is compared with 1/8 either way.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/notation.h"

/* The moment that the line `index` speaks of: when all above it had happened, and its gap had
 * passed. */
static ns_t moment_of(const struct trial *t, size_t index)
{
	ns_t latest = t->timeline->start, from, to;

	if (t->run->lines[index].gap.present && gap_origin(t, index, &from, &to))
		return to + t->run->lines[index].gap.min;
	for (size_t i = 0; i < index; i++)
		if (t->out->lines[i].fate == LINE_MET && t->out->lines[i].from > latest)
			latest = t->out->lines[i].from;
	return latest;
}

ns_t timer_left_then(const struct trial *t, size_t index, const struct event *e)
{
	ns_t passed = e->to - moment_of(t, index);

	return e->socket.timer_left + (passed > 0 ? passed : 0);
}

bool timer_matches(struct trial *t, size_t index, const struct event *e)
{
	const struct ss_reading *w = &t->run->lines[index].ss;
	const struct socket_state *s = &e->socket;
	ns_t slack = w->timer_left / 8 + 2 * t->timeline->tick;
	ns_t left = timer_left_then(t, index, e);

	if (!w->has_timer)
		return true;
	if (strcmp(w->timer_name, s->timer) || !value_matches(t, w->timer_count, s->timer_count))
		return false;
	return !strcmp(w->timer_name, "none") || w->timer_left < 0 ||
	       (w->timer_left - slack <= left && left <= w->timer_left + slack);
}

static bool socket_matches(struct trial *t, size_t index, const struct event *e)
{
	const struct ss_reading *w = &t->run->lines[index].ss;
	const struct socket_state *s = &e->socket;

	if (!strcmp(w->state, "none") || !s->found)
		return !strcmp(w->state, "none") && !s->found;
	return !strcmp(w->state, s->state) && value_matches(t, w->recv_q, s->recv_q) &&
	       value_matches(t, w->send_q, s->send_q) && timer_matches(t, index, e);
}

static bool counters_match(struct trial *t, size_t index, const struct event *e)
{
	const struct line *line = &t->run->lines[index];

	if (e->counter_count != line->nstat.count)
		return false;
	for (size_t i = 0; i < e->counter_count; i++)
		if (!value_matches(t, line->nstat.list[i].delta, e->counters[i].delta))
			return false;
	return true;
}

/*
 * Silence up to the clock's reading: nothing was sent, came back or was signalled within it. What
 * may have begun in it (a thread that waited for a CPU) but was over only later is of later.
 */
static bool stayed_quiet(struct trial *t, size_t index, const struct event *clock)
{
	if (clock->to - clock->from < t->run->lines[index].quiet)
		return false;
	for (size_t i = 0; i < t->timeline->event_count; i++) {
		const struct event *e = &t->timeline->events[i];
		bool heard = e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED ||
			     e->kind == EVENT_LOST || e->kind == EVENT_RETURN ||
			     e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH;

		if (heard && e->to > clock->from && e->to <= clock->to)
			return false;
	}
	return true;
}

static bool process_matches(struct trial *t, size_t index, const struct event *e)
{
	return !strcmp(t->run->lines[index].ps.state, e->state);
}

static const struct {
	enum line_kind line;
	enum event_kind event;
	bool (*matches)(struct trial *t, size_t index, const struct event *e);
} reading_table[] = {
    {LINE_SS, EVENT_READING, socket_matches},
    {LINE_NSTAT, EVENT_READING, counters_match},
    {LINE_PS, EVENT_READING, process_matches},
    {LINE_QUIET, EVENT_CLOCK, stayed_quiet},
};

static void judge_reading(struct trial *t, size_t index, size_t row)
{
	ns_t from, to;

	for (int k = t->lookup.first[index]; k >= 0; k = t->lookup.next[k]) {
		const struct event *e = &t->timeline->events[k];
		size_t bound = t->out->variable_count;

		if (e->kind != reading_table[row].event)
			continue;
		if (!reading_table[row].matches(t, index, e)) {
			t->out->variable_count = bound;
			continue;
		}
		/* With a gap, only an answer within the gap's window counts. */
		if (t->run->lines[index].gap.present && gap_origin(t, index, &from, &to) &&
		    e->to - from < t->run->lines[index].gap.min)
			continue;
		/*
		 * A quiet stretch is over at its end: what the script has below comes after that.
		 */
		line_met(t, index, k, -1, e->kind == EVENT_CLOCK ? e->to : e->from, e->to);
		return;
	}
}

/* The first and the last answer to the line `index`, -1: none. */
static void answers(const struct trial *t, size_t index, int *first, int *last)
{
	*first = *last = -1;
	for (int k = t->lookup.first[index]; k >= 0; k = t->lookup.next[k]) {
		if (t->timeline->events[k].kind != EVENT_READING)
			continue;
		if (*first < 0)
			*first = k;
		*last = k;
	}
}

void judge_readings(struct trial *t)
{
	for (size_t i = 0; i < t->run->line_count; i++)
		for (size_t row = 0; row < sizeof(reading_table) / sizeof(*reading_table); row++)
			if (t->run->lines[i].kind == reading_table[row].line)
				judge_reading(t, i, row);
	if (!t->over)
		return;
	for (size_t i = 0; i < t->done; i++) {
		int first, last;

		answers(t, i, &first, &last);
		if (t->out->lines[i].fate != LINE_PENDING || last < 0)
			continue;
		/* It went wrong with the first answer, before whatever came while it was asked
		 * again. */
		problem_add(t, i, first,
			    event_text(t->arena, t->timeline, &t->timeline->events[last]));
	}
}
