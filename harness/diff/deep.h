/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff --deep: all records of two kernels, compared and grouped by kind.
 */
#ifndef DIFF_DEEP_H
#define DIFF_DEEP_H

#include "harness/diff/kinds.h"
#include "harness/diff/side.h"

struct deep {
	struct kinds kinds;
	json_t *only;	    /* things that only one of the kernels has: see pair.h */
	size_t runs;	    /* runs that have been compared */
	json_t *unverified; /* runs that failed the second time, and why */
};

/* Compare that run of both. */
void deep_compare(struct deep *deep, const struct side *old, const struct side *new,
		  const struct ran *ran);

/*
 * After all runs have been compared: run the places that would be shown once more on each kernel. A
 * difference between the two times is not the kernel's behaviour, and is marked as unsure. A run
 * that fails this time is noted as unverified. Returns as side_run() does.
 */
int deep_verify(struct deep *deep, const struct side *old, const struct side *new,
		const struct errand *errand, struct arena *a);

/* The names of the runs with a sure difference: an object that the caller must free. */
json_t *deep_different(const struct deep *deep);

/* One line for each kind; with `all`, with every place below it. */
void deep_print(FILE *out, const struct deep *deep, const struct side *old, const struct side *new,
		bool all);
json_t *deep_json(const struct deep *deep);

#endif
