/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet, from its bytes to numbers: its contents, without their meaning in a run.
 */
#ifndef PACKET_H
#define PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/packet/hosts.h"

/* A set of TCP flags: the header's own bits (RFC 9293 3.1). */
enum {
	FLAG_FIN = 0x01,
	FLAG_SYN = 0x02,
	FLAG_RST = 0x04,
	FLAG_PSH = 0x08,
	FLAG_ACK = 0x10,
	FLAG_URG = 0x20,
	FLAG_ECE = 0x40,
	FLAG_CWR = 0x80,
	FLAG_AE = 0x100, /* accurate ECN (RFC 9768 2.2), in the byte before the others */
};

#define FLAG_LETTERS "FSRP.UEWe" /* of these, as scripts write them */

enum packet_kind {
	PACKET_TCP,
	PACKET_ICMP, /* an error, ICMPv6 too */
	PACKET_ARP,  /* a neighbour request, neighbour solicitation too */
	PACKET_OTHER,
	PACKET_UDP,
	PACKET_ECHO, /* an ICMP echo request or reply, ICMPv6 too */
};

#define MAX_SACK_BLOCKS 4

/* TCP options as in a header (RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413). */
struct tcp_options {
	bool has_mss, has_wscale, sack_ok, has_ts, has_tfo, has_md5;
	uint16_t mss;
	uint8_t wscale;
	uint32_t ts_value, ts_echo;
	uint8_t tfo_length; /* of the cookie; 0: a request for one */
	uint8_t sack_count;
	uint32_t sack[MAX_SACK_BLOCKS][2]; /* raw sequence numbers */
};

/* A piece of a datagram that is larger than the MTU: the payload of its IP header. */
struct fragment {
	uint32_t id;
	uint8_t protocol;
	bool more; /* pieces behind this one */
	size_t offset, length;
	const unsigned char *bytes; /* NULL when cut off by the snapshot length */
};

/*
 * One packet as decoded from its bytes, every number as on the wire. Pure: decode.c, without state.
 */
struct packet {
	enum packet_kind kind;
	struct ip source, target; /* of ARP and ND: who asks; whom for */
	uint16_t source_port, target_port;
	uint16_t echo_id, echo_seq;
	uint8_t ttl, tos;    /* tos: the whole traffic class, with the ECN bits */
	uint32_t flow_label; /* IPv6 */
	uint16_t ip_id;	     /* IPv4 */
	uint16_t flags;
	uint32_t seq, ack;
	uint16_t window, urgent;
	struct tcp_options options;
	uint32_t length;	    /* of the data of TCP, UDP or an echo */
	const unsigned char *data;  /* NULL when cut off by the snapshot length */
	const unsigned char *bytes; /* decoded from these; NULL: it came in pieces */
	size_t size;
	bool bad_checksum;
	const struct fragment *fragment; /* it is a piece, and its kind OTHER; NULL: it is whole */
	bool in_pieces;			 /* it came in pieces of this id, and is whole now */
	bool partial; /* it is known from its first piece alone, and its data are not */
	uint32_t fragment_id;

	/*
	 * ICMP, ICMPv6 too: the name in the language (host-unreachable, frag-needed ..), or
	 * "type/code" if it has none. OTHER: of a message that is neither an error nor an echo.
	 */
	const char *icmp_word;
	const struct icmp_row *icmp; /* of that word; NULL: it has none */
	uint8_t icmp_type, icmp_code;
	uint32_t icmp_mtu;
	struct packet *quoted; /* the header the error quotes, or NULL */
};

/*
 * Decode from the IP header (or ARP's payload: `ethertype` says what it is). `data` and `quoted`
 * live in the arena. Never reads beyond `captured` bytes; a packet that is malformed, or of none of
 * the other kinds, becomes PACKET_OTHER.
 */
struct packet *packet_decode(struct arena *a, uint16_t ethertype, const unsigned char *bytes,
			     size_t captured);

/*
 * A datagram of which `piece` is one, from the bytes of all of its pieces. Partial: from its first
 * piece alone, which tells protocol, ports, and UDP's length. Never NULL.
 */
struct packet *packet_whole(struct arena *a, const struct packet *piece, const unsigned char *bytes,
			    size_t length);
struct packet *packet_partial(struct arena *a, const struct packet *first);

/* The segment's number space: data plus one each for SYN and FIN. */
uint32_t packet_space(const struct packet *p);

/* Whether two observations (before and behind the router, capture and fault log) may be of one
 * packet. */
bool packet_same(const struct packet *a, const struct packet *b);
/* Whether an ICMP error that quotes `quoted` may be about `p`. */
bool packet_quoted(const struct packet *quoted, const struct packet *p);

/* Whether it is this ICMP message, whatever it is about. */
bool packet_is_message(const struct packet *p, const struct icmp_row *row);

/* Whether `piece` is one of the pieces of `whole`. */
bool packet_piece(const struct packet *piece, const struct packet *whole);

#endif
