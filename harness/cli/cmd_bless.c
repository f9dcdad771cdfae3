/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run the script as usual. What passes is left alone, to the byte. If a run
 * fails, it is repeated to find out what happens from the stretch that went wrong on
 * (engine/follow.c), and the script is rewritten that far (bless/). Then everything is run as usual
 * again, over each family and with each combination of parameters, until all of it passes. So the
 * final text has been seen to hold, and blessing twice is the same as blessing once. If two
 * families, two parameters or two rounds of a repeat need different texts of one line, an earlier
 * text comes back: then it is refused.
 *
 * On a busy machine a run can be what the script does not say. Nothing is concluded from a run that
 * was disturbed (engine/disturb.c): it is repeated, and if each was, nothing is written. A machine
 * makes times longer. So of a time the shortest one that was seen counts: a run in which it was
 * longer was late, and is no reason to write another one. Nor is a run that has failed, if one that
 * looks for longer sees everything as it is written. Unless that is so again and again.
 *
 * Whatever has held in the usual run stays as it is. Of the rest, it is known at the end which
 * lines somebody had written (bless/history.c): these are listed separately from what was added;
 * with --keep-written the first draft that touches one of them is refused.
 *
 * The text is in memory until then; the file is replaced at the end, as a whole.
 */
#include "harness/cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/linediff.h"
#include "harness/base/progress.h"
#include "harness/base/readfile.h"
#include "harness/base/scratch.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/base/trust.h"
#include "harness/bless/bless_answer.h"
#include "harness/bless/history.h"
#include "harness/guest/guest.h"
#include "harness/run/bless_one.h"
#include "harness/run/pool.h"
#include "harness/run/run_one.h"

#define ACK_TIMEOUT   (60 * NS_PER_MS) /* an acknowledgement is not delayed for longer */
#define MOST_PASSES   500
#define UNFINISHED    ".tcplab-unfinished-"
#define MOST_FAILURES 5 /* of one line, one after the other */

/*
 * A new text must pass this many times: once may be luck, if a timer was late on a busy machine and
 * its time was taken from that. In virtual time all runs are the same.
 */
#define PASSES_WANTED 3
#define MOST_ODD      2 /* runs that no other one has confirmed .. */
#define PASSES_EACH   3 /* .. for each of which so many more must pass */

struct answer {
	enum verdict verdict;
	struct bless_answer said;
};

struct bless {
	const struct options *options;
	struct library *library;
	struct arena *arena;
	struct invocation inv;
	struct facts facts;

	/* Of the scenario that is being blessed. */
	struct scenario scenario; /* with the text as it is so far */
	struct plan plan;	  /* inv.plan */
	struct history history;
	struct progress progress;
	size_t runs, drafts;  /* made so far */
	const char **earlier; /* the texts that it was before */
	size_t earlier_count;
	const char *blamed;	 /* the run that the last change was made for */
	const char *failed_path; /* where it failed last .. */
	int failed_line;
	int failures;  /* .. how many times in a row */
	int cut_short; /* how many times in a row a reading did not come to its end */
	int passed;    /* how many times in a row, all of it */
	int odd;       /* how many runs have shown what no other one confirmed */
	size_t extra;  /* runs that were looked through for what nobody has asked for */

	/* Of the runs that are being made. */
	size_t jobs;
	_Atomic int *at; /* where a run is; NULL: there is no memory for that */
	struct answer *answers;
	int signal;
};

/* ---- runs ---- */

static ns_t limit(void *context, size_t job)
{
	const struct bless *b = context;
	const struct planned *planned = &b->plan.list[b->inv.first + job];
	ns_t more = 0;

	if (b->inv.order->what == BLESS_WRITE) /* the run has limits of its own; it has hung */
		more = (10 * NS_PER_S + b->inv.order->until) * (ns_t)planned->line_count;
	return run_limit(&b->inv, planned, more);
}

static struct answer broken_answer(const char *why)
{
	return (struct answer){VERDICT_BROKEN, {.message = why}};
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct bless *b = context;
	struct answer *answer = &b->answers[b->inv.first + job];

