/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written where a call fills something in can be met only if it does: not if it fails, does
 * not return, or returns only later. Likewise, the line in which a call returns must write the same
 * input arguments as the line that made it.
 */
#include "harness/script/check.h"

/* Why the call fills in nothing here; NULL: it may. */
static const char *why_nothing(const struct subject *s)
{
	const struct result *r = &s->call->result;
	bool is_number = r->kind == RESULT_VALUE && r->value->kind == VALUE_INT;

	if (s->call->open)
		return "has not returned here, and what it fills in is compared where it returns";
	if (r->kind == RESULT_UNKNOWN)
		return "does not return, so it fills in nothing";
	if (is_number && r->value->number == -1)
		return "fails here, so it fills in nothing";
	if (is_number && !r->value->number && s->row->returns == RETURNS_PROCESS)
		return "finds no process here, so it fills in nothing";
	return NULL;
}

void check_filled(struct subject *s)
{
	const char *why = s->row && !s->row->later ? why_nothing(s) : NULL;

	/* `bless` will change what is written. */
	if (!why || s->k->run->to_bless)
		return;
	for (size_t i = 0; i < s->call->arg_count; i++) {
		const struct arg *arg = call_expectation(s->call, i);

		if (arg)
			diagnose(s->k->diagnostics, arg->place, "%s() %s; expected ...",
				 s->call->name, why);
	}
}

void check_given_again(struct subject *s, const struct line *blocked)
{
	const struct call *call = s->call, *first = &blocked->call;

	for (size_t i = 0; i < call->arg_count && i < first->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		if (!param || type_is_filled(param->type) || first->args[i]->kind == ARG_ANY ||
		    call_is_full(call) != call_is_full(first) ||
		    arg_matches(call->args[i], first->args[i], NULL, NULL))
			continue;
		diagnose(s->k->diagnostics, call->args[i]->place,
			 "%s() was given another %s in %s; expected that, or ...", call->name,
			 param->name,
			 place_text(s->k->arena, blocked->place, call->args[i]->place.source));
	}
}
