/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: plan everything (whatever is wrong with a script is said now, and nothing is
 * run), hand it to the pool, print what each run has to say as it comes, in the order named, and
 * count. A run's own process returns its verdict; one that does not come to that is broken, and
 * what is known of why is said for it here.
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
#include "harness/cli/home.h"
#include "harness/cli/progress.h"
#include "harness/engine/engine.h"
#include "harness/guest/guest.h"
#include "harness/report/report_json.h"
#include "harness/report/report_table.h"
#include "harness/report/transcript.h"
#include "harness/run/pool.h"
#include "harness/run/results.h"
#include "harness/run/run_one.h"

#define LONG_SLEEP (3600 * NS_PER_S)

struct tally {
	struct invocation inv;
	const struct guest_kernel *guest; /* NULL: the running kernel */
	size_t count[VERDICT_COUNT];
	size_t unsure; /* runs that were repeated for it */
	json_t *rows;  /* of the table over the runs of the scenario that is being reported */
	struct progress progress;
	size_t reported; /* so many runs have been printed: the next one is waited for */
	int64_t killed;	 /* for want of memory, before all: as cgroup_killed() says */
	bool unwritten, failed, broken, muted;
};

static int work(void *context, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct tally *t = context;

	return t->guest ? guest_boot(&t->inv, t->guest, job, attempt, out, aside)
			: run_one(&t->inv, job, attempt, out, aside);
}

