/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: plan everything (whatever is wrong with a script is said now, and nothing is
 * run), hand it to the pool, hand what each run has told to the reporters as it comes, in the order
 * named, and count. A run's own process gives an account of it; one that does not come to that is
 * broken, and what is known of why is said for it here.
 */
#include "harness/cli/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cgroup.h"
#include "harness/base/shortage.h"
#include "harness/base/shown.h"
#include "harness/base/signals.h"
#include "harness/cli/choice.h"
#include "harness/cli/home.h"
#include "harness/cli/progress.h"
#include "harness/engine/engine.h"
#include "harness/guest/guest.h"
#include "harness/report/report_table.h"
#include "harness/report/reporter.h"
#include "harness/run/pool.h"
#include "harness/run/results.h"
#include "harness/run/run_one.h"

#define LONG_SLEEP (3600 * NS_PER_S)
#define SOME	   10 /* runs tell how long the others may take */

struct tally {
	struct invocation inv;
	struct reports reports;
	struct progress progress;
	int64_t killed; /* for want of memory, before all: as cgroup_killed() says */
	const struct pool *pool;
	size_t round; /* from 0 */
	bool unwritten, failed, broken, muted, stopped;
};

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

/* The engine ends a run at its limit and can say where it hung; this is for when it cannot. */
static ns_t limit(void *context, size_t job)
{
	const struct tally *t = context;
	ns_t own;

	if (t->inv.guest) /* the guest's own limit comes first */
		return guest_limit(t->inv.options, &t->inv.plan->list[job]) + 10 * NS_PER_S;
	own = t->inv.options->limit ? t->inv.options->limit : t->inv.plan->list[job].limit;

	return own + own / 2 + 10 * NS_PER_S;
}

/* What is known of a run whose process did not return a verdict. */
static void why_broken(const struct tally *t, size_t job, const struct pool_end *end, char *why,
		       size_t size)
{
	struct arena *a = t->inv.plan->arena;

	if (end->unstarted)
		snprintf(why, size, "no process could be started for it: %s; -j 1 needs the fewest",
			 shortage_mend(a, end->unstarted));
	else if (end->overran)
		snprintf(why, size, "it hung, and was killed after %lld s",
			 (long long)(limit((void *)t, job) / NS_PER_S));
	else if (end->signal)
		snprintf(why, size, "%s",
			 cgroup_mend(a,
				     arena_printf(a, "its process was ended by %s",
						  signal_name(a, end->signal)),
				     t->killed));
	else
		snprintf(why, size, "its process ended before it had a verdict");
}

static void count(struct tally *t, enum verdict v, const struct pool_end *end)
{
	t->reports.so_far.count[v]++;
	t->reports.so_far.unsure += end->repeats > 0;
	t->failed |= verdict_exit(v) == EXIT_FAILED;
	t->broken |= verdict_exit(v) == EXIT_BROKEN;
}

/* ---- the table over the runs of a scenario ---- */

static bool write_table(FILE *out, void *context)
{
	const struct tally *t = context;

	report_table_print(out, t->reports.so_far.rows, pool_interrupted);
	if (!pool_interrupted())
		return !ferror(out);
	errno = EINTR;
	return false;
}

static void leave_table(struct tally *t, const char *group)
{
	static const struct result_file files[] = {{"table.txt", write_table}, {NULL, NULL}};
	const char *error = NULL;
	struct arena a = {0};

	if (t->inv.results &&
	    !results_write(&a, t->inv.results, group, t->inv.options->keep, files, t, &error) &&
	    !pool_interrupted()) {
		say("the table could not be written: %s", error);
		t->unwritten = true;
	}
	arena_free(&a);
}

/* Whether no run after this one belongs to the same table. */
static bool is_last_of_group(const struct plan *plan, size_t job)
{
	return job + 1 == plan->count ||
	       strcmp(plan->list[job].group, plan->list[job + 1].group) != 0;
}

/* Take a run's row; after the last one, leave the table. A single run has done so itself. */
static bool tabulate(struct tally *t, size_t job, json_t *row)
{
	const struct plan *plan = t->inv.plan;
	const char *group = plan->list[job].group;
	json_t *rows = t->reports.so_far.rows;
	bool written = true;

	if (row)
		json_array_append(rows, row);
	if (!is_last_of_group(plan, job))
		return true;
	if (json_array_size(rows) && strcmp(group, plan->list[job].name) != 0) {
		leave_table(t, group);
		written = reports_table(&t->reports, group);
	}
	json_array_clear(rows);
	return written;
}

/* As it went so far, if that tells anything. */
static void put_time_left(const struct tally *t, size_t left, char *text, size_t size)
{
	const struct reporting *r = &t->reports.so_far;
	ns_t took = progress_took(&t->progress);

	if (r->done >= SOME && !until_fail)
		snprintf(text, size, ", about %lld s left",
			 (long long)(took / (ns_t)r->done * (ns_t)left / NS_PER_S));
}

