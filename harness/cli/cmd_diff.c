/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run the same scenarios on both kernels by this very program (diff/side.c);
 * then compare each run on one kernel with the same run on the other: its transcript (diff/plain.c)
 * or, with --deep, all that was recorded (diff/deep.c). What was not run on both, or could not be,
 * is named and not compared. A run that failed on both without a difference so far is no agreement:
 * nothing is known of the rest of it. So it is also named, and counts as a failure.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/scratch.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/diff/deep.h"
#include "harness/diff/json.h"
#include "harness/diff/plain.h"
#include "harness/guest/guest.h"

#define SCRATCH "diff-"

struct comparison;

/* What is printed: as text, or as one JSON document. */
struct form {
	/* Two transcripts differ; `diff` is what text says about it. */
	void (*differs)(struct comparison *c, const struct ran *old, const struct ran *new,
			const char *diff);
	void (*end)(const struct comparison *c);
};

struct comparison {
	const struct options *options;
	const struct form *form;
	struct arena *arena;
	struct side old, new;
	struct deep deep;
	size_t alike, different, left_out;
	bool broken;	     /* something could not be done, or a transcript is not there */
	json_t *differences; /* with --json, of plain diff: its runs, and what it would print */
	json_t *not_run, *failed; /* the latter on both, and in the same way */
};

/* ---- what was not run on both ---- */

static const char *reason(const struct ran *ran)
{
	if (!ran)
		return "not among its runs";
	return ran->why ? ran->why : ran->verdict;
}

/* Why it was not run there, added to what is known of the other side. */
static const char *add_reason(struct comparison *c, const char *before, const struct side *side,
			      const struct ran *ran)
{
	if (ran && ran_through(ran))
		return before;
	return arena_printf(c->arena, "%s%s%s: %s", before, *before ? "; " : "", side->kernel,
			    reason(ran));
}

static void leave_out(struct comparison *c, const char *name, const char *why)
{
	c->left_out++;
	json_array_append_new(c->not_run, json_pack("{ss ss}", "run", name, "why", why));
}

/* ---- what was ---- */

static void note_failure(struct comparison *c, const struct ran *old, const struct ran *new)
{
	const char *why = old->failed;

	if (strcmp(old->failed, new->failed) != 0)
		why = arena_printf(c->arena, "%s: %s; %s: %s", c->old.kernel, old->failed,
				   c->new.kernel, new->failed);
	json_array_append_new(c->failed, json_pack("{ss ss}", "run", old->name, "why", why));
}

static void note_difference(struct comparison *c, const struct ran *old, const struct ran *new,
			    const char *diff)
{
	c->different++;
	c->form->differs(c, old, new, diff);
}

static void compare_transcripts(struct comparison *c, const struct ran *old, const struct ran *new)
{
	struct arena a = {0};
	struct text text;
	int result = plain_compare(text_open(&text), &c->old, &c->new, old->name);
	const char *diff = text_close(&text, &a);

	if (result < 0) {
		c->broken = true;
		leave_out(c, old->name, "its transcripts were not written");
	} else if (result > 0) {
		note_difference(c, old, new, diff);
	} else if (failed_on_both(old, new)) {
		note_failure(c, old, new);
	} else {
		c->alike++;
	}
	arena_free(&a);
}

static void compare_run(struct comparison *c, const struct ran *old, const struct ran *new,
			const char *name)
{
	const char *why = add_reason(c, add_reason(c, "", &c->old, old), &c->new, new);

	if (*why) {
		leave_out(c, name, why);
	} else if (c->options->deep) {
		deep_compare(&c->deep, &c->old, &c->new, old);
		if (failed_on_both(old, new))
			note_failure(c, old, new);
	} else {
		compare_transcripts(c, old, new);
	}
}

static void compare_all(struct comparison *c)
{
	for (size_t i = 0; i < c->old.count; i++) {
		const struct ran *ran = &c->old.runs[i];

		compare_run(c, ran, side_find(&c->new, ran->name), ran->name);
	}
	for (size_t i = 0; i < c->new.count; i++) {
		const struct ran *ran = &c->new.runs[i];

		if (!side_find(&c->old, ran->name))
			compare_run(c, NULL, ran, ran->name);
	}
}

