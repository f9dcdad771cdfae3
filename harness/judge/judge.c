/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge's order of work.
 *
 * Each part looks at all lines of its kind and marks them met or adds a problem. It sees the lines
 * of other parts only through `struct line_judgement`, which keeps each met line's place in time.
 * Calls come first, since they bind names; then packets and readings, line by line down the page.
 * When it is known which event met which line, the remaining packets are each blamed on a line, and
 * the order (lane by lane) and the times (gap by gap) are checked.
 *
 * Everything is computed from scratch: a judge without memory cannot remember wrongly. If a sum
 * uses a name that is bound only by something later, everything is judged again with what is known
 * then. While the run is still going on, the parts may begin where all above is settled
 * (settled.c); the last judgement of a run, which is the verdict, never does.
 */
#include "harness/judge/trial.h"

#include <stdlib.h>
#include <string.h>

#include "harness/script/script.h"

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_PASS] = "pass",	 [VERDICT_FAIL] = "fail",     [VERDICT_SKIP] = "skip",
    [VERDICT_UNSURE] = "unsure", [VERDICT_BROKEN] = "broken",
};

/* What is printed as `got` if nothing came that a line of this kind waits for. */
static const char *const absence_table[LINE_KINDS] = {
    [LINE_CALL] = "no return: the call is still in the kernel",
    [LINE_RESUME] = "no return: it is still blocked",
    [LINE_QUIET] = "no such silence",
    [LINE_FORGE] = "nothing like it on its link",
};

/* Whether with `capture headers` what the line asks for may have merely passed (passing.c). */
static bool may_have_passed(const struct run *run, const struct line *line)
{
	const struct segment_pattern *p = &line->segment;
	bool can_pass = p->kind == SEGMENT_DATA ||
			(p->kind == SEGMENT_TCP && !(p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)));

	return run->headers && can_pass && (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL);
}

static const char *absence(const struct run *run, const struct line *line)
{
	return may_have_passed(run, line) ? "nothing that is reported: with `capture headers` "
					    "packets that merely pass are not"
					  : absence_table[line->kind];
}

/* It never came, but perhaps something came that nearly is it. */
static void add_missing_line(struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	struct near n;

	if (line->kind == LINE_OBSERVED || line->kind == LINE_RETURNED)
		problem_add(t, index, -1, observed_absence(t, index), NULL);
	else if (line->kind == LINE_CALL && line->call.open)
		problem_add(t, index, -1, "a call that never slept in the kernel", NULL);
	else if (near_find(t, index, &n))
		problem_add(t, index, -1, n.text,
			    n.differ ? n.differ : "before the lines above were met");
	else
		problem_add(t, index, -1, absence(t->run, line), NULL);
}

/* A line that the engine has begun and that is not met when the run is over is missing. */
static void add_missing(struct trial *t)
{
	for (size_t i = 0; i < t->done; i++)
		if (t->out->lines[i].fate == LINE_PENDING)
			add_missing_line(t, i);
}

/*
 * Every line that was begun is met, but too late for the next one to be begun: the run was cut off
 * at its limit, or the timeout came. A script that was not run to its end has not passed.
 */
static void add_not_begun(struct trial *t)
{
	problem_add(t, t->done, -1, "nothing: the lines above were met too late", NULL);
}

/*
 * An event's place among all events: in the order in which they were seen. But a death is seen some
 * time after it happened: it may have happened as soon as the process was last seen alive.
 */
static unsigned rank(const struct timeline *t, int event)
{
	const struct event *e = event < 0 ? NULL : &t->events[event];
	int first = 0;

	if (!e || e->kind != EVENT_DEATH)
		return (unsigned)event; /* -1 becomes the largest */
	while (first < event && t->events[first].from <= e->from)
		first++;
	return (unsigned)first;
}

/* In the order in which they happened; what never came is last, in the script's order. */
static int by_rank(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->line != b->line ? a->line - b->line : a->unasked - b->unasked;
}

/*
 * A packet that no line asks for comes before the return of the call that sent it. But if the call
 * did not do what is written, the packet belongs to what it did instead.
 */
