/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A baseline: what each run came to on a kernel, in a file that can be committed. One line for each
 * run, in the order of their names, so that a diff shows what has changed:
 *
 *     tcplab baseline 1
 *     # Linux 6.12.117
 *     pass connect-refused
 *     fail connect-refused,ipv6
 *     skip window-shrink
 *
 * `fail` and `broken` (its kernel panicked, hung or crashed) are known failures. The other lines
 * are for readers. A run that the machine has prevented is not in it.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include <stdio.h>

#include "harness/base/diagnostic.h"
#include "harness/judge/judge.h"

#define BASELINE_FORMAT 1

struct baseline_line {
	const char *run;
	enum verdict verdict;
	struct place place;
};

struct baseline {
	const char *path;
	const char *release;	     /* of the kernel, as its comment says; NULL: it says nothing */
	struct baseline_line *lines; /* in the order of their names */
	size_t count;
};

/* Read and check that file. False: `error`, or else the diagnostics, say what is wrong. */
bool baseline_read(struct arena *a, const char *path, struct baseline *b, struct diagnostics *c,
		   const char **error);

/* NULL: it has no such run. */
const struct baseline_line *baseline_find(const struct baseline *b, const char *run);

/* Sorts the lines. */
void baseline_print(FILE *out, struct arena *a, struct baseline *b, const char *release);

/* What a run's outcome means beside a baseline. */
enum standing {
	STANDS_ALONE,	 /* what it is without one */
	STANDS_KNOWN,	 /* a known failure: it is not counted as one */
	STANDS_NEW,	 /* a failure that is not known */
	STANDS_VANISHED, /* it is known to fail, and has passed */
	STANDING_COUNT,
};

/* known, new, vanished; NULL: it stands alone. */
extern const char *const standing_names[STANDING_COUNT];

/*
 * `by_kernel`: a broken run's kernel panicked, hung or crashed. A run that the machine has
 * prevented says nothing, and neither does one that was skipped: they stand alone.
 */
enum standing baseline_standing(const struct baseline *b, const char *run, enum verdict v,
				bool by_kernel);

#endif
