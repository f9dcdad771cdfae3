/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings: what `ss`, `nstat` and `ps` lines ask for, and `quiet`.
 *
 * The engine reads again and again until the judge agrees or its timeout ends, and notes each
 * answer with its line. One answer that is as written meets the line. The time left that is written
 * for a timer is that of the moment when the lines above had been met (and the line's own gap had
 * passed), however late the reading came; 1/8 more or less is allowed. Each call between the
 * nearest kernel event above and the reading may have begun the timer, and that event, too. So it
 * is the same with the moment as with the origin of a gap (gaps.c): an interval, which is long only
 * if the machine has a lot to do.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/base/array.h"
#include "harness/timeline/notation.h"

/*
 * The moment that the line `index` is about: when all above it had happened (the last at `above`),
 * and its gap had passed.
 */
static ns_t moment_of(const struct trial *t, size_t index, ns_t above)
{
	ns_t from, to;

	if (t->run->lines[index].gap.present && gap_origin(t, index, INT64_MAX, &from, &to))
		return to + t->run->lines[index].gap.min;
	return above;
}

/* When the last of the lines above had happened. */
static ns_t latest_above(const struct trial *t, size_t index)
{
	ns_t latest = t->timeline->start;

	for (size_t i = 0; i < index; i++)
		if (t->out->lines[i].fate == LINE_MET && t->out->lines[i].from > latest)
			latest = t->out->lines[i].from;
	return latest;
}

/* What was left of the timer at `moment`. */
static ns_t left_at(ns_t moment, const struct event *e)
{
	return e->socket.timer_left + (e->to > moment ? e->to - moment : 0);
}

ns_t timer_left_then(const struct trial *t, size_t index, const struct event *e)
{
	return left_at(moment_of(t, index, latest_above(t, index)), e);
}

/* The earliest moment that the line may be about: if what came above began the timer, not a call.
 */
static ns_t earliest_moment(const struct trial *t, size_t index, ns_t latest)
{
	const struct gap *gap = &t->run->lines[index].gap;
	ns_t from, to, moment;

	if (!gap_origin(t, index, INT64_MAX, &from, &to))
		return latest;
	moment = from + (gap->present ? gap->min : 0);
	return moment < latest ? moment : latest;
}

static bool timer_fits(struct trial *t, size_t index, const struct event *e, ns_t above)
{
	const struct ss_reading *w = &t->run->lines[index].ss;
	const struct socket_state *s = &e->socket;
	ns_t slack = w->timer_left / 8 + 2 * t->timeline->tick, moment;

	if (!w->has_timer)
		return true;
	if (w->timer != s->timer || !value_matches(t, w->timer_count, s->timer_count))
		return false;
	if (w->timer == SS_TIMER_NONE || w->timer_left < 0)
		return true;
	moment = moment_of(t, index, above);
	return left_at(earliest_moment(t, index, moment), e) >= w->timer_left - slack &&
	       left_at(moment, e) <= w->timer_left + slack;
}

bool timer_matches(struct trial *t, size_t index, const struct event *e)
{
	return timer_fits(t, index, e, latest_above(t, index));
}

static bool socket_matches(struct trial *t, size_t index, const struct event *e, ns_t above)
{
	const struct ss_reading *w = &t->run->lines[index].ss;
	const struct socket_state *s = &e->socket;

	if (w->state_id == SS_NONE || !s->found)
		return w->state_id == SS_NONE && !s->found;
	return w->state_id == s->state && value_matches(t, w->recv_q, s->recv_q) &&
	       value_matches(t, w->send_q, s->send_q) && timer_fits(t, index, e, above);
}

static bool counters_match(struct trial *t, size_t index, const struct event *e, ns_t above)
{
	const struct line *line = &t->run->lines[index];

	(void)above;
	if (e->counter_count != line->nstat.count)
		return false;
	for (size_t i = 0; i < e->counter_count; i++)
		if (!value_matches(t, line->nstat.list[i].delta, e->counters[i].delta))
			return false;
	return true;
}

/*
 * Silence up to the clock's reading: in it nothing was sent, returned or was signalled. What may
 * have begun in it (a thread that waited for a CPU) but ended only later counts as later.
 */
static bool stayed_quiet(struct trial *t, size_t index, const struct event *clock, ns_t above)
{
	(void)above;
	if (clock->to - clock->from < t->run->lines[index].quiet)
		return false;
	return !lookup_heard(t, clock->from, clock->to);
}

static bool process_matches(struct trial *t, size_t index, const struct event *e, ns_t above)
{
	(void)above;
	return t->run->lines[index].ps.letter == e->state;
}

static const struct {
	enum line_kind line;
	enum event_kind event;
	bool (*matches)(struct trial *t, size_t index, const struct event *e, ns_t above);
} reading_table[] = {
    {LINE_SS, EVENT_READING, socket_matches},
    {LINE_NSTAT, EVENT_READING, counters_match},
    {LINE_PS, EVENT_READING, process_matches},
    {LINE_QUIET, EVENT_CLOCK, stayed_quiet},
};

static void judge_as(struct trial *t, size_t index, size_t row, ns_t above)
{
	ns_t from, to;

	for (int k = t->lookup.first[index]; k >= 0; k = t->lookup.next[k]) {
		const struct event *e = &t->timeline->events[k];
		size_t bound = t->out->variable_count;

		if (e->kind != reading_table[row].event)
			continue;
		if (!reading_table[row].matches(t, index, e, above)) {
			t->out->variable_count = bound;
			continue;
		}
		/* With a gap, only an answer within the gap's window counts. */
		if (t->run->lines[index].gap.present && gap_origin(t, index, e->to, &from, &to) &&
		    e->to - from < t->run->lines[index].gap.min)
			continue;
		/*
		 * A quiet stretch counts from its end: what is written below it comes after that.
		 */
		line_met(t, index, k, -1, e->kind == EVENT_CLOCK ? e->to : e->from, e->to);
		return;
	}
}

void judge_reading(struct trial *t, size_t index, ns_t above)
{
	for (size_t row = 0; row < ARRAY_SIZE(reading_table); row++)
		if (t->index->keys[index].kind == reading_table[row].line)
			judge_as(t, index, row, above);
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

/* An answer; of several counters only those that differ. */
static const char *answer_text(struct trial *t, size_t index, int answer)
{
	const struct line *line = &t->run->lines[index];
	struct event e = t->timeline->events[answer];
	size_t bound = t->out->variable_count, count = 0;
	struct counter_reading *differing =
	    arena_alloc(t->arena, (e.counter_count + 1) * sizeof(*differing));

	for (size_t i = 0; i < e.counter_count && i < line->nstat.count; i++)
		if (!value_matches(t, line->nstat.list[i].delta, e.counters[i].delta))
			differing[count++] = e.counters[i];
	t->out->variable_count = bound;
	if (count) {
		e.counters = differing;
		e.counter_count = count;
	}
	return event_text(t->arena, t->timeline, &e);
}

void judge_readings(struct trial *t)
{
	const struct line_list *lines = &t->index->readings;

	if (!t->over)
		return;
	for (size_t i = 0; i < lines->count && lines->list[i] < t->done; i++) {
		int first, last;

		answers(t, lines->list[i], &first, &last);
		if (t->out->lines[lines->list[i]].fate != LINE_PENDING || last < 0)
			continue;
		/*
		 * It was wrong from the first answer on, before whatever came while the question
		 * was repeated.
		 */
		problem_add(t, lines->list[i], first, answer_text(t, lines->list[i], last), NULL);
	}
}
