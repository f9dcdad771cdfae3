/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: that the thread can make it now, that its descriptors are open in its process, and what it
 * changes: names that it binds or closes, connections that begin, processes that come and go.
 *
 * What a call's arguments may be is the calls' own table's business (call_check); what a call does
 * to names is a row of `effects` here.
 */
#include <ctype.h>
#include <string.h>

#include "harness/script/check.h"

struct subject {
	struct checker *k;
	struct line *line;
	const struct call *call;
	const struct call_row *row; /* NULL: no such call */
	struct check_actor *actor;
	bool entering; /* else it comes back */
	/* Connections among its descriptors: all of a list's, else the first one. */
	const char **connections;
	size_t connection_count;
};

/* "server.kid" */
static const char *called(struct checker *k, const struct check_actor *a)
{
	return arena_printf(k->arena, "%s%s%s", host_name(a->host), a->part ? "." : "",
			    a->part ? a->part : "");
}

static bool returns(const struct call *call, int64_t number)
{
	const struct value *v = call->result.value;

	return call->result.kind == RESULT_VALUE && v->kind == VALUE_INT && v->number == number;
}

/* ---- descriptors among the arguments ---- */

/* A name as a descriptor is used; calls on a closed one are mistakes, unless EBADF is what is
 * expected. */
static void use_descriptor(struct subject *s, const char *name, struct place at, bool in_list)
{
	struct checker *k = s->k;
	struct name *n = name_need(k, name, at);
	bool wants_ebadf = s->call->result.error && strcmp(s->call->result.error, "EBADF") == 0;

	if (n->kind == NAME_WRONG)
		return;
	if (n->kind != NAME_DESCRIPTOR)
		complain(k->complaints, at, "'%s' is no descriptor", name);
	else if (n->host != s->actor->host)
		complain(k->complaints, at, "'%s' is a descriptor of %s, not of %s", name,
			 host_name(n->host), host_name(s->actor->host));
	else if (s->entering && !wants_ebadf && !name_is_open(n, s->actor->process))
		complain(k->complaints, at, "'%s' is not open in %s; %s", name, called(k, s->actor),
			 n->holder_count ? "only another process has it"
					 : "it has been closed above");
	if (n->is_connection && (in_list || !s->connection_count))
		*arena_push(k->arena, s->connections, s->connection_count) = n->name;
}

static bool is_name(const struct arg *arg)
{
	return arg->kind == ARG_NAMES && arg->name_count == 1 &&
	       islower((unsigned char)arg->names[0][0]);
}

/* fd=c, data=c, and what stands in a list by itself ([l x]). */
static void check_nested(struct subject *s, const struct arg *arg, bool is_item)
{
	bool is_field =
	    arg->field && (strcmp(arg->field, "fd") == 0 || strcmp(arg->field, "data") == 0);

	if (is_name(arg) && (is_field || (is_item && !arg->field)))
		use_descriptor(s, arg->names[0], arg->place, true);
	if (arg->kind == ARG_VALUE)
		value_see(s->k, arg->value);
	for (size_t i = 0; i < arg->item_count; i++)
		check_nested(s, arg->items[i], arg->kind != ARG_STRUCT);
}

/*
 * Of a call that the program only knows by name there are no parameters to go by: then a name that
 * is a descriptor's is meant as one.
 */
static bool is_descriptor(const struct subject *s, const struct call_param *param,
			  const struct arg *arg)
{
	const struct name *n;

	if (!is_name(arg))
		return false;
	if (param)
		return param->type == TYPE_DESCRIPTOR;
	n = name_find(s->k, arg->names[0]);
	return n && n->kind == NAME_DESCRIPTOR;
}

/* Lists of descriptors are those of the calls that wait for several; an option's [ECONNREFUSED] is
 * none. */
static bool lists_descriptors(const struct call_param *param)
{
	return param && param->type != TYPE_OPTION_IN && param->type != TYPE_OPTION_OUT;
}

