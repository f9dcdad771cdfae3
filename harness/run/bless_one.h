/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run for `bless`, in a separate process like any run, perhaps on another kernel.
 */
#ifndef BLESS_ONE_H
#define BLESS_ONE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/clock.h"

struct invocation;

/*
 * Nothing is concluded from a run that was disturbed, whatever it shows: it is repeated so often,
 * and then the machine is too busy. That is more often than for a usual run: in a script that is
 * yet to be written no run passes.
 */
#define BLESS_REPEATS 12

enum bless_what {
	BLESS_LOOK,  /* a usual run: does it pass? */
	BLESS_WRITE, /* a blessing run: how must the script be written? */
};

/* The purpose of the run. */
struct bless_order {
	enum bless_what what;
	/* WRITE: from this line of the run on no written line is sure .. */
	size_t from;
	/* .. except those that held in the usual run: bless_held(); NULL: none. */
	const char *held;
	bool acks;  /* also write plain ACKs, in all of the script */
	ns_t until; /* timers are followed for this time; 0: as usual */
	/*
	 * The run's place, a line number in the script: memory that the processes share. NULL: not
	 * needed, or the run is a guest's.
	 */
	_Atomic int *at;
};

/*
 * Like run_one(), but it leaves no results, and `out` gets a struct bless_answer. LOOK: returns the
 * verdict; for a failed run the answer says where and why, and has the new text, if no more
 * observation is needed; for a skipped or broken run, why. WRITE: VERDICT_PASS and the text; or
 * VERDICT_FAIL and why it is not clear; or VERDICT_BROKEN and why. Either: VERDICT_UNSURE, and what
 * disturbed it.
 */
int bless_one(const struct invocation *inv, size_t job, int attempt, FILE *out);

#endif
