/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: that the thread can make it now, and that its descriptors are open in its process.
 *
 * What a call's arguments may be is checked by the table of calls (call_check).
 */
#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/script/check.h"

/* ---- descriptors among the arguments ---- */

static bool is_candidate(const struct subject *s, const struct name *n)
{
	for (size_t i = 0; i < s->connection_count; i++) {
		if (strcmp(s->connections[i], n->name) == 0)
			return true;
	}
	return false;
}

/* A name is used as a descriptor; calls on a closed one are mistakes, unless EBADF is expected. */
static void use_descriptor(struct subject *s, const char *name, struct place at, bool in_list,
			   bool is_data)
{
	struct checker *k = s->k;
	struct name *n = name_need(k, name, at);
	const struct result *r = &s->call->result;
	bool wants_ebadf =
	    r->kind == RESULT_TO_COME || (r->error && strcmp(r->error, "EBADF") == 0);

	if (n->kind == NAME_WRONG)
		return;
	if (n->kind != NAME_DESCRIPTOR)
		diagnose(k->diagnostics, at, "'%s' is no descriptor", name);
	else if (n->host != s->actor->host)
		diagnose(k->diagnostics, at, "'%s' is a descriptor of %s, not of %s", name,
			 host_name(n->host), host_name(s->actor->host));
	else if (s->entering && !wants_ebadf && !name_is_open(n, s->actor->process))
		diagnose(
		    k->diagnostics, at, "'%s' is not open in %s; %s%s", name,
		    actor_name(k, s->actor),
		    n->holder_count ? "only another process has it" : "it has been closed above",
		    is_data ? "; as data of an event a number would do, here and in epoll_ctl()"
			    : "");
	if (n->is_connection && (in_list ? !is_candidate(s, n) : !s->connection_count))
		*arena_push(k->arena, s->connections, s->connection_count) = n->name;
}

bool arg_is_name(const struct arg *arg)
{
	return arg->kind == ARG_NAMES && arg->name_count == 1 &&
	       islower((unsigned char)arg->names[0][0]);
}

static void check_address_arg(struct checker *k, const struct address *a, bool is_seen)
{
	if (a->host)
		check_address(k, a->host, a->place, true);
	if (is_seen)
		value_see(k, a->port);
	else
		value_need(k, a->port);
}

/* fd=c, data=c, and a name alone in a list ([l x]). `is_seen`: the kernel fills it in. */
void check_nested(struct subject *s, const struct arg *arg, bool is_item, bool is_seen)
{
	bool is_field =
	    arg->field && (strcmp(arg->field, "fd") == 0 || strcmp(arg->field, "data") == 0);

	if (arg_is_name(arg) && (is_field || (is_item && !arg->field)))
		use_descriptor(s, arg->names[0], arg->place, true,
			       arg->field && strcmp(arg->field, "data") == 0);
	if (arg->kind == ARG_VALUE && is_seen)
		value_see(s->k, arg->value);
	else if (arg->kind == ARG_VALUE)
		value_need(s->k, arg->value);
	if (arg->kind == ARG_ADDRESS)
		check_address_arg(s->k, &arg->address, is_seen);
	for (size_t i = 0; i < arg->item_count; i++)
		check_nested(s, arg->items[i], arg->kind != ARG_STRUCT, is_seen);
}

/*
 * If the program only knows a call's name, its parameters are unknown: then any name of a
 * descriptor is taken for one.
 */
static bool is_descriptor(const struct subject *s, const struct call_param *param,
			  const struct arg *arg)
{
	const struct name *n;

	if (!arg_is_name(arg))
		return false;
	if (param)
		return param->type == TYPE_DESCRIPTOR || param->type == TYPE_ONTO;
	n = name_find(s->k, arg->names[0]);
	return n && n->kind == NAME_DESCRIPTOR;
}

/* Lists of descriptors are those of the calls that wait for several; an option's [ECONNREFUSED] is
 * none. */
