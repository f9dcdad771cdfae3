/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child's side of `bless`: one run, and what it says about the script.
 */
#include "harness/bless_one.h"

#include "harness/bless/bless.h"
#include "harness/engine.h"
#include "harness/run_one.h"
#include "harness/transcript.h"

#define LIMIT_OF_STRETCH (10 * NS_PER_S) /* what finding out may take beyond what is written */

static const char *place_text(struct arena *a, const struct run *run, int line)
{
	const struct place *at = &run->lines[line].place;

	return arena_printf(a, "%s:%d", at->source->path, at->line);
}

/* Where it went wrong, and why; and the text, where it is only a time that is wrong. */
static void print_failure(FILE *out, struct arena *a, const struct observation *seen)
{
	const struct judgement *j = &seen->judgement;
	const char *why, *text = bless_gap(a, seen->run, &seen->timeline, j, &why);

	fprintf(out, "%zu\n%s: %s\n%s", bless_from(seen->run, &seen->timeline, j),
		place_text(a, seen->run, j->problems[0].line), j->problems[0].message,
		text ? text : "");
}

static int look(const struct run *run, const struct engine_options *options, int attempt, FILE *out)
{
	struct observation seen;
	struct arena a = {0};
	enum verdict verdict;

	engine_run(run, options, &a, &seen);
	verdict = seen.judgement.verdict;
	if (verdict == VERDICT_UNSURE && attempt >= UNSURE_REPEATS)
		verdict = VERDICT_FAIL;
	if (verdict == VERDICT_FAIL)
		print_failure(out, &a, &seen);
	else if (verdict == VERDICT_BROKEN)
		fputs(broken_reason(&a, &seen), out);
	else if (verdict == VERDICT_SKIP)
		fprintf(out, "%s", run->skip);
	arena_free(&a);
	return verdict;
}

/* It may have gone wrong a little sooner this time. */
static size_t first_line(const struct observation *seen, const struct bless_order *order)
{
	size_t from = bless_from(seen->run, &seen->timeline, &seen->judgement);

	if (order->acks)
		return 0;
	return from < seen->from ? from : seen->from;
}

static int write_text(const struct run *run, const struct bless_order *order,
		      const struct engine_options *usual, int attempt, FILE *out)
{
	const struct engine_blessing blessing = {order->from, order->until};
	struct engine_options options = *usual;
	const char *text = NULL, *why = NULL;
	struct blessing what;
	struct observation seen;
	struct arena a = {0};
	int status = VERDICT_FAIL;

	options.blessing = &blessing;
	options.limit += (order->until ? order->until : LIMIT_OF_STRETCH) * (ns_t)run->line_count;
	engine_run(run, &options, &a, &seen);
	what = (struct blessing){first_line(&seen, order), seen.done, order->acks};
	if (seen.judgement.disturbed && attempt < UNSURE_REPEATS) {
		status = VERDICT_UNSURE;
	} else if (seen.broken) {
		status = VERDICT_BROKEN;
		why = broken_reason(&a, &seen);
	} else if (seen.stuck) {
		why = arena_printf(&a, "%s: %s", place_text(&a, run, (int)seen.done), seen.stuck);
	} else {
		text = bless_rewrite(&a, run, &seen.timeline, &seen.judgement, &what, &why);
	}
	if (text)
		status = VERDICT_PASS;
	if (text || why)
		fputs(text ? text : why, out);
	arena_free(&a);
	return status;
}

int bless_one(const struct invocation *inv, size_t job, int attempt, FILE *out)
{
	const struct planned *planned = &inv->plan->list[job];
	const struct engine_options options = {
	    .patience = inv->options->patience,
	    .limit = inv->options->limit ? inv->options->limit : planned->limit,
	};

	if (inv->order->what == BLESS_LOOK)
		return look(planned->run, &options, attempt, out);
	return write_text(planned->run, inv->order, &options, attempt, out);
}
