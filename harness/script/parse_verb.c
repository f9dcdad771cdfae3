/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs: what a host is told to do that is no call (drop, sysctl, crash ..), and what is read from
 * it (ss, nstat). Their words are VERBs and FAULTs of line_rows.h.
 *
 * sysctl names and `ip` words have dots, slashes and colons in them that mean nothing to the
 * language, so they are read as bare text, up to a comment or a label.
 */
#include "harness/script/parse.h"

#include <string.h>

#include "harness/base/array.h"

/* ---- readings ---- */

static void parse_timer(struct parser *p, struct ss_reading *ss)
{
	size_t start, left;

	parse_expect(p, ':', "':'");
	ss->has_timer = true;
	ss->timer_left = -1;
	ss->timer_place = p->token.place;
	start = p->token.start;
	if (!parse_accept(p, '(')) {
		if (!parse_accept_word(p, "none"))
			parse_unexpected(p, "none, or (name,time left,count)", NULL);
		ss->timer_name = "none";
		ss->timer_extent = parse_extent(p, start);
		return;
	}
	ss->timer_name = parse_name(p, "a timer (on, keepalive, timewait, persist)");
	parse_expect(p, ',', "',' and the time left");
	left = p->token.start;
	if (!parse_accept(p, '*'))
		ss->timer_left = parse_ss_duration(p);
	ss->left_extent = parse_extent(p, left);
	parse_expect(p, ',', "',' and the count");
	ss->timer_count = parse_observed(p);
	parse_expect(p, ')', "')'");
	ss->timer_extent = parse_extent(p, start);
}

void parse_ss(struct parser *p, struct line *line)
{
	static const char *const words[] = {"timer", NULL};
	struct ss_reading *ss = &line->ss;
	size_t start;

	ss->what_place = p->token.place;
	ss->what = parse_name(p, "the name of a descriptor or a connection");
	ss->state_place = p->token.place;
	start = p->token.start;
	ss->state = parse_word(p, "a state as ss prints it (ESTAB, TIME-WAIT ..), or none");
	ss->state_extent = parse_extent(p, start);
	p->could = "the receive and send queues, timer:none, timer:(name,left,count) or the end of "
		   "the line";
	p->better = words;
	if (parse_at_value(p) || p->token.kind == TOKEN_AT_LEAST) {
		ss->recv_q = parse_queue(p);
		ss->send_q = parse_queue(p);
	}
	if (parse_accept_word(p, "timer"))
		parse_timer(p, ss);
	ss->rest = parse_extent(p, ss->state_extent.to);
}

void parse_ps(struct parser *p, struct line *line)
{
	struct ps_reading *ps = &line->ps;
	size_t start;

	ps->what_place = p->token.place;
	ps->what = parse_name(p, "the name of a process");
	ps->state_place = p->token.place;
	start = p->token.start;
	ps->state = parse_word(p, "a state as ps prints it (S, T, Z ..), or none");
	ps->state_extent = parse_extent(p, start);
}

/* `nstat X = 0`: what counts is by how much it has grown. */
static void refuse_total(struct parser *p)
{
	struct place at = p->token.place;

	if (p->token.kind != '=' && p->token.kind != TOKEN_NUMBER)
		return;
	parse_accept(p, '=');
	parse_error(p, at, "nstat says by how much a counter has grown; expected '+%s'",
		    p->token.kind == TOKEN_NUMBER ? p->token.text : "1");
}

void parse_nstat(struct parser *p, struct line *line)
{
	do {
		struct counter *counter = arena_push(p->arena, line->nstat.list, line->nstat.count);
		size_t start;

		counter->place = p->token.place;
		counter->name =
		    parse_name(p, "a counter's name as nstat prints it (TcpExtListenDrops)");
		start = p->token.start;
		refuse_total(p);
		if (!parse_accept(p, '+') && p->token.kind != '-' && p->token.kind != '*' &&
		    p->token.kind != TOKEN_AT_LEAST)
			parse_unexpected(p, "'+' or '>=' and by how much it has grown (+1)", NULL);
		counter->delta = parse_observed(p);
		counter->extent = parse_extent(p, start);
	} while (p->token.kind == TOKEN_WORD);
	p->could = "another counter or the end of the line";
}

/* ---- faults ---- */

static const char *const fault_words[] = {"data",  "icmp", "udp",   "with",
					  "every", "skip", "times", NULL};

/*
 * The time of a delay. `0` needs no unit, and `0:1(1)` begins in the same way: what follows tells
 * them apart. Any other number without a unit is also taken for a time, so that the message says
 * what is missing.
 */
