/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments: that each can be made as it is written, and which connection it belongs to.
 *
 * What a packet line leaves open is not compared; what a forge line leaves open is filled in. So
 * here every number must be known, and nothing may be written that a segment cannot carry: an
 * option twice, or a negated one, an acknowledgement number without ACK, a fate at a place that it
 * does not pass. Of ICMP only errors are forged, and only about a TCP segment of a known
 * connection.
 */
#include <string.h>

#include "harness/packet/encode.h"
#include "harness/packet/icmp.h"
#include "harness/script/check.h"

#define LONGEST_DATA 65000 /* bytes; the link takes less, and checks that itself */

/* ---- numbers ---- */

/* A number, or a sum, that is known when the segment is made. */
static void check_exact(struct checker *k, const struct value *v)
{
	if (!v)
		return;
	if (v->kind == VALUE_ANY || v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST)
		diagnose(k->diagnostics, v->place,
			 "a forged segment needs a number here; left out, it is filled in");
	else
		value_need(k, v);
}

static bool is_number(const struct value *v)
{
	return v && v->kind == VALUE_INT;
}

static void check_length(struct checker *k, const struct segment_pattern *s)
{
	check_limit(k, s->length, 0, LONGEST_DATA, "a forged segment's length");
	if (is_number(s->length) && s->has_payload &&
	    s->length->number != (int64_t)s->payload_length)
		diagnose(k->diagnostics, s->length->place, "the data are %zu bytes long",
			 s->payload_length);
}

/* A field that has a meaning only with a flag. */
static void check_flagged(struct checker *k, const struct segment_pattern *s,
			  const struct value *field, uint8_t flag, const char *what)
{
	if (field && !(s->flags & flag))
		diagnose(k->diagnostics, field->place, "%s", what);
}

static void check_fields(struct checker *k, const struct segment_pattern *s)
{
	check_values(k, s, check_exact);
	check_flagged(k, s, s->ack, FLAG_ACK,
		      "without the flag '.' an acknowledgement number means nothing");
	check_flagged(k, s, s->urgent, FLAG_URG,
		      "without the flag 'U' an urgent pointer means nothing");
}

void check_forge_numbers(struct checker *k, const struct segment_pattern *s)
{
	check_numbers(k, s);
	check_length(k, s);
}

/* ---- options ---- */

static bool needs_value(const struct option_pattern *o)
{
	return !o->value_count &&
	       (o->kind == OPTION_MSS || o->kind == OPTION_WSCALE || o->kind == OPTION_SACK);
}

static void check_option(struct checker *k, const struct segment_pattern *s, size_t i)
{
	const struct option_pattern *o = &s->options[i];
	const char *name = option_names[o->kind];

	if (o->absent)
		diagnose(k->diagnostics, o->place,
			 "a forged segment has the options that are written; leave it out");
	else if (needs_value(o))
		diagnose(k->diagnostics, o->place, "a forged segment needs a number behind '%s'",
			 name);
	else if (o->kind == OPTION_MD5 || (o->kind == OPTION_TFO && !o->asks))
		diagnose(k->diagnostics, o->place,
			 "'%s' cannot be forged: nobody can know its value%s", name,
			 o->kind == OPTION_TFO ? "; 'tfo cookiereq' can" : "");
}

static void check_options(struct checker *k, const struct segment_pattern *s)
{
	struct tcp_options size = {0};

	for (size_t i = 0; i < s->option_count; i++) {
		enum option_kind kind = s->options[i].kind;

		check_option(k, s, i);
		size.has_mss |= kind == OPTION_MSS;
		size.has_wscale |= kind == OPTION_WSCALE;
		size.sack_ok |= kind == OPTION_SACK_OK;
		size.has_ts |= kind == OPTION_TS;
		size.has_tfo |= kind == OPTION_TFO;
		if (kind == OPTION_SACK)
			size.sack_count = (uint8_t)(s->options[i].value_count / 2);
	}
	if (options_size(&size) > OPTIONS_MAX)
		diagnose(k->diagnostics, s->options[0].place,
			 "these options take %zu bytes, and a header has room for %d",
			 options_size(&size), OPTIONS_MAX);
}

