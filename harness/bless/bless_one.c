/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child's side of `bless`: one run, and its answer about the script.
 */
#include "harness/bless/bless_one.h"

#include <string.h>

#include "harness/bless/bless_answer.h"
#include "harness/engine/engine.h"
#include "harness/judge/trial.h"
#include "harness/report/transcript.h"
#include "harness/run/run_one.h"

#define LIMIT_OF_STRETCH (10 * NS_PER_S) /* additional time for observing */

/* Where it differed, and why; and the text, if only a time is wrong. */
static struct bless_answer tell_failure(struct arena *a, const struct observation *seen,
					struct times *times)
{
	const struct judgement *j = &seen->judgement;
	const struct line *line = &seen->run->lines[j->problems[0].line];
	const struct place *at = &line->place;
	struct bless_answer answer = {
	    .path = at->source->path,
	    .line = at->line,
	    .from = bless_from(seen->run, &seen->timeline, j),
	    .held = bless_held(a, seen->run, j),
	    .message = j->problems[0].message,
	    .unfinished = line->kind == LINE_CALL && !j->problems[0].timing &&
			  line->call.result.kind == RESULT_TO_COME,
	};
	const char *why;

	bless_gap(a, seen->run, &seen->timeline, j, times, &answer.draft, &why);
	answer.times = times->list;
	answer.time_count = times->count;
	return answer;
}

/* The waiting process can show the run's current action or reading. */
static void tell_line(void *context, const struct run *run, const struct timeline *t, size_t done,
		      const struct judgement *j)
{
	_Atomic int *at = context;
	size_t begin = done ? stretch_begin(run, done - 1) : 0;

	(void)t;
	(void)j;
	if (done && begin >= run->first_own)
		*at = run->lines[begin].place.line;
}

/* Of a disturbance it is known that nothing happened meanwhile, so it has altered nothing. */
static bool is_harmless(const struct trial *t, const struct event *e, ns_t usual_until)
{
	/* In a usual run that can be told of each step. */
	if (e->slow && e->to < usual_until)
		return true;
	return (e->slow || e->late_packet) && nothing_between(t, e->from, e->to);
}

/* When the line `upto` was begun that is the first one that a blessing run looks at. */
static ns_t usual_until(const struct trial *t, size_t upto)
{
	const struct timeline *line = t->timeline;

	for (size_t i = 0; upto < t->run->line_count && i < line->event_count; i++)
		if (line->events[i].line >= (int)upto &&
		    (line->events[i].kind == EVENT_CALL || line->events[i].kind == EVENT_ACTION))
			return line->events[i].from;
	return INT64_MAX;
}

/*
 * Why nothing can be concluded from a run; NULL: it can. Nothing is wrong with a delay as long as
 * nothing happened before the next step was begun: that is looked at for all steps above `upto`,
 * whether a disturbance was noticed or not. From there on a blessing run waits for silence before
 * each step, so there only the disturbances are known.
 */
static const char *doubt(struct arena *a, const struct observation *seen, size_t upto)
{
	struct judgement copy = seen->judgement;
	struct trial t = {
	    .arena = a, .run = seen->run, .timeline = &seen->timeline, .over = true, .out = &copy};

	const struct place *at;
	int overtaken;

	if (!copy.lines)
		return NULL;
	lookup_all(&t);
	for (size_t i = 0; i < seen->timeline.event_count; i++) {
		const struct event *e = &seen->timeline.events[i];

		if (e->kind == EVENT_DISTURBED && !is_harmless(&t, e, usual_until(&t, upto)))
			return e->note;
	}
	/* Before the first step that a blessing run looks at it has not waited, either. */
	overtaken = step_overtaken(&t, upto < t.run->line_count ? upto + 1 : upto);
	if (overtaken < 0)
		return NULL;
	if (copy.disturbed)
		return copy.disturbed;
	at = &t.run->lines[overtaken].place;
	return arena_printf(a, "%s:%d: this came too late, after something that it had to precede",
			    at->source->path, at->line);
}

