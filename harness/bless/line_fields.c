/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields: the judge's functions decide whether each one holds (judge/questions.h); a
 * field that does not hold is replaced by the observed value, in the same form. If a $name is
 * written, the observed number would hold only for this turn or this parameter, so the author must
 * decide.
 */
#include "harness/bless/line_fields.h"

#include <inttypes.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/script/print.h"
#include "harness/timeline/notation.h"

/* ---- common functions ---- */

static const struct line *line_at(const struct fields *f, size_t line)
{
	return &f->t->run->lines[line];
}

static void replace(struct fields *f, size_t line, struct extent at, const char *text)
{
	const char *written = extent_text(f->edits->arena, line_at(f, line), at);

	if (strchr(written, '$') && line_is_own(f->t->run, line_at(f, line)))
		edits_refuse(f->edits, line,
			     "'%s' is written here, and it is %s: what that would be in terms of "
			     "the name is yours to say",
			     written, text);
	else
		edits_set(f->edits, line, at, text);
}

static void set_field(struct fields *f, size_t line, struct extent at, bool holds, const char *text)
{
	if (!at.to)
		return;
	if (holds)
		edits_set(f->edits, line, at, NULL);
	else
		replace(f, line, at, text);
}

static void set_value(struct fields *f, size_t line, const struct value *v, int64_t seen)
{
	if (v)
		set_field(f, line, v->extent, judged_value(f->t, v, seen),
			  arena_printf(f->edits->arena, "%" PRId64, seen));
}

/* ---- packets ---- */

static void set_numbers(struct fields *f, size_t line, const struct value *seq,
			const struct value *end, const struct value *length, int64_t seen_seq,
			int64_t seen_length)
{
	set_value(f, line, seq, seen_seq);
	set_value(f, line, end, seen_seq + seen_length);
	set_value(f, line, length, seen_length);
}

static const char *sack_text(struct arena *a, const struct segment *s)
{
	const char *text = "sack";

	for (int i = 0; i < s->packet->options.sack_count; i++)
		text =
		    arena_printf(a, "%s %" PRId64 ":%" PRId64, text, s->sack[i][0], s->sack[i][1]);
	return text;
}

/* The values that an option has; false: the option is not there. */
static bool option_values(const struct option_pattern *o, const struct segment *s, int64_t *values)
{
	const struct tcp_options *seen = &s->packet->options;

	values[0] = values[1] = 0;
	switch (o->kind) {
	case OPTION_MSS:
		values[0] = seen->mss;
		return seen->has_mss;
	case OPTION_WSCALE:
		values[0] = seen->wscale;
		return seen->has_wscale;
	case OPTION_TS:
		values[0] = s->ts_value;
		values[1] = s->ts_echo;
		return seen->has_ts;
	case OPTION_SACK:
		return seen->sack_count > 0;
	case OPTION_TFO:
		return seen->has_tfo;
	case OPTION_MD5:
		return seen->has_md5;
	default:
		return seen->sack_ok;
	}
}

static void set_option(struct fields *f, size_t line, const struct option_pattern *o,
		       const struct segment *s)
{
	struct arena *a = f->edits->arena;
	int64_t values[2];
	bool there = option_values(o, s, values);

	if (judged_option(f->t, o, s))
		set_field(f, line, o->extent, true, "");
	else if (there && o->absent)
		set_field(f, line, o->extent, false, option_names[o->kind]);
	else if (!there)
		set_field(f, line, o->extent, false, arena_printf(a, "!%s", option_names[o->kind]));
	else if (o->kind == OPTION_SACK)
		set_field(f, line, o->extent, false, sack_text(a, s));
	else if (o->kind == OPTION_TFO)
		set_field(f, line, o->extent, false, "tfo");
	else
		for (size_t i = 0; i < o->value_count && i < 2; i++)
			set_value(f, line, o->values[i], values[i]);
}

static const char *bytes_text(struct arena *a, const char *bytes, size_t length)
{
	struct text text;

	string_print(text_open(&text), bytes, length);
	return text_close(&text, a);
}