static bool at_delay(const struct parser *p)
{
	static const int numbers[] = {':', TOKEN_RANGE, '(', '+', '-', '*'};
	struct lexer ahead = p->lex;
	struct token next;

	if (p->token.kind != TOKEN_NUMBER || parse_at_duration(p))
		return p->token.kind == TOKEN_NUMBER;
	lex_token(&ahead, &next);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (next.kind == numbers[i])
			return false;
	}
	return true;
}

/* Whether numbers of the pattern follow, rather than the time of a delay. */
static bool at_numbers(const struct parser *p, bool is_delay)
{
	return parse_at_value(p) && !parse_at_duration(p) && !(is_delay && at_delay(p));
}

/* [ HOST > ] [ FLAGS [ numbers ] | numbers | data | udp [ length ] | icmp WORD ] */
static void parse_pattern(struct parser *p, struct fault_pattern *pattern, bool is_delay)
{
	struct segment_pattern *s = &pattern->segment;
	const struct token *t = &p->token;
	bool is_option = false;

	pattern->place = s->place = t->place;
	for (size_t i = 0; fault_words[i]; i++)
		is_option = is_option || parse_is_word(p, fault_words[i]);
	if (t->kind == TOKEN_WORD && !is_option && !parse_at_flags(p)) {
		struct place at = t->place;
		const char *meant = nearest(t->text, fault_words);

		pattern->from = parse_name(p, "");
		if (p->token.kind != '>' && meant)
			parse_error(p, at, "unexpected '%s'; did you mean %s?", pattern->from,
				    meant);
		parse_expect(p, '>', "'>' (packets are picked by their sender: client>)");
		s->place = t->place;
	}
	if (parse_accept_word(p, "icmp")) {
		pattern->has_segment = true;
		s->kind = SEGMENT_ICMP;
		s->word_place = p->token.place;
		parse_icmp(p, &s->word, &s->icmp_number, "the kind of ICMP message");
	} else if (parse_accept_word(p, "data")) {
		pattern->has_segment = pattern->carries = true;
		s->kind = SEGMENT_DATA;
		p->could = "with, every N, skip N, times N, or the end of the line";
		p->better = fault_words;
		return;
	} else if (parse_accept_word(p, "udp")) {
		pattern->has_segment = true;
		s->kind = SEGMENT_UDP;
	} else if (parse_at_flags(p)) {
		pattern->has_segment = true;
		s->flags = parse_flags(p);
	} else if (t->kind == '(' || at_numbers(p, is_delay)) {
		pattern->has_segment = true;
		s->kind = SEGMENT_DATA; /* numbers without flags: any flags */
	}
	if (t->kind == '('
		? s->kind != SEGMENT_ICMP
		: (s->kind == SEGMENT_TCP || s->kind == SEGMENT_DATA) && at_numbers(p, is_delay))
		parse_numbers(p, &s->seq, &s->end, &s->length);
	p->could = "HOST>, flags, data, udp, icmp and a kind, 1:12(11), or the end of the line";
	p->better = fault_words;
}

/* What is written after `with`, `every`, `skip` or `times` but belongs before that word. */
static void refuse_late(struct parser *p, const char *verb, const char *word)
{
	static const char packets[] = "what the packets are (flags, numbers, udp ..)";
	bool is_packets = parse_is_word(p, "udp") || parse_is_word(p, "icmp") ||
			  p->token.kind == '(' || p->token.kind == TOKEN_NUMBER ||
			  parse_at_flags(p);
	bool is_host = p->token.kind == TOKEN_WORD && host_find(p->token.text) != HOST_NONE;
	bool is_every = parse_is_word(p, "every"), is_skip = parse_is_word(p, "skip");
	const char *what = "'skip'", *example = is_skip ? "skip 1 " : "";

	if (is_host)
		what = "whose packets they are";
	if (is_packets)
		what = packets;
	if (is_every) {
		what = "'every'";
		example = "every 2 ";
	}
	if (is_packets || is_host || is_every || is_skip)
		parse_error(p, p->token.place, "%s belongs before '%s': %s client> P. %s%s %s",
			    what, word, verb, example, word,
			    strcmp(word, "with") == 0 ? "tcp-reset" : "1");
}

/* idle DURATION [ reset ] */
static void parse_forget(struct parser *p, struct fault *f)
{
	static const char *const words[] = {"reset", NULL};

	f->pattern.place = p->token.place;
	if (!parse_accept_word(p, "idle"))
		parse_unexpected(p, "'idle' and how long (forget idle 350s)", NULL);
	f->idle_place = p->token.place;
	f->delay = parse_duration(p);
	f->with_place = p->token.place;
	if (parse_accept_word(p, "reset"))
		f->with = WITH_RESET;
	p->could = "reset, or the end of the line";
	p->better = words;
}

