/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One planned run, in a process of its own: run it, leave its results, print it.
 */
#ifndef RUN_ONE_H
#define RUN_ONE_H

#include "harness/judge/judge.h"
#include "harness/options/options.h"
#include "harness/plan/facts.h"
#include "harness/plan/plan.h"
#include "harness/program/program.h"
#include "harness/report/account.h"
#include "harness/run/unsure.h"
#include "harness/story/story.h"

struct guest_kernel;
struct outcome;

/*
 * The reporter that speaks (reporters/reporter.h), as far as a run needs it: `body` prints what the
 * run has to say, in the process in which its observation is; NULL: nothing.
 */
struct voice {
	const char *name;
	void (*body)(FILE *out, struct outcome *o);
};

/* Shared by all runs of an invocation. */
struct invocation {
	const struct options *options;
	const struct bless_order *order; /* NULL: runs as usual */
	const struct plan *plan;
	size_t first;			  /* job 0 of the pool is this one of the plan */
	const char *library;		  /* the scenarios' directory */
	const char *results;		  /* where to leave them; NULL: nowhere */
	const char *work;		  /* of guests: where each makes its own directory */
	const struct guest_kernel *guest; /* on which it is run; NULL: the running one */
	struct voice voice;		  /* without a name: nobody */
	bool single;			  /* there is only this run: its transcript is printed */
	struct program_user user;	  /* as whom programs are started */
	const char *last_call; /* a file for the last call of a program; NULL: nobody asks */
	const char *cwd;       /* in a guest: where programs are started */
	char release[RELEASE_SIZE];
};

/* What a run's process knows at its end. */
struct outcome {
	const struct invocation *inv;
	const struct planned *planned;
	struct observation *seen;
	struct story story;	/* of that */
	struct account account; /* `before` is set by the body */
};

/*
 * Run planned run `job`; `attempt` counts its repeats. Returns the verdict, with RESULTS_UNWRITTEN
 * added when the results could not be written (stderr says why). To `out` goes what the voice has
 * to say while there is an observation, to `aside` the account (report/account.h); of an unsure one
 * that will be repeated, nothing.
 */
#define RESULTS_UNWRITTEN 8
int run_one(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside);

#endif
