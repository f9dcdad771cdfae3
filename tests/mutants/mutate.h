/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mutation test: a test that cannot fail is a defect, so every expectation of every shipped
 * scenario is made wrong, one at a time, and each scenario altered in this way must fail and name
 * the altered line.
 *
 * Nearly all of it needs no run. The judge is a pure function of the script and of the time line,
 * so a scenario is run once, and each of its mutants is judged on that recording (rejudge.c).
 * Mutants for which this is not enough are run with the program itself (live.c): a mutant that
 * changes an action (`repeat`), one that the judge lets pass or blames on another line, and a few
 * random ones of the rest, which would show if the two methods differed.
 *
 * Another test uses the recording, too: compare.c.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include "harness/judge/judge.h"
#include "harness/plan/plan.h"

/* ---- alter.c: altering one thing ---- */

struct mutation {
	const char *what;
	bool (*alter)(struct line *);
	bool changes_walk; /* what is done is another, too: a recorded time line says nothing */
};
extern const struct mutation mutations[];
extern const size_t mutation_count;

/* Alter the line, a copy. False: it says nothing of that kind. What is new lives in the arena. */
bool mutation_alter(struct arena *a, size_t mutation, struct line *line);

/* ---- mutants.c: all mutants of a script ---- */

struct mutant {
	size_t line; /* of the script, an index */
	size_t mutation;
	const char *altered; /* the line as altered */
	const char *text;    /* the whole script */
};

/* In the same order whenever and wherever it is asked: a mutant is known by its index. */
struct mutant *mutants_of(struct arena *a, const struct script *script, size_t *count);

/* Whether what the mutant alters takes place in that run. */
bool mutant_counts(const struct mutant *m, const struct run *run);

/* The lines of the file of which one must be named, the first and the last one. */
void mutant_place(const struct mutant *m, const struct run *run, int *first, int *last);

/* ---- rejudge.c: on a recorded time line ---- */

/* The fate of a mutant in one run; one process sends the letters to the other. */
enum mutant_fate {
	MUTANT_ABSENT = '-',  /* the altered line does not take place in it */
	MUTANT_REFUSED = 'r', /* the checker refuses it, because of the altered line */
	MUTANT_KILLED = 'k',  /* it failed, at the altered line */
	MUTANT_DOUBTFUL = '?' /* only a run of its own can tell */
};

/*
 * .. and behind all fates, for each reading of a TCP socket, whether the ladder had known the
 * socket's state (tests/ladders.h).
 */
enum reading_letter { READING_KNOWN = 'S', READING_UNKNOWN = 's' };

/* ---- compare.c: the judge that goes on and the one that begins anew ---- */

struct comparison {
	struct arena *arena;
	struct arena scratch;
	struct asked {
		size_t events, done;
	} * asked; /* all that the engine asked */
	size_t asked_count;
	size_t compared,
	    settled; /* how many answers; how many of them did not begin at the first line */
	const char *difference; /* the first one; NULL: there is none */
};

/* For engine_options; the context is the comparison. */
void compare_asked(void *context, const struct run *run, const struct timeline *t, size_t done,
		   const struct judgement *given);
/* Another run of as many lines, with what the engine saw. */
void compare_growing(struct comparison *c, const struct run *run, const struct timeline *whole);

/* ---- live.c: by the program itself ---- */

struct live {
	const char *program, *library;
	const char *kernel; /* NULL: the running one */
	int family;
	const char *directory; /* for mutants and results */
};

/* A mutant that is to be run. */
struct candidate {
	const struct mutant *mutant;
	const char *scenario;	       /* path of what it was made from */
	const struct planned *planned; /* the first of the runs that the program makes of it */
	size_t run_count;
	const char *file;
};

/* Run them all. Returns how many survived, and says which. */
size_t live_run(struct arena *a, const struct live *l, struct candidate *list, size_t count);

#endif
