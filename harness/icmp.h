/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ICMP errors that the language knows by name, and what they are on the wire in each family.
 *
 * The names are those of ip(8) and nft(8). Where ICMPv6 says the same thing in other words its
 * counterpart stands in the row; where it says nothing like it, type and code are -1. Two names may
 * have one number there; what comes off the wire is then called by the first.
 */
#ifndef ICMP_H
#define ICMP_H

#include <stddef.h>

struct icmp_row {
	const char *word;
	int v4_type, v4_code;
	int v6_type, v6_code; /* -1: ICMPv6 has no such error */
};

extern const struct icmp_row icmp_table[]; /* ends with word NULL */

const struct icmp_row *icmp_find(const char *word);    /* NULL: no such error */
const char *icmp_word(int family, int type, int code); /* family 4 or 6; NULL: no name for it */

#endif
