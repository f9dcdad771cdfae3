/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls as data: the columns of call_rows.h, and what a call's row says about it. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>

#include "harness/base/array.h"
#include "harness/calls/calls.h"

/* Parameters: must be there, or may be left out at the end. */
#define PARAM(name, type, group, structure, optional)                                              \
	{                                                                                          \
		name, type, group, structure, optional                                             \
	}
#define MUST(name, type)	       PARAM(name, type, NO_GROUP, NULL, false)
#define MAY(name, type)		       PARAM(name, type, NO_GROUP, NULL, true)
#define MUST_OF(name, type, group)     PARAM(name, type, GROUP_##group, NULL, false)
#define MAY_OF(name, type, group)      PARAM(name, type, GROUP_##group, NULL, true)
#define MUST_BE(name, type, structure) PARAM(name, type, NO_GROUP, &struct_##structure, false)
#define MAY_BE(name, type, structure)  PARAM(name, type, NO_GROUP, &struct_##structure, true)
#define FD			       MUST("fd", TYPE_DESCRIPTOR)

#define TAKES(...) .params = {__VA_ARGS__}

static const char programs[] = "a script has no programs to execute";
static const char pieces[] = "use sendmsg and recvmsg";
static const char kinds[] = "there are no files so far";

static const struct call_param setsockopt_full[] = {
    FD,
    MUST_OF("level", TYPE_CONSTANT, level),
    MUST_OF("option", TYPE_OPTION, option),
    MUST("value", TYPE_OPTION_IN),
    MAY("length", TYPE_INT),
    {0},
};

static const struct call_param getsockopt_full[] = {
    FD,
    MUST_OF("level", TYPE_CONSTANT, level),
    MUST_OF("option", TYPE_OPTION, option),
    MUST("value", TYPE_OPTION_OUT),
    MAY("length", TYPE_LENGTH),
    {0},
};

const struct call_row call_table[] = {
#define CALL(call, system_call, what, make, effect, ...)                                           \
	[CALL_##call] = {.id = CALL_##call,                                                        \
			 .name = #call,                                                            \
			 .number = system_call,                                                    \
			 .returns = RETURNS_##what,                                                \
			 __VA_ARGS__},
#define LATER(call, why)                                                                           \
	[CALL_##call] = {.id = CALL_##call, .name = #call, .number = -1, .later = why},
#include "harness/calls/call_rows.h"
    [CALL_COUNT] = {0},
};

const struct call_row *call_find(const char *name)
{
	for (const struct call_row *row = call_table; row->name; row++)
		if (!strcmp(name, row->name))
			return row;
	return NULL;
}

bool call_makes_descriptor(const struct call_row *row, const struct call *call)
{
	const struct arg *command = call->arg_count > 1 ? call->args[1] : NULL;

	if (row->returns == RETURNS_DESCRIPTOR)
		return true;
	return command && row->id == CALL_fcntl && arg_is_of(command, GROUP_fcntl) &&
	       (command->number == F_DUPFD || command->number == F_DUPFD_CLOEXEC);
}

static const char *names[ARRAY_SIZE(call_table)];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

/* Only those that can be made: a suggestion should help. */
static void make_names(void)
{
	size_t count = 0;

	for (const struct call_row *row = call_table; row->name; row++)
		if (!row->later)
			names[count++] = row->name;
}

const char *const *call_names(void)
{
	pthread_once(&names_once, make_names);
	return names;
}

bool call_is_full(const struct call *call)
{
	const struct call_row *row = call->row;
	const struct arg *second = call->arg_count > 1 ? call->args[1] : NULL;

	if (!row || !row->full || !second)
		return false;
	/* A level's name, or a number where an option's name would have to be. */
	return second->kind == ARG_VALUE ? call->arg_count > 3 : arg_is_of(second, GROUP_level);
}

const struct call_param *call_param(const struct call *call, size_t i)
{
	const struct call_row *row = call->row;
	const struct call_param *param = NULL;

	if (row)
		param = call_is_full(call) ? row->full : row->params;

	while (param && param->name && i--)
		param++;
	return param && param->name ? param : NULL;
}

const char *call_descriptor(const struct call *call)
{
	const struct call_row *row = call->row;

	for (size_t i = 0; row && i < call->arg_count && row->params[i].type != TYPE_END; i++)
		if (row->params[i].type == TYPE_DESCRIPTOR && call->args[i]->kind == ARG_NAMES)
			return call->args[i]->names[0];
	return NULL;
}

bool call_sends(const struct call *call)
{
	const struct call_param *data = call_param(call, 1);

	return data &&
	       (data->type == TYPE_DATA || data->type == TYPE_MESSAGE || data->type == TYPE_PIECES);
}

bool type_is_filled(enum arg_type type)
{
	return type == TYPE_BUFFER || type == TYPE_OPTION_OUT || type == TYPE_ADDRESS_OUT ||
	       type == TYPE_NUMBER_OUT || type == TYPE_MESSAGE_OUT || type == TYPE_EVENTS_OUT ||
	       type == TYPE_STRUCT_OUT || type == TYPE_PIECES_OUT || type == TYPE_STATUS_OUT ||
	       type == TYPE_ACTION_OUT || type == TYPE_SIGNALS_OUT || type == TYPE_LENGTH_OUT;
}
