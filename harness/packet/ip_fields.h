/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of an IP header that a packet line can compare and a forge line can set: the ECN bits,
 * the whole traffic class that they are part of, the time to live, IPv6's flow label.
 *
 * One row for each. Parser, printer, checker, judge, forge and bless go through the rows, and none
 * of them knows a field by name.
 */
#ifndef IP_FIELDS_H
#define IP_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

enum ip_field { HEADER_ECN, HEADER_TOS, HEADER_TTL, HEADER_FLOW_LABEL, IP_FIELDS };

struct ip_field_row {
	const char *name;	  /* in a failure; and in a script, before the number */
	const char *const *words; /* instead of name and number, by number; NULL: it has none */
	uint32_t most;
	bool only_ipv6;
};
extern const struct ip_field_row ip_field_rows[IP_FIELDS];

/* `ect0`: ends with NULL, in the order of their numbers (RFC 3168 5). */
#define ECN_WORDS 4
extern const char *const ecn_words[ECN_WORDS + 1];

#define ECN_BITS 3 /* of the traffic class */

struct packet;
uint32_t ip_field_get(const struct packet *p, enum ip_field field);
void ip_field_set(struct packet *p, enum ip_field field, uint32_t value);

#endif
