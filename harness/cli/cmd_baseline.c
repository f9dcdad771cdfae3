/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `baseline write KERNEL [FILE [NAME...]]` writes a baseline: the outcome of each run on that
 * kernel, in a file that can be committed. `run --against` reads it. The command runs the
 * scenarios, by default all over both families. With --from it runs nothing, and takes the results
 * that `merge --results` has joined. A baseline records failures, so they do not change the exit
 * status.
 */
#include "harness/cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/base/trust.h"
#include "harness/guest/guest.h"
#include "harness/reporters/reporter_baseline.h"
#include "harness/run/baseline.h"
#include "harness/run/merge.h"
#include "harness/run/results.h"

static const char *from;

static const struct option_row own[] = {
    {
	.name = "from",
	.argument = "DIR",
	.expected = "a directory",
	.set = option_text,
	.own = &from,
	.help = "with `baseline write`: of the results in DIR, run nothing",
    },
    {.name = NULL},
};

/* ---- the file ---- */

static bool put_all(int fd, const char *text, size_t length)
{
	FILE *out = fdopen(fd, "w");
	bool written;

	if (!out) {
		close(fd);
		return false;
	}
	written = fwrite(text, 1, length, out) == length && !fflush(out);
	return !fclose(out) && written;
}

/*
 * What is no regular file is written to as it is: a device, a pipe that has a reader, what a link
 * leads to, if it is not somebody else's.
 */
static bool write_there(const char *path, const char *text, size_t length)
{
	int fd = trust_open(path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && fcntl(fd, F_SETFL, 0) == 0 && put_all(fd, text, length);
}

struct text_file {
	const char *text;
	size_t length;
};

static bool put_text(FILE *out, void *context)
{
	const struct text_file *file = context;

	return fwrite(file->text, 1, file->length, out) == file->length;
}

static bool write_file(struct arena *a, const char *path, const char *text, size_t length)
{
	const char *slash = strrchr(path, '/'), *directory = directory_of(a, path), *error = NULL;
	const struct result_file file = {slash ? slash + 1 : path, put_text, NULL};
	struct stat st;

	if (lstat(path, &st) < 0 ? errno == ENOENT : S_ISREG(st.st_mode)) {
		results_sweep(directory);
		results_write_file(a, directory, &file, &(struct text_file){text, length}, &error);
	} else if (!write_there(path, text, length)) {
		error = arena_printf(a, "%s: %s", path, trust_why(errno));
	}
	if (error)
		say("cannot write to %s", error);
	return !error;
}

/* How many lines begin with that word. */
static size_t count_of(const char *text, const char *word)
{
	size_t count = 0, length = strlen(word);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		count += !strncmp(line, word, length) && line[length] == ' ';
	}
	return count;
}

static int leave(struct arena *a, const char *path, const char *text, size_t length)
{
	if (!write_file(a, path, text, length))
		return EXIT_BROKEN;
	printf("%s: %zu pass, %zu fail, %zu skipped, %zu broken by the kernel\n", shown(a, path),
	       count_of(text, "pass"), count_of(text, "fail"), count_of(text, "skip"),
	       count_of(text, "broken"));
	return EXIT_PASSED;
}

/* ---- from runs ---- */

static int write_from_runs(const struct options *o, struct library *l, const char *kernel,
			   const char *path)
{
	static char *everything[] = {"all", NULL};
	struct options run = *o;
	const char *text;
	size_t length, left_out;
	int status;

	run.kernel = strcmp(kernel, "host") != 0 ? kernel : NULL;
	run.quiet = true;
	if (!run.families)
		run.families = FAMILY_4 | FAMILY_6;
	run.words = o->word_count > 3 ? o->words + 3 : everything;
	run.word_count = o->word_count > 3 ? o->word_count - 3 : 1;
	reporter_baseline_ask();
	status = commands[0]->run(&run, l);
	text = reporter_baseline_text(&length, &left_out);
	if (!text)
		return status == EXIT_PASSED ? EXIT_BROKEN : status;
	status = leave(l->arena, path, text, length);
	if (status != EXIT_PASSED || !left_out)
		return status;
	say("%zu could not be run, see above, and are not in %s", left_out, path);
	return EXIT_BROKEN;
}

/* ---- from results ---- */

/* The directory's name is the kernel's release; a kernel may also be named as elsewhere. */
static const char *release_of(struct arena *a, const char *kernel)
{
	int fd = strchr(kernel, '/') ? -1 : left_open(from, kernel, NULL);
	struct guest_kernel guest;
	const char *error = NULL;
	struct utsname machine;

	if (fd >= 0) {
		close(fd);
		return kernel;
	}
	if (!strcmp(kernel, "host"))
		return uname(&machine) == 0 ? arena_strdup(a, machine.release) : kernel;
	return guest_find(a, kernel, &guest, &error) ? arena_strdup(a, guest.release) : kernel;
}