	b->runs++;
	if (end->status < 0)
		*answer = broken_answer(end->overran ? "it hung, and was killed"
						     : "its process died before the run was over");
	else if (end->status & RESULTS_UNWRITTEN)
		/* Half a text must not be taken for the script. */
		*answer = broken_answer("its answer could not be written");
	else if (!bless_answer_read(b->arena, end->output, end->output_length, &answer->said))
		*answer = broken_answer("its answer cannot be read");
	else
		answer->verdict = (enum verdict)end->status;
	if (end->error_length)
		progress_clear(&b->progress);
	return pool_write(STDERR_FILENO, end->errors, end->error_length) || errno != EINTR;
}

static ns_t waiting(void *context)
{
	struct bless *b = context;
	const struct bless_order *order = b->inv.order;
	int line = b->at && b->jobs == 1 ? history_number(&b->history, *b->at) : 0;
	char where[80] = "";

	if (line)
		snprintf(where, sizeof(where), ", at line %d%s", line,
			 order->what == BLESS_WRITE && !order->until
			     ? " (--until 50ms follows no timers)"
			     : "");
	return progress_say(&b->progress, "blessing %s: run %zu, %zu changes so far%s",
			    b->scenario.name, b->runs + 1, b->drafts, where);
}

/* False: interrupted. */
static bool make_runs(struct bless *b, const struct bless_order *order, size_t first, size_t count)
{
	struct bless_order told = *order;
	struct pool pool = {
	    .jobs = count,
	    .at_once = runs_at_once(b->options, b->inv.guest, count).at_once,
	    .context = b,
	    .work_context = &b->inv,
	    .work = run_anywhere,
	    .limit = limit,
	    .done = done,
	    .waiting = waiting,
	    .again = VERDICT_UNSURE,
	    .repeats = BLESS_REPEATS,
	};

	told.at = b->inv.guest || count > 1 ? NULL : b->at;
	if (b->at)
		*b->at = 0;
	b->inv.order = &told;
	b->inv.first = first;
	b->jobs = count;
	fflush(stdout);
	b->signal = pool_run(&pool);
	b->inv.order = NULL;
	progress_clear(&b->progress);
	return !b->signal;
}

/* ---- what comes of a scenario ---- */

enum ending { HOLDS, BLESSED, SKIPPED, REFUSED, BUSY, BROKEN, INTERRUPTED };

/*
 * A run names lines of its draft, which nobody has seen. So the numbers are turned into those of
 * the author's file. A line that bless has written has no number there: then its text is printed,
 * with the number of the author's line above it.
 */
static void put_number(FILE *out, const struct bless *b, int number, bool shows)
{
	int own = history_number(&b->history, number), above = number;

	while (!own && above > 1)
		own = history_number(&b->history, --above);
	fprintf(out, "%d", own ? own : number);
	if (shows && above != number)
		fprintf(out, ": below it bless has written '%s'",
			history_line(&b->history, number));
}

static const char *in_file(const struct bless *b, const char *said)
{
	size_t length = strlen(b->scenario.path);
	struct text text;
	FILE *out = text_open(&text);
	bool begins = true;

	while (*said) {
		bool is_file =
		    begins && !strncmp(said, b->scenario.path, length) && said[length] == ':';
		size_t skip = is_file ? length + 1 : 0;
		char *end;

		if (!is_file && begins && !strncmp(said, "line ", 5))
			skip = 5;
		if (!skip || said[skip] < '1' || said[skip] > '9') {
			begins = *said == ' ' || *said == '(';
			putc(*said++, out);
			continue;
		}
		fwrite(said, 1, skip, out);
		put_number(out, b, (int)strtol(said + skip, &end, 10), is_file);
		said = end;
		begins = false;
	}
	return text_close(&text, b->arena);
}

static enum ending refuse(const struct bless *b, const char *why)
{
	fflush(stdout);
	say("%s is not blessed: %s", b->scenario.name, why);
	return REFUSED;
}

static enum ending broken(const char *name, const char *why)
{
	fflush(stdout);
	say("%s could not be run: %s", name, why);
	return BROKEN;
}

/* Nothing can be concluded from what run `job` shows. */
static enum ending busy(const struct bless *b, size_t job)
{
	const char *why = b->answers[job].said.message;