/* ---- as JSON ---- */

static void list_difference(struct comparison *c, const struct ran *old, const struct ran *new,
			    const char *diff)
{
	json_array_append_new(c->differences,
			      json_pack("{ss ss ss ss}", "run", old->name, "old", old->verdict,
					"new", new->verdict, "diff", diff));
}

static void print_json(const struct comparison *c)
{
	json_t *json = json_pack("{ss ss ss sI sI}", "tcplab", TCPLAB_VERSION, "old", c->old.kernel,
				 "new", c->new.kernel, "agree", (json_int_t)c->alike, "differ",
				 (json_int_t)c->different);

	if (c->options->deep)
		json_object_update_new(json, deep_json(&c->deep));
	else
		json_object_set(json, "differences", c->differences);
	json_object_set(json, "failed", c->failed);
	json_object_set(json, "not_run", c->not_run);
	json_dumpf(json, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

/* ---- as text ---- */

static void print_difference(struct comparison *c, const struct ran *old, const struct ran *new,
			     const char *diff)
{
	(void)c, (void)old, (void)new;
	fputs(diff, stdout);
}

static void print_runs(const char *what, const json_t *runs)
{
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
		printf("%s: %s (%s)\n", what, json_text(run, "run"), json_text(run, "why"));
}

static void print_end(const struct comparison *c)
{
	size_t failed = json_array_size(c->failed);

	if (c->options->deep)
		deep_print(stdout, &c->deep, &c->old, &c->new, c->options->verbose);
	if (c->different)
		putchar('\n');
	print_runs("failed on both", c->failed);
	print_runs("not run on both", c->not_run);
	printf("%zu agree, %zu differ", c->alike, c->different);
	if (failed)
		printf(", %zu failed on both", failed);
	if (c->left_out)
		printf(", %zu not run on both", c->left_out);
	putchar('\n');
}

/* By --json. */
static const struct form forms[] = {
    [false] = {print_difference, print_end},
    [true] = {list_difference, print_json},
};

/* ---- the outcome ---- */

/* Runs that failed on both are in `failed` until it is known whether they differ. */
static void count_deep(struct comparison *c)
{
	json_t *different = deep_different(&c->deep);

	for (size_t i = json_array_size(c->failed); i-- > 0;)
		if (json_at(different, json_text(json_array_get(c->failed, i), "run")))
			json_array_remove(c->failed, i);
	c->different = json_object_size(different);
	c->alike = c->deep.runs - c->different - json_array_size(c->failed);
	json_decref(different);
}

static int conclude(struct comparison *c, const struct errand *errand)
{
	if (c->options->deep) {
		int status = deep_verify(&c->deep, &c->old, &c->new, errand, c->arena);

		if (status != EXIT_PASSED)
			return status;
		c->broken |= json_array_size(c->deep.unverified) > 0;
		count_deep(c);
	}
	c->form->end(c);
	if (c->broken)
		return EXIT_BROKEN;
	return c->different || json_array_size(c->failed) ? EXIT_FAILED : EXIT_PASSED;
}

static int run_and_compare(struct comparison *c, const struct errand *errand)
{
	int status = side_run(&c->old, c->arena, errand);

	if (status == EXIT_PASSED)
		status = side_run(&c->new, c->arena, errand);
	if (status == EXIT_PASSED) {
		c->broken = c->old.broken || c->new.broken;
		compare_all(c);
		status = conclude(c, errand);
	}
	side_close(&c->old);
	side_close(&c->new);
	return status;
}

/* ---- the command ---- */

static volatile sig_atomic_t cut_off;

static void note_cut_off(int sig)
{
	(void)sig;
	cut_off = true;
}

/*
 * The reader may stop early (diff .. | head). If SIGPIPE ended the program at once, the directory
 * would be left behind. It is caught rather than ignored, since the runs must not inherit that.
 */
static int do_all(struct comparison *c, const struct errand *errand, struct scratch *scratch)
{
	struct sigaction note = {.sa_handler = note_cut_off}, before;
	int status;

	sigaction(SIGPIPE, NULL, &before);
	if (before.sa_handler != SIG_IGN)
		sigaction(SIGPIPE, &note, NULL);
	status = run_and_compare(c, errand);
	fflush(stdout);
	scratch_remove(scratch);
	sigaction(SIGPIPE, &before, NULL);
	if (cut_off)
		raise(SIGPIPE);
	return status;
}

/* What is wrong with the command line, or NULL. */
static const char *diagnostic(const struct options *o)
{
	if (o->word_count < 2)
		return "diff which kernels? two of them, `" HOST_KERNEL
		       "` is the running one: diff 6.1 6.12 [NAME...]";
	if (o->verbose && !o->deep)
		return "--verbose is for diff --deep";
	if (o->deep && (!strcmp(o->words[0], HOST_KERNEL) || !strcmp(o->words[1], HOST_KERNEL)))
		return "diff --deep compares what repeats to the byte, which it does in virtual "
		       "time only, not on the running kernel; `kernel list` shows kernels "
		       "that can be compared";
	return NULL;
}

/* Asked before the first one runs, which may take an hour. */
static bool are_there(struct arena *a, char *const *kernels)
{
	for (int i = 0; i < 2; i++) {
		struct guest_kernel kernel;
		const char *error;

		if (strcmp(kernels[i], HOST_KERNEL) != 0 &&
		    !guest_find(a, kernels[i], &kernel, &error)) {
			say("%s", error);
			return false;
		}
	}
	return true;
}

static bool make_directory(const char *path)
{
	if (!mkdir(path, 0777) || errno == EEXIST)
		return true;
	say("%s: %s", path, strerror(errno));
	return false;
}

static int cmd_diff(const struct options *o, struct library *l)
{
	struct arena *a = l->arena;
	struct comparison c = {
	    .options = o,
	    .form = &forms[o->json],
	    .arena = a,
	    .deep = {.kinds = {.arena = a}},
	};
	struct errand errand = {
	    .options = o,
	    .names = o->words + 2,
	    .name_count = o->word_count - 2,
	    .families = o->families,
	    .record = o->deep,
	};
	const char *error = NULL;
	struct scratch scratch;
	int status;

	if (diagnostic(o)) {
		say("%s", diagnostic(o));
		return EXIT_USAGE;
	}
	if (!are_there(a, o->words))
		return EXIT_USAGE;
	if (o->results && !make_directory(o->results))
		return EXIT_BROKEN;
	if (!scratch_open(a, SCRATCH, &scratch, &error)) {
		say("%s", error);
		return EXIT_BROKEN;
	}
	errand.work = scratch.path;
	errand.results = o->results ? o->results : scratch.path;
	c.old = (struct side){.label = "old", .kernel = o->words[0]};
	c.new = (struct side){.label = "new", .kernel = o->words[1]};
	c.differences = json_array();
	c.not_run = json_array();
	c.failed = json_array();
	c.deep.only = json_object();
	c.deep.unverified = json_array();
	status = do_all(&c, &errand, &scratch);
	json_decref(c.differences);
	json_decref(c.not_run);
	json_decref(c.failed);
	json_decref(c.deep.only);
	json_decref(c.deep.unverified);
	return status;
}

static const struct option_row own[] = {
    {
	.name = "deep",
	.set = option_flag,
	.field = OPTION_FIELD(deep),
	.value = true,
	.help = "diff: compare all that was recorded, asserted or not",
    },
    {.name = NULL},
};

static const struct operand operands[] = {
    {.kind = OPERAND_KERNEL},
    {.kind = OPERAND_KERNEL},
    {.kind = OPERAND_SCENARIO, .is_last = true},
};

const struct command command_diff = {
    .name = "diff",
    .arguments = "A B [NAME...]",
    .help = "where kernels A and B behave differently",
    .run = cmd_diff,
    .operands = operands,
    .knows = WITH_RUNS | WITH_RESULTS | WITH_VERBOSE | WITH_JSON,
    .own = own,
    .needs_proc = true,
};
