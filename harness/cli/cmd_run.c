/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: plan everything (if anything is wrong with a script, it is reported now, and
 * nothing is run), choose what should be run of it (choice.c), hand that to the pool, once or round
 * by round, and the outcome to the reporters (tally.c).
 */
#include "harness/cli/commands.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/cli/against.h"
#include "harness/cli/all_runs.h"
#include "harness/cli/choice.h"
#include "harness/cli/exercises.h"
#include "harness/cli/tally.h"
#include "harness/guest/guest.h"
#include "harness/program/program.h"
#include "harness/run/results.h"
#include "harness/run/run_one.h"

/* Options of its own. */
static int rounds;
static bool until_fail, fail_fast;

static const struct option_row own[] = {
    {
	.name = "repeat",
	.argument = "N",
	.expected = "a number from 1 to 1000000",
	.set = option_count,
	.own = &rounds,
	.value = 1000000,
	.help = "run all of it N times",
    },
    {
	.name = "until-fail",
	.set = option_flag,
	.own = &until_fail,
	.value = true,
	.help = "run all of it again and again, until one fails",
    },
    {
	.name = "fail-fast",
	.set = option_flag,
	.own = &fail_fast,
	.value = true,
	.help = "end all when one has failed",
    },
    {.name = NULL},
};

static bool make_plan(const struct options *o, struct library *l, const struct facts *facts,
		      struct plan *plan)
{
	struct selection chosen = {0};
	bool found = choose_scenarios(o, l, &chosen);

	return all_runs_plan(plan, l, &chosen, facts, choose_families(o)) && found;
}

static bool is_endless(void)
{
	return until_fail && !rounds;
}

/* From the second one on, runs, their tables and what they leave have names of their own. */
static void name_round(const struct tally *t)
{
	const struct plan *plan = t->inv.plan;

	for (size_t i = 0; i < plan->count; i++) {
		plan->list[i].name =
		    arena_printf(plan->arena, "%s,round=%zu", t->first[i].name, t->round + 1);
		plan->list[i].group =
		    arena_printf(plan->arena, "%s,round=%zu", t->first[i].group, t->round + 1);
	}
}

static bool next_round(void *context)
{
	struct tally *t = context;

	if (!t->inv.plan->count || (!is_endless() && (int)t->round + 1 >= rounds))
		return false;
	t->round++;
	name_round(t);
	return true;
}

/* Without a last round somebody has to end it: then the reports are complete. */
static void end_reports(void *context)
{
	struct tally *t = context;

	progress_clear(&t->progress);
	t->ended = !t->muted && !t->stopped && reports_end(&t->reports);
}

/* Returns the signal that has ended it early, or 0. */
static int run_rounds(struct tally *t)
{
	const struct plan *plan = t->inv.plan;
	struct planned *first = arena_alloc(plan->arena, (plan->count + 1) * sizeof(*first));
	int sig;

	for (size_t i = 0; i < plan->count; i++)
		first[i] = plan->list[i];
	t->first = first;
	t->pool.next_round = next_round;
	t->pool.interrupted = is_endless() ? end_reports : NULL;
	sig = pool_run(&t->pool);
	return t->stopped ? 0 : sig;
}

/* A round's number must fit after the name. */
static bool can_be_repeated(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (strlen(plan->list[i].name) + strlen(",round=1000000") > RUN_NAME_MAX) {
			say("%s has too long a name to be repeated", plan->list[i].name);
			return false;
		}
	}
	return true;
}

static bool is_started(const struct plan *plan, enum host host)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->list[i].starts_program[host])
			return true;
	return false;
}

/* Whoever names a program wants to see it. */
static bool programs_are_started(const struct options *o, const struct plan *plan)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (!o->program[h] || is_started(plan, h))
			continue;
		say("--%s: none of these scenarios has the line `%s program`, which would start it",
		    host_name(h), host_name(h));
		return false;
	}
	return true;
}

static bool fail(const char *error)
{
	say("%s", error);
	return false;
}

/* Which kernel they run on, and what is known of it. */
static bool find_kernel(struct tally *t, struct arena *a, struct guest_kernel *guest,
			struct facts *facts)
{
	const char *name = t->inv.options->kernel, *error = NULL;

	facts_gather(facts, t->inv.release);
	if (!name)
		return true;
	if (!guest_find(a, name, guest, &error))
		return fail(error);
	run_on_guest(&t->inv, guest, facts);
	return true;
}

static bool plan_runs(const struct options *o, struct library *l, struct facts *facts,
		      struct plan *plan)
{
	const char *error = NULL;

