/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the parts of the lab; nothing outside netns/ needs it.
 */
#ifndef NETNS_INTERNAL_H
#define NETNS_INTERNAL_H

#include <netlink/msg.h>
#include <stddef.h>

#include "netns/lab.h"

/* Sets lab->error, returns false. */
bool lab_fail(struct lab *lab, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, and lab->may_pass, if the errno is one of a machine with too much to do. */
bool lab_fail_for(struct lab *lab, int why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- userns.c ---- */

/* Move the caller to a network namespace of its own, and if necessary to a user namespace first. */
bool userns_enter(struct lab *lab);
/* Whether each host should have a user namespace of its own. */
bool userns_suits_hosts(const struct lab *lab);

/* ---- link.c: the four ends of the two links, and requests about them ---- */

#define LAB_ENDS 4

/*
 * One end of a link. Names, numbers and hardware addresses are fixed, so no query is needed.
 */
struct lab_end {
	enum host at;	/* whose interface it is */
	enum host link; /* whose link: that of the host at one end */
	const char *name;
	int index;
	unsigned char mac[6];
};

extern const struct lab_end lab_ends[LAB_ENDS];
const struct lab_end *lab_end_peer(const struct lab_end *end);

/* The addresses of that end; the second's family is 0 if there is only one. */
struct ip lab_end_ip(const struct lab_end *end, int family);
struct ip lab_end_second_ip(const struct lab_end *end, int family);

/* All of these return NULL when out of memory. */
struct nl_msg *link_create(const struct lab_end *mine, const struct lab_end *peer, int peer_netns);
struct nl_msg *link_configure(const struct lab_end *end, bool has_ipv6);
struct nl_msg *link_flags(int index, unsigned int on, unsigned int off);
struct nl_msg *link_get(int index);
struct nl_msg *link_mtu(int index, unsigned int mtu);
struct nl_msg *link_bursts(int index, unsigned int segments);
struct nl_msg *link_address(const struct lab_end *end, int family);
struct nl_msg *link_second_address(const struct lab_end *end, int family);
/* The router's; when it forwards for others, it asks for a neighbour from this address (RFC 4861
 * 7.2.2). */
struct nl_msg *link_local(const struct lab_end *end);
/* The peer, at an address of its own. */
struct nl_msg *link_neighbour(const struct lab_end *end, const struct ip *address);
struct nl_msg *route_default(const struct lab_end *end, int family);
struct nl_msg *route_add(const struct ip *to, unsigned char type);
struct nl_msg *route_delete(const struct ip *to, int prefix_length);

/* ---- wire.c ---- */

/*
 * Bring up an end that was taken down, with its addresses, neighbours and default route, as
 * silently as lab_wire did. In the router's namespace. False: lab->error is set.
 */
bool wire_raise(struct lab *lab, const struct lab_end *end);
/* Whether it has, or is to have, IPv6 addresses and routes. */
bool wire_has_ipv6(const struct lab *lab);

/* ---- offload.c ---- */

/* In the namespace of the interface: no cutting, merging or checksum is left to the "hardware". */
bool offload_off(const char *interface, const char **what);

#endif
