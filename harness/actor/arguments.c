/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a script's arguments to those of a system call.
 *
 * Nothing here is diagnosed: a script that has been checked has no unknown names. What is only
 * known while running becomes what a program would pass in that case (a closed descriptor is a
 * number that nobody has open).
 */
#include <limits.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/actor/making.h"

const struct arg *making_arg(const struct making *m, size_t i)
{
	if (i >= m->call->arg_count || m->call->args[i]->kind == ARG_ANY)
		return NULL;
	return m->call->args[i];
}

/* Variables, like descriptors and processes, have names of the script's own. */
static int64_t variable_number(struct making *m, const char *name)
{
	for (size_t i = 0; i < m->variable_count; i++)
		if (!strcmp(m->variables[i].name, name))
			return m->variables[i].value;
	m->unbound = name;
	return 0;
}

int64_t value_number(struct making *m, const struct value *v)
{
	uint64_t left, right;

	switch (v->kind) {
	case VALUE_INT:
		return v->number;
	case VALUE_VARIABLE:
		return variable_number(m, v->name);
	case VALUE_SUM:
		/* Unsigned, since a script's numbers may be anything and must not be undefined. */
		left = (uint64_t)value_number(m, v->left);
		right = (uint64_t)value_number(m, v->right);
		if (v->op == '*')
			return (int64_t)(left * right);
		return (int64_t)(v->op == '+' ? left + right : left - right);
	default:
		return 0; /* * and ranges are for observations; the checker refuses them here */
	}
}

int64_t arg_number(struct making *m, const struct arg *arg, int64_t otherwise)
{
	if (!arg)
		return otherwise;
	if (arg->kind == ARG_LIST) /* [1], as strace prints what a pointer points to */
		return arg->item_count ? arg_number(m, arg->items[0], otherwise) : otherwise;
	if (arg->kind == ARG_VALUE)
		return arg->value->kind == VALUE_ANY ? otherwise : value_number(m, arg->value);
	return arg->kind == ARG_NAMES ? arg->number : otherwise;
}

int arg_descriptor(struct making *m, const struct arg *arg)
{
	int64_t number;

	if (!arg)
		return NO_DESCRIPTOR;
	if (arg->kind == ARG_NAMES && arg->name_count == 1)
		return descriptor_find(m->descriptors, arg->names[0]);
	number = arg_number(m, arg, NO_DESCRIPTOR);
	/* Numbers are for EBADF only: one that is open is the harness's own, or has a name. */
	return number < 0 && number >= INT_MIN ? (int)number : NO_DESCRIPTOR;
}

size_t arg_length(struct making *m, const struct arg *arg, size_t otherwise)
{
	int64_t number = arg_number(m, arg, (int64_t)otherwise);

	if (number < 0)
		return 0;
	return number > MAX_LENGTH ? MAX_LENGTH : (size_t)number;
}

/* A host's address in one family, as the kernel takes it; its length. */
static socklen_t put_address(struct making *m, const struct address *address, int family,
			     struct sockaddr_storage *to)
{
	uint16_t port = address->port ? (uint16_t)value_number(m, address->port) : 0;
	struct ip ip = {0};

	if (address->row)
		ip = row_ip(address->row, family);
	if (family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, ip.bytes, sizeof(in6->sin6_addr));
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, ip.bytes, sizeof(in->sin_addr));
	return sizeof(*in);
}

/*
 * {sa_family=AF_UNSPEC}: sixteen bytes of which only the family is not zero; if an address follows,
 * that address in this family, or labelled with this family.
 */
static socklen_t put_raw_address(struct making *m, const struct arg *arg,
				 struct sockaddr_storage *to)
{
	int64_t number = arg_number(m, arg_field(arg, FIELD_sa_family, 0), AF_UNSPEC);
	int family = number == AF_INET6 ? 6 : m->family;
	socklen_t length =
	    number == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	if (number == AF_INET)
		family = 4;
	for (size_t i = 1; i < arg->item_count; i++)
		if (arg->items[i]->kind == ARG_ADDRESS)
			length = put_address(m, &arg->items[i]->address, family, to);
	to->ss_family = (sa_family_t)number;
	return length;
}

socklen_t arg_address(struct making *m, const struct arg *arg, struct sockaddr_storage *to)
{
	memset(to, 0, sizeof(*to));
	if (arg && arg->kind == ARG_STRUCT)
		return put_raw_address(m, arg, to);
	return arg && arg->kind == ARG_ADDRESS ? put_address(m, &arg->address, m->family, to) : 0;
}

void struct_put(struct making *m, const struct struct_row *row, const struct arg *arg, void *bytes)
{
	for (size_t i = 0; row->fields[i].id; i++) {
		const struct struct_field *field = &row->fields[i];
		const struct arg *value = arg_field(arg, field->id, i);

		if (value)
			struct_field_put(field, arg_number(m, value, 0), bytes);
	}
}

int making_descriptor(struct making *m, size_t i)
{
	const struct arg *arg = making_arg(m, i);

	making_text(m, arg_text(m, arg));
	return arg_descriptor(m, arg);
}

int64_t making_number(struct making *m, size_t i, int64_t otherwise, const char *otherwise_text)
{
	const struct arg *arg = making_arg(m, i);

	making_text(m, arg ? arg_text(m, arg) : otherwise_text);
	return arg_number(m, arg, otherwise);
}
