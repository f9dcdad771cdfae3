/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff --deep: all that was recorded on two kernels, compared and put into kinds.
 */
#ifndef DIFF_DEEP_H
#define DIFF_DEEP_H

#include "harness/diff/kinds.h"
#include "harness/diff/side.h"

struct deep {
	struct kinds kinds;
	json_t *only;	    /* what just one of the kernels has: see pair.h */
	size_t runs;	    /* that have been compared */
	json_t *unverified; /* runs that did not come through the second time, and why */
};

/* Compare that run of both. */
void deep_compare(struct deep *deep, const struct side *old, const struct side *new,
		  const struct ran *ran);

/*
 * When all runs have been compared: run the places that would be shown once more on each kernel.
 * What differs from one time to the other is none of the kernel's behaviour, and is marked as
 * unsure. What does not come through this time is noted as unverified. Returns as side_run() does.
 */
int deep_verify(struct deep *deep, const struct side *old, const struct side *new,
		const struct errand *errand, struct arena *a);

/* The names of the runs in which something differs that is sure: an object to be given back. */
json_t *deep_different(const struct deep *deep);

/* One line for each kind; with `all`, with every place below it. */
void deep_print(FILE *out, const struct deep *deep, const struct side *old, const struct side *new,
		bool all);
json_t *deep_json(const struct deep *deep);

#endif
