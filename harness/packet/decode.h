/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the decoder: a slice of a packet, and one function for each protocol.
 */
#ifndef DECODE_H
#define DECODE_H

#include "harness/packet/packet.h"

/*
 * A part of a packet: `length` bytes by its headers, of which the first `captured` are available.
 */
struct slice {
	const unsigned char *bytes;
	size_t captured, length;
};

static inline uint16_t read16(const unsigned char *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t read32(const unsigned char *b)
{
	return (uint32_t)read16(b) << 16 | read16(b + 2);
}

/* The slice without its first `n` bytes. */
struct slice slice_after(struct slice s, size_t n);

/* RFC 1071's sum over `length` bytes added to `sum`, not yet folded; 16 bits of ones if it is
 * correct. */
uint32_t checksum_add(uint32_t sum, const unsigned char *bytes, size_t length);
bool checksum_good(uint32_t sum);
/* The pseudo-header of p's addresses, for a payload of `length` bytes. */
uint32_t checksum_pseudo(const struct packet *p, uint8_t protocol, size_t length);

/*
 * Each fills `p`, whose addresses are set, from the bytes after the IP header; false: malformed, or
 * unknown, and only the addresses of `p` are valid. `quoted`: it is in an ICMP error, which may cut
 * it off after eight bytes.
 */
bool decode_tcp(struct arena *a, struct packet *p, struct slice s, bool quoted);
bool decode_icmp(struct arena *a, struct packet *p, struct slice s, bool quoted);
bool decode_arp(struct packet *p, struct slice s);

/* The data of `p`, when all of them were captured. */
void decode_data(struct arena *a, struct packet *p, struct slice data);

/* From the IP header on; a packet of no other kind is PACKET_OTHER. */
void decode_ip(struct arena *a, struct packet *p, struct slice s, bool quoted);

#endif
