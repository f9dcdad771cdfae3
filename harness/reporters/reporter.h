/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reporters: each makes one kind of report of all runs of an invocation, and is a row. One of them
 * is the voice: only it writes to standard output. The others write beside it, each into a file of
 * its own.
 *
 * A reporter has five functions. `body` is called in the run's own process (perhaps in a guest),
 * where the observation is: what it writes is passed to `ended` as bytes. All others are called in
 * the process that reports, in this order: `begin`; then for each run, in the order of the command
 * line, `ended`, and after the last run of a scenario that has a table, `table`; `end`. A function
 * may be NULL. They write to the stream that they get; the caller checks whether it could be
 * written.
 */
#ifndef REPORT_REPORTER_H
#define REPORT_REPORTER_H

#include "harness/report/account.h"
#include "harness/run/baseline.h"
#include "harness/run/run_one.h"

#define NOT_KNOWN SIZE_MAX /* it goes on until one fails */

/* What has been reported so far. */
struct reporting {
	const struct invocation *inv;
	size_t count[VERDICT_COUNT], done;
	size_t total;  /* how many there will be; 0: none, and nothing is done; NOT_KNOWN */
	size_t unsure; /* of these were repeated for it */
	const struct baseline *against; /* NULL: none is given, and all stand alone */
	size_t standing[STANDING_COUNT];
	json_t *rows; /* of the table that is being filled */
};

/* A run that has ended. Its strings, except the body, live as long as the plan. */
struct ended {
	const struct planned *planned;
	const char *name; /* of the run; the planned one has another in each round */
	struct account account;
	enum standing standing;
	const char *body; /* what `body` has written, if it was called */
	size_t length;
	const char *trace; /* the directory of its results; NULL: there is none */
	int repeats;	   /* how often it was repeated, since it was unsure */
};

struct reporter {
	const char *name;
	bool is_voice;
	bool (*wanted)(const struct options *o); /* NULL: where no other is the voice */
	const struct option_row *option;	 /* of its own, NULL: none */
	/* For one that is not the voice: open its stream. NULL: `error` says why there is none. */
	FILE *(*open)(struct arena *a, const char **error);
	void (*body)(FILE *out, struct outcome *o);
	void (*begin)(FILE *out, const struct reporting *r);
	void (*ended)(FILE *out, const struct reporting *r, const struct ended *e);
	void (*table)(FILE *out, const struct reporting *r, const char *group);
	void (*end)(FILE *out, const struct reporting *r);
};

/* Whether it counts as a failure, or could not be carried out; beside a baseline, if there is one.
 */
bool ended_badly(const struct ended *e);

/* A message if the run has passed although the baseline knows it as a failure; else NULL. */
const char *ended_vanished(const struct ended *e);

/* The one of that name; for any other name, the one that is the voice by default. */
const struct reporter *reporter_find(const char *name);

/* It, as what speaks for the runs. */
struct voice reporter_voice(const struct reporter *reporter);

/* The option of the i-th reporter that has one; NULL: no more. */
const struct option_row *reporter_option(size_t i);

/* Whether the text is colored, by --color and by what standard output is. */
bool report_is_colored(void);

/* All of an invocation's. */
struct reports {
	struct reporting so_far;
	struct arena *arena;
	const struct reporter *voice;
	struct speaking {
		const struct reporter *reporter;
		FILE *out;
	} * list; /* the voice first */
	size_t count;
	int error;	/* errno of the voice's stream; 0: no error so far */
	bool unwritten; /* another stream could not be written, which has been reported */
};

/*
 * Choose the reporters that are wanted, and open their streams. False: `error` is one line that
 * says what is wrong.
 */
bool reports_open(struct reports *r, struct arena *a, const struct options *o, const char **error);

/*
 * Call the function of all reporters. False: standard output could not be written; errno says why,
 * EINTR: it was interrupted.
 */
bool reports_begin(struct reports *r, const struct invocation *inv, size_t total);
bool reports_ended(struct reports *r, const struct ended *e);
bool reports_table(struct reports *r, const char *group);
bool reports_end(struct reports *r);

/* Everything was interrupted: write the reports beside the voice with what there is. */
void reports_cut_off(struct reports *r);

/* Close all streams. */
void reports_close(struct reports *r);

/*
 * A line "WHAT: TEXT" after `before`, if there is a text; `put` writes it as the report needs it,
 * on one line.
 */
void put_labelled(FILE *out, const char *before, const char *what, const char *text,
		  void (*put)(FILE *, const char *));

#endif
