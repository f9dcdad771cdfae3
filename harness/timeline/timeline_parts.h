/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the time line: timeline.c (segments and their fates), victim.c (what
 * faults report), connection.c (incarnations and relative numbers), flow.c, fragment.c, forged.c
 * (segments of our own making), names.c.
 */
#ifndef TIMELINE_PARTS_H
#define TIMELINE_PARTS_H

#include "harness/timeline/timeline.h"

/* A fault's report of a packet that the capture has not shown yet. */
struct victim {
	const struct packet *packet;
	ns_t stamp;
	enum host host;
	bool rejected;
	int fault; /* reported by timeline_taken, with .. */
	enum fate fate;
	int line; /* of the fault, -1: not known */
};

/* A call that sends, from just before it is made. */
struct sender {
	const char *name;
	enum host host;
	ns_t since;
};

/* The pieces of a datagram seen on one side of the router. */
struct pieces {
	enum host link;
	bool in;
	int segment; /* coming in: the segment that it became with its first piece */
	const struct packet **list;
	size_t count;
};

/* A name that waits for its connection. */
struct expectation {
	const char *name;
	bool accepted; /* accept() gave it; else a connect() will now be made */
	enum host host;
	struct ip peer;
	uint16_t port;
	ns_t since;
};

#define NONE (-1)

/* ---- fragment.c ---- */

/* The datagram of the piece `p`, which is seen now, on that side; valid until the next call. */
struct pieces *fragment_add(struct timeline *t, const struct packet *p, enum host link, bool in);
/* The complete datagram, and `d` is freed; NULL: a piece is missing. */
const struct packet *fragment_join(struct timeline *t, struct pieces *d);

/* ---- timeline.c ---- */

/* A new segment, SENT; its index. */
int segment_enter(struct timeline *t, const struct packet *p, ns_t stamp, enum host from);
/* The same, except that the caller knows its connection. */
int segment_add(struct timeline *t, const struct packet *p, ns_t stamp, enum host from);
/* Set its fate, with the event; not before it was sent. */
void segment_lose(struct timeline *t, int segment, ns_t from, ns_t to, enum host at, bool rejected);
/* The router keeps it, until it is released or for a time. */
void segment_hold(struct timeline *t, int segment, ns_t stamp, bool delayed);
/* The router made this ICMP error at `stamp`: the quoted packet is lost. */
void segment_decide_quoted(struct timeline *t, const struct packet *error, ns_t stamp);
/* Whether the leaving packet `p` is a segment of the time line. */
bool segment_is_leaving(struct timeline *t, const struct packet *p, enum host link);

/* ---- passing.c ---- */

#define ETHERTYPE_V4 0x0800
#define ETHERTYPE_V6 0x86dd

/* Update the connection of a segment that does not merely pass. */
void passing_follow(struct timeline *t, const struct packet *p);
/* The passing segment that is `p` no longer passes: it is put on the time line. */
void passing_reveal(struct timeline *t, const struct packet *p);
/* With headers only, the packet is valid only now: a copy to keep. */
const struct packet *passing_keep(struct timeline *t, const struct packet *p);
/* The same for all that entered before that. */
void passing_settle(struct timeline *t, ns_t before);

/* ---- victim.c ---- */

/* The segment has just reached the faults of `host`: if one of them has reported it, it is lost. */
void victim_meet(struct timeline *t, int segment, enum host host);
/* Reports older than `before` that the capture never completed become segments of their own. */
void victims_settle(struct timeline *t, ns_t before);

/* ---- connection.c ---- */

/* Sets the segment's connection (a new one, if necessary) and its relative numbers. */
void segment_connect(struct timeline *t, int segment);

/* A new connection between the addresses of `p`; its index. */
int connection_begin(struct timeline *t, const struct packet *p);
/* The same for a forged segment, whose connection and end are known. */
void segment_connect_forged(struct timeline *t, int segment, int connection, int end);

/* ---- forged.c ---- */

/* The segment for the leaving packet `p`, if it is the announced forged one; else NONE. */
int forged_leaving(struct timeline *t, const struct packet *p, ns_t stamp);

/* ---- flow.c ---- */

/* The flow of a datagram: a new one, if necessary. */
void flow_connect(struct timeline *t, struct segment *s);
/* The flow of which `p` is a packet, NONE: it has not been seen. */
int flow_find(const struct timeline *t, const struct packet *p);

/* ---- names.c ---- */

/* The name of the newest call that sent from `host` at `stamp`; NULL: none. */
const char *name_sender(const struct timeline *t, enum host host, ns_t stamp);

/* One more name of a connection. */
void name_add_to(struct timeline *t, struct connection *c, const char *name);

/* End `end` of connection `c` has sent its SYN: the name of the connect() that made it. */
void name_connected(struct timeline *t, int c, int end, ns_t stamp);
/* Connection `c` is new: the name that an accept() gave it before the capture showed it. */
void name_accepted(struct timeline *t, int c);

#endif
