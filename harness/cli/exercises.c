/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the kernel is the judge here, too. The origin of an exercise is run as it
 * is: only where it passes, its answers are true. For each thing that was filled in and is not
 * word for word the origin's, the origin is run with this one thing replaced; if that passes, too,
 * it is right. So each is judged for itself, and a wrong one hides no other one. The order of lines
 * is judged as a whole.
 *
 * Nothing is printed of what came instead, and no results are left: both would tell the answers.
 */
#include "harness/cli/exercises.h"

#include <string.h>
#include <sys/stat.h>

#include "harness/base/progress.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/cli/all_runs.h"
#include "harness/guest/guest.h"
#include "harness/run/pool.h"

/* A text that is run; of several runs, all must pass. */
struct trial {
	const struct scenario *scenario;
	struct fill *fill; /* NULL: the origin itself, or an order of lines */
	size_t failed;
	const char *broken; /* why it could not be carried out */
	const char *file;   /* where it failed first */
	int line;
};

struct judging {
	const struct options *options;
	struct library *library;
	struct arena *arena;
	struct facts facts;
	struct plan plan;
	struct invocation inv;
	const struct scenario *file; /* the student's */
	const struct source *source;
	const struct scenario *origin;
	struct exercise exercise;
	struct filled filled;
	struct trial *trials;
	size_t trial_count, runs;
	struct progress progress;
	int signal;
};

/* ---- the origin ---- */

bool exercise_of(struct library *l, const char *name, enum exercise_level level,
		 const struct scenario **origin, struct exercise *e)
{
	struct diagnostics c = {.arena = l->arena};
	struct selection chosen = {0};
	const char *error = NULL;
	const struct script *script;

	if (!library_select(l, name, &chosen, &error)) {
		say("%s", error);
		return false;
	}
	*origin = chosen.list[0];
	if (chosen.count != 1 || (*origin)->is_beginning || (*origin)->is_failure) {
		say("%s: an exercise is made of one scenario, which is complete", name);
		return false;
	}
	script = library_load(l, *origin, &c, &error);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, &c);
	if (!script)
		return false;
	exercise_make(l->arena, script, name, level, e);
	return true;
}

/* A path counts from where the exercise is. */
static const char *origin_name(struct arena *a, const struct scenario *file, const char *name)
{
	const char *directory = directory_of(a, file->path);

	if (*name == '/' || !strchr(name, '/') || !strcmp(directory, "."))
		return name;
	return arena_printf(a, "%s/%s", directory, name);
}

bool exercise_from(struct library *l, const struct scenario *file, const struct source *source,
		   const struct scenario **origin, struct exercise *e)
{
	const char *name = NULL, *word = NULL;
	enum exercise_level level;

	exercise_is_one(l->arena, source->text, &name, &word);
	level = word ? exercise_level_find(word) : LEVELS;
	if (name && level < LEVELS)
		return exercise_of(l, origin_name(l->arena, file, name), level, origin, e);
	say("%s: its first line is to be: exercise NAME errnos|flags|numbers|order", source->path);
	return false;
}

static bool read_exercise(struct judging *j)
{
	if (!exercise_from(j->library, j->file, j->source, &j->origin, &j->exercise))
		return false;
	if (exercise_read(j->arena, &j->exercise, j->source, &j->filled))
		return true;
	say("%s:%d: %s", j->source->path, j->filled.wrong_line, j->filled.wrong);
	return false;
}

/* ---- what is run ---- */

static struct trial *add_trial(struct judging *j, const char *path, const char *text,
			       struct fill *fill)
{
	struct scenario *scenario = arena_new(j->arena, struct scenario);

	*scenario = *j->origin;
	scenario->path = path;
	scenario->text = text;
	j->trials = arena_grow(j->arena, j->trials, j->trial_count, sizeof(*j->trials));
	j->trials[j->trial_count] = (struct trial){.scenario = scenario, .fill = fill};
	return &j->trials[j->trial_count++];
}

/* What is wrong with the text, in one line; NULL: nothing. */
static const char *plan_trial(struct judging *j, const struct trial *trial)
{
	struct diagnostics c = {.arena = j->arena};
	const char *error = NULL;

	if (plan_add(&j->plan, j->library, trial->scenario, &j->facts, j->options->families, &c,
		     &error))
		return NULL;
	return error ? error : c.count ? c.list[0].message : "it cannot be read";
}

/*
 * A word that nobody knows is a typing error, and is told as one. What is wrong with a number or
 * with flags is told by the other numbers, which may be answers.
 */
static enum fill_state refused_state(const struct fill *fill)
{
	enum blank_kind kind = fill->blank->kind;

	return kind == BLANK_NUMBER || kind == BLANK_FLAGS ? FILL_WRONG : FILL_NO_FORM;
}

