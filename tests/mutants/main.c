/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *     mutate PROGRAM LIBRARY [-6] [KERNEL] [--live] [--seed N]     exit status 0: none survived
 *
 * With a KERNEL, the scenarios of default-timers/, which need virtual time, on that kernel; else
 * all the others on the running one. --live runs every mutant. The random choice of mutants to run
 * differs each time; --seed makes the same choice again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "harness/base/scratch.h"
#include "harness/guest/guest.h"
#include "harness/plan/facts.h"
#include "harness/report/account.h"
#include "harness/run/capacity.h"
#include "harness/run/pool.h"
#include "harness/run/run_one.h"
#include "tests/mutants/mutate.h"

#define RANDOM_PERCENT 2

/* Of the readings of sockets, the ladder knows so many before, at least; of fewer readings any. */
#define KNOWN_PERCENT	95
#define FEWEST_READINGS 100

/* All runs of one scenario. */
struct batch {
	const struct scenario *scenario;
	size_t first, run_count;	   /* in the plan */
	size_t count;			   /* of mutants, as the first run tells it */
	bool *refused, *doubtful, *counts; /* of each mutant, over all runs so far */
};

struct mutation_test {
	struct arena arena;
	struct invocation inv;
	struct options options;
	struct plan plan;
	struct live live;
	struct batch *batches;
	size_t batch_count;
	size_t readings, known; /* of sockets; those whose state the ladder had known */
	size_t failures;	/* scenarios that do not even pass unaltered */
	bool all_live;
	unsigned seed;
};

/* ---- planning ---- */

/*
 * A script that cannot be read or planned is an error of the library. Its runs and mutants are made
 * by the processes that judge them, and here not before all of these have ended: each of their
 * processes begins as a copy of this one, and all mutants together are 100 MB.
 */
static void add_scenario(struct mutation_test *t, struct library *l, const struct facts *facts,
			 const struct scenario *s)
{
	struct diagnostics c = {.arena = &t->arena};
	const char *error = NULL;
	size_t first = t->plan.count;
	struct batch *b;

	if (!plan_add(&t->plan, l, s, facts, t->live.family == 6 ? FAMILY_6 : FAMILY_4, &c,
		      &error)) {
		fprintf(stderr, "mutate: %s\n", error ? error : "a scenario is wrong:");
		diagnostics_print(stderr, &c);
		exit(2);
	}
	if (t->plan.count == first) /* it is not for this family */
		return;
	b = arena_push(&t->arena, t->batches, t->batch_count);
	*b = (struct batch){.scenario = s, .first = first, .run_count = t->plan.count - first};
}

static void plan_all(struct mutation_test *t, struct library *l, const struct facts *facts)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct scenario *s = &l->list[i];

		if (!s->is_beginning && !strcmp(s->topic, "default-timers") == !!t->inv.guest)
			add_scenario(t, l, facts, s);
	}
}

/* ---- on recorded time lines ---- */

/* What judging takes is not the scenario's time. */
static ns_t limit(void *context, size_t job)
{
	const struct mutation_test *t = context;

	return t->inv.guest ? guest_limit(&t->options, &t->plan.list[job]) + 10 * NS_PER_S
			    : t->plan.list[job].limit + 120 * NS_PER_S;
}

static struct batch *batch_of(const struct mutation_test *t, size_t job)
{
	struct batch *b = t->batches;

	while (job >= b->first + b->run_count)
		b++;
	return b;
}

static bool is_reading(char letter)
{
	return letter == READING_KNOWN || letter == READING_UNKNOWN;
}

/* Whether a run has told the fate of each mutant: as many as the first one has told. */
static bool all_fates(struct mutation_test *t, struct batch *b, const struct pool_end *end)
{
	size_t fates = end->output_length;

	if (end->status != VERDICT_PASS)
		return false;
	for (; fates && is_reading(end->output[fates - 1]); fates--) {
		t->readings++;
		t->known += end->output[fates - 1] == READING_KNOWN;
	}
	if (!b->counts) {
		b->count = fates;
		b->refused = arena_alloc(&t->arena, b->count + 1);
		b->doubtful = arena_alloc(&t->arena, b->count + 1);
		b->counts = arena_alloc(&t->arena, b->count + 1);
	}
	return fates == b->count;
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct mutation_test *t = context;
	struct batch *b = batch_of(t, job);

	if (end->status == VERDICT_SKIP)
		return true;
	if (!all_fates(t, b, end)) {
		struct account account; /* of a guest that went wrong */

		account_read(&t->arena, end->aside, end->aside_length, &account);
		json_decref(account.row);
		printf("%s does not pass unaltered: %.*s%.*s%s\n", t->plan.list[job].name,
		       (int)end->output_length, end->output, (int)end->error_length, end->errors,
		       account.diagnostic ? account.diagnostic
		       : account.why	  ? account.why
					  : "");
		t->failures++;
		return true;
	}
	for (size_t i = 0; i < b->count; i++) {
		b->counts[i] |= end->output[i] != MUTANT_ABSENT;
		b->refused[i] |= end->output[i] == MUTANT_REFUSED;
		b->doubtful[i] |= end->output[i] == MUTANT_DOUBTFUL;
	}
	return true;
}

