/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account of one run: what came of it, in a few words. The run's process makes it from the
 * observation and tells it the process that reports; a guest's kernel may alter it on the way.
 */
#ifndef REPORT_ACCOUNT_H
#define REPORT_ACCOUNT_H

#include <jansson.h>

#include "harness/engine/engine.h"

struct account {
	enum verdict verdict;
	ns_t took;
	const char *why;       /* it was skipped, or could not be carried out; NULL: it was */
	const char *complaint; /* what its kernel said for itself, beside the rest; NULL: nothing */
	bool instead;	       /* .. in the place of what the run says, and `why` says it, too */
	const char *reason; /* why it failed, in one line that names the place; NULL: it did not */
	const char *file;   /* that place, .. */
	int line;
	const char *expected, *got, *differ; /* .. and what that line says (judge.h) */
	json_t *row;   /* of the table over the scenario's runs; NULL: it has none */
	size_t before; /* so many bytes of its text stand above the verdict */
};

/* Whether there is anything to show of it. */
bool has_happened(const struct observation *o);

/* `skip`: why it was not run. All strings are of the arena, or of the observation. */
struct account account_of(struct arena *a, const struct observation *o, const char *skip);

/* Of a run that came to no observation. */
struct account account_broken(const char *why);

void account_write(FILE *aside, const struct account *account);

/* False: these bytes are none. `row` is to be released with json_decref(). */
bool account_read(struct arena *a, const char *bytes, size_t length, struct account *account);

#endif
