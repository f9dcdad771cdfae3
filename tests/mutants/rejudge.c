/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mutants of one run, judged on its time line.
 *
 * This is run_one() for this program: it executes a planned run, in a process of its own, on this
 * machine's kernel or in a guest. It runs the scenario as it is, which must pass; then each mutant
 * is parsed, expanded with the same parameters, checked, and judged on the recording. The output is
 * the fates, one letter for each mutant, and then one for each reading of a socket.
 */
#include <string.h>

#include "harness/engine/engine.h"
#include "harness/plan/library.h"
#include "harness/run/run_one.h"
#include "tests/ladders.h"
#include "tests/mutants/mutate.h"

struct rejudging {
	const struct invocation *inv;
	const struct planned *planned;
	const struct timeline *timeline;
	struct library *library;
	struct arena *arena; /* of one mutant */
	struct comparison *comparison;
};

/* One of this many mutants is judged after each event, too. */
#define COMPARED_OF 10

/* Of a name that the altered line no longer gives, further down. */
#define NO_VALUE "has no value here"
#define NO_NAME	 "does not exist here"

static bool is_due_to(const struct diagnostic *c, int first, int last)
{
	return (c->place.line >= first && c->place.line <= last) || strstr(c->message, NO_VALUE) ||
	       strstr(c->message, NO_NAME);
}

/* The mutant as it would be run. False: the checker refuses it. */
static bool expand(const struct rejudging *r, const struct mutant *m, struct run *run,
		   struct diagnostics *c)
{
	const struct run *original = r->planned->run;
	struct source *source = arena_new(r->arena, struct source);
	struct library_use use = {r->library, r->planned->scenario};
	struct script *script;

	*source = (struct source){
	    .path = r->planned->scenario->path,
	    .text = m->text,
	    .length = strlen(m->text),
	};
	script = script_parse(r->arena, source, c);
	return script && !c->count &&
	       script_expand(r->arena, script, &original->facts, original->bindings,
			     original->binding_count, library_use, &use, run, c) &&
	       script_check(r->arena, run, c) && engine_accepts(run, c);
}

static enum mutant_fate rejudge(const struct rejudging *r, const struct mutant *m, bool compared)
{
	struct diagnostics diagnostics = {.arena = r->arena};
	struct judgement judgement;
	struct run run = {0};
	const struct place *named;
	int first, last;

	if (!mutant_counts(m, r->planned->run))
		return MUTANT_ABSENT;
	mutant_place(m, r->planned->run, &first, &last);
	if (!expand(r, m, &run, &diagnostics))
		return diagnostics.count && is_due_to(&diagnostics.list[0], first, last)
			   ? MUTANT_REFUSED
			   : MUTANT_DOUBTFUL;
	if (mutations[m->mutation].changes_walk || run.line_count != r->planned->run->line_count)
		return MUTANT_DOUBTFUL;
	if (compared)
		compare_growing(r->comparison, &run, r->timeline);
	judge(r->arena, &run, r->timeline, run.line_count, true, &judgement);
	/* Unsure is enough, too: the unaltered scenario has passed, in spite of the disturbance. */
	if (!judgement.problem_count)
		return MUTANT_DOUBTFUL;
	named = &run.lines[judgement.problems[0].line].place;
	return named->source == run.script->source && named->line >= first && named->line <= last
		   ? MUTANT_KILLED
		   : MUTANT_DOUBTFUL;
}

static void rejudge_all(const struct invocation *inv, const struct planned *planned,
			const struct timeline *timeline, struct comparison *c, struct arena *a,
			FILE *out)
{
	struct arena own = {0};
	struct library library;
	size_t count;
	struct mutant *list = mutants_of(a, planned->run->script, &count);
	const struct rejudging r = {inv, planned, timeline, &library, &own, c};

	/* One for all: what they `use` is read once. */
	library_open(&library, a, inv->library);
	for (size_t i = 0; i < count; i++) {
		putc(rejudge(&r, &list[i], i % COMPARED_OF == count % COMPARED_OF), out);
		arena_clear(&own);
	}
	arena_free(&own);
}

static void tell_readings(const struct observation *seen, struct arena *a, FILE *out)
{
	struct ladder ladder;

	ladder_make(a, seen, &ladder);
	for (size_t i = 0; i < ladder.reading_count; i++)
		putc(ladder.readings[i].expected == SS_UNKNOWN ? READING_UNKNOWN : READING_KNOWN,
		     out);
}

int run_one(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct planned *planned = &inv->plan->list[job];
	const struct run *run =
	    plan_run(inv->plan, planned); /* in a guest, nobody has made it yet */
	struct arena a = {0};
	struct comparison comparison = {.arena = &a};
	const struct engine_options options = {
	    .limit = planned->limit,
	    .judged = compare_asked,
	    .context = &comparison,
	};
	struct observation seen = {.run = run};
	enum verdict verdict;

	(void)attempt, (void)aside;
	engine_run(run, &options, &a, &seen);
	verdict = seen.judgement.verdict;
	if (verdict == VERDICT_PASS) {
		rejudge_all(inv, planned, &seen.timeline, &comparison, &a, out);
		tell_readings(&seen, &a, out);
	} else if (seen.judgement.problem_count) {
		fputs(seen.judgement.problems[0].message, out);
	} else if (seen.broken) {
		fputs(seen.broken, out);
	}
	if (verdict == VERDICT_PASS && !comparison.difference)
		comparison.difference = ladder_unsound(&a, &seen);
	if (comparison.difference) {
		fputs(comparison.difference, stderr);
		verdict = VERDICT_BROKEN;
	}
	arena_free(&comparison.scratch);
	arena_free(&a);
	return verdict;
}
