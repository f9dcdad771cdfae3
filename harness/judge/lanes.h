/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How lines lie in lanes, and which two of them there is an order between.
 */
#ifndef JUDGE_LANES_H
#define JUDGE_LANES_H

#include "harness/judge/trial.h"

/* As what a line lies in a lane. */
enum lane_event {
	LANE_DEED,    /* a call, or a reading */
	LANE_SILENCE, /* `quiet` */
	LANE_RETURN,  /* of a call that had blocked */
	LANE_SENT,    /* a packet that this host sent */
	LANE_ARRIVED, /* one that came to it, where the line is about that alone */
	LANE_IMPLIED, /* one that came to it, where the line is about its sending, too */
	LANE_EVENTS,
};

struct position {
	size_t line;
	ns_t from, to;
	int order; /* of a packet; 0: not one */
	/* When its flight began and ended; one that is still on its way has not ended. */
	int left, ended;
	enum lane_event as;
	bool plain; /* it asked for no more than that an acknowledgement has come so far */
};

/* A thread's, or a host's: its end of a connection, or what it has that is of none. */
struct lane {
	enum host host;
	bool is_thread;
	int actor; /* the thread's number (run_index) */
};

/* Where the line `index`, if it is met, lies in the lane; false: it does not. */
bool lane_place(const struct trial *t, size_t index, const struct lane *lane, struct position *p);

/* Where a segment that somebody sent would lie in the lane of that host. */
bool segment_place(const struct segment *s, enum host host, struct position *p);
/* Where its arrival would, by itself. */
bool arrival_place(const struct segment *s, enum host host, struct position *p);

/* Whether `below`, written below `above`, certainly happened before it. */
bool is_inverted(const struct position *above, const struct position *below);

/* Of lines that lie in a lane, as much as is needed to say whether one below them is inverted. */
struct marks {
	int order;		 /* the highest of packets, but of implied arrivals */
	int left;		 /* when the last of those began its flight */
	ns_t began[LANE_EVENTS]; /* when the last of each place began; 0: there is none */
};

void marks_add(struct marks *m, const struct position *p);
/* Whether is_inverted() holds for `p` and any of those that were added. */
bool marks_forbid(const struct marks *m, const struct position *p);
/* When the last of all began. */
ns_t marks_latest(const struct marks *m);

#endif