/* ---- from whom, to whom, and what becomes of it ---- */

static void check_fate(struct checker *k, const struct line *line)
{
	const struct segment_pattern *s = &line->segment;

	if ((s->fate == FATE_LOST || s->fate == FATE_REJECTED) &&
	    (!s->fate_at || !strcmp(s->fate_at, line->forged.host) || s->fate_host == HOST_ROUTER))
		diagnose(k->diagnostics, s->fate_place,
			 "a forged segment begins behind the router; it can only be lost or "
			 "rejected at the "
			 "host that it reaches");
}

/* Where the first segment of a connection goes. */
static enum host check_target(struct checker *k, const struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	enum host to = s->to.row ? s->to.row->host : HOST_NONE;

	if (!s->to.host || !s->to.port)
		diagnose(k->diagnostics, s->place,
			 "this segment begins the connection '%s': it must say where it goes "
			 "(to server:8080)",
			 line->forged.connection);
	else if (to != HOST_NONE && to != HOST_CLIENT && to != HOST_SERVER)
		diagnose(k->diagnostics, s->to.place,
			 "a forged segment goes to client or server, which have a TCP");
	else if (to != HOST_NONE && to == address_host(line->forged.host))
		diagnose(k->diagnostics, s->to.place, "a forged segment goes to another host");
	return to;
}

static bool may_name(const char *tag)
{
	return !address_exists(tag) && tag[0] >= 'a' && tag[0] <= 'z';
}

/* A new tag names the connection that this segment begins. */
static void begin_connection(struct checker *k, struct line *line)
{
	const char *tag = line->forged.connection;
	struct name *n;

	if (!may_name(tag))
		diagnose(k->diagnostics, line->forged.place,
			 "'%s' cannot be the name of a connection: such names begin with a small "
			 "letter, "
			 "and are no host's",
			 tag);
	line->begins = true;
	n = name_add(k, tag, line->forged.place, NAME_TAG, address_host(line->forged.host));
	n->is_connection = true;
	n->peer = check_target(k, line);
}

static void check_end(struct checker *k, const struct line *line)
{
	const struct name *n = line->connection ? name_find(k, line->connection) : NULL;
	enum host from = address_host(line->forged.host);

	if (n && n->kind == NAME_TAG && from != n->host && from != n->peer)
		diagnose(k->diagnostics, line->forged.place,
			 "'%s' is a connection between %s and %s", n->name, host_name(n->host),
			 host_name(n->peer));
	if (n && n->is_datagram)
		diagnose(k->diagnostics, line->forged.place,
			 "'%s' is of datagrams; only TCP segments can be forged by this version",
			 n->name);
	if (n && line->segment.has_to)
		diagnose(k->diagnostics, line->segment.to.place,
			 "where this segment goes is known: it belongs to '%s', which began above",
			 n->name);
}

/* In whose name it is sent; false: diagnosed. */
static bool check_sender(struct checker *k, const struct line *line)
{
	enum host from = check_address(k, line->forged.host, line->forged.place, false);

	if (line->forged.part)
		diagnose(k->diagnostics, line->forged.place,
			 "segments belong to a host, not to one process; expected %s",
			 line->forged.host);
	else if (from == HOST_ROUTER)
		diagnose(k->diagnostics, line->forged.place,
			 "the router makes no connections; expected client, server, nobody, "
			 "nowhere or ghost");
	return from != HOST_NONE && from != HOST_ROUTER;
}

