/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides whether two packets are one packet, seen twice.
 *
 * A router changes TTL and checksum and nothing else, so everything else must agree. IPv4's
 * identification tells most repetitions apart, but Linux leaves it 0 in packets without a socket,
 * and IPv6 has none: two segments that agree in everything can only be distinguished by order; the
 * caller does that.
 */
#include <string.h>

#include "harness/packet/packet.h"

bool packet_piece(const struct packet *piece, const struct packet *whole)
{
	return piece->fragment && !whole->fragment && piece->fragment->id == whole->fragment_id &&
	       whole->in_pieces && ip_equal(&piece->source, &whole->source) &&
	       ip_equal(&piece->target, &whole->target);
}

static bool same_path(const struct packet *a, const struct packet *b)
{
	return ip_equal(&a->source, &b->source) && ip_equal(&a->target, &b->target) &&
	       a->ip_id == b->ip_id && a->source_port == b->source_port &&
	       a->target_port == b->target_port;
}

static bool same_tcp(const struct packet *a, const struct packet *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack &&
	       a->length == b->length && a->window == b->window && a->urgent == b->urgent &&
	       a->options.has_ts == b->options.has_ts &&
	       a->options.ts_value == b->options.ts_value &&
	       a->options.ts_echo == b->options.ts_echo &&
	       a->options.sack_count == b->options.sack_count &&
	       memcmp(a->options.sack, b->options.sack, sizeof(a->options.sack)) == 0;
}

static bool same_data(const struct packet *a, const struct packet *b)
{
	if (a->partial || b->partial) /* of an echo, not even the length is known */
		return true;
	return a->length == b->length &&
	       (!a->data || !b->data || memcmp(a->data, b->data, a->length) == 0);
}

static bool same_echo(const struct packet *a, const struct packet *b)
{
	return a->icmp_type == b->icmp_type && a->echo_id == b->echo_id &&
	       a->echo_seq == b->echo_seq && same_data(a, b);
}

static bool same_icmp(const struct packet *a, const struct packet *b)
{
	if (a->icmp_type != b->icmp_type || a->icmp_code != b->icmp_code ||
	    a->icmp_mtu != b->icmp_mtu)
		return false;
	if (!a->quoted || !b->quoted)
		return a->quoted == b->quoted;
	return packet_quoted(a->quoted, b->quoted);
}

bool packet_same(const struct packet *a, const struct packet *b)
{
	if (a->kind != b->kind || !same_path(a, b))
		return false;
	switch (a->kind) {
	case PACKET_TCP:
		return same_tcp(a, b);
	case PACKET_ICMP:
		return same_icmp(a, b);
	case PACKET_UDP:
		return same_data(a, b);
	case PACKET_ECHO:
		return same_echo(a, b);
	default:
		return true;
	}
}

bool packet_quoted(const struct packet *quoted, const struct packet *p)
{
	if (packet_piece(quoted, p))
		return true;
	if (quoted->kind != p->kind || !same_path(quoted, p) || quoted->seq != p->seq)
		return false;
	if (p->kind == PACKET_UDP)
		return same_data(quoted, p);
	if (p->kind == PACKET_ECHO)
		return same_echo(quoted, p);
	/* A quotation of eight bytes ends before the flags. */
	if (quoted->flags && (quoted->flags != p->flags || quoted->ack != p->ack))
		return false;
	return quoted->options.ts_value == p->options.ts_value || !quoted->options.has_ts;
}