	if (!facts_of_programs(facts, l->arena, o, &error))
		return fail(error);
	if (!programs_exist(l->arena, o) || !make_plan(o, l, facts, plan))
		return false;
	if (!plan->count)
		return fail("none of these runs over that family");
	return programs_are_started(o, plan);
}

/* `root`: the directory of the results of all kernels. */
static bool open_results(struct tally *t, struct arena *a, const struct plan *plan,
			 const char *root)
{
	const char *error = NULL;

	t->inv.results = results_open(a, root, t->inv.release, &error);
	if (!t->inv.results || !choice_leave_roster(plan, t->inv.results, t->inv.release, &error))
		return fail(error);
	return true;
}

/* A guest does not see where its text is printed. */
static int64_t stamps(const struct options *o)
{
	if (o->stamps != WHEN_AUTO)
		return o->stamps;
	return isatty(STDOUT_FILENO) ? WHEN_ALWAYS : WHEN_NEVER;
}

static int cmd_run(const struct options *given, struct library *l)
{
	struct options decided = *given;
	const struct options *o = &decided;
	struct arena *a = l->arena;
	struct plan plan = {.arena = a, .slow = o->slow};
	struct tally t = {.inv = {.options = o, .plan = &plan, .library = l->directory}};
	const char *error = NULL, *root = o->results ? o->results : home_results(a);
	struct guest_kernel guest;
	struct facts facts;

	if (exercises_are_chosen(o, l))
		return exercises_judge(o, l);
	decided.stamps = stamps(given);
	if (!find_kernel(&t, a, &guest, &facts) || !files_can_be_kept(o, t.inv.guest) ||
	    !plan_runs(o, l, &facts, &plan))
		return EXIT_USAGE;
	if (!choose_runs(&plan, arena_printf(a, "%s/%s", root, t.inv.release), &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	if (!against_is_one() || !against_open(l, choice_is_whole(o)))
		return EXIT_USAGE;
	if (choice_is_listed()) {
		choice_list(stdout, &plan);
		return EXIT_PASSED;
	}
	if ((rounds > 1 || until_fail) && !can_be_repeated(&plan))
		return EXIT_USAGE;
	if (!rounds && !until_fail)
		rounds = 1;
	if (!reports_open(&t.reports, a, o, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	t.reports.so_far.against = against();
	t.inv.user = program_user(o->input);
	t.inv.voice = reporter_voice(t.reports.voice);
	t.ends_at_failure = fail_fast || until_fail;
	t.inv.single = plan.count == 1 && rounds == 1;
	t.unwritten = !open_results(&t, a, &plan, root);
	return all_runs_make(&t, a, &guest, until_fail ? NOT_KNOWN : plan.count * (size_t)rounds,
			     run_rounds);
}

/* How to choose among the runs, and how to report them. */
static const struct option_row *further(size_t i)
{
	for (size_t k = 0; choice_options[k].name; k++)
		if (i-- == 0)
			return &choice_options[k];
	return i ? reporter_option(i - 1) : &against_option;
}

const struct command command_run = {
    .name = "run",
    .arguments = "NAME...",
    .help = "run them (the word `run` may be left out)",
    .run = cmd_run,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_VERBOSE | WITH_JSON | WITH_TELLING |
	     WITH_LADDER | WITH_PROGRAMS,
    .own = own,
    .more = further,
    .needs_proc = true,
};

/* ---- the same, drawn ---- */

static int cmd_ladder(const struct options *o, struct library *l)
{
	struct options drawn = *o;

	drawn.ladder = true;
	return cmd_run(&drawn, l);
}

const struct command command_ladder = {
    .name = "ladder",
    .arguments = "NAME...",
    .help = "run them, and draw what happened",
    .run = cmd_ladder,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_TELLING | WITH_PROGRAMS,
    .own = own,
    .more = further,
    .needs_proc = true,
};

/* ---- the same, in words ---- */

static const struct option_row of_explain[] = {
    {
	.name = "pause",
	.set = option_flag,
	.field = OPTION_FIELD(pause),
	.value = true,
	.help = "explain: wait for a key after each step (on a terminal; q ends it)",
    },
    {.name = NULL},
};

/* One after the other: a run must not wait for somebody who reads about another one. */
static int cmd_explain(const struct options *o, struct library *l)
{
	struct options told = *o;

	told.explain = true;
	told.at_once = told.pause ? 1 : told.at_once;
	return cmd_run(&told, l);
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "NAME...",
    .help = "run them, and tell what happened, step by step",
    .run = cmd_explain,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_PROGRAMS,
    .own = of_explain,
    .more = reporter_option,
    .needs_proc = true,
};