/* How far it is, on a terminal; elsewhere the verdicts tell. */
static ns_t waiting(void *context)
{
	struct tally *t = context;
	const struct plan *plan = t->inv.plan;
	const struct reporting *r = &t->reports.so_far;
	size_t nth = r->done - t->round * plan->count, failed;
	const struct planned *next = &plan->list[nth];
	char takes[60] = "", left[60] = "";

	if (!t->progress.live || nth == plan->count)
		return LONG_SLEEP;
	if (!t->inv.guest && next->written >= NS_PER_S)
		snprintf(takes, sizeof(takes), " (takes %lld s)",
			 (long long)(next->written / NS_PER_S));
	if (r->total == 1)
		return progress_say(&t->progress, "running %s%s", next->name, takes);
	failed = r->count[VERDICT_FAIL] + r->count[VERDICT_BROKEN];
	if (r->total == NOT_KNOWN)
		return progress_say(&t->progress, "%zu done, %d running, %zu failed: %s%s", r->done,
				    t->pool->running, failed, next->name, takes);
	put_time_left(t, r->total - r->done, left, sizeof(left));
	return progress_say(&t->progress, "%zu of %zu done, %d running, %zu failed%s: %s%s",
			    r->done, r->total, t->pool->running, failed, left, next->name, takes);
}

/* What its process has told of it, or else what is known of why it told nothing. */
static struct account account_from(struct tally *t, size_t job, const struct pool_end *end)
{
	struct arena *a = t->inv.plan->arena;
	struct account account;
	char why[256];

	if (end->status < 0) {
		why_broken(t, job, end, why, sizeof(why));
		return account_broken(arena_strdup(a, why));
	}
	account_read(a, end->aside, end->aside_length, &account);
	account.verdict = (enum verdict)(end->status & ~RESULTS_UNWRITTEN);
	return account;
}

/* Where its results lie; with --keep its own process alone knows that. */
static const char *trace_of(const struct tally *t, size_t job, const struct pool_end *end)
{
	const struct plan *plan = t->inv.plan;

	if (!t->inv.results || t->inv.options->keep || end->status < 0 ||
	    (end->status & RESULTS_UNWRITTEN))
		return NULL;
	return arena_printf(plan->arena, "%s/%s", t->inv.results, plan->list[job].name);
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct tally *t = context;
	struct ended e = {
	    .planned = &t->inv.plan->list[job],
	    .name = t->inv.plan->list[job].name,
	    .account = account_from(t, job, end),
	    .body = end->status >= 0 ? end->output : NULL,
	    .length = end->status >= 0 ? end->output_length : 0,
	    .trace = trace_of(t, job, end),
	};
	bool written;

	progress_clear(&t->progress);
	t->unwritten |= end->status >= 0 && (end->status & RESULTS_UNWRITTEN);
	count(t, e.account.verdict, end);
	written = pool_write(STDERR_FILENO, end->errors, end->error_length) || errno != EINTR;
	if (written)
		written = reports_ended(&t->reports, &e);
	if (written)
		written = tabulate(t, job, e.account.row);
	if (!written && errno != EINTR && errno != EPIPE) {
		say("cannot write to standard output: %s", strerror(errno));
		t->muted = true;
	}
	json_decref(e.account.row);
	t->stopped |= written && (fail_fast || until_fail) && (t->failed || t->broken);
	return written && !t->stopped;
}

/*
 * The verdict is out, and what came of taking the lab down is no pass all the same: it is counted
 * as a run that could not be carried out.
 */
static void failed_late(void *context, size_t job, int said, const struct pool_end *end)
{
	struct tally *t = context;
	char why[256] = "its process did not end as it should have";

	if (end->overran || end->signal)
		why_broken(t, job, end, why, sizeof(why));
	t->reports.so_far.count[said & ~RESULTS_UNWRITTEN]--;
	t->reports.so_far.count[VERDICT_BROKEN]++;
	t->broken = true;
	progress_clear(&t->progress);
	pool_write(STDERR_FILENO, end->errors, end->error_length);
	say("%s: after its verdict, when its lab was taken down: %s", t->inv.plan->list[job].name,
	    why);
}

static bool make_plan(const struct options *o, struct library *l, const struct facts *facts,
		      struct plan *plan)
{
	struct selection chosen = {0};
	bool planned = choose_scenarios(o, l, &chosen);

	for (size_t i = 0; i < chosen.count; i++) {
		struct complaints c = {.arena = l->arena};
		const char *error = NULL;

		if (plan_add(plan, l, chosen.list[i], facts, choose_families(o), &c, &error))
			continue;
		if (error)
			say("%s", error);
		complaints_print(stderr, &c);
		planned = false;
	}
	return planned;
}

static int cannot_print(const struct tally *t)
{
	say("cannot write to standard output");
	return t->failed ? EXIT_FAILED : EXIT_BROKEN;
}

static bool is_endless(void)
{
	return until_fail && !rounds;
}

