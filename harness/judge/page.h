/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page: the judge's walk through the lines, and what it knows at each of them about what stands
 * above.
 */
#ifndef JUDGE_PAGE_H
#define JUDGE_PAGE_H

#include "harness/judge/lanes.h"
#include "harness/judge/trial.h"

/* What the lines above say of one host in one group of connections. */
struct end_above {
	struct marks marks;
	/* Of TCP segments that came here and call for an answer, the last one's order: */
	int said;    /* when it was sent, but not if only its arrival is written */
	int told;    /* when it arrived, if that is written, or it was forged */
	int heard;   /* when it arrived */
	int prompt;  /* when the last packet arrived that the router did not keep */
	bool coming; /* a segment is to come here that has not been seen at all */
	bool open;   /* one is, of which it cannot be told yet whether it has come */
};

struct page {
	struct trial *t;
	struct end_above *above;      /* of each group and host: page_above() */
	struct end_above **expecting; /* those of them to which something is to come, or may */
	size_t expecting_count;
	struct marks readings[HOST_COUNT];
	bool pending; /* a line above is not met (yet) */
	ns_t latest;  /* when the last of those that are met had happened */
	struct streams *streams;
	struct arrivals *arrivals; /* NULL: no line asks for one */
};

struct end_above *page_above(const struct page *page, int group, enum host host);

/*
 * How a packet would do for the line `index`, which may choose: by whether it certainly came before
 * something that stands above, and by how much it misses the line's gap.
 */
struct fit {
	bool older;
	ns_t off; /* negative: too early, positive: too late */
};

/* A segment that a line of its sender's may be about. */
struct fit page_fit(const struct page *page, size_t index, const struct segment *s);
bool fits(const struct fit *fit);
/* Whether `a` is better than `b`. */
bool fits_rather(const struct fit *a, const struct fit *b);

/* ---- packets.c ---- */

void streams_open(struct page *page);
/* What has been sent since then. */
void streams_gather(struct page *page);
/* Whether any of that could still meet a line further down. */
bool streams_go_on(struct page *page);
/* Whether all of it has been gone through, and no line is half met. */
bool streams_settled(const struct page *page);
/* As far as it takes to say what meets the line `index`, H> .. */
void streams_reach(struct page *page, size_t index);
/* Whether what meets that line cannot be told before some fate is known. */
bool streams_wait(const struct page *page, size_t index);
/* All the rest. */
void streams_finish(struct page *page);

/* ---- arrivals.c ---- */

void arrivals_open(struct page *page);
/* What has arrived since then. */
void arrivals_gather(struct page *page);
/* Whether a line from `index` on could be about something that has arrived. */
bool arrivals_go_on(const struct page *page, size_t index);
/* What is too old for any line that is still to come need not be looked at again. */
void arrivals_settle(struct page *page);
/* The line `index`, >H .. */
void judge_arrival(struct page *page, size_t index);
/* Whether a line below `index` is about the arrival of that segment, as it seems. */
bool arrival_below(struct trial *t, size_t index, const struct segment *s);

#endif
