/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture: libpcap on the `any` device.
 *
 * In immediate mode, in which a packet can be read as soon as it is there, the kernel's ring has
 * slots that are all as large as the snapshot length (TPACKET_V2), and libpcap's defaults for `any`
 * (256 KiB of snapshot in a ring of 2 MiB) would give it room for eight packets. Frames of the lab
 * are no larger than the MTU, 1500 bytes, since offloads are off: a slot of SNAPLEN holds one with
 * all that stands before it, and two slots fill a page. RING has room for 4096 frames, that is for
 * 2048 segments, each of which is seen twice: a reader that gets no CPU while both hosts talk loses
 * nothing. Its size does not matter to the time that opening takes (9 ms for 1 MiB as for 16,
 * nearly all of it RCU), only to memory.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pcap/sll.h>
#include <string.h>

#include "harness/capture.h"

#define SNAPLEN 1900
#define RING	(8 << 20)

static bool fail(struct capture *c, const char *what)
{
	snprintf(c->error, sizeof(c->error), "cannot capture on the router: %s: %s", what,
		 pcap_geterr(c->handle));
	pcap_close(c->handle);
	c->handle = NULL;
	c->fd = -1;
	return false;
}

bool capture_open(struct capture *c, struct arena *a)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int status;

	*c = (struct capture){.arena = a, .fd = -1};
	c->handle = pcap_create("any", error);
	if (!c->handle) {
		snprintf(c->error, sizeof(c->error), "cannot capture on the router: %s", error);
		return false;
	}
	pcap_set_snaplen(c->handle, SNAPLEN);
	pcap_set_buffer_size(c->handle, RING);
	pcap_set_immediate_mode(c->handle, 1);
	pcap_set_tstamp_precision(c->handle, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(c->handle);
	if (status < 0)
		return fail(c, pcap_statustostr(status));
	if (pcap_set_datalink(c->handle, DLT_LINUX_SLL2) < 0)
		return fail(c, "LINUX_SLL2");
	if (pcap_get_tstamp_precision(c->handle) != PCAP_TSTAMP_PRECISION_NANO)
		return fail(c, "no nanoseconds");
	if (pcap_setnonblock(c->handle, 1, error) < 0)
		return fail(c, error);
	c->fd = pcap_get_selectable_fd(c->handle);
	if (c->fd < 0)
		return fail(c, "no descriptor to poll");
	return true;
}

void capture_link(struct capture *c, enum host host, int ifindex)
{
	c->link_index[host] = ifindex;
}

void capture_close(struct capture *c)
{
	if (!c->handle)
		return;
	c->dropped = capture_dropped(c);
	pcap_close(c->handle);
	c->handle = NULL;
	c->fd = -1;
}

static enum host link_host(const struct capture *c, uint32_t ifindex)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (c->link_index[h] && (uint32_t)c->link_index[h] == ifindex)
			return (enum host)h;
	}
	return HOST_NONE;
}

struct reading {
	struct capture *capture;
	struct timeline *timeline;
};

/* pcap_handler */
static void keep(unsigned char *user, const struct pcap_pkthdr *h, const unsigned char *bytes)
{
	struct reading *r = (struct reading *)(void *)user;
	struct capture *c = r->capture;
	struct sll2_header link;
	struct frame *f;
	unsigned char *copy;
	enum host host;

	if (h->caplen < SLL2_HDR_LEN)
		return;
	memcpy(&link, bytes, SLL2_HDR_LEN);
	host = link_host(c, ntohl(link.sll2_if_index));
	if (host == HOST_NONE)
		return;

	f = arena_push(c->arena, c->frames, c->frame_count);
	f->stamp = h->ts.tv_sec * NS_PER_S + h->ts.tv_usec; /* nanoseconds, as asked for */
	f->link = host;
	f->in = link.sll2_pkttype != LINUX_SLL_OUTGOING;
	f->ethertype = ntohs(link.sll2_protocol);
	f->captured = h->caplen - SLL2_HDR_LEN;
	f->length = h->len - SLL2_HDR_LEN;
	copy = arena_alloc(c->arena, f->captured);
	f->bytes = memcpy(copy, bytes + SLL2_HDR_LEN, f->captured);
	timeline_packet(r->timeline, packet_decode(c->arena, f->ethertype, f->bytes, f->captured),
			f->stamp, f->link, f->in);
}

int capture_read(struct capture *c, struct timeline *t)
{
	struct reading r = {.capture = c, .timeline = t};
	int count = pcap_dispatch(c->handle, -1, keep, (unsigned char *)&r);

	if (count < 0)
		snprintf(c->error, sizeof(c->error), "cannot read the capture: %s",
			 pcap_geterr(c->handle));
	return count < 0 ? -1 : count;
}

unsigned capture_dropped(struct capture *c)
{
	struct pcap_stat s;

	if (c->handle && pcap_stats(c->handle, &s) == 0)
		c->dropped = s.ps_drop;
	return c->dropped;
}
