/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a struct packet to bytes: the inverse of decode.c, for forged segments.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include "harness/packet/packet.h"

#define OPTIONS_MAX 40	  /* bytes of TCP options: the limit of the header's four bits of length */
#define PACKET_MAX  65535 /* bytes, with all headers: the limit of IPv4's length field */

/* How many bytes the options take in a header, including the padding to words. */
size_t options_size(const struct tcp_options *o);

/*
 * A TCP segment, or an ICMP error that quotes the headers of one, from the IP header on, with right
 * checksums, in an arena; *size is its size. NULL: the options or the whole are too large. IPv4's
 * identification is 0, with "don't fragment", as in Linux's packets without a socket.
 */
unsigned char *packet_encode(struct arena *a, const struct packet *p, size_t *size);

#endif