static void check_args(struct subject *s, const struct call *call)
{
	const struct call_param *param = s->row && !s->row->later ? s->row->params : NULL;

	for (size_t i = 0; i < call->arg_count; i++) {
		const struct arg *arg = call->args[i];

		if (param && param->type == TYPE_END)
			param = NULL; /* too many: call_check has said so */
		if (is_descriptor(s, param, arg))
			use_descriptor(s, arg->names[0], arg->place, false);
		else if (arg->kind == ARG_VALUE)
			value_need(s->k, arg->value);
		else if (arg->kind == ARG_ADDRESS) {
			if (arg->address.host)
				check_host(s->k, arg->address.host, arg->address.place, false);
			value_need(s->k, arg->address.port);
		} else {
			for (size_t j = 0; j < arg->item_count; j++)
				check_nested(s, arg->items[j],
					     arg->kind == ARG_LIST && lists_descriptors(param));
		}
		if (param)
			param++;
	}
}

/* ---- what calls do to names ---- */

/* The name that the first argument is, or NULL. */
static struct name *first_name(const struct subject *s)
{
	const struct call *call = s->call;

	if (!s->entering && !call->arg_count && s->actor->blocked)
		call = &s->actor->blocked->call; /* `... connect() = 0` */
	if (!call->arg_count || !is_name(call->args[0]))
		return NULL;
	return name_find(s->k, call->args[0]->names[0]);
}

static bool has_address(const struct arg *arg)
{
	for (size_t i = 0; i < arg->item_count; i++) {
		if (has_address(arg->items[i]))
			return true;
	}
	return arg->kind == ARG_ADDRESS;
}

static void begin_connection(struct subject *s)
{
	struct name *n = first_name(s);
	bool addressed = false;

	for (size_t i = 0; i < s->call->arg_count; i++)
		addressed = addressed || has_address(s->call->args[i]);
	if (n && s->entering && addressed && !n->is_listener)
		n->is_connection = true;
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

static void copy_descriptor(struct subject *s)
{
	const struct name *from = first_name(s);
	struct name *n = s->call->result.name ? name_find(s->k, s->call->result.name) : NULL;

	if (n && from) {
		n->is_connection = from->is_connection;
		n->is_listener = from->is_listener;
	}
}

static void end_process(struct subject *s)
{
	process_end(s->k, s->actor->process);
}

static const struct {
	const char *call;
	void (*apply)(struct subject *s);
} effects[] = {
    {"connect", begin_connection}, {"sendto", begin_connection}, {"sendmsg", begin_connection},
    {"listen", become_listener},   {"shutdown", end_listening},	 {"accept", take_connection},
    {"accept4", take_connection},  {"dup", copy_descriptor},	 {"dup2", copy_descriptor},
    {"dup3", copy_descriptor},	   {"fcntl", copy_descriptor},	 {"exit", end_process},
    {"_exit", end_process},	   {"exit_group", end_process},
};

static void apply_effects(struct subject *s)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++) {
		if (strcmp(effects[i].call, s->call->name) == 0)
			effects[i].apply(s);
	}
	if (s->row && s->row->closes && returns(s->call, 0) && first_name(s))
		name_close(first_name(s), s->actor->process);
}

/* ---- results ---- */

static bool makes_descriptor(const struct subject *s)
{
	if (!s->row || s->row->later || s->row->returns == RETURNS_DESCRIPTOR)
		return true;
	/* fcntl(c, F_DUPFD, 0) does, and its other commands do not. */
	for (size_t i = 0; i < s->call->arg_count; i++) {
		const struct arg *arg = s->call->args[i];

		if (arg->kind == ARG_NAMES && strncmp(arg->names[0], "F_DUPFD", 7) == 0)
			return true;
	}
	return false;
}

/* Threads and processes by their names. */
static const struct {
	const char *call;
	bool makes; /* one; else it returns one that exists */
	bool own_process;
} actor_calls[] = {
    {"thread", true, false}, {"fork", true, true},	{"vfork", true, true},
    {"wait4", false, false}, {"waitpid", false, false}, {"wait", false, false},
};

static bool check_actor_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	for (size_t i = 0; i < sizeof(actor_calls) / sizeof(*actor_calls); i++) {
		if (strcmp(actor_calls[i].call, s->call->name) != 0)
			continue;
		if (actor_calls[i].makes)
			actor_add(s->k, r->name, r->place, s->actor, actor_calls[i].own_process);
		else
			name_need(s->k, r->name, r->place);
		return true;
	}
	return false;
}

