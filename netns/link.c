/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests about the lab's links, as rtnetlink messages made by libnl-route. Nothing is sent here.
 *
 * A link's far end is created directly in the namespace where it belongs: moving it there later
 * costs an RCU grace period, tens of milliseconds.
 */
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "netns/internal.h"

#define FOR_EVER 0xffffffffu /* of a lifetime */

const struct lab_end lab_ends[LAB_ENDS] = {
    {HOST_ROUTER, HOST_CLIENT, "client", 101, {2, 0, 0, 0, 1, 0xfe}},
    {HOST_ROUTER, HOST_SERVER, "server", 102, {2, 0, 0, 0, 2, 0xfe}},
    {HOST_CLIENT, HOST_CLIENT, "eth0", 100, {2, 0, 0, 0, 1, 1}},
    {HOST_SERVER, HOST_SERVER, "eth0", 100, {2, 0, 0, 0, 2, 1}},
};

const struct lab_end *lab_end_peer(const struct lab_end *end)
{
	for (const struct lab_end *e = lab_ends; e < lab_ends + LAB_ENDS; e++)
		if (e->link == end->link && e != end)
			return e;
	return NULL;
}

struct ip lab_end_ip(const struct lab_end *end, int family)
{
	return end->at == HOST_ROUTER ? router_ip(end->link, family) : host_ip(end->at, family);
}

struct ip lab_end_second_ip(const struct lab_end *end, int family)
{
	return second_ip(end->at, family);
}

static int domain(int family)
{
	return family == 6 ? AF_INET6 : AF_INET;
}

static struct nl_addr *address(const struct ip *ip, int prefix_length)
{
	struct nl_addr *a = nl_addr_build(domain(ip->family), ip->bytes, ip->family == 6 ? 16 : 4);

	if (a)
		nl_addr_set_prefixlen(a, prefix_length);
	return a;
}

static int full(int family)
{
	return family == 6 ? 128 : 32;
}

static void set_mac(struct rtnl_link *link, const struct lab_end *end)
{
	struct nl_addr *mac = nl_addr_build(AF_LLC, end->mac, sizeof(end->mac));

	if (mac)
		rtnl_link_set_addr(link, mac);
	nl_addr_put(mac);
}

/*
 * Otherwise the kernel makes as many queues as there may be CPUs, and removes all except one, which
 * costs a grace period of RCU.
 */
static void set_queues(struct rtnl_link *link)
{
	rtnl_link_set_num_tx_queues(link, 1);
	rtnl_link_set_num_rx_queues(link, 1);
}

struct nl_msg *link_create(const struct lab_end *mine, const struct lab_end *peer, int peer_netns)
{
	struct rtnl_link *link = rtnl_link_veth_alloc();
	struct rtnl_link *far;
	struct nl_msg *m = NULL;

	if (!link)
		return NULL;
	rtnl_link_set_name(link, mine->name);
	rtnl_link_set_ifindex(link, mine->index);
	set_mac(link, mine);
	set_queues(link);
	rtnl_link_set_flags(link, IFF_NOARP);

	far = rtnl_link_veth_get_peer(link);
	rtnl_link_set_name(far, peer->name);
	rtnl_link_set_ifindex(far, peer->index);
	set_mac(far, peer);
	set_queues(far);
	rtnl_link_set_ns_fd(far, peer_netns);
	/* A peer's flags are set as a whole, not changed. */
	rtnl_link_set_flags(far, IFF_BROADCAST | IFF_MULTICAST | IFF_NOARP);
	rtnl_link_put(far);

	rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &m);
	rtnl_link_put(link);
	return m;
}

/* A request to change the link of that index, which takes `changes` over. */
static struct nl_msg *change(int index, struct rtnl_link *changes)
{
	struct rtnl_link *link = rtnl_link_alloc();
	struct nl_msg *m = NULL;

	if (link && changes) {
		rtnl_link_set_ifindex(link, index);
		rtnl_link_build_change_request(link, changes, 0, &m);
	}
	rtnl_link_put(link);
	rtnl_link_put(changes);
	return m;
}

struct nl_msg *link_configure(const struct lab_end *end, bool has_ipv6)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (!changes)
		return NULL;
	/* The conf values of IPv4 are inherited from the machine, so each is set. */
	rtnl_link_inet_set_conf(changes, IPV4_DEVCONF_FORWARDING, end->at == HOST_ROUTER);
	rtnl_link_inet_set_conf(changes, IPV4_DEVCONF_RP_FILTER, 0);
	rtnl_link_inet_set_conf(changes, IPV4_DEVCONF_SEND_REDIRECTS, 0);
	rtnl_link_inet_set_conf(changes, IPV4_DEVCONF_ARP_NOTIFY, 0);
	if (has_ipv6)
		rtnl_link_inet6_set_addr_gen_mode(changes, IN6_ADDR_GEN_MODE_NONE);
	return change(end->index, changes);
}

struct nl_msg *link_flags(int index, unsigned int on, unsigned int off)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (changes && on)
		rtnl_link_set_flags(changes, on);
	if (changes && off)
		rtnl_link_unset_flags(changes, off);
	return change(index, changes);
}

struct nl_msg *link_get(int index)
{
	struct nl_msg *m = NULL;

	rtnl_link_build_get_request(index, NULL, &m);
	return m;
}

struct nl_msg *link_mtu(int index, unsigned int mtu)
{
	struct rtnl_link *changes = rtnl_link_alloc();

	if (changes)
		rtnl_link_set_mtu(changes, mtu);
	return change(index, changes);
}

