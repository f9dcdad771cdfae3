/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts of the lab, and the addresses that are not hosts.
 *
 *     client ---- router ---- server        10.0.1.0/24, 10.0.2.0/24; fd00:1::/64, fd00:2::/64
 *
 * The first three are network namespaces. The others are addresses with a special effect: `nobody`
 * is on the client's link, `nowhere` on the server's, and no host has them, so a search for a
 * neighbour there (by the client itself, or the router) finds none. The router discards packets for
 * `ghost` (and reports them in its fault log). Packets for `broadcast` go to all hosts on the
 * client's link and no further (IPv6 has no such address; there it is the address of all nodes).
 *
 * Each end has a second address on its link: `client2`, `server2`. And `localhost` is each host's
 * own loopback address.
 */
#ifndef HOSTS_H
#define HOSTS_H

#include <stdbool.h>

enum host {
	HOST_CLIENT,
	HOST_ROUTER,
	HOST_SERVER,
	HOST_NOBODY,
	HOST_NOWHERE,
	HOST_GHOST,
	HOST_BROADCAST,
	HOST_COUNT,
	HOST_NONE = -1,
};

#define LAB_HOSTS 3 /* client, router, server: they exist */

/* An address of either family; the bytes are in network order, IPv4 uses the first four. */
struct ip {
	int family; /* 4 or 6; 0: none */
	unsigned char bytes[16];
};

/* An address by its name: the first ones are the hosts', in the order of enum host. */
struct address_row {
	const char *name;
	enum host host;		 /* whose it is; HOST_NONE: that of whoever says it */
	const char *ipv4, *ipv6; /* the router's: on the client's link */
};

enum host host_find(const char *name); /* HOST_NONE: no such host */
const char *host_name(enum host h);    /* HOST_NONE: "?" */
struct ip host_ip(enum host h, int family);
struct ip router_ip(enum host link, int family); /* the router's on that host's link */
struct ip second_ip(enum host h, int family);	 /* client2, server2; family 0: it has none */
enum host host_of_ip(const struct ip *ip);	 /* knows every address of a host's */

/* By the name of a host or of an address; address_host: HOST_NONE also for localhost. */
const struct address_row *address_find(const char *name); /* NULL: there is no such name */
bool address_exists(const char *name);
enum host address_host(const char *name);
bool address_is_host(const struct address_row *row); /* not one more of its addresses */
struct ip row_ip(const struct address_row *row, int family);
const struct address_row *row_of_ip(const struct ip *ip); /* NULL: it is nobody's */
const char *const *address_names(void);			  /* all of them, ended by NULL */
struct ip named_ip(const char *name, int family);	  /* family 0: no such name */
const char *ip_name(const struct ip *ip); /* client, client2, localhost; NULL: nobody's */

bool ip_equal(const struct ip *a, const struct ip *b);
const char *ip_text(const struct ip *ip, char buffer[64]);

#endif