static void check_named_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	if (check_actor_result(s))
		return;
	if (makes_descriptor(s))
		name_bind(s->k, r->name, r->place, s->actor);
	else if (!name_find(s->k, r->name))
		complain(s->k->complaints, r->place,
			 "%s() makes nothing that could be called '%s'; a number, -1 and an errno, "
			 "or $name "
			 "could stand here",
			 s->row->name, r->name);
}

static void check_result(struct subject *s)
{
	const struct result *r = &s->call->result;

	if (r->error) {
		check_errno(s->k, r->error, r->error_place);
		if (!returns(s->call, -1))
			complain(s->k->complaints, r->place, "an errno stands only beside -1");
	}
	if (r->kind == RESULT_VALUE) {
		bool numbered = s->row && s->row->returns == RETURNS_DESCRIPTOR &&
				r->value->kind == VALUE_INT && r->value->number >= 0;

		if (numbered)
			complain(s->k->complaints, r->place,
				 "%s() returns a descriptor, whose number may be any; a name for "
				 "it could "
				 "stand here (= c)",
				 s->row->name);
		value_see(s->k, r->value);
	} else if (r->kind == RESULT_NAME) {
		check_named_result(s);
	}
	for (size_t i = 0; i < r->seen_count; i++)
		check_nested(s, r->seen[i], false);
}

/* ---- lines ---- */

static const struct call_row *find_row(struct checker *k, const struct call *call)
{
	const struct call_row *row = call_find(call->name);

	if (!row)
		complain(k->complaints, call->name_place, "unknown call '%s'%s", call->name,
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

void check_call_line(struct checker *k, struct line *line)
{
	struct subject s = {.k = k, .line = line, .call = &line->call, .entering = true};

	s.actor = actor_need(k, &line->actor);
	s.row = find_row(k, s.call);
	if (!s.actor)
		return;
	if (s.actor->host == HOST_ROUTER)
		complain(k->complaints, line->actor.place,
			 "the router makes no calls; client or server could stand here");
	else if (s.actor->gone)
		complain(k->complaints, line->actor.place, "%s has ended, it makes no more calls",
			 called(k, s.actor));
	else if (s.actor->blocked)
		complain(k->complaints, line->actor.place,
			 "%s is still in the %s() of line %d; '%s ... %s(..) = ..' before this, or "
			 "a thread of "
			 "its own for one of them",
			 called(k, s.actor), s.actor->blocked->call.name,
			 s.actor->blocked->place.line, called(k, s.actor),
			 s.actor->blocked->call.name);
	if (s.row)
		call_check(s.call, k->complaints);
	check_args(&s, s.call);
	finish(&s);
	s.actor = actor_need(k, &line->actor);
	if (s.call->open)
		s.actor->blocked = line;
}

static bool same_first_name(const struct call *a, const struct call *b)
{
	if (!a->arg_count || !b->arg_count || !is_name(a->args[0]) || !is_name(b->args[0]))
		return true;
	return strcmp(a->args[0]->names[0], b->args[0]->names[0]) == 0;
}

void check_resume_line(struct checker *k, struct line *line)
{
	struct subject s = {.k = k, .line = line, .call = &line->call};
	const struct line *blocked;

	s.actor = actor_need(k, &line->actor);
	s.row = find_row(k, s.call);
	if (!s.actor)
		return;
	blocked = s.actor->blocked;
	if (!blocked)
		complain(
		    k->complaints, line->place,
		    "%s was not left in a call; one that it is to come back from ends with '...'",
		    called(k, s.actor));
	else if (strcmp(blocked->call.name, s.call->name) != 0 ||
		 !same_first_name(&blocked->call, s.call))
		complain(k->complaints, s.call->name_place,
			 "%s was left in the %s() of line %d, not in this call", called(k, s.actor),
			 blocked->call.name, blocked->place.line);
	if (s.row && s.call->arg_count)
		call_check(s.call, k->complaints);
	check_args(&s, s.call);
	finish(&s);
	actor_need(k, &line->actor)->blocked = NULL;
}
