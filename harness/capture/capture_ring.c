/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring: libpcap on the `any` device.
 *
 * In immediate mode, in which a packet can be read at once, all slots of the kernel's ring are as
 * large as the snapshot length (TPACKET_V2), and libpcap's defaults for `any` (256 KiB of snapshot
 * in a ring of 2 MiB) would give it room for eight packets. Frames of the lab are no larger than
 * the MTU, 1500 bytes, since offloads are off: a slot of SNAPLEN holds one with everything before
 * it, and two slots fill a page. RING has room for 4096 frames, that is for 2048 segments, each of
 * which is seen twice: a reader that gets no CPU while both hosts send loses nothing. Its size does
 * not affect the time to open it (9 ms for 1 MiB and for 16, nearly all of it RCU), only memory. If
 * only headers are kept, there are more packets: then it is larger, and a slot holds only headers,
 * unless there may be datagrams in pieces, which can only be put together from whole pieces.
 */
#include <arpa/inet.h>
#include <pcap/sll.h>
#include <string.h>

#include "harness/capture/capture_internal.h"
#include "harness/capture/pcap_library.h"

#define SNAPLEN 1900
#define RING	(8 << 20)

static const struct pcap_functions *pcap;

static bool fail(struct capture *c, const char *what)
{
	capture_fail(c, what, pcap->pcap_geterr(c->ring));
	capture_ring_close(c);
	return false;
}

bool capture_ring_open(struct capture *c, bool whole)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int status;

	pcap = pcap_library(error, sizeof(error));
	if (!pcap)
		return capture_fail(c, "libpcap", error);
	c->ring = pcap->pcap_create("any", error);
	if (!c->ring)
		return capture_fail(c, "libpcap", error);
	pcap->pcap_set_snaplen(c->ring, whole ? SNAPLEN : CAPTURE_HEADERS);
	pcap->pcap_set_buffer_size(c->ring, c->spool ? 4 * RING : RING);
	pcap->pcap_set_immediate_mode(c->ring, 1);
	pcap->pcap_set_tstamp_precision(c->ring, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap->pcap_activate(c->ring);
	if (status < 0)
		return fail(c, pcap->pcap_statustostr(status));
	if (pcap->pcap_set_datalink(c->ring, DLT_LINUX_SLL2) < 0)
		return fail(c, "LINUX_SLL2");
	if (pcap->pcap_get_tstamp_precision(c->ring) != PCAP_TSTAMP_PRECISION_NANO)
		return fail(c, "no nanoseconds");
	if (pcap->pcap_setnonblock(c->ring, 1, error) < 0)
		return fail(c, error);
	c->fd = pcap->pcap_get_selectable_fd(c->ring);
	return c->fd >= 0 ? true : fail(c, "no descriptor to poll");
}

void capture_ring_close(struct capture *c)
{
	pcap->pcap_close(c->ring);
	c->ring = NULL;
	c->fd = -1;
}

struct reading {
	struct capture *capture;
	struct timeline *timeline;
};

/* pcap_handler */
static void take(unsigned char *user, const struct pcap_pkthdr *h, const unsigned char *bytes)
{
	struct reading *r = (struct reading *)(void *)user;
	struct sll2_header link;

	if (h->caplen < SLL2_HDR_LEN)
		return;
	memcpy(&link, bytes, SLL2_HDR_LEN);
	capture_keep(r->capture, r->timeline,
		     &(struct sighting){
			 .ifindex = (int)ntohl(link.sll2_if_index),
			 .outgoing = link.sll2_pkttype == LINUX_SLL_OUTGOING,
			 .ethertype = ntohs(link.sll2_protocol),
			 /* nanoseconds, as asked for */
			 .stamp = h->ts.tv_sec * NS_PER_S + h->ts.tv_usec,
			 .bytes = bytes + SLL2_HDR_LEN,
			 .captured = h->caplen - SLL2_HDR_LEN,
			 .length = h->len - SLL2_HDR_LEN,
		     });
}

int capture_ring_read(struct capture *c, struct timeline *t)
{
	struct reading r = {.capture = c, .timeline = t};
	int count = pcap->pcap_dispatch(c->ring, CAPTURE_BATCH, take, (unsigned char *)&r);

	if (count >= 0)
		return count;
	capture_fail(c, "reading", pcap->pcap_geterr(c->ring));
	return -1;
}

unsigned capture_ring_dropped(struct capture *c)
{
	struct pcap_stat s;
	unsigned before = c->dropped_before;

	if (pcap->pcap_stats(c->ring, &s) < 0)
		return 0;
	c->dropped_before = s.ps_drop;
	return s.ps_drop - before;
}
