/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that have fields, and lists of them: each field is known by name, or by its place, and
 * its constants are of the field's own group.
 */
#include <string.h>

#include "harness/calls/check_arguments.h"
#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"

#define MAX_FIELDS 96 /* of a structure */

struct field_rule {
	enum field_id id;
	enum constant_group group; /* of its constants */
	int64_t least, most;	   /* of a number; both 0: any */
};

#define SIGNED(bits)   -(INT64_C(1) << ((bits)-1)), (INT64_C(1) << (bits)) - 1 /* or unsigned */
#define UNSIGNED(bits) 0, (INT64_C(1) << (bits)) - 1
#define ANYTHING       0, 0

/* `state` for tcpi_state */
static const char *without_prefix(const char *field, const struct field_rule *fields)
{
	size_t length = strlen(field);

	for (; fields->id; fields++) {
		const char *name = field_names[fields->id];
		size_t whole = strlen(name);

		if (whole > length + 1 && name[whole - length - 1] == '_' &&
		    !strcmp(name + whole - length, field))
			return name;
	}
	return NULL;
}

static bool no_field(const struct check *k, const struct arg *item, const struct field_rule *fields)
{
	const char *names[MAX_FIELDS] = {NULL}, *near = NULL, *all = "";

	for (size_t n = 0; n < MAX_FIELDS - 1 && fields[n].id; n++) {
		names[n] = field_names[fields[n].id];
		all = arena_printf(k->c->arena, "%s%s%s", all, n ? ", " : "", names[n]);
	}
	if (item->field)
		near = without_prefix(item->field, fields);
	if (item->field && !near)
		near = nearest(item->field, names);
	if (near)
		diagnose(k->c, item->place, "no field '%s' here; did you mean %s?", item->field,
			 near);
	else if (item->field)
		diagnose(k->c, item->place, "no field '%s' here; these are there: %s", item->field,
			 all);
	else
		diagnose(k->c, item->place, "there are no more fields; these are there: %s", all);
	return false;
}

