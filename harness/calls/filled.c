/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of a call's arguments are expectations: those that the kernel fills in. A call that fails
 * fills in nothing, so what is written there then is never met.
 */
#include <sys/ioctl.h>

#include "harness/calls/calls.h"

static const struct arg *arg_expectation(const struct arg *arg)
{
	if (arg->kind == ARG_ANY || arg_is_null(arg))
		return NULL;
	if (arg->kind == ARG_VALUE && arg->value->kind == VALUE_ANY)
		return NULL;
	if (arg->field_id == FIELD_iov_len) /* how much is to be received */
		return NULL;
	if (arg->kind != ARG_LIST && arg->kind != ARG_STRUCT)
		return arg;
	for (size_t i = 0; i < arg->item_count; i++) {
		const struct arg *inner = arg_expectation(arg->items[i]);

		if (inner) /* of [16], all of it: `[...]` is not for everything */
			return arg->kind == ARG_LIST && inner == arg->items[i] ? arg : inner;
	}
	return arg->kind == ARG_LIST && !arg->item_count ? arg
							 : NULL; /* [] says that there is none */
}

/* ioctl(c, FIONBIO, [1]): an input. For a request written as a number this is not known. */
static bool is_given(const struct call *call)
{
	const struct arg *request = call->arg_count > 1 ? call->args[1] : NULL;

	return call->row->id == CALL_ioctl &&
	       (request->kind != ARG_NAMES || request->number == FIONBIO);
}

const struct arg *call_expectation(const struct call *call, size_t i)
{
	const struct call_param *param = call_param(call, i);

	return param && type_is_filled(param->type) && !is_given(call)
		   ? arg_expectation(call->args[i])
		   : NULL;
}