static void set_payload(struct fields *f, size_t line, const struct segment *s)
{
	const struct segment_pattern *p = &line_at(f, line)->segment;
	const struct packet *packet = s->packet;

	if (!p->has_payload)
		return;
	if (!packet->data && packet->length)
		edits_refuse(f->edits, line, "the data of this packet were not captured");
	else
		set_field(f, line, p->payload_extent, payload_matches(p, packet),
			  bytes_text(f->edits->arena, (const char *)packet->data, packet->length));
}

static bool inner_matches(const struct segment_pattern *p, const struct packet *quoted)
{
	return quoted && p->inner_kind == SEGMENT_TCP && quoted->kind == PACKET_TCP &&
	       quoted->flags == p->inner_flags;
}

static const char *inner_text(struct arena *a, const struct packet *quoted)
{
	struct text text;
	FILE *out = text_open(&text);

	if (quoted->kind == PACKET_TCP) {
		fputc('[', out);
		flags_print(out, quoted->flags);
		fputc(']', out);
	} else {
		fprintf(out, "[%s%s (%" PRIu32 ")]", quoted->kind == PACKET_UDP ? "udp" : "icmp ",
			quoted->kind == PACKET_UDP ? "" : quoted->icmp_word, quoted->length);
	}
	return text_close(&text, a);
}

static void set_quoted(struct fields *f, size_t line, const struct segment *s)
{
	const struct segment_pattern *p = &line_at(f, line)->segment;
	const struct packet *quoted = s->packet->quoted;

	if (!p->has_inner)
		return;
	if (inner_matches(p, quoted))
		set_numbers(f, line, p->inner_seq, p->inner_end, p->inner_length, s->seq,
			    quoted->length);
	else if (quoted)
		set_field(f, line, p->inner_extent, judged_segment(f->t, p, s),
			  inner_text(f->edits->arena, quoted));
}

static void set_ip_field(struct fields *f, size_t line, enum ip_field field,
			 const struct segment *s)
{
	const struct value *v = line_at(f, line)->segment.ip[field];
	const struct ip_field_row *row = &ip_field_rows[field];
	uint32_t seen = ip_field_get(s->packet, field);

	if (v && row->words)
		set_field(f, line, v->extent, judged_value(f->t, v, seen), row->words[seen]);
	else
		set_value(f, line, v, seen);
}

void fields_of_part(struct fields *f, size_t line, const struct segment *s)
{
	const struct segment_pattern *p = &line_at(f, line)->segment;

	set_value(f, line, p->ack, s->ack);
	set_value(f, line, p->window, s->window);
	set_value(f, line, p->urgent, s->urgent);
	for (int i = 0; i < IP_FIELDS; i++)
		set_ip_field(f, line, (enum ip_field)i, s);
	for (size_t i = 0; i < p->option_count; i++)
		set_option(f, line, &p->options[i], s);
}

void fields_of_segment(struct fields *f, size_t line, const struct segment *s)
{
	const struct segment_pattern *p = &line_at(f, line)->segment;
	const struct packet *packet = s->packet;

	set_numbers(f, line, p->seq, p->end, p->length, s->seq, packet->length);
	fields_of_part(f, line, s);
	set_payload(f, line, s);
	set_value(f, line, p->mtu, packet->icmp_mtu);
	set_quoted(f, line, s);
	if (p->has_to)
		set_value(f, line, p->to.port, packet->target_port);
}

/* ---- calls ---- */

const char *result_text(struct arena *a, const struct event *e)
{
	const char *name = e->error ? constant_name(GROUP_errno, e->error) : NULL;

	if (name)
		return arena_printf(a, "%" PRId64 " %s", e->result, name);
	if (e->bound) /* a process, a handler: its number differs next time */
		return e->bound;
	return arena_printf(a, "%" PRId64, e->result);
}

