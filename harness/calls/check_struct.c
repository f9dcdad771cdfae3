/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that have fields, and lists of them: each field is known by name, or by its place, and
 * its constants are of the field's own group.
 */
#include <string.h>

#include "harness/calls/check.h"
#include "harness/calls/frame.h"
#include "harness/calls/sockopts.h"

struct field_rule {
	const char *name;
	const char *group; /* of its constants, NULL: none */
};

/* Every field that is written is one of these; constants in it are of its group. */
static bool check_fields(const struct check *k, const struct arg *arg,
			 const struct field_rule *fields)
{
	size_t count = 0;

	while (fields[count].name)
		count++;
	for (size_t i = 0; i < arg->item_count; i++) {
		const struct arg *item = arg->items[i];
		size_t f = i;

		if (item->field)
			for (f = 0; f < count && strcmp(fields[f].name, item->field); f++)
				;
		if (item->kind == ARG_ANY && !item->field)
			continue;
		if (f >= count) {
			const char *names[32] = {NULL}, *near;

			for (size_t n = 0; n < count && n < 31; n++)
				names[n] = fields[n].name;
			near = item->field ? nearest(item->field, names) : NULL;
			complain(k->c, item->place, "no field '%s' here%s%s%s",
				 item->field ? item->field : "", near ? "; did you mean " : "",
				 near ? near : "", near ? "?" : "");
			return false;
		}
		if (fields[f].group && item->kind == ARG_NAMES &&
		    !check_names(k->c, item, fields[f].group))
			return false;
	}
	return true;
}

/* A list of structures of these fields. */
static bool check_structs(const struct check *k, const struct arg *arg,
			  const struct field_rule *fields, const char *form)
{
	if (arg->kind != ARG_LIST)
		return check_wrong(k, arg, form);
	for (size_t i = 0; i < arg->item_count; i++) {
		if (arg->items[i]->kind == ARG_ANY)
			continue;
		if (arg->items[i]->kind != ARG_STRUCT)
			return check_wrong(k, arg->items[i], form);
		if (!check_fields(k, arg->items[i], fields))
			return false;
	}
	return true;
}

static const struct field_rule poll_fields[] = {
    {"fd", NULL}, {"events", "poll"}, {"revents", "poll"}, {NULL, NULL}};
static const struct field_rule event_fields[] = {{"events", "epoll"}, {"data", NULL}, {NULL, NULL}};
static const struct field_rule message_fields[] = {
    {"msg_iov", NULL}, {"msg_name", NULL}, {"msg_flags", "msg"}, {NULL, NULL}};
static const struct field_rule time_fields[] = {{"tv_sec", NULL}, {"tv_usec", NULL}, {NULL, NULL}};

bool check_pollfds(const struct check *k, const struct arg *arg)
{
	return check_structs(k, arg, poll_fields, "a list such as [{fd=c, events=POLLIN}]");
}

bool check_events_out(const struct check *k, const struct arg *arg)
{
	return check_structs(k, arg, event_fields, "a list such as [{events=EPOLLIN, data=x}]");
}

bool check_event(const struct check *k, const struct arg *arg)
{
	if (arg_is_null(arg))
		return true;
	return arg->kind == ARG_STRUCT ? check_fields(k, arg, event_fields)
				       : check_wrong(k, arg, "an event such as {events=EPOLLIN}");
}

bool check_message(const struct check *k, const struct arg *arg)
{
	return arg->kind == ARG_STRUCT
		   ? check_fields(k, arg, message_fields)
		   : check_wrong(k, arg, "a message such as {msg_iov=[{iov_base=\"a\"}]}");
}

bool check_timeval(const struct check *k, const struct arg *arg)
{
	if (arg_is_null(arg))
		return true;
	return arg->kind == ARG_STRUCT
		   ? check_fields(k, arg, time_fields)
		   : check_wrong(k, arg, "a time such as {tv_sec=1, tv_usec=0}");
}

/* ---- values of options ---- */

static const char *const form_examples[] = {
    [FORM_INT] = "a number",
    [FORM_CONSTANT] = "a constant or a number",
    [FORM_LINGER] = "{l_onoff=1, l_linger=0}",
    [FORM_TIMEVAL] = "{tv_sec=1, tv_usec=0}",
    [FORM_STRING] = "a string",
    [FORM_INFO] = "{tcpi_state=TCP_ESTABLISHED}",
};

static const struct sockopt_row *option_of(const struct check *k)
{
	const struct arg *arg = k->call->args[k->index - 1];

	return arg->kind == ARG_NAMES ? sockopt_find(arg->names[0]) : NULL;
}

static bool check_option_fields(const struct check *k, const struct arg *arg,
				const struct sockopt_row *row)
{
	const struct sockopt_field *field = sockopt_fields(row->form);
	struct field_rule rules[32] = {{NULL, NULL}};

	for (size_t i = 0; i < 31 && field[i].name; i++)
		rules[i] = (struct field_rule){field[i].name, field[i].group};
	return check_fields(k, arg, rules);
}

bool check_option_in(const struct check *k, const struct arg *arg)
{
	const struct sockopt_row *row = option_of(k);
	const struct arg *inner = arg;

	if (!row || arg_is_null(arg))
		return true;
	if (arg->kind == ARG_LIST && arg->item_count == 1)
		inner = arg->items[0]; /* [1], as strace prints it */
	if (sockopt_fields(row->form) && arg->kind == ARG_STRUCT)
		return check_option_fields(k, arg, row);
	if (row->form == FORM_STRING && arg->kind == ARG_STRING)
		return true;
	/* A number where a structure is due: a mistake that scripts may be about (EINVAL). */
	if (inner->kind == ARG_NAMES && row->group)
		return check_names(k->c, inner, row->group);
	if (row->form != FORM_STRING && inner->kind == ARG_VALUE && check_given(inner->value))
		return true;
	return check_wrong(k, arg, form_examples[row->form]);
}

bool check_option_out(const struct check *k, const struct arg *arg)
{
	const struct sockopt_row *row = option_of(k);

	if (!row || arg_is_null(arg))
		return true;
	if (sockopt_fields(row->form))
		return arg->kind == ARG_STRUCT ? check_option_fields(k, arg, row)
					       : check_wrong(k, arg, form_examples[row->form]);
	if (row->form == FORM_STRING)
		return arg->kind == ARG_STRING ? true
					       : check_wrong(k, arg, form_examples[row->form]);
	if (arg->kind != ARG_LIST || arg->item_count != 1)
		return check_wrong(k, arg,
				   row->form == FORM_INT ? "a number in [ ]"
							 : "[ECONNREFUSED] or the like");
	if (arg->items[0]->kind == ARG_NAMES)
		return check_names(k->c, arg->items[0], row->group ? row->group : "errno");
	return arg->items[0]->kind == ARG_VALUE || arg->items[0]->kind == ARG_ANY
		   ? true
		   : check_wrong(k, arg, form_examples[row->form]);
}