static bool lists_descriptors(const struct call_param *param)
{
	return param && param->type != TYPE_OPTION_IN && param->type != TYPE_OPTION_OUT &&
	       param->type != TYPE_NEW_PAIR;
}

static void check_args(struct subject *s, const struct call *call)
{
	const struct call_param *param = s->row && !s->row->later ? s->row->params : NULL;

	for (size_t i = 0; i < call->arg_count; i++) {
		const struct arg *arg = call->args[i];
		const struct call_param *own = call_param(call, i);
		bool is_seen = s->observes || (own && type_is_filled(own->type));

		if (param && param->type == TYPE_END)
			param = NULL; /* too many: call_check has said so */
		if (is_descriptor(s, param, arg))
			use_descriptor(s, arg->names[0], arg->place, false, false);
		else if (param && param->type == TYPE_PROCESS && arg->kind == ARG_NAMES)
			process_need(s->k, arg->names[0], arg->place, s->actor->host);
		else if (arg->kind == ARG_VALUE && s->observes)
			value_see(s->k, arg->value);
		else if (arg->kind == ARG_VALUE)
			value_need(s->k, arg->value);
		else if (arg->kind == ARG_ADDRESS)
			check_address_arg(s->k, &arg->address, is_seen);
		else
			for (size_t j = 0; j < arg->item_count; j++)
				check_nested(s, arg->items[j],
					     arg->kind == ARG_LIST && lists_descriptors(param),
					     is_seen);
		if (param)
			param++;
	}
}

/*
 * An address of AF_UNIX is a path, and hosts have no files. To a socket of another family it is
 * only a wrong address.
 */
static void check_paths(struct subject *s)
{
	const struct name *n = first_name(s);
	const struct arg *family = call_family(s->call, AF_UNIX);

	if (n && n->is_unix && family)
		diagnose(
		    s->k->diagnostics, family->place,
		    "'%s' is a socket of AF_UNIX, whose addresses are paths, and a host has no "
		    "files; such addresses are for sockets of AF_INET and AF_INET6",
		    n->name);
}

/* ---- lines ---- */

static const struct call_row *find_row(struct checker *k, const struct call *call)
{
	const struct call_row *row = call->row;

	if (!row)
		diagnose(k->diagnostics, call->name_place, "unknown call '%s'%s", call->name,
			 check_meant(k, call->name, call_names(),
				     "; the calls are those of docs/language.md"));
	return row;
}

static void finish(struct subject *s)
{
	/* The result binds a name before its connection can be asked for. */
	if (!s->call->open)
		check_result(s);
	/* Binding may have moved the actors. */
	s->actor = actor_need(s->k, &s->line->actor);
	apply_effects(s);
	if (s->call->result.kind == RESULT_NAME) {
		const struct name *n = name_find(s->k, s->call->result.name);

		if (n && n->is_connection) {
			s->connections = NULL;
			s->connection_count = 0;
			*arena_push(s->k->arena, s->connections, s->connection_count) = n->name;
		}
	}
	if (!s->connection_count && first_name(s) && first_name(s)->is_connection)
		*arena_push(s->k->arena, s->connections, s->connection_count) = first_name(s)->name;
	if (s->connection_count)
		current_set(s->k, s->connections, s->connection_count);
}

static bool may_call(struct checker *k, const struct line *line, const struct check_actor *actor)
{
	const char *who = actor_name(k, actor);
	const struct line *blocked = actor->blocked;

	if (actor->host == HOST_ROUTER)
		diagnose(k->diagnostics, line->actor.place,
			 "the router makes no calls; expected client or server");
	else if (actor->crashed)
		diagnose(k->diagnostics, line->actor.place,
			 "%s has crashed; expected '%s boot' above this", who,
			 host_name(actor->host));
	else if (actor->gone)
		diagnose(k->diagnostics, line->actor.place, "%s has ended, it makes no more calls",
			 who);
	else if (blocked)
		diagnose(k->diagnostics, line->actor.place,
			 "%s is still in the %s() of %s; expected '%s ... %s(..) = ..' before "
			 "this, or another thread for one of the calls",
			 who, blocked->call.name,
			 place_text(k->arena, blocked->place, line->place.source), who,
			 blocked->call.name);
	return actor->host != HOST_ROUTER && !actor->gone && !blocked;
}

