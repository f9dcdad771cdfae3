/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of small functions. Each alters one thing (an errno, a flag, a gap ..) in a copy of a
 * line, if the line has it. It alters an expectation, never an action; only the number of a
 * repeat's rounds is both.
 */
#include "tests/mutants/mutate.h"

#include <string.h>

#include "harness/calls/calls.h"
#include "harness/packet/icmp.h"

static struct arena *arena; /* of what is being altered just now */

static struct value *more(const struct value *v, int64_t by)
{
	struct value *copy;

	if (!v || v->kind == VALUE_ANY)
		return NULL;
	copy = arena_new(arena, struct value);
	*copy = *v;
	if (v->kind == VALUE_AT_LEAST) { /* whatever came, it was not that much */
		copy->left = arena_new(arena, struct value);
		*copy->left = (struct value){.kind = VALUE_INT, .number = INT64_C(1) << 40};
		return copy;
	}
	if (v->kind == VALUE_RANGE) { /* 3..5 becomes 6..8 */
		int64_t width = v->right->number - v->left->number + 1;

		if (v->left->kind != VALUE_INT || v->right->kind != VALUE_INT)
			return NULL;
		copy->left = more(v->left, width);
		copy->right = more(v->right, width);
		return copy;
	}
	if (v->kind == VALUE_INT) {
		copy->number += by;
		return copy;
	}
	copy->kind = VALUE_SUM;
	copy->left = arena_new(arena, struct value); /* $i * 11 becomes $i * 11 + 1, $n $n + 1 */
	*copy->left = *v;
	copy->op = by < 0 ? '-' : '+';
	copy->right = arena_new(arena, struct value);
	*copy->right = (struct value){.kind = VALUE_INT, .number = by < 0 ? -by : by};
	return copy;
}

static bool raise_value(struct value **v)
{
	struct value *altered = more(*v, 1);

	if (altered)
		*v = altered;
	return altered != NULL;
}

static bool is_call(const struct line *l)
{
	return l->kind == LINE_CALL || l->kind == LINE_RESUME;
}

static bool is_packet(const struct line *l)
{
	return (l->kind == LINE_SENT || l->kind == LINE_ARRIVAL) && l->segment.kind != SEGMENT_ARP;
}

static bool is_tcp(const struct line *l)
{
	return is_packet(l) && l->segment.kind == SEGMENT_TCP;
}

/* All that has TCP's numbers: `data`, too. */
static bool has_numbers(const struct line *l)
{
	return is_tcp(l) || (is_packet(l) && l->segment.kind == SEGMENT_DATA);
}

static bool alter_errno(struct line *l)
{
	if (!is_call(l) || !l->call.result.error)
		return false;
	l->call.result.error = strcmp(l->call.result.error, "ENOTUNIQ") ? "ENOTUNIQ" : "EXFULL";
	return true;
}

static bool alter_success(struct line *l)
{
	if (!is_call(l) || !l->call.result.error)
		return false;
	l->call.result.error = NULL;
	l->call.result.value = more(l->call.result.value, 1);
	return l->call.result.value != NULL;
}

static bool alter_result(struct line *l)
{
	return is_call(l) && l->call.result.kind == RESULT_VALUE && !l->call.result.error &&
	       raise_value(&l->call.result.value);
}

static bool alter_failure(struct line *l)
{
	if (!is_call(l) || l->call.result.kind != RESULT_VALUE || l->call.result.error ||
	    l->call.result.value->kind != VALUE_INT || l->call.result.value->number < 0)
		return false;
	l->call.result.value = more(l->call.result.value, -1 - l->call.result.value->number);
	l->call.result.error = "ENOTUNIQ";
	return true;
}

/* ---- what a call filled in ---- */

