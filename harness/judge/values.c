/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Written values against numbers seen. A variable takes the first number it meets and must be that
 * number from then on.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/script/script.h"

static const struct variable *find_variable(const struct judgement *j, const char *name)
{
	for (size_t i = 0; i < j->variable_count; i++)
		if (!strcmp(j->variables[i].name, name))
			return &j->variables[i];
	return NULL;
}

bool judge_value(const struct judgement *j, const struct value *v, int64_t *number)
{
	int64_t left, right;
	const struct variable *variable;

	switch (v->kind) {
	case VALUE_INT:
		*number = v->number;
		return true;
	case VALUE_VARIABLE:
		variable = find_variable(j, v->name);
		if (variable)
			*number = variable->value;
		return variable != NULL;
	case VALUE_SUM:
		if (!judge_value(j, v->left, &left) || !judge_value(j, v->right, &right))
			return false;
		return value_compute(v->op, left, right, number);
	case VALUE_ANY:
	case VALUE_RANGE:
	case VALUE_AT_LEAST:
		break;
	}
	return false;
}

bool value_known(const struct trial *t, const struct value *v, int64_t *number)
{
	return judge_value(t->out, v, number);
}

bool value_matches(struct trial *t, const struct value *written, int64_t seen)
{
	int64_t low, high;

	if (!written || written->kind == VALUE_ANY)
		return true;
	switch (written->kind) {
	case VALUE_RANGE:
		return value_known(t, written->left, &low) &&
		       value_known(t, written->right, &high) && low <= seen && seen <= high;
	case VALUE_AT_LEAST:
		return value_known(t, written->left, &low) && low <= seen;
	default:
		break;
	}
	if (value_known(t, written, &low))
		return low == seen;
	if (written->kind != VALUE_VARIABLE) {
		t->unbound = true; /* a sum with a name whose first sight is still to come */
		return false;
	}

	struct variable *variable = arena_push(t->arena, t->out->variables, t->out->variable_count);

	variable->name = written->name;
	variable->value = seen;
	return true;
}
