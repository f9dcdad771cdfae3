/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that are one word each: descriptors, numbers, constants, options, addresses, data; and
 * the table of all types.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "harness/calls/check_arguments.h"
#include "harness/calls/sockopts.h"

/* A word whose $ was forgotten; NULL: it is not one. */
static const char *variable_meant(const struct check *k, const struct arg *arg)
{
	if (arg->kind != ARG_NAMES || arg->name_count != 1 || !k->variables ||
	    number_find(k->variables, arg->names[0]) < 0)
		return NULL;
	return arg->names[0];
}

bool check_wrong(const struct check *k, const struct arg *arg, const char *form)
{
	const char *variable = variable_meant(k, arg);

	diagnose(k->c, arg->place, "%s() takes %s here (its %s)%s%s%s", k->call->name, form,
		 k->param->name, variable ? "; did you mean $" : "", variable ? variable : "",
		 variable ? "?" : "");
	return false;
}

bool check_twice(struct diagnostics *c, struct place at, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(names[i], names[j])) {
				diagnose(c, at, "%s is written twice", names[i]);
				return false;
			}
	return true;
}

bool check_once(const struct check *k, const struct arg *list)
{
	const char **names = NULL;
	size_t count = 0;

	for (size_t i = 0; i < list->item_count; i++) {
		const struct arg *item = list->items[i];

		if (item->kind != ARG_NAMES || item->name_count != 1)
			continue;
		*arena_push(k->c->arena, names, count) = item->names[0];
		if (!check_twice(k->c, item->place, names, count))
			return false;
	}
	return true;
}

