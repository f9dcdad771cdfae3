/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observations in the language's notation. Each kind of event has a row that says how it is
 * written; segments are written field by field in the order in which the grammar has them.
 */
#include "harness/timeline/notation.h"

#include <inttypes.h>
#include <stdio.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/script/print.h"

/* ---- segments ---- */

#define LONGEST_SHOWN 64 /* bytes of data; a packet line has all of them or none */

static void write_options(FILE *out, const struct segment *s)
{
	const struct tcp_options *o = &s->packet->options;
	const char *separator = " <";

#define OPTION(...) (fputs(separator, out), fprintf(out, __VA_ARGS__), separator = ",")
	if (o->has_mss)
		OPTION("mss %u", o->mss);
	if (o->sack_ok)
		OPTION("sackOK");
	if (o->has_ts)
		OPTION("TS %" PRId64 " ecr %" PRId64, s->ts_value, s->ts_echo);
	if (o->has_wscale)
		OPTION("wscale %u", o->wscale);
	for (int i = 0; i < o->sack_count; i++)
		if (i == 0)
			OPTION("sack %" PRId64 ":%" PRId64, s->sack[0][0], s->sack[0][1]);
		else
			fprintf(out, " %" PRId64 ":%" PRId64, s->sack[i][0], s->sack[i][1]);
	if (o->has_tfo)
		OPTION("tfo%s", o->tfo_length ? "" : " cookiereq");
	if (o->has_md5)
		OPTION("md5");
#undef OPTION
	if (*separator == ',')
		fputc('>', out);
}

static void write_sack(FILE *out, const struct segment *s)
{
	for (int i = 0; i < s->packet->options.sack_count; i++)
		fprintf(out, "%s %" PRId64 ":%" PRId64, i ? "" : " <sack", s->sack[i][0],
			s->sack[i][1]);
	if (s->packet->options.sack_count)
		fputc('>', out);
}

static void write_data(FILE *out, const struct packet *p)
{
	if (!p->length || p->length > LONGEST_SHOWN || !p->data)
		return;
	fputc(' ', out);
	string_print(out, (const char *)p->data, p->length);
}

/* How much of a segment is written. */
enum detail {
	FULL,
	BRIEF,	 /* only what it is, if it was printed in full above */
	DEFAULT, /* what a script would write */
};

/* Only what is not 0: nearly every packet is without. */
static void write_ip_fields(FILE *out, const struct packet *p)
{
	if (p->tos & ~ECN_BITS)
		fprintf(out, " tos 0x%02x", p->tos);
	else if (p->tos)
		fprintf(out, " %s", ecn_words[p->tos]);
}

static void write_tcp(FILE *out, const struct segment *s, enum detail detail, int64_t next)
{
	const struct packet *p = s->packet;
	bool brief = detail != FULL;
	bool numbers = detail == DEFAULT ? s->seq != next
					 : !brief || (p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));

	flags_print(out, p->flags);
	if (numbers || p->length)
		fprintf(out, " %" PRId64 ":%" PRId64 "(%" PRIu32 ")", s->seq, s->seq + p->length,
			p->length);
	if (p->flags & FLAG_ACK)
		fprintf(out, " ack %" PRId64, s->ack);
	if (!brief || (s->window == 0 && !(p->flags & FLAG_RST)))
		fprintf(out, " win %" PRId64, s->window);
	if (p->flags & FLAG_URG)
		fprintf(out, " urg %" PRId64, s->urgent);
	if (detail == DEFAULT)
		write_sack(out, s);
	else if (!brief || p->options.sack_count)
		write_options(out, s);
	if (brief)
		return;
	write_data(out, p);
	write_ip_fields(out, p);
}

static const char *address_name(const struct ip *ip)
{
	const char *name = ip_name(ip);

	return name ? name : "?";
}

