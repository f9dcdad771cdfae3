/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One segment against one packet line. What the line does not write is not compared; flags are
 * compared exactly, options are a subset unless negated (docs/language.md, "Packets").
 */
#include "harness/judge/trial.h"

#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"

struct segment_pattern pattern_of_each(const struct segment_pattern *data)
{
	struct segment_pattern p = *data;

	p.seq = p.end = p.length = NULL;
	return p;
}

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
	return o->has_tfo && (!p->asks || !o->tfo_length);
}

static bool md5_matches(struct trial *t, const struct option_pattern *p, const struct segment *s)
{
	(void)t, (void)p;
	return s->packet->options.has_md5;
}

static bool (*const option_table[OPTION_KINDS])(struct trial *, const struct option_pattern *,
						const struct segment *) = {
    [OPTION_MSS] = mss_matches,		[OPTION_WSCALE] = wscale_matches,
    [OPTION_SACK_OK] = sack_ok_matches, [OPTION_TS] = ts_matches,
    [OPTION_SACK] = sack_matches,	[OPTION_TFO] = tfo_matches,
    [OPTION_MD5] = md5_matches,
};

bool option_matches(struct trial *t, const struct option_pattern *o, const struct segment *s)
{
	return option_table[o->kind](t, o, s) != o->absent;
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

/* ---- fields ---- */

static bool flags_match(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	(void)t;
	return p->kind != SEGMENT_TCP || s->packet->flags == p->flags;
}

static bool sequence_matches(struct trial *t, const struct segment_pattern *p,
			     const struct segment *s)
{
	return numbers_match(t, p->seq, p->end, p->length, s->seq, s->packet->length);
}

static bool ack_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	return !p->ack || ((s->packet->flags & FLAG_ACK) && value_matches(t, p->ack, s->ack));
}

static bool window_matches(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s)
{
	return value_matches(t, p->window, s->window);
}

static bool urgent_matches(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s)
{
	return !p->urgent ||
	       ((s->packet->flags & FLAG_URG) && value_matches(t, p->urgent, s->urgent));
}

static bool word_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	(void)t;
	return packet_is_message(s->packet, p->icmp);
}

static bool is_error(const struct segment *s)
{
	return s->packet->kind == PACKET_ICMP;
}

/* Of a datagram, or an echo; an error has none of its own. */
static bool length_matches(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s)
{
	return is_error(s) || value_matches(t, p->length, s->packet->length);
}

static bool data_match(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	(void)t;
	return is_error(s) || payload_matches(p, s->packet);
}

static bool mtu_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	return !is_error(s) || value_matches(t, p->mtu, s->packet->icmp_mtu);
}

static bool quoted_matches(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s)
{
	const struct packet *quoted = s->packet->quoted;

	if (!p->has_inner || !is_error(s))
		return true;
	if (!quoted)
		return false;
	if (p->inner_kind == SEGMENT_TCP)
		return quoted->kind == PACKET_TCP && quoted->flags == p->inner_flags &&
		       numbers_match(t, p->inner_seq, p->inner_end, p->inner_length, s->seq,
				     quoted->length);
	if (p->inner_kind == SEGMENT_UDP
		? quoted->kind != PACKET_UDP
		: quoted->kind != PACKET_ECHO || quoted->icmp != p->inner_icmp)
		return false;
	return value_matches(t, p->inner_length, quoted->length);
}

static bool ip_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	for (int i = 0; i < IP_FIELDS; i++)
		if (!value_matches(t, p->ip[i], ip_field_get(s->packet, (enum ip_field)i)))
			return false;
	return true;
}

static bool to_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	if (!p->has_to)
		return true;
	if (p->to.row && p->to.row != row_of_ip(&s->packet->target))
		return false;
	return value_matches(t, p->to.port, s->packet->target_port);
}

#define OF(kind) (1u << (kind))
#define OF_TCP	 (OF(SEGMENT_TCP) | OF(SEGMENT_DATA))

/*
 * Name, patterns of which kinds have it, comparison; in the order in which they are compared, which
 * is that in which $names are bound.
 */
#define FIELDS(FIELD)                                                                              \
	FIELD("flags", OF(SEGMENT_TCP), flags_match)                                               \
	FIELD("numbers", OF_TCP, sequence_matches)                                                 \
	FIELD("ack", OF_TCP, ack_matches)                                                          \
	FIELD("window", OF_TCP, window_matches)                                                    \
	FIELD("urgent pointer", OF_TCP, urgent_matches)                                            \
	FIELD("options", OF_TCP, options_match)                                                    \
	FIELD("message", OF(SEGMENT_ICMP), word_matches)                                           \
	FIELD("length", OF(SEGMENT_UDP) | OF(SEGMENT_ICMP), length_matches)                        \
	FIELD("MTU", OF(SEGMENT_ICMP), mtu_matches)                                                \
	FIELD("quoted packet", OF(SEGMENT_ICMP), quoted_matches)                                   \
	FIELD("data", OF_TCP | OF(SEGMENT_UDP) | OF(SEGMENT_ICMP), data_match)                     \
	FIELD("IP header", OF_TCP | OF(SEGMENT_UDP) | OF(SEGMENT_ICMP), ip_matches)                \
	FIELD("target", OF_TCP | OF(SEGMENT_UDP) | OF(SEGMENT_ICMP) | OF(SEGMENT_ARP), to_matches)

