/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blessing: what was observed, put into the observation lines of the script.
 *
 * Pure functions of a run and its time line, like the judge, on whose rules they stand: whether a
 * line holds is never decided here.
 */
#ifndef BLESS_H
#define BLESS_H

#include "harness/judge.h"

/* ---- stretch.c: an action or a reading, and the observations written below it ---- */

/* The first line of the stretch that the line `index` is in; 0 where nothing begins above it. */
size_t stretch_begin(const struct run *run, size_t index);
/* One past its last line. */
size_t stretch_end(const struct run *run, size_t begin);
/* Whether an observation is written in it, below what it begins with. */
bool stretch_is_written(const struct run *run, size_t begin, size_t end);
/*
 * When it takes place: from its beginning to that of the next one. Events are told by when they
 * began, since some are noted after what they brought about.
 */
struct window {
	ns_t from, to;
};
struct window stretch_window(const struct run *run, const struct timeline *t, size_t begin,
			     size_t end);
bool window_has(const struct window *w, const struct event *e);

/*
 * From which line on a blessing run must find out for itself, after a run as usual that did not
 * pass: the beginning of a stretch.
 */
size_t bless_from(const struct run *run, const struct timeline *t, const struct judgement *j);

/* ---- align.c ---- */

/*
 * Whether everything that is written in the stretch has a counterpart in what has been seen: how
 * many of them differ in their values; -1: something is missing.
 */
int bless_complete(const struct run *run, const struct timeline *t, const struct judgement *j,
		   size_t begin, size_t end);

/* ---- rewrite.c ---- */

struct blessing {
	size_t from; /* lines below are looked at; those above hold as they are */
	size_t done; /* lines from there on have not been reached */
	bool acks;   /* also write plain ACKs that nobody has written */
};

/*
 * The text of the script with what was seen in it; NULL: it cannot be told how it should be
 * written, and `why` says so, with file and line. `j` has judged all of the time line.
 */
const char *bless_rewrite(struct arena *a, const struct run *run, const struct timeline *t,
			  const struct judgement *j, const struct blessing *what, const char **why);

/*
 * Likewise, after a run as usual that did not pass because of one time: the text with that time.
 * NULL and no `why`: it was because of something else.
 */
const char *bless_gap(struct arena *a, const struct run *run, const struct timeline *t,
		      const struct judgement *j, const char **why);

/* A transcript that is pasted into a script has marks in it: the text without them. */
const char *bless_unmark(struct arena *a, const struct script *script);

#endif
