/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: does what the script says, step by step, and records what happens.
 *
 * A step is an action and the observations written below it. The engine does the action, confirms
 * it (a call by its return or by its thread sleeping inside it, a fault by netlink's
 * acknowledgement), then waits until the judge says that every observation of the step has been
 * met, or that the run has diverged, or until the timeout. It waits for file descriptors and
 * deadlines, never for things to settle.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "harness/capture/capture.h"
#include "harness/engine/record.h"
#include "harness/judge/judge.h"
#include "harness/program/program.h"

/* A run that finds out what happens, not whether the script holds: see engine/follow.c. */
struct engine_blessing {
	size_t from;	  /* from this line on, nothing that is written is certain .. */
	const char *held; /* .. except what has held in the usual run (bless.h); NULL: nothing */
	ns_t until;	  /* how far timers are followed; 0: only timers due within 1 s, for 5 s */
};

#define MAX_ACTORS 128 /* threads and processes that make calls, in one run; dead ones count */

struct engine_options {
	const struct program *program[LAB_HOSTS]; /* what `H program` starts; NULL: none is given */
	struct program_user user;		  /* .. and as whom */
	ns_t timeout; /* for a line without a gap; 0: the default, 5 s */
	ns_t limit;   /* of the whole run */
	ns_t hang;    /* of a failure: a program that has not ended after this time hangs */
	const struct engine_blessing *blessing; /* NULL: a run as usual */
	int64_t memory, captured;		/* bytes; 0: the defaults (engine/budget.c) */
	const char *spool;			/* the directory for captures; NULL: memory */
	bool record;				/* make a record, too */
	const char *last_call; /* a file: the last call of a program, and when; NULL: none */
	bool keep_files;       /* in a guest: what programs write, too */
	/* Called when all is known, while the lab still exists; may be NULL. */
	void (*over)(void *context);
	/* Called with each answer of the judge while the run goes on; may be NULL. */
	void (*judged)(void *context, const struct run *run, const struct timeline *t, size_t done,
		       const struct judgement *j);
	void *context;
};

/* All that one run leaves. */
struct observation {
	const struct run *run;
	struct timeline timeline;
	struct capture capture; /* for its frames */
	struct judgement judgement;
	struct record record;
	ns_t began, ended;
	size_t done;	   /* lines that were begun */
	size_t from;	   /* of a blessing run: the line from which it followed what happened */
	const char *stuck; /* a blessing run could not go on: why; else NULL */
	ns_t left_off; /* .. or it was left before its end: what came from then on is not of it */
	const char *broken;		/* VERDICT_BROKEN: why, what mends it */
	const struct line *broken_line; /* what could not be done; NULL: no line is to blame */
	/*
	 * The lab could not be built because the machine had too much to do. The verdict is
	 * VERDICT_UNSURE, so that the run is repeated (run/unsure.h).
	 */
	bool may_pass;
	/*
	 * What the programs under test have written, by their hosts: files, and the root directory
	 * of all other files that they have written (program/root.c); 0: there is none.
	 */
	struct program_output {
		int output, errors, files;
	} program[LAB_HOSTS];
	bool too_much; /* broken, because it is too large for a report */
};

/*
 * Run it in the calling process. That must have one thread, and is the router from then on: its
 * network namespace, and perhaps its user namespace, are changed for good. Fills `out`, whose
 * verdict says how it went.
 */
void engine_run(const struct run *run, const struct engine_options *options, struct arena *a,
		struct observation *out);

/*
 * Diagnose, by name, the lines that this program cannot do (yet), and the sysctls and counters that
 * this kernel does not have. Only reads /proc.
 */
bool engine_accepts(const struct run *run, struct diagnostics *c);

/* The program's exit status after a run with this verdict: 0, 1 or 3. */
int verdict_exit(enum verdict v);

#endif
