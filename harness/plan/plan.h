/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: the runs of an invocation. One for each scenario, family and combination of parameters,
 * all expanded and checked before the first one starts.
 */
#ifndef PLAN_H
#define PLAN_H

#include <limits.h>

#include "harness/plan/library.h"

/* Bytes of a run's name, which is also that of its results: the rest is for @TIME (run/results.h).
 */
#define RUN_NAME_MAX (NAME_MAX - 24)

struct planned {
	const struct scenario *scenario;
	const char *name;  /* connect-refused,ipv6,backlog=1: in the verdict, and of its results */
	const char *group; /* connect-refused,ipv6: the name of all runs of a table */
	const struct source *source; /* its text, as it was read */
	const char *title;
	struct facts facts;
	const struct binding *bindings;
	size_t binding_count, line_count;
	size_t index;			/* among the runs of that scenario over that family */
	struct run *run;		/* NULL: plan_run() makes it */
	const char *skip;		/* the run's: why it is not executed */
	bool starts_program[LAB_HOSTS]; /* what the command line names for that host */
	ns_t written;			/* its written duration: gaps and silences */
	ns_t limit;			/* a run that takes longer has hung */
	ns_t hang;			/* of a failure: when a program has; else 0 */
};

struct plan {
	struct arena *arena;
	struct planned *list;
	size_t count;
	ns_t patience;		 /* of a failure: to follow a program at least so long */
	bool slow;		 /* also run here scenarios that take minutes to hours */
	bool to_bless;		 /* results may be still to come */
	struct library *library; /* plan_add's */
};

/*
 * A run's lines. During planning they are made and checked, one run after the other, and then
 * freed, and so is the parsed script: all together, they could be hundreds of times a script, and
 * each process of each run begins with a copy of what is here. The process that executes a run
 * makes its lines once more, from the same text. Never NULL.
 */
const struct run *plan_run(const struct plan *p, struct planned *planned);

/* How long a run will take on the running kernel: a guess, from the times in its script. */
ns_t planned_time(const struct planned *planned);

/*
 * Add all runs of one scenario. `families` as on the command line; 0: not given: IPv4, or the
 * values of a parameter `family`; else `families` picks among that parameter's values. False:
 * nothing was added; `error` or the diagnostics say why, as with library_load().
 */
bool plan_add(struct plan *p, struct library *l, const struct scenario *s,
	      const struct facts *facts, unsigned families, struct diagnostics *c,
	      const char **error);

#endif
