/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings: what `ss` and `nstat` lines ask for, and `quiet`.
 *
 * The engine reads again and again until the judge agrees or patience ends, and notes each answer with
 * its line. One answer that is as written meets the line. A timer's time left is compared with 1/8
 * either way, and whatever time has passed since the line above is granted, since the reading may
 * have had to wait for a CPU.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/notation.h"

/* When the last thing above the line `index` was over. */
static ns_t time_above(const struct trial *t, size_t index)
{
	ns_t latest = t->timeline->start;

	for (size_t i = 0; i < index; i++)
		if (t->out->lines[i].fate == LINE_MET && t->out->lines[i].from > latest)
			latest = t->out->lines[i].from;
	return latest;
}

static bool timer_matches(struct trial *t, size_t index, const struct event *e)
{
	const struct ss_reading *w = &t->run->lines[index].ss;
	const struct socket_state *s = &e->socket;
	ns_t passed = e->to - time_above(t, index);

	if (!w->has_timer)
		return true;
	if (strcmp(w->timer_name, s->timer) || !value_matches(t, w->timer_count, s->timer_count))
		return false;
	return !strcmp(w->timer_name, "none") || w->timer_left < 0 ||
	       (s->timer_left <= w->timer_left + w->timer_left / 8 + 2 * t->timeline->tick &&
		s->timer_left >= w->timer_left - w->timer_left / 8 - 2 * t->timeline->tick - passed);
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

/* Silence up to the clock's reading: nothing was sent, came back or was signalled within it. */
static bool stayed_quiet(struct trial *t, size_t index, const struct event *clock)
{
	if (clock->to - clock->from < t->run->lines[index].quiet)
		return false;
	for (size_t i = 0; i < t->timeline->event_count; i++) {
		const struct event *e = &t->timeline->events[i];
		bool heard = e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED ||
			     e->kind == EVENT_LOST || e->kind == EVENT_RETURN ||
			     e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH;

		if (heard && e->to > clock->from && e->from <= clock->to)
			return false;
	}
	return true;
}

static const struct {
	enum line_kind line;
	enum event_kind event;
	bool (*matches)(struct trial *t, size_t index, const struct event *e);
} reading_table[] = {
	{ LINE_SS, EVENT_READING, socket_matches },
	{ LINE_NSTAT, EVENT_READING, counters_match },
	{ LINE_QUIET, EVENT_CLOCK, stayed_quiet },
};

static void judge_reading(struct trial *t, size_t index, size_t row)
{
	ns_t from, to;

	for (size_t k = 0; k < t->timeline->event_count; k++) {
		const struct event *e = &t->timeline->events[k];
		size_t bound = t->out->variable_count;

		if (e->kind != reading_table[row].event || e->line != (int)index)
			continue;
		if (!reading_table[row].matches(t, index, e)) {
			t->out->variable_count = bound;
			continue;
		}
		/* With a gap, only an answer within the gap's window counts. */
		if (t->run->lines[index].gap.present && gap_origin(t, index, &from, &to) &&
		    e->to - from < t->run->lines[index].gap.min)
			continue;
		/* A quiet stretch is over at its end: what the script has below comes after that. */
		line_met(t, index, (int)k, -1, e->kind == EVENT_CLOCK ? e->to : e->from, e->to);
		return;
	}
}

static int last_reading(const struct trial *t, size_t index)
{
	for (size_t k = t->timeline->event_count; k-- > 0;)
		if (t->timeline->events[k].kind == EVENT_READING &&
		    t->timeline->events[k].line == (int)index)
			return (int)k;
	return -1;
}

void judge_readings(struct trial *t)
{
	for (size_t i = 0; i < t->run->line_count; i++)
		for (size_t row = 0; row < sizeof(reading_table) / sizeof(*reading_table); row++)
			if (t->run->lines[i].kind == reading_table[row].line)
				judge_reading(t, i, row);
	if (!t->over || t->out->problem_count)
		return;
	for (size_t i = 0; i < t->done; i++) {
		int last = last_reading(t, i);

		if (t->out->lines[i].fate != LINE_PENDING || last < 0)
			continue;
		problem_add(t, i, last,
			    event_text(t->arena, t->timeline, &t->timeline->events[last]));
	}
}
