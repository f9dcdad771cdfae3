/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several machines have left, joined: a matrix of runs and kernels. Pure: from remains to a
 * matrix.
 *
 * A run is expected on a kernel if a share of that kernel was to make it, or another kernel has it.
 */
#ifndef MERGE_H
#define MERGE_H

#include "harness/run/baseline.h"
#include "harness/run/results_read.h"

enum cell_state {
	CELL_SETTLED, /* all its results have one verdict */
	CELL_DIFFERS, /* its results have several: of different machines, or kept ones */
	CELL_MISSING,
	CELL_STATES,
};

struct cell {
	enum cell_state state;
	const struct left *first; /* of `count`, in the order of the directories */
	size_t count;
	const struct left *worst; /* the one that counts; NULL: it is missing .. */
	const char *why;	  /* .. and why */
	enum standing standing;	  /* of the worst one, beside its kernel's baseline */
};

struct matrix {
	const char **kernels; /* in the order of their versions */
	const char **runs;    /* in the order of their names */
	size_t kernel_count, run_count;
	struct cell *cells;		 /* a row for each run */
	const struct baseline **against; /* of each kernel; NULL: there are none */
};

/* Sorts the remains. */
struct matrix *merge(struct arena *a, struct remains *remains);

/*
 * Compare with what is known: `against` has a baseline for each kernel. A later round is compared
 * with the first one. Where verdicts differ, no known failure has vanished.
 */
void matrix_compare(struct arena *a, struct matrix *m, const struct baseline **against);

const struct cell *matrix_cell(const struct matrix *m, size_t run, size_t kernel);

/* The verdict's name, or "differ" or "missing"; beside a baseline also "known", "new", "vanished".
 */
const char *cell_word(const struct cell *cell);
/* Without that. */
const char *cell_name(const struct cell *cell);

/*
 * As for a single invocation: EXIT_FAILED if a run has failed anywhere (beside a
 * baseline: if a failure is new or has vanished); else EXIT_BROKEN if one
 * could not be carried out, is missing or has several verdicts.
 */
int matrix_status(const struct matrix *m);

#endif
