/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ICMP messages that have a name in the language, and their numbers on the wire in each family:
 * errors, which quote a packet, and echo (ping).
 *
 * The names are those of ip(8) and nft(8). If ICMPv6 has a corresponding message, it is in the same
 * row; if not, type and code are -1. Two names may have the same number there; a message from the
 * wire then gets the first name.
 */
#ifndef ICMP_H
#define ICMP_H

#include <stdbool.h>
#include <stddef.h>

struct icmp_row {
	const char *word;
	int v4_type, v4_code;
	int v6_type, v6_code; /* -1: ICMPv6 has no such error */
	bool is_echo;	      /* a request or a reply, with data of its own; else an error */
	bool is_reply;
	bool is_numbered; /* written by its numbers, the same in both families; code -1: any */
};

#define ICMP_ECHO_REQUEST "echo-request"
#define ICMP_ECHO_REPLY	  "echo-reply"

extern const struct icmp_row icmp_table[]; /* ends with word NULL */

const struct icmp_row *icmp_find(const char *word); /* NULL: no such message */
/* Family 4 or 6; NULL: there is no name for it. */
const struct icmp_row *icmp_of(int family, int type, int code);

/* Whether it is an error, and quotes a packet (RFC 1122 3.2.2; RFC 4443 2.1). */
bool icmp_is_error(int family, int type);
bool icmp_has_mtu(int family, int type, int code); /* packet too big */
/* A message's numbers. */
int icmp_type(const struct icmp_row *row, int family);
int icmp_code(const struct icmp_row *row, int family);

#endif