static int look(const struct run *run, const struct bless_order *order,
		const struct engine_options *options, FILE *out)
{
	struct times times = {.before = order->times, .before_count = order->time_count};
	struct bless_answer answer = {0};
	struct observation seen;
	struct arena a = {0};
	enum verdict verdict;

	engine_run(run, options, &a, &seen);
	verdict = seen.judgement.verdict;
	if (verdict == VERDICT_UNSURE || verdict == VERDICT_FAIL) {
		answer.message = doubt(&a, &seen, run->line_count);
		if (!answer.message)
			answer.message = seen.judgement.late;
		if (!answer.message && bless_late_itself(&a, run, &seen.timeline, &seen.judgement))
			answer.message = "a time may be too long because of the program itself";
		verdict = answer.message ? VERDICT_UNSURE : VERDICT_FAIL;
	}
	if (verdict == VERDICT_FAIL)
		answer = tell_failure(&a, &seen, &times);
	else if (verdict == VERDICT_PASS)
		answer.held = bless_held(&a, run, &seen.judgement);
	else if (verdict == VERDICT_BROKEN)
		answer.message = broken_reason(&a, &seen);
	else if (verdict == VERDICT_SKIP)
		answer.message = run->skip;
	bless_answer_write(out, &answer);
	arena_free(&a);
	return verdict;
}

/* It may have differed a little earlier this time. */
static size_t first_line(const struct observation *seen, const struct bless_order *order)
{
	size_t from = bless_from(seen->run, &seen->timeline, &seen->judgement);

	if (order->acks)
		return 0;
	return from < seen->from ? from : seen->from;
}

static const char *why_stuck(struct arena *a, const struct observation *seen)
{
	const struct place *at = &seen->run->lines[seen->done].place;

	return arena_printf(a, "%s:%d: %s", at->source->path, at->line, seen->stuck);
}

/*
 * It did not even reach the place where the usual run differed; but if that is so each time, it is
 * what happens.
 */
static bool is_unsure(const struct observation *seen, const struct bless_order *order, int attempt)
{
	return attempt < UNSURE_REPEATS && !seen->broken && !seen->stuck &&
	       seen->done <= order->from;
}

static int write_text(const struct run *run, const struct bless_order *order,
		      const struct engine_options *usual, int attempt, FILE *out)
{
	/* Statements about lines refer to the lines of this run. */
	const char *held =
	    order->held && strlen(order->held) == run->line_count ? order->held : NULL;
	const struct engine_blessing blessing = {order->from, held, order->until};
	struct times times = {.before = order->times, .before_count = order->time_count};
	struct engine_options options = *usual;
	struct bless_answer answer = {0};
	struct blessing what;
	struct observation seen;
	struct arena a = {0};
	int status = VERDICT_FAIL;

	options.blessing = &blessing;
	options.limit += (order->until ? order->until : LIMIT_OF_STRETCH) * (ns_t)run->line_count;
	engine_run(run, &options, &a, &seen);
	what = (struct blessing){
	    .from = first_line(&seen, order),
	    .done = seen.done,
	    .left_off = seen.left_off,
	    .held = held,
	    .acks = order->acks,
	    .times = &times,
	};
	if (!seen.broken)
		answer.message =
		    doubt(&a, &seen, seen.from < order->from ? seen.from : order->from);
	/* Something came above the place where the usual run, of which nothing is in doubt,
	 * differed. */
	if (!answer.message && !seen.broken && !order->acks && seen.from < order->from)
		answer.message = "it differed earlier than a usual run";
	if (answer.message || is_unsure(&seen, order, attempt)) {
		status = VERDICT_UNSURE;
	} else if (seen.broken) {
		status = VERDICT_BROKEN;
		answer.message = broken_reason(&a, &seen);
	} else if (seen.stuck) {
		answer.message = why_stuck(&a, &seen);
	} else if (bless_rewrite(&a, run, &seen.timeline, &seen.judgement, &what, &answer.draft,
				 &answer.message)) {
		status = VERDICT_PASS;
		answer.times = times.list;
		answer.time_count = times.count;
	}
	bless_answer_write(out, &answer);
	arena_free(&a);
	return status;
}

int bless_one(const struct invocation *inv, size_t job, int attempt, FILE *out)
{
	struct planned *planned = &inv->plan->list[job];
	const struct run *run = plan_run(inv->plan, planned);
	const struct engine_options options = {
	    .patience = inv->options->patience,
	    .memory = inv->options->memory,
	    .captured = inv->options->captured,
	    .spool = inv->results,
	    .limit = inv->options->limit ? inv->options->limit : planned->limit,
	    .judged = inv->order->at ? tell_line : NULL,
	    .context = inv->order->at,
	};

	if (inv->order->what == BLESS_LOOK)
		return look(run, inv->order, &options, out);
	return write_text(run, inv->order, &options, attempt, out);
}