static bool check_kind(struct checker *k, const struct line *line)
{
	static const char *const words[] = {[SEGMENT_ARP] = "arp", [SEGMENT_UDP] = "udp"};
	const struct segment_pattern *s = &line->segment;

	if (s->kind == SEGMENT_DATA)
		diagnose(k->diagnostics, s->place,
			 "`data` is any number of segments; a forged one has flags (P. (5))");
	else if (s->kind != SEGMENT_TCP)
		diagnose(k->diagnostics, s->place,
			 "'forge %s> %s' cannot be done by this version yet: only TCP segments and "
			 "ICMP errors can be forged so far",
			 line->forged.host, words[s->kind]);
	return s->kind == SEGMENT_TCP;
}

/* ---- ICMP errors ---- */

/* What it quotes: a segment that its target seems to have sent. */
static void check_quoted(struct checker *k, const struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	int family = k->run->facts.family;

	if (!s->has_inner || s->inner_kind != SEGMENT_TCP)
		diagnose(k->diagnostics, s->place,
			 "a forged ICMP error quotes a TCP segment of the host that it reaches "
			 "([P. 1:6(5)])");
	if (s->mtu && s->icmp &&
	    !icmp_has_mtu(family, icmp_type(s->icmp, family), icmp_code(s->icmp, family)))
		diagnose(k->diagnostics, s->mtu->place, "'%s' reports no mtu; frag-needed does",
			 s->word);
	check_limit(k, s->mtu, 0, family == 4 ? UINT16_MAX : UINT32_MAX, "an mtu");
}

static void check_reached(struct checker *k, const struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	const struct name *n = line->connection ? name_find(k, line->connection) : NULL;
	enum host to = s->to.row ? s->to.row->host : HOST_NONE;

	if (to != HOST_CLIENT && to != HOST_SERVER)
		diagnose(k->diagnostics, s->has_to ? s->to.place : s->place,
			 "a forged ICMP error must say whom it reaches: expected `to client` or "
			 "`to server`");
	else if (s->to.port)
		diagnose(k->diagnostics, s->to.port->place, "ICMP has no ports");
	else if (n && n->kind == NAME_TAG && to != n->host && to != n->peer)
		diagnose(k->diagnostics, s->to.place, "'%s' is a connection between %s and %s",
			 n->name, host_name(n->host), host_name(n->peer));
	if (n && n->is_datagram)
		diagnose(k->diagnostics, line->forged.place,
			 "'%s' is of datagrams; only errors about TCP segments can be forged by "
			 "this version",
			 n->name);
}

static void check_forged_error(struct checker *k, struct line *line)
{
	const struct segment_pattern *s = &line->segment;

	if (check_address(k, line->forged.host, line->forged.place, false) == HOST_NONE)
		return;
	check_segment(k, s);
	check_values(k, s, check_exact);
	check_numbers(k, s);
	check_length(k, s);
	check_limit(k, s->inner_length, 0, LONGEST_DATA, "a length");
	check_fate(k, line);
	if (s->icmp && s->icmp->is_echo)
		diagnose(k->diagnostics, s->word_place,
			 "of ICMP, only errors can be forged by this version");
	else
		check_quoted(k, line);
	line->connection = find_connection(k, &line->forged, true);
	check_reached(k, line);
	if (line->connection)
		current_set_one(k, line->connection);
}

void check_forge_line(struct checker *k, struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	const char *tag = line->forged.connection;

	if (line->actor.id != HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "packets are forged on the way; expected router");
	if (s->kind == SEGMENT_ICMP) {
		check_forged_error(k, line);
		return;
	}
	if (!check_kind(k, line) || !check_sender(k, line))
		return;
	check_segment(k, s);
	check_fields(k, s);
	check_forge_numbers(k, s);
	check_options(k, s);
	check_fate(k, line);
	if (tag && !name_find(k, tag))
		begin_connection(k, line);
	line->connection = find_connection(k, &line->forged, true);
	if (!line->begins)
		check_end(k, line);
	if (line->connection)
		current_set_one(k, line->connection);
}

void check_mute_line(struct checker *k, struct line *line)
{
	if (line->actor.id == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router makes no connections; expected client or server");
}