static bool alter_leaf(struct arg *leaf)
{
	const char *old;
	struct value *value;

	switch (leaf->kind) {
	case ARG_STRING:
		leaf->bytes = arena_printf(arena, "%.*s!", (int)leaf->length, leaf->bytes);
		leaf->length++;
		return true;
	case ARG_VALUE:
		value = more(leaf->value, 1);
		leaf->value = value ? value : leaf->value;
		return value != NULL;
	case ARG_NAMES:
		old = leaf->names[0];
		/* Nothing is filled in there; strace's, beside a result of 0. */
		if (!strcmp(old, "NULL") || !strcmp(old, "Timeout"))
			return false;
		leaf->names = arena_alloc(arena, sizeof(*leaf->names));
		leaf->names[0] = old[0] == 'P'		   ? "POLLNVAL"
				 : !strncmp(old, "SIG", 3) ? "SIGXCPU"
							   : "ENOTUNIQ";
		leaf->name_count = 1;
		return true;
	case ARG_ADDRESS:
		leaf->address.host = leaf->address.host ? NULL : "ghost";
		return true;
	default:
		return false;
	}
}

/* A copy in which the nth leaf is another, or NULL; `n` counts down what has been passed. */
static struct arg *other_leaf(const struct arg *arg, int *n)
{
	struct arg *copy = arena_new(arena, struct arg);

	*copy = *arg;
	if (!arg->item_count)
		return alter_leaf(copy) && (*n)-- == 0 ? copy : NULL;
	copy->items = arena_alloc(arena, arg->item_count * sizeof(*copy->items));
	memcpy(copy->items, arg->items, arg->item_count * sizeof(*copy->items));
	for (size_t i = 0; i < arg->item_count; i++) {
		const char *field = arg->items[i]->field;
		struct arg *altered;

		if (field && !strcmp(field, "iov_len")) /* how much is to be received */
			continue;
		altered = other_leaf(arg->items[i], n);
		if (!altered)
			continue;
		copy->items[i] = altered;
		return copy;
	}
	return NULL;
}

static bool alter_one_of(struct arg ***args, size_t count, size_t i, int *n)
{
	struct arg *altered = other_leaf((*args)[i], n), **copy;

	if (!altered)
		return false;
	copy = arena_alloc(arena, count * sizeof(*copy));
	memcpy(copy, *args, count * sizeof(*copy));
	copy[i] = altered;
	*args = copy;
	return true;
}

/* The nth thing that is written of what a call filled in. */
static bool alter_filled(struct line *l, int n)
{
	struct call *call = &l->call;

	if (!is_call(l))
		return false;
	for (size_t i = 0; i < call->result.seen_count; i++)
		if (alter_one_of(&call->result.seen, call->result.seen_count, i, &n))
			return true;
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type) &&
		    alter_one_of(&call->args, call->arg_count, i, &n))
			return true;
	}
	return false;
}

static bool alter_first(struct line *l)
{
	return alter_filled(l, 0);
}

static bool alter_second(struct line *l)
{
	return alter_filled(l, 1);
}

static bool alter_third(struct line *l)
{
	return alter_filled(l, 2);
}

static bool alter_fourth(struct line *l)
{
	return alter_filled(l, 3);
}

static bool alter_fifth(struct line *l)
{
	return alter_filled(l, 4);
}

static bool alter_sixth(struct line *l)
{
	return alter_filled(l, 5);
}

/* The port of an address that was filled in: client:4000. */
static bool alter_filled_port(struct line *l)
{
	struct call *call = &l->call;

	for (size_t i = 0; is_call(l) && i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);
		struct arg *copy, **args;

		if (!param || param->type != TYPE_ADDRESS_OUT || call->args[i]->kind != ARG_ADDRESS)
			continue;
		copy = arena_new(arena, struct arg);
		*copy = *call->args[i];
		if (!raise_value(&copy->address.port))
			continue;
		args = arena_alloc(arena, call->arg_count * sizeof(*args));
		memcpy(args, call->args, call->arg_count * sizeof(*args));
		args[i] = copy;
		call->args = args;
		return true;
	}
	return false;
}

static bool alter_flag_syn(struct line *l)
{
	if (!is_tcp(l))
		return false;
	l->segment.flags ^= l->segment.flags & FLAG_SYN ? FLAG_SYN | FLAG_FIN : FLAG_SYN;
	return true;
}

static bool alter_flag_push(struct line *l)
{
	if (!is_tcp(l))
		return false;
	l->segment.flags ^= FLAG_PSH;
	return true;
}