static const struct arg *field_named(const struct arg *seen, const char *name)
{
	for (size_t i = 0; i < seen->item_count; i++)
		if (seen->items[i]->field && !strcmp(seen->items[i]->field, name))
			return seen->items[i];
	return NULL;
}

static const char *arg_text(struct arena *a, const struct arg *arg)
{
	struct arg bare = *arg;
	struct text text;

	bare.field = NULL;
	arg_print(text_open(&text), &bare);
	return text_close(&text, a);
}

/* Within a list or a struct only what differs. */
static void set_arg(struct fields *f, size_t line, const struct arg *written,
		    const struct arg *seen)
{
	bool alike = written->kind == seen->kind &&
		     (written->kind == ARG_STRUCT ||
		      (written->kind == ARG_LIST && written->item_count == seen->item_count));

	if (!alike || judged_filled(f->t, written, seen)) {
		set_field(f, line, written->extent, judged_filled(f->t, written, seen),
			  arg_text(f->edits->arena, seen));
		return;
	}
	for (size_t i = 0; i < written->item_count; i++) {
		const struct arg *item = written->items[i], *other = NULL;

		if (item->field)
			other = field_named(seen, item->field);
		else if (i < seen->item_count)
			other = seen->items[i];
		if (other)
			set_arg(f, line, item, other);
	}
}

static const struct arg *seen_arg(struct fields *f, const struct call *call, size_t i,
				  const struct event *e)
{
	static const struct arg nothing = {.kind = ARG_ANY};
	const struct call_param *param = call_param(call, i);

	if (i >= 8 || !param || !type_is_filled(param->type))
		return NULL;
	if (!e->seen[i]) /* as in a call that fails */
		return call_expectation(call, i) ? &nothing : NULL;
	return arg_parse(f->edits->arena, e->seen[i]);
}

bool args_hold(struct fields *f, const struct call *call, const struct event *e)
{
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct arg *seen = seen_arg(f, call, i, e);

		if (seen && !judged_filled(f->t, call->args[i], seen))
			return false;
	}
	return true;
}

const char *behind_text(struct arena *a, const struct call *call, const struct event *e)
{
	const struct call_param *param = call_param(call, 0);
	bool fills = param && (param->type == TYPE_POLLFDS || call->row->id == CALL_select);

	return fills && e->result > 0 && e->seen[0] ? arena_printf(a, " (%s)", e->seen[0]) : "";
}

static void set_result(struct fields *f, size_t line, const struct event *e)
{
	const struct call *call = &line_at(f, line)->call;
	const struct result *r = &call->result;
	const char *text = result_text(f->edits->arena, e);
	bool holds = judged_result(f->t, r, e);
	const struct call_row *row = call->row;

	if (!holds && e->result >= 0 && row &&
	    (row->returns == RETURNS_DESCRIPTOR || row->returns == RETURNS_ACTOR)) {
		edits_refuse(f->edits, line,
			     "%s() succeeds, and what it makes needs a name, which only you can "
			     "give: = NAME",
			     call->name);
		return;
	}
	if (r->kind == RESULT_TO_COME) {
		struct extent behind = {call->args_extent.to, call->args_extent.to};

		edits_fill(f->edits, line, behind,
			   arena_printf(f->edits->arena, " = %s%s", text,
					behind_text(f->edits->arena, call, e)));
		return;
	}
	set_field(f, line, r->extent, holds, text);
	if (r->has_seen && r->seen_count && e->seen[0] && !arg_is_timeout(r->seen[0])) {
		const struct arg *seen = arg_parse(f->edits->arena, e->seen[0]);

		if (seen)
			set_arg(f, line, r->seen[0], seen);
	}
}

void fields_of_return(struct fields *f, size_t line, const struct event *e)
{
	const struct call *call = &line_at(f, line)->call;

	set_result(f, line, e);
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct arg *seen = seen_arg(f, call, i, e);

		if (seen)
			set_arg(f, line, call->args[i], seen);
	}
}

/* ---- readings ---- */

