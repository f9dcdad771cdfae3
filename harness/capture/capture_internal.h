/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the capture: the two ways to read packets, and their results.
 */
#ifndef CAPTURE_INTERNAL_H
#define CAPTURE_INTERNAL_H

#include "harness/capture/capture.h"

#define CAPTURE_HEADERS 200 /* the largest of IPv6 and TCP, and everything before them */

/* A packet as seen on some interface of the router. */
struct sighting {
	int ifindex;
	bool outgoing;
	uint16_t ethertype;
	ns_t stamp;
	const unsigned char
	    *bytes; /* from the network layer's header on; valid until the next one */
	uint32_t captured, length;
};

/* Keep it, if it is of one of the lab's links, and hand it, decoded, to the time line. */
void capture_keep(struct capture *c, struct timeline *t, const struct sighting *seen);

/* Sets c->error, closes nothing; false. */
bool capture_fail(struct capture *c, const char *what, const char *why);

/*
 * For each way: opening sets c->fd for poll, reading implements capture_read(), dropped returns how
 * many packets were lost for lack of room since its last call.
 */

/* ---- capture_socket.c ---- */

/* False also if the kernel does not give a large enough buffer. */
bool capture_socket_open(struct capture *c);
int capture_socket_read(struct capture *c, struct timeline *t);
unsigned capture_socket_dropped(struct capture *c);
void capture_socket_close(struct capture *c);

/* ---- capture_ring.c ---- */

/* `whole`: whole packets are needed; else there is room for more of them. */
bool capture_ring_open(struct capture *c, bool whole);
int capture_ring_read(struct capture *c, struct timeline *t);
unsigned capture_ring_dropped(struct capture *c);
void capture_ring_close(struct capture *c);

#endif
