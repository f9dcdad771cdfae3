/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets: which connection a packet line is about, and that what it says has a meaning.
 *
 * An untagged line belongs to the connection of the nearest call, forged packet or tagged line
 * above whose descriptor is a connection. A call that names several (poll) leaves it open: then the
 * line must be tagged. A datagram belongs to a socket of one host, so a line about one looks for
 * the nearest call of that host.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/icmp.h"
#include "harness/script/check.h"

void current_set(struct checker *k, const char **names, size_t count)
{
	const struct name *n = count == 1 ? name_find(k, names[0]) : NULL;

	k->current = names;
	k->current_count = count;
	if (n && n->is_flow)
		k->flow[n->host] = n->name;
}

void current_set_one(struct checker *k, const char *name)
{
	const char **names = arena_new(k->arena, const char *);

	names[0] = name;
	current_set(k, names, 1);
}

void check_values(struct checker *k, const struct segment_pattern *s,
		  void (*check)(struct checker *, const struct value *))
{
	const struct value *values[] = {s->seq,	      s->end,	      s->length, s->ack,
					s->window,    s->urgent,      s->mtu,	 s->inner_seq,
					s->inner_end, s->inner_length};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		check(k, values[i]);
	for (int i = 0; i < IP_FIELDS; i++)
		check(k, s->ip[i]);
	for (size_t i = 0; i < s->option_count; i++) {
		for (size_t j = 0; j < s->options[i].value_count; j++)
			check(k, s->options[i].values[j]);
	}
	value_need(k, s->to.port);
}

static bool is_echo(const struct segment_pattern *s)
{
	return s->kind == SEGMENT_ICMP && s->icmp && s->icmp->is_echo;
}

/* An error quotes a packet, and has no data of its own; an echo has data, and quotes nothing. */
static void check_message(struct checker *k, const struct segment_pattern *s)
{
	if (s->icmp_number.type ? !check_icmp_number(k, &s->icmp_number, s->icmp)
				: !check_icmp(k, s->word, s->word_place))
		return;
	if (is_echo(s) && (s->has_inner || s->mtu))
		diagnose(
		    k->diagnostics, s->place,
		    "an %s quotes nothing and has no mtu; expected (56), a string, to or a fate",
		    s->word);
	else if (!is_echo(s) && (s->length || s->has_payload))
		diagnose(k->diagnostics, s->place,
			 "an ICMP error has no data of its own; expected mtu, [S], to or a fate");
	if (s->inner_word && check_icmp(k, s->inner_word, s->inner_word_place) &&
	    !s->inner_icmp->is_echo)
		diagnose(k->diagnostics, s->place,
			 "no ICMP error quotes another; expected echo-request");
}

static bool is_number(const struct value *v)
{
	return v && v->kind == VALUE_INT;
}

void check_limit(struct checker *k, const struct value *v, int64_t least, int64_t most,
		 const char *what)
{
	if (v && (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST)) {
		check_limit(k, v->left, least, most, what);
		check_limit(k, v->right, least, most, what);
	}
	if (!is_number(v) || (v->number >= least && v->number <= most))
		return;
	if (most == INT64_MAX)
		diagnose(k->diagnostics, v->place, "%s is %" PRId64 " or more, not %" PRId64, what,
			 least, v->number);
	else
		diagnose(k->diagnostics, v->place, "%s is %" PRId64 " to %" PRId64 ", not %" PRId64,
			 what, least, most, v->number);
}

static void check_number(struct checker *k, const struct value *v)
{
	check_limit(k, v, INT32_MIN, UINT32_MAX, "a sequence number");
}

/* Limits of an option's values. */
static const struct {
	const char *what;
	int64_t least, most;
} option_limits[OPTION_KINDS] = {
    [OPTION_MSS] = {"mss", 0, UINT16_MAX},
    [OPTION_WSCALE] = {"wscale", 0, UINT8_MAX},
    [OPTION_TS] = {"a time stamp", INT32_MIN, UINT32_MAX},
    [OPTION_SACK] = {"a sequence number", INT32_MIN, UINT32_MAX},
};

static void check_option_numbers(struct checker *k, const struct option_pattern *o)
{
	for (size_t j = 0; j < o->value_count; j++)
		check_limit(k, o->values[j], option_limits[o->kind].least,
			    option_limits[o->kind].most, option_limits[o->kind].what);
}

static void check_ip_fields(struct checker *k, const struct segment_pattern *s)
{
	for (int i = 0; i < IP_FIELDS; i++) {
		const struct ip_field_row *row = &ip_field_rows[i];

		if (s->ip[i] && row->only_ipv6 && k->run->facts.family == 4)
			diagnose(k->diagnostics, s->ip[i]->place,
				 "IPv4 has no %s; expected it below `when family = 6`", row->name);
		check_limit(k, s->ip[i], 0, row->most, row->name);
	}
	if (s->ip[HEADER_ECN] && s->ip[HEADER_TOS])
		diagnose(k->diagnostics, s->ip[HEADER_ECN]->place,
			 "tos has the ECN bits, too (its last two); expected one of both");
}

