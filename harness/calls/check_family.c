/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Families of sockets and of addresses, by name or by number: only those that a network namespace
 * has for itself. Others would reach the machine (AF_VSOCK), or all of the kernel (AF_NETLINK). The
 * filter of system calls (filter/make.c) enforces the same; here it is reported before anything
 * runs, with the place. Numbers that are not a family's are allowed.
 */
#include <string.h>
#include <sys/socket.h>

#include "harness/base/array.h"
#include "harness/calls/check_arguments.h"

#define ALLOWED "AF_INET, AF_INET6, AF_PACKET, AF_UNIX (without an address) or AF_UNSPEC"

static const int allowed[] = {AF_INET, AF_INET6, AF_PACKET, AF_UNIX, AF_UNSPEC};

/* The family that is written, if it is known before the run. */
static bool family_of(const struct arg *arg, int64_t *family)
{
	bool is_number = arg->kind == ARG_VALUE && arg->value->kind == VALUE_INT;

	*family = is_number ? arg->value->number : arg->number;
	return is_number || arg_is_of(arg, GROUP_domain);
}

bool check_family(const struct check *k, const struct arg *arg)
{
	const char *name;
	int64_t family;

	if (arg->kind == ARG_NAMES && !check_names(k->c, arg, GROUP_domain))
		return false;
	if (!family_of(arg, &family)) {
		diagnose(k->c, arg->place, "a family must be known before the run: " ALLOWED);
		return false;
	}
	/* The kernel takes it as one of 32 bits, or of 16 in an address. */
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (family == allowed[i])
			return true;
	if (family < 0 || (family >= AF_MAX && family <= UINT16_MAX))
		return true;
	name = constant_name(GROUP_domain, family);
	diagnose(k->c, arg->place,
		 "family %s reaches beyond the lab, so a scenario cannot use it; expected " ALLOWED,
		 name ? name : arena_printf(k->c->arena, "%lld", (long long)family));
	return false;
}

/* The field of an address that is written as a structure; NULL: it is none. */
static const struct arg *family_field(const struct arg *arg, bool is_address)
{
	const struct arg *field =
	    arg->kind == ARG_STRUCT ? arg_field(arg, FIELD_sa_family, 0) : NULL;

	return field && (field->field_id == FIELD_sa_family || is_address) ? field : NULL;
}

static const struct arg *find_family(const struct arg *arg, int64_t family, bool is_address)
{
	const struct arg *found = family_field(arg, is_address);
	int64_t number;

	if (found && family_of(found, &number) && number == family)
		return found;
	found = NULL;
	for (size_t i = 0; i < arg->item_count && !found; i++) {
		const struct arg *item = arg->items[i];

		found = find_family(item, family, item->field_id == FIELD_msg_name);
	}
	return found;
}

const struct arg *call_family(const struct call *call, int64_t family)
{
	const struct arg *found = NULL;

	for (size_t i = 0; i < call->arg_count && !found; i++) {
		const struct call_param *param = call_param(call, i);

		found = find_family(call->args[i], family, param && param->type == TYPE_ADDRESS);
	}
	return found;
}
