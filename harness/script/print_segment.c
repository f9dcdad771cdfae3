/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing packets. Whatever order their parts were written in, they are printed in one: numbers,
 * ack, window, urgent pointer, options, data, the IP header's fields, address, fate.
 */
#include "harness/script/print.h"

#include <string.h>

#include "harness/base/text.h"

void print_numbers(FILE *out, const char *before, const struct value *seq, const struct value *end,
		   const struct value *length)
{
	if (!length)
		return;
	fputs(before, out);
	if (seq) {
		value_print(out, seq);
		print_part(out, ":", end);
	}
	putc('(', out);
	value_print(out, length);
	putc(')', out);
}

static void print_option(FILE *out, const struct option_pattern *o)
{
	fprintf(out, "%s%s", o->absent ? "!" : "", option_names[o->kind]);
	for (size_t i = 0; i < o->value_count; i++) {
		const char *between = " ";

		if (i % 2)
			between = o->kind == OPTION_TS ? " ecr " : ":";
		print_part(out, between, o->values[i]);
	}
	print_word(out, " ", o->asks ? "cookiereq" : NULL);
}

static void print_options(FILE *out, const struct segment_pattern *s)
{
	fputs(" <", out);
	for (size_t i = 0; i < s->option_count; i++) {
		fputs(i ? "," : "", out);
		print_option(out, &s->options[i]);
	}
	putc('>', out);
}

void print_icmp(FILE *out, const char *word, const struct icmp_number *number)
{
	if (!number->type) {
		fputs(word, out);
		return;
	}
	value_print(out, number->type);
	print_part(out, "/", number->code);
}

void print_kind(FILE *out, const struct segment_pattern *s)
{
	switch (s->kind) {
	case SEGMENT_TCP:
		flags_print(out, s->flags);
		break;
	case SEGMENT_DATA:
		fputs("data", out);
		break;
	case SEGMENT_ICMP:
		fputs("icmp ", out);
		print_icmp(out, s->word, &s->icmp_number);
		break;
	case SEGMENT_ARP:
		fputs("arp", out);
		break;
	case SEGMENT_UDP:
		fputs("udp", out);
		break;
	}
}

static void print_inner(FILE *out, const struct segment_pattern *s)
{
	const struct segment_pattern inner = {
	    .kind = s->inner_kind, .flags = s->inner_flags, .word = s->inner_word};

	fputs(" [", out);
	print_kind(out, &inner);
	print_numbers(out, " ", s->inner_seq, s->inner_end, s->inner_length);
	putc(']', out);
}

static void print_ip_fields(FILE *out, const struct segment_pattern *s)
{
	for (int i = 0; i < IP_FIELDS; i++) {
		const struct ip_field_row *row = &ip_field_rows[i];

		if (!s->ip[i])
			continue;
		print_word(out, " ", row->words ? row->words[s->ip[i]->number] : row->name);
		if (!row->words)
			print_part(out, " ", s->ip[i]);
	}
}

void print_segment(FILE *out, const struct segment_pattern *s)
{
	print_kind(out, s);
	print_numbers(out, " ", s->seq, s->end, s->length);
	print_part(out, " ack ", s->ack);
	print_part(out, " win ", s->window);
	print_part(out, " urg ", s->urgent);
	if (s->has_options)
		print_options(out, s);
	if (s->has_payload) {
		putc(' ', out);
		string_print(out, s->payload, s->payload_length);
	}
	print_part(out, " mtu ", s->mtu);
	if (s->has_inner)
		print_inner(out, s);
	print_ip_fields(out, s);
	if (s->has_to) {
		fputs(" to ", out);
		print_address(out, &s->to);
	}
	if (s->fate != FATE_ARRIVED)
		fprintf(out, " %s", fate_rows[s->fate].word);
	print_word(out, " at ", s->fate_at);
}
