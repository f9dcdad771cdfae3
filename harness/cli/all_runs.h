/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All runs of an invocation: planned, made and reported. */
#ifndef ALL_RUNS_H
#define ALL_RUNS_H

#include "harness/cli/tally.h"
#include "harness/plan/plan.h"

/*
 * Add the runs of all chosen scenarios over these families, as plan_add() does. False: some cannot
 * be planned, which has been reported.
 */
bool all_runs_plan(struct plan *plan, struct library *l, const struct selection *chosen,
		   const struct facts *facts, unsigned families);

/*
 * Make them, and close the reports. `total`: how many there will be, or NOT_KNOWN. `guest`: the
 * kernel of t->inv.guest, if there is one. `run` starts the pool, and returns the signal that has
 * ended it early, or 0. Returns the program's exit status.
 */
int all_runs_make(struct tally *t, struct arena *a, struct guest_kernel *guest, size_t total,
		  int (*run)(struct tally *t));

#endif
