/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: which runs an invocation comes to. One for each scenario, family and combination of
 * parameters, all expanded and checked before the first one starts.
 */
#ifndef PLAN_H
#define PLAN_H

#include "harness/run/library.h"

struct planned {
	const struct scenario *scenario;
	const char *name;  /* connect-refused,ipv6,backlog=1: of the verdict, and of its results */
	const char *group; /* connect-refused,ipv6: that of all runs that a table is over */
	const struct script *script;
	struct facts facts;
	const struct binding *bindings;
	size_t binding_count, line_count;
	struct run *run;  /* NULL: plan_run() makes it */
	const char *skip; /* the run's: why it is not carried out */
	ns_t written;	  /* so long it takes by what is written: its gaps and silences */
	ns_t limit;	  /* after which a run of it has hung */
};

struct plan {
	struct arena *arena;
	struct planned *list;
	size_t count;
	bool slow;		 /* run here also what takes minutes to hours */
	bool to_bless;		 /* results may be still to come */
	struct library *library; /* plan_add's */
};

/*
 * A run's lines. They are made, and looked at, one run after the other when that is planned, and
 * then forgotten: all together, they could be hundreds of times a script. Whoever needs a run's
 * (the process that carries it out) has them made once more. Never NULL.
 */
const struct run *plan_run(const struct plan *p, struct planned *planned);

/*
 * Add all runs of one scenario. `families` as on the command line, 0: not said: IPv4, or what a
 * scenario with a parameter `family` says itself; else `families` picks among that parameter's
 * values. False: nothing was added; `error` or the complaints say why, as with library_load.
 */
bool plan_add(struct plan *p, struct library *l, const struct scenario *s,
	      const struct facts *facts, unsigned families, struct complaints *c,
	      const char **error);

#endif
