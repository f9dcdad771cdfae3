/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lateness that is not the kernel's. A run in which something mismatched is then unsure.
 *
 * The engine. What it does itself, actions and readings, has the same window as everything else
 * with a gap (gaps.c), but only the engine is responsible for it. If it comes too late, that says
 * nothing about the kernel; but values that depend on the time of the action may then differ. The
 * judge counts as the engine does: from the end of the origin's interval to the end of the
 * action's.
 * The same is true if something came before the action that is written above it had been done.
 *
 * The engine as a peer. Where a script forges the answers, a host measures round trips, and the
 * time that the engine takes to answer is a part of them. A retransmission time-out is one round
 * trip and at least 200 ms, doubled each time, so a time T that begins with these 200 ms is longer
 * by the same factor; and what is shorter (a probe for a lost tail) counts two round trips. So what
 * is late by no more than that may be late for it. 20 ms are enough: the second time-out takes 440
 * ms instead of 400 then, and up to 32 ms more, since that timer is coarse, but only 458 ms are
 * allowed.
 *
 * The machine. A hypervisor may have withheld a CPU (timeline/withheld.h). It may be to blame for
 * what came too late by no more than the time that is known to have been withheld since the moment
 * for which it is written. What was withheld before that moment makes no timer late.
 *
 * Only the first mismatch is examined, and only if it says that something came too late. Neither
 * the engine nor the machine can make something come too early, or change what comes.
 */
#include "harness/judge/trial.h"

#include "harness/base/array.h"
#include "harness/script/script.h"

/* The least that a retransmission time-out is, without the round trip. */
#define LEAST_TIMEOUT (200 * NS_PER_MS)

/* ---- how late the engine was ---- */

/* What shows that a line was begun: for a call, that it was entered; for a reading, its answer. */
static const struct {
	enum line_kind line;
	enum event_kind event;
} begun_by[] = {
    {LINE_CALL, EVENT_CALL},  {LINE_FORGE, EVENT_SENT},	   {LINE_SS, EVENT_READING},
    {LINE_PS, EVENT_READING}, {LINE_NSTAT, EVENT_READING},
};

const struct event *line_beginning(const struct trial *t, size_t index)
{
	enum event_kind kind = EVENT_ACTION;
	int event;

	for (size_t k = 0; k < ARRAY_SIZE(begun_by); k++)
		if (t->run->lines[index].kind == begun_by[k].line)
			kind = begun_by[k].event;
	event = lookup_event(t, kind, index);
	return event < 0 ? NULL : &t->timeline->events[event];
}

/* At the latest. The engine is not responsible for how long a call takes once it is entered. */
static ns_t begun_at(const struct trial *t, size_t index, const struct event *e)
{
	bool is_back = lookup_event(t, EVENT_RETURN, index) >= 0;

	return e->kind == EVENT_CALL && is_back ? e->from : e->to;
}

const char *late_action(const struct trial *t)
{
	const struct source *own = t->run->script ? t->run->script->source : NULL;

	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];
		const struct event *e = line->gap.present ? line_beginning(t, i) : NULL;
		ns_t from, to, low, high, after;

		if (!e || !gap_origin(t, i, INT64_MAX, &from, &to))
			continue;
		gap_bounds(&line->gap, t->timeline->tick, &low, &high);
		after = begun_at(t, i, e) - to;
		if (after > high)
			return arena_printf(
			    t->arena, "%s came %s too late, %s after %s%s: %s",
			    place_text(t->arena, line->place, own),
			    duration_text(t->arena, after - high), duration_text(t->arena, after),
			    line->gap.from ? "@" : "the line above",
			    line->gap.from ? line->gap.from : "", line_bare_text(t->arena, line));
	}
	return NULL;
}

const char *overdue_action(const struct trial *t)
{
	const struct source *own = t->run->script ? t->run->script->source : NULL;
	const struct problem *p = t->out->problem_count ? &t->out->problems[0] : NULL;
	const struct line *line = t->done < t->run->line_count ? &t->run->lines[t->done] : NULL;
	ns_t from, to, low, high, after;

	if (!p || p->event < 0 || !line || !line->gap.present || line_role(line) != ROLE_ACTION ||
	    !gap_origin(t, t->done, INT64_MAX, &from, &to))
		return NULL;
	gap_bounds(&line->gap, t->timeline->tick, &low, &high);
	after = t->timeline->events[p->event].from - to;
	if (after <= high)
		return NULL;
	return arena_printf(t->arena, "%s was %s overdue when that came: %s",
			    place_text(t->arena, line->place, own),
			    duration_text(t->arena, after - high), line_bare_text(t->arena, line));
}

