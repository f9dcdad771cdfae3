/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the packets of one link.
 *
 * The capture on `any` keeps no Ethernet header. The files get headers with the addresses that the
 * lab gives its links (locally administered: the link, then which end of it), so that they agree
 * with the payload of ARP, and two runs of one scenario have the same. For broadcast and multicast
 * it is the address to which the network layer's address maps.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

#include "harness/capture/capture.h"
#include "harness/capture/pcap_library.h"

#define MAX_PACKET 65535

#define MULTICAST_IPV4 0xe0 /* 224.0.0.0/4: the first four bits */
#define MULTICAST_IPV6 0xff
#define IPV4_TARGET    16 /* its place in the header */
#define IPV6_TARGET    24
#define ARP_OPERATION  6
#define ARP_REQUEST    1

static const unsigned char link_number[LAB_HOSTS] = {[HOST_CLIENT] = 1, [HOST_SERVER] = 2};

#define END_HOST   0x01
#define END_ROUTER 0xfe

static void link_address(unsigned char address[ETH_ALEN], enum host link, bool router)
{
	const unsigned char made[ETH_ALEN] = {
	    2, 0, 0, 0, link_number[link], router ? END_ROUTER : END_HOST};

	memcpy(address, made, ETH_ALEN);
}

/*
 * The group address that a frame's target maps to (RFC 1112 6.4, RFC 2464 7); false: it has none.
 */
static bool group_address(unsigned char address[ETH_ALEN], const struct frame *f)
{
	const unsigned char *b = f->bytes;

	if (f->ethertype == ETHERTYPE_ARP && f->captured > ARP_OPERATION + 1 &&
	    b[ARP_OPERATION + 1] == ARP_REQUEST) {
		memset(address, 0xff, ETH_ALEN);
		return true;
	}
	if (f->ethertype == ETHERTYPE_IP && f->captured >= IPV4_TARGET + 4 &&
	    (b[IPV4_TARGET] & 0xf0) == MULTICAST_IPV4) {
		memcpy(address, "\x01\x00\x5e", 3);
		memcpy(address + 3, b + IPV4_TARGET + 1, 3);
		address[3] &= 0x7f;
		return true;
	}
	if (f->ethertype == ETHERTYPE_IPV6 && f->captured >= IPV6_TARGET + 16 &&
	    b[IPV6_TARGET] == MULTICAST_IPV6) {
		memcpy(address, "\x33\x33", 2);
		memcpy(address + 2, b + IPV6_TARGET + 12, 4);
		return true;
	}
	return false;
}

static void write_frame(const struct pcap_functions *pcap, pcap_dumper_t *file,
			const struct frame *f, unsigned char *bytes)
{
	struct pcap_pkthdr h = {
	    .ts = {.tv_sec = f->stamp / NS_PER_S, .tv_usec = f->stamp % NS_PER_S},
	    .caplen = f->captured + ETH_HLEN,
	    .len = f->length + ETH_HLEN,
	};
	struct ether_header e = {.ether_type = htons(f->ethertype)};

	link_address(e.ether_shost, f->link, !f->in);
	if (!group_address(e.ether_dhost, f))
		link_address(e.ether_dhost, f->link, f->in);
	memcpy(bytes, &e, ETH_HLEN);
	memcpy(bytes + ETH_HLEN, f->bytes, f->captured);
	pcap->pcap_dump((unsigned char *)file, &h, bytes);
}

static bool fail(struct capture *c, enum host host, const char *why)
{
	snprintf(c->error, sizeof(c->error), "cannot write the capture of %s's link: %s",
		 host_name(host), why);
	return false;
}

/* False: it could not be written, or could not be read again. */
static bool write_spooled(const struct pcap_functions *pcap, pcap_dumper_t *file, struct capture *c,
			  enum host host, unsigned char *room)
{
	static unsigned char bytes[MAX_PACKET];
	struct frame f;

	if (fflush(c->spool) != 0 || ferror(c->spool))
		return false;
	rewind(c->spool);
	while (fread(&f, sizeof(f), 1, c->spool) == 1) {
		f.bytes = bytes;
		if (f.captured > MAX_PACKET || fread(bytes, 1, f.captured, c->spool) != f.captured)
			return false;
		if (f.link == host)
			write_frame(pcap, file, &f, room);
	}
	return !ferror(c->spool);
}

bool capture_write(struct capture *c, enum host host, FILE *out)
{
	unsigned char room[ETH_HLEN + MAX_PACKET];
	const struct pcap_functions *pcap;
	pcap_dumper_t *file = NULL;
	char why[256];
	pcap_t *dead;

	pcap = pcap_library(why, sizeof(why));
	if (!pcap) {
		errno = strstr(why, strerror(EMFILE)) ? EMFILE : ELIBACC;
		return fail(c, host, why);
	}
	dead = pcap->pcap_open_dead_with_tstamp_precision(DLT_EN10MB, ETH_HLEN + MAX_PACKET,
							  PCAP_TSTAMP_PRECISION_NANO);
	/* A dumper of an open stream is that stream: pcap_dump_close would only close it. */
	if (dead)
		file = pcap->pcap_dump_fopen(dead, out);
	for (size_t i = 0; file && i < c->frame_count; i++) {
		if (c->frames[i].link == host && c->frames[i].captured <= MAX_PACKET)
			write_frame(pcap, file, &c->frames[i], room);
	}
	if (file && c->spool && !write_spooled(pcap, file, c, host, room)) {
		pcap->pcap_close(dead);
		errno = errno ? errno : EIO;
		return fail(c, host, strerror(errno));
	}
	if (dead)
		pcap->pcap_close(dead);
	return file && fflush(out) == 0 && !ferror(out) ? true : fail(c, host, strerror(errno));
}
