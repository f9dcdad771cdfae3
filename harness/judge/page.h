/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page: the judge's walk through the lines, and what it knows at each line about the lines
 * above it.
 */
#ifndef JUDGE_PAGE_H
#define JUDGE_PAGE_H

#include "harness/judge/lanes.h"
#include "harness/judge/trial.h"

/* What the lines above say about one host in one group of connections. */
struct end_above {
	struct marks marks;
	/* Of the TCP segments that came here and call for an answer: the order of the last one. */
	int said;    /* when it was sent; not if only its arrival is written */
	int told;    /* when it arrived, if that is written or it was forged */
	int heard;   /* when it arrived */
	int prompt;  /* when the last packet arrived that the router had not kept */
	bool coming; /* a segment must still come here that has not been seen at all */
	bool open;   /* the same, but it is not known yet whether it has come */
};

struct page {
	struct trial *t;
	struct end_above *above;      /* of each group and host: page_above() */
	struct end_above **expecting; /* those of them with `coming` or `open` */
	size_t expecting_count;
	struct marks readings[HOST_COUNT];
	bool pending; /* a line above is not met (yet) */
	ns_t latest;  /* when the last of the met ones had happened */
	struct streams *streams;
	struct arrivals *arrivals; /* NULL: no line asks for one */
};

struct end_above *page_above(const struct page *page, int group, enum host host);

/*
 * How well a packet fits the line `index`, which may choose: whether it certainly came before
 * something written above, and by how much it misses the line's gap.
 */
struct fit {
	bool older;
	ns_t off; /* negative: too early, positive: too late */
};

/* Of a segment that a line about its sender may mean. */
struct fit page_fit(const struct page *page, size_t index, const struct segment *s);
bool fits(const struct fit *fit);
/* Whether `a` is better than `b`. */
bool fits_rather(const struct fit *a, const struct fit *b);

/* ---- packets.c ---- */

void streams_open(struct page *page);
/* Adds what has been sent since then. */
void streams_gather(struct page *page);
/* Whether any of these could still meet a line further down. */
bool streams_go_on(struct page *page);
/* Whether all of them have been passed, and no line is partly met. */
bool streams_settled(const struct page *page);
/* Goes on until it is known what meets the line `index`, H> .. */
void streams_reach(struct page *page, size_t index);
/* Whether that is not known before the fate of some segment is. */
bool streams_wait(const struct page *page, size_t index);
/* Goes on to the end. */
void streams_finish(struct page *page);

/* ---- arrivals.c ---- */

void arrivals_open(struct page *page);
/* Adds what has arrived since then. */
void arrivals_gather(struct page *page);
/* Whether a line from `index` on could be about something that has arrived. */
bool arrivals_go_on(const struct page *page, size_t index);
/* From now on, arrivals that are too old for all lines still to come are passed over. */
void arrivals_settle(struct page *page);
/* Judges the line `index`, >H .. */
void judge_arrival(struct page *page, size_t index);
/* Whether a line below `index` seems to be about the arrival of that segment. */
bool arrival_below(struct trial *t, size_t index, const struct segment *s);

#endif
