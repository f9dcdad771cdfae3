/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a written argument everywhere. */
#include "harness/calls/calls.h"

bool arg_is_null(const struct arg *arg)
{
	return arg && arg->kind == ARG_NAMES && arg->word == WORD_NULL;
}

const struct arg *arg_field(const struct arg *arg, enum field_id id, size_t position)
{
	if (!arg || (arg->kind != ARG_STRUCT && arg->kind != ARG_LIST))
		return NULL;
	for (size_t i = 0; i < arg->item_count; i++) {
		const struct arg *item = arg->items[i];

		if (item->field ? item->field_id == (int)id : i == position)
			return item->kind == ARG_ANY ? NULL : item;
	}
	return NULL;
}