static bool alter_direction(struct line *l)
{
	if (!is_packet(l))
		return false;
	l->actor.host = strcmp(l->actor.host, "client") ? "client" : "server";
	return true;
}

static bool alter_fate(struct line *l)
{
	if (!is_packet(l))
		return false;
	l->segment.fate = l->segment.fate == FATE_LOST ? FATE_ARRIVED : FATE_LOST;
	l->segment.fate_at = NULL;
	return true;
}

/* A forged segment was taken where it arrived, or the other way round. */
static bool alter_forged(struct line *l)
{
	if (l->kind != LINE_FORGE)
		return false;
	l->segment.fate = l->segment.fate == FATE_LOST ? FATE_ARRIVED : FATE_LOST;
	l->segment.fate_at = NULL;
	if (l->segment.fate == FATE_LOST)
		l->segment.fate_at = strcmp(l->forged.host, "server") ? "server" : "client";
	return true;
}

static bool alter_where(struct line *l)
{
	if (!is_packet(l) || l->segment.fate != FATE_LOST)
		return false;
	l->segment.fate_at = l->segment.fate_at		       ? NULL
			     : strcmp(l->actor.host, "client") ? "client"
							       : "server";
	return true;
}

static bool alter_length(struct line *l)
{
	bool altered =
	    (l->kind == LINE_SENT || l->kind == LINE_ARRIVAL) && raise_value(&l->segment.length);

	if (altered && l->segment.end)
		raise_value(&l->segment.end);
	return altered;
}

static bool alter_seq(struct line *l)
{
	bool altered = has_numbers(l) && raise_value(&l->segment.seq);

	if (altered)
		raise_value(&l->segment.end);
	return altered;
}

static bool alter_ack(struct line *l)
{
	return has_numbers(l) && raise_value(&l->segment.ack);
}

static bool alter_window(struct line *l)
{
	return has_numbers(l) && raise_value(&l->segment.window);
}

static bool alter_urgent(struct line *l)
{
	return has_numbers(l) && raise_value(&l->segment.urgent);
}

/* The nth field of the IP header: one more, or the next word. */
static bool alter_ip_field(struct line *l, int n)
{
	const struct ip_field_row *row = &ip_field_rows[n];
	struct value **v = &l->segment.ip[n];

	if (!is_packet(l) || !raise_value(v))
		return false;
	if (row->words)
		(*v)->number &= row->most;
	return true;
}

static bool alter_ecn(struct line *l)
{
	return alter_ip_field(l, HEADER_ECN);
}

static bool alter_tos(struct line *l)
{
	return alter_ip_field(l, HEADER_TOS);
}

static bool alter_ttl(struct line *l)
{
	return alter_ip_field(l, HEADER_TTL);
}

static bool alter_flow_label(struct line *l)
{
	return alter_ip_field(l, HEADER_FLOW_LABEL);
}

static bool alter_flag_ae(struct line *l)
{
	if (!is_tcp(l) || !(l->segment.flags & (FLAG_ECE | FLAG_CWR)))
		return false;
	l->segment.flags ^= FLAG_AE;
	return true;
}

/* ---- options ---- */

/* The nth option that is written, a copy; NULL: there is none. */
static struct option_pattern *option_copy(struct line *l, size_t n)
{
	struct segment_pattern *s = &l->segment;
	struct option_pattern *copy;

	if (!has_numbers(l) || n >= s->option_count)
		return NULL;
	copy = arena_alloc(arena, s->option_count * sizeof(*copy));
	memcpy(copy, s->options, s->option_count * sizeof(*copy));
	s->options = copy;
	return &copy[n];
}

/* There, or not there. */
static bool invert_option(struct line *l, size_t n)
{
	struct option_pattern *o = option_copy(l, n);

	if (!o)
		return false;
	o->absent = !o->absent;
	o->value_count = 0;
	o->asks = false;
	return true;
}

static bool invert_first_option(struct line *l)
{
	return invert_option(l, 0);
}

static bool invert_second_option(struct line *l)
{
	return invert_option(l, 1);
}

static bool invert_third_option(struct line *l)
{
	return invert_option(l, 2);
}