static void write_datagram(FILE *out, const struct segment *s, enum detail detail)
{
	const struct packet *p = s->packet;

	if (p->kind == PACKET_UDP)
		fputs("udp", out);
	else
		fprintf(out, "icmp %s", p->icmp_word);
	fprintf(out, " (%" PRIu32 ")", p->length);
	if (detail != FULL)
		return;
	write_data(out, p);
	write_ip_fields(out, p);
	fprintf(out, " to %s", address_name(&s->packet->target));
	if (p->kind == PACKET_UDP)
		fprintf(out, ":%u", p->target_port);
}

static void write_quoted(FILE *out, const struct packet *quoted)
{
	if (quoted->kind == PACKET_TCP) {
		fputs(" [", out);
		flags_print(out, quoted->flags);
		fputc(']', out);
	} else if (quoted->kind == PACKET_UDP) {
		fprintf(out, " [udp (%" PRIu32 ")]", quoted->length);
	} else if (quoted->kind == PACKET_ECHO) {
		fprintf(out, " [icmp %s (%" PRIu32 ")]", quoted->icmp_word, quoted->length);
	}
}

static void write_icmp(FILE *out, const struct segment *s)
{
	const struct packet *p = s->packet;

	fprintf(out, "icmp %s", p->icmp_word);
	if (p->icmp_mtu)
		fprintf(out, " mtu %" PRIu32, p->icmp_mtu);
	if (p->quoted)
		write_quoted(out, p->quoted);
	fprintf(out, " to %s", address_name(&s->packet->target));
}

static bool is_elsewhere(const struct segment *s)
{
	return s->lost_at != HOST_ROUTER && s->lost_at != HOST_NONE;
}

static void write_fate(FILE *out, const struct segment *s)
{
	if (segment_fate(s) == FATE_ARRIVED)
		return;
	fprintf(out, " %s", fate_rows[segment_fate(s)].word);
	if (is_elsewhere(s))
		fprintf(out, " at %s", host_name(s->lost_at));
}

const char *fate_text(struct arena *a, const struct segment *s)
{
	enum fate fate = segment_fate(s);
	bool elsewhere = is_elsewhere(s);

	if (fate == FATE_ARRIVED)
		return "it arrived: no fate is written then";
	return arena_printf(a, "it was %s at the %s: write `%s%s%s`", fate_rows[fate].was,
			    host_name(elsewhere ? s->lost_at : HOST_ROUTER), fate_rows[fate].word,
			    elsewhere ? " at " : "", elsewhere ? host_name(s->lost_at) : "");
}

static void write_segment(FILE *out, const struct segment *s, enum detail detail, int64_t next)
{
	switch (s->packet->kind) {
	case PACKET_TCP:
		write_tcp(out, s, detail, next);
		break;
	case PACKET_ICMP:
		write_icmp(out, s);
		break;
	case PACKET_ARP:
		fprintf(out, "arp to %s", address_name(&s->packet->target));
		break;
	case PACKET_UDP:
	case PACKET_ECHO:
		write_datagram(out, s, detail);
		break;
	case PACKET_OTHER:
		if (s->packet->icmp_word)
			write_icmp(out, s);
		else
			fputs("something that is neither TCP nor UDP nor ICMP", out);
		break;
	}
}

const char *segment_text(struct arena *a, const struct segment *s)
{
	struct text text;
	FILE *out = text_open(&text);

	write_segment(out, s, FULL, 0);
	write_fate(out, s);
	return text_close(&text, a);
}

const char *segment_default(struct arena *a, const struct segment *s, int64_t next)
{
	struct text text;
	FILE *out = text_open(&text);

	write_segment(out, s, DEFAULT, next);
	write_fate(out, s);
	return text_close(&text, a);
}

const char *segment_label(struct arena *a, const struct segment *s)
{
	bool ends = s->packet->kind == PACKET_TCP && (s->packet->flags & (FLAG_FIN | FLAG_RST));
	struct text text;

	write_segment(text_open(&text), s, DEFAULT, ends ? INT64_MIN : s->seq);
	return text_close(&text, a);
}