/* ---- what came too late ---- */

/* The first problem, if that is what it is. */
struct too_late {
	const struct line *line;
	ns_t since; /* the end of the interval from which its gap counts */
	ns_t at;    /* when it came */
	ns_t by;    /* later than its gap allows */
};

static bool first_is_late(const struct trial *t, struct too_late *l)
{
	const struct problem *p = t->out->problem_count ? &t->out->problems[0] : NULL;
	const struct line_judgement *j = p ? &t->out->lines[p->line] : NULL;
	ns_t from;

	if (!p || !p->timing || p->event < 0 || p->event != j->event ||
	    !t->run->lines[p->line].gap.present ||
	    !gap_origin(t, (size_t)p->line, j->to, &from, &l->since))
		return false;
	l->line = &t->run->lines[p->line];
	l->at = j->to;
	l->by = gap_off(t, (size_t)p->line, j->from);
	return l->by > 0;
}

static const char *is_late_text(const struct trial *t, const struct too_late *l)
{
	const struct source *own = t->run->script ? t->run->script->source : NULL;

	return arena_printf(t->arena, "%s came %s too late",
			    place_text(t->arena, l->line->place, own),
			    duration_text(t->arena, l->by));
}

/* ---- how late the engine answered ---- */

/*
 * Whether nothing shows when such a line was met, except that the engine has seen it. Then the line
 * is no origin: the time until the engine looked is the engine's own.
 */
static bool is_merely_seen(const struct line *line)
{
	return line_is_reading(line) ? !line->gap.present && line->kind != LINE_QUIET
				     : line->kind == LINE_CALL && line->call.open;
}

/* From when on the line `index`, which forges a segment, could be done. */
static ns_t could_be_done(const struct trial *t, size_t index)
{
	const struct line_judgement *lines = t->out->lines;
	ns_t from, to, latest = t->timeline->start;

	if (t->run->lines[index].gap.present)
		return gap_origin(t, index, INT64_MAX, &from, &to)
			   ? to + t->run->lines[index].gap.min
			   : INT64_MAX;
	for (size_t i = 0; i < index; i++)
		if (lines[i].event >= 0 && lines[i].to > latest &&
		    !is_merely_seen(&t->run->lines[i]))
			latest = lines[i].to;
	return latest;
}

const char *late_answer(const struct trial *t)
{
	const struct source *own = t->run->script ? t->run->script->source : NULL;
	const struct line *answer = NULL;
	struct too_late l;
	ns_t longest = 0, time;

	if (!first_is_late(t, &l))
		return NULL;
	for (const struct line *line = t->run->lines; line < l.line; line++) {
		size_t i = (size_t)(line - t->run->lines);
		const struct event *e = line->kind == LINE_FORGE ? line_beginning(t, i) : NULL;
		ns_t took = e ? e->to - could_be_done(t, i) : 0;

		if (took > longest) {
			longest = took;
			answer = line;
		}
	}
	time = l.line->gap.is_range ? l.line->gap.max : l.line->gap.min;
	if (time < 2 * LEAST_TIMEOUT)
		time = 2 * LEAST_TIMEOUT;
	if (!answer || (double)l.by > (double)longest * (double)time / LEAST_TIMEOUT)
		return NULL;
	return arena_printf(t->arena, "%s was done %s late, which made a round trip longer; %s",
			    place_text(t->arena, answer->place, own),
			    duration_text(t->arena, longest), is_late_text(t, &l));
}

/* ---- how late the machine was ---- */

const char *late_machine(const struct trial *t)
{
	struct too_late l;
	ns_t withheld;

	if (!first_is_late(t, &l))
		return NULL;
	withheld = withheld_between(&t->timeline->withheld, l.since + l.line->gap.min, l.at);
	if (withheld <= 0 || l.by > withheld + WITHHELD_UNIT)
		return NULL;
	return arena_printf(t->arena,
			    "%s, and when it was due a hypervisor had withheld a CPU for about "
			    "%lld ms",
			    is_late_text(t, &l), (long long)(withheld / NS_PER_MS));
}