/* The nth of the values of all options, as far as they must be there. */
static bool alter_option_value(struct line *l, size_t n)
{
	for (size_t i = 0; has_numbers(l) && i < l->segment.option_count; i++) {
		const struct option_pattern *o = &l->segment.options[i];

		if (o->absent)
			continue;
		if (n < o->value_count)
			return raise_value(&option_copy(l, i)->values[n]);
		n -= o->value_count;
	}
	return false;
}

static bool alter_first_value(struct line *l)
{
	return alter_option_value(l, 0);
}

static bool alter_second_value(struct line *l)
{
	return alter_option_value(l, 1);
}

/* One SACK block more than came. */
static bool alter_blocks(struct line *l)
{
	for (size_t i = 0; has_numbers(l) && i < l->segment.option_count; i++) {
		struct option_pattern *o = option_copy(l, i);

		if (o->kind != OPTION_SACK || o->absent || !o->value_count || o->value_count > 6)
			continue;
		o->values[o->value_count] = o->values[0];
		o->values[o->value_count + 1] = o->values[1];
		o->value_count += 2;
		return true;
	}
	return false;
}

/* ---- the rest of a packet ---- */

static bool alter_payload(struct line *l)
{
	struct segment_pattern *s = &l->segment;

	if (!is_packet(l) || !s->has_payload)
		return false;
	s->payload = arena_printf(arena, "%.*s!", (int)s->payload_length, s->payload);
	s->payload_length++;
	return true;
}

static bool alter_target(struct line *l)
{
	return is_packet(l) && l->segment.has_to && raise_value(&l->segment.to.port);
}

/* Of a neighbour request, too. */
static bool alter_target_host(struct line *l)
{
	struct segment_pattern *s = &l->segment;

	if ((l->kind != LINE_SENT && l->kind != LINE_ARRIVAL) || !s->has_to || !s->to.host)
		return false;
	s->to.host = strcmp(s->to.host, "ghost") ? "ghost" : "nowhere";
	return true;
}

static bool alter_mtu(struct line *l)
{
	return is_packet(l) && raise_value(&l->segment.mtu);
}

static bool alter_icmp(struct line *l)
{
	const char *word = l->segment.word;
	const struct icmp_row *row;

	if (!is_packet(l) || l->segment.kind != SEGMENT_ICMP)
		return false;
	row = word ? icmp_find(word) : NULL;
	l->segment.icmp_number = (struct icmp_number){0};
	if (!row) /* a parameter's, or numbers */
		l->segment.word = "ttl-exceeded";
	else if (row->is_echo)
		l->segment.word =
		    strcmp(word, ICMP_ECHO_REPLY) ? ICMP_ECHO_REPLY : ICMP_ECHO_REQUEST;
	else
		l->segment.word =
		    strcmp(word, "port-unreachable") ? "port-unreachable" : "ttl-exceeded";
	return true;
}

static bool alter_quoted(struct line *l)
{
	if (!is_packet(l) || l->segment.kind != SEGMENT_ICMP || !l->segment.has_inner)
		return false;
	if (l->segment.inner_kind == SEGMENT_TCP) {
		l->segment.inner_flags ^= FLAG_PSH;
	} else {
		l->segment.inner_kind =
		    l->segment.inner_kind == SEGMENT_UDP ? SEGMENT_ICMP : SEGMENT_UDP;
		l->segment.inner_word = ICMP_ECHO_REPLY;
	}
	return true;
}

static bool alter_quoted_seq(struct line *l)
{
	bool altered = is_packet(l) && raise_value(&l->segment.inner_seq);

	if (altered)
		raise_value(&l->segment.inner_end);
	return altered;
}

static bool alter_quoted_length(struct line *l)
{
	bool altered = is_packet(l) && raise_value(&l->segment.inner_length);

	if (altered)
		raise_value(&l->segment.inner_end);
	return altered;
}

/* The time of a reading is not an expectation: a state may well last longer. */
static bool expects_gap(const struct line *l)
{
	return l->gap.present && line_role(l) == ROLE_OBSERVATION && l->kind != LINE_SS &&
	       l->kind != LINE_NSTAT && l->kind != LINE_PS;
}