static bool plan_fills(struct judging *j)
{
	bool is_any = false;
	const char *why;

	for (size_t i = 0; i < j->filled.count; i++)
		is_any |=
		    j->filled.list[i].state == FILL_RIGHT || j->filled.list[i].state == FILL_TO_RUN;
	if (!is_any)
		return true;
	why = plan_trial(j, add_trial(j, j->origin->path, j->exercise.origin->text, NULL));
	if (why) {
		say("%s: %s", j->origin->path, why);
		return false;
	}
	for (size_t i = 0; i < j->filled.count; i++) {
		struct fill *fill = &j->filled.list[i];

		if (fill->state != FILL_TO_RUN)
			continue;
		fill->why =
		    plan_trial(j, add_trial(j, j->origin->path,
					    exercise_with(j->arena, &j->exercise, fill), fill));
		if (!fill->why)
			continue;
		fill->state = refused_state(fill);
		j->trial_count--;
	}
	return true;
}

/* The student's own text: what is wrong with it is told as with any script. */
static bool plan_order(struct judging *j)
{
	struct selection one = {NULL, 0};

	if (j->filled.left)
		return true;
	*arena_push(j->arena, one.list, one.count) =
	    add_trial(j, j->file->path, j->filled.text, NULL)->scenario;
	return all_runs_plan(&j->plan, j->library, &one, &j->facts, j->options->families);
}

/* ---- runs ---- */

static ns_t limit(void *context, size_t job)
{
	const struct judging *j = context;

	return run_limit(&j->inv, &j->plan.list[job], 0);
}

static struct trial *trial_of(struct judging *j, size_t job)
{
	size_t i = 0;

	while (j->trials[i].scenario != j->plan.list[job].scenario)
		i++;
	return &j->trials[i];
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct judging *j = context;
	struct trial *trial = trial_of(j, job);
	struct account account = {.verdict = VERDICT_BROKEN};

	j->runs++;
	if (end->status < 0)
		trial->broken = "its process ended before it had a verdict";
	else if (account_read(j->arena, end->aside, end->aside_length, &account))
		account.verdict = (enum verdict)(end->status & ~RESULTS_UNWRITTEN);
	json_decref(account.row);
	if (account.verdict == VERDICT_FAIL && !trial->failed++) {
		trial->file = account.file;
		trial->line = account.line;
	}
	if (account.verdict != VERDICT_PASS && account.verdict != VERDICT_FAIL && !trial->broken)
		trial->broken = account.why ? account.why : "no reason is known";
	return true;
}

static ns_t waiting(void *context)
{
	struct judging *j = context;

	return progress_say(&j->progress, "judging %s: %zu of %zu runs", j->source->path, j->runs,
			    j->plan.count);
}

static void make_runs(struct judging *j)
{
	struct pool pool = {
	    .jobs = j->plan.count,
	    .at_once = runs_at_once(j->options, j->inv.guest, j->plan.count).at_once,
	    .context = j,
	    .work_context = &j->inv,
	    .work = run_anywhere,
	    .limit = limit,
	    .done = done,
	    .waiting = waiting,
	    .again = VERDICT_UNSURE,
	    .repeats = UNSURE_REPEATS,
	};

	if (!j->plan.count)
		return;
	fflush(stdout);
	progress_begin(&j->progress);
	j->signal = pool_run(&pool);
	progress_clear(&j->progress);
}

/* ---- what comes of it ---- */

static void put_place(const struct judging *j, int line)
{
	shown_put(stdout, j->file->path);
	printf(":%d: ", line);
}

static int cannot_judge(const struct judging *j, const struct trial *trial)
{
	say("%s cannot be judged here: %s", shown(j->arena, j->file->path),
	    trial->broken ? trial->broken
			  : arena_printf(j->arena, "%s itself does not pass on this kernel",
					 j->exercise.name));
	return EXIT_BROKEN;
}

/* Who looks at many of them sees if somebody has made his own easier. */
static int tell(const struct judging *j, size_t right, size_t wrong, size_t left)
{
	shown_put(stdout, j->file->path);
	fputs(" (", stdout);
	shown_put(stdout, j->exercise.name);
	printf(", %s): %zu right, %zu wrong, %zu to be done\n", exercise_levels[j->exercise.level],
	       right, wrong, left);
	return wrong || left ? EXIT_FAILED : EXIT_PASSED;
}

static int tell_order(const struct judging *j)
{
	const struct trial *trial = j->trials;
	size_t all = j->exercise.free_count;

	if (j->filled.left)
		return tell(j, 0, 0, j->filled.left);
	if (trial->broken && !trial->failed)
		return cannot_judge(j, trial);
	if (!trial->failed)
		return tell(j, all, 0, 0);
	if (trial->file && !strcmp(trial->file, trial->scenario->path)) {
		put_place(j, trial->line);
		puts("near this line the order is not right");
	}
	return tell(j, 0, 1, 0);
}

