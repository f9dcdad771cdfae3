/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run for `bless`, in a process of its own as any run, perhaps in another kernel.
 */
#ifndef BLESS_ONE_H
#define BLESS_ONE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/clock.h"

struct invocation;

enum bless_what {
	BLESS_LOOK,  /* a run as usual: does it pass? */
	BLESS_WRITE, /* a blessing run: how would the script have to be written? */
};

/* What the run is for. */
struct bless_order {
	enum bless_what what;
	/* WRITE: from this line of the run on nothing that is written is sure .. */
	size_t from;
	/* .. but what has held in the run as usual: bless_held(); NULL: nothing. */
	const char *held;
	bool acks;  /* also write plain ACKs, in all of the script */
	ns_t until; /* so far timers are followed; 0: as usual */
	/*
	 * Where the run is, the line's number in the script: memory that the processes share. NULL:
	 * nobody wants to know, or the run is a guest's.
	 */
	_Atomic int *at;
};

/*
 * As run_one(), but it leaves no results, and what `out` gets is a struct bless_answer. LOOK:
 * returns the verdict; of a run that failed the answer says where and why, and has the new text, if
 * nothing more has to be found out; of one that is skipped or broken, why. WRITE: VERDICT_PASS and
 * the text; or VERDICT_FAIL and why it cannot be told; or VERDICT_BROKEN and why.
 */
int bless_one(const struct invocation *inv, size_t job, int attempt, FILE *out);

#endif