static bool longer_gap(struct line *l)
{
	if (!expects_gap(l))
		return false;
	l->gap.min = l->gap.min ? l->gap.min * 2 : l->gap.max; /* +0..20ms becomes +20ms..40ms */
	l->gap.max *= 2;
	return true;
}

static bool shorter_gap(struct line *l)
{
	if (!expects_gap(l) || !l->gap.min)
		return false;
	l->gap.min /= 2;
	l->gap.max /= 2;
	return true;
}

static bool alter_state(struct line *l)
{
	if (l->kind != LINE_SS)
		return false;
	if (!strcmp(l->ss.state, "none")) {
		l->ss.state = "ESTAB";
		return true;
	}
	l->ss.state = strcmp(l->ss.state, "CLOSING") ? "CLOSING" : "ESTAB";
	return true;
}

static bool alter_presence(struct line *l)
{
	if (l->kind != LINE_SS || !strcmp(l->ss.state, "none"))
		return false;
	l->ss.state = "none";
	l->ss.recv_q = l->ss.send_q = NULL;
	l->ss.has_timer = false;
	return true;
}

static bool alter_recv_queue(struct line *l)
{
	return l->kind == LINE_SS && raise_value(&l->ss.recv_q);
}

static bool alter_send_queue(struct line *l)
{
	return l->kind == LINE_SS && raise_value(&l->ss.send_q);
}

static struct value anything = {.kind = VALUE_ANY};
static struct value minus_one = {.kind = VALUE_INT, .number = -1};

static bool alter_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer)
		return false;
	if (!strcmp(l->ss.timer_name, "none")) {
		l->ss.timer_left = -1;
		l->ss.timer_count = &anything;
	}
	l->ss.timer_name = strcmp(l->ss.timer_name, "persist") ? "persist" : "keepalive";
	return true;
}

static bool longer_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer || l->ss.timer_left <= 0)
		return false;
	l->ss.timer_left *= 2;
	return true;
}

static bool shorter_timer(struct line *l)
{
	if (l->kind != LINE_SS || !l->ss.has_timer || l->ss.timer_left <= 0)
		return false;
	l->ss.timer_left /= 2;
	return true;
}

static bool alter_timer_count(struct line *l)
{
	return l->kind == LINE_SS && l->ss.has_timer && raise_value(&l->ss.timer_count);
}

/* By how much a counter has grown. */
static bool alter_counter(struct line *l, size_t n)
{
	struct counter *copy;

	if (l->kind != LINE_NSTAT || n >= l->nstat.count)
		return false;
	copy = arena_alloc(arena, l->nstat.count * sizeof(*copy));
	memcpy(copy, l->nstat.list, l->nstat.count * sizeof(*copy));
	l->nstat.list = copy;
	return raise_value(&copy[n].delta);
}

static bool alter_first_counter(struct line *l)
{
	return alter_counter(l, 0);
}

static bool alter_second_counter(struct line *l)
{
	return alter_counter(l, 1);
}

static bool alter_third_counter(struct line *l)
{
	return alter_counter(l, 2);
}

static bool alter_signal(struct line *l)
{
	if (l->kind != LINE_SIGNALLED)
		return false;
	l->signal.name = strcmp(l->signal.name, "SIGURG") ? "SIGURG" : "SIGIO";
	return true;
}

static bool alter_process_state(struct line *l)
{
	if (l->kind != LINE_PS)
		return false;
	l->ps.state = strcmp(l->ps.state, "none") ? "none" : "Z";
	return true;
}

/* Exited with another status, or killed by another signal. */
static bool alter_end(struct line *l)
{
	if (l->kind != LINE_DEATH)
		return false;
	l->signal.status++;
	if (l->signal.name)
		l->signal.name = strcmp(l->signal.name, "SIGXCPU") ? "SIGXCPU" : "SIGKILL";
	return true;
}

/* Killed instead of exited, or the other way round. */
static bool alter_death(struct line *l)
{
	if (l->kind != LINE_DEATH)
		return false;
	l->signal.name = l->signal.name ? NULL : "SIGKILL";
	return true;
}

