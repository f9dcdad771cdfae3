/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded values, and when two of them are the same.
 */
#ifndef DIFF_VALUES_H
#define DIFF_VALUES_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/arena.h"
#include "harness/base/clock.h"

/* How a value is compared. */
enum sort {
	EXACT,
	TIMER,	  /* in ns: a time that timers made, exact to 1 ms; they tick */
	TICKING,  /* a time that is counted in ticks */
	LEFT,	  /* the same: the rest of one that began earlier */
	MEASURED, /* a time that TCP has measured */
	RATE,	  /* an amount sent in such a time */
	RTO,	  /* derived from such a time, in ticks */
	IGNORED,
};

struct field {
	const char *name; /* in the report */
	const char *key;  /* in result.json */
	enum sort sort;
	ns_t unit;  /* of a time */
	bool zeros; /* one that is 0 is left out of result.json */
};

/* Facts about the place of the two values. */
struct latitude {
	ns_t tick;
	ns_t old_rtt, new_rtt; /* for rates: the times in which they were measured */
	/*
	 * A measured time is 0 on one kernel and not on the other: the clock moves only when it is
	 * read, so this shows only how often a kernel reads it. Values derived from it mean no
	 * more.
	 */
	bool loose;
};

/* How many of that unit; a larger value is cut. */
int64_t value_times(int64_t number, ns_t unit);

/*
 * Whether two values (NULL: missing) are the same, as far as can be known.
 */
bool values_same(const struct field *field, const json_t *old, const json_t *new,
		 const struct latitude *latitude);

/* A value in words: 65160, ESTAB, 1.04 s; a missing one: none. */
const char *value_text(struct arena *a, const struct field *field, const json_t *value);

#endif