/*
 * How many segments TCP may hand down to the link as one packet, which is cut before it leaves. A
 * socket uses the number that was set when it got its route.
 */
struct nl_msg *link_bursts(int index, unsigned int segments)
{
	struct nl_msg *m = change(index, rtnl_link_alloc());

	if (m && nla_put_u32(m, IFLA_GSO_MAX_SEGS, segments) < 0) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

/* `spare`: IPv6 must not choose it as a source (RFC 4862, deprecated); a socket can still bind it.
 * */
static struct nl_msg *add_address(const struct lab_end *end, const struct ip *ip, int prefix_length,
				  bool spare)
{
	struct nl_addr *local = address(ip, prefix_length);
	struct rtnl_addr *a = rtnl_addr_alloc();
	struct nl_msg *m = NULL;

	if (local && a) {
		rtnl_addr_set_ifindex(a, end->index);
		rtnl_addr_set_local(a, local);
		if (ip->family == 6)
			rtnl_addr_set_flags(a, IFA_F_NODAD);
		if (ip->family == 6 && spare) {
			rtnl_addr_set_preferred_lifetime(a, 0);
			rtnl_addr_set_valid_lifetime(a, FOR_EVER);
		}
		rtnl_addr_build_add_request(a, NLM_F_CREATE | NLM_F_REPLACE, &m);
	}
	rtnl_addr_put(a);
	nl_addr_put(local);
	return m;
}

struct nl_msg *link_address(const struct lab_end *end, int family)
{
	struct ip ip = lab_end_ip(end, family);

	return add_address(end, &ip, family == 6 ? 64 : 24, false);
}

/* After the first, so that IPv4 still chooses the first as a source. */
struct nl_msg *link_second_address(const struct lab_end *end, int family)
{
	struct ip ip = lab_end_second_ip(end, family);

	return add_address(end, &ip, family == 6 ? 64 : 24, true);
}

struct nl_msg *link_local(const struct lab_end *end)
{
	static const struct ip ip = {6, {0xfe, 0x80, [15] = 0xff}};

	return add_address(end, &ip, 64, false);
}

struct nl_msg *link_neighbour(const struct lab_end *end, const struct ip *ip)
{
	const struct lab_end *peer = lab_end_peer(end);
	struct nl_addr *to = address(ip, full(ip->family));
	struct nl_addr *mac = nl_addr_build(AF_LLC, peer->mac, sizeof(peer->mac));
	struct rtnl_neigh *n = rtnl_neigh_alloc();
	struct nl_msg *m = NULL;

	if (to && mac && n) {
		rtnl_neigh_set_ifindex(n, end->index);
		rtnl_neigh_set_dst(n, to);
		rtnl_neigh_set_lladdr(n, mac);
		rtnl_neigh_set_state(n, NUD_PERMANENT);
		rtnl_neigh_build_add_request(n, NLM_F_CREATE | NLM_F_REPLACE, &m);
	}
	rtnl_neigh_put(n);
	nl_addr_put(mac);
	nl_addr_put(to);
	return m;
}

/* A request about a route in the main table; takes `to` over. */
static struct nl_msg *route(struct nl_addr *to, unsigned char type, unsigned char scope,
			    unsigned char protocol, struct rtnl_nexthop *hop, bool add)
{
	struct rtnl_route *r = rtnl_route_alloc();
	struct nl_msg *m = NULL;

	if (r && to) {
		rtnl_route_set_family(r, nl_addr_get_family(to));
		rtnl_route_set_table(r, RT_TABLE_MAIN);
		rtnl_route_set_dst(r, to);
		rtnl_route_set_type(r, type);
		rtnl_route_set_scope(r, scope);
		rtnl_route_set_protocol(r, protocol);
		if (hop)
			rtnl_route_add_nexthop(r, hop); /* takes it over */
		if (add)
			rtnl_route_build_add_request(r, NLM_F_CREATE | NLM_F_EXCL, &m);
		else
			rtnl_route_build_del_request(r, 0, &m);
	} else if (hop) {
		rtnl_route_nh_free(hop);
	}
	rtnl_route_put(r);
	nl_addr_put(to);
	return m;
}

struct nl_msg *route_default(const struct lab_end *end, int family)
{
	static const struct ip zero;
	struct ip via = lab_end_ip(lab_end_peer(end), family), any = zero;
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct nl_addr *gateway = address(&via, full(family));
	struct nl_msg *m = NULL;

	any.family = family;
	if (hop && gateway) {
		rtnl_route_nh_set_ifindex(hop, end->index);
		rtnl_route_nh_set_gateway(hop, gateway);
		m = route(address(&any, 0), RTN_UNICAST, RT_SCOPE_UNIVERSE, RTPROT_STATIC, hop,
			  true);
	} else if (hop) {
		rtnl_route_nh_free(hop);
	}
	nl_addr_put(gateway);
	return m;
}

struct nl_msg *route_add(const struct ip *to, unsigned char type)
{
	return route(address(to, full(to->family)), type, RT_SCOPE_UNIVERSE, RTPROT_STATIC, NULL,
		     true);
}

struct nl_msg *route_delete(const struct ip *to, int prefix_length)
{
	struct ip net = *to;

	/* The kernel refuses a prefix with bits beyond its length. */
	for (int i = 0; i < full(to->family) / 8; i++)
		if (i >= prefix_length / 8)
			net.bytes[i] = 0;
	return route(address(&net, prefix_length), RTN_UNSPEC, RT_SCOPE_NOWHERE, RTPROT_UNSPEC,
		     NULL, false);
}
