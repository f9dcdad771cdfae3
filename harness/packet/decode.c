/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to a struct packet: the IP layer, and UDP.
 *
 * Every packet from a wire is limited to the length in its own headers and to the captured length,
 * and each reader checks the length before it reads. So a packet may be cut off or have any wrong
 * lengths; it becomes PACKET_OTHER (or a segment with fewer options, or without its data), never a
 * read beyond its end. A fragment is not a segment, and becomes PACKET_OTHER until its datagram is
 * complete (fragment.c); so does a payload behind another IPv6 extension header, which the lab's
 * hosts never send on their own.
 */
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/packet/decode.h"

#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define IPV6_FRAGMENT 8
#define UDP_HEADER    8
#define IPV4_FRAGMENT 0x3fff /* more fragments, and the offset */
#define IPV4_MORE     0x2000
#define IPV4_OFFSET   0x1fff

struct slice slice_after(struct slice s, size_t n)
{
	size_t there = n < s.captured ? n : s.captured;

	return (struct slice){
	    .bytes = s.bytes + there,
	    .captured = s.captured - there,
	    .length = n < s.length ? s.length - n : 0,
	};
}

static struct slice slice_limit(struct slice s, size_t length)
{
	s.length = length;
	if (s.captured > length)
		s.captured = length;
	return s;
}

uint32_t checksum_add(uint32_t sum, const unsigned char *bytes, size_t length)
{
	for (; length >= 2; bytes += 2, length -= 2)
		sum += read16(bytes);
	if (length)
		sum += (uint32_t)bytes[0] << 8;
	return sum;
}

