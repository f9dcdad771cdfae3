/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `merge DIR...`: what several machines have left (`run --results DIR`, usually with --shard, on
 * one kernel or several), as one matrix, with one exit status. With --results the runs are also
 * joined into one directory, from which --rerun-failed, --times and `baseline write` can read. Of a
 * run with several verdicts the worst is taken. With --against, failures that a kernel's baseline
 * knows do not count.
 *
 * Everything is read before anything is written.
 */
#include "harness/cli/commands.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/cli/against.h"
#include "harness/reporters/report_matrix.h"
#include "harness/run/results.h"

#define MOST_COPIED (1LL << 30) /* bytes of one file, which a stranger may have made */

/* False: it has been reported. */
static bool read_all(const struct options *o, struct arena *a, struct remains *remains)
{
	const char *error = NULL;

	for (size_t i = 0; i < o->word_count; i++) {
		size_t before = remains->run_count + remains->roster_count;

		if (!remains_read(a, o->words[i], NULL, remains, &error)) {
			say("%s", error);
			return false;
		}
		if (remains->run_count + remains->roster_count == before)
			say("%s: no results are in it", o->words[i]);
	}
	if (!remains->run_count && !remains->roster_count)
		say("there is nothing to merge: DIR/KERNEL/NAME/result.json is what runs leave");
	return remains->run_count || remains->roster_count;
}

static bool join_run(struct arena *a, const char *directory, const struct left *left,
		     const char **error)
{
	const char *entry = strrchr(left->place, '/') + 1;
	int from = left_open(left->root, left->kernel, entry);
	bool joined;

	if (from < 0)
		*error = arena_printf(a, "%s: %s", left->place, strerror(errno));
	joined =
	    from >= 0 && results_copy(a, directory, left->run, false, from, MOST_COPIED, error);
	if (from >= 0)
		close(from);
	return joined;
}

static bool join_kernel(struct arena *a, const char *root, const struct matrix *m, size_t kernel,
			struct remains *remains, const char **error)
{
	const char *directory = results_open(a, root, m->kernels[kernel], error);
	bool joined = directory != NULL;

	for (size_t i = 0; joined && i < m->run_count; i++) {
		const struct left *left = matrix_cell(m, i, kernel)->worst;

		joined = !left || join_run(a, directory, left, error);
	}
	for (size_t i = 0; joined && i < remains->roster_count; i++)
		if (!strcmp(remains->rosters[i].kernel, m->kernels[kernel]))
			joined = roster_leave(a, directory, &remains->rosters[i], error);
	return joined;
}

/* False: it has been reported. */
static bool join(struct arena *a, const char *root, const struct matrix *m, struct remains *remains)
{
	const char *error = NULL;
	bool joined = true;

	for (size_t k = 0; joined && k < m->kernel_count; k++)
		joined = join_kernel(a, root, m, k, remains, &error);
	if (!joined)
		say("the joined results could not be written: %s", error);
	return joined;
}

/* False: it has been reported. */
static bool compare(struct arena *a, struct matrix *m)
{
	const struct baseline **list;

	if (!against())
		return true;
	list = against_each(a, m->kernels, m->kernel_count);
	if (list)
		matrix_compare(a, m, list);
	return list != NULL;
}

static int cmd_merge(const struct options *o, struct library *l)
{
	struct remains remains = {0};
	struct matrix *m;
	bool written = true;
	int status;

	if (!o->word_count) {
		say("merge which directories? Each is what 'run --results DIR' has left");
		return EXIT_USAGE;
	}
	if (!against_open(l, false) || !read_all(o, l->arena, &remains))
		return EXIT_USAGE;
	m = merge(l->arena, &remains);
	if (!compare(l->arena, m))
		return EXIT_USAGE;
	if (o->results && !join(l->arena, o->results, m, &remains))
		written = false;
	written &= matrix_forms[o->json](stdout, m);
	status = matrix_status(m);
	return status == EXIT_PASSED && !written ? EXIT_BROKEN : status;
}

static const struct option_row *further(size_t i)
{
	return i ? NULL : &against_option;
}

static const struct operand operands[] = {{.kind = OPERAND_FILE, .is_last = true}};

const struct command command_merge = {
    .name = "merge",
    .arguments = "DIR...",
    .help = "join the results of several machines: runs x kernels",
    .run = cmd_merge,
    .operands = operands,
    .knows = WITH_RESULTS | WITH_JSON,
    .more = further,
};
