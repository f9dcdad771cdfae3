/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a system call's arguments and results to the language's notation.
 *
 * arg_parse() can read the texts, so that what was seen can be compared with what was written, and
 * can replace it. They have the names of descriptors and hosts, never numbers that differ from one
 * run to the next.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/actor/making.h"
#include "harness/base/text.h"
#include "harness/script/script.h"

const char *joined_text(struct arena *a, const char *list, const char *item)
{
	return *list ? arena_printf(a, "%s, %s", list, item) : item;
}

static const char *quoted_whole(struct arena *a, const char *bytes, size_t length)
{
	struct text text;

	string_print(text_open(&text), bytes, length);
	return text_close(&text, a);
}

const char *quoted_text(struct arena *a, const char *bytes, size_t length)
{
	const char *text;

	if (length <= ACTOR_TEXT) {
		text = quoted_whole(a, bytes, length);
		if (strlen(text) <= ACTOR_TEXT)
			return text;
	}
	/* A byte takes at most four characters: "\001". */
	return arena_printf(a, "%s...", quoted_whole(a, bytes, (ACTOR_TEXT - 8) / 4));
}

const char *flags_text(struct arena *a, enum constant_group group, int64_t value)
{
	const char *text = "";

	for (const char *const *name = constant_names(group); *name; name++) {
		int64_t bits = 0;

		if (!constant_value(group, *name, &bits) || !bits || (value & bits) != bits)
			continue;
		text = arena_printf(a, "%s%s%s", text, *text ? "|" : "", *name);
		value &= ~bits;
	}
	if (value || !*text)
		text = arena_printf(a, "%s%s%lld", text, *text ? "|" : "", (long long)value);
	return text;
}

bool address_ip(const struct sockaddr_storage *address, struct ip *ip, uint16_t *port)
{
	memset(ip, 0, sizeof(*ip));
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		ip->family = 4;
		*port = ntohs(in->sin_port);
		memcpy(ip->bytes, &in->sin_addr, sizeof(in->sin_addr));
		return true;
	}
	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
		const unsigned char *bytes = in6->sin6_addr.s6_addr;

		*port = ntohs(in6->sin6_port);
		/* An IPv4 peer of an IPv6 socket is the host that it is. */
		ip->family = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) ? 4 : 6;
		memcpy(ip->bytes, ip->family == 4 ? bytes + 12 : bytes, ip->family == 4 ? 4 : 16);
		return true;
	}
	return false;
}

const char *address_text(struct arena *a, const struct sockaddr_storage *address)
{
	static const unsigned char wildcard[16];
	char buffer[64];
	struct ip ip;
	uint16_t port;
	const char *name;

	if (!address_ip(address, &ip, &port))
		return "NULL";
	if (!memcmp(ip.bytes, wildcard, sizeof(wildcard)))
		return arena_printf(a, ":%u", port);
	name = ip_name(&ip);
	if (!name) /* not of the lab: in quotes, since it is not a name */
		return arena_printf(a, "\"%s:%u\"", ip_text(&ip, buffer), port);
	return arena_printf(a, "%s:%u", name, port);
}

/*
 * Like arg_print(), but with the variables' values, so that the text shows the call as it was made.
 */
static const char *items_text(struct making *m, const struct arg *arg, const char *open,
			      const char *close)
{
	const char *text = "";

	for (size_t i = 0; i < arg->item_count; i++)
		text = joined_text(m->arena, text, arg_text(m, arg->items[i]));
	return arena_printf(m->arena, "%s%s%s", open, text, close);
}

const char *arg_value_text(struct making *m, const struct arg *arg)
{
	const char *text = "";

	switch (arg->kind) {
	case ARG_STRING:
		return quoted_text(m->arena, arg->bytes, arg->length);
	case ARG_VALUE:
		if (arg->value->kind == VALUE_ANY)
			return "...";
		return arena_printf(m->arena, "%lld", (long long)value_number(m, arg->value));
	case ARG_ADDRESS:
		return arena_printf(
		    m->arena, "%s:%lld", arg->address.host ? arg->address.host : "",
		    arg->address.port ? (long long)value_number(m, arg->address.port) : 0LL);
	case ARG_NAMES:
		for (size_t i = 0; i < arg->name_count; i++)
			text = arena_printf(m->arena, "%s%s%s", text, i ? "|" : "", arg->names[i]);
		return text;
	case ARG_LIST:
		return items_text(m, arg, "[", "]");
	case ARG_STRUCT:
		return items_text(m, arg, "{", "}");
	case ARG_LABELLED:
		return arena_printf(m->arena, "%s %s", arg->names[0], items_text(m, arg, "", ""));
	case ARG_INDEXED:
		return arena_printf(m->arena, "%s %s", arg->names[0], items_text(m, arg, "[", "]"));
	default:
		return "...";
	}
}

const char *arg_text(struct making *m, const struct arg *arg)
{
	if (!arg)
		return "...";
	return arg->field ? arena_printf(m->arena, "%s=%s", arg->field, arg_value_text(m, arg))
			  : arg_value_text(m, arg);
}
