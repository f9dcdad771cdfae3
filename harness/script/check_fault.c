/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: that a firewall can pick what a pattern says, and answer as it is told.
 *
 * A firewall compares with one number, and counts to a limit; so no ranges here, and nothing that
 * no packet could have. What is `*` is not compared.
 */
#include <string.h>

#include "harness/script/check.h"

#define LONGEST_SEGMENT	 65455 /* bytes of data: IP's 65535 without its and TCP's longest header */
#define LONGEST_DATAGRAM 65507
#define MOST_COUNTED	 4294967293 /* netns/fault_rule.c counts modulo 2^32 - 1 */

static void check_picked(struct checker *k, const struct value *v)
{
	if (v && (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST))
		complain(k->complaints, v->place,
			 "a fault compares with one number; that or '*' could stand here");
	else if (v && v->kind != VALUE_ANY)
		value_need(k, v);
}

static void check_counted(struct checker *k, const struct value *v, int64_t least, const char *what)
{
	if (v && v->kind == VALUE_ANY)
		complain(k->complaints, v->place, "a number could stand here");
	value_need(k, v);
	check_limit(k, v, least, MOST_COUNTED, what);
}

static void check_pattern(struct checker *k, const struct fault_pattern *p)
{
	const struct segment_pattern *s = &p->segment;
	bool is_datagram = s->kind == SEGMENT_UDP;

	if (p->from)
		check_address(k, p->from, p->place, false);
	if (p->has_segment)
		check_segment(k, s);
	check_values(k, s, check_picked);
	check_numbers(k, s);
	check_limit(k, s->length, 0, is_datagram ? LONGEST_DATAGRAM : LONGEST_SEGMENT,
		    is_datagram ? "a datagram's length" : "a segment's length");
}

/* What keeps packets: only the router does, and only what it forwards. */
static void check_kept(struct checker *k, const struct line *line)
{
	static const char *const verbs[] = {"hold", "dup", "corrupt", "delay", "release", NULL};
	const struct fault *f = &line->fault;
	size_t i = 0;

	while (verbs[i] && (!f->verb || strcmp(verbs[i], f->verb) != 0))
		i++;
	if (!verbs[i])
		return;
	if (host_find(line->actor.host) != HOST_ROUTER)
		complain(k->complaints, line->actor.place,
			 "'%s' is something that is done on the way; router could stand here",
			 f->verb);
	else if (f->pattern.from && address_host(f->pattern.from) == HOST_ROUTER)
		complain(k->complaints, f->pattern.place,
			 "what the router itself says cannot be held, delayed, doubled or spoiled; "
			 "another host could stand here");
}

/* Whether the answer, which is one, can be given to what is picked. */
static void check_answer(struct checker *k, const struct fault *f)
{
	enum segment_kind kind = f->pattern.segment.kind;

	if (strcmp(f->with, "tcp-reset") == 0 && f->pattern.has_segment &&
	    (kind == SEGMENT_UDP || kind == SEGMENT_ICMP))
		complain(k->complaints, f->verb_place,
			 "tcp-reset answers TCP only; an ICMP error could stand there");
}

void check_fault_line(struct checker *k, struct line *line)
{
	const struct fault *f = &line->fault;

	check_kept(k, line);
	check_pattern(k, &f->pattern);
	check_counted(k, f->skip, 0, "skip");
	check_counted(k, f->times, 1, "times");
	if (f->with && check_reject_with(k, f->with, f->verb_place))
		check_answer(k, f);
}
