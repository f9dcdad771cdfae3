/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutants that are really run: files in a temporary directory, which the program itself is given;
 * its --json says how each ended. Of several combinations of parameters, those in which the altered
 * line takes place must all fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/mutants/mutate.h"

/* A program holds everything that it plans in memory, and its arguments in one page of the kernel.
 */
#define BATCH 1000

/* The beginning of the expectation whose opposite is an unexpected packet. */
#define NO_MORE "no more packets after "

static void fail(const char *what, const char *which)
{
	fprintf(stderr, "mutate: %s %s: %s\n", what, which, strerror(errno));
	exit(3);
}

static void write_file(struct arena *a, const struct live *l, size_t number, struct candidate *c)
{
	FILE *out;

	c->file = arena_printf(a, "%s/mutant-%05zu.tcp", l->directory, number);
	out = fopen(c->file, "we");
	if (!out || fputs(c->mutant->text, out) == EOF || fclose(out))
		fail("cannot write", c->file);
}

static json_t *run_batch(struct arena *a, const struct live *l, const struct candidate *list,
			 size_t count)
{
	const char **argv = arena_alloc(a, (count + 16) * sizeof(*argv));
	json_error_t error;
	json_t *report;
	size_t n = 0;
	int ends[2];
	FILE *in;
	pid_t pid;

	argv[n++] = l->program;
	argv[n++] = "--json";
	argv[n++] = l->family == 6 ? "-6" : "-4";
	argv[n++] = "-j";
	argv[n++] = "128";
	argv[n++] = "--library";
	argv[n++] = l->library;
	if (l->kernel) {
		argv[n++] = "--kernel";
		argv[n++] = l->kernel;
	}
	argv[n++] = "--results";
	argv[n++] = arena_printf(a, "%s/results", l->directory);
	for (size_t i = 0; i < count; i++)
		argv[n++] = list[i].file;
	if (pipe2(ends, O_CLOEXEC) < 0)
		fail("cannot run", l->program);
	pid = fork();
	if (pid < 0)
		fail("cannot run", l->program);
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		execv(l->program, (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	report = json_loadf(in, 0, &error);
	fclose(in);
	waitpid(pid, NULL, 0);
	if (!report) {
		fprintf(stderr, "mutate: what %s --json prints is no JSON: line %d: %s\n",
			l->program, error.line, error.text);
		exit(3);
	}
	return report;
}

/*
 * A reading waits until its answer is as written, and an arrival's line waits until the segment
 * arrives. Meanwhile something unexpected may come, such as a retransmission or the packet that
 * raises the counter. Then the message rightly names the last line that was met.
 */
static bool came_while_it_waited(const struct run *run, const json_t *problem, int first, int last)
{
	const char *expected = json_string_value(json_object_get(problem, "expected"));
	size_t named = (size_t)json_integer_value(json_object_get(problem, "line"));

	if (!expected || strncmp(expected, NO_MORE, strlen(NO_MORE)) != 0)
		return false;
	for (size_t i = 0; i < run->line_count && i <= named + 1; i++) {
		const struct line *line = &run->lines[i];
		bool waits = i == named + 1 ? line_is_reading(line) : line->kind == LINE_ARRIVAL;

		if (waits && line->place.line >= first && line->place.line <= last)
			return true;
	}
	return false;
}

/*
 * Something mismatched. Where that is no failure since the run was disturbed each time, it is so of
 * the mutant all the same: unaltered it has passed.
 */
static bool has_mismatched(const json_t *run, const char *verdict)
{
	bool disturbed = json_object_get(run, "disturbed") || json_object_get(run, "late");

	return !strcmp(verdict, "fail") || (!strcmp(verdict, "broken") && disturbed &&
					    json_array_size(json_object_get(run, "problems")) > 0);
}

/* NULL: it failed, at the altered line, wherever that line is executed; else what is wrong. */
static const char *survived(struct arena *a, const json_t *report, const struct candidate *c)
{
	const json_t *runs = json_object_get(report, "runs"), *run;
	size_t i, seen = 0;
	int first, last;

	json_array_foreach(runs, i, run) {
		const char *path = json_string_value(json_object_get(run, "path"));
		const char *verdict = json_string_value(json_object_get(run, "verdict"));
		const json_t *problem = json_array_get(json_object_get(run, "problems"), 0);
		int line = (int)json_integer_value(json_object_get(problem, "file_line"));

		if (!path || strcmp(path, c->file) != 0)
			continue;
		if (seen < c->run_count && mutant_counts(c->mutant, c->planned[seen].run)) {
			mutant_place(c->mutant, c->planned[seen].run, &first, &last);
			if (!has_mismatched(run, verdict))
				return arena_printf(a, "ended with '%s'", verdict);
			if ((line < first || line > last) &&
			    !came_while_it_waited(c->planned[seen].run, problem, first, last))
				return arena_printf(a, "failed, but line %d was named", line);
		}
		seen++;
	}
	if (seen != c->run_count)
		return arena_printf(a, "%zu runs of %zu were made", seen, c->run_count);
	return NULL;
}

/*
 * Many runs at once compete for the processors, and then a line above the altered one may be the
 * first to fail. A run of the mutant alone shows whether the altered line fails.
 */
static const char *survives_alone(struct arena *a, const struct live *l, const struct candidate *c)
{
	json_t *report = run_batch(a, l, c, 1);
	const char *why = survived(a, report, c);

	json_decref(report);
	return why;
}

size_t live_run(struct arena *a, const struct live *l, struct candidate *list, size_t count)
{
	size_t survivors = 0, again = 0;

	for (size_t at = 0; at < count; at += BATCH) {
		size_t size = count - at < BATCH ? count - at : BATCH;
		json_t *report;

		for (size_t i = at; i < at + size; i++)
			write_file(a, l, i, &list[i]);
		report = run_batch(a, l, list + at, size);
		for (size_t i = at; i < at + size; i++) {
			const struct candidate *c = &list[i];
			const char *why = survived(a, report, c);
			int first, last;

			if (why) {
				again++;
				why = survives_alone(a, l, c);
			}
			if (!why)
				continue;
			survivors++;
			mutant_place(c->mutant, c->planned->run, &first, &last);
			printf("survivor: %s:%d: %s: %s\n    %s\n", c->scenario, first,
			       mutations[c->mutant->mutation].what, why, c->mutant->altered);
		}
		json_decref(report);
	}
	printf("%zu were run, %zu of them once more, alone\n", count, again);
	return survivors;
}
