/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How late the program was, and what may be concluded from a run in which it was.
 *
 * An action or a reading is due when everything above it has come, or when its own gap is over;
 * until it is begun, the engine or the actor waits for a CPU. This is the program's own time.
 *
 * A time that counts from an event further up contains it, and what happened may have counted only
 * from the later step. So this part of the time says nothing about a timer.
 *
 * And a step that was late has altered nothing, as long as nothing happened between the moment when
 * it was due and its beginning. If something happened, it was overtaken: it may have found another
 * state than the script means. From the line on that a blessing run looks at itself, it waits for
 * silence before each step (engine/follow.c). There a step is overtaken by what happened after the
 * engine had last looked, and before the step was begun. And the silence must have been over in
 * time: if something came only after it had been quiet for long enough, the run would have begun
 * the next step before that, had it not been late.
 *
 * What came during the step may be its effect, or that of a timer: on a busy machine a thread often
 * gets its CPU in the very tick in which timers are due. So a step that was too late by a large
 * part of any timer's time must not have brought about anything.
 */
#include "harness/bless/lateness.h"

#include "harness/script/script.h"
#include "harness/timeline/notation.h"

/* What a step brings about at once has come by then. */
#define AT_ONCE (300 * NS_PER_US)
/* A quarter of the shortest timer that TCP has by default, as in engine/disturb.c .. */
#define TOO_LATE (50 * NS_PER_MS)
/* .. and half of that of delayed acknowledgements, for scripts about those. */
#define TOO_LATE_FOR_ACKS (20 * NS_PER_MS)

/* `quiet` is not a question: the silence is the waiting. */
static bool is_step(const struct line *line)
{
	return line->kind != LINE_QUIET &&
	       (line_role(line) == ROLE_ACTION || line_is_reading(line));
}

/*
 * Since when it is known what the line says; 0: it says nothing. INT64_MAX: a packet that only
 * vanished; the engine waits before it says so, and that is not its lateness.
 */
static ns_t known_at(const struct judged *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	const struct line_judgement *j = &t->out->lines[index];
	bool returns = line->kind == LINE_CALL && !line->call.open;
	/* Also with another result. */
	int back = returns ? judged_event(t, EVENT_RETURN, index) : -1;
	const struct segment *s = j->segment < 0 ? NULL : &t->timeline->segments[j->segment];

	if (back >= 0)
		return t->timeline->events[back].to;
	if (j->fate != LINE_MET)
		return 0;
	if (s && s->inferred)
		return INT64_MAX;
	/* The run waits at a line until its packet has arrived. */
	return s && s->arrived > j->to ? s->arrived : j->to;
}

/* When line `index` was due: `above`: everything above it had come then. */
static ns_t due_at(const struct judged *t, size_t index, ns_t above)
{
	const struct gap *gap = &t->run->lines[index].gap;
	ns_t from, to;

	if (gap->present && judged_origin(t, index, INT64_MAX, &from, &to) && to + gap->min > above)
		return to + gap->min;
	return above;
}

/* When that step was begun; INT64_MAX: never. */
static ns_t begun_at(const struct judged *t, size_t index)
{
	const struct event *e = judged_beginning(t, index);

	if (!e)
		return INT64_MAX;
	return e->kind == EVENT_READING ? e->begun : e->from;
}

ns_t own_time(const struct judged *t, size_t index, ns_t from, ns_t to)
{
	ns_t above = t->timeline->start, sum = 0;

	for (size_t i = 0; i < index; i++) {
		ns_t known = known_at(t, i);

		if (is_step(&t->run->lines[i]) && judged_beginning(t, i)) {
			ns_t due = due_at(t, i, above), begun = begun_at(t, i);

			if (due < from)
				due = from;
			if (begun > to)
				begun = to;
			if (begun > due)
				sum += begun - due;
		}
		if (known > above)
			above = known;
	}
	return sum;
}

/* ---- what a wait for silence must not take in ---- */

/* Line `index` has not come: the run waits for it, or has gone wrong with it. */
static bool is_open(const struct judged *t, size_t index)
{
	const struct line *line = &t->run->lines[index];

	if (line_role(line) == ROLE_NOTE || line->kind == LINE_ANY || known_at(t, index))
		return false;
	return t->out->lines[index].fate != LINE_MET;
}

ns_t stretch_known(struct arena *a, const struct run *run, const struct timeline *timeline,
		   const struct judgement *j, size_t begin, size_t end)
{
	struct judgement copy = *j;
	struct judged t = judged_open(a, run, timeline, &copy, 0, true);
	ns_t at = begun_at(&t, begin), came;
	bool waits = false;

	for (size_t i = begin; i < end; i++) {
		ns_t known = known_at(&t, i);

		at = known > at ? known : at;
		waits = waits || is_open(&t, i);
	}
	if (!waits)
		return at;
	/* It waited until it went wrong. */
	if (!j->problem_count || j->problems[0].event < 0)
		return INT64_MAX;
	came = timeline->events[j->problems[0].event].to;
	return came > at ? came : at;
}

/* Readings and the like do not break a silence. */
static bool is_sound(const struct event *e)
{
	return e->kind != EVENT_READING && e->kind != EVENT_CLOCK && e->kind != EVENT_DISTURBED;
}

