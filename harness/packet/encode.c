/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a struct packet to bytes: IP and TCP headers (RFC 791, RFC 8200, RFC 9293 3.1), and
 * ICMP errors that quote them (RFC 792, RFC 4443).
 *
 * Options are in the order in which Linux writes them; for each, one function writes it if it is
 * present. The rest of the last word is filled with NOPs.
 */
#include <netinet/in.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/decode.h"
#include "harness/packet/encode.h"
#include "harness/packet/icmp.h"

#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define TCP_HEADER    20
#define ICMP_HEADER   8
#define DONT_FRAGMENT 0x4000

#define OPTION_NOP 1

static unsigned char *put16(unsigned char *to, uint16_t value)
{
	to[0] = (unsigned char)(value >> 8);
	to[1] = (unsigned char)value;
	return to + 2;
}

static unsigned char *put32(unsigned char *to, uint32_t value)
{
	return put16(put16(to, (uint16_t)(value >> 16)), (uint16_t)value);
}

/* ---- options: each is written at `to`, if there is one; returns the place of the next one ---- */

/* The largest size of all of them together, even if they do not fit into a header. */
#define OPTIONS_ROOM (4 + 2 + 10 + 3 + 2 + 2 + 8 * MAX_SACK_BLOCKS + 3)

static unsigned char *put_kind(unsigned char *to, unsigned char kind, unsigned char size)
{
	*to++ = kind;
	*to++ = size;
	return to;
}

static unsigned char *put_mss(unsigned char *to, const struct tcp_options *o)
{
	return o->has_mss ? put16(put_kind(to, 2, 4), o->mss) : to;
}

static unsigned char *put_sack_ok(unsigned char *to, const struct tcp_options *o)
{
	return o->sack_ok ? put_kind(to, 4, 2) : to;
}

static unsigned char *put_timestamp(unsigned char *to, const struct tcp_options *o)
{
	return o->has_ts ? put32(put32(put_kind(to, 8, 10), o->ts_value), o->ts_echo) : to;
}

static unsigned char *put_wscale(unsigned char *to, const struct tcp_options *o)
{
	if (!o->has_wscale)
		return to;
	to = put_kind(to, 3, 3);
	*to++ = o->wscale;
	return to;
}

/* Only the request for a cookie: nobody knows a cookie before it has been seen. */
static unsigned char *put_fast_open(unsigned char *to, const struct tcp_options *o)
{
	return o->has_tfo ? put_kind(to, 34, 2) : to;
}

static unsigned char *put_sack(unsigned char *to, const struct tcp_options *o)
{
	if (!o->sack_count)
		return to;
	to = put_kind(to, 5, (unsigned char)(2 + 8 * o->sack_count));
	for (int i = 0; i < o->sack_count; i++)
		to = put32(put32(to, o->sack[i][0]), o->sack[i][1]);
	return to;
}

static unsigned char *(*const option_table[])(unsigned char *to, const struct tcp_options *o) = {
    put_mss, put_sack_ok, put_timestamp, put_wscale, put_fast_open, put_sack,
};

static size_t put_options(unsigned char bytes[OPTIONS_ROOM], const struct tcp_options *o)
{
	unsigned char *to = bytes;

	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++)
		to = option_table[i](to, o);
	while ((to - bytes) % 4)
		*to++ = OPTION_NOP;
	return (size_t)(to - bytes);
}

size_t options_size(const struct tcp_options *o)
{
	unsigned char bytes[OPTIONS_ROOM];

	return put_options(bytes, o);
}

/* ---- headers ---- */

/* The complement of the sum, as in a header (RFC 1071). */
static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_ipv4(unsigned char *to, const struct packet *p, size_t size)
{
	to[0] = 0x45; /* version 4, five words */
	to[1] = p->tos;
	put16(to + 2, (uint16_t)size);
	put16(to + 4, p->ip_id);
	put16(to + 6, DONT_FRAGMENT);
	to[8] = p->ttl;
	to[9] = p->kind == PACKET_ICMP ? IPPROTO_ICMP : IPPROTO_TCP;
	memcpy(to + 12, p->source.bytes, 4);
	memcpy(to + 16, p->target.bytes, 4);
	put16(to + 10, checksum(checksum_add(0, to, IPV4_HEADER)));
}

