/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *     coverage TREE OBJECTS RESULTS OUT
 *
 * TREE is a kernel's source, OBJECTS its build, RESULTS the results of runs on it (.../KERNEL, a
 * directory for each run). In OUT this writes
 *
 *     files.md     how much of each file is reached; printed, too
 *     missing.md   the functions of which something is not reached
 *     alone.md     what each scenario alone reaches
 *     tcp.info     all of it, for genhtml(1)
 *
 * Runs of one scenario, over both families and with all parameters, are one scenario here.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/scratch.h"
#include "harness/base/signals.h"
#include "harness/run/pool.h"
#include "kernels/coverage/coverage.h"

struct counted_run {
	const char *directory;
	int scenario;
};

struct coverage {
	struct arena arena;
	const char *tree, *objects, *results, *out;
	struct scratch scratch;
	struct counted_run *runs;
	size_t run_count;
	const char **scenarios;
	size_t scenario_count;
	struct tally tally;
	size_t failures;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "coverage: %s: %s\n", what, why);
	exit(3);
}

/* gcov is run in another directory. */
static const char *whole(struct coverage *c, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy;

	if (!real)
		die(path, strerror(errno));
	copy = arena_strdup(&c->arena, real);
	free(real);
	return copy;
}

/* ---- the runs ---- */

static int scenario_of(struct coverage *c, const char *run)
{
	const char *name = arena_printf(&c->arena, "%.*s", (int)strcspn(run, ","), run);

	for (size_t i = 0; i < c->scenario_count; i++)
		if (!strcmp(c->scenarios[i], name))
			return (int)i;
	*(const char **)arena_push(&c->arena, c->scenarios, c->scenario_count) = name;
	return (int)c->scenario_count - 1;
}

static int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static bool has_counters(struct coverage *c, const char *directory)
{
	return access(arena_printf(&c->arena, "%s/ipv4-tcp.gcda", directory), R_OK) == 0;
}

static void find_runs(struct coverage *c)
{
	struct dirent **list;
	int count = scandir(c->results, &list, NULL, compare_names);

	if (count < 0)
		die(c->results, strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;
		const char *directory = arena_printf(&c->arena, "%s/%s", c->results, name);

		if (name[0] != '.' && has_counters(c, directory))
			*(struct counted_run *)arena_push(&c->arena, c->runs, c->run_count) =
			    (struct counted_run){directory, scenario_of(c, name)};
		free(list[i]);
	}
	free(list);
	if (!c->run_count)
		die(c->results, "no run there has left counters");
}

/* ---- asking gcov of each ---- */

static int work(void *context, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct coverage *c = context;
	const char *place = arena_printf(&c->arena, "%s/%zu", c->scratch.path, job);

	(void)attempt, (void)aside;
	if (mkdir(place, 0700) < 0) {
		fprintf(stderr, "coverage: %s: %s\n", place, strerror(errno));
		return 1;
	}
	return !gcov_tell(c->objects, c->runs[job].directory, place, out);
}

static ns_t limit(void *context, size_t job)
{
	(void)context, (void)job;
	return 120 * NS_PER_S;
}

static bool done(void *context, size_t job, const struct pool_end *end)
{
	struct coverage *c = context;

	if (end->status == 0) {
		tally_add(&c->tally, c->runs[job].scenario, end->output);
		return true;
	}
	fprintf(stderr, "coverage: %s is left out%s%s\n%.*s", c->runs[job].directory,
		end->signal ? ": killed by " : "",
		end->signal ? signal_name(&c->arena, end->signal) : "", (int)end->error_length,
		end->errors);
	c->failures++;
	return true;
}

static void ask_all(struct coverage *c)
{
	struct pool pool = {
	    .jobs = c->run_count,
	    .at_once = (int)sysconf(_SC_NPROCESSORS_ONLN),
	    .context = c,
	    .work_context = c,
	    .work = work,
	    .limit = limit,
	    .done = done,
	};
	const char *error;
	int ended;

	if (!scratch_open(&c->arena, "coverage-", &c->scratch, &error))
		die("scratch", error);
	c->tally.arena = &c->arena;
	ended = pool_run(&pool);
	scratch_remove(&c->scratch);
	if (ended)
		exit(128 + ended);
}

/* ---- the reports ---- */

static FILE *open_report(struct coverage *c, const char *name)
{
	const char *path = arena_printf(&c->arena, "%s/%s", c->out, name);
	FILE *out = fopen(path, "we");

	if (!out)
		die(path, strerror(errno));
	return out;
}

static void close_report(FILE *out, const char *name)
{
	if (fclose(out))
		die(name, strerror(errno));
}

static int compare_files(const void *left, const void *right)
{
	const struct source_file *a = left, *b = right;

	return strcmp(a->path, b->path);
}

static void report(struct coverage *c)
{
	FILE *out = open_report(c, "files.md");

	if (c->tally.file_count)
		qsort(c->tally.files, c->tally.file_count, sizeof(*c->tally.files), compare_files);
	report_files(out, &c->tally);
	close_report(out, "files.md");
	report_files(stdout, &c->tally);
	out = open_report(c, "missing.md");
	report_missing(out, &c->tally);
	close_report(out, "missing.md");
	out = open_report(c, "alone.md");
	report_alone(out, &c->tally, c->scenarios, c->scenario_count);
	close_report(out, "alone.md");
	out = open_report(c, "tcp.info");
	report_tracefile(out, &c->tally, c->tree);
	close_report(out, "tcp.info");
}

int main(int argc, char **argv)
{
	struct coverage c = {0};

	if (argc != 5) {
		fputs("usage: coverage TREE OBJECTS RESULTS OUT\n", stderr);
		return 2;
	}
	c.tree = whole(&c, argv[1]);
	c.objects = whole(&c, argv[2]);
	c.results = whole(&c, argv[3]);
	c.out = argv[4];
	find_runs(&c);
	ask_all(&c);
	report(&c);
	printf("%zu runs of %zu scenarios\n", c.run_count - c.failures, c.scenario_count);
	arena_free(&c.arena);
	return c.failures ? 3 : 0;
}
