/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What calls do: their results, the names that they bind and close, connections that begin,
 * processes that come and go. Which of these functions a call has is a column of call_rows.h.
 */
#include <string.h>
#include <sys/socket.h>

#include "harness/script/check.h"

static bool returns(const struct call *call, int64_t number)
{
	const struct value *v = call->result.value;

	if (call->result.kind == RESULT_TO_COME) /* what its author probably means */
		return number == 0;
	return call->result.kind == RESULT_VALUE && v->kind == VALUE_INT && v->number == number;
}

struct name *first_name(const struct subject *s)
{
	const struct call *call = s->call;

	if (!s->entering && !call->arg_count && s->actor->blocked)
		call = &s->actor->blocked->call; /* `... connect() = 0` */
	if (!call->arg_count || !arg_is_name(call->args[0]))
		return NULL;
	return name_find(s->k, call->args[0]->names[0]);
}

/* The address that a call is given, NULL: none. */
static const struct address *address_in(struct arg *const *args, size_t count)
{
	const struct address *found = NULL;

	for (size_t i = 0; i < count && !found; i++)
		found = args[i]->kind == ARG_ADDRESS
			    ? &args[i]->address
			    : address_in(args[i]->items, args[i]->item_count);
	return found;
}

static void begin_connection(struct subject *s)
{
	struct name *n = first_name(s);
	const struct address *to = address_in(s->call->args, s->call->arg_count);

	if (!n || !s->entering || !to || n->is_listener)
		return;
	n->is_connection = true;
	n->is_local = !to->row || to->row->host == s->actor->host || to->row->host == HOST_NONE;
}

/* socket() and socketpair(), which the kernel makes for AF_UNIX only. */
static bool is_unix(const struct call *call)
{
	const struct arg *family = call->arg_count ? call->args[0] : NULL;

	if (!family || family->kind != ARG_NAMES)
		return family && family->kind == ARG_VALUE && family->value->kind == VALUE_INT &&
		       family->value->number == AF_UNIX;
	return arg_is_of(family, GROUP_domain) && family->number == AF_UNIX;
}

/* A socket without connections: all that it sends is its own (flow.c). */
static void begin_flow(struct subject *s)
{
	const struct call *call = s->call;
	const struct arg *type = call->arg_count > 1 ? call->args[1] : NULL;
	const struct arg *protocol = call->arg_count > 2 ? call->args[2] : NULL;
	struct name *n = call->result.name ? name_find(s->k, call->result.name) : NULL;

	if (n)
		n->is_unix = is_unix(call);
	if (n && protocol && protocol->kind == ARG_NAMES)
		n->is_icmp = strncmp(protocol->names[0], "IPPROTO_ICMP", 12) == 0;
	for (size_t i = 0; n && type && i < type->name_count; i++) {
		bool is_datagram = strcmp(type->names[i], "SOCK_DGRAM") == 0;

		n->is_datagram = n->is_datagram || is_datagram;
		if (is_datagram || strcmp(type->names[i], "SOCK_RAW") == 0)
			n->is_connection = n->is_flow = true;
	}
}

static void become_listener(struct subject *s)
{
	struct name *n = first_name(s);

	if (n && returns(s->call, 0))
		n->is_listener = true;
}

static void end_listening(struct subject *s)
{
	struct name *n = first_name(s);

	if (n && returns(s->call, 0))
		n->is_listener = false;
}

static void take_connection(struct subject *s)
{
	struct name *n = s->call->result.name ? name_find(s->k, s->call->result.name) : NULL;

	if (n)
		n->is_connection = true;
}

static void copy_kind(struct name *to, const struct name *from)
{
	to->is_connection = from->is_connection;
	to->is_flow = from->is_flow;
	to->is_datagram = from->is_datagram;
	to->is_icmp = from->is_icmp;
	to->is_unix = from->is_unix;
	to->is_listener = from->is_listener;
	to->is_local = from->is_local;
}

static void copy_descriptor(struct subject *s)
{
	const struct name *from = first_name(s);
	struct name *n = s->call->result.name ? name_find(s->k, s->call->result.name) : NULL;

	if (n && from)
		copy_kind(n, from);
}

/*
 * dup2(x, y): y is another name of x's file from here on. If two connections had one name, their
 * packets could not be told apart.
 */
static void copy_onto(struct subject *s)
{
	const struct arg *onto = s->call->arg_count > 1 ? s->call->args[1] : NULL;
	struct name *from = first_name(s);
	struct name *n = onto && arg_is_name(onto) ? name_find(s->k, onto->names[0]) : NULL;

	if (!n) {
		copy_descriptor(s);
		return;
	}
	if (n->is_connection && n != from)
		diagnose(s->k->diagnostics, onto->place,
			 "'%s' is a connection already; expected a descriptor that is none, or 0, "
			 "1 or 2",
			 n->name);
	if (from && s->call->result.kind == RESULT_NAME)
		copy_kind(n, from);
}

