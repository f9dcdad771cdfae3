/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setsockopt and getsockopt.
 *
 * In the short form, `setsockopt(x, SO_KEEPALIVE, 1)`, level and size follow from the option. In
 * strace's form, `setsockopt(x, SOL_SOCKET, SO_KEEPALIVE, [1], 4)`, the script gives both, right or
 * wrong.
 */
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/making.h"
#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"

#define MAX_VALUE MAX_STRUCT

struct option_call {
	size_t at; /* index of the option's argument; its value's is the next */
	int fd;
	int64_t level, number;
	const struct sockopt_row *row;
};

/* For a number without a name, and a name that is not an option. */
static const struct sockopt_row unknown = {"?", 0, 0, FORM_INT, NO_GROUP, NULL};

static struct option_call read_option(struct making *m)
{
	struct option_call o = {.at = call_is_full(m->call) ? 2 : 1, .row = &unknown};
	const struct arg *arg = making_arg(m, o.at);
	const char *level;

	o.fd = making_descriptor(m, 0);
	if (arg && arg->kind == ARG_NAMES && arg->option)
		o.row = arg->option;
	if (o.at == 2) {
		o.level = making_number(m, 1, SOL_SOCKET, "SOL_SOCKET");
	} else {
		o.level = o.row->level;
		level = sockopt_level_name(o.row->level);
		making_text(m, level ? level : "0");
	}
	o.number = making_number(m, o.at, o.row->number, o.row->name);
	return o;
}

/* The bytes of a value as written; their number. */
static size_t value_bytes(struct making *m, const struct sockopt_row *row, const struct arg *arg,
			  unsigned char value[MAX_VALUE])
{
	int64_t number;

	if (arg && arg->kind == ARG_LIST && arg->item_count == 1) /* [1], as strace prints it */
		arg = arg->items[0];
	if (arg && arg->kind == ARG_STRING) {
		size_t length = arg->length < MAX_VALUE ? arg->length : MAX_VALUE;

		memcpy(value, arg->bytes, length);
		return length;
	}
	if (row->form == FORM_STRUCT && arg && arg->kind == ARG_STRUCT) {
		struct_put(m, row->structure, arg, value);
		return sockopt_size(row);
	}
	number = arg_number(m, arg, 0);
	memcpy(value, &number, sizeof(number)); /* of which the first four are the same number */
	return number >= INT32_MIN && number <= UINT32_MAX ? sizeof(int32_t) : sizeof(number);
}

/* In strace's form a number alone is a pointer, as it is in C; only 0 is useful. */
static bool is_null_pointer(const struct option_call *o, const struct arg *arg)
{
	return arg_is_null(arg) || (o->at == 2 && arg && arg->kind == ARG_VALUE &&
				    arg->value->kind == VALUE_INT && !arg->value->number);
}

void make_setsockopt(struct making *m)
{
	unsigned char value[MAX_VALUE] = {0};
	struct option_call o = read_option(m);
	const struct arg *arg = making_arg(m, o.at + 1);
	bool null = is_null_pointer(&o, arg);
	size_t length = value_bytes(m, o.row, arg, value);

	if (null)
		making_text(m, "NULL");
	else if (arg && arg->kind == ARG_VALUE)
		making_printf(m, "[%s]", arg_text(m, arg));
	else
		making_text(m, arg_text(m, arg));
	if (making_arg(m, o.at + 2))
		length = (size_t)making_number(m, o.at + 2, 0, "0");
	else
		making_printf(m, "%zu", length);
	making_call(m, SYS_setsockopt,
		    (long[6]){o.fd, o.level, o.number, null ? 0 : (long)value, (long)length});
}

void make_getsockopt(struct making *m)
{
	unsigned char value[MAX_VALUE] = {0};
	struct option_call o = read_option(m);
	socklen_t length =
	    (socklen_t)arg_number(m, making_arg(m, o.at + 2), (int64_t)sockopt_size(o.row));
	bool null = arg_is_null(making_arg(m, o.at + 1));
	const char *seen = null ? "NULL" : "...";

	if (length > MAX_VALUE && length <= INT32_MAX)
		length = MAX_VALUE;
	if (making_call(
		m, SYS_getsockopt,
		(long[6]){o.fd, o.level, o.number, null ? 0 : (long)value, (long)&length}) >= 0) {
		seen =
		    sockopt_text(m->arena, o.row, value, length < MAX_VALUE ? length : MAX_VALUE);
		making_seen(m, o.at + 1, seen);
		if (o.at == 2)
			making_seen(m, o.at + 2, arena_printf(m->arena, "[%u]", length));
	}
	making_text(m, seen);
	making_printf(m, "[%u]", length);
}
