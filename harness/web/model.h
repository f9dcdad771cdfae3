/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a report is about: the runs that results hold, and what each of them mentions. Read from
 * their result.json; pages are made from it, and from nothing that pages have made.
 */
#ifndef WEB_MODEL_H
#define WEB_MODEL_H

#include "harness/run/results_read.h"

/* By what a run can be found. */
enum subject {
	SUBJECT_ERRNO,
	SUBJECT_FLAG,
	SUBJECT_STATE,
	SUBJECT_COUNTER,
	SUBJECT_OPTION,
	SUBJECTS
};
extern const char *const subject_words[SUBJECTS]; /* errno, flag .. */

/* Once for each text in a run. */
struct mention {
	enum subject subject;
	const char *name;  /* ECONNRESET, SYN, TIME-WAIT .. */
	const char *text;  /* the event, in the language of scenarios */
	const char *after; /* what had arrived last at that host; NULL: nothing */
	size_t event;
};

/* When something was to be seen of a timer: ns since the run's beginning. */
struct web_moment {
	enum moment_kind { MOMENT_SENT, MOMENT_FAILED, MOMENT_LOOKED, MOMENT_KINDS } kind;
	long long at;
};

/* Of a scenario's table. */
struct web_cell {
	const char *name;
	long long number;
};

#define TIMERS_TOPIC "default-timers" /* its runs, drawn in one chart, have moments */

struct web_run {
	const struct left *left;
	const char *entry;		      /* its directory, in that of its kernel */
	const char *page;		      /* its page, in the same directory of the report */
	const char *scenario, *topic, *title; /* never NULL */
	const char *prose;   /* in lines, which are paragraphs; "": it has left none */
	const char *variant; /* IPv6, peer=silent */
	bool has_happened;   /* it has left events */
	/* The newest kernel before that has left a transcript of the same run; NULL: none. How it
	 * has changed since, as `diff` prints it; NULL: not. */
	const char *since, *change;
	struct mention *mentions; /* by subject, name and event */
	size_t mention_count;
	struct web_moment *moments; /* in the order of the events */
	size_t moment_count;
	struct web_cell *cells;
	size_t cell_count;
};

struct web_model {
	const char *root;
	struct web_run *runs; /* by topic, scenario, variant and kernel */
	size_t run_count;
	const char **kernels; /* in the order of their versions */
	size_t kernel_count;
};

/* Everything below that root. False: `error` says what cannot be used, or that nothing is there. */
bool model_read(struct arena *a, const char *root, struct web_model *model, const char **error);

/* All that the run has left; to be released with json_decref(). NULL: `error` says why not. */
json_t *model_result(struct arena *a, const struct web_model *m, const struct web_run *run,
		     const char **error);

/* The first run of that one's scenario. */
size_t scenario_first(const struct web_model *m, size_t run);

/* How many runs from the first one on are of the same scenario; of the same variant of it. */
size_t scenario_length(const struct web_model *m, size_t first);
size_t variant_length(const struct web_model *m, size_t first);

#endif
