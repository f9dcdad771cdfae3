/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets, with tcpdump's flags and packetdrill's numbers.
 *
 * After the flags every part is optional, and they are taken in any order: whoever pastes from
 * tcpdump or packetdrill need not sort them. A part written twice is a mistake.
 */
#include "harness/script/parse.h"

#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/flags.h"

/* ---- flags ---- */

bool parse_at_flags(const struct parser *p)
{
	return (p->token.kind == TOKEN_WORD && p->token.text[0] >= 'A' &&
		p->token.text[0] <= 'Z') ||
	       p->token.kind == '.' || p->token.kind == '-' || p->token.kind == TOKEN_RANGE;
}

/* SA is what many tools print; here it is S., as in tcpdump. NULL: this is not the mistake. */
static const char *with_dot(struct arena *a, const char *word)
{
	char *dotted = arena_strdup(a, word), *ack = strchr(dotted, 'A');

	if (!ack || word[strspn(word, "FSRPAUEW")])
		return NULL;
	*ack = '.';
	return strchr(dotted, 'A') ? NULL : dotted;
}

uint16_t parse_flags(struct parser *p)
{
	struct token at = p->token;
	const char *written = p->failed ? "" : lex_flags(&p->lex, &at);
	uint16_t flags = 0;

	if (!*written) {
		const char *word = at.kind == TOKEN_WORD ? at.text : "";
		const char *meant = p->failed ? NULL : with_dot(p->arena, word);

		if (meant)
			parse_error(p, at.place,
				    "unexpected '%s'; did you mean %s? ACK is written '.'", at.text,
				    meant);
		parse_unexpected(
		    p, "flags (letters of " FLAG_LETTERS ", '.' is ACK, or '-' for none)", NULL);
		return 0;
	}
	for (const char *c = written; *c; c++) {
		for (size_t i = 0; i < TCP_FLAGS; i++) {
			if (tcp_flags[i].letter != *c)
				continue;
			if (flags & tcp_flags[i].bit)
				parse_error(p, at.place, "flag '%c' is written twice in '%s'", *c,
					    written);
			flags |= tcp_flags[i].bit;
		}
	}
	parse_next(p);
	return flags;
}

/* ---- numbers ---- */

/* 1:12(11), or (11) alone */
void parse_numbers(struct parser *p, struct value **seq, struct value **end, struct value **length)
{
	if (p->token.kind != '(') {
		*seq = parse_observed(p);
		parse_expect(p, ':', "':' (a segment's numbers are FIRST:END(LENGTH))");
		*end = parse_observed(p);
	}
	parse_expect(p, '(', "'(' and the length in bytes");
	*length = parse_observed(p);
	parse_expect(p, ')', "')'");
}

/* ---- options ---- */

const char *const option_names[] = {
    [OPTION_MSS] = "mss", [OPTION_SACK_OK] = "sackOK", [OPTION_WSCALE] = "wscale",
    [OPTION_TS] = "TS",	  [OPTION_SACK] = "sack",      [OPTION_TFO] = "tfo",
    [OPTION_MD5] = "md5", [OPTION_KINDS] = NULL,
};

static void add_value(struct parser *p, struct option_pattern *o)
{
	if (o->value_count == ARRAY_SIZE(o->values))
		parse_error(p, p->token.place, "too many values for this option");
	else
		o->values[o->value_count++] = parse_observed(p);
}

static bool at_option_value(const struct parser *p)
{
	return parse_at_value(p) || p->token.kind == TOKEN_AT_LEAST;
}

static void parse_number(struct parser *p, struct option_pattern *o)
{
	if (at_option_value(p))
		add_value(p, o);
}

static void parse_stamps(struct parser *p, struct option_pattern *o)
{
	if (!parse_accept_word(p, "val") && !at_option_value(p))
		return;
	add_value(p, o);
	if (parse_accept_word(p, "ecr"))
		add_value(p, o);
}

static void parse_blocks(struct parser *p, struct option_pattern *o)
{
	while (parse_at_value(p)) {
		add_value(p, o);
		parse_expect(p, ':', "':' and the end of the block");
		add_value(p, o);
	}
}

static void parse_cookie(struct parser *p, struct option_pattern *o)
{
	o->asks = parse_accept_word(p, "cookiereq");
}

static void parse_option(struct parser *p, struct option_pattern *o)
{
	static void (*const values[OPTION_KINDS])(struct parser *, struct option_pattern *) = {
	    [OPTION_MSS] = parse_number, [OPTION_WSCALE] = parse_number,
	    [OPTION_TS] = parse_stamps,	 [OPTION_SACK] = parse_blocks,
	    [OPTION_TFO] = parse_cookie,
	};
	size_t start = p->token.start;
	int kind = 0;

	o->absent = parse_accept(p, '!');
	o->place = p->token.place;
	while (kind < OPTION_KINDS && !parse_accept_word(p, option_names[kind]))
		kind++;
	if (kind == OPTION_KINDS) {
		parse_unexpected(p, "an option (mss, sackOK, wscale, TS, sack, tfo, md5)",
				 option_names);
		return;
	}
	o->kind = (enum option_kind)kind;
	if (values[kind])
		values[kind](p, o);
	o->extent = parse_extent(p, start);
}

