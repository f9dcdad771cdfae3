/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture: one socket on all of the router's interfaces, in nanoseconds, both links and both
 * directions, so that its order is the real order; and writing the packets of one link to a file.
 *
 * The order is the one in which the kernel has put packets into the socket's ring or queue. Stamps
 * usually agree with it, but not always: when two CPUs carry different packets at once, the later
 * of two frames was seen to have a stamp 30 to 100 ns earlier. So code that needs the order must
 * use the order, not the stamps. The two stamps of one packet were always in order.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <pcap/pcap.h>
#include <stdio.h>

#include "harness/timeline/timeline.h"

/* One packet as captured, kept for the files. */
struct frame {
	ns_t stamp;
	enum host link; /* the host at the other end of the link */
	bool in;	/* it came from that host */
	uint16_t ethertype;
	uint32_t captured, length; /* from the IP (or ARP) header on */
	const unsigned char *bytes;
};

struct capture {
	pcap_t *ring; /* NULL: a plain socket */
	int fd;	      /* to poll; -1: closed */
	struct arena *arena;
	int link_index[LAB_HOSTS]; /* ifindex in the router of the link to that host */
	struct frame *frames;
	size_t frame_count;
	int seen; /* how many packets of the lab's links, kept in memory or not */
	/* Of each of them, by its number: its link, and its number among those of that link. */
	struct capture_place {
		enum host link;
		int number;
	} * places;
	size_t place_count;
	int seen_at[LAB_HOSTS];
	int64_t bytes;	    /* of all frames */
	int64_t enough;	    /* from so many bytes on TCP's data are not kept; 0: they always are */
	FILE *spool;	    /* `capture headers`: where they are, without their data; else NULL */
	struct arena loose; /* segments that merely pass */
	unsigned dropped, dropped_before; /* in all; what of the ring's is counted */
	unsigned unstamped;		  /* whose stamps are the times of reading */
	/* Called before a packet with that stamp is handed to the time line; may be NULL. */
	void (*before)(void *context, ns_t stamp);
	void *context;
	char error[512];
};

/*
 * In the router's namespace. The links are set later, when they exist: capture_link. `bulk`: more
 * than a few segments of data will come, and the way of capturing must not affect their receiver.
 */
bool capture_open(struct capture *c, struct arena *a, bool bulk);
/*
 * The same, but only headers are kept, in an unnamed file in that directory; if it is NULL or has
 * no such files, in the directory for temporary files. `pieces`: datagrams may come in pieces.
 */
bool capture_open_headers(struct capture *c, struct arena *a, const char *directory, bool pieces);
void capture_link(struct capture *c, enum host host, int ifindex);
void capture_close(struct capture *c);
/* In a child that must not use the capture: removes all access to it from there. */
void capture_forget(struct capture *c);

/*
 * Read what is there without blocking, about CAPTURE_BATCH packets at most: keep each frame of the
 * lab's links and hand it, decoded, to the time line. Returns the number of packets read, -1 with
 * error set.
 */
#define CAPTURE_BATCH 1024
int capture_read(struct capture *c, struct timeline *t);

/* Packets that the kernel dropped for lack of room. Valid even after capture_close. */
unsigned capture_dropped(struct capture *c);

/*
 * Hand on each packet, in order, with its number from 1 (the time line knows it by that one), and
 * with the Ethernet header that it has in the files; `see` returns false to stop. False: it has, or
 * a packet could not be read again; errno says why.
 */
#define FRAME_HEADER 14
#define FRAME_MAX    (FRAME_HEADER + 65535) /* no packet of the files is longer */
typedef bool capture_see_fn(void *context, int number, const struct frame *f,
			    const unsigned char header[FRAME_HEADER]);
bool capture_each(struct capture *c, capture_see_fn *see, void *context);

/*
 * Write the packets of the link to `host`, as that host's interface would have shown them: Ethernet
 * frames (the lab's addresses), nanosecond stamps, in order. `out` stays open. False: error
 * (errno's text) is set.
 */
bool capture_write(struct capture *c, enum host host, FILE *out);

#endif