static void yield_to_return(const struct timeline *t, struct judgement *out, struct problem *p)
{
	for (size_t i = 0; p->unasked && i < out->problem_count; i++) {
		const struct problem *other = &out->problems[i];

		if (other->line == p->line && !other->unasked && other->event > p->event &&
		    t->events[other->event].kind == EVENT_RETURN)
			p->rank = rank(t, other->event);
	}
}

static void sort_problems(const struct timeline *t, struct judgement *out)
{
	for (size_t i = 0; i < out->problem_count; i++)
		out->problems[i].rank = rank(t, out->problems[i].event);
	for (size_t i = 0; i < out->problem_count; i++)
		yield_to_return(t, out, &out->problems[i]);
	if (out->problem_count)
		qsort(out->problems, out->problem_count, sizeof(*out->problems), by_rank);
}

static const char *disturbance(const struct trial *t)
{
	int event = t->lookup.disturbed;

	return event < 0 ? NULL : t->timeline->events[event].note;
}

void trial_open(struct trial *t)
{
	struct judgement *out = t->out;

	t->index = t->run->index ? t->run->index : script_index(t->lasting, t->run);
	t->variables = arena_new(t->lasting, struct numbering);
	out->lines = arena_alloc(t->lasting, (t->run->line_count + 1) * sizeof(*out->lines));
	for (size_t i = 0; i < t->run->line_count; i++)
		out->lines[i] = (struct line_judgement){
		    .fate = t->index->keys[i].expects ? LINE_PENDING : LINE_NOTHING,
		    .event = -1,
		    .segment = -1,
		};
	lookup_open(t);
	page_open(t);
	order_open(t);
}

void trial_judge(struct trial *t)
{
	lookup_events(t);
	if (t->doubtful)
		return;
	judge_actions(t);
	judge_calls(t);
	judge_forged(t);
	judge_page(t);
	judge_readings(t);
	judge_unasked(t);
	judge_order(t);
	judge_gaps(t);
	judge_senders(t);
}

/* Judge everything once. The first `known` variables have the numbers from the time before. */
static void judge_once(struct trial *t, size_t known)
{
	const struct judgement before = *t->out;

	*t->out = (struct judgement){.steps = before.steps};
	for (size_t i = 0; i < known; i++)
		*arena_push(t->lasting, t->out->variables, t->out->variable_count) =
		    before.variables[i];
	trial_open(t);
	trial_judge(t);
}

void judgement_conclude(struct trial *t)
{
	struct judgement *out = t->out;

	out->disturbed = disturbance(t);
	out->late = t->over ? late_action(t) : NULL;
	if (t->over && !out->late)
		out->late = overdue_action(t);
	if (t->over && !out->late)
		out->late = late_answer(t);
	if (t->over && !out->disturbed)
		out->disturbed = late_machine(t);
	if (!out->problem_count)
		out->verdict = VERDICT_PASS;
	else if (t->run->failure &&
		 out->failure.happened) /* it hangs, however busy the machine was */
		out->verdict = VERDICT_FAIL;
	else
		out->verdict = out->disturbed || out->late ? VERDICT_UNSURE : VERDICT_FAIL;
}

void judge(struct arena *a, const struct run *run, const struct timeline *timeline, size_t done,
	   bool over, struct judgement *out)
{
	const struct trial begin = {
	    .arena = a,
	    .lasting = a,
	    .rooms = a,
	    .run = run,
	    .timeline = timeline,
	    .done = done,
	    .out = out,
	};
	size_t known, bound = 0;
	struct trial t;

	*out = (struct judgement){0};
	/* What needed a name's number may have been judged before the name got it. */
	do {
		known = bound;
		t = begin;
		judge_once(&t, known);
		bound = out->variable_count;
	} while (t.wanting > 0 && bound > known);
	if (over) {
		t = begin;
		t.over = true;
		judge_once(&t, known);
	}

	out->diverged = out->problem_count > 0;
	if (over && !out->diverged && !run->failure)
		add_missing(&t);
	if (over && !out->problem_count && done < run->line_count && !run->failure)
		add_not_begun(&t);
	sort_problems(timeline, out);
	problems_word(&t);
	if (over && run->failure)
		judge_failure(&t);
	judgement_conclude(&t);
}