/* A name that is observed, not given; or a call that does not return: now it fails. */
static bool alter_name(struct line *l)
{
	const struct call_row *row = is_call(l) ? l->call.row : NULL;
	struct result *r = &l->call.result;

	if (!row || (!(r->kind == RESULT_NAME &&
		       (row->returns == RETURNS_PROCESS || row->returns == RETURNS_HANDLER)) &&
		     !(r->kind == RESULT_UNKNOWN && row->returns != RETURNS_NEVER)))
		return false;
	r->kind = RESULT_VALUE;
	r->name = NULL;
	r->value = &minus_one;
	r->error = "ENOTUNIQ";
	return true;
}

static bool more_rounds(struct line *l)
{
	return l->kind == LINE_REPEAT && raise_value(&l->repeat.count);
}

static bool fewer_rounds(struct line *l)
{
	struct value *altered = l->kind == LINE_REPEAT ? more(l->repeat.count, -1) : NULL;

	if (altered)
		l->repeat.count = altered;
	return altered && altered->number > 0;
}

const struct mutation mutations[] = {
    {"another errno", alter_errno, false},
    {"success instead of an error", alter_success, false},
    {"another result", alter_result, false},
    {"an error instead of success", alter_failure, false},
    {"other data filled in", alter_first, false},
    {"other data filled in, 2", alter_second, false},
    {"other data filled in, 3", alter_third, false},
    {"other data filled in, 4", alter_fourth, false},
    {"other data filled in, 5", alter_fifth, false},
    {"other data filled in, 6", alter_sixth, false},
    {"another port filled in", alter_filled_port, false},
    {"another flag (SYN)", alter_flag_syn, false},
    {"another flag (PSH)", alter_flag_push, false},
    {"the other direction", alter_direction, false},
    {"lost or arrived", alter_fate, false},
    {"lost elsewhere", alter_where, false},
    {"forged, and lost", alter_forged, false},
    {"another length", alter_length, false},
    {"another sequence number", alter_seq, false},
    {"another acknowledgement", alter_ack, false},
    {"another window", alter_window, false},
    {"another urgent pointer", alter_urgent, false},
    {"another flag (AE)", alter_flag_ae, false},
    {"another ECN", alter_ecn, false},
    {"another tos", alter_tos, false},
    {"another ttl", alter_ttl, false},
    {"another flow label", alter_flow_label, false},
    {"an option there or not there", invert_first_option, false},
    {"an option there or not there, 2", invert_second_option, false},
    {"an option there or not there, 3", invert_third_option, false},
    {"another value of an option", alter_first_value, false},
    {"another value of an option, 2", alter_second_value, false},
    {"one SACK block more", alter_blocks, false},
    {"another ICMP message", alter_icmp, false},
    {"another packet quoted", alter_quoted, false},
    {"another length quoted", alter_quoted_length, false},
    {"other data", alter_payload, false},
    {"another port", alter_target, false},
    {"another target", alter_target_host, false},
    {"another MTU", alter_mtu, false},
    {"another sequence number quoted", alter_quoted_seq, false},
    {"twice the gap", longer_gap, false},
    {"half the gap", shorter_gap, false},
    {"another state", alter_state, false},
    {"no such socket", alter_presence, false},
    {"another Recv-Q", alter_recv_queue, false},
    {"another Send-Q", alter_send_queue, false},
    {"another timer", alter_timer, false},
    {"twice the time left", longer_timer, false},
    {"half the time left", shorter_timer, false},
    {"another timer count", alter_timer_count, false},
    {"another count", alter_first_counter, false},
    {"another count, 2", alter_second_counter, false},
    {"another count, 3", alter_third_counter, false},
    {"another signal", alter_signal, false},
    {"one round more", more_rounds, true},
    {"one round less", fewer_rounds, true},
    {"another state of a process", alter_process_state, false},
    {"another end", alter_end, false},
    {"another death", alter_death, false},
    {"an error instead of a name", alter_name, false},
};
const size_t mutation_count = sizeof(mutations) / sizeof(*mutations);

bool mutation_alter(struct arena *a, size_t mutation, struct line *line)
{
	arena = a;
	return mutations[mutation].alter(line);
}
