/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account of one run: its outcome, in a few words. The run's process makes it from the
 * observation and sends it to the process that reports; a guest's kernel may alter it on the way.
 */
#ifndef REPORT_ACCOUNT_H
#define REPORT_ACCOUNT_H

#include <jansson.h>

#include "harness/engine/engine.h"

struct account {
	enum verdict verdict;
	ns_t took;
	/* It was skipped, or could not be carried out; of a failure that was, what came of it. */
	const char *why;
	const char
	    *diagnostic;    /* what its kernel printed itself, besides the rest; NULL: nothing */
	bool instead;	    /* .. instead of what the run says, and `why` says it, too */
	bool by_kernel;	    /* it is broken because its kernel panicked, hung or crashed */
	const char *reason; /* why it failed, in one line that names the place; NULL: it did not */
	const char *file;   /* that place, .. */
	int line;
	const char *expected, *got, *differ; /* .. and what that line says (judge.h) */
	const char *summary; /* of `try`: what came of the programs; NULL: nothing is known */
	json_t *row;	     /* of the table over the scenario's runs; NULL: it has none */
	size_t before;	     /* how many bytes of its text are printed above the verdict */
};

/* Whether it has anything to show. */
bool has_happened(const struct observation *o);

/* `skip`: why it was not run. All strings belong to the arena, or to the observation. */
struct account account_of(struct arena *a, const struct observation *o, const char *skip);

/* The account of a run without an observation. */
struct account account_broken(const char *why);

/* What explains it best: why it was not run or was broken, or why it failed; NULL: nothing. */
const char *account_why(const struct account *account);

void account_write(FILE *aside, const struct account *account);

/* False: these bytes are not an account. `row` must be released with json_decref(). */
bool account_read(struct arena *a, const char *bytes, size_t length, struct account *account);

#endif
