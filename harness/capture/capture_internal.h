/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the capture share: the two ways to see packets, and what they hand on.
 */
#ifndef CAPTURE_INTERNAL_H
#define CAPTURE_INTERNAL_H

#include "harness/capture/capture.h"

/* A packet as it was seen on some interface of the router. */
struct sighting {
	int ifindex;
	bool outgoing;
	uint16_t ethertype;
	ns_t stamp;
	const unsigned char
	    *bytes; /* from the network layer's header on; good until the next one */
	uint32_t captured, length;
};

/* Keep it, if it is of one of the lab's links, and hand it, decoded, to the time line. */
void capture_keep(struct capture *c, struct timeline *t, const struct sighting *seen);

/* Sets c->error, closes nothing; false. */
bool capture_fail(struct capture *c, const char *what, const char *why);

/*
 * Each way: opening leaves c->fd to poll, reading is capture_read()'s, dropped tells how many
 * packets were lost for want of room since it was asked last.
 */

/* ---- capture_socket.c ---- */

/* False also where the kernel gives no buffer that is worth it. */
bool capture_socket_open(struct capture *c);
int capture_socket_read(struct capture *c, struct timeline *t);
unsigned capture_socket_dropped(struct capture *c);
void capture_socket_close(struct capture *c);

/* ---- capture_ring.c ---- */

/* `whole`: of packets all is needed; else there is room for more of them. */
bool capture_ring_open(struct capture *c, bool whole);
int capture_ring_read(struct capture *c, struct timeline *t);
unsigned capture_ring_dropped(struct capture *c);
void capture_ring_close(struct capture *c);

#endif