static bool rejudge_all(struct mutation_test *t)
{
	struct pool pool = {
	    .jobs = t->plan.count,
	    .at_once = t->inv.guest ? guest_capacity(t->inv.guest, 0) : capacity().at_once,
	    .context = t,
	    .work_context = &t->inv,
	    .work = run_anywhere,
	    .limit = limit,
	    .done = done,
	    .again = VERDICT_UNSURE,
	    .repeats = UNSURE_REPEATS,
	};

	return pool_run(&pool) == 0;
}

/* ---- what is to be run ---- */

/* The mutants whose fates are known; NULL: no run has told any. */
static struct mutant *mutants_in(struct mutation_test *t, const struct batch *b)
{
	struct mutant *mutants = NULL;
	size_t count;

	if (!b->counts)
		return NULL;
	for (size_t i = 0; i < b->run_count; i++)
		plan_run(&t->plan, &t->plan.list[b->first + i]);
	mutants = mutants_of(&t->arena, t->plan.list[b->first].run->script, &count);
	if (count == b->count)
		return mutants;
	printf("%s has %zu mutants, but its runs have judged %zu\n", b->scenario->name, count,
	       b->count);
	t->failures++;
	return NULL;
}

static size_t choose(struct mutation_test *t, struct candidate **list, size_t *total)
{
	size_t count = 0, doubtful = 0, refused = 0;

	*total = 0;
	for (size_t k = 0; k < t->batch_count; k++) {
		const struct batch *b = &t->batches[k];
		struct mutant *mutants = mutants_in(t, b);

		if (!mutants)
			continue;
		for (size_t i = 0; i < b->count; i++) {
			bool drawn = rand_r(&t->seed) % 100 < RANDOM_PERCENT;

			if (!b->counts[i])
				continue;
			++*total;
			refused += b->refused[i];
			if (b->refused[i]) /* the program would refuse to run anything */
				continue;
			doubtful += b->doubtful[i];
			if (drawn || b->doubtful[i] || t->all_live)
				*(struct candidate *)arena_push(&t->arena, *list, count) =
				    (struct candidate){
					.mutant = &mutants[i],
					.scenario = b->scenario->path,
					.planned = &t->plan.list[b->first],
					.run_count = b->run_count,
				    };
		}
	}
	printf("%zu mutants: %zu refused by the checker, %zu that judging alone cannot tell\n",
	       *total, refused, doubtful);
	return count;
}

/* A ladder that knows nothing would contradict no reading. */
static bool knows_enough(const struct mutation_test *t)
{
	printf("%zu readings of sockets, %zu of them known before\n", t->readings, t->known);
	return t->readings < FEWEST_READINGS || t->known * 100 >= t->readings * KNOWN_PERCENT;
}

/* ---- the command line ---- */

static struct scratch scratch = {.fd = -1};

static void discard_all(void)
{
	scratch_remove(&scratch);
}

/* Of mutants and results. What one that was interrupted has left, the next one removes. */
static void make_directory(struct mutation_test *t)
{
	const char *error;

	if (!scratch_open(&t->arena, "mutants-", &scratch, &error)) {
		fprintf(stderr, "mutate: %s\n", error);
		exit(3);
	}
	t->live.directory = scratch.path;
	atexit(discard_all);
}

static void read_arguments(struct mutation_test *t, int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: mutate PROGRAM LIBRARY [-6] [KERNEL] [--live] [--seed N]\n", stderr);
		exit(2);
	}
	t->live = (struct live){.program = argv[1], .library = argv[2], .family = 4};
	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "-6"))
			t->live.family = 6;
		else if (!strcmp(argv[i], "--live"))
			t->all_live = true;
		else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			t->seed = (unsigned)strtoul(argv[++i], NULL, 0);
		else
			t->live.kernel = argv[i];
	}
}

int main(int argc, char **argv)
{
	struct mutation_test t = {0};
	struct candidate *list = NULL;
	struct guest_kernel guest;
	size_t count, total, survivors;
	struct library library;
	struct facts facts;
	struct scratch guests = {.fd = -1};
	const char *error;
	bool rejudged;

	if (guest_is_init())
		guest_init();
	if (getrandom(&t.seed, sizeof(t.seed), 0) < 0)
		t.seed = (unsigned)getpid();
	read_arguments(&t, argc, argv);
	printf("seed %u\n", t.seed);
	facts_gather(&facts, t.inv.release);
	if (t.live.kernel) { /* what `when` keeps is decided by that kernel */
		if (!guest_find(&t.arena, t.live.kernel, &guest, &error)) {
			fprintf(stderr, "mutate: %s\n", error);
			return 2;
		}
		t.inv.guest = &guest;
		guest_facts(&guest, &facts);
		t.inv.work = guest_open(&t.arena, &guest, &guests, &error);
		if (!t.inv.work) {
			fprintf(stderr, "mutate: %s\n", error);
			return 3;
		}
	}
	make_directory(&t);
	t.plan = (struct plan){.arena = &t.arena};
	t.inv.options = &t.options;
	t.inv.plan = &t.plan;
	t.inv.library = t.live.library;
	library_open(&library, &t.arena, t.live.library);
	library_list(&library);
	plan_all(&t, &library, &facts);
	fflush(stdout);
	rejudged = rejudge_all(&t);
	scratch_remove(&guests);
	if (!rejudged)
		return 130;
	t.failures += !knows_enough(&t);
	count = choose(&t, &list, &total);
	fflush(stdout);
	survivors = live_run(&t.arena, &t.live, list, count) + t.failures;
	printf("mutants: %zu tried, %zu survived\n", total, survivors);
	arena_free(&t.arena);
	return survivors || !total;
}
