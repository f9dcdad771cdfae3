/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: that a firewall can pick what a pattern says, and can give the answer that is written.
 *
 * A firewall compares with one number, and counts to a limit; so no ranges here, and nothing that
 * no packet could have. What is `*` is not compared.
 */
#include <string.h>

#include "harness/packet/icmp.h"
#include "harness/script/check.h"

#define LONGEST_SEGMENT	 65455 /* bytes of data: IP's 65535 without its and TCP's longest header */
#define LONGEST_DATAGRAM 65507
#define MOST_COUNTED	 4294967293 /* netns/firewall/nft_rule.c counts modulo 2^32 - 1 */
#define SHORTEST_IDLE	 NS_PER_MS  /* it counts in milliseconds */
#define LONGEST_IDLE	 (366 * 24 * 3600 * NS_PER_S)

static void check_picked(struct checker *k, const struct value *v)
{
	if (v && (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST))
		diagnose(k->diagnostics, v->place,
			 "a fault compares with one number; expected that or '*'");
	else if (v && v->kind != VALUE_ANY)
		value_need(k, v);
}

static void check_counted(struct checker *k, const struct value *v)
{
	if (v && v->kind == VALUE_ANY)
		diagnose(k->diagnostics, v->place, "expected a number");
	value_need(k, v);
}

void check_fault_numbers(struct checker *k, const struct fault *f)
{
	const struct segment_pattern *s = &f->pattern.segment;
	bool is_datagram = s->kind == SEGMENT_UDP;

	check_numbers(k, s);
	check_limit(k, s->length, 0, is_datagram ? LONGEST_DATAGRAM : LONGEST_SEGMENT,
		    is_datagram ? "a datagram's length" : "a segment's length");
	check_limit(k, f->every, 2, MOST_COUNTED, "every");
	check_limit(k, f->skip, 0, MOST_COUNTED, "skip");
	check_limit(k, f->times, 1, MOST_COUNTED, "times");
}

static void check_pattern(struct checker *k, const struct fault_pattern *p)
{
	const struct segment_pattern *s = &p->segment;

	if (p->from)
		check_address(k, p->from, p->place, false);
	if (p->has_segment)
		check_segment(k, s);
	check_values(k, s, check_picked);
}

static bool is_picked(const struct value *v)
{
	return v && v->kind != VALUE_ANY;
}

/* Numbers that count from an ISN need to say whose. A SYN's numbers are its own. */
static void check_first(struct checker *k, const struct fault_pattern *p)
{
	const struct segment_pattern *s = &p->segment;

	if (is_picked(s->end) && !is_picked(s->seq) && !is_picked(s->length))
		diagnose(k->diagnostics, s->end->place,
			 "a fault cannot pick segments by their end alone; expected also where "
			 "they begin, or their length");
	if (!is_picked(s->seq) && !is_picked(s->end))
		return;
	if (s->kind == SEGMENT_TCP && (s->flags & FLAG_SYN)) {
		if (s->seq && s->seq->kind == VALUE_INT && s->seq->number)
			diagnose(k->diagnostics, s->seq->place,
				 "a SYN's numbers are its own: it begins at 0");
	} else if (!p->from) {
		diagnose(k->diagnostics, s->place,
			 "each side has its own numbers; expected client> or server> before these");
	}
}

/* A middlebox is between the hosts. */
static void check_forget(struct checker *k, const struct line *line)
{
	const struct fault *f = &line->fault;

	if (!fault_rows[f->verb].forgets || line->kind != LINE_FAULT)
		return;
	if (line->actor.id != HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "'forget' is done on the way; expected router");
	if (f->delay < SHORTEST_IDLE || f->delay > LONGEST_IDLE)
		diagnose(k->diagnostics, f->idle_place,
			 "a connection is forgotten when it has been idle for 1ms to 366 days");
}

/* Faults that hold packets: only the router has them, and only for what it forwards. */
static void check_kept(struct checker *k, const struct line *line)
{
	const struct fault *f = &line->fault;
	const char *word = f->verb ? fault_rows[f->verb].word : line_rows[line->kind].word;

	if (!fault_rows[f->verb].on_the_way && line->kind != LINE_RELEASE)
		return;
	if (line->actor.id != HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "'%s' is done on the way; expected router", word);
	else if (f->pattern.sender && f->pattern.sender->host == HOST_ROUTER)
		diagnose(k->diagnostics, f->pattern.place,
			 "what the router itself sends cannot be held, delayed, duplicated or "
			 "corrupted; expected another host");
}

/* Whether this answer can be given to what is picked. */
static void check_answer(struct checker *k, const struct fault *f)
{
	enum segment_kind kind = f->pattern.segment.kind;

	if (f->resets && f->pattern.has_segment && (kind == SEGMENT_UDP || kind == SEGMENT_ICMP))
		diagnose(k->diagnostics, f->with_place,
			 "tcp-reset answers TCP only; expected an ICMP error");
}

static void check_numbered_answer(struct checker *k, const struct fault *f)
{
	if (check_icmp_number(k, &f->with_number, f->answer) && f->answer->v4_code < 0)
		diagnose(k->diagnostics, f->with_place,
			 "an answer has a code, too; expected %s/0, or another", f->with);
}

void check_fault_line(struct checker *k, struct line *line)
{
	const struct fault *f = &line->fault;

	check_kept(k, line);
	check_forget(k, line);
	check_pattern(k, &f->pattern);
	check_fault_numbers(k, f);
	if (line->kind == LINE_FAULT)
		check_first(k, &f->pattern);
	check_counted(k, f->every);
	check_counted(k, f->skip);
	check_counted(k, f->times);
	if (f->with_number.type)
		check_numbered_answer(k, f);
	else if (f->with && !fault_rows[f->verb].forgets &&
		 check_reject_with(k, f->with, f->with_place))
		check_answer(k, f);
}