/* Every field that is written is one of these; constants in it are of its group. */
static bool check_fields(const struct check *k, const struct arg *arg,
			 const struct field_rule *fields)
{
	const char *names[MAX_FIELDS] = {NULL};
	size_t count = 0, named = 0;

	while (fields[count].id)
		count++;
	for (size_t i = 0; i < arg->item_count; i++) {
		const struct arg *item = arg->items[i];
		size_t f = i;

		if (item->field)
			for (f = 0; f < count && fields[f].id != (enum field_id)item->field_id; f++)
				;
		if (item->kind == ARG_ANY && !item->field)
			continue;
		if (f >= count)
			return no_field(k, item, fields);
		names[named++] = field_names[fields[f].id];
		if (!check_twice(k->c, item->place, names, named))
			return false;
		if (fields[f].group && item->kind == ARG_NAMES &&
		    !check_names(k->c, item, fields[f].group))
			return false;
		if (fields[f].most && item->kind == ARG_VALUE &&
		    !check_limits(k, item->value, field_names[fields[f].id], fields[f].least,
				  fields[f].most))
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

static const struct field_rule poll_fields[] = {{FIELD_fd, NO_GROUP, SIGNED(32)},
						{FIELD_events, GROUP_poll, SIGNED(16)},
						{FIELD_revents, GROUP_poll, SIGNED(16)},
						{NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule event_fields[] = {{FIELD_events, GROUP_epoll, SIGNED(32)},
						 {FIELD_data, NO_GROUP, ANYTHING},
						 {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule message_fields[] = {{FIELD_msg_iov, NO_GROUP, ANYTHING},
						   {FIELD_msg_name, NO_GROUP, ANYTHING},
						   {FIELD_msg_flags, GROUP_msg, SIGNED(32)},
						   {FIELD_msg_control, NO_GROUP, ANYTHING},
						   {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule piece_fields[] = {{FIELD_iov_base, NO_GROUP, ANYTHING},
						 {FIELD_iov_len, NO_GROUP, 0, MAX_LENGTH},
						 {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule control_fields[] = {{FIELD_cmsg_level, GROUP_level, SIGNED(32)},
						   {FIELD_cmsg_type, GROUP_option, SIGNED(32)},
						   {FIELD_ee_errno, GROUP_errno, UNSIGNED(32)},
						   {FIELD_ee_origin, GROUP_origin, UNSIGNED(8)},
						   {FIELD_ee_type, NO_GROUP, UNSIGNED(8)},
						   {FIELD_ee_code, NO_GROUP, UNSIGNED(8)},
						   {FIELD_ee_info, NO_GROUP, UNSIGNED(32)},
						   {FIELD_offender, NO_GROUP, ANYTHING},
						   {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule icmp_fields[] = {{FIELD_type, GROUP_icmp, UNSIGNED(8)},
						{FIELD_code, NO_GROUP, UNSIGNED(8)},
						{FIELD_checksum, NO_GROUP, UNSIGNED(16)},
						{FIELD_id, NO_GROUP, UNSIGNED(16)},
						{FIELD_sequence, NO_GROUP, UNSIGNED(16)},
						{FIELD_data, NO_GROUP, ANYTHING},
						{NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule address_fields[] = {{FIELD_sa_family, GROUP_domain, UNSIGNED(16)},
						   {FIELD_address, NO_GROUP, ANYTHING},
						   {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule action_fields[] = {{FIELD_sa_handler, GROUP_handler, ANYTHING},
						  {FIELD_sa_mask, NO_GROUP, ANYTHING},
						  {FIELD_sa_flags, GROUP_sigaction, SIGNED(32)},
						  {NO_FIELD, NO_GROUP, ANYTHING}};
static const struct field_rule status_fields[] = {{FIELD_WEXITSTATUS, NO_GROUP, UNSIGNED(8)},
						  {FIELD_WTERMSIG, GROUP_signal, UNSIGNED(7)},
						  {FIELD_WSTOPSIG, GROUP_signal, UNSIGNED(8)},
						  {FIELD_WIFCONTINUED, NO_GROUP, ANYTHING},
						  {NO_FIELD, NO_GROUP, ANYTHING}};

bool check_pollfds(const struct check *k, const struct arg *arg)
{
	return check_structs(k, arg, poll_fields, "a list such as [{fd=c, events=POLLIN}]");
}

/*
 * What poll() is asked. What it finds is written after its result, and would not be compared here.
 */
bool check_pollfds_in(const struct check *k, const struct arg *arg)
{
	if (!check_pollfds(k, arg))
		return false;
	for (size_t i = 0; i < arg->item_count; i++) {
		const struct arg *found = arg_field(arg->items[i], FIELD_revents, 2);

		if (!found || found->kind == ARG_ANY)
			continue;
		diagnose(k->c, found->place,
			 "what poll() finds is written after its result: = 1 ([{fd=c, "
			 "revents=POLLIN}])");
		return false;
	}
	return true;
}

bool check_status_out(const struct check *k, const struct arg *arg)
{
	return arg_is_null(arg) ||
	       check_structs(k, arg, status_fields,
			     "a status such as [{WEXITSTATUS=0}] or [{WTERMSIG=SIGKILL}]");
}

/* [SIGUSR1 SIGCHLD] */
bool check_signals(const struct check *k, const struct arg *arg)
{
	if (arg_is_null(arg))
		return true;
	for (size_t i = 0; i < arg->item_count; i++) {
		if (arg->items[i]->kind != ARG_NAMES)
			return check_wrong(k, arg->items[i], "signals, such as [SIGUSR1 SIGCHLD]");
		if (!check_names(k->c, arg->items[i], GROUP_signal))
			return false;
	}
	if (arg->kind != ARG_LIST)
		return check_wrong(k, arg, "signals, such as [SIGUSR1 SIGCHLD]");
	return check_once(k, arg);
}

bool check_action(const struct check *k, const struct arg *arg)
{
	const struct arg *mask = arg_field(arg, FIELD_sa_mask, 1);

	if (arg_is_null(arg))
		return true;
	if (arg->kind != ARG_STRUCT)
		return check_wrong(k, arg, "{sa_handler=handler, sa_flags=SA_RESTART}");
	return check_fields(k, arg, action_fields) && (!mask || check_signals(k, mask));
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

bool check_pieces(const struct check *k, const struct arg *arg)
{
	return check_structs(k, arg, piece_fields, "a list such as [{iov_base=\"a\"}]");
}

bool check_message(const struct check *k, const struct arg *arg)
{
	const struct arg *pieces = arg_field(arg, FIELD_msg_iov, 0);
	const struct arg *name = arg_field(arg, FIELD_msg_name, 1);
	const struct arg *controls = arg_field(arg, FIELD_msg_control, 3);

	if (arg->kind != ARG_STRUCT)
		return check_wrong(k, arg, "a message such as {msg_iov=[{iov_base=\"a\"}]}");
	return check_fields(k, arg, message_fields) && (!pieces || check_pieces(k, pieces)) &&
	       (!name || name->kind != ARG_ADDRESS || check_port(k, name)) &&
	       (!name || name->kind != ARG_STRUCT || check_raw_address(k, name)) &&
	       (!controls || check_structs(k, controls, control_fields,
					   "a list such as [{ee_errno=ECONNREFUSED}]"));
}

bool check_icmp_message(const struct check *k, const struct arg *arg)
{
	return check_fields(k, arg, icmp_fields);
}

/* {sa_family=AF_INET6, server:8080}, {sa_family=AF_UNSPEC} */
bool check_raw_address(const struct check *k, const struct arg *arg)
{
	static const char form[] = "an address, such as server:8080 or {sa_family=AF_UNSPEC}";

	if (!check_fields(k, arg, address_fields))
		return false;
	if (!arg_field(arg, FIELD_sa_family, 0) ||
	    arg_field(arg, FIELD_sa_family, 0)->kind == ARG_ADDRESS)
		return check_wrong(k, arg, form);
	if (!check_family(k, arg_field(arg, FIELD_sa_family, 0)))
		return false;
	for (size_t i = 1; i < arg->item_count; i++)
		if (arg->items[i]->kind != ARG_ADDRESS || !check_given(arg->items[i]->address.port))
			return check_wrong(k, arg->items[i], form);
		else if (!check_port(k, arg->items[i]))
			return false;
	return true;
}

/* Whether the field can have that number, or both ends of a range; true if not known yet. */
static bool field_fits(const struct struct_field *field, const struct value *v)
{
	if (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST)
		return field_fits(field, v->left) && (!v->right || field_fits(field, v->right));
	return v->kind != VALUE_INT || struct_field_fits(field, v->number);
}

static bool check_known_fields(const struct check *k, const struct arg *arg,
			       const struct struct_row *row)
{
	struct field_rule rules[MAX_FIELDS] = {{NO_FIELD, NO_GROUP, ANYTHING}};

	for (size_t i = 0; i < MAX_FIELDS - 1 && row->fields[i].id; i++)
		rules[i] =
		    (struct field_rule){.id = row->fields[i].id, .group = row->fields[i].group};
	if (!check_fields(k, arg, rules))
		return false;
	for (size_t i = 0; row->fields[i].id; i++) {
		const struct struct_field *field = &row->fields[i];
		const struct arg *value = arg_field(arg, field->id, i);

		if (!value || value->kind != ARG_VALUE || field_fits(field, value->value))
			continue;
		diagnose(k->c, value->value->place,
			 "%s cannot have that value: it has %u bits, and %s sign",
			 field_names[field->id], struct_field_bits(field),
			 field->is_signed ? "a" : "no");
		return false;
	}
	return true;
}

bool check_struct(const struct check *k, const struct arg *arg)
{
	const struct struct_row *row = k->param->structure;

	if (arg_is_null(arg))
		return true;
	return arg->kind == ARG_STRUCT ? check_known_fields(k, arg, row)
				       : check_wrong(k, arg, row->example);
}

/* ---- values of options ---- */

static const char *const form_examples[] = {
    [FORM_INT] = "a number",	[FORM_UNSIGNED] = "a number",
    [FORM_LONG] = "a number",	[FORM_CONSTANT] = "a constant or a number",
    [FORM_STRING] = "a string",
};

static const struct sockopt_row *option_of(const struct check *k)
{
	const struct arg *arg = k->call->args[k->index - 1];

	return arg->kind == ARG_NAMES ? arg->option : NULL;
}

static const char *option_form(const struct sockopt_row *row)
{
	return row->form == FORM_STRUCT ? row->structure->example : form_examples[row->form];
}

static bool option_fits(const struct sockopt_row *row, const struct value *v)
{
	if (v->kind == VALUE_RANGE || v->kind == VALUE_AT_LEAST)
		return option_fits(row, v->left) && (!v->right || option_fits(row, v->right));
	return v->kind != VALUE_INT || sockopt_fits(row, v->number);
}

/* In strace's form the script gives the bytes, right or wrong. */
static bool check_option_number(const struct check *k, const struct arg *arg,
				const struct sockopt_row *row)
{
	if (call_is_full(k->call) || option_fits(row, arg->value))
		return true;
	diagnose(k->c, arg->place, "%s cannot have that value: it has 32 bits", row->name);
	return false;
}

bool check_option_in(const struct check *k, const struct arg *arg)
{
	const struct sockopt_row *row = option_of(k);
	const struct arg *inner = arg;

	if (!row || arg_is_null(arg))
		return true;
	if (arg->kind == ARG_LIST && arg->item_count == 1)
		inner = arg->items[0]; /* [1], as strace prints it */
	if (row->form == FORM_STRUCT && arg->kind == ARG_STRUCT)
		return check_known_fields(k, arg, row->structure);
	if (row->form == FORM_STRING && inner->kind == ARG_STRING)
		return true;
	/* A number in place of a structure: a mistake that scripts may be about (EINVAL). */
	if (inner->kind == ARG_NAMES && row->form == FORM_CONSTANT)
		return check_names(k->c, inner, row->group);
	if (row->form != FORM_STRING && inner->kind == ARG_VALUE && check_given(inner->value))
		return check_option_number(k, inner, row);
	return check_wrong(k, arg, option_form(row));
}

bool check_option_out(const struct check *k, const struct arg *arg)
{
	const struct sockopt_row *row = option_of(k);

	if (!row || arg_is_null(arg))
		return true;
	if (row->form == FORM_STRUCT)
		return arg->kind == ARG_STRUCT ? check_known_fields(k, arg, row->structure)
					       : check_wrong(k, arg, option_form(row));
	if (row->form == FORM_STRING) {
		const struct arg *inner =
		    arg->kind == ARG_LIST && arg->item_count == 1 ? arg->items[0] : arg;

		return inner->kind == ARG_STRING ? true : check_wrong(k, arg, option_form(row));
	}
	if (arg->kind != ARG_LIST || arg->item_count != 1)
		return check_wrong(k, arg,
				   row->form == FORM_CONSTANT ? "[ECONNREFUSED] or the like"
							      : "a number in [ ]");
	if (arg->items[0]->kind == ARG_NAMES)
		return check_names(k->c, arg->items[0],
				   row->form == FORM_CONSTANT ? row->group : GROUP_errno);
	if (arg->items[0]->kind == ARG_VALUE)
		return check_option_number(k, arg->items[0], row);
	return arg->items[0]->kind == ARG_ANY ? true : check_wrong(k, arg, option_form(row));
}
