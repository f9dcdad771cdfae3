/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blessing: writes observed events into the observation lines of the script.
 *
 * Pure functions of a run and its time line, like the judge. They use the judge's rules: whether a
 * line holds is never decided here.
 */
#ifndef BLESS_H
#define BLESS_H

#include "harness/judge/judge.h"

/* ---- stretch.c: an action or a reading, and the observations written below it ---- */

/* The first line of the stretch with the line `index`; 0 if no stretch begins above it. */
size_t stretch_begin(const struct run *run, size_t index);
/* One past its last line. */
size_t stretch_end(const struct run *run, size_t begin);
/* Whether an observation is written in it, below its first line. */
bool stretch_is_written(const struct run *run, size_t begin, size_t end);
/*
 * Its time: from its beginning to that of the next one. The beginning of an event counts, because
 * some events are noted after their effects.
 */
struct window {
	ns_t from, to;
};
struct window stretch_window(const struct run *run, const struct timeline *t, size_t begin,
			     size_t end);
/*
 * Whether the event's line would be there. The line of a packet that the router has kept for a time
 * is below the script's actions during its flight: the run waits at a line until its packet has
 * arrived, so further up the line would delay the script, and nothing would cross any more.
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
bool segment_is_plain_ack(const struct run *run, const struct timeline *t,
			  const struct segment *segment);
/*
 * Which of two events of a time line came first. Packets have one order, in which they were seen;
 * calls and signals may be noted later than events that came after them. Where that leaves it open,
 * a packet comes before a return.
 */
bool event_before(const struct event *a, const struct event *b);
/* The first line of the stretch during which an event came. */
size_t stretch_of_event(const struct run *run, const struct timeline *t, int event);

/*
 * The line from which a blessing run must observe itself, after a usual run that did not pass: the
 * beginning of a stretch.
 */
size_t bless_from(const struct run *run, const struct timeline *t, const struct judgement *j);

/* ---- align.c ---- */

/*
 * Whether every written line of the stretch has a counterpart among the events: how many differ, in
 * their values or altogether; -1: an event may still come.
 */
int bless_complete(const struct run *run, const struct timeline *t, const struct judgement *j,
		   size_t begin, size_t end);

/* ---- draft.c: a new text of a script ---- */

struct draft {
	const char *text;
	/*
	 * For each of its lines: its line number before, negative if it was elsewhere; 0: it was
	 * added.
	 */
	int *lines;
	size_t line_count;
	/* Numbers of earlier lines in which something written does not hold. */
	int *changed;
	size_t changed_count;
};

/* ---- rewrite.c ---- */

struct blessing {
	size_t from;   /* lines below are examined; those above hold as they are */
	size_t done;   /* lines from there on have not been reached */
	ns_t left_off; /* later events belong to them; 0: to the last one that was reached */
	/*
	 * For each line of the run '+': it held in the usual run, and so it is not changed, even if
	 * a longer wait gives another result; '?': a reading that was in progress when something
	 * else went wrong: it is not changed if it is as written again; '-': neither. NULL: not
	 * known for any line.
	 */
	const char *held;
	bool acks; /* also write plain ACKs that have no line */
};

/* That string, after a usual run. */
const char *bless_held(struct arena *a, const struct run *run, const struct judgement *j);
/* Whether line `index` has held; whether it has, or may have. */
bool bless_is_held(const char *held, size_t index);
bool bless_may_hold(const char *held, size_t index);

/*
 * The text of the script with the observed events. False: it is not clear how it should be written,
 * and `why` says so, with file and line. `j` has judged all of the time line.
 */
bool bless_rewrite(struct arena *a, const struct run *run, const struct timeline *t,
		   const struct judgement *j, const struct blessing *what, struct draft *draft,
		   const char **why);

/* Why a usual run did not pass. */
enum bless_time {
	TIME_OTHER,	  /* not because of a time, or that cannot be written */
	TIME_EARLY,	  /* something came sooner than written */
	TIME_MAY_COME,	  /* the same, but it may be another packet; the line's may still come */
	TIME_LATE,	  /* something came later than written */
	TIME_LATE_ITSELF, /* .. for which the program itself may be responsible */
	BLESS_TIMES
};

/* The draft is the text with the time that was seen; TIME_OTHER, TIME_LATE_ITSELF: there is none.
 */
enum bless_time bless_gap(struct arena *a, const struct run *run, const struct timeline *t,
			  const struct judgement *j, struct draft *draft);

/* A transcript that is pasted into a script has marks in it: the text without them. */
struct draft bless_unmark(struct arena *a, const struct script *script);

#endif
