/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: many jobs, each in a child process of its own, several at once, reported in order.
 *
 * They start nearly in order, too (turns.h). A child has its own process group, writes its output
 * into memory, and dies with its parent.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/clock.h"

/* How a job ended. */
struct pool_end {
	int status;   /* what the work returned, 0..63; -1: it did not return, because .. */
	int signal;   /* .. this killed it; 0: it called exit() itself */
	bool overran; /* it was killed for that */
	const char *unstarted;	     /* it could not even be started: why */
	int repeats;		     /* how often it was repeated */
	const char *output, *errors; /* what it wrote to stdout and stderr */
	size_t output_length, error_length;
	const char *aside; /* what it told only the parent */
	size_t aside_length;
};

struct pool {
	size_t jobs;
	int at_once; /* as many as this in any case; more while .. */
	int most;    /* .. there are fewer than this, and .. */
	/* .. this says so, in the parent, before each one; NULL: never more */
	bool (*has_time)(void *context);
	void *context;	    /* of all that is asked in the parent */
	void *work_context; /* of the work */
	/*
	 * In the child, single-threaded, with stdin empty. `attempt` counts from 0. Its output to
	 * `aside` is only for the parent. Returns 0..63.
	 */
	int (*work)(void *context, size_t job, int attempt, FILE *out, FILE *aside);
	/* How long a job is expected to take; NULL: nobody knows, so they start in order. */
	ns_t (*takes)(void *context, size_t job);
	/* How long a job may take before it is killed. */
	ns_t (*limit)(void *context, size_t job);
	/* In the parent, job by job in order. False: stop, as if interrupted by SIGPIPE. */
	bool (*done)(void *context, size_t job, const struct pool_end *end);
	/*
	 * In the parent, for a job that was reported early (pool_say), and then ended in another
	 * way: `said` is the announced status; the output is the part that came later. NULL: no
	 * work does that.
	 */
	void (*failed_late)(void *context, size_t job, int said, const struct pool_end *end);
	/* In the parent, before each sleep; returns the longest time to sleep. NULL: no limit. */
	ns_t (*waiting)(void *context);
	int running; /* how many jobs run now: for `waiting` */
	int again; /* a job whose work returns this is repeated, after all others have been started;
		      0: none */
	int repeats; /* at most so often */
	/* In the parent, when all have ended and been reported. True: all of them once more. NULL:
	 * no more. */
	bool (*next_round)(void *context);
	/* In the parent, when a signal has ended it, not SIGPIPE: what is still to be written;
	 * another signal interrupts that. NULL: nothing. */
	void (*interrupted)(void *context);
};

/*
 * Run them all. 0, or the number of the signal (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE) that
 * ended it early; no child is left then.
 */
int pool_run(struct pool *p);

/*
 * In the child: the output is complete, and the work will return `status`. The parent reports the
 * job at once, while the child does the rest. Outside of a pool it does nothing.
 */
void pool_say(int status);

/*
 * Whether one of the signals that end the pool is pending: for a `done` that takes longer than a
 * moment, and should then stop.
 */
bool pool_interrupted(void);

/*
 * Sleep until there is something to read, while a signal can still interrupt; for `done`. False: it
 * was interrupted.
 */
bool pool_await(int fd);

/*
 * Write it all to a descriptor, while a signal can still interrupt (for `done`, which runs with
 * signals blocked). False: errno says why; EINTR: interrupted,
 * and it would have had to wait.
 */
bool pool_write(int fd, const char *bytes, size_t length);

#endif