static void name_one_of_pair(struct subject *s, const struct arg *arg)
{
	struct name *n;

	if (!arg_is_name(arg) || !returns(s->call, 0))
		return;
	name_bind(s->k, arg->names[0], arg->place, s->actor);
	n = name_find(s->k, arg->names[0]);
	if (n)
		n->is_unix = is_unix(s->call);
}

/* pipe([r w]) = 0 */
static void name_pair(struct subject *s)
{
	for (size_t i = 0; i < s->call->arg_count; i++) {
		const struct arg *arg = s->call->args[i];

		for (size_t k = 0; arg->kind == ARG_LIST && k < arg->item_count; k++)
			name_one_of_pair(s, arg->items[k]);
	}
}

static void (*const effects[CALL_COUNT])(struct subject *s) = {
#define CALL(name, number, returns, make, effect, ...) [CALL_##name] = effect,
#include "harness/calls/call_rows.h"
};

void apply_effects(struct subject *s)
{
	if (s->row && effects[s->row->id])
		effects[s->row->id](s);
	if (s->row && s->row->closes && returns(s->call, 0) && first_name(s))
		name_close(first_name(s), s->actor->process);
	/* = ?: it does not return, since its process ends in it. */
	if (s->call->result.kind == RESULT_UNKNOWN)
		process_end(s->k, s->actor->process);
}

/* ---- results ---- */

static bool makes_descriptor(const struct subject *s)
{
	return !s->row || s->row->later || call_makes_descriptor(s->row, s->call);
}

static bool check_actor_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	switch (s->row ? s->row->returns : RETURNS_COUNT) {
	case RETURNS_ACTOR:
		actor_add(s->k, r->name, r->place, s->actor, s->row->id != CALL_thread);
		return true;
	case RETURNS_HANDLER:
		if (!constant_value(GROUP_handler, r->name, &(int64_t){0}))
			diagnose(s->k->diagnostics, r->place,
				 "%s() returns what was done before: SIG_DFL, SIG_IGN or handler",
				 s->row->name);
		return true;
	case RETURNS_PROCESS:
		process_need(s->k, r->name, r->place, s->actor->host);
		return true;
	default:
		return false;
	}
}

/* dup2(x, y) = y: the name is not a new one. */
static bool is_onto(const struct subject *s, const char *name)
{
	const struct call *call = s->call;

	return call->row && call->arg_count > 1 && call->row->params[1].type == TYPE_ONTO &&
	       arg_is_name(call->args[1]) && strcmp(call->args[1]->names[0], name) == 0;
}

static void check_named_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	if (constant_value(GROUP_errno, r->name, &(int64_t){0})) {
		diagnose(s->k->diagnostics, r->place, "an errno follows -1; expected '-1 %s'",
			 r->name);
		return;
	}
	if (check_actor_result(s))
		return;
	if (is_onto(s, r->name))
		return;
	if (makes_descriptor(s))
		name_bind(s->k, r->name, r->place, s->actor);
	else if (!name_find(s->k, r->name))
		diagnose(s->k->diagnostics, r->place,
			 "%s() makes nothing that could be called '%s'; expected a number, -1 and "
			 "an errno, or $name",
			 s->row->name, r->name);
}

/* Only `bless` accepts a call alone, but not if what the call makes has no name. */
static void check_to_come(struct subject *s)
{
	const char *name = s->call->name;

	/* call_check() has said what must be written. */
	if (s->row && (s->row->returns == RETURNS_ACTOR || s->row->returns == RETURNS_NEVER))
		return;
	if (!s->k->run->to_bless)
		diagnose(s->k->diagnostics, s->call->result.place,
			 "what %s() returns is not written; expected '=' and a result, or '...' "
			 "(the script goes on while it blocks); `bless` can write what comes",
			 name);
	else if (s->row && makes_descriptor(s))
		diagnose(s->k->diagnostics, s->call->result.place,
			 "what %s() makes needs a name, which only you can give; expected '= NAME'",
			 name);
}

void check_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	if (r->kind == RESULT_TO_COME)
		check_to_come(s);
	if (r->error) {
		check_errno(s->k, r->error, r->error_place);
		if (!returns(s->call, -1))
			diagnose(s->k->diagnostics, r->place, "an errno follows only -1");
	} else if (returns(s->call, -1)) {
		diagnose(s->k->diagnostics, r->place,
			 "a call that fails says why: an errno (ECONNREFUSED) is missing after -1");
	}
	if (r->kind == RESULT_VALUE) {
		bool numbered = s->row && call_makes_descriptor(s->row, s->call) &&
				r->value->kind == VALUE_INT && r->value->number >= 0 &&
				!s->observes;

		if (numbered)
			diagnose(s->k->diagnostics, r->place,
				 "%s() returns a descriptor, whose number may be any; expected a "
				 "name for it (= c)",
				 s->row->name);
		check_limit(s->k, r->value, -1, INT64_MAX, "what a call returns");
		value_see(s->k, r->value);
	} else if (r->kind == RESULT_NAME) {
		check_named_result(s);
	}
	for (size_t i = 0; i < r->seen_count; i++)
		check_nested(s, r->seen[i], false, true);
}