static void parse_options(struct parser *p, struct segment_pattern *s)
{
	if (s->has_options)
		parse_error(p, p->token.place, "the options are written twice");
	s->has_options = true;
	parse_next(p); /* < */
	do {
		parse_option(p, arena_push(p->arena, s->options, s->option_count));
	} while (parse_accept(p, ','));
	parse_expect(p, '>', "',' or '>'");
}

/* ---- the rest ---- */

static void parse_to(struct parser *p, struct segment_pattern *s)
{
	s->has_to = true;
	s->to.place = p->token.place;
	if (parse_at_ipv4(p))
		parse_numeric_address(p, p->token.place, p->token.text);
	else if (p->token.kind != ':')
		s->to.host = parse_name(p, "a host (server:8080)");
	if (parse_accept(p, ':'))
		s->to.port = parse_value(p);
}

static bool parse_fate(struct parser *p, struct segment_pattern *s)
{
	for (int fate = FATE_ARRIVED + 1; fate < FATE_COUNT; fate++) {
		struct place at = p->token.place;

		if (!parse_accept_word(p, fate_rows[fate].word))
			continue;
		if (s->fate != FATE_ARRIVED)
			parse_error(p, at, "a packet has one fate only");
		s->fate = (enum fate)fate;
		s->fate_place = at;
		if (fate_rows[fate].has_place && parse_accept_word(p, "at")) {
			s->fate_place = p->token.place;
			s->fate_at = parse_name(p, "a host");
		}
		return true;
	}
	return false;
}

/* ack 1, win 0, urg 1 .. each at most once */
static bool parse_number_part(struct parser *p, const char *word, struct value **value)
{
	struct place at = p->token.place;

	if (!parse_accept_word(p, word))
		return false;
	if (*value)
		parse_error(p, at, "'%s' is written twice", word);
	*value = parse_observed(p);
	return true;
}

static struct value *word_value(struct parser *p, size_t number)
{
	struct value *v = arena_new(p->arena, struct value);

	*v = (struct value){
	    .kind = VALUE_INT,
	    .place = p->token.place,
	    .extent = {p->token.start, p->token.end},
	    .number = (int64_t)number,
	};
	return v;
}

/* ect0, tos 0x10, ttl 63 .. */
static bool parse_ip_part(struct parser *p, struct segment_pattern *s)
{
	for (int i = 0; i < IP_FIELDS; i++) {
		const struct ip_field_row *row = &ip_field_rows[i];

		if (!row->words && parse_number_part(p, row->name, &s->ip[i]))
			return true;
		for (size_t j = 0; row->words && row->words[j]; j++) {
			if (!parse_is_word(p, row->words[j]))
				continue;
			if (s->ip[i])
				parse_error(p, p->token.place, "%s is written twice", row->name);
			s->ip[i] = word_value(p, j);
			parse_next(p);
			return true;
		}
	}
	return false;
}

static bool parse_payload(struct parser *p, struct segment_pattern *s)
{
	if (p->token.kind != TOKEN_STRING)
		return false;
	if (s->has_payload)
		parse_error(p, p->token.place, "the data are written twice");
	s->has_payload = true;
	s->payload = p->token.text;
	s->payload_length = p->token.length;
	s->payload_extent = (struct extent){p->token.start, p->token.end};
	parse_next(p);
	return true;
}

/* (5): of what has a length, and no sequence numbers */
static bool parse_length(struct parser *p, struct value **length)
{
	struct value *seq = NULL, *end = NULL;

	if (p->token.kind != '(')
		return false;
	if (*length)
		parse_error(p, p->token.place, "the length is written twice");
	parse_numbers(p, &seq, &end, length);
	return true;
}

static bool parse_tcp_part(struct parser *p, struct segment_pattern *s)
{
	if (p->token.kind == '(' || parse_at_value(p)) {
		if (s->length)
			parse_error(p, p->token.place, "the sequence numbers are written twice");
		parse_numbers(p, &s->seq, &s->end, &s->length);
	} else if (p->token.kind == '<') {
		parse_options(p, s);
	} else {
		return parse_payload(p, s) || parse_number_part(p, "ack", &s->ack) ||
		       parse_number_part(p, "win", &s->window) ||
		       parse_number_part(p, "urg", &s->urgent);
	}
	return true;
}

static bool parse_udp_part(struct parser *p, struct segment_pattern *s)
{
	return parse_length(p, &s->length) || parse_payload(p, s);
}