void check_call_line(struct checker *k, struct line *line)
{
	struct subject s = {.k = k, .line = line, .call = &line->call, .entering = true};
	const struct result *r = &line->call.result;

	s.actor = actor_need(k, &line->actor);
	s.row = find_row(k, s.call);
	if (!s.actor || !may_call(k, line, s.actor)) {
		/* Do not diagnose in every line below what it would have made. */
		if (r->kind == RESULT_NAME && !name_find(k, r->name))
			name_add(k, r->name, r->place, NAME_WRONG, HOST_NONE);
		return;
	}
	content_put(k, s.call);
	if (s.row)
		call_check(s.call, &k->known, k->diagnostics);
	check_args(&s, s.call);
	check_paths(&s);
	check_filled(&s);
	finish(&s);
	s.actor = actor_need(k, &line->actor);
	if (s.call->open)
		s.actor->blocked = line;
}

/*
 * A call of the program: like one of the script's, but nothing has to be written, for nothing has
 * to be known to make it; and descriptors may be numbers.
 */
void check_observed_line(struct checker *k, struct line *line)
{
	struct subject s = {
	    .k = k, .line = line, .call = &line->call, .entering = true, .observes = true};
	const struct result *r = &line->call.result;

	s.actor = actor_need(k, &line->actor);
	s.row = find_row(k, s.call);
	if (!s.actor || !may_call(k, line, s.actor) || !program_is_seen(k, s.call)) {
		if (r->kind == RESULT_NAME && !name_find(k, r->name))
			name_add(k, r->name, r->place, NAME_WRONG, HOST_NONE);
		return;
	}
	if (s.row && s.call->arg_count)
		call_check_observed(s.call, &k->known, k->diagnostics);
	check_args(&s, s.call);
	finish(&s);
	s.actor = actor_need(k, &line->actor);
	if (s.call->open)
		s.actor->blocked = line;
}

static bool same_first_name(const struct call *a, const struct call *b)
{
	if (!a->arg_count || !b->arg_count || !arg_is_name(a->args[0]) || !arg_is_name(b->args[0]))
		return true;
	return strcmp(a->args[0]->names[0], b->args[0]->names[0]) == 0;
}

void check_resume_line(struct checker *k, struct line *line)
{
	struct subject s = {.k = k, .line = line, .call = &line->call};
	const struct line *blocked;

	s.actor = actor_need(k, &line->actor);
	s.observes = line->kind == LINE_RETURNED;
	s.row = find_row(k, s.call);
	if (!s.actor)
		return;
	blocked = s.actor->blocked;
	if (!blocked)
		diagnose(k->diagnostics, line->place,
			 "%s was not left in a call; a call that returns later ends with '...'",
			 actor_name(k, s.actor));
	else if (strcmp(blocked->call.name, s.call->name) != 0 ||
		 !same_first_name(&blocked->call, s.call))
		diagnose(k->diagnostics, s.call->name_place,
			 "%s was left in the %s() of %s, not in this call", actor_name(k, s.actor),
			 blocked->call.name,
			 place_text(k->arena, blocked->place, line->place.source));
	else
		check_given_again(&s, blocked);
	if (s.row && s.call->arg_count && s.observes)
		call_check_observed(s.call, &k->known, k->diagnostics);
	else if (s.row && s.call->arg_count)
		call_check(s.call, &k->known, k->diagnostics);
	check_args(&s, s.call);
	check_filled(&s);
	finish(&s);
	actor_need(k, &line->actor)->blocked = NULL;
}
