/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How lines lie in lanes, and between which two of them there is an order. */
#ifndef JUDGE_LANES_H
#define JUDGE_LANES_H

#include "harness/judge/trial.h"

/* What a line is in its lane. */
enum lane_event {
	LANE_DEED,    /* a call, or a reading */
	LANE_SILENCE, /* `quiet` */
	LANE_RETURN,  /* of a call that had blocked */
	LANE_SENT,    /* a packet that this host sent */
	LANE_ARRIVED, /* one that arrived here, in a line about the arrival alone */
	LANE_IMPLIED, /* one that arrived here, in a line about its sending, too */
	LANE_EVENTS,
};

struct position {
	size_t line;
	ns_t from, to;
	int order; /* of a packet; 0: not one */
	/* When its flight began and ended; one that is still on its way has not ended. */
	int left, ended;
	enum lane_event as;
	bool plain; /* it asked only for an acknowledgement up to some number */
};

/* A thread's lane, or a host's: its end of a connection, or what belongs to no connection. */
struct lane {
	enum host host;
	bool is_thread;
	int actor; /* the thread's number (run_index) */
};

/* Where the line `index`, if it is met, lies in the lane; false: it does not. */
bool lane_place(const struct trial *t, size_t index, const struct lane *lane, struct position *p);

/* Where the sending of a segment would lie in the lane of that host. */
bool segment_place(const struct segment *s, enum host host, struct position *p);
/* Where its arrival would, by itself. */
bool arrival_place(const struct segment *s, enum host host, struct position *p);

/* Whether `below`, written below `above`, certainly happened before it. */
bool is_inverted(const struct position *above, const struct position *below);

/* What must be known of the lines in a lane to say whether one below them is inverted. */
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
