/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a kernel's TCP the scenarios reach: what gcov(1) makes of each run's counters, added
 * up over all of them.
 *
 *     gcov.c    one run: gcov's JSON, told in a few words per line
 *     tally.c   all runs: what is reached, and by which scenarios
 *     report.c  the tables, and a tracefile for lcov(1)
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/arena.h"

/* ---- gcov.c ---- */

/*
 * What a run has reached, to `out`, a line for each thing:
 *
 *     F net/ipv4/tcp.c              a source file; below it:
 *     U 1043 1100 1 tcp_sendmsg     a function: first line, last line, whether it was entered
 *     L 1050 1 0110                 a line of code: whether it was reached, and each of its
 * branches
 *
 * `objects`: the kernel's build, with the notes (.gcno) of all files; `data`: the directory of the
 * run's counters (.gcda); `scratch`: one for what gcov is to find in one place. False: standard
 * error has said why.
 */
bool gcov_tell(const char *objects, const char *data, const char *scratch, FILE *out);

/* ---- tally.c ---- */

/* Whether a thing was reached: by no scenario, by one, or by more. */
struct reached {
	int scenario; /* the first one; -1: none */
	bool shared;  /* .. and another one */
};

struct code_line {
	bool is_code;
	struct reached by;
	struct reached *branches;
	size_t branch_count;
};

struct function {
	const char *name;
	int first, last;
	struct reached by;
};

struct source_file {
	const char *path;	 /* in the kernel's tree */
	struct code_line *lines; /* by their numbers */
	size_t line_count;
	struct function *functions;
	size_t function_count;
};

struct tally {
	struct arena *arena;
	struct source_file *files;
	size_t file_count;
};

/* Add what gcov_tell() has told of a run of that scenario. */
void tally_add(struct tally *t, int scenario, const char *told);

/* ---- report.c ---- */

struct share {
	size_t reached, all;
};

/* One row for each file, and one for all. */
void report_files(FILE *out, const struct tally *t);

/* Functions that no scenario enters, the largest first. */
void report_missing(FILE *out, const struct tally *t);

/* Of each scenario how many lines and branches it alone reaches, and in which functions. */
void report_alone(FILE *out, const struct tally *t, const char *const *scenarios, size_t count);

/* The same in the form that genhtml(1) reads, with paths below `tree`. */
void report_tracefile(FILE *out, const struct tally *t, const char *tree);

#endif