/* ---- sockets ---- */

static void write_socket(FILE *out, const struct socket_state *s)
{
	if (!s->found) {
		fputs("none", out);
		return;
	}
	fprintf(out, "%s %" PRIu32 " %" PRIu32, ss_state_names[s->state], s->recv_q, s->send_q);
	if (s->timer == SS_TIMER_NONE) {
		fputs(" timer:none", out);
		return;
	}
	fprintf(out, " timer:(%s,", ss_timer_names[s->timer]);
	print_ss_duration(out, s->timer_left / NS_PER_MS * NS_PER_MS);
	fprintf(out, ",%" PRIu32 ")", s->timer_count);
}

/* ---- events ---- */

static void write_actor(FILE *out, const struct event *e)
{
	fputs(host_name(e->host), out);
	if (e->part)
		fprintf(out, ".%s", e->part);
}

static void write_call(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	fprintf(out, "%s %s", e->text, e->abandoned && !e->blocked ? "= ?" : "...");
}

bool event_shows(const struct event *e, size_t i)
{
	const struct call_row *row = e->call;

	if (!row || type_is_filled(row->params[0].type) || e->result <= 0 || !e->seen[shown_at(i)])
		return false;
	/* Behind the arguments, or an argument's own? */
	return !i || !type_is_filled(row->params[shown_at(i)].type);
}

/* What a call shows beside its result: ([{fd=c, revents=POLLIN}]) */
static void write_shown(FILE *out, const struct event *e)
{
	const char *before = " (";

	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		if (!event_shows(e, i))
			continue;
		fprintf(out, "%s%s", before, e->seen[shown_at(i)]);
		before = ", ";
	}
	fputs(*before == ',' ? ")" : "", out);
}

/* From the = on. */
static void write_result(FILE *out, const struct event *e)
{
	fputs("= ", out);
	if (e->bound && e->result >= 0)
		fputs(e->bound, out);
	else
		fprintf(out, "%" PRId64, e->result);
	if (e->error) {
		const char *name = constant_name(GROUP_errno, e->error);

		if (name)
			fprintf(out, " %s", name);
		else
			fprintf(out, " %d", e->error);
	}
	write_shown(out, e);
	if (e->note)
		fprintf(out, "  # %s", e->note);
}

static void write_return(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	fprintf(out, "%s%s ", e->blocked ? "... " : "", e->text);
	write_result(out, e);
}

const char *event_result(struct arena *a, const struct event *e)
{
	struct text text;

	write_result(text_open(&text), e);
	return text_close(&text, a);
}

/* Whose packet it is, if the run has more than one connection. */
static void write_tag(FILE *out, const struct timeline *t, const struct segment *s)
{
	if (t->connection_count > 1 && s->connection >= 0 &&
	    t->connections[s->connection].name_count)
		fprintf(out, ":%s", t->connections[s->connection].names[0]);
}

static bool begins_connection(const struct timeline *t, const struct segment *s)
{
	for (int i = 0; i < s->id; i++)
		if (t->segments[i].connection == s->connection)
			return false;
	return true;
}

static void write_forged(FILE *out, const struct timeline *t, const struct segment *s)
{
	bool begins = begins_connection(t, s);

	fprintf(out, "router  forge %s", address_name(&s->packet->source));
	if (begins)
		fprintf(out, ":%s", t->connections[s->connection].names[0]);
	else
		write_tag(out, t, s);
	fputs("> ", out);
	write_segment(out, s, FULL, 0);
	if (begins)
		fprintf(out, " to %s:%u", address_name(&s->packet->target), s->packet->target_port);
	write_fate(out, s);
}

static void write_sent(FILE *out, const struct timeline *t, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	if (s->forged) {
		write_forged(out, t, s);
		return;
	}
	fputs(host_name(s->from), out);
	write_tag(out, t, s);
	fputs("> ", out);
	write_segment(out, s, FULL, 0);
	write_fate(out, s);
}

