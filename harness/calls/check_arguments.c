/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a call, as far as its text alone shows it.
 *
 * Whether a descriptor's name exists is not checked here: that depends on the lines above. Nor is a
 * call that is known but cannot be made yet.
 */
#include <string.h>

#include "harness/calls/check_arguments.h"

/* connect(fd, address [, length]) */
static const char *call_form(struct arena *a, const struct call *call)
{
	const char *text = arena_printf(a, "%s(", call->name);
	const struct call_param *param;
	size_t open = 0;

	for (size_t i = 0; (param = call_param(call, i)); i++) {
		text = arena_printf(a, "%s%s%s%s%s", text, i && param->optional ? " " : "",
				    param->optional ? "[" : "", i ? ", " : "", param->name);
		open += param->optional;
	}
	while (open--)
		text = arena_printf(a, "%s]", text);
	return arena_printf(a, "%s)", text);
}

static bool check_count(const struct call *call, bool observed, struct diagnostics *c)
{
	size_t known = 0, must = 0;

	for (const struct call_param *p; (p = call_param(call, known)); known++)
		must += !p->optional;
	if (call->arg_count > known) {
		diagnose(c, call->args[known]->place, "too many arguments: %s",
			 call_form(c->arena, call));
		return false;
	}
	if (call->arg_count < must && !observed) {
		diagnose(c, call->name_place, "too few arguments: %s", call_form(c->arena, call));
		return false;
	}
	return true;
}

/* send(c, ..., 1000): the number of bytes must be written somewhere. */
static bool check_amount(const struct call *call, struct diagnostics *c)
{
	const struct call_param *data = call_param(call, 1);

	if (!data || data->type != TYPE_DATA || call->args[1]->kind != ARG_ANY)
		return true;
	if (call->arg_count > 2 && call->args[2]->kind != ARG_ANY)
		return true;
	diagnose(c, call->args[1]->place,
		 "%s() needs a length when its data is ...: %s(%s, ..., 1000)", call->name,
		 call->name, call->args[0]->kind == ARG_NAMES ? call->args[0]->names[0] : "c");
	return false;
}

bool arg_is_timeout(const struct arg *arg)
{
	return arg->kind == ARG_NAMES && arg->word == WORD_TIMEOUT;
}

/* = 1 ([{fd=c, revents=POLLIN}]) */
static bool check_seen(const struct call *call, struct diagnostics *c)
{
	static const struct call_param revents = {"result", TYPE_POLLFDS, NO_GROUP, NULL, false};
	const struct call_param *first = call_param(call, 0);
	const struct check k = {.call = call, .param = &revents, .c = c};

	if (!call->result.has_seen || !first || first->type != TYPE_POLLFDS)
		return true;
	for (size_t i = 0; i < call->result.seen_count; i++)
		if (call->result.seen[i]->kind != ARG_ANY &&
		    !arg_is_timeout(call->result.seen[i]) &&
		    call->result.seen[i]->kind != ARG_LABELLED && /* left {tv_sec=1} */
		    !check_pollfds(&k, call->result.seen[i]))
			return false;
	return true;
}

/* What must be written about the result in any case. */
static bool check_returns(const struct call *call, const struct call_row *row,
			  struct diagnostics *c)
{
	if (row->returns == RETURNS_ACTOR && call->result.kind != RESULT_NAME) {
		diagnose(c, call->name_place, "a new thread or process needs a name: %s() = %s",
			 call->name, row->id == CALL_fork ? "kid" : "t2");
		return false;
	}
	if (row->returns == RETURNS_NEVER && call->result.kind != RESULT_UNKNOWN) {
		diagnose(c, call->name_place, "%s() never returns; '= ?' says so", call->name);
		return false;
	}
	return true;
}

static bool check(const struct call *call, const struct numbering *variables, bool observed,
		  struct diagnostics *c)
{
	const struct call_row *row = call->row;
	bool right = true;

	if (!row) {
		const char *near = nearest(call->name, call_names());

		diagnose(c, call->name_place, "unknown call '%s'%s%s%s", call->name,
			 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return false;
	}
	if (row->later) /* the engine decides whether it accepts that, before the run */
		return true;
	if (!check_count(call, observed, c))
		return false;
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct check k = {call, call_param(call, i), i, c, variables, observed};

		/* An argument that names a descriptor cannot be `...`. */
		if ((call->args[i]->kind != ARG_ANY ||
		     (k.param->type == TYPE_DESCRIPTOR && !observed) ||
		     k.param->type == TYPE_NEW_PAIR) &&
		    !check_argument(&k, call->args[i]))
			right = false;
	}
	right = check_returns(call, row, c) && right;
	return (observed || check_amount(call, c)) && check_seen(call, c) && right;
}

bool call_check(const struct call *call, const struct numbering *variables, struct diagnostics *c)
{
	return check(call, variables, false, c);
}

bool call_check_observed(const struct call *call, const struct numbering *variables,
			 struct diagnostics *c)
{
	return check(call, variables, true, c);
}