const struct event *first_after_quiet(const struct timeline *t, ns_t known, ns_t quiet,
				      ns_t *silent)
{
	const struct event *first;
	ns_t last = known;
	bool goes_on = true;

	while (goes_on) {
		goes_on = false;
		first = NULL;
		for (size_t i = 0; i < t->event_count; i++) {
			const struct event *e = &t->events[i];

			if (!is_sound(e) || e->to <= last)
				continue;
			if (e->from <= later(last, quiet)) {
				last = e->to;
				goes_on = true;
			} else if (!first || e->from < first->from) {
				first = e;
			}
		}
	}
	*silent = later(last, quiet);
	return first;
}

/* ---- what has overtaken a step ---- */

/* What happened later than the one moment and before the other; NULL: nothing. */
static const struct event *first_between(const struct timeline *t, ns_t after, ns_t before)
{
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		bool happens =
		    e->kind == EVENT_ARRIVED || (e->kind == EVENT_SENT && e->line < 0) ||
		    (e->kind == EVENT_RETURN && e->blocked) ||
		    ((e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH) && e->cause < 0);

		if (happens && e->to > after && e->to < before)
			return e;
	}
	return NULL;
}

/*
 * A step that was never begun has been overtaken by what made the run fail, or by something before
 * that. What came later does not matter.
 */
static ns_t end_of_waiting(const struct judged *t)
{
	const struct judgement *j = t->out;

	if (!j->problem_count || j->problems[0].event < 0)
		return INT64_MAX;
	return t->timeline->events[j->problems[0].event].to + 1;
}

/* A call that is to sleep may have waited for a CPU until it was seen asleep. */
static ns_t begun_by(const struct judged *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	const struct event *e = judged_beginning(t, index);
	bool sleeps = e && e->kind == EVENT_CALL && e->blocked && line->call.open;

	return sleeps ? e->to : begun_at(t, index);
}

/*
 * What has overtaken the step of line `index` that was due, or begun on the knowledge of that time;
 * NULL: nothing.
 */
static const struct event *overtaker(const struct judged *t, size_t index, ns_t due, ns_t margin)
{
	ns_t begun = begun_at(t, index), over = known_at(t, index);
	ns_t too_late = t->run->acks_exact ? TOO_LATE_FOR_ACKS : TOO_LATE;
	bool never = begun == INT64_MAX;
	const struct event *by =
	    first_between(t->timeline, due + margin, never ? end_of_waiting(t) : begun);

	if (by || never || begun_by(t, index) - due <= too_late || over == INT64_MAX)
		return by;
	return first_between(t->timeline, begun - 1, (over > begun ? over : begun) + AT_ONCE);
}

/* The first step above line `upto` that something has overtaken, and what; -1: none. */
static int overtaken_above(const struct judged *t, size_t upto, const struct event **by)
{
	ns_t above = t->timeline->start;

	for (size_t i = 0; i < upto; i++) {
		ns_t known = known_at(t, i);

		if (is_step(&t->run->lines[i])) {
			*by = overtaker(t, i, due_at(t, i, above), AT_ONCE);
			if (*by)
				return (int)i;
			if (begun_at(t, i) == INT64_MAX)
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

/* The same from line `from` on, where the run waited for silence. */
static int overtaken_below(const struct judged *t, size_t from, const struct event **by)
{
	for (size_t i = from; i < t->run->line_count; i++) {
		const struct event *e = is_step(&t->run->lines[i]) ? judged_beginning(t, i) : NULL;

		*by = e && e->known ? overtaker(t, i, e->known, 0) : NULL;
		if (*by)
			return (int)i;
	}
	return -1;
}

/* A step was begun in that time, or something happened. */
static bool is_eventful(const struct judged *t, ns_t from, ns_t to)
{
	for (size_t i = 0; i < t->run->line_count; i++) {
		ns_t begun = is_step(&t->run->lines[i]) ? begun_at(t, i) : to;

		if (begun > from && begun < to)
			return true;
	}
	return first_between(t->timeline, from, to);
}

const char *why_doubtful(struct arena *a, const struct run *run, const struct timeline *timeline,
			 const struct judgement *j, size_t from)
{
	struct judgement copy = *j;
	struct judged t;
	const struct event *by = NULL;
	const struct place *at;
	int line;

	if (!j->lines)
		return NULL;
	t = judged_open(a, run, timeline, &copy, 0, true);
	for (size_t i = 0; i < timeline->event_count; i++) {
		const struct event *e = &timeline->events[i];
		bool harmless = e->slow || (e->if_eventful && !is_eventful(&t, e->from, e->to));

		if (e->kind == EVENT_DISTURBED && !harmless)
			return e->note;
	}
	line = overtaken_above(&t, from < run->line_count ? from + 1 : from, &by);
	if (line < 0)
		line = overtaken_below(&t, from + 1, &by);
	if (line < 0)
		return NULL;
	at = &run->lines[line].place;
	return arena_printf(
	    a, "%s:%d: it was begun too late, and came after '%s', or together with it",
	    at->source->path, at->line, event_text(a, timeline, by));
}