static void write_arrived(FILE *out, const struct timeline *t, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	fprintf(out, ">%s ", host_name(s->to));
	write_segment(out, s, BRIEF, 0);
}

static void write_lost(FILE *out, const struct timeline *t, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	fprintf(out, "# %s's ", host_name(s->from));
	write_segment(out, s, BRIEF, 0);
	fprintf(out, " is lost at %s", host_name(s->lost_at));
}

static void write_held(FILE *out, const struct timeline *t, const struct event *e)
{
	const struct segment *s = &t->segments[e->segment];

	fprintf(out, "# %s's ", host_name(s->from));
	write_segment(out, s, BRIEF, 0);
	fprintf(out, " is %s", e->note);
}

static void write_signal(FILE *out, const struct timeline *t, const struct event *e)
{
	char signal[SIGNAL_TEXT];

	(void)t;
	fprintf(out, "--- %s ---", signal_text(e->signal, signal));
}

static void write_death(FILE *out, const struct timeline *t, const struct event *e)
{
	char signal[SIGNAL_TEXT];

	(void)t;
	if (e->signal)
		fprintf(out, "+++ killed by %s +++", signal_text(e->signal, signal));
	else
		fprintf(out, "+++ exited with %d +++", e->status);
}

static void write_action(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	fputs(e->note, out);
}

const char *process_state_text(char state)
{
	static const char known[] = "R\0S\0D\0T\0t\0Z\0X\0x\0I\0K\0W\0P\0";
	const char *text = known;

	if (!state)
		return "none";
	while (*text && *text != state)
		text += 2;
	return *text ? text : "?";
}

static void write_reading(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	if (e->process) {
		fprintf(out, "ps %s %s", e->process, process_state_text(e->state));
		return;
	}
	if (!e->counter_count) {
		fprintf(out, "ss %s ", e->descriptor);
		write_socket(out, &e->socket);
		return;
	}
	fputs("nstat", out);
	for (size_t i = 0; i < e->counter_count; i++)
		fprintf(out, " %s %+" PRId64, e->counters[i].name, e->counters[i].delta);
}

static void write_clock(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	fputs("quiet ", out);
	duration_print(out, (e->to - e->from) / NS_PER_MS * NS_PER_MS);
}

static void write_disturbed(FILE *out, const struct timeline *t, const struct event *e)
{
	(void)t;
	fprintf(out, "# disturbed: %s", e->note);
}

static void (*const writers[])(FILE *, const struct timeline *, const struct event *) = {
    [EVENT_CALL] = write_call,	   [EVENT_RETURN] = write_return,
    [EVENT_SENT] = write_sent,	   [EVENT_ARRIVED] = write_arrived,
    [EVENT_LOST] = write_lost,	   [EVENT_HELD] = write_held,
    [EVENT_SIGNAL] = write_signal, [EVENT_DEATH] = write_death,
    [EVENT_ACTION] = write_action, [EVENT_READING] = write_reading,
    [EVENT_CLOCK] = write_clock,   [EVENT_DISTURBED] = write_disturbed,
};

/* What an actor did, or what was asked of it. */
static bool has_actor(const struct event *e)
{
	return e->kind == EVENT_CALL || e->kind == EVENT_RETURN || e->kind == EVENT_SIGNAL ||
	       e->kind == EVENT_DEATH || e->kind == EVENT_READING;
}

const char *event_text(struct arena *a, const struct timeline *t, const struct event *e)
{
	struct text text;
	FILE *out = text_open(&text);

	if (has_actor(e)) {
		write_actor(out, e);
		fputs("  ", out);
	}
	writers[e->kind](out, t, e);
	return text_close(&text, a);
}

const char *event_bare_text(struct arena *a, const struct timeline *t, const struct event *e)
{
	struct text text;

	writers[e->kind](text_open(&text), t, e);
	return text_close(&text, a);
}
