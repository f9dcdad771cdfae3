/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of the two kernels that are compared: its runs, and what they left.
 */
#ifndef DIFF_SIDE_H
#define DIFF_SIDE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"
#include "harness/cli/options.h"

#define HOST_KERNEL "host" /* stands for the running one */

/* A run as its document tells of it, without all that happened. */
struct ran {
	const char *name, *scenario, *path, *verdict;
	const char *why;    /* it was not run, or could not be: why; else NULL */
	const char *failed; /* it has failed: at which line, and of what; else NULL */
	int family;
	long at; /* in the document */
};

struct side {
	const char *label;   /* old, new: the name of its directory */
	const char *kernel;  /* as on the command line */
	const char *results; /* what was left: a directory for each run */
	FILE *document;	     /* what `run --json` printed */
	bool broken;	     /* something could not be done: a run, or writing its results */
	struct ran *runs;
	size_t count;
};

/* What is to be run. */
struct errand {
	const struct options *options;
	char *const *names;
	size_t name_count; /* 0: all */
	unsigned families; /* 0: not said */
	bool record;
	const char *results; /* DIR, in which there will be DIR/LABEL/RELEASE */
	const char *work;    /* a directory for everything else */
};

/*
 * Run them there, by this very program, in a process of its own. EXIT_PASSED: there is a document,
 * whatever came of the runs; else the exit status to end with, and the reason has been said.
 */
int side_run(struct side *side, struct arena *a, const struct errand *errand);

/*
 * The second half of that: read side->document. False: it is not whole, or what it says of a run
 * cannot be worked with; `why`.
 */
bool side_read(struct side *side, struct arena *a, const char **why);

/* The run of that name, NULL: there is none. */
const struct ran *side_find(const struct side *side, const char *name);

/* Whether it was run to an end, good or bad. */
bool ran_through(const struct ran *ran);

/* Whether it has failed on both sides. */
bool failed_on_both(const struct ran *old, const struct ran *new);

/* All of it, to be given back with json_decref(). */
json_t *side_load(const struct side *side, const struct ran *ran);

void side_close(struct side *side);

#endif