bool check_names(struct diagnostics *c, const struct arg *arg, enum constant_group group)
{
	for (size_t i = 0; i < arg->name_count; i++) {
		const char *name = arg->names[i], *near;
		enum constant_group other = constant_group(name);
		int64_t value;

		if (constant_value(group, name, &value))
			continue;
		near = nearest(name, constant_names(group));
		if (other)
			diagnose(c, arg->place, "'%s' is of another kind (%s), not %s%s%s%s", name,
				 constant_groups[other], constant_groups[group],
				 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		else
			diagnose(c, arg->place, "unknown constant '%s'%s%s%s", name,
				 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return false;
	}
	return check_twice(c, arg->place, arg->names, arg->name_count);
}

bool check_given(const struct value *v)
{
	if (v->kind == VALUE_SUM)
		return check_given(v->left) && check_given(v->right);
	return v->kind == VALUE_INT || v->kind == VALUE_VARIABLE;
}

bool check_limits(const struct check *k, const struct value *v, const char *what, int64_t least,
		  int64_t most)
{
	if (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST)
		return check_limits(k, v->left, what, least, most) &&
		       (!v->right || check_limits(k, v->right, what, least, most));
	if (v->kind != VALUE_INT || (v->number >= least && v->number <= most))
		return true;
	diagnose(k->c, v->place, "%s is %lld to %lld, not %lld", what, (long long)least,
		 (long long)most, (long long)v->number);
	return false;
}

/*
 * A number, or names of the group; `what` completes "takes .. here". It becomes a C int: of a
 * larger number the kernel would get the lower half, which is not what is written.
 */
static bool check_number(const struct check *k, const struct arg *arg, enum constant_group group,
			 const char *what)
{
	bool is_of_data = !group && !strcmp(k->param->name, "length") && k->index == 2 &&
			  call_param(k->call, 1)->type != TYPE_ADDRESS;
	bool is_meant =
	    group && arg->kind == ARG_NAMES &&
	    (!variable_meant(k, arg) || constant_value(group, arg->names[0], &(int64_t){0}));
	char limited[64];

	if (is_meant)
		return check_names(k->c, arg, group);
	if (arg->kind != ARG_VALUE || !check_given(arg->value))
		return check_wrong(k, arg, what);
	if (is_of_data)
		return check_limits(k, arg->value, "the length in one call", 0, MAX_LENGTH);
	snprintf(limited, sizeof(limited), "%s()'s %s", k->call->name, k->param->name);
	return check_limits(k, arg->value, limited, INT32_MIN, UINT32_MAX);
}

static bool check_descriptor(const struct check *k, const struct arg *arg)
{
	if (arg->kind == ARG_NAMES && arg->name_count == 1)
		return true;
	/*
	 * Negative numbers such as -1 are never open; a number from 0 on would be a descriptor
	 * without a name.
	 */
	if (arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT &&
	    (arg->value->number < 0 || k->observed))
		return true;
	return check_wrong(k, arg, "the name of a descriptor");
}

/* It must not exceed the length of the list before it: beyond that is the program's own memory. */
static bool check_count(const struct check *k, const struct arg *arg)
{
	const struct arg *list = k->index ? k->call->args[k->index - 1] : NULL;
	int64_t number = arg->value->kind == VALUE_INT ? arg->value->number : 0;

	if (!list || list->kind != ARG_LIST || number <= (int64_t)list->item_count)
		return true;
	/* The kernel looks at no entry where there are too many. */
	if (call_param(k->call, k->index - 1)->type != TYPE_POLLFDS && number > UIO_MAXIOV)
		return true;
	diagnose(k->c, arg->place, "there %s %zu in the list", list->item_count == 1 ? "is" : "are",
		 list->item_count);
	return false;
}

static bool check_int(const struct check *k, const struct arg *arg)
{
	if (!check_number(k, arg, NO_GROUP, "a number"))
		return false;
	return strcmp(k->param->name, "count") != 0 || check_count(k, arg);
}

static bool check_constant(const struct check *k, const struct arg *arg)
{
	if (k->param->group == GROUP_domain)
		return (arg->kind == ARG_NAMES ||
			check_number(k, arg, NO_GROUP, "a constant or a number")) &&
		       check_family(k, arg);
	return check_number(k, arg, k->param->group, "a constant or a number");
}

/*
 * SO_PASSPIDFD and SO_PEERPIDFD give a descriptor of the process at the other end, which may be the
 * harness's own. The filter of system calls (filter/make.c) enforces the same.
 */
static bool is_of_other_process(const struct check *k, const struct arg *option)
{
	const struct arg *level = k->call->args[1];
	const struct value *number = option->value;
	int64_t socket_level = 0;

	if (arg_is_of(level, GROUP_level))
		socket_level = level->number;
	else if (level->kind == ARG_VALUE && level->value->kind == VALUE_INT)
		socket_level = level->value->number;
	return socket_level == SOL_SOCKET && number->kind == VALUE_INT &&
	       (number->number == 76 || number->number == 77);
}

static bool check_option(const struct check *k, const struct arg *arg)
{
	const struct sockopt_row *row;

	if (arg->kind == ARG_VALUE && k->index == 2) {
		if (!is_of_other_process(k, arg))
			return check_number(k, arg, NO_GROUP, "a socket option");
		diagnose(k->c, arg->place,
			 "socket option %lld gives a descriptor of another process, so a scenario "
			 "cannot have it",
			 (long long)arg->value->number);
		return false;
	}
	if (arg->kind != ARG_NAMES || arg->name_count != 1)
		return check_wrong(k, arg, "a socket option, such as SO_KEEPALIVE");
	if (!check_names(k->c, arg, GROUP_option))
		return false;
	row = arg->option;
	/* In the full form: the level must be the option's own. A number is not checked. */
	if (k->index == 2 && arg_is_of(k->call->args[1], GROUP_level) &&
	    k->call->args[1]->number != row->level) {
		diagnose(k->c, arg->place, "%s is an option of %s, not of %s", row->name,
			 sockopt_level_name(row->level), k->call->args[1]->names[0]);
		return false;
	}
	return true;
}

bool check_port(const struct check *k, const struct arg *arg)
{
	return !arg->address.port || check_limits(k, arg->address.port, "a port", 0, UINT16_MAX);
}

static bool check_address(const struct check *k, const struct arg *arg)
{
	if (arg_is_null(arg))
		return true;
	if (arg->kind == ARG_STRUCT)
		return check_raw_address(k, arg);
	if (arg->kind != ARG_ADDRESS || (arg->address.port && !check_given(arg->address.port)))
		return check_wrong(k, arg, "an address, such as server:8080");
	return check_port(k, arg);
}

static bool check_address_out(const struct check *k, const struct arg *arg)
{
	if (arg->kind == ARG_ADDRESS)
		return check_port(k, arg);
	return arg_is_null(arg) || arg->kind == ARG_STRING
		   ? true
		   : check_wrong(k, arg, "an address that is filled in, such as client:*");
}

static bool check_data(const struct check *k, const struct arg *arg)
{
	if (arg->kind == ARG_STRUCT)
		return check_icmp_message(k, arg);
	return arg->kind == ARG_STRING || arg_is_null(arg) ? true
							   : check_wrong(k, arg, "a string or ...");
}

static bool check_list(const struct check *k, const struct arg *arg)
{
	return arg->kind == ARG_LIST || arg_is_null(arg) ? true
							 : check_wrong(k, arg, "a list in [ ]");
}

/* Descriptors: each is in the set or is not. */
static bool check_set(const struct check *k, const struct arg *arg)
{
	return check_list(k, arg) && check_once(k, arg);
}

static bool check_length(const struct check *k, const struct arg *arg)
{
	return arg->kind == ARG_LIST || arg->kind == ARG_VALUE || arg_is_null(arg)
		   ? true
		   : check_wrong(k, arg, "a length, such as [16]");
}

static bool check_length_out(const struct check *k, const struct arg *arg)
{
	return arg->kind != ARG_VALUE ? check_length(k, arg)
				      : check_wrong(k, arg, "a length, such as [16]");
}

static bool check_nothing(const struct check *k, const struct arg *arg)
{
	return arg_is_null(arg) || check_wrong(k, arg, "NULL");
}

/* Another process could be one of the machine's. */
static bool check_self(const struct check *k, const struct arg *arg)
{
	return arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT && !arg->value->number
		   ? true
		   : check_wrong(k, arg, "0 (the process itself)");
}

/* For calls that wait, -1 means any; a signal goes to a particular process. */
static bool check_process(const struct check *k, const struct arg *arg)
{
	bool may_be_any = k->call->row->returns == RETURNS_PROCESS;

	if (arg->kind == ARG_NAMES && arg->name_count == 1)
		return true;
	if (may_be_any && arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT &&
	    arg->value->number == -1)
		return true;
	return check_wrong(k, arg,
			   may_be_any ? "the name of a process, or -1," : "the name of a process");
}

static bool check_onto(const struct check *k, const struct arg *arg)
{
	if (arg->kind == ARG_NAMES && arg->name_count == 1)
		return true;
	return arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT && arg->value->number >= 0 &&
		       arg->value->number <= 2
		   ? true
		   : check_wrong(k, arg, "the name of a descriptor, or 0, 1 or 2");
}

/* The checker of scripts makes sure that the names are new. */
static bool check_new_pair(const struct check *k, const struct arg *arg)
{
	bool right = arg->kind == ARG_LIST && arg->item_count == 2;

	for (size_t i = 0; right && i < 2; i++)
		right = arg->items[i]->kind == ARG_NAMES && arg->items[i]->name_count == 1;
	return right ? true : check_wrong(k, arg, "two new names, such as [r w]");
}

static check_fn *const checks[] = {
    [TYPE_DESCRIPTOR] = check_descriptor,
    [TYPE_INT] = check_int,
    [TYPE_CONSTANT] = check_constant,
    [TYPE_ADDRESS] = check_address,
    [TYPE_DATA] = check_data,
    [TYPE_BUFFER] = check_data,
    [TYPE_OPTION_IN] = check_option_in,
    [TYPE_OPTION_OUT] = check_option_out,
    [TYPE_POLLFDS] = check_pollfds_in,
    [TYPE_ADDRESS_OUT] = check_address_out,
    [TYPE_NUMBER_OUT] = check_list,
    [TYPE_LENGTH] = check_length,
    [TYPE_LENGTH_OUT] = check_length_out,
    [TYPE_NOTHING] = check_nothing,
    [TYPE_OPTION] = check_option,
    [TYPE_MESSAGE] = check_message,
    [TYPE_MESSAGE_OUT] = check_message,
    [TYPE_SET] = check_set,
    [TYPE_STRUCT] = check_struct,
    [TYPE_STRUCT_OUT] = check_struct,
    [TYPE_SELF] = check_self,
    [TYPE_ONTO] = check_onto,
    [TYPE_NEW_PAIR] = check_new_pair,
    [TYPE_PIECES] = check_pieces,
    [TYPE_PIECES_OUT] = check_pieces,
    [TYPE_EVENT] = check_event,
    [TYPE_EVENTS_OUT] = check_events_out,
    [TYPE_PROCESS] = check_process,
    [TYPE_STATUS_OUT] = check_status_out,
    [TYPE_ACTION] = check_action,
    [TYPE_ACTION_OUT] = check_action,
    [TYPE_SIGNALS] = check_signals,
    [TYPE_SIGNALS_OUT] = check_signals,
};

bool check_argument(const struct check *k, const struct arg *arg)
{
	return checks[k->param->type](k, arg);
}
