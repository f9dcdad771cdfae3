/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arguments of a call as it is made: like arg_print(), but with the variables' values.
 */
#include "harness/actor/making.h"

static const char *items_text(struct making *m, const struct arg *arg, const char *open,
			      const char *close)
{
	const char *text = "";

	for (size_t i = 0; i < arg->item_count; i++)
		text = joined_text(m->arena, text, arg_text(m, arg->items[i]));
	return arena_printf(m->arena, "%s%s%s", open, text, close);
}

const char *arg_value_text(struct making *m, const struct arg *arg)
{
	const char *text = "";

	switch (arg->kind) {
	case ARG_STRING:
		return quoted_text(m->arena, arg->bytes, arg->length);
	case ARG_VALUE:
		if (arg->value->kind == VALUE_ANY)
			return "...";
		return arena_printf(m->arena, "%lld", (long long)value_number(m, arg->value));
	case ARG_ADDRESS:
		return arena_printf(
		    m->arena, "%s:%lld", arg->address.host ? arg->address.host : "",
		    arg->address.port ? (long long)value_number(m, arg->address.port) : 0LL);
	case ARG_NAMES:
		for (size_t i = 0; i < arg->name_count; i++)
			text = arena_printf(m->arena, "%s%s%s", text, i ? "|" : "", arg->names[i]);
		return text;
	case ARG_LIST:
		return items_text(m, arg, "[", "]");
	case ARG_STRUCT:
		return items_text(m, arg, "{", "}");
	case ARG_LABELLED:
		return arena_printf(m->arena, "%s %s", arg->names[0], items_text(m, arg, "", ""));
	case ARG_INDEXED:
		return arena_printf(m->arena, "%s %s", arg->names[0], items_text(m, arg, "[", "]"));
	default:
		return "...";
	}
}

const char *arg_text(struct making *m, const struct arg *arg)
{
	if (!arg)
		return "...";
	return arg->field ? arena_printf(m->arena, "%s=%s", arg->field, arg_value_text(m, arg))
			  : arg_value_text(m, arg);
}