/* From the second one on, runs, their tables and what they leave have names of their own. */
static void name_round(const struct tally *t, const struct planned *first)
{
	const struct plan *plan = t->inv.plan;

	for (size_t i = 0; t->round && i < plan->count; i++) {
		plan->list[i].name =
		    arena_printf(plan->arena, "%s,round=%zu", first[i].name, t->round + 1);
		plan->list[i].group =
		    arena_printf(plan->arena, "%s,round=%zu", first[i].group, t->round + 1);
	}
}

/* Returns the signal that has ended it early, or 0. */
static int run_rounds(struct tally *t, struct pool *pool)
{
	const struct plan *plan = t->inv.plan;
	struct planned *first = arena_alloc(plan->arena, (plan->count + 1) * sizeof(*first));
	int sig = 0;

	for (size_t i = 0; i < plan->count; i++)
		first[i] = plan->list[i];
	for (; !sig && !t->stopped && (is_endless() || (int)t->round < rounds); t->round++) {
		name_round(t, first);
		sig = pool_run(pool);
		if (!plan->count)
			break;
	}
	return t->stopped ? 0 : sig;
}

static int end_early(struct tally *t, int sig)
{
	reports_cut_off(&t->reports);
	return t->muted ? EXIT_BROKEN : sig == SIGPIPE ? 128 + SIGPIPE : EXIT_INTERRUPTED;
}

static int run_plan(struct tally *t)
{
	const struct options *o = t->inv.options;
	struct pool pool = {
	    .jobs = t->inv.plan->count,
	    .at_once = runs_at_once(o, t->inv.guest, t->inv.plan->count),
	    .context = t,
	    .work_context = &t->inv,
	    .work = run_anywhere,
	    .limit = limit,
	    .done = done,
	    .waiting = waiting,
	    .failed_late = failed_late,
	    .again = VERDICT_UNSURE,
	    .repeats = UNSURE_REPEATS,
	};
	size_t total = until_fail ? NOT_KNOWN : t->inv.plan->count * (size_t)rounds;
	int sig;

	t->killed = cgroup_killed();
	t->pool = &pool;
	fflush(stdout);
	if (!reports_begin(&t->reports, &t->inv, total))
		return cannot_print(t);
	progress_begin(&t->progress);
	sig = run_rounds(t, &pool);
	progress_clear(&t->progress);
	if ((sig || t->stopped) && t->inv.results)
		results_sweep(t->inv.results);
	if (sig)
		return end_early(t, sig);
	if (!reports_end(&t->reports))
		return cannot_print(t);
	t->unwritten |= t->reports.unwritten;
	return t->failed ? EXIT_FAILED : t->broken || t->unwritten ? EXIT_BROKEN : EXIT_PASSED;
}

/* A round's number must fit behind the name. */
static bool can_be_repeated(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (strlen(plan->list[i].name) + strlen(",round=1000000") > RESULT_NAME_MAX) {
			say("%s has too long a name to be repeated", plan->list[i].name);
			return false;
		}
	}
	return true;
}

static int cmd_run(const struct options *o, struct library *l)
{
	struct arena *a = l->arena;
	struct plan plan = {.arena = a, .slow = o->slow};
	struct tally t = {.inv = {.options = o, .plan = &plan}};
	const char *error = NULL, *root;
	struct scratch guests = {.fd = -1};
	struct guest_kernel guest;
	struct facts facts;
	int status;

	facts_gather(&facts, t.inv.release);
	if (o->kernel) {
		if (!guest_find(a, o->kernel, &guest, &error)) {
			say("%s", error);
			return EXIT_USAGE;
		}
		t.inv.guest = &guest;
		memcpy(t.inv.release, guest.release, sizeof(t.inv.release));
		guest_facts(&guest, &facts);
	}
	if (!make_plan(o, l, &facts, &plan))
		return EXIT_USAGE;
	if (!plan.count) {
		say("none of these runs over that family");
		return EXIT_USAGE;
	}
	root = o->results ? o->results : home_results(a);
	if (!choose_runs(&plan, arena_printf(a, "%s/%s", root, t.inv.release), &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
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
	t.inv.voice = t.reports.voice;
	t.inv.library = l->directory;
	t.inv.single = plan.count == 1 && rounds == 1;
	t.inv.results = results_open(a, root, t.inv.release, &error);
	if (!t.inv.results) {
		say("%s", error);
		t.unwritten = true;
	}
	if (t.inv.guest) {
		t.inv.work = guest_open(a, &guest, &guests, &error);
		if (!t.inv.work) {
			say("%s", error);
			return EXIT_BROKEN;
		}
	}
	status = run_plan(&t);
	scratch_remove(&guests);
	reports_close(&t.reports);
	return status;
}

/* How to choose among the runs, and how to report them. */
static const struct option_row *further(size_t i)
{
	for (size_t k = 0; choice_options[k].name; k++)
		if (i-- == 0)
			return &choice_options[k];
	return reporter_option(i);
}

const struct command command_run = {
    .name = "run",
    .arguments = "NAME...",
    .help = "run them (the word `run` may be left out)",
    .run = cmd_run,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS | WITH_VERBOSE | WITH_JSON | WITH_TELLING,
    .own = own,
    .more = further,
    .needs_proc = true,
};
