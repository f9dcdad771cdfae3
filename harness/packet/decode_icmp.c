/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to a struct packet: ICMP and ICMPv6 errors with the header that they quote, echo
 * requests and replies, and neighbour requests (ARP, RFC 826; neighbour solicitation, RFC 4861).
 *
 * Probes that ask whether an address is free (their sender is 0.0.0.0, or ::, or the address
 * itself) are not neighbour requests: they come from an interface that is being set up.
 */
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/packet/decode.h"
#include "harness/packet/icmp.h"

#define ICMP_HEADER  8
#define ARP_IPV4     28 /* size of a request for an IPv4 address on Ethernet */
#define SOLICITATION 24

static bool is_request(const struct packet *p)
{
	static const struct ip none;
	size_t size = p->source.family == 4 ? 4 : 16;

	return memcmp(p->source.bytes, none.bytes, size) != 0 && !ip_equal(&p->source, &p->target);
}

bool decode_arp(struct packet *p, struct slice s)
{
	static const unsigned char start[] = {0, ARPHRD_ETHER, 8, 0, 6, 4, 0, ARPOP_REQUEST};
	const unsigned char *b = s.bytes;

	if (s.captured < ARP_IPV4 || memcmp(b, start, sizeof(start)) != 0)
		return false;
	p->source.family = p->target.family = 4;
	memcpy(p->source.bytes, b + 14, 4);
	memcpy(p->target.bytes, b + 24, 4);
	if (is_request(p))
		p->kind = PACKET_ARP;
	return p->kind == PACKET_ARP;
}

static bool decode_solicitation(struct packet *p, struct slice s)
{
	struct packet asked = *p;

	if (s.captured < SOLICITATION)
		return false;
	memcpy(asked.target.bytes, s.bytes + 8, 16);
	if (!is_request(&asked))
		return false;
	*p = asked;
	p->kind = PACKET_ARP;
	return true;
}

/* The path's MTU, if the error has one. */
static uint32_t icmp_mtu(int family, const unsigned char *b)
{
	if (!icmp_has_mtu(family, b[0], b[1]))
		return 0;
	return family == 4 ? read16(b + 6) : read32(b + 4);
}

static bool icmp_checksum_good(const struct packet *p, struct slice s)
{
	uint32_t sum = 0;

	if (p->source.family == 6)
		sum = checksum_pseudo(p, IPPROTO_ICMPV6, s.length);
	return checksum_good(checksum_add(sum, s.bytes, s.length));
}

static bool decode_echo(struct arena *a, struct packet *p, struct slice s)
{
	p->kind = PACKET_ECHO;
	p->echo_id = read16(s.bytes + 4);
	p->echo_seq = read16(s.bytes + 6);
	decode_data(a, p, slice_after(s, ICMP_HEADER));
	return true;
}

bool decode_icmp(struct arena *a, struct packet *p, struct slice s, bool quoted)
{
	const unsigned char *b = s.bytes;

	if (s.length < ICMP_HEADER || s.captured < ICMP_HEADER)
		return false;
	if (!quoted && s.captured == s.length && !icmp_checksum_good(p, s))
		p->bad_checksum = true;
	p->icmp_type = b[0];
	p->icmp_code = b[1];
	if (p->source.family == 6 && b[0] == ND_NEIGHBOR_SOLICIT)
		return !quoted && decode_solicitation(p, s);

	p->icmp = icmp_of(p->source.family, b[0], b[1]);
	/* The language has no name for it, so its name is its numbers. */
	p->icmp_word = p->icmp ? p->icmp->word : arena_printf(a, "%d/%d", b[0], b[1]);
	if (p->icmp && p->icmp->is_echo)
		return decode_echo(a, p, s);
	/* Nobody answers an error with an error (RFC 1122 3.2.2), so one in an error has no use. */
	if (quoted || !icmp_is_error(p->source.family, b[0]))
		return false;
	p->kind = PACKET_ICMP;
	p->icmp_mtu = icmp_mtu(p->source.family, b);
	p->quoted = arena_new(a, struct packet);
	decode_ip(a, p->quoted, slice_after(s, ICMP_HEADER), true);
	if (!p->quoted->source.family)
		p->quoted = NULL;
	return true;
}

bool packet_is_message(const struct packet *p, const struct icmp_row *row)
{
	if (!row->is_numbered)
		return p->icmp == row;
	return p->icmp_word && p->icmp_type == row->v4_type &&
	       (row->v4_code < 0 || p->icmp_code == row->v4_code);
}
