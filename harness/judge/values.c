/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Written values against numbers seen. A variable takes the first number it meets and must be that
 * number from then on.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/script/script.h"

#define FEW 8 /* up to this many names, a linear search is as fast */

static const struct variable *find_among(const struct judgement *j, const char *name)
{
	for (size_t i = 0; i < j->variable_count; i++)
		if (!strcmp(j->variables[i].name, name))
			return &j->variables[i];
	return NULL;
}

/*
 * By a numbering that follows the list, which grows and shrinks at its end. Since the last question
 * some may have been removed, and after that at most one was added, for a name that was asked for.
 */
static const struct variable *find_variable(const struct trial *t, const char *name)
{
	const struct judgement *j = t->out;
	struct numbering *n = t->variables;
	int number;

	if (!n)
		return find_among(j, name);
	number_forget(n, j->variable_count);
	if (j->variable_count <= FEW)
		return find_among(j, name);
	while (n->count < j->variable_count)
		number_give(t->rooms, n, j->variables[n->count].name);
	number = number_find(n, name);
	return number < 0 ? NULL : &j->variables[number];
}

bool value_known(const struct trial *t, const struct value *v, int64_t *number)
{
	int64_t left, right;
	const struct variable *variable;

	switch (v->kind) {
	case VALUE_INT:
		*number = v->number;
		return true;
	case VALUE_VARIABLE:
		variable = find_variable(t, v->name);
		if (variable)
			*number = variable->value;
		return variable != NULL;
	case VALUE_SUM:
		if (!value_known(t, v->left, &left) || !value_known(t, v->right, &right))
			return false;
		return value_compute(v->op, left, right, number);
	case VALUE_ANY:
	case VALUE_RANGE:
	case VALUE_AT_LEAST:
		break;
	}
	return false;
}

bool judge_value(const struct judgement *j, const struct value *v, int64_t *number)
{
	struct judgement copy = *j;
	const struct trial t = {.out = &copy};

	return value_known(&t, v, number);
}

/* Its number; a name in it may not have been seen yet, and then the number is not known. */
static bool number_of(struct trial *t, const struct value *v, int64_t *number)
{
	bool known = value_known(t, v, number);

	if (!known)
		t->wanting++;
	return known;
}

bool value_matches(struct trial *t, const struct value *written, int64_t seen)
{
	int64_t low, high;

	if (!written || written->kind == VALUE_ANY)
		return true;
	switch (written->kind) {
	case VALUE_RANGE:
		return number_of(t, written->left, &low) && number_of(t, written->right, &high) &&
		       low <= seen && seen <= high;
	case VALUE_AT_LEAST:
		return number_of(t, written->left, &low) && low <= seen;
	case VALUE_VARIABLE:
		break;
	default:
		return number_of(t, written, &low) && low == seen;
	}
	if (value_known(t, written, &low))
		return low == seen;

	struct variable *variable =
	    arena_push(t->lasting, t->out->variables, t->out->variable_count);

	variable->name = written->name;
	variable->value = seen;
	return true;
}