/* The engine ends a run at its limit and can say where it hung; this is for when it cannot. */
static ns_t limit(void *context, size_t job)
{
	const struct tally *t = context;
	ns_t own;

	if (t->guest) /* the guest's own limit comes first */
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

static char *broken_text(const struct tally *t, size_t job, const struct pool_end *end,
			 size_t *length)
{
	const struct planned *planned = &t->inv.plan->list[job];
	char why[256], *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (!out)
		return NULL;
	why_broken(t, job, end, why, sizeof(why));
	if (t->inv.options->json) {
		json_t *json = report_json_broken(planned, t->inv.release, why);

		report_json_write(out, json);
		json_decref(json);
	} else {
		verdict_print(out, VERDICT_BROKEN, planned->name, "%s", why);
	}
	fclose(out);
	return text;
}

static void count(struct tally *t, enum verdict v, const struct pool_end *end)
{
	t->count[v]++;
	t->unsure += end->repeats > 0;
	t->failed |= verdict_exit(v) == EXIT_FAILED;
	t->broken |= verdict_exit(v) == EXIT_BROKEN;
}

/* ---- the table over the runs of a scenario ---- */

static bool write_table(FILE *out, void *context)
{
	const struct tally *t = context;

	report_table_print(out, t->rows, pool_interrupted);
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

static bool print_table(const struct tally *t, const char *group)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool written;

	if (!out)
		return true;
	fprintf(out, "\n%s\n\n", group);
	report_table_print(out, t->rows, pool_interrupted);
	putc('\n', out);
	fclose(out);
	written = pool_write(STDOUT_FILENO, text, length);
	free(text);
	return written;
}

/* Whether no run after this one belongs to the same table. */
static bool is_last_of_group(const struct plan *plan, size_t job)
{
	return job + 1 == plan->count ||
	       strcmp(plan->list[job].group, plan->list[job + 1].group) != 0;
}

static bool is_only_scenario(const struct plan *plan)
{
	return plan->list[0].scenario == plan->list[plan->count - 1].scenario;
}

/*
 * Take a run's row; after the last one, leave the table, and print it where transcripts would be. A
 * single run has done both itself.
 */
static bool tabulate(struct tally *t, size_t job, const struct pool_end *end)
{
	const struct plan *plan = t->inv.plan;
	const struct options *o = t->inv.options;
	const char *group = plan->list[job].group;
	json_t *row = end->aside ? json_loadb(end->aside, end->aside_length, 0, NULL) : NULL;
	bool written = true;

	if (row)
		json_array_append_new(t->rows, row);
	if (!is_last_of_group(plan, job))
		return true;
	if (json_array_size(t->rows) && strcmp(group, plan->list[job].name) != 0) {
		leave_table(t, group);
		if (!o->json && !o->quiet && !t->inv.single &&
		    (is_only_scenario(plan) || o->verbose))
			written = print_table(t, group);
	}
	json_array_clear(t->rows);
	return written;
}

/* Nothing is printed while a run goes on, and some take minutes: on a terminal that is said. */
static ns_t waiting(void *context)
{
	struct tally *t = context;
	const struct plan *plan = t->inv.plan;
	const struct planned *next = &plan->list[t->reported];
	char takes[60] = "", of[60] = "";

	if (!t->progress.live || t->reported == plan->count)
		return LONG_SLEEP;
	if (!t->guest && next->written >= NS_PER_S)
		snprintf(takes, sizeof(takes), " (takes %lld s)",
			 (long long)(next->written / NS_PER_S));
	if (plan->count > 1)
		snprintf(of, sizeof(of), "%zu of %zu done, ", t->reported, plan->count);
	return progress_say(&t->progress, "%srunning %s%s", of, next->name, takes);
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct tally *t = context;
	const char *output = end->output;
	size_t length = end->output_length;
	char *broken = NULL;
	bool written;

	t->reported++;
	progress_clear(&t->progress);
	if (end->status >= 0) {
		t->unwritten |= (end->status & RESULTS_UNWRITTEN) != 0;
		count(t, end->status & ~RESULTS_UNWRITTEN, end);
	} else {
		count(t, VERDICT_BROKEN, end);
		output = broken = broken_text(t, job, end, &length);
	}
	written = pool_write(STDERR_FILENO, end->errors, end->error_length) || errno != EINTR;
	if (written && t->inv.options->json && job > 0)
		written = pool_write(STDOUT_FILENO, ",\n", 2);
	if (written)
		written = pool_write(STDOUT_FILENO, output, length);
	if (written)
		written = tabulate(t, job, end);
	if (!written && errno != EINTR && errno != EPIPE) {
		say("cannot write to standard output: %s", strerror(errno));
		t->muted = true;
	}
	free(broken);
	return written;
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
	t->count[said & ~RESULTS_UNWRITTEN]--;
	t->count[VERDICT_BROKEN]++;
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
	bool planned = select_words(o, l, &chosen);

	for (size_t i = 0; i < chosen.count; i++) {
		struct complaints c = {.arena = l->arena};
		const char *error = NULL;

		if (plan_add(plan, l, chosen.list[i], facts, o->families, &c, &error))
			continue;
		if (error)
			say("%s", error);
		complaints_print(stderr, &c);
		planned = false;
	}
	return planned;
}

static void summary(const struct tally *t)
{
	size_t broken = t->count[VERDICT_BROKEN], failed = t->count[VERDICT_FAIL] + broken;
	bool json = t->inv.options->json;

	if (json) {
		printf("],\n\"passed\": %zu, \"failed\": %zu, \"skipped\": %zu, \"broken\": %zu, "
		       "\"unsure\": %zu}\n",
		       t->count[VERDICT_PASS], t->count[VERDICT_FAIL], t->count[VERDICT_SKIP],
		       broken, t->unsure);
		return;
	}
	if (t->inv.plan->count == 1) /* its verdict is the last line */
		return;
	if (broken)
		printf("%zu of the failed could not be run\n", broken);
	if (t->unsure)
		printf("%zu unsure, repeated\n", t->unsure);
	printf("%zu passed, %zu failed, %zu skipped\n", t->count[VERDICT_PASS], failed,
	       t->count[VERDICT_SKIP]);
}

static int run_plan(struct tally *t)
{
	const struct options *o = t->inv.options;
	struct pool pool = {
	    .jobs = t->inv.plan->count,
	    .at_once = runs_at_once(o, t->guest, t->inv.plan->count),
	    .context = t,
	    .work = work,
	    .limit = limit,
	    .done = done,
	    .waiting = waiting,
	    .failed_late = failed_late,
	    .again = VERDICT_UNSURE,
	    .repeats = UNSURE_REPEATS,
	};
	int sig;

	t->killed = cgroup_killed();
	if (o->json)
		printf("{\"tcplab\": \"" TCPLAB_VERSION "\", \"kernel\": \"%s\", \"runs\": [\n",
		       t->inv.release);
	fflush(stdout);
	t->rows = json_array();
	progress_begin(&t->progress);
	sig = pool_run(&pool);
	progress_clear(&t->progress);
	json_decref(t->rows);
	if (sig) {
		if (t->inv.results)
			results_sweep(t->inv.results);
		return t->muted ? EXIT_BROKEN : sig == SIGPIPE ? 128 + SIGPIPE : EXIT_INTERRUPTED;
	}
	summary(t);
	return t->failed ? EXIT_FAILED : t->broken || t->unwritten ? EXIT_BROKEN : EXIT_PASSED;
}

int cmd_run(const struct options *o, struct library *l)
{
	struct arena *a = l->arena;
	struct plan plan = {.arena = a, .slow = o->slow};
	struct tally t = {.inv = {.options = o, .plan = &plan}};
	const char *error = NULL;
	struct scratch guests = {.fd = -1};
	struct guest_kernel guest;
	struct facts facts;
	int status;

	if (!o->word_count) {
		say("run which scenario? 'list' shows them all, 'all' runs them");
		return EXIT_USAGE;
	}
	facts_gather(&facts, t.inv.release);
	if (o->kernel) {
		if (!guest_find(a, o->kernel, &guest, &error)) {
			say("%s", error);
			return EXIT_USAGE;
		}
		t.guest = &guest;
		memcpy(t.inv.release, guest.release, sizeof(t.inv.release));
		guest_facts(&guest, &facts);
	}
	if (!make_plan(o, l, &facts, &plan))
		return EXIT_USAGE;
	if (!plan.count) {
		say("none of these runs over that family");
		return EXIT_USAGE;
	}
	t.inv.library = l->directory;
	t.inv.single = plan.count == 1;
	t.inv.results =
	    results_open(a, o->results ? o->results : home_results(a), t.inv.release, &error);
	if (!t.inv.results) {
		say("%s", error);
		t.unwritten = true;
	}
	if (t.guest) {
		t.inv.work = guest_open(a, &guest, &guests, &error);
		if (!t.inv.work) {
			say("%s", error);
			return EXIT_BROKEN;
		}
	}
	status = run_plan(&t);
	scratch_remove(&guests);
	return status;
}
