/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the pool calls these functions. A run's own process gives an account of it;
 * a run without an account is broken, and the known reason is reported here. Each account is handed
 * to the reporters in the order of the command line, and counted; after the last run of a scenario
 * that has a table, the table is written beside the results.
 */
#include "harness/cli/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/cgroup.h"
#include "harness/base/shortage.h"
#include "harness/base/shown.h"
#include "harness/base/signals.h"
#include "harness/cli/commands.h"
#include "harness/engine/engine.h"
#include "harness/guest/guest.h"
#include "harness/report/report_table.h"
#include "harness/run/capacity.h"
#include "harness/run/results.h"
#include "harness/run/spare.h"

#define LONG_SLEEP (3600 * NS_PER_S)
#define SOME	   10 /* runs tell how long the others may take */

static ns_t limit(void *context, size_t job)
{
	const struct tally *t = context;

	return run_limit(&t->inv, &t->inv.plan->list[job], 0);
}

/* What is known of a run whose process did not return a verdict. */
static void why_broken(const struct tally *t, size_t job, const struct pool_end *end, char *why,
		       size_t size)
{
	struct arena *a = t->inv.plan->arena;

	if (end->unstarted)
		snprintf(why, size,
			 "no process could be started for it%s: %s; -j 1 needs the fewest",
			 end->repeats ? arena_printf(a, ", in %d attempts", end->repeats + 1) : "",
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

static void count(struct tally *t, const struct ended *e, const struct pool_end *end)
{
	enum verdict v = e->account.verdict;

	t->reports.so_far.count[v]++;
	t->reports.so_far.standing[e->standing]++;
	t->reports.so_far.unsure += end->repeats > 0;
	if (e->standing == STANDS_NEW || e->standing == STANDS_VANISHED)
		t->failed = true;
	if (e->standing != STANDS_ALONE)
		return;
	t->failed |= verdict_exit(v) == EXIT_FAILED;
	t->broken |= verdict_exit(v) == EXIT_BROKEN;
}

/* In another round a run has another name (cmd_run.c); a baseline has the first one. */
static enum standing standing_of(const struct tally *t, const struct ended *e)
{
	const struct baseline *b = t->reports.so_far.against;
	const char *name = e->name, *round = t->round ? strrchr(name, ',') : NULL;

	if (!b)
		return STANDS_ALONE;
	if (round)
		name = arena_strndup(t->inv.plan->arena, name, (size_t)(round - name));
	return baseline_standing(b, name, e->account.verdict, e->account.by_kernel);
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
	static const struct result_file files[] = {{"table.txt", write_table, NULL},
						   {NULL, NULL, NULL}};
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

/* The counts so far, if they tell anything. */
static void put_time_left(const struct tally *t, size_t left, char *text, size_t size)
{
	const struct reporting *r = &t->reports.so_far;
	ns_t took = progress_took(&t->progress);

	if (r->done >= SOME)
		snprintf(text, size, ", about %lld s left",
			 (long long)(took / (ns_t)r->done * (ns_t)left / NS_PER_S));
}

/* The progress, on a terminal; elsewhere the verdicts show it. */
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
				    t->pool.running, failed, next->name, takes);
	put_time_left(t, r->total - r->done, left, sizeof(left));
	return progress_say(&t->progress, "%zu of %zu done, %d running, %zu failed%s: %s%s",
			    r->done, r->total, t->pool.running, failed, left, next->name, takes);
}

/* What its process has reported, or what is known of why it reported nothing. */
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

/* Where its results are; with --keep only its own process knows that. */
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
	    .repeats = end->repeats,
	};
	bool written;

	progress_clear(&t->progress);
	t->unwritten |= end->status >= 0 && (end->status & RESULTS_UNWRITTEN);
	if (t->take)
		t->take(t->take_context, &e);
	e.standing = standing_of(t, &e);
	count(t, &e, end);
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
	t->stopped |= written && t->ends_at_failure && (t->failed || t->broken);
	return written && !t->stopped;
}

/*
 * The verdict is printed already, but then the run's process did not end as it should: it is
 * counted as a run that could not be carried out.
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

static ns_t takes(void *context, size_t job)
{
	const struct tally *t = context;

	return planned_time(&t->inv.plan->list[job]);
}

static bool has_time(void *context)
{
	const struct tally *t = context;

	return has_spare_time(t->processors);
}

void tally_begin(struct tally *t)
{
	struct capacity c = runs_at_once(t->inv.options, t->inv.guest, t->inv.plan->count);

	t->processors = c.most > c.at_once ? processors() : 1;
	t->pool = (struct pool){
	    .jobs = t->inv.plan->count,
	    .at_once = c.at_once,
	    .most = c.most,
	    .has_time = has_time,
	    /* In virtual time, the written times are none of these. */
	    .takes = t->inv.guest ? NULL : takes,
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
	t->killed = cgroup_killed();
}