static void put_ipv6(unsigned char *to, const struct packet *p, size_t size)
{
	put32(to, UINT32_C(6) << 28 | (uint32_t)p->tos << 20 | p->flow_label);
	put16(to + 4, (uint16_t)(size - IPV6_HEADER));
	to[6] = p->kind == PACKET_ICMP ? IPPROTO_ICMPV6 : IPPROTO_TCP;
	to[7] = p->ttl;
	memcpy(to + 8, p->source.bytes, 16);
	memcpy(to + 24, p->target.bytes, 16);
}

static void put_tcp(unsigned char *to, const struct packet *p, const unsigned char *options,
		    size_t options_length)
{
	size_t header = TCP_HEADER + options_length, size = header + p->length;
	uint32_t sum;

	put16(to, p->source_port);
	put16(to + 2, p->target_port);
	put32(to + 4, p->seq);
	put32(to + 8, p->ack);
	to[12] = (unsigned char)(header / 4 << 4 | (p->flags & FLAG_AE) >> 8);
	to[13] = (unsigned char)p->flags;
	put16(to + 14, p->window);
	put16(to + 18, p->urgent);
	memcpy(to + TCP_HEADER, options, options_length);
	if (p->length)
		memcpy(to + header, p->data, p->length);
	sum = checksum_pseudo(p, IPPROTO_TCP, size);
	put16(to + 16, checksum(checksum_add(sum, to, size)));
}

static unsigned char *put_ip(unsigned char *to, const struct packet *p, size_t size)
{
	bool is_ipv6 = p->source.family == 6;

	if (is_ipv6)
		put_ipv6(to, p, size);
	else
		put_ipv4(to, p, size);
	return to + (is_ipv6 ? IPV6_HEADER : IPV4_HEADER);
}

static unsigned char *encode_tcp(struct arena *a, const struct packet *p, size_t *size)
{
	size_t ip = p->source.family == 6 ? IPV6_HEADER : IPV4_HEADER;
	unsigned char options[OPTIONS_ROOM], *bytes;
	size_t options_length = put_options(options, &p->options);

	*size = ip + TCP_HEADER + options_length + p->length;
	if (options_length > OPTIONS_MAX || *size > PACKET_MAX)
		return NULL;
	bytes = arena_alloc(a, *size);
	put_tcp(put_ip(bytes, p, *size), p, options, options_length);
	return bytes;
}

/* An error, which quotes the headers of a TCP segment. */
static unsigned char *encode_icmp(struct arena *a, const struct packet *p, size_t *size)
{
	bool is_ipv6 = p->source.family == 6;
	size_t ip = is_ipv6 ? IPV6_HEADER : IPV4_HEADER, quoted;
	const unsigned char *original = encode_tcp(a, p->quoted, &quoted);
	unsigned char *bytes, *to;
	uint32_t sum;

	if (!original)
		return NULL;
	quoted = ip + (original[ip + 12] >> 4) * 4u;
	*size = ip + ICMP_HEADER + quoted;
	bytes = arena_alloc(a, *size);
	to = put_ip(bytes, p, *size);
	to[0] = p->icmp_type;
	to[1] = p->icmp_code;
	if (icmp_has_mtu(p->source.family, p->icmp_type, p->icmp_code))
		put32(to + 4, p->icmp_mtu); /* in IPv4 it has 16 bits, and the others are 0 */
	memcpy(to + ICMP_HEADER, original, quoted);
	sum = is_ipv6 ? checksum_pseudo(p, IPPROTO_ICMPV6, ICMP_HEADER + quoted) : 0;
	put16(to + 2, checksum(checksum_add(sum, to, ICMP_HEADER + quoted)));
	return bytes;
}

unsigned char *packet_encode(struct arena *a, const struct packet *p, size_t *size)
{
	return p->kind == PACKET_ICMP ? encode_icmp(a, p, size) : encode_tcp(a, p, size);
}
