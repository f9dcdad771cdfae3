/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outcomes of an invocation's runs: taken from the pool, passed to the reporters, counted. */
#ifndef TALLY_H
#define TALLY_H

#include "harness/base/progress.h"
#include "harness/reporters/reporter.h"
#include "harness/run/pool.h"

struct tally {
	bool ends_at_failure; /* asked for */
	/* May alter what becomes of a run, before it is counted and reported; NULL: nobody does. */
	void (*take)(void *context, struct ended *e);
	void *take_context;
	struct invocation inv;
	struct reports reports;
	struct progress progress;
	int64_t killed; /* for lack of memory, before the first run: as cgroup_killed() says */
	struct pool pool;
	int processors;		     /* for the runs */
	size_t round;		     /* from 0 */
	const struct planned *first; /* as they are named in the first round */
	bool failed, broken;	     /* a run */
	bool unwritten;		     /* some results */
	bool muted;		     /* standard output cannot be written */
	bool stopped;		     /* a failure has ended it */
	bool ended; /* an interrupt has, and the reports are complete all the same */
};

/*
 * Set up t->pool, for the runs of t->inv.plan; the rest of t->inv, and t->reports, are set already.
 */
void tally_begin(struct tally *t);

#endif
