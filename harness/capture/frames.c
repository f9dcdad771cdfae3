/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of a capture, one after the other, as the files have them.
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

static bool hand_on(capture_see_fn *see, void *context, int number, const struct frame *f)
{
	struct ether_header e = {.ether_type = htons(f->ethertype)};
	unsigned char header[FRAME_HEADER];

	if (f->captured > FRAME_MAX - FRAME_HEADER)
		return true;
	link_address(e.ether_shost, f->link, !f->in);
	if (!group_address(e.ether_dhost, f))
		link_address(e.ether_dhost, f->link, f->in);
	memcpy(header, &e, FRAME_HEADER);
	return see(context, number, f, header);
}

/* False also if they could not be written, or cannot be read again. */
static bool each_spooled(struct capture *c, capture_see_fn *see, void *context)
{
	static unsigned char bytes[FRAME_MAX];
	struct frame f;

	errno = 0;
	if (fflush(c->spool) != 0 || ferror(c->spool))
		return false;
	rewind(c->spool);
	for (int number = 1; fread(&f, sizeof(f), 1, c->spool) == 1; number++) {
		f.bytes = bytes;
		if (f.captured > sizeof(bytes) ||
		    fread(bytes, 1, f.captured, c->spool) != f.captured ||
		    !hand_on(see, context, number, &f))
			return false;
	}
	return !ferror(c->spool);
}

bool capture_each(struct capture *c, capture_see_fn *see, void *context)
{
	for (size_t i = 0; i < c->frame_count; i++)
		if (!hand_on(see, context, (int)i + 1, &c->frames[i]))
			return false;
	return !c->spool || each_spooled(c, see, context);
}