void check_numbers(struct checker *k, const struct segment_pattern *s)
{
	int64_t end;

	check_number(k, s->seq);
	check_number(k, s->inner_seq);
	check_limit(k, s->ack, INT32_MIN, UINT32_MAX, "an acknowledgement number");
	check_limit(k, s->mtu, 0, UINT32_MAX, "an mtu");
	check_limit(k, s->urgent, 0, UINT16_MAX, "an urgent pointer");
	if (s->kind == SEGMENT_TCP && (s->flags & FLAG_SYN))
		check_limit(k, s->window, 0, UINT16_MAX, "the window of a SYN");
	else
		check_limit(k, s->window, 0, (int64_t)UINT16_MAX << 14, "a window");
	check_ip_fields(k, s);
	for (size_t i = 0; i < s->option_count; i++)
		check_option_numbers(k, &s->options[i]);
	check_limit(k, s->to.port, 0, UINT16_MAX, "a port");
	if (is_number(s->seq) && is_number(s->end) && is_number(s->length) &&
	    value_compute('+', s->seq->number, s->length->number, &end) && end != s->end->number)
		diagnose(k->diagnostics, s->end->place,
			 "%" PRId64 " and a length of %" PRId64 " make %" PRId64 ", not %" PRId64,
			 s->seq->number, s->length->number, end, s->end->number);
}

/* `data` counts bytes up to a number that is known by then, of however many segments. */
static void check_data(struct checker *k, const struct segment_pattern *s)
{
	bool counts = s->length && s->length->kind != VALUE_ANY;

	if (s->has_payload)
		diagnose(k->diagnostics, s->place,
			 "data is any number of segments, a string belongs to one; expected P. "
			 "1:6(5) \"hello\"");
	if (counts && (s->length->kind == VALUE_RANGE || s->length->kind == VALUE_AT_LEAST))
		diagnose(k->diagnostics, s->length->place,
			 "data counts up to one number; expected that, or *");
	else if (counts)
		value_need(k, s->length);
	else if (s->end && s->end->kind != VALUE_ANY)
		diagnose(k->diagnostics, s->end->place,
			 "where data of any length ends is not known; expected *");
}

/* Each option at most once, and a negated one without a value. */
static void check_option(struct checker *k, const struct segment_pattern *s, size_t i)
{
	const struct option_pattern *o = &s->options[i];
	const char *name = option_names[o->kind];

	if (o->absent && (o->value_count || o->asks))
		diagnose(k->diagnostics, o->place,
			 "'!%s' says that this option is not there, so it has no value", name);
	for (size_t j = 0; j < i; j++) {
		if (s->options[j].kind != o->kind)
			continue;
		if (s->options[j].absent == o->absent)
			diagnose(k->diagnostics, o->place, "'%s' is written twice", name);
		else
			diagnose(k->diagnostics, o->place,
				 "'%s' cannot be there and not be there ('!%s')", name, name);
		return;
	}
}

void check_segment(struct checker *k, const struct segment_pattern *s)
{
	for (size_t i = 0; i < s->option_count; i++)
		check_option(k, s, i);
	if (s->kind == SEGMENT_ICMP)
		check_message(k, s);
	if (s->to.host)
		check_address(k, s->to.host, s->to.place, false);
	if (s->fate_at)
		check_host(k, s->fate_at, s->fate_place);
}

/* The connection that a tag names; NULL: diagnosed. */
static const char *tagged(struct checker *k, const char *tag, struct place at)
{
	const struct name *n = name_need(k, tag, at);

	if (n->kind == NAME_WRONG)
		return NULL;
	if (!n->is_connection) {
		diagnose(k->diagnostics, at, "'%s' is no connection%s", tag,
			 n->is_listener ? "; it listens" : "; it has not been connected above");
		return NULL;
	}
	return n->name;
}

/* What a host sends to itself passes no router. NULL: diagnosed, if there is a place for that. */
static const char *not_local(struct checker *k, const char *name, struct place at)
{
	const struct name *n = name ? name_find(k, name) : NULL;

	if (!n || !n->is_local)
		return name;
	if (at.source)
		diagnose(k->diagnostics, at,
			 "the packets of '%s' stay in %s, where no capture sees them; expected "
			 "calls or ss",
			 name, host_name(n->host));
	return NULL;
}

static const char *several(struct checker *k)
{
	const char *text = k->current[0];

	for (size_t i = 1; i < k->current_count; i++)
		text = arena_printf(k->arena, "%s%s%s", text,
				    i + 1 < k->current_count ? ", " : " or ", k->current[i]);
	return text;
}

