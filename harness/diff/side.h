/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of the two compared kernels: its runs, and their results.
 */
#ifndef DIFF_SIDE_H
#define DIFF_SIDE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"
#include "harness/options/options.h"

#define HOST_KERNEL "host" /* stands for the running one */

/* A run from its document, without its events. */
struct ran {
	const char *name, *scenario, *path, *verdict;
	const char *why;    /* why it was not run, or could not be; NULL: it was */
	const char *failed; /* why it has failed, and at which line; else NULL */
	int family;
	long at; /* in the document */
};

struct side {
	const char *label;   /* old, new: the name of its directory */
	const char *kernel;  /* as on the command line */
	const char *results; /* the results: a directory for each run */
	FILE *document;	     /* the output of `run --json` */
	bool broken;	     /* something could not be done: a run, or writing its results */
	struct ran *runs;
	size_t count;
};

/* The runs to make. */
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
 * Run them there, with this same program, in a separate process. EXIT_PASSED: there is a document,
 * whatever the results of the runs; else the exit status for the end, and the reason has been
 * printed.
 */
int side_run(struct side *side, struct arena *a, const struct errand *errand);

/*
 * The second half of that: read side->document. False: it is incomplete, or its data about a run is
 * unusable; `why`.
 */
bool side_read(struct side *side, struct arena *a, const char **why);

/* The run of that name, NULL: there is none. */
const struct ran *side_find(const struct side *side, const char *name);

/* Whether it was run to its end, passed or failed. */
bool ran_through(const struct ran *ran);

/* Whether it has failed on both sides. */
bool failed_on_both(const struct ran *old, const struct ran *new);

/* All of it; free it with json_decref(). */
json_t *side_load(const struct side *side, const struct ran *ran);

void side_close(struct side *side);

#endif
