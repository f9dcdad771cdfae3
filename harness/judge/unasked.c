/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that are not what is written: which line each is blamed on.
 *
 * This is asked when it is known which lines are met. A segment is blamed on the line at which its
 * stream is, if that line was expected by then: the segment came in its place. If not, no line
 * asked for the segment, and it is named where it happened in time (place.c), however far the
 * script is and whatever else is waited for: the first thing that went wrong is the one to name,
 * and a line that has had no time to be met is innocent.
 *
 * The arrival of a packet that was held and released is news, and needs a line, too.
 */
#include "harness/judge/trial.h"

#include "harness/timeline/notation.h"

static const char *text_of(struct trial *t, int event)
{
	return event_text(t->arena, t->timeline, &t->timeline->events[event]);
}

/*
 * A forged segment whose fate is not known yet. Its fate is normally known at once; if not, it
 * caused something that is not written, and all that comes meanwhile is blamed on it. -1: there is
 * none.
 */
static int unsettled_forgery(const struct trial *t, size_t limit)
{
	for (size_t i = 0; i < limit; i++)
		if (t->run->lines[i].kind == LINE_FORGE && t->out->lines[i].fate != LINE_MET)
			return (int)i;
	return -1;
}

static void blame(struct trial *t, const struct mismatch *m)
{
	size_t limit = spot_of(t, m->event).limit;
	bool expected = m->line >= 0 && (size_t)m->line < limit;
	int forgery = unsettled_forgery(t, limit);

	if (expected)
		problem_add(t, (size_t)m->line, m->event, text_of(t, m->event), m->differ);
	else if (forgery >= 0)
		problem_add(t, (size_t)forgery, m->event, text_of(t, m->event), NULL);
	else
		problem_unasked(t, m->event);
}

/* ---- arrivals ---- */

/* Whether `...` stands below the line that the segment has met. */
static bool is_let_pass(const struct trial *t, size_t segment)
{
	size_t line = t->done;

	while (line > 0 && t->out->lines[line - 1].segment != (int)segment)
		line--;
	return t->index->anys[t->done] > t->index->anys[line];
}

/* A line about such an arrival is not met because one thing differs. */
static bool blame_arrival(struct trial *t, const struct segment *s, int event)
{
	size_t limit = spot_of(t, event).limit;

	for (size_t i = 0; i < limit; i++) {
		const char *differ;

		if (t->run->lines[i].kind != LINE_ARRIVAL || t->out->lines[i].fate != LINE_PENDING)
			continue;
		differ = near_arrival(t, i, s);
		if (!differ)
			continue;
		problem_add(t, i, event, text_of(t, event), differ);
		return true;
	}
	return false;
}

static bool is_written(const struct trial *t, size_t segment)
{
	for (size_t i = 0; i < t->run->line_count; i++)
		if (t->run->lines[i].kind == LINE_ARRIVAL &&
		    t->out->lines[i].segment == (int)segment)
			return true;
	return false;
}

static void judge_let_go(struct trial *t)
{
	const struct timeline *tl = t->timeline;

	for (size_t k = t->settled.segments; k < tl->segment_count; k++) {
		const struct segment *s = &tl->segments[k];
		int event;

		if (!s->held || !s->arrived_order || is_written(t, k) || is_let_pass(t, k))
			continue;
		/* A line may ask for it as soon as it is known to which connection it belongs. */
		if (promised_to(t, segment_group(t, s), LINE_ARRIVAL, s->to, t->run->line_count)) {
			t->tentative = true;
			continue;
		}
		event = t->lookup.arrived[k];
		if (!blame_arrival(t, s, event))
			problem_unasked(t, event);
	}
}

void judge_unasked(struct trial *t)
{
	for (size_t i = 0; i < t->mismatch_count; i++)
		blame(t, &t->mismatches[i]);
	judge_let_go(t);
}
