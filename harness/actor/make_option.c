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

#include "harness/actor/frame.h"
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

static struct option_call read_option(struct call_frame *f)
{
	struct option_call o = {.at = call_is_full(f->call) ? 2 : 1, .row = &unknown};
	const struct arg *arg = frame_arg(f, o.at);
	const char *level;

	o.fd = frame_descriptor(f, 0);
	if (arg && arg->kind == ARG_NAMES && arg->option)
		o.row = arg->option;
	if (o.at == 2) {
		o.level = frame_number(f, 1, SOL_SOCKET, "SOL_SOCKET");
	} else {
		o.level = o.row->level;
		level = sockopt_level_name(o.row->level);
		frame_text(f, level ? level : "0");
	}
	o.number = frame_number(f, o.at, o.row->number, o.row->name);
	return o;
}

/* The bytes of a value as written; their number. */
static size_t value_bytes(struct call_frame *f, const struct sockopt_row *row,
			  const struct arg *arg, unsigned char value[MAX_VALUE])
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
		struct_put(f, row->structure, arg, value);
		return sockopt_size(row);
	}
	number = arg_number(f, arg, 0);
	memcpy(value, &number, sizeof(number)); /* of which the first four are the same number */
	return number >= INT32_MIN && number <= UINT32_MAX ? sizeof(int32_t) : sizeof(number);
}

/* In strace's form a number alone is a pointer, as it is in C; only 0 is useful. */
static bool is_null_pointer(const struct option_call *o, const struct arg *arg)
{
	return arg_is_null(arg) || (o->at == 2 && arg && arg->kind == ARG_VALUE &&
				    arg->value->kind == VALUE_INT && !arg->value->number);
}

void make_setsockopt(struct call_frame *f)
{
	unsigned char value[MAX_VALUE] = {0};
	struct option_call o = read_option(f);
	const struct arg *arg = frame_arg(f, o.at + 1);
	bool null = is_null_pointer(&o, arg);
	size_t length = value_bytes(f, o.row, arg, value);

	frame_text(f, null ? "NULL"
		      : arg && arg->kind == ARG_VALUE
			  ? arena_printf(f->arena, "[%s]", arg_text(f, arg))
			  : arg_text(f, arg));
	if (frame_arg(f, o.at + 2))
		length = (size_t)frame_number(f, o.at + 2, 0, "0");
	else
		frame_printf(f, "%zu", length);
	frame_call(f, SYS_setsockopt,
		   (long[6]){o.fd, o.level, o.number, null ? 0 : (long)value, (long)length});
}

void make_getsockopt(struct call_frame *f)
{
	unsigned char value[MAX_VALUE] = {0};
	struct option_call o = read_option(f);
	socklen_t length =
	    (socklen_t)arg_number(f, frame_arg(f, o.at + 2), (int64_t)sockopt_size(o.row));
	bool null = arg_is_null(frame_arg(f, o.at + 1));
	const char *seen = null ? "NULL" : "...";

	if (length > MAX_VALUE && length <= INT32_MAX)
		length = MAX_VALUE;
	if (frame_call(f, SYS_getsockopt,
		       (long[6]){o.fd, o.level, o.number, null ? 0 : (long)value, (long)&length}) >=
	    0) {
		seen =
		    sockopt_text(f->arena, o.row, value, length < MAX_VALUE ? length : MAX_VALUE);
		frame_seen(f, o.at + 1, seen);
		if (o.at == 2)
			frame_seen(f, o.at + 2, arena_printf(f->arena, "[%u]", length));
	}
	frame_text(f, seen);
	frame_printf(f, "[%u]", length);
}