static void tell_fill(const struct judging *j, const struct fill *fill)
{
	if (fill->state != FILL_NO_FORM && fill->state != FILL_WRONG)
		return;
	put_place(j, fill->line);
	if (fill->state == FILL_WRONG) {
		printf("%s: not right\n", fill->blank->what);
		return;
	}
	printf("%s: ", fill->blank->what);
	shown_put(stdout, fill->text);
	printf(" cannot stand here: ");
	shown_put(stdout, fill->why);
	putchar('\n');
}

static int tell_fills(const struct judging *j)
{
	size_t of[FILL_WRONG + 1] = {0};

	for (size_t i = 0; i < j->trial_count; i++) {
		const struct trial *trial = &j->trials[i];

		if (trial->broken && !trial->failed)
			return cannot_judge(j, trial);
		if (!trial->fill && trial->failed)
			return cannot_judge(j, trial);
		if (trial->fill)
			trial->fill->state = trial->failed ? FILL_WRONG : FILL_RIGHT;
	}
	for (size_t i = 0; i < j->filled.count; i++) {
		tell_fill(j, &j->filled.list[i]);
		of[j->filled.list[i].state]++;
	}
	return tell(j, of[FILL_RIGHT], of[FILL_WRONG] + of[FILL_NO_FORM], of[FILL_LEFT]);
}

static int judge_one(const struct judging *common, const struct scenario *file)
{
	struct judging j = *common;
	bool is_order;
	const char *error = NULL;

	j.file = file;
	j.source = library_read(j.library, file, &error);
	j.plan = (struct plan){.arena = j.arena, .slow = j.options->slow};
	j.inv.plan = &j.plan;
	if (!j.source) {
		say("%s", error);
		return EXIT_USAGE;
	}
	if (!read_exercise(&j))
		return EXIT_USAGE;
	is_order = j.exercise.level == LEVEL_ORDER;
	if (!(is_order ? plan_order(&j) : plan_fills(&j)))
		return EXIT_USAGE;
	make_runs(&j);
	if (j.signal)
		return EXIT_INTERRUPTED;
	return is_order ? tell_order(&j) : tell_fills(&j);
}

/* ---- all of them ---- */

const struct scenario *exercise_file(struct library *l, const char *word,
				     const struct source **source)
{
	const char *name, *level, *error = NULL;
	struct selection chosen = {0};
	struct stat st;

	if (stat(word, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !library_select(l, word, &chosen, &error) || chosen.count != 1 || chosen.list[0]->topic)
		return NULL;
	*source = library_read(l, chosen.list[0], &error);
	return *source && exercise_is_one(l->arena, (*source)->text, &name, &level) ? chosen.list[0]
										    : NULL;
}

static bool is_exercise(struct library *l, const char *word)
{
	const struct source *source;

	return exercise_file(l, word, &source);
}

bool exercises_are_chosen(const struct options *o, struct library *l)
{
	for (size_t i = 0; i < o->word_count; i++)
		if (is_exercise(l, o->words[i]))
			return true;
	return false;
}

/* What shows a run would show the answers, too. */
static bool can_be_judged(const struct options *o, struct library *l)
{
	for (size_t i = 0; i < o->word_count; i++) {
		if (!is_exercise(l, o->words[i])) {
			say("%s is no exercise: exercises are judged by themselves",
			    shown(l->arena, o->words[i]));
			return false;
		}
	}
	if (!o->verbose && !o->ladder && !o->explain && !o->json && !o->results)
		return true;
	say("an exercise is judged, and nothing else is told of its runs");
	return false;
}

static bool find_kernel(struct judging *j, struct guest_kernel *guest, struct scratch *guests)
{
	const char *error = NULL;

	facts_gather(&j->facts, j->inv.release);
	if (!j->options->kernel)
		return true;
	if (guest_find(j->arena, j->options->kernel, guest, &error)) {
		run_on_guest(&j->inv, guest, &j->facts);
		j->inv.work = guest_open(j->arena, guest, guests, &error);
	}
	if (!error)
		return true;
	say("%s", error);
	return false;
}

int exercises_judge(const struct options *o, struct library *l)
{
	struct judging j = {.options = o, .library = l, .arena = l->arena, .inv = {.options = o}};
	struct scratch guests = {.fd = -1};
	struct selection chosen = {0};
	struct guest_kernel guest;
	int status = EXIT_PASSED;

	if (!can_be_judged(o, l) || !select_words(o, l, &chosen) ||
	    !find_kernel(&j, &guest, &guests))
		return EXIT_USAGE;
	j.inv.library = l->directory;
	for (size_t i = 0; i < chosen.count && status != EXIT_INTERRUPTED; i++) {
		int one = judge_one(&j, chosen.list[i]);

		status = one > status ? one : status;
	}
	scratch_remove(&guests);
	return status;
}
