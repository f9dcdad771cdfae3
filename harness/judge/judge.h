/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge: a pure function of a run's lines and of the time line, no matter whether that is still
 * growing.
 *
 * After every event the engine asks it what is still waited for; the verdict is its answer when
 * nothing more will come. docs/language.md, "Execution", states the rules.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "harness/timeline/timeline.h"

enum line_fate {
	LINE_PENDING, /* not seen yet; in a finished run: missing */
	LINE_MET,
	LINE_FAILED,
	LINE_NOTHING, /* expects nothing: notes, actions that have not been done */
};

struct line_judgement {
	enum line_fate fate;
	int event;     /* index of the event that met it or was taken for it, -1: none */
	int segment;   /* likewise for packets */
	ns_t from, to; /* where it lies on the time line, when event >= 0 or met otherwise */
};

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_SKIP,	/* a `needs` does not hold */
	VERDICT_UNSURE, /* something mismatched, and the run was disturbed, or an action late */
	VERDICT_BROKEN, /* the lab could not be built, or the program failed */
	VERDICT_COUNT,
};
extern const char *const verdict_names[VERDICT_COUNT]; /* pass fail skip unsure broken */

/* Something that did not happen as it is written. */
struct problem {
	int line;	      /* the line that is not met, or after which something came unasked */
	int event;	      /* what came instead, index of an event, -1: nothing */
	const char *expected; /* in the language's notation, or in words */
	const char *got;      /* likewise */
	const char *differ;   /* in what `got` differs ("data differ"); or NULL */
	const char *message;  /* all of it in one sentence: expected ..; got .. */
	bool timing;	      /* a matter of when, not of what */
	bool unasked;	      /* no line asked for it; it came after `line` */
	unsigned rank;	      /* the first problem has the lowest */
};

/* Of a failure (`failure client`): what the run has shown. */
struct failure_seen {
	int line;		       /* whose event is the failure; -1: there is none */
	bool happened;		       /* it has; .. */
	ns_t at;		       /* .. then */
	int end;		       /* the event of the program's death, -1: it has not ended */
	bool hangs;		       /* it has not, and it could */
	const struct problem *stopped; /* the step in which the program went another way; or NULL */
};

struct judgement {
	enum verdict verdict;
	struct line_judgement *lines; /* one for each line of the run */
	struct problem *problems;     /* the first one is the one to show */
	size_t problem_count;
	bool diverged;	       /* it cannot pass any more, whatever comes */
	const char *disturbed; /* how, or NULL */
	const char *late;      /* what the program itself did too late, and how late, or NULL */
	struct variable *variables; /* $names bound so far */
	size_t variable_count;
	struct failure_seen failure; /* when the run is over */
	size_t met;		     /* how many lines are met */
	size_t settled; /* all lines before this one are met, or nothing was expected of them */
	size_t steps;	/* how many things were looked at for it: what it cost */
};

/* How long a program took, for people: "15 min 54 s". */
const char *rough_duration(struct arena *a, ns_t time);

/* Whether the line's event is a failure: it is marked @failure. */
bool line_is_failure(const struct line *line);

/*
 * Whether a program has come to its end with that DEATH. That is its first process's; but a server
 * may go into the background: its first process ends well and leaves another one, which is the
 * server from then on. Then it ends with its last process.
 */
bool program_ends(const struct event *death);
/* The event of that host's program's end; -1: it has not ended. */
int program_end_event(const struct timeline *t, enum host host);
/* The event in which that host has crashed, and all with it; -1: it has not. */
int program_crash_event(const struct run *run, const struct line_judgement *lines, enum host host);

/*
 * `done`: index one past the last line that the engine has begun; lines from there on are not
 * missing yet. `over`: the run has ended, what is pending is missing.
 */
void judge(struct arena *a, const struct run *run, const struct timeline *t, size_t done, bool over,
	   struct judgement *out);

/*
 * The same for a run that is still going on, for repeated questions: what was settled the last time
 * is not judged again. The answer is that of judge(), except that `variables` may be in another
 * order, and `settled` and `steps` say more; it is valid until the next question. (A memory belongs
 * to one run and one time line, which grows; nothing in `out` may be altered.)
 */
struct judge_memory;
struct judge_memory *judge_remember(struct arena *a);
void judge_forget(struct judge_memory *m);
void judge_on(struct judge_memory *m, struct arena *a, const struct run *run,
	      const struct timeline *t, size_t done, struct judgement *out);

/*
 * To be called once for a RETURN that is complete, with an arena that lives as long as it: what
 * does not change about it is found out here, and not again in each judgement. It has no other
 * effect.
 */
void judge_resolve(struct arena *a, const struct run *run, struct event *e);

/* " with $mss = 1448": the numbers of the names in a line's text; "": there are none. */
const char *judge_numbers(struct arena *a, const struct judgement *j, const char *text);

/* The number of a value with the names that are bound so far; false: not known. */
bool judge_value(const struct judgement *j, const struct value *v, int64_t *number);

/*
 * The latest moment from which the gap before line `index` counts; false: what it counts from has
 * not happened (yet).
 */
bool judge_origin(const struct run *run, const struct timeline *t, const struct judgement *j,
		  size_t index, ns_t *at);

#endif