static const struct field {
	const char *name;
	unsigned kinds;
	bool (*matches)(struct trial *, const struct segment_pattern *, const struct segment *);
} field_table[] = {
#define ROW(name, kinds, matches) {name, kinds, matches},
    FIELDS(ROW)
#undef ROW
};

static bool kind_matches(const struct segment_pattern *p, const struct segment *s)
{
	static const unsigned kinds[] = {
	    [PACKET_TCP] = OF_TCP,
	    [PACKET_ICMP] = OF(SEGMENT_ICMP),
	    [PACKET_ECHO] = OF(SEGMENT_ICMP),
	    [PACKET_ARP] = OF(SEGMENT_ARP),
	    [PACKET_UDP] = OF(SEGMENT_UDP),
	    [PACKET_OTHER] = 0,
	};

	return kinds[s->packet->kind] & OF(p->kind);
}

bool segment_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s)
{
	size_t bound = t->out->variable_count;
	/* This is asked for every segment, so it does not go through the table. */
#define AND(name, kinds, matches) &&(!((kinds)&OF(p->kind)) || matches(t, p, s))
	bool matches = kind_matches(p, s) FIELDS(AND);
#undef AND

	t->out->steps++;
	if (!matches)
		t->out->variable_count = bound; /* what was bound in vain is free again */
	return matches;
}

/* ---- what differs ---- */

void differences_note(struct differences *d, const char *name)
{
	if (d->count < MAX_DIFFERENCES)
		d->names[d->count] = name;
	d->count++;
}

static void note_options(struct trial *t, const struct segment_pattern *p, const struct segment *s,
			 struct differences *d)
{
	for (size_t i = 0; i < p->option_count; i++)
		if (!option_matches(t, &p->options[i], s))
			differences_note(d, option_names[p->options[i].kind]);
}

/* With what was seen: a segment's text does not show all of them. */
static void note_ip_fields(struct trial *t, const struct segment_pattern *p,
			   const struct segment *s, struct differences *d)
{
	for (int i = 0; i < IP_FIELDS; i++) {
		const struct ip_field_row *row = &ip_field_rows[i];
		uint32_t seen = ip_field_get(s->packet, (enum ip_field)i);

		if (value_matches(t, p->ip[i], seen))
			continue;
		if (row->words)
			differences_note(
			    d, arena_printf(t->arena, "%s (%s)", row->name, row->words[seen]));
		else
			differences_note(
			    d, arena_printf(t->arena, "%s (%" PRIu32 ")", row->name, seen));
	}
}

bool segment_differences(struct trial *t, const struct segment_pattern *p, const struct segment *s,
			 struct differences *d)
{
	size_t bound = t->out->variable_count, wanting = t->wanting;

	*d = (struct differences){0};
	for (size_t i = 0; i < ARRAY_SIZE(field_table) && kind_matches(p, s); i++) {
		const struct field *f = &field_table[i];

		if (!(f->kinds & OF(p->kind)) || f->matches(t, p, s))
			continue;
		if (f->matches == options_match)
			note_options(t, p, s, d);
		else if (f->matches == ip_matches)
			note_ip_fields(t, p, s, d);
		else if (f->matches == sequence_matches && !p->seq)
			differences_note(d, "length");
		else
			differences_note(d, f->name);
	}
	t->out->variable_count = bound; /* nothing has been met */
	t->wanting = wanting;
	return kind_matches(p, s);
}

/* Whether the word is a plural ("flags differ"). */
static bool is_plural(const char *name)
{
	static const char *const plurals[] = {"flags", "numbers", "data"};

	for (size_t i = 0; i < ARRAY_SIZE(plurals); i++)
		if (!strcmp(name, plurals[i]))
			return true;
	return false;
}

const char *differences_text(struct arena *a, const struct differences *d)
{
	size_t count = d->count < MAX_DIFFERENCES ? d->count : MAX_DIFFERENCES;
	const char *text = count ? d->names[0] : "";

	for (size_t i = 1; i < count; i++)
		text = arena_printf(a, "%s%s%s", text, i + 1 < count ? ", " : " and ", d->names[i]);
	return arena_printf(a, "%s %s", text,
			    count == 1 && !is_plural(d->names[0]) ? "differs" : "differ");
}

/* ---- fates ---- */

enum fate_match fate_matches(const struct segment_pattern *p, const struct segment *s)
{
	enum host at = p->fate_host;
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
