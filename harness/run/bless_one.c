/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child's side of `bless`: one run, and its answer about the script.
 */
#include "harness/run/bless_one.h"

#include <string.h>

#include "harness/bless/bless_answer.h"
#include "harness/bless/lateness.h"
#include "harness/engine/engine.h"
#include "harness/report/transcript.h"
#include "harness/run/run_one.h"

#define LIMIT_OF_STRETCH (10 * NS_PER_S) /* additional time for observing */

/* Where it differed, and why; and the text, if only a time is wrong. */
static struct bless_answer tell_failure(struct arena *a, const struct observation *seen)
{
	const struct judgement *j = &seen->judgement;
	const struct place *at = &seen->run->lines[j->problems[0].line].place;
	struct bless_answer answer = {
	    .path = at->source->path,
	    .line = at->line,
	    .from = bless_from(seen->run, &seen->timeline, j),
	    .held = bless_held(a, seen->run, j),
	    .message = j->problems[0].message,
	};

	answer.time = bless_gap(a, seen->run, &seen->timeline, j, &answer.draft);
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

/*
 * It has failed: what there is to conclude from that. FAIL, or UNSURE: nothing, for the reason that
 * the answer gives.
 */
static enum verdict conclude(struct arena *a, const struct observation *seen,
			     struct bless_answer *answer)
{
	const struct run *run = seen->run;
	const struct judgement *j = &seen->judgement;
	const char *why = why_doubtful(a, run, &seen->timeline, j, run->line_count);

	if (!why)
		why = j->late;
	if (!why) {
		*answer = tell_failure(a, seen);
		if (answer->time != TIME_LATE_ITSELF)
			return VERDICT_FAIL;
		why = arena_printf(a, "%s:%d: %s, and the program itself was late", answer->path,
				   answer->line, answer->message);
	}
	*answer = (struct bless_answer){.message = why};
	return VERDICT_UNSURE;
}

static int look(const struct run *run, const struct engine_options *options, int attempt, FILE *out)
{
	struct bless_answer answer = {0};
	struct observation seen;
	struct arena a = {0};
	enum verdict verdict;

	engine_run(run, options, &a, &seen);
	verdict = seen.judgement.verdict;
	if (verdict == VERDICT_UNSURE && seen.broken && attempt >= UNSURE_REPEATS)
		verdict = VERDICT_BROKEN;
	if (verdict == VERDICT_FAIL || (verdict == VERDICT_UNSURE && !seen.broken))
		verdict = conclude(&a, &seen, &answer);
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
 * It could not be built this time. Or it did not even reach the place where the usual run differed,
 * or has differed earlier. But if that is so each time, it is what happens.
 */
static const char *why_unlike(const struct observation *seen, const struct bless_order *order)
{
	if (seen->may_pass)
		return "it could not be built";
	if (seen->broken || seen->stuck)
		return NULL;
	if (seen->done <= order->from)
		return "it did not come as far as the run before";
	return seen->from < order->from && !order->acks ? "it differed earlier than the run before"
							: NULL;
}

/* Why nothing can be concluded from it; NULL: it can. */
static const char *why_unsure(struct arena *a, const struct observation *seen,
			      const struct bless_order *order, int attempt)
{
	size_t from = seen->from < order->from ? seen->from : order->from;
	const char *why = seen->broken
			      ? seen->judgement.disturbed
			      : why_doubtful(a, seen->run, &seen->timeline, &seen->judgement, from);

	if (why && (!seen->broken || attempt < UNSURE_REPEATS))
		return why;
	return attempt < UNSURE_REPEATS ? why_unlike(seen, order) : NULL;
}

static int write_text(const struct run *run, const struct bless_order *order,
		      const struct engine_options *usual, int attempt, FILE *out)
{
	/* Statements about lines refer to the lines of this run. */
	const char *held =
	    order->held && strlen(order->held) == run->line_count ? order->held : NULL;
	const struct engine_blessing blessing = {order->from, held, order->until};
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
	};
	answer.message = why_unsure(&a, &seen, order, attempt);
	if (answer.message) {
		status = VERDICT_UNSURE;
	} else if (seen.broken) {
		status = VERDICT_BROKEN;
		answer.message = broken_reason(&a, &seen);
	} else if (seen.stuck) {
		answer.message = why_stuck(&a, &seen);
	} else if (bless_rewrite(&a, run, &seen.timeline, &seen.judgement, &what, &answer.draft,
				 &answer.message)) {
		status = VERDICT_PASS;
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
	    .timeout = inv->options->timeout,
	    .memory = inv->options->memory,
	    .captured = inv->options->captured,
	    .spool = inv->results,
	    .limit = inv->options->limit ? inv->options->limit : planned->limit,
	    .judged = inv->order->at ? tell_line : NULL,
	    .context = inv->order->at,
	};

	if (inv->order->what == BLESS_LOOK)
		return look(run, &options, attempt, out);
	return write_text(run, inv->order, &options, attempt, out);
}
