/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the fields of an IP header that a script can name (RFC 791, RFC 2474, RFC 3168, RFC
 * 6437), and where a struct packet has them.
 */
#include "harness/packet/ip_fields.h"

#include "harness/packet/packet.h"

const char *const ecn_words[] = {"noecn", "ect1", "ect0", "ce", NULL};

const struct ip_field_row ip_field_rows[IP_FIELDS] = {
    [HEADER_ECN] = {"ECN", ecn_words, ECN_BITS, false},
    [HEADER_TOS] = {"tos", NULL, UINT8_MAX, false},
    [HEADER_TTL] = {"ttl", NULL, UINT8_MAX, false},
    [HEADER_FLOW_LABEL] = {"flowlabel", NULL, 0xfffff, true},
};

uint32_t ip_field_get(const struct packet *p, enum ip_field field)
{
	const uint32_t values[IP_FIELDS] = {
	    [HEADER_ECN] = p->tos & ECN_BITS,
	    [HEADER_TOS] = p->tos,
	    [HEADER_TTL] = p->ttl,
	    [HEADER_FLOW_LABEL] = p->flow_label,
	};

	return values[field];
}

void ip_field_set(struct packet *p, enum ip_field field, uint32_t value)
{
	switch (field) {
	case HEADER_ECN:
		p->tos = (uint8_t)((p->tos & ~ECN_BITS) | (value & ECN_BITS));
		break;
	case HEADER_TOS:
		p->tos = (uint8_t)value;
		break;
	case HEADER_TTL:
		p->ttl = (uint8_t)value;
		break;
	case HEADER_FLOW_LABEL:
		p->flow_label = value;
		break;
	case IP_FIELDS:
		break;
	}
}
