/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blessing: what was observed, put into the observation lines of the script.
 *
 * Pure functions of a run and its time line, like the judge, on whose rules they stand: whether a
 * line holds is never decided here.
 */
#ifndef BLESS_H
#define BLESS_H

#include "harness/judge/judge.h"

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
/*
 * Whether the event's line would stand there. Of a packet that the router has kept for a time that
 * is below what the script did while it was on its way: a line is waited for until its packet has
 * arrived, so further up it would hold the script up, and nothing would cross any more.
 */
bool window_has(const struct window *w, const struct run *run, const struct timeline *t,
		const struct event *e);
/*
 * Whether the line `index` that begins a stretch has an order with that packet's sending, so that
 * the packet's line must stand above it if it was sent before.
 */
bool is_ordered_with(const struct run *run, const struct timeline *t, size_t index,
		     const struct segment *s);
/* Whether it is a plain ACK, which needs no line. */
bool segment_is_plain(const struct run *run, const struct timeline *t,
		      const struct segment *segment);
/*
 * Which of two events of a time line came first. Packets have one order, in which they were seen;
 * what is noted of calls and signals may be noted later than what came after it.
 */
bool event_before(const struct event *a, const struct event *b);
/* The first line of the stretch during which an event came. */
size_t stretch_of_event(const struct run *run, const struct timeline *t, int event);

/*
 * From which line on a blessing run must find out for itself, after a run as usual that did not
 * pass: the beginning of a stretch.
 */
size_t bless_from(const struct run *run, const struct timeline *t, const struct judgement *j);

/* ---- align.c ---- */

/*
 * Whether everything that is written in the stretch has a counterpart in what has been seen: how
 * many of them differ, in their values or altogether; -1: something may be still to come.
 */
int bless_complete(const struct run *run, const struct timeline *t, const struct judgement *j,
		   size_t begin, size_t end);

/* ---- draft.c: a new text of a script ---- */

struct draft {
	const char *text;
	/*
	 * Of each of its lines: the number of the line that it was before, negative if that stood
	 * elsewhere; 0: it has come in.
	 */
	int *lines;
	size_t line_count;
	/* Numbers of lines before of which something that was written does not hold. */
	int *changed;
	size_t changed_count;
};

/* ---- rewrite.c ---- */

struct blessing {
	size_t from;   /* lines below are looked at; those above hold as they are */
	size_t done;   /* lines from there on have not been reached */
	ns_t left_off; /* what came later is of them; 0: of the last one that has been reached */
	/*
	 * Of each line of the run '+': it has held in the run as usual, and so it is not touched,
	 * even if it should come otherwise when one waits for longer; '?': a reading that was being
	 * asked when something else went wrong: it is left alone if it is so again; '-': neither.
	 * NULL: it is not known of any.
	 */
	const char *held;
	bool acks; /* also write plain ACKs that nobody has written */
};

/* That string, after a run as usual. */
const char *bless_held(struct arena *a, const struct run *run, const struct judgement *j);
/* Whether line `index` has held; whether it has, or may have. */
bool bless_is_held(const char *held, size_t index);
bool bless_may_hold(const char *held, size_t index);

/*
 * The text of the script with what was seen in it. False: it cannot be told how it should be
 * written, and `why` says so, with file and line. `j` has judged all of the time line.
 */
bool bless_rewrite(struct arena *a, const struct run *run, const struct timeline *t,
		   const struct judgement *j, const struct blessing *what, struct draft *draft,
		   const char **why);

/*
 * Likewise, after a run as usual that did not pass because of one time: the text with that time.
 * False and no `why`: it was because of something else.
 */
bool bless_gap(struct arena *a, const struct run *run, const struct timeline *t,
	       const struct judgement *j, struct draft *draft, const char **why);

/* A transcript that is pasted into a script has marks in it: the text without them. */
struct draft bless_unmark(struct arena *a, const struct script *script);

#endif
