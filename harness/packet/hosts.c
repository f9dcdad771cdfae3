/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of hosts and addresses. Each link's network is the host's own with the last byte free;
 * the router has an address on both, and only the first is in the table.
 */
#include <arpa/inet.h>
#include <string.h>

#include "harness/packet/hosts.h"

#define ADDRESSES (HOST_COUNT + 3)

static const struct address_row address_table[ADDRESSES] = {
    [HOST_CLIENT] = {"client", HOST_CLIENT, "10.0.1.1", "fd00:1::1"},
    [HOST_ROUTER] = {"router", HOST_ROUTER, "10.0.1.254", "fd00:1::ff"},
    [HOST_SERVER] = {"server", HOST_SERVER, "10.0.2.1", "fd00:2::1"},
    [HOST_NOBODY] = {"nobody", HOST_NOBODY, "10.0.1.77", "fd00:1::77"},
    [HOST_NOWHERE] = {"nowhere", HOST_NOWHERE, "10.0.2.77", "fd00:2::77"},
    [HOST_GHOST] = {"ghost", HOST_GHOST, "10.0.3.1", "fd00:3::1"},
    [HOST_BROADCAST] = {"broadcast", HOST_BROADCAST, "10.0.1.255", "ff02::1"},
    [HOST_COUNT] = {"client2", HOST_CLIENT, "10.0.1.2", "fd00:1::2"},
    {"server2", HOST_SERVER, "10.0.2.2", "fd00:2::2"},
    {"localhost", HOST_NONE, "127.0.0.1", "::1"},
};

const char *const *address_names(void)
{
	static const char *names[ADDRESSES + 1];

	for (size_t i = 0; i < ADDRESSES; i++)
		names[i] = address_table[i].name;
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
		if (strcmp(address_table[h].name, name) == 0)
			return h;
	return HOST_NONE;
}

const char *host_name(enum host h)
{
	return h >= 0 && h < HOST_COUNT ? address_table[h].name : "?";
}

struct ip row_ip(const struct address_row *row, int family)
{
	return parse(family == 6 ? row->ipv6 : row->ipv4, family);
}

struct ip host_ip(enum host h, int family)
{
	return h >= 0 && h < HOST_COUNT ? row_ip(&address_table[h], family) : (struct ip){0};
}

struct ip router_ip(enum host link, int family)
{
	if (link == HOST_CLIENT)
		return host_ip(HOST_ROUTER, family);
	return parse(family == 6 ? "fd00:2::ff" : "10.0.2.254", family);
}

struct ip second_ip(enum host h, int family)
{
	for (size_t i = HOST_COUNT; i < ADDRESSES; i++)
		if (address_table[i].host == h && h != HOST_NONE)
			return row_ip(&address_table[i], family);
	return (struct ip){0};
}

const struct address_row *row_of_ip(const struct ip *ip)
{
	struct ip other;

	if (ip->family != 4 && ip->family != 6)
		return NULL;
	for (size_t i = 0; i < ADDRESSES; i++) {
		other = row_ip(&address_table[i], ip->family);
		if (ip_equal(ip, &other))
			return &address_table[i];
	}
	other = router_ip(HOST_SERVER, ip->family);
	return ip_equal(ip, &other) ? &address_table[HOST_ROUTER] : NULL;
}

enum host host_of_ip(const struct ip *ip)
{
	const struct address_row *row = row_of_ip(ip);

	return row ? row->host : HOST_NONE;
}

const char *ip_name(const struct ip *ip)
{
	const struct address_row *row = row_of_ip(ip);

	return row ? row->name : NULL;
}

const struct address_row *address_find(const char *name)
{
	for (size_t i = 0; i < ADDRESSES; i++)
		if (strcmp(address_table[i].name, name) == 0)
			return &address_table[i];
	return NULL;
}

bool address_is_host(const struct address_row *row)
{
	return row < &address_table[HOST_COUNT];
}

bool address_exists(const char *name)
{
	return address_find(name);
}

enum host address_host(const char *name)
{
	const struct address_row *row = address_find(name);

	return row ? row->host : HOST_NONE;
}

struct ip named_ip(const char *name, int family)
{
	const struct address_row *row = address_find(name);

	return row ? row_ip(row, family) : (struct ip){0};
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