bool checksum_good(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

uint32_t checksum_pseudo(const struct packet *p, uint8_t protocol, size_t length)
{
	size_t size = p->source.family == 4 ? 4 : 16;
	uint32_t sum = checksum_add(0, p->source.bytes, size);

	sum = checksum_add(sum, p->target.bytes, size);
	return sum + protocol + (uint32_t)length;
}

void decode_data(struct arena *a, struct packet *p, struct slice data)
{
	p->length = (uint32_t)data.length;
	if (data.captured == data.length)
		p->data = memcpy(arena_alloc(a, data.length + 1), data.bytes, data.length);
}

/*
 * RFC 768. Its length is in its own header; further bytes of the IP packet do not belong to it.
 */
static bool decode_udp(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;
	size_t length;

	if (s.captured < UDP_HEADER)
		return false;
	length = read16(b + 4);
	/* The quoted packet may be its first piece. */
	if (length < UDP_HEADER || (length > s.length && !quoted))
		return false;
	s = slice_limit(s, length);
	p->kind = PACKET_UDP;
	p->source_port = read16(b);
	p->target_port = read16(b + 2);
	decode_data(a, p, slice_after(s, UDP_HEADER));
	/* 0 means no checksum, which IPv4 allows. */
	if (!quoted && read16(b + 6) && s.captured == s.length &&
	    !checksum_good(checksum_add(checksum_pseudo(p, IPPROTO_UDP, s.length), b, s.length)))
		p->bad_checksum = true;
	return true;
}

/* The payload of an IP header. */
static void decode_payload(struct arena *a, struct packet *p, uint8_t protocol, struct slice s,
			   bool quoted)
{
	int icmp = p->source.family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (protocol == IPPROTO_TCP)
		decode_tcp(a, p, s, quoted);
	else if (protocol == IPPROTO_UDP)
		decode_udp(a, p, s, quoted);
	else if (protocol == icmp)
		decode_icmp(a, p, s, quoted);
}

/*
 * A piece is not decoded: fragment.c puts its datagram together. Except a first piece that is
 * quoted, because the others will not come.
 */
static void decode_piece(struct arena *a, struct packet *p, struct fragment f, struct slice s,
			 bool quoted)
{
	struct fragment *piece = arena_new(a, struct fragment);

	if (quoted && !f.offset) {
		p->partial = f.more;
		decode_payload(a, p, f.protocol, s, quoted);
		return;
	}
	f.length = s.length;
	if (s.captured == s.length)
		f.bytes = memcpy(arena_alloc(a, s.length + 1), s.bytes, s.length);
	*piece = f;
	p->fragment = piece;
}

static struct packet *look_into(struct arena *a, const struct packet *piece,
				const unsigned char *bytes, size_t length, bool partial)
{
	struct slice s = {.bytes = bytes, .captured = length, .length = length};
	struct packet *p = arena_new(a, struct packet);

	*p = *piece;
	p->fragment = NULL;
	p->bytes = NULL;
	p->in_pieces = true;
	p->fragment_id = piece->fragment->id;
	p->partial = partial;
	decode_payload(a, p, piece->fragment->protocol, s, partial);
	if (partial)
		p->data = NULL;
	return p;
}

struct packet *packet_whole(struct arena *a, const struct packet *piece, const unsigned char *bytes,
			    size_t length)
{
	return look_into(a, piece, bytes, length, false);
}

struct packet *packet_partial(struct arena *a, const struct packet *first)
{
	const struct fragment *f = first->fragment;

	return look_into(a, first, f->bytes, f->bytes && !f->offset ? f->length : 0, true);
}

static void decode_ipv4(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;
	size_t header, total;
	uint16_t fragment;

	if (s.captured < IPV4_HEADER)
		return;
	header = (b[0] & 0xf) * 4u;
	total = read16(b + 2);
	if (header < IPV4_HEADER || total < header || s.captured < header)
		return;
	p->ttl = b[8];
	p->tos = b[1];
	p->ip_id = read16(b + 4);
	p->source.family = p->target.family = 4;
	memcpy(p->source.bytes, b + 12, 4);
	memcpy(p->target.bytes, b + 16, 4);
	if (!quoted && !checksum_good(checksum_add(0, b, header)))
		p->bad_checksum = true;
	s = slice_after(slice_limit(s, total), header);
	fragment = read16(b + 6);
	if (fragment & IPV4_FRAGMENT)
		decode_piece(a, p,
			     (struct fragment){.id = p->ip_id,
					       .protocol = b[9],
					       .more = fragment & IPV4_MORE,
					       .offset = (fragment & IPV4_OFFSET) * 8u},
			     s, quoted);
	else
		decode_payload(a, p, b[9], s, quoted);
}

/* RFC 8200 4.5 */
static void decode_ipv6_piece(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;

	if (s.captured < IPV6_FRAGMENT)
		return;
	decode_piece(a, p,
		     (struct fragment){.id = read32(b + 4),
				       .protocol = b[0],
				       .more = b[3] & 1,
				       .offset = read16(b + 2) & ~7u},
		     slice_after(s, IPV6_FRAGMENT), quoted);
}

static void decode_ipv6(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;
	size_t payload;

	if (s.captured < IPV6_HEADER)
		return;
	payload = read16(b + 4);
	p->ttl = b[7];
	p->tos = (uint8_t)(b[0] << 4 | b[1] >> 4);
	p->flow_label = read32(b) & 0xfffff;
	p->source.family = p->target.family = 6;
	memcpy(p->source.bytes, b + 8, 16);
	memcpy(p->target.bytes, b + 24, 16);
	s = slice_after(slice_limit(s, IPV6_HEADER + payload), IPV6_HEADER);
	if (b[6] == IPPROTO_FRAGMENT)
		decode_ipv6_piece(a, p, s, quoted);
	else
		decode_payload(a, p, b[6], s, quoted);
}

void decode_ip(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	int version = s.captured ? s.bytes[0] >> 4 : 0;

	p->kind = PACKET_OTHER;
	if (version == 4)
		decode_ipv4(a, p, s, quoted);
	else if (version == 6)
		decode_ipv6(a, p, s, quoted);
}

struct packet *packet_decode(struct arena *a, uint16_t ethertype, const unsigned char *bytes,
			     size_t captured)
{
	struct packet *p = arena_new(a, struct packet);
	struct slice s = {.bytes = bytes, .captured = captured, .length = captured};

	p->kind = PACKET_OTHER;
	p->bytes = bytes;
	p->size = captured;
	if (ethertype == ETHERTYPE_ARP)
		decode_arp(p, s);
	else if (ethertype == ETHERTYPE_IP || ethertype == ETHERTYPE_IPV6)
		decode_ip(a, p, s, false);
	return p;
}
