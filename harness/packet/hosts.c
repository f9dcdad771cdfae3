/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of hosts and addresses. Each link's network is the host's own with the last byte free;
 * the router has an address on both, and only the first is in the table. Further addresses have a
 * separate table, because they are not hosts.
 */
#include <arpa/inet.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/hosts.h"

const struct host_row host_table[HOST_COUNT] = {
    [HOST_CLIENT] = {"client", "10.0.1.1", "fd00:1::1"},
    [HOST_ROUTER] = {"router", "10.0.1.254", "fd00:1::ff"},
    [HOST_SERVER] = {"server", "10.0.2.1", "fd00:2::1"},
    [HOST_NOBODY] = {"nobody", "10.0.1.77", "fd00:1::77"},
    [HOST_NOWHERE] = {"nowhere", "10.0.2.77", "fd00:2::77"},
    [HOST_GHOST] = {"ghost", "10.0.3.1", "fd00:3::1"},
    [HOST_BROADCAST] = {"broadcast", "10.0.1.255", "ff02::1"},
};

const struct address_row address_table[] = {
    {"client2", HOST_CLIENT, "10.0.1.2", "fd00:1::2"},
    {"server2", HOST_SERVER, "10.0.2.2", "fd00:2::2"},
    {"localhost", HOST_NONE, "127.0.0.1", "::1"},
    {NULL, HOST_NONE, NULL, NULL},
};

#define ADDRESSES (ARRAY_SIZE(address_table) - 1)

const char *const *address_names(void)
{
	static const char *names[HOST_COUNT + ADDRESSES + 1];

	for (int h = 0; h < HOST_COUNT; h++)
		names[h] = host_table[h].name;
	for (size_t i = 0; i < ADDRESSES; i++)
		names[HOST_COUNT + i] = address_table[i].name;
	return names;
}

static struct ip parse(const char *text, int family)
{
	struct ip ip = {.family = family};

	inet_pton(family == 6 ? AF_INET6 : AF_INET, text, ip.bytes);
	return ip;
}

enum host host_find(const char *name)
{
	for (int h = 0; h < HOST_COUNT; h++)
		if (strcmp(host_table[h].name, name) == 0)
			return h;
	return HOST_NONE;
}

const char *host_name(enum host h)
{
	return h >= 0 && h < HOST_COUNT ? host_table[h].name : "?";
}

struct ip host_ip(enum host h, int family)
{
	if (h < 0 || h >= HOST_COUNT)
		return (struct ip){0};
	return parse(family == 6 ? host_table[h].ipv6 : host_table[h].ipv4, family);
}

struct ip router_ip(enum host link, int family)
{
	if (link == HOST_CLIENT)
		return host_ip(HOST_ROUTER, family);
	return parse(family == 6 ? "fd00:2::ff" : "10.0.2.254", family);
}

static struct ip row_ip(const struct address_row *row, int family)
{
	return parse(family == 6 ? row->ipv6 : row->ipv4, family);
}

struct ip second_ip(enum host h, int family)
{
	for (const struct address_row *row = address_table; row->name; row++)
		if (row->host == h && h != HOST_NONE)
			return row_ip(row, family);
	return (struct ip){0};
}

/* NULL: that address is not in the table. */
static const struct address_row *row_of_ip(const struct ip *ip)
{
	for (const struct address_row *row = address_table; row->name; row++) {
		struct ip other = row_ip(row, ip->family);

		if (ip_equal(ip, &other))
			return row;
	}
	return NULL;
}

static enum host host_of_first(const struct ip *ip)
{
	struct ip other;

	for (int h = 0; h < HOST_COUNT; h++) {
		other = host_ip(h, ip->family);
		if (ip_equal(ip, &other))
			return h;
	}
	other = router_ip(HOST_SERVER, ip->family);
	return ip_equal(ip, &other) ? HOST_ROUTER : HOST_NONE;
}

enum host host_of_ip(const struct ip *ip)
{
	const struct address_row *row;
	enum host first;

	if (ip->family != 4 && ip->family != 6)
		return HOST_NONE;
	first = host_of_first(ip);
	row = first == HOST_NONE ? row_of_ip(ip) : NULL;
	return row ? row->host : first;
}

const char *ip_name(const struct ip *ip)
{
	const struct address_row *row;
	enum host first;

	if (ip->family != 4 && ip->family != 6)
		return NULL;
	first = host_of_first(ip);
	row = first == HOST_NONE ? row_of_ip(ip) : NULL;
	return first != HOST_NONE ? host_table[first].name : row ? row->name : NULL;
}

static const struct address_row *row_find(const char *name)
{
	for (const struct address_row *row = address_table; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool address_exists(const char *name)
{
	return host_find(name) != HOST_NONE || row_find(name);
}

enum host address_host(const char *name)
{
	const struct address_row *row = row_find(name);

	return row ? row->host : host_find(name);
}

struct ip named_ip(const char *name, int family)
{
	const struct address_row *row = row_find(name);

	return row ? row_ip(row, family) : host_ip(host_find(name), family);
}

static size_t address_size(int family)
{
	switch (family) {
	case 4:
		return 4;
	case 6:
		return 16;
	default:
		return 0;
	}
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, address_size(a->family)) == 0;
}

const char *ip_text(const struct ip *ip, char buffer[64])
{
	if (ip->family == 0 ||
	    !inet_ntop(ip->family == 6 ? AF_INET6 : AF_INET, ip->bytes, buffer, 64))
		strcpy(buffer, "?");
	return buffer;
}
