/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One segment against one packet line. What the line does not write is not compared; flags are
 * compared exactly, options are a subset unless negated (docs/language.md, "Packets").
 */
#include "harness/judge/trial.h"

#include <string.h>

static bool mss_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	return s->packet->options.has_mss &&
	       (!p->value_count || value_matches(t, p->values[0], s->packet->options.mss));
}

static bool wscale_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	return s->packet->options.has_wscale &&
	       (!p->value_count || value_matches(t, p->values[0], s->packet->options.wscale));
}

static bool sack_ok_matches(struct trial *t, const struct option_pattern *p,
			    const struct segment *s)
{
	(void)t, (void)p;
	return s->packet->options.sack_ok;
}

static bool ts_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	return s->packet->options.has_ts &&
	       (p->value_count < 1 || value_matches(t, p->values[0], s->ts_value)) &&
	       (p->value_count < 2 || value_matches(t, p->values[1], s->ts_echo));
}

static bool sack_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	if (!s->packet->options.sack_count)
		return false;
	if (p->value_count && p->value_count != 2u * s->packet->options.sack_count)
		return false;
	for (size_t i = 0; i < p->value_count; i++)
		if (!value_matches(t, p->values[i], s->sack[i / 2][i % 2]))
			return false;
	return true;
}

static bool tfo_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	const struct tcp_options *o = &s->packet->options;

	(void)t;
	return o->has_tfo && (!p->word || strcmp(p->word, "cookiereq") || !o->tfo_length);
}

static bool md5_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	(void)t, (void)p;
	return s->packet->options.has_md5;
}

static const struct {
	const char *name;
	bool (*matches)(struct trial *, const struct option_pattern *, const struct segment *);
} option_table[] = {
    {"mss", mss_matches}, {"wscale", wscale_matches}, {"sackOK", sack_ok_matches},
    {"TS", ts_matches},	  {"sack", sack_matches},     {"tfo", tfo_matches},
    {"md5", md5_matches},
};

bool option_matches(struct trial *t, const struct option_pattern *o, const struct segment *s)
{
	for (size_t k = 0; k < sizeof(option_table) / sizeof(*option_table); k++)
		if (!strcmp(o->name, option_table[k].name) &&
		    option_table[k].matches(t, o, s) == o->absent)
			return false;
	return true;
}

static bool options_match(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	for (size_t i = 0; i < p->option_count; i++)
		if (!option_matches(t, &p->options[i], s))
			return false;
	return true;
}

bool payload_matches(const struct segment_pattern *p, const struct packet *packet)
{
	return !p->has_payload || (packet->data && packet->length == p->payload_length &&
				   !memcmp(packet->data, p->payload, p->payload_length));
}

static bool numbers_match(struct trial *t, const struct value *seq, const struct value *end,
			  const struct value *length, int64_t seen_seq, int64_t seen_length)
{
	return value_matches(t, seq, seen_seq) && value_matches(t, end, seen_seq + seen_length) &&
	       value_matches(t, length, seen_length);
}

static bool to_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	const char *name;

	if (!p->has_to)
		return true;
	name = ip_name(&s->packet->target);
	if (p->to.host && (!name || strcmp(p->to.host, name)))
		return false;
	return value_matches(t, p->to.port, s->packet->target_port);
}

static bool tcp_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	const struct packet *packet = s->packet;

	if (p->kind == SEGMENT_TCP && packet->flags != p->flags)
		return false;
	return numbers_match(t, p->seq, p->end, p->length, s->seq, packet->length) &&
	       (!p->ack || ((packet->flags & FLAG_ACK) && value_matches(t, p->ack, s->ack))) &&
	       value_matches(t, p->window, s->window) &&
	       (!p->urgent ||
		((packet->flags & FLAG_URG) && value_matches(t, p->urgent, s->urgent))) &&
	       options_match(t, p, s) && payload_matches(p, packet);
}

static bool datagram_matches(struct trial *t, const struct segment_pattern *p,
			     const struct packet *packet)
{
	return value_matches(t, p->length, packet->length) && payload_matches(p, packet);
}

static bool quoted_matches(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s)
{
	const struct packet *quoted = s->packet->quoted;

	if (!quoted)
		return false;
	if (p->inner_kind == SEGMENT_TCP)
		return quoted->kind == PACKET_TCP && quoted->flags == p->inner_flags &&
		       numbers_match(t, p->inner_seq, p->inner_end, p->inner_length, s->seq,
				     quoted->length);
	if (p->inner_kind == SEGMENT_UDP
		? quoted->kind != PACKET_UDP
		: quoted->kind != PACKET_ECHO || strcmp(quoted->icmp_word, p->inner_word) != 0)
		return false;
	return value_matches(t, p->inner_length, quoted->length);
}

static bool icmp_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	const struct packet *packet = s->packet;

	if (strcmp(packet->icmp_word, p->word))
		return false;
	if (packet->kind == PACKET_ECHO)
		return datagram_matches(t, p, packet);
	return value_matches(t, p->mtu, packet->icmp_mtu) &&
	       (!p->has_inner || quoted_matches(t, p, s));
}

bool segment_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	size_t bound = t->out->variable_count;
	bool matches = false;

	switch (p->kind) {
	case SEGMENT_TCP:
	case SEGMENT_DATA:
		matches = s->packet->kind == PACKET_TCP && tcp_matches(t, p, s);
		break;
	case SEGMENT_ICMP:
		matches = (s->packet->kind == PACKET_ICMP || s->packet->kind == PACKET_ECHO) &&
			  icmp_matches(t, p, s);
		break;
	case SEGMENT_ARP:
		matches = s->packet->kind == PACKET_ARP;
		break;
	case SEGMENT_UDP:
		matches = s->packet->kind == PACKET_UDP && datagram_matches(t, p, s->packet);
		break;
	}
	matches = matches && to_matches(t, p, s);
	if (!matches)
		t->out->variable_count = bound; /* what was bound in vain is free again */
	return matches;
}

enum fate_match fate_matches(const struct segment_pattern *p, const struct segment *s)
{
	enum host at = p->fate_at ? host_find(p->fate_at) : HOST_NONE;

	bool ended = p->fate == FATE_LOST || p->fate == FATE_REJECTED; /* somewhere */

	if (!s->decided)
		return FATE_OPEN;
	if (segment_fate(s) == p->fate &&
	    (!ended || s->lost_at == at || (at == HOST_NONE && s->lost_at == HOST_ROUTER)))
		return FATE_YES;
	/* It has left, and the fault that doubles it may still report it. */
	if (s->fate == FATE_ARRIVED && !s->held && p->fate == FATE_TWICE)
		return FATE_OPEN;
	/* It has left the router, and the end's own firewall may still report it. */
	if (s->fate == FATE_ARRIVED && at == s->to)
		return FATE_OPEN;
	return FATE_NO;
}