/* [S 0:0(0)], [udp (5)], [icmp echo-request (56)] */
static void parse_inner(struct parser *p, struct segment_pattern *s)
{
	size_t start = p->token.start;

	s->has_inner = true;
	parse_next(p); /* [ */
	if (parse_accept_word(p, "udp")) {
		s->inner_kind = SEGMENT_UDP;
	} else if (parse_accept_word(p, "icmp")) {
		s->inner_kind = SEGMENT_ICMP;
		s->inner_word_place = p->token.place;
		s->inner_word = parse_word(p, "the kind of ICMP message (echo-request)");
	} else {
		s->inner_flags = parse_flags(p);
		if (p->token.kind == '(' || parse_at_value(p))
			parse_numbers(p, &s->inner_seq, &s->inner_end, &s->inner_length);
	}
	if (s->inner_kind != SEGMENT_TCP)
		parse_length(p, &s->inner_length);
	parse_expect(p, ']', "']'");
	s->inner_extent = parse_extent(p, start);
}

static bool parse_icmp_part(struct parser *p, struct segment_pattern *s)
{
	if (p->token.kind != '[')
		return parse_number_part(p, "mtu", &s->mtu) || parse_udp_part(p, s);
	if (s->has_inner)
		parse_error(p, p->token.place, "the quoted packet is written twice");
	parse_inner(p, s);
	return true;
}

static bool parse_no_part(struct parser *p, struct segment_pattern *s)
{
	(void)p;
	(void)s;
	return false;
}

#define WORD(name, word, ...)  word,
#define COULD(name, word, ...) ", " word
#define OR_THE_END	       FATES(COULD) " or the end of the line"

#define IP_WORDS "ect0", "ect1", "ce", "noecn", "tos", "ttl", "flowlabel"

static const char *const tcp_words[] = {"ack", "win", "urg", IP_WORDS, "to", FATES(WORD) NULL};
static const char *const icmp_words[] = {"mtu", IP_WORDS, "to", FATES(WORD) NULL};
static const char *const udp_words[] = {IP_WORDS, "to", FATES(WORD) NULL};
static const char *const arp_words[] = {"to", "lost", NULL};

#define IP_PARTS   "ect0, tos, ttl, flowlabel, to"
#define TCP_PARTS  "1:12(11), ack, win, urg, <options>, a string, " IP_PARTS
#define ICMP_PARTS "mtu, [S], (56), a string, " IP_PARTS
#define UDP_PARTS  "(5), a string, " IP_PARTS

static const struct {
	bool (*parse)(struct parser *p, struct segment_pattern *s);
	const char *could;
	const char *const *words;
} parts[] = {
    [SEGMENT_TCP] = {parse_tcp_part, TCP_PARTS OR_THE_END, tcp_words},
    [SEGMENT_DATA] = {parse_tcp_part, TCP_PARTS OR_THE_END, tcp_words},
    [SEGMENT_ICMP] = {parse_icmp_part, ICMP_PARTS OR_THE_END, icmp_words},
    [SEGMENT_ARP] = {parse_no_part, "to, lost or the end of the line", arp_words},
    [SEGMENT_UDP] = {parse_udp_part, UDP_PARTS OR_THE_END, udp_words},
};

void parse_icmp(struct parser *p, const char **word, struct icmp_number *number, const char *what)
{
	if (p->token.kind != TOKEN_NUMBER) {
		*word = parse_word(p, what);
		return;
	}
	number->type = parse_term(p);
	if (parse_accept(p, '/'))
		number->code = parse_term(p);
}

static void parse_what(struct parser *p, struct segment_pattern *s)
{
	static const char *const kinds[] = {"data", "udp", "icmp", "arp", NULL};

	if (parse_accept_word(p, "data")) {
		s->kind = SEGMENT_DATA;
	} else if (parse_accept_word(p, "icmp")) {
		s->kind = SEGMENT_ICMP;
		s->word_place = p->token.place;
		parse_icmp(p, &s->word, &s->icmp_number,
			   "the kind of ICMP message (host-unreachable, frag-needed, 3/7 ..)");
	} else if (parse_accept_word(p, "arp")) {
		s->kind = SEGMENT_ARP;
	} else if (parse_accept_word(p, "udp")) {
		s->kind = SEGMENT_UDP;
	} else if (parse_at_flags(p)) {
		s->flags = parse_flags(p);
	} else {
		parse_unexpected(p, "flags (S, S., P., F., R ..), data, udp, icmp or arp", kinds);
	}
}

void parse_segment(struct parser *p, struct segment_pattern *s)
{
	s->place = p->token.place;
	parse_what(p, s);
	while (parts[s->kind].parse(p, s) || parse_fate(p, s) ||
	       (s->kind != SEGMENT_ARP && parse_ip_part(p, s)) ||
	       (!s->has_to && parse_is_word(p, "to"))) {
		if (!s->has_to && parse_accept_word(p, "to"))
			parse_to(p, s);
	}
	p->could = parts[s->kind].could;
	p->better = parts[s->kind].words;
}
