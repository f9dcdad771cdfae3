/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several machines have left, joined: a matrix of runs and kernels. Pure: from remains to a
 * matrix.
 *
 * A run is expected on a kernel if a share of that kernel was to make it, or another kernel has it.
 */
#ifndef MERGE_H
#define MERGE_H

#include "harness/run/results_read.h"

enum cell_state {
	CELL_SETTLED, /* it has a verdict, whoever asks */
	CELL_DIFFERS, /* it has several: of different machines, or kept ones */
	CELL_MISSING,
	CELL_STATES,
};

struct cell {
	enum cell_state state;
	const struct left *first; /* of `count`, in the order of the directories */
	size_t count;
	const struct left *worst; /* the one that counts; NULL: it is missing .. */
	const char *why;	  /* .. and why */
};

struct matrix {
	const char **kernels; /* in the order of their versions */
	const char **runs;    /* in the order of their names */
	size_t kernel_count, run_count;
	struct cell *cells; /* a row for each run */
};

/* Sorts the remains. */
struct matrix *merge(struct arena *a, struct remains *remains);

const struct cell *matrix_cell(const struct matrix *m, size_t run, size_t kernel);

/* The verdict's name, or "differ" or "missing". */
const char *cell_name(const struct cell *cell);

/*
 * As for a single invocation: EXIT_FAILED if a run has failed anywhere; else EXIT_BROKEN if one
 * could not be carried out, is missing or has several verdicts.
 */
int matrix_status(const struct matrix *m);

#endif