static const struct left *other_than_first(const struct cell *cell)
{
	const struct left *other = cell->first;

	while (other->verdict == cell->first->verdict)
		other++;
	return other;
}

/* False: it has been reported. */
static bool is_complete(const struct matrix *m)
{
	bool complete = true;

	for (size_t i = 0; i < m->run_count; i++) {
		const struct cell *cell = matrix_cell(m, i, 0);
		const struct left *other;

		if (cell->state == CELL_SETTLED)
			continue;
		complete = false;
		if (cell->state == CELL_MISSING) {
			say("%s is missing: %s", m->runs[i], cell->why);
			continue;
		}
		other = other_than_first(cell);
		say("%s has several verdicts: %s in %s, %s in %s", m->runs[i],
		    verdict_names[cell->first->verdict], cell->first->place,
		    verdict_names[other->verdict], other->place);
	}
	return complete;
}

static struct baseline lines_of(struct arena *a, const struct matrix *m, size_t *prevented)
{
	struct baseline b = {0};

	*prevented = 0;
	for (size_t i = 0; i < m->run_count; i++) {
		const struct left *left = matrix_cell(m, i, 0)->worst;

		if (left->verdict == VERDICT_BROKEN && !left->by_kernel) {
			say("%s could not be run, and is not in it: %s", left->run,
			    left->reason ? left->reason : left->place);
			++*prevented;
			continue;
		}
		*arena_push(a, b.lines, b.count) =
		    (struct baseline_line){.run = left->run, .verdict = left->verdict};
	}
	return b;
}

static int write_from_results(struct library *l, const char *kernel, const char *path)
{
	const char *release = release_of(l->arena, kernel), *error = NULL, *text;
	struct remains remains = {0};
	struct baseline lines;
	struct matrix *m;
	struct text made;
	size_t prevented;
	int status;

	if (!remains_read(l->arena, from, release, &remains, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	if (!remains.run_count) {
		say("there are no results of %s in %s", release, from);
		return EXIT_USAGE;
	}
	m = merge(l->arena, &remains);
	if (!is_complete(m))
		return EXIT_BROKEN;
	lines = lines_of(l->arena, m, &prevented);
	baseline_print(text_open(&made), l->arena, &lines, release);
	text = text_close(&made, l->arena);
	status = leave(l->arena, path, text, strlen(text));
	return status == EXIT_PASSED && prevented ? EXIT_BROKEN : status;
}

/* ---- the command ---- */

static const char *default_file(struct arena *a, const char *kernel)
{
	const char *slash = strrchr(kernel, '/');

	return arena_printf(a, "%s.baseline", slash ? slash + 1 : kernel);
}

static int cmd_baseline(const struct options *o, struct library *l)
{
	const char *kernel, *path;

	if (!o->word_count || strcmp(o->words[0], "write") != 0) {
		say("'baseline' makes one: baseline write KERNEL [FILE [NAME...]]; 'run --against "
		    "FILE' compares with it");
		return EXIT_USAGE;
	}
	if (o->word_count < 2) {
		say("baseline write: of which kernel? `host` is the running one, 'kernel list' "
		    "shows the others");
		return EXIT_USAGE;
	}
	if (o->kernel) {
		say("baseline write KERNEL: the kernel is the first word after 'write', without "
		    "--kernel");
		return EXIT_USAGE;
	}
	kernel = o->words[1];
	path = o->word_count > 2 ? o->words[2] : default_file(l->arena, kernel);
	if (!from)
		return write_from_runs(o, l, kernel, path);
	if (o->word_count > 3) {
		say("with --from everything is taken that is there: no scenario can be named");
		return EXIT_USAGE;
	}
	return write_from_results(l, kernel, path);
}

static const struct operand operands[] = {
    {.words = (const char *const[]){"write", NULL}},
    {.kind = OPERAND_KERNEL, .words = (const char *const[]){"host", NULL}},
    {.kind = OPERAND_FILE},
    {.kind = OPERAND_SCENARIO, .is_last = true},
};

const struct command command_baseline = {
    .name = "baseline",
    .arguments = "write K [FILE]",
    .help = "the outcome of each run on a kernel: known failures",
    .run = cmd_baseline,
    .operands = operands,
    .knows = WITH_RUNS | WITH_KERNEL | WITH_RESULTS,
    .own = own,
    .needs_proc = true,
};
