/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checker could not see: numbers that come from a $name which is bound while running. When
 * the line is about to be done, it is written again with numbers in place of its names, and these
 * are checked like numbers in a script. So no number is cut off to fit the bits of a field.
 *
 * What a call fills in is not checked: that is expected, and a wrong number there is a mismatch.
 */
#include <inttypes.h>

#include "harness/script/check.h"
#include "harness/script/expand.h"

static struct binding *bindings_of(struct arena *a, const struct variable *variables, size_t count)
{
	struct binding *list = arena_alloc(a, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct binding){
		    .name = variables[i].name,
		    .text = arena_printf(a, "%" PRId64, variables[i].value),
		    .number = variables[i].value,
		    .is_number = true,
		};
	return list;
}

static void check_call_now(struct diagnostics *c, struct call *call)
{
	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type))
			call->args[i]->kind = ARG_ANY;
	}
	call->result.has_seen = false;
	call_check(call, NULL, c);
}

const char *line_wrong_now(struct arena *a, const struct line *line,
			   const struct variable *variables, size_t count)
{
	struct diagnostics c = {.arena = a};
	struct checker k = {.arena = a, .diagnostics = &c};
	struct scope scope = {
	    .arena = a,
	    .diagnostics = &c,
	    .bindings = bindings_of(a, variables, count),
	    .count = count,
	};
	struct line now = line_substitute(&scope, line);

	if (line->kind == LINE_CALL)
		check_call_now(&c, &now.call);
	else if (line->kind == LINE_FORGE)
		check_forge_numbers(&k, &now.segment);
	else if (line->kind == LINE_FAULT)
		check_fault_numbers(&k, &now.fault);
	return c.count ? c.list[0].message : NULL;
}