	fflush(stdout);
	say("%s is not blessed: the machine is too busy to tell: each of %d runs was disturbed, "
	    "the last one: %s",
	    b->scenario.name, BLESS_REPEATS + 1, why ? in_file(b, why) : "no reason is known");
	return BUSY;
}

/* The runs of the text as it is now. */
static bool make_plan(struct bless *b, struct diagnostics *c, const char **error)
{
	b->plan = (struct plan){.arena = b->arena, .slow = b->options->slow, .to_bless = true};
	if (!plan_add(&b->plan, b->library, &b->scenario, &b->facts, b->options->families, c,
		      error))
		return false;
	b->answers = arena_alloc(b->arena, (b->plan.count + 1) * sizeof(*b->answers));
	return true;
}

/* It could not be run even before anything was changed. */
static enum ending refuse_script(const struct diagnostics *c, const char *error)
{
	fflush(stdout);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, c);
	return REFUSED;
}

/*
 * The new text is no longer a valid script: something needs a line that had to go, and only the
 * author can mend that.
 */
static enum ending refuse_text(const struct bless *b, const struct diagnostics *c,
			       const char *error)
{
	fflush(stdout);
	say("%s is not blessed: what was observed cannot be written there", b->scenario.name);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, c);
	return REFUSED;
}

/* The first run with that verdict; the number of runs if there is none. */
static size_t first_of(const struct bless *b, enum verdict v)
{
	size_t i = 0;

	while (i < b->plan.count && b->answers[i].verdict != v)
		i++;
	return i;
}

static bool is_known(const struct bless *b, const char *text)
{
	for (size_t i = 0; i < b->earlier_count; i++)
		if (!strcmp(b->earlier[i], text))
			return true;
	return false;
}

/* ---- what was written and does not hold ---- */

