/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps: the actions and readings of a script, down the page. Each is due when everything above it
 * has come, or when its own gap is over. How much later it was begun is the program's own time: the
 * engine, or an actor, had to wait for a CPU.
 *
 * The verdict on a run depends on none of this: a time that is too long is a mismatch, whoever made
 * it longer. It is for bless alone, which has to know what it may conclude from a run. A delay
 * has changed nothing if nothing happened during it; if something happened, the step may have found
 * another state than the script means.
 */
#include "harness/base/array.h"
#include "harness/judge/trial.h"
#include "harness/script/script.h"

/* What tells that a line was begun: of a call that it was entered, of a reading its answer. */
static const struct {
	enum line_kind line;
	enum event_kind event;
} begun_by[] = {
    {LINE_CALL, EVENT_CALL},  {LINE_FORGE, EVENT_SENT},	   {LINE_SS, EVENT_READING},
    {LINE_PS, EVENT_READING}, {LINE_NSTAT, EVENT_READING},
};

const struct event *step_beginning(const struct trial *t, size_t index)
{
	enum event_kind kind = EVENT_ACTION;
	int event;

	for (size_t k = 0; k < ARRAY_SIZE(begun_by); k++)
		if (t->run->lines[index].kind == begun_by[k].line)
			kind = begun_by[k].event;
	event = lookup_event(t, kind, index);
	return event < 0 ? NULL : &t->timeline->events[event];
}

/* Since when what the script goes on from there is known. */
static ns_t known_at(const struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	const struct line_judgement *j = &t->out->lines[index];
	/* Another result than the written one is one. */
	int back =
	    line->kind == LINE_CALL && !line->call.open ? lookup_event(t, EVENT_RETURN, index) : -1;
	ns_t at = j->fate == LINE_MET ? j->to : 0;

	if (back >= 0)
		return t->timeline->events[back].to;
	if (j->fate == LINE_MET && j->segment >= 0 &&
	    t->timeline->segments[j->segment].arrived > at)
		at = t->timeline->segments[j->segment].arrived;
	return at;
}

/*
 * The script's steps down the page: when each was due, since all that stands above it had come, and
 * when it was begun.
 */
struct step {
	ns_t due, begun; /* begun: INT64_MAX: never */
};

/* That of line `index`, an action or a reading; `above`: when what stands above it had come. */
static struct step step_of(const struct trial *t, size_t index, ns_t above)
{
	const struct event *e = step_beginning(t, index);
	struct step s = {above, INT64_MAX};
	ns_t from, to;

	if (e)
		s.begun = e->kind == EVENT_READING && e->asked ? e->asked : e->from;
	if (t->run->lines[index].gap.present && gap_origin(t, index, INT64_MAX, &from, &to) &&
	    to + t->run->lines[index].gap.min > s.due)
		s.due = to + t->run->lines[index].gap.min;
	return s;
}

/* `quiet` is no question, but the waiting itself. */
static bool is_step(const struct line *line)
{
	return line->kind != LINE_QUIET &&
	       (line_role(line) == ROLE_ACTION || line_is_reading(line));
}

ns_t gap_own_time(const struct trial *t, size_t index, ns_t from, ns_t to)
{
	ns_t above = t->timeline->start, sum = 0;

	for (size_t i = 0; i < index; i++) {
		ns_t known = known_at(t, i);

		if (is_step(&t->run->lines[i])) {
			struct step s = step_of(t, i, above);
			ns_t begin = s.due > from ? s.due : from;

			if (s.begun > to)
				s.begun = to;
			if (begin < s.begun && step_beginning(t, i))
				sum += s.begun - begin;
		}
		if (known > above)
			above = known;
	}
	return sum;
}

#define AT_ONCE (1 * NS_PER_MS) /* what a step brings about at once has come by then */

/* Something happened later than that, but before the other. */
static bool any_between(const struct timeline *t, ns_t after, ns_t before)
{
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		bool happens =
		    e->kind == EVENT_ARRIVED || (e->kind == EVENT_SENT && e->line < 0) ||
		    (e->kind == EVENT_RETURN && e->blocked) ||
		    ((e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH) && e->cause < 0);

		if (happens && e->to > after && e->to < before)
			return true;
	}
	return false;
}

bool nothing_between(const struct trial *t, ns_t from, ns_t to)
{
	for (size_t i = 0; i < t->run->line_count; i++) {
		struct step s =
		    is_step(&t->run->lines[i]) ? step_of(t, i, from) : (struct step){.begun = to};

		if (s.begun > from && s.begun < to)
			return false;
	}
	return !any_between(t->timeline, from, to);
}

/*
 * A step that was never begun has been overtaken by what made the run fail, or by something before
 * that. What came later did not matter any more.
 */
static ns_t end_of_waiting(const struct trial *t)
{
	const struct judgement *j = t->out;

	if (!j->problem_count || j->problems[0].event < 0)
		return INT64_MAX;
	return t->timeline->events[j->problems[0].event].to + 1;
}

int step_overtaken(const struct trial *t, size_t upto)
{
	ns_t above = t->timeline->start;

	for (size_t i = 0; i < upto; i++) {
		const struct line *line = &t->run->lines[i];
		ns_t known = known_at(t, i);

		if (is_step(line)) {
			struct step s = step_of(t, i, above);

			if (any_between(t->timeline, s.due + AT_ONCE,
					s.begun == INT64_MAX ? end_of_waiting(t) : s.begun))
				return (int)i;
			if (s.begun == INT64_MAX)
				return -1;
		}
		/* Nothing was due below a line that had yet to come. */
		if (t->out->lines[i].fate == LINE_PENDING || t->out->lines[i].fate == LINE_FAILED)
			return -1;
		if (known > above)
			above = known;
	}
	return -1;
}

ns_t gap_late(const struct trial *t, size_t index, ns_t to, ns_t at)
{
	ns_t low, high, late;

	gap_bounds(&t->run->lines[index].gap, t->timeline->tick, &low, &high);
	late = at - to - high;
	if (late > 0)
		late -= gap_own_time(t, index, to, at);
	return late > 0 ? late : 0;
}
