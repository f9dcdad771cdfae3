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

#include "harness/base/text.h"
#include "harness/calls/call_notation.h"

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

	if (length <= LONGEST_SEEN) {
		text = quoted_whole(a, bytes, length);
		if (strlen(text) <= LONGEST_SEEN)
			return text;
	}
	/* A byte takes at most four characters: "\001". */
	return arena_printf(a, "%s...", quoted_whole(a, bytes, (LONGEST_SEEN - 8) / 4));
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