static const char *count_text(struct arena *a, size_t count, const char *what)
{
	return arena_printf(a, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

/* Each by itself: what was written, and what was seen. */
static void print_contradictions(FILE *out, const struct bless *b, const struct contradiction *list,
				 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct contradiction *c = &list[i];
		bool same = c->seen && !strcmp(c->seen, c->written);
		const char *seen = c->seen ? c->seen : "nothing of the kind";

		fprintf(out, "  %s:%d: expected %s%s; got %s%s\n",
			shown(b->arena, b->scenario.path), c->line, c->written,
			c->moved ? " here" : "", same ? "it" : seen, c->moved ? " elsewhere" : "");
	}
}

/* --keep-written: whether the newest draft leaves as it is what somebody has written. */
static bool keeps_written(const struct bless *b)
{
	struct contradiction *list;
	size_t count = history_contradictions(&b->history, &list);

	if (!b->options->keep_written || !count)
		return true;
	refuse(b, arena_printf(b->arena, "%s %s not hold:",
			       count_text(b->arena, count, "written expectation"),
			       count == 1 ? "does" : "do"));
	print_contradictions(stderr, b, list, count);
	return false;
}

/* What was changed, apart from what was only added. */
static void print_changes(const struct bless *b)
{
	struct contradiction *list;
	size_t count = history_contradictions(&b->history, &list);

	if (!count)
		return;
	printf("%s changed:\n", count_text(b->arena, count, "written expectation"));
	print_contradictions(stdout, b, list, count);
}

/* ---- one change ---- */

/* The condition under which a line is of the run of that name alone: "SCENARIO,how=SHUT_RD". */
static const char *when_only(const struct bless *b, const char *name)
{
	const char *comma = strchr(name, ','), *is = comma ? strchr(comma, '=') : NULL;

	if (!is || strchr(is, ','))
		return "when ..";
	return arena_printf(b->arena, "when $%.*s = %s", (int)(is - comma - 1), comma + 1, is + 1);
}

/* What to say if run `name` asks for a text that the run blamed last has replaced. */
static const char *two_outcomes(const struct bless *b, const char *name)
{
	if (!strcmp(name, b->blamed))
		return arena_printf(b->arena,
				    "%s has sometimes this outcome, sometimes another one", name);
	return arena_printf(b->arena,
			    "%s has this outcome, and %s has another one: the text as it is now "
			    "is right only for %s, and could be written below '%s'",
			    name, b->blamed, b->blamed, when_only(b, b->blamed));
}

/* Take the text that run `job` has proposed. HOLDS: it is a new one, which must be run. */
static enum ending take_draft(struct bless *b, size_t job, const char *reason)
{
	const struct answer *answer = &b->answers[job];
	const struct draft *draft = &answer->said.draft;
	const char *name = b->plan.list[job].name, *why = answer->said.message;

	if (answer->verdict == VERDICT_BROKEN)
		return broken(name, why ? why : "no reason is known");
	if (answer->verdict == VERDICT_UNSURE)
		return busy(b, job);
	if (answer->verdict != VERDICT_PASS || !draft->text)
		return refuse(b, why ? in_file(b, why)
				     : "nobody can say how it would have to be written");
	if (!strcmp(draft->text, b->scenario.text))
		return refuse(b,
			      arena_printf(b->arena,
					   "%s; a run that waits for longer sees all of it as it "
					   "is written, so it depends on when it is looked at: "
					   "write above it what has to come first (a packet, a "
					   "time: +500ms), or what it is at once",
					   reason));
	if (is_known(b, draft->text))
		return refuse(b, arena_printf(b->arena, "%s; %s", reason, two_outcomes(b, name)));
	b->scenario.text = draft->text;
	b->passed = 0;
	b->blamed = name;
	b->drafts++;
	history_take(&b->history, draft);
	return keeps_written(b) ? HOLDS : REFUSED;
}

/* The same line fails again and again, whatever is written there. */
static bool is_stuck(struct bless *b, const struct bless_answer *failure)
{
	if (b->failed_path && b->failed_line == failure->line &&
	    !strcmp(b->failed_path, failure->path))
		return ++b->failures > MOST_FAILURES;
	b->failed_path = failure->path;
	b->failed_line = failure->line;
	b->failures = 1;
	return false;
}

/*
 * If something else cuts a reading short again and again, take the reading as it is: that may never
 * end (keepalives).
 */
static const char *held_so_far(struct bless *b, const char *held)
{
	char *known = held ? arena_strdup(b->arena, held) : NULL;
	char *open = known ? strchr(known, '?') : NULL;

	b->cut_short = open ? b->cut_short + 1 : 0;
	if (b->cut_short > MOST_FAILURES)
		for (; open; open = strchr(open, '?'))
			*open = '-';
	return known;
}

/* A run has shown what another one has not: then the machine was late. But it is not so often. */
static bool is_odd(struct bless *b)
{
	if (b->inv.guest || b->odd == MOST_ODD)
		return false;
	b->odd++;
	b->passed = 0;
	return true;
}

/* All that is wrong is that something came later than at a time that an earlier run has seen. */
static bool was_late(const struct bless *b, const struct bless_answer *failure)
{
	return failure->time == TIME_LATE && !strcmp(failure->path, b->scenario.path) &&
	       history_has_new_time(&b->history, failure->line);
}

/* Run `job`, which looks for longer, has seen everything as it is written. */
static bool is_as_written(const struct bless *b, size_t job)
{
	const struct answer *answer = &b->answers[job];

	return answer->verdict == VERDICT_PASS && answer->said.draft.text &&
	       !strcmp(answer->said.draft.text, b->scenario.text);
}

/* A run has failed: write anew what went wrong. */
static enum ending mend(struct bless *b, size_t job)
{
	const struct bless_answer failure = b->answers[job].said;
	const struct bless_order order = {
	    .what = BLESS_WRITE,
	    .from = failure.from,
	    .held = held_so_far(b, failure.held),
	    .until = b->options->until,
	};
	const char *name = b->plan.list[job].name, *reason;

	if (!failure.path)
		return broken(name, "it does not say where it has failed");
	reason = in_file(b, arena_printf(b->arena, "%s:%d: %s", failure.path, failure.line,
					 failure.message ? failure.message : "no reason is known"));
	if (strcmp(name, b->scenario.name) != 0)
		reason = arena_printf(b->arena, "%s (in %s)", reason, name);
	if (was_late(b, &failure) && is_odd(b))
		return HOLDS;
	if (is_stuck(b, &failure))
		return refuse(
		    b, arena_printf(b->arena, "the outcome differs from run to run: %s", reason));
	if (failure.draft.text && failure.time != TIME_MAY_COME) {
		b->answers[job].verdict = VERDICT_PASS;
	} else if (!make_runs(b, &order, job, 1)) {
		return INTERRUPTED;
	} else if (is_as_written(b, job)) {
		if (is_odd(b))
			return HOLDS;
		/* What came too soon was the line's, and no other packet. */
		if (failure.draft.text)
			b->answers[job].said = failure;
	}
	return take_draft(b, job, reason);
}

/* All pass: add what only the command line has asked for. */
static enum ending add_extra(struct bless *b, size_t job)
{
	const struct run *run = plan_run(&b->plan, &b->plan.list[job]);
	struct bless_order order = {
	    .what = BLESS_WRITE,
	    .from = run->line_count ? stretch_begin(run, run->line_count - 1) : 0,
	    .held = b->answers[job].said.held,
	    .acks = b->options->acks,
	    .until = b->options->until ? b->options->until : ACK_TIMEOUT,
	};

	if (run->skip)
		return HOLDS;
	if (!make_runs(b, &order, job, 1))
		return INTERRUPTED;
	if (b->answers[job].verdict == VERDICT_PASS && b->answers[job].said.draft.text &&
	    !strcmp(b->answers[job].said.draft.text, b->scenario.text))
		return HOLDS;
	return take_draft(b, job, "what is added happens only sometimes");
}

/* Make all runs once, and one change. HOLDS: nothing is left to change. */
static enum ending next_pass(struct bless *b)
{
	static const struct bless_order look = {.what = BLESS_LOOK};
	bool wants_more = b->options->acks || b->options->until;
	size_t job;

	if (!make_runs(b, &look, 0, b->plan.count))
		return INTERRUPTED;
	job = first_of(b, VERDICT_BROKEN);
	if (job < b->plan.count) {
		const char *why = b->answers[job].said.message;

		return broken(b->plan.list[job].name, why ? why : "no reason is known");
	}
	job = first_of(b, VERDICT_FAIL);
	if (job < b->plan.count) {
		enum ending ending = mend(b, job);

		return ending == HOLDS ? BLESSED : ending;
	}
	job = first_of(b, VERDICT_UNSURE);
	if (job < b->plan.count)
		return busy(b, job);
	if (first_of(b, VERDICT_PASS) == b->plan.count)
		return SKIPPED;
	while (wants_more && b->extra < b->plan.count) {
		const char *before = b->scenario.text;
		enum ending ending = add_extra(b, b->extra++);

		if (ending != HOLDS || before != b->scenario.text)
			return ending == HOLDS ? BLESSED : ending;
	}
	return HOLDS;
}

/* Until all of it passes: then the scenario has its text, and is BLESSED, or HOLDS as it was. */
static enum ending bless_text(struct bless *b, const char *original)
{
	for (int pass = 0; pass < MOST_PASSES; pass++) {
		struct diagnostics c = {.arena = b->arena};
		const char *error = NULL;
		enum ending ending;

		if (!make_plan(b, &c, &error))
			return pass ? refuse_text(b, &c, error) : refuse_script(&c, error);
		if (!b->plan.count)
			return refuse(b, "it does not run over that family");
		*arena_push(b->arena, b->earlier, b->earlier_count) = b->scenario.text;
		ending = next_pass(b);
		if (ending == HOLDS && !strcmp(original, b->scenario.text))
			return HOLDS;
		if (ending == HOLDS &&
		    (b->inv.guest || ++b->passed >= PASSES_WANTED + PASSES_EACH * b->odd))
			return BLESSED;
		if (ending == HOLDS)
			continue;
		if (ending == SKIPPED)
			printf("skip     %s  (%s)\n", b->scenario.name, b->answers[0].said.message);
		if (ending != BLESSED)
			return ending;
	}
	return refuse(b, "the outcome differs from run to run");
}

/* ---- the file ---- */

/* NULL: it can be written; else why not. */
static const char *unwritable(struct arena *a, const char *path)
{
	const char *directory = directory_of(a, path);

	if (access(path, W_OK) < 0)
		return arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	if (access(directory, W_OK | X_OK) < 0)
		return arena_printf(a, "cannot write into %s: %s", directory, strerror(errno));
	return NULL;
}

static bool write_whole(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* Replace the file by the new one, if it still has the text that was blessed. */
static const char *take_place(struct arena *a, const char *made, const char *path,
			      const char *original)
{
	const char *error = NULL;
	const struct source *now = source_read(a, path, &error);

	if (!now)
		return error;
	if (strcmp(now->text, original) != 0)
		return arena_printf(a, "%s has been changed meanwhile, and is left as it is", path);
	return rename(made, path) < 0
		   ? arena_printf(a, "cannot write %s: %s", path, strerror(errno))
		   : NULL;
}

/*
 * Writes the whole text or nothing, with the same owner and permissions. The new file is made in a
 * directory of its own; if this process is killed, a later one removes it. Writing to a slow disk
 * takes time, so only after it is checked whether somebody has changed the old file. Returns NULL,
 * or why the file was not replaced.
 */
static const char *make_and_replace(struct arena *a, const char *path, const char *original,
				    const char *text)
{
	const char *directory = directory_of(a, path), *error = NULL, *new;
	struct scratch made;
	struct stat st;
	int fd = -1;

	scratch_sweep(directory, UNFINISHED);
	if (stat(path, &st) < 0 || !scratch_make(a, directory, UNFINISHED, 0700, &made))
		return arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	new = arena_printf(a, "%s/text", made.path);
	fd = openat(made.fd, "text", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		error = arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	else if (st.st_nlink > 1)
		error = arena_printf(
		    a, "%s has another name (a hard link), which would keep the old text", path);
	else if (fchown(fd, st.st_uid, st.st_gid) < 0)
		error = arena_printf(a, "%s belongs to another user, and would be yours afterwards",
				     path);
	else if (!write_whole(fd, text) || fchmod(fd, st.st_mode & 07777) < 0 || fsync(fd) < 0)
		error = arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	else
		error = take_place(a, new, path, original);
	if (fd >= 0)
		close(fd);
	scratch_remove(&made);
	return error;
}

/* A signal that ends the program must wait until nothing is left there. */
static const char *replace_file(struct arena *a, const char *path, const char *original,
				const char *text)
{
	const char *error;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	error = make_and_replace(a, path, original, text);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

static enum ending bless_file(struct bless *b, const char *path)
{
	struct diagnostics c = {.arena = b->arena};
	const char *error = NULL, *original;
	struct source *source = source_read(b->arena, path, &error);
	struct script *script;
	struct draft written;
	enum ending ending;

	if (source && !b->options->dry_run)
		error = unwritable(b->arena, path);
	if (!source || error)
		return refuse(b, error);
	script = script_parse(b->arena, source, &c);
	if (!script)
		return refuse_script(&c, NULL);
	original = source->text;
	written = bless_unmark(b->arena, script);
	history_begin(&b->history, b->arena, &written);
	b->scenario.text = written.text;
	ending = bless_text(b, original);
	if (ending == HOLDS)
		printf("holds    %s\n", b->scenario.name);
	if (ending != BLESSED)
		return ending;
	linediff_print(stdout, b->arena, shown(b->arena, b->scenario.path), original,
		       shown(b->arena, b->scenario.path), b->scenario.text);
	print_changes(b);
	if (!b->options->dry_run)
		error = (fflush(stdout) || ferror(stdout))
			    ? "the difference cannot be shown, so nothing is written"
			    : replace_file(b->arena, path, original, b->scenario.text);
	if (error)
		return refuse(b, error);
	library_forget_used(b->library); /* another one may use it */
	printf("%s  %s  (%s added, %zu filled in)\n",
	       b->options->dry_run ? "would be blessed" : "blessed", b->scenario.name,
	       count_text(b->arena, history_added(&b->history), "line"),
	       history_filled(&b->history));
	return BLESSED;
}

/* ---- the command ---- */

/* Another user must not be able to choose which file is rewritten. */
static bool is_led_elsewhere(const char *path)
{
	int fd = trust_open(path, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EXDEV;
}

static enum ending bless_scenario(const struct bless *all, const struct scenario *scenario)
{
	struct bless b = *all;
	char path[PATH_MAX];
	struct stat st;

	b.scenario = *scenario;
	b.inv.plan = &b.plan;
	progress_begin(&b.progress);
	if (!b.options->dry_run && is_led_elsewhere(scenario->path))
		return refuse(&b, arena_printf(b.arena,
					       "%s: another user's link is on this path, "
					       "which is not followed to write; name the "
					       "file itself",
					       scenario->path));
	/* A symbolic link stays one; any other file is named as it was given. */
	if (lstat(scenario->path, &st) == 0 && !S_ISLNK(st.st_mode))
		return bless_file(&b, scenario->path);
	if (!realpath(scenario->path, path))
		return refuse(&b, arena_printf(b.arena, "cannot read %s: %s", scenario->path,
					       strerror(errno)));
	return bless_file(&b, arena_strdup(b.arena, path));
}

static int cmd_bless(const struct options *o, struct library *l)
{
	static const int statuses[] = {
	    [HOLDS] = EXIT_PASSED,  [BLESSED] = EXIT_PASSED, [SKIPPED] = EXIT_PASSED,
	    [REFUSED] = EXIT_USAGE, [BROKEN] = EXIT_BROKEN,  [INTERRUPTED] = EXIT_INTERRUPTED,
	    [BUSY] = EXIT_BROKEN,
	};
	struct bless b = {.options = o, .library = l, .arena = l->arena, .inv = {.options = o}};
	struct selection chosen = {0};
	struct scratch guests = {.fd = -1};
	struct guest_kernel guest;
	const char *error = NULL;
	int status = EXIT_PASSED;

	if (!o->word_count) {
		say("bless which scenario?");
		return EXIT_USAGE;
	}
	b.at = mmap(NULL, sizeof(*b.at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.at == MAP_FAILED)
		b.at = NULL;
	facts_gather(&b.facts, b.inv.release);
	if (o->kernel) {
		if (!guest_find(b.arena, o->kernel, &guest, &error)) {
			say("%s", error);
			return EXIT_USAGE;
		}
		b.inv.guest = &guest;
		guest_facts(&guest, &b.facts);
	}
	if (!select_words(o, l, &chosen))
		return EXIT_USAGE;
	if (b.inv.guest) {
		b.inv.work = guest_open(b.arena, &guest, &guests, &error);
		if (!b.inv.work) {
			say("%s", error);
			return EXIT_BROKEN;
		}
	}
	b.inv.library = l->directory;
	for (size_t i = 0; i < chosen.count && status != EXIT_INTERRUPTED; i++) {
		enum ending ending = bless_scenario(&b, chosen.list[i]);

		if (statuses[ending] > status)
			status = statuses[ending];
	}
	scratch_remove(&guests);
	return status;
}

static const struct option_row own[] = {
    {
	.name = "acks",
	.set = option_flag,
	.field = OPTION_FIELD(acks),
	.value = true,
	.help = "bless: write plain ACKs, too",
    },
    {
	.name = "until",
	.argument = "DURATION",
	.expected = "a duration such as 200s",
	.set = option_duration,
	.field = OPTION_FIELD(until),
	.help = "bless: follow timers so far (default: those due within 1s)",
    },
    {
	.name = "keep-written",
	.set = option_flag,
	.field = OPTION_FIELD(keep_written),
	.value = true,
	.help = "bless: fill in only what is missing, refuse what contradicts what is written",
    },
    {
	.name = "dry-run",
	.letter = 'n',
	.set = option_flag,
	.field = OPTION_FIELD(dry_run),
	.value = true,
	.help = "bless: show the difference, write nothing",
    },
    {.name = NULL},
};

const struct command command_bless = {
    .name = "bless",
    .arguments = "NAME...",
    .help = "write observed events into the scenarios",
    .run = cmd_bless,
    .knows = WITH_RUNS | WITH_KERNEL,
    .own = own,
    .needs_proc = true,
};