static const char *left_text(struct arena *a, ns_t left)
{
	struct text text;

	print_ss_duration(text_open(&text), left);
	return text_close(&text, a);
}

/* The written time left, rounded as far as it still holds. */
static ns_t round_left(ns_t left, ns_t tick)
{
	for (ns_t unit = 1000 * NS_PER_S; unit > NS_PER_MS; unit /= 10) {
		ns_t round = (left + unit / 2) / unit * unit;

		if (round > 0 && round - left <= round / 16 + 2 * tick &&
		    left - round <= round / 16 + 2 * tick)
			return round;
	}
	return left / NS_PER_MS * NS_PER_MS;
}

static const char *timer_text(struct fields *f, size_t line, const struct event *e)
{
	const struct socket_state *s = &e->socket;
	ns_t left = judged_timer_left(f->t, line, e);

	if (s->timer == SS_TIMER_NONE)
		return "none";
	return arena_printf(f->edits->arena, "(%s,%s,%" PRIu32 ")", ss_timer_names[s->timer],
			    left_text(f->edits->arena, round_left(left, f->t->timeline->tick)),
			    s->timer_count);
}

static void set_timer(struct fields *f, size_t line, const struct event *e)
{
	const struct ss_reading *w = &line_at(f, line)->ss;
	ns_t left = round_left(judged_timer_left(f->t, line, e), f->t->timeline->tick);
	bool holds = judged_timer(f->t, line, e);

	if (w->timer != e->socket.timer || w->timer == SS_TIMER_NONE) {
		set_field(f, line, w->timer_extent, holds, timer_text(f, line, e));
		return;
	}
	set_value(f, line, w->timer_count, e->socket.timer_count);
	/* Apart from the count, the time does not hold. */
	if (!holds && judged_value(f->t, w->timer_count, e->socket.timer_count))
		set_field(f, line, w->left_extent, false, left_text(f->edits->arena, left));
}

void fields_of_socket(struct fields *f, size_t line, const struct event *e)
{
	const struct ss_reading *w = &line_at(f, line)->ss;
	const struct socket_state *s = &e->socket;
	struct extent all = {w->state_extent.from, w->rest.to};
	bool none = w->state_id == SS_NONE;

	if (!s->found || none) {
		set_field(f, line, s->found ? w->state_extent : all, !s->found == none,
			  ss_state_names[s->state]);
		return;
	}
	set_field(f, line, w->state_extent, w->state_id == s->state, ss_state_names[s->state]);
	set_value(f, line, w->recv_q, s->recv_q);
	set_value(f, line, w->send_q, s->send_q);
	if (w->has_timer)
		set_timer(f, line, e);
}

void fields_of_process(struct fields *f, size_t line, const struct event *e)
{
	const struct ps_reading *w = &line_at(f, line)->ps;

	set_field(f, line, w->state_extent, w->letter == e->state, process_state_text(e->state));
}

void fields_of_counters(struct fields *f, size_t line, const struct event *e)
{
	const struct line *l = line_at(f, line);

	for (size_t i = 0; i < l->nstat.count && i < e->counter_count; i++)
		set_field(f, line, l->nstat.list[i].extent,
			  judged_value(f->t, l->nstat.list[i].delta, e->counters[i].delta),
			  arena_printf(f->edits->arena, "%+" PRId64, e->counters[i].delta));
}

/* ---- signals, deaths ---- */

void fields_of_happening(struct fields *f, size_t line, const struct event *e)
{
	const struct line *l = line_at(f, line);
	struct arena *a = f->edits->arena;
	char signal[SIGNAL_TEXT];
	const char *text = arena_strdup(a, signal_text(e->signal, signal));
	bool holds = e->signal && l->signal.number == e->signal;

	if (l->kind == LINE_DEATH) {
		holds = holds || (!l->signal.name && !e->signal && l->signal.status == e->status);
		text = e->signal ? arena_printf(a, "killed by %s", text)
				 : arena_printf(a, "exited with %d", e->status);
	}
	set_field(f, line, l->signal.extent, holds, text);
}
