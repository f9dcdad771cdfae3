/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of ICMP messages, read in both directions: by the decoder from numbers to words, by the
 * faults from words to numbers.
 */
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <string.h>

#include "harness/packet/icmp.h"

/* RFC 792, RFC 1812 5.2.7.1; RFC 4443. */
const struct icmp_row icmp_table[] = {
    {"net-unreachable", 3, 0, 1, 0, false, false, false},   /* no route to destination */
    {"host-unreachable", 3, 1, 1, 3, false, false, false},  /* address unreachable */
    {"proto-unreachable", 3, 2, 4, 1, false, false, false}, /* unrecognized next header */
    {"port-unreachable", 3, 3, 1, 4, false, false, false},
    {"frag-needed", 3, 4, 2, 0, false, false, false}, /* packet too big */
    {"net-prohibited", 3, 9, -1, -1, false, false, false},
    {"host-prohibited", 3, 10, -1, -1, false, false, false},
    {"admin-prohibited", 3, 13, 1, 1, false, false, false},
    {"ttl-exceeded", 11, 0, 3, 0, false, false, false},
    {"reassembly-timeout", 11, 1, 3, 1, false, false, false},
    {ICMP_ECHO_REQUEST, 8, 0, 128, 0, true, false, false},
    {ICMP_ECHO_REPLY, 0, 0, 129, 0, true, true, false},
    {NULL, 0, 0, 0, 0, false, false, false},
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

bool icmp_is_error(int family, int type)
{
	static const bool v4_errors[] = {
	    [ICMP_DEST_UNREACH] = true,	 [ICMP_SOURCE_QUENCH] = true, [ICMP_REDIRECT] = true,
	    [ICMP_TIME_EXCEEDED] = true, [ICMP_PARAMETERPROB] = true,
	};

	if (family == 6)
		return !(type & ICMP6_INFOMSG_MASK);
	return (size_t)type < sizeof(v4_errors) && v4_errors[type];
}

bool icmp_has_mtu(int family, int type, int code)
{
	if (family == 6)
		return type == ICMP6_PACKET_TOO_BIG;
	return type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED;
}

int icmp_type(const struct icmp_row *row, int family)
{
	return family == 4 ? row->v4_type : row->v6_type;
}

int icmp_code(const struct icmp_row *row, int family)
{
	return family == 4 ? row->v4_code : row->v6_code;
}
