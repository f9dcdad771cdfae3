/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of ICMP messages, read in both directions: by the decoder from numbers to words, by the
 * faults from words to numbers.
 */
#include <string.h>

#include "harness/packet/icmp.h"

/* RFC 792, RFC 1812 5.2.7.1; RFC 4443. */
const struct icmp_row icmp_table[] = {
    {"net-unreachable", 3, 0, 1, 0, false, false},   /* no route to destination */
    {"host-unreachable", 3, 1, 1, 3, false, false},  /* address unreachable */
    {"proto-unreachable", 3, 2, 4, 1, false, false}, /* unrecognized next header */
    {"port-unreachable", 3, 3, 1, 4, false, false},
    {"frag-needed", 3, 4, 2, 0, false, false}, /* packet too big */
    {"net-prohibited", 3, 9, -1, -1, false, false},
    {"host-prohibited", 3, 10, -1, -1, false, false},
    {"admin-prohibited", 3, 13, 1, 1, false, false},
    {"ttl-exceeded", 11, 0, 3, 0, false, false},
    {"reassembly-timeout", 11, 1, 3, 1, false, false},
    {ICMP_ECHO_REQUEST, 8, 0, 128, 0, true, false},
    {ICMP_ECHO_REPLY, 0, 0, 129, 0, true, true},
    {NULL, 0, 0, 0, 0, false, false},
};

const struct icmp_row *icmp_find(const char *word)
{
	for (const struct icmp_row *row = icmp_table; row->word; row++)
		if (strcmp(row->word, word) == 0)
			return row;
	return NULL;
}

const struct icmp_row *icmp_of(int family, int type, int code)
{
	for (const struct icmp_row *row = icmp_table; row->word; row++)
		if (family == 4 ? row->v4_type == type && row->v4_code == code
				: row->v6_type == type && row->v6_code == code)
			return row;
	return NULL;
}