const char *find_connection(struct checker *k, const struct actor *who, bool needed)
{
	if (who->connection)
		return not_local(k, tagged(k, who->connection, who->place), who->place);
	if (k->current_count == 1)
		return not_local(k, k->current[0], needed ? who->place : (struct place){0});
	if (needed && k->current_count)
		diagnose(k->diagnostics, who->place,
			 "this packet could be of %s; '%s:%s' says of which", several(k), who->host,
			 k->current[0]);
	else if (needed)
		diagnose(k->diagnostics, who->place,
			 "no call above has a connection that this packet could belong to; "
			 "'%s:NAME' says which",
			 who->host);
	return NULL;
}

static enum host other_end(enum host host)
{
	if (host == HOST_CLIENT)
		return HOST_SERVER;
	return host == HOST_SERVER ? HOST_CLIENT : HOST_NONE;
}

/*
 * The host whose socket a datagram line is about: the one that sends it. But ICMP errors and echo
 * replies are sent by another kernel, and are about the socket that they go to. HOST_NONE: any.
 */
static enum host flow_host(const struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	enum host host = line->actor.id;
	enum host sender = line->kind == LINE_SENT ? host : other_end(host);
	bool answers = s->kind == SEGMENT_ICMP && strcmp(s->word, ICMP_ECHO_REQUEST) != 0;

	if (s->kind != SEGMENT_UDP && s->kind != SEGMENT_ICMP)
		return HOST_NONE;
	return answers ? other_end(sender) : sender;
}

/*
 * Whether the untagged line is about a flow, and not that of the nearest call: then about the
 * nearest one of the host that must own it; NULL: there is none, and that is diagnosed.
 */
static bool find_flow(struct checker *k, const struct line *line, const char **flow)
{
	enum host host = flow_host(line);
	const struct name *n = k->current_count == 1 ? name_find(k, k->current[0]) : NULL;

	if (line->actor.connection || host == HOST_NONE || !n)
		return false;
	if (n->is_flow ? n->host == host : line->segment.kind == SEGMENT_ICMP)
		return false;
	*flow = not_local(k, k->flow[host], line->actor.place);
	if (!k->flow[host])
		diagnose(k->diagnostics, line->actor.place,
			 "no call of the %s's above has a socket that this datagram could belong "
			 "to; '%s:NAME' says which",
			 host_name(host), line->actor.host);
	return true;
}

void check_packet_line(struct checker *k, struct line *line)
{
	const struct segment_pattern *s = &line->segment;
	bool needed = s->kind == SEGMENT_TCP || s->kind == SEGMENT_DATA || s->kind == SEGMENT_UDP ||
		      is_echo(s);

	check_segment(k, s);
	if (s->kind == SEGMENT_DATA)
		check_data(k, s);
	if (s->kind == SEGMENT_DATA && line->kind == LINE_ARRIVAL)
		diagnose(k->diagnostics, s->place,
			 "segments arrive one by one; expected flags (P. 1:6(5))");
	check_values(k, s, value_see);
	check_numbers(k, s);
	check_limit(k, s->length, 0, INT64_MAX, "a length");
	check_limit(k, s->inner_length, 0, INT64_MAX, "a length");
	if (line->kind == LINE_ARRIVAL && s->fate != FATE_ARRIVED)
		diagnose(k->diagnostics, s->fate_place,
			 "what arrives has arrived; a fate belongs where it is sent (%s> ..)",
			 line->actor.host && !strcmp(line->actor.host, "client") ? "server"
										 : "client");
	if (s->kind != SEGMENT_ARP && /* which is about a neighbour, whoever wanted it */
	    !find_flow(k, line, &line->connection))
		line->connection = find_connection(k, &line->actor, needed);
	if (line->actor.connection && line->connection)
		current_set_one(k, line->connection);
}

void check_ss_line(struct checker *k, struct line *line)
{
	const struct ss_reading *ss = &line->ss;
	const struct name *n = name_need(k, ss->what, ss->what_place);

	if (line->actor.id == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router makes no connections; expected client or server");
	check_state(k, ss->state, ss->state_place);
	if (ss->has_timer)
		check_timer(k, ss->timer_name, ss->timer_place);
	check_limit(k, ss->recv_q, 0, UINT32_MAX, "a queue");
	check_limit(k, ss->send_q, 0, UINT32_MAX, "a queue");
	check_limit(k, ss->timer_count, 0, UINT8_MAX, "a timer's count");
	value_see(k, ss->recv_q);
	value_see(k, ss->send_q);
	value_see(k, ss->timer_count);
	if (n->kind == NAME_WRONG)
		return;
	line->ss.is_udp = n->is_datagram;
	if (n->is_icmp)
		diagnose(k->diagnostics, ss->what_place,
			 "'%s' is a socket for ICMP; expected one of TCP or UDP", ss->what);
	else if (n->is_connection && !n->is_datagram)
		line->connection = n->name;
	else if (n->kind == NAME_ACTOR)
		diagnose(k->diagnostics, ss->what_place,
			 "'%s' is a thread or process, and has no socket", ss->what);
	else if (n->host != line->actor.id)
		diagnose(
		    k->diagnostics, ss->what_place,
		    "'%s' is a descriptor of %s, and no connection that %s could have an end of",
		    ss->what, host_name(n->host), line->actor.host);
}