void parse_fault(struct parser *p, struct line *line)
{
	struct fault *f = &line->fault;
	const struct fault_row *row = &fault_rows[f->verb];
	bool is_delay = row->takes_time, has_delay = false;
	const char *last = NULL;

	if (row->forgets) {
		parse_forget(p, f);
		return;
	}
	if (is_delay && at_delay(p)) {
		f->delay = parse_duration(p);
		has_delay = true;
	}
	parse_pattern(p, &f->pattern, is_delay);
	if (is_delay && !has_delay)
		f->delay = parse_duration(p);
	if (row->answers && parse_accept_word(p, "with")) {
		f->with_place = p->token.place;
		parse_icmp(p, &f->with, &f->with_number,
			   "tcp-reset or a kind of ICMP message (host-unreachable, 3/7)");
		last = "with";
	}
	if (parse_accept_word(p, "every")) {
		f->every = parse_value(p);
		last = "every";
	}
	if (parse_accept_word(p, "skip")) {
		f->skip = parse_value(p);
		last = "skip";
	}
	if (parse_accept_word(p, "times")) {
		f->times = parse_value(p);
		last = "times";
	}
	if (last)
		refuse_late(p, row->word, last);
	p->could = "HOST>, flags, data, udp, icmp and a kind, 1:12(11), with, every N, skip N, "
		   "times N, or the end of the line";
}

void parse_release(struct parser *p, struct line *line)
{
	parse_pattern(p, &line->fault.pattern, false);
}

void parse_heal(struct parser *p, struct line *line)
{
	if (p->token.kind == TOKEN_WORD)
		line->fault.verb = fault_find(p->token.text);
	if (line->fault.verb)
		parse_next(p);
	parse_pattern(p, &line->fault.pattern, false);
}

void parse_forge(struct parser *p, struct line *line)
{
	line->forged = parse_actor(p);
	parse_expect(p, '>', "'>' and a packet (forge server> R 1:1(0))");
	parse_segment(p, &line->segment);
}

/* ---- the machine ---- */

void parse_sysctl(struct parser *p, struct line *line)
{
	line->sysctl.name_place = p->token.place;
	line->sysctl.name = lex_chunk(&p->lex, &p->token, "=@");
	if (!*line->sysctl.name) {
		parse_unexpected(p, "the name of a sysctl (net.ipv4.tcp_retries2)", NULL);
		return;
	}
	parse_next(p);
	parse_expect(p, '=', "'=' and a value");
	line->sysctl.value = p->failed ? "" : lex_rest(&p->lex, &p->token);
	if (!*line->sysctl.value)
		parse_unexpected(p, "a value", NULL);
	parse_next(p);
}

void parse_ip(struct parser *p, struct line *line)
{
	size_t place_count = 0;

	while (p->token.kind != TOKEN_END && p->token.kind != '@') {
		*arena_push(p->arena, line->ip.places, place_count) = p->token.place;
		*arena_push(p->arena, line->ip.words, line->ip.count) =
		    lex_chunk(&p->lex, &p->token, "");
		parse_next(p);
	}
	if (!line->ip.count)
		parse_unexpected(p, "what the ip tool takes (route add unreachable nowhere)", NULL);
}

void parse_signal(struct parser *p, struct line *line)
{
	line->signal.place = p->token.place;
	line->signal.name = parse_word(p, "a signal's name (SIGUSR1)");
}

/* ---- which it is ---- */

/* A line that is only a word. */
void parse_nothing(struct parser *p, struct line *line)
{
	(void)p;
	(void)line;
}

bool parse_verb(struct parser *p, struct line *line, const char *verb)
{
	static void (*const parse[])(struct parser *, struct line *) = {
#define VERB(kind, word, role, by, parse, ...) [LINE_##kind] = parse_##parse,
#include "harness/ast/line_rows.h"
	};

	line->fault.verb = fault_find(verb);
	if (line->fault.verb) {
		line->kind = LINE_FAULT;
		parse_fault(p, line);
		return true;
	}
	for (size_t kind = 0; kind < ARRAY_SIZE(parse); kind++) {
		if (parse[kind] && strcmp(line_rows[kind].word, verb) == 0) {
			line->kind = (enum line_kind)kind;
			parse[kind](p, line);
			return true;
		}
	}
	return false;
}
