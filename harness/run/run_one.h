/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One planned run, in a process of its own: run it, leave its results, print it.
 */
#ifndef RUN_ONE_H
#define RUN_ONE_H

#include "harness/cli/options.h"
#include "harness/judge/judge.h"
#include "harness/run/facts.h"
#include "harness/run/plan.h"
#include "harness/run/unsure.h"

/* Shared by all runs of an invocation. */
struct invocation {
	const struct options *options;
	const struct bless_order *order; /* NULL: runs as usual */
	const struct plan *plan;
	const char *library; /* the scenarios' directory */
	const char *results; /* where to leave them; NULL: nowhere */
	const char *work;    /* of guests: where each makes its own directory */
	bool single;	     /* there is only this run: its transcript is printed */
	char release[RELEASE_SIZE];
};

/*
 * Run planned run `job`; `attempt` counts its repeats. Returns the verdict, with RESULTS_UNWRITTEN
 * added when the results could not be written (stderr says why). Its whole report goes to `out`; an
 * unsure run that will be repeated prints nothing. Its row of the scenario's table, if there is
 * one, goes to `aside`, as JSON.
 */
#define RESULTS_UNWRITTEN 8
int run_one(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside);

#endif
