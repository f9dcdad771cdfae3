/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From empty namespaces to a network with no packets except those that a script causes.
 *
 * An IPv6 interface is talkative: it joins the multicast groups of its addresses and reports that,
 * probes whether they are free, asks for routers. An interface without ARP (IFF_NOARP) does none of
 * that. So the links are made without ARP and are given their addresses while they are down. IPv6
 * processes an address later, in a kernel thread, and reports that by an event. After that ARP is
 * switched on, because the search for neighbours that do not exist must work as on a real link, and
 * only then the links go up. (ARP switched on while a link is up would start all those probes
 * again.) Existing neighbours are entered permanently on both sides.
 *
 * The end of a link that comes up first drops packets until its peer's carrier is seen. Therefore
 * the lab is ready only when the kernel has announced the operational state UP for all four ends,
 * which it does after it has given the interface its queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "netns/internal.h"
#include "netns/proc.h"
#include "netns/rtnl.h"

#define ADDRESS_GLOBAL	  1
#define ADDRESS_LINKLOCAL 2
#define ADDRESS_SECOND	  4

#define LOOPBACK 1 /* lo's index in every namespace */
/*
 * The kernel thread and the carriers take a few milliseconds; where a hundred labs are being made
 * at once, all of which wait for the one lock of the kernel's network settings, more than five
 * seconds.
 */
#define TIMEOUT_MS 30000

struct wiring {
	struct lab *lab;
	bool has_ipv6; /* addresses, routes, neighbours */
	struct rtnl rtnl[LAB_HOSTS];
	/* What is still awaited, 0: nothing. */
	int addresses[LAB_ENDS]; /* bits of the addresses that IPv6 has not finished yet */
	int down[LAB_ENDS];	 /* 1: not operational yet */

	bool enabled[LAB_ENDS]; /* up has been asked for */
};

/* The wiring and the host whose event it is. */
struct hearing {
	struct wiring *w;
	enum host at;
};

static bool kernel_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

bool wire_has_ipv6(const struct lab *lab)
{
	return !(lab->only_ipv4 && lab->family == 4) && kernel_has_ipv6();
}

static int end_of(enum host at, int index)
{
	for (int e = 0; e < LAB_ENDS; e++)
		if (lab_ends[e].at == at && lab_ends[e].index == index)
			return e;
	return -1;
}

static void hear_address(struct hearing *h, struct nlmsghdr *m)
{
	const struct ifaddrmsg *a = nlmsg_data(m);
	struct nlattr *address = nlmsg_find_attr(m, sizeof(*a), IFA_ADDRESS);
	struct ip second;
	int e = end_of(h->at, (int)a->ifa_index);

	if (e < 0 || a->ifa_family != AF_INET6 || !address || a->ifa_flags & IFA_F_TENTATIVE)
		return;
	second = lab_end_second_ip(&lab_ends[e], 6);
	if (IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)nla_data(address)))
		h->w->addresses[e] &= ~ADDRESS_LINKLOCAL;
	else if (second.family && !memcmp(nla_data(address), second.bytes, sizeof(second.bytes)))
		h->w->addresses[e] &= ~ADDRESS_SECOND;
	else
		h->w->addresses[e] &= ~ADDRESS_GLOBAL;
}

static void hear_link(struct hearing *h, struct nlmsghdr *m)
{
	const struct ifinfomsg *i = nlmsg_data(m);
	struct nlattr *state = nlmsg_find_attr(m, sizeof(*i), IFLA_OPERSTATE);
	int e = end_of(h->at, i->ifi_index);

	if (e < 0 || !state)
		return;
	h->w->down[e] = nla_get_u8(state) != IF_OPER_UP;
	h->w->enabled[e] = i->ifi_flags & IFF_UP;
}

static void hear(void *context, struct nlmsghdr *m)
{
	if (m->nlmsg_type == RTM_NEWADDR)
		hear_address(context, m);
	else if (m->nlmsg_type == RTM_NEWLINK)
		hear_link(context, m);
}

/* Until the kernel has reported it for all ends. */
static bool wait_for(struct wiring *w, const int *list, const char *what)
{
	for (int e = 0; e < LAB_ENDS; e++) {
		struct hearing h = {w, lab_ends[e].at};

		while (list[e]) {
			int n = rtnl_wait(&w->rtnl[h.at], TIMEOUT_MS, hear, &h);

			if (n < 0)
				return lab_fail(w->lab, "%s: %s", what, strerror(errno));
			if (n == 0)
				return lab_fail_for(
				    w->lab, ETIMEDOUT,
				    "%s: the kernel has not done so for the %s's %s "
				    "in %d s",
				    what, host_name(h.at), lab_ends[e].name, TIMEOUT_MS / 1000);
		}
	}
	return true;
}

static bool commit(struct wiring *w, enum host at)
{
	struct hearing h = {w, at};
	struct rtnl *r = &w->rtnl[at];
	const char *mend = "";

	if (rtnl_commit(r, hear, &h))
		return true;
	if (r->failed == EOPNOTSUPP)
		mend = " (does this kernel have veth? as root: modprobe veth)";
	return lab_fail_for(w->lab, r->failed, "%s: %s: %s%s", host_name(at), r->failed_what,
			    strerror(r->failed), mend);
}

/* Set one sysctl of the caller's namespace, unless it has that value. */
static bool set(struct lab *lab, const char *path, char value)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char old[16];
	bool done;

	if (fd < 0) /* it is known not to be read-only: a security module */
		return lab_fail(lab, "opening %s: %s%s%s", path, strerror(errno),
				errno == ENOENT ? "" : "; ", errno == ENOENT ? "" : CONTAINER_MEND);
	done = (pread(fd, old, sizeof(old), 0) == 2 && old[0] == value) ||
	       pwrite(fd, &value, 1, 0) == 1;
	if (!done)
		lab_fail(lab, "writing %s: %s", path, strerror(errno));
	close(fd);
	return done;
}

/*
 * Settings that rtnetlink cannot make, while there is no link yet that they could disturb. The
 * machine's own reverse path filter is inherited, and `all` would outweigh the links'. The router
 * has link-local addresses in every run, so in every run it must be set not to ask for routers.
 * With `all` IPv6 forwards, in a run over IPv6: that is expensive, see one_at_a_time. With
 * `default` off again, no interface acts as a router (which would join a group and report it).
 */
static bool set_up_namespace(struct wiring *w, enum host at)
{
	struct lab *lab = w->lab;

	if (!set(lab, "/proc/sys/net/ipv4/conf/all/rp_filter", '0'))
		return false;
	if (at != HOST_ROUTER)
		return true;
	if (w->has_ipv6 && !set(lab, "/proc/sys/net/ipv6/conf/default/accept_ra", '0'))
		return false;
	if (lab->family != 6)
		return true;
	return set(lab, "/proc/sys/net/ipv6/conf/all/forwarding", '1') &&
	       set(lab, "/proc/sys/net/ipv6/conf/default/forwarding", '0');
}

/*
 * To write IPv6's forwarding the kernel needs the rtnl lock; it does not wait for it but tries
 * again and again (addrconf_fixup_forwarding). When many labs are built at once, each would keep a
 * CPU busy with that; so they wait for one another here, asleep.
 */
static int one_at_a_time(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd; /* closing it lets the next one in; it also works without the lock */
}

static bool set_up_namespaces(struct wiring *w)
{
	int turn = w->lab->family == 6 ? one_at_a_time() : -1;
	bool done = true;

	for (int h = 0; done && h < LAB_HOSTS; h++)
		done = lab_enter(w->lab, h) && set_up_namespace(w, h);
	if (turn >= 0)
		close(turn);
	lab_leave(w->lab);
	return done;
}

static bool open_sockets(struct wiring *w)
{
	static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR, 0};
	bool done = true;

	for (int h = 0; done && h < LAB_HOSTS; h++) {
		done = lab_enter(w->lab, h);
		if (done && (!rtnl_open(&w->rtnl[h]) || !rtnl_listen(&w->rtnl[h], groups)))
			done = lab_fail(w->lab, "opening a netlink socket: %s", strerror(errno));
	}
	lab_leave(w->lab);
	return done;
}

static void close_sockets(struct wiring *w)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		rtnl_close(&w->rtnl[h]);
}

static bool create_links(struct wiring *w)
{
	for (const struct lab_end *e = lab_ends; e < lab_ends + LAB_ENDS; e++) {
		if (e->at != HOST_ROUTER)
			continue;
		rtnl_add(&w->rtnl[HOST_ROUTER],
			 link_create(e, lab_end_peer(e), w->lab->host[e->link].netns),
			 "creating a veth pair", 0);
		w->lab->host[e->link].link = e->index;
	}
	return commit(w, HOST_ROUTER);
}

static bool no_offloads(struct wiring *w)
{
	bool done = true;

	for (const struct lab_end *e = lab_ends; done && e < lab_ends + LAB_ENDS; e++) {
		const char *what;

		done = lab_enter(w->lab, e->at);
		if (done && !offload_off(e->name, &what))
			done = lab_fail(w->lab, "%s: switching %s off on %s: %s", host_name(e->at),
					what, e->name, strerror(errno));
	}
	lab_leave(w->lab);
	return done;
}

static bool has_second(const struct lab_end *end)
{
	return lab_end_second_ip(end, 4).family != 0;
}

static void prepare(struct rtnl *r, const struct lab_end *end, bool has_ipv6)
{
	/* This also keeps IPv6 from making addresses of its own. */
	rtnl_add(r, link_configure(end, kernel_has_ipv6()), "configuring a link", 0);
	rtnl_add(r, link_address(end, 4), "giving a link its IPv4 address", 0);
	if (has_second(end))
		rtnl_add(r, link_second_address(end, 4), "giving a link its second address", 0);
	if (!has_ipv6)
		return;
	if (end->at == HOST_ROUTER)
		rtnl_add(r, link_local(end), "giving a link its link-local address", 0);
	rtnl_add(r, link_address(end, 6), "giving a link its IPv6 address", 0);
	if (has_second(end))
		rtnl_add(r, link_second_address(end, 6), "giving a link its second address", 0);
}

/* The IPv6 addresses that prepare() gives an end. */
static int addresses_of(const struct wiring *w, int end)
{
	if (!w->has_ipv6)
		return 0;
	return ADDRESS_GLOBAL | (lab_ends[end].at == HOST_ROUTER ? ADDRESS_LINKLOCAL : 0) |
	       (has_second(&lab_ends[end]) ? ADDRESS_SECOND : 0);
}

static void bring_up(struct rtnl *r, const struct lab_end *end, bool has_ipv6)
{
	rtnl_add(r, link_flags(end->index, 0, IFF_NOARP), "switching ARP on", 0);
	rtnl_add(r, link_flags(end->index, IFF_UP, 0), "bringing a link up", 0);
	for (int family = 4; family <= (has_ipv6 ? 6 : 4); family += 2) {
		struct ip ip = lab_end_ip(lab_end_peer(end), family);
		struct ip second = lab_end_second_ip(lab_end_peer(end), family);

		rtnl_add(r, link_neighbour(end, &ip), "writing a neighbour down", 0);
		if (second.family)
			rtnl_add(r, link_neighbour(end, &second), "writing a neighbour down", 0);
		if (end->at != HOST_ROUTER)
			rtnl_add(r, route_default(end, family), "adding the default route", EEXIST);
	}
}

/* So that packets for `ghost` are discarded without an answer. */
static void swallow_ghost(struct wiring *w)
{
	for (int family = 4; family <= (w->has_ipv6 ? 6 : 4); family += 2) {
		struct ip ghost = host_ip(HOST_GHOST, family);

		rtnl_add(&w->rtnl[HOST_ROUTER], route_add(&ghost, RTN_BLACKHOLE),
			 "adding the route to ghost", 0);
	}
}

static void limit_bursts(struct wiring *w)
{
	for (const struct lab_end *e = lab_ends; e < lab_ends + LAB_ENDS; e++)
		if (w->lab->one_by_one[e->at])
			rtnl_add(&w->rtnl[e->at], link_bursts(e->index, 1), "limiting bursts", 0);
}

static bool wire(struct wiring *w)
{
	if (!set_up_namespaces(w) || !open_sockets(w) || !create_links(w) || !no_offloads(w))
		return false;

	for (int h = 0; h < LAB_HOSTS; h++)
		rtnl_add(&w->rtnl[h], link_flags(LOOPBACK, IFF_UP, 0), "bringing lo up", 0);
	swallow_ghost(w);
	for (int e = 0; e < LAB_ENDS; e++) {
		prepare(&w->rtnl[lab_ends[e].at], &lab_ends[e], w->has_ipv6);
		w->addresses[e] = addresses_of(w, e);
		w->down[e] = 1;
	}
	limit_bursts(w);
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!commit(w, h))
			return false;
	if (!wait_for(w, w->addresses, "waiting for IPv6 to take its addresses"))
		return false;

	for (int e = 0; e < LAB_ENDS; e++)
		bring_up(&w->rtnl[lab_ends[e].at], &lab_ends[e], w->has_ipv6);
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!commit(w, h))
			return false;
	return wait_for(w, w->down, "waiting for the links to come up");
}

bool lab_wire(struct lab *lab, int family)
{
	struct wiring w = {.lab = lab};
	bool done;

	lab->family = family;
	w.has_ipv6 = wire_has_ipv6(lab);
	if (family == 6 && !w.has_ipv6)
		return lab_fail(lab,
				"this kernel has no IPv6 (ipv6.disable=1 on its command line?)");
	done = wire(&w);
	close_sockets(&w);
	return done;
}

/* Ask for the state of an end; the answer is processed like an event. */
static bool look(struct wiring *w, int end)
{
	rtnl_add(&w->rtnl[lab_ends[end].at], link_get(lab_ends[end].index), "looking at a link", 0);
	return commit(w, lab_ends[end].at);
}

static bool raise_end(struct wiring *w, int end, int peer)
{
	struct rtnl *r = &w->rtnl[lab_ends[end].at];

	if (!look(w, end) || !look(w, peer))
		return false;
	if (w->enabled[end])
		return true;
	for (int e = 0; e < LAB_ENDS; e++)
		w->addresses[e] = e == end ? addresses_of(w, e) : 0;
	rtnl_add(r, link_flags(lab_ends[end].index, IFF_NOARP, 0), "switching ARP off", 0);
	prepare(r, &lab_ends[end], w->has_ipv6);
	if (!commit(w, lab_ends[end].at) ||
	    !wait_for(w, w->addresses, "waiting for IPv6 to take its address"))
		return false;
	for (int e = 0; e < LAB_ENDS; e++)
		w->down[e] = w->enabled[peer] && (e == end || e == peer);
	bring_up(r, &lab_ends[end], w->has_ipv6);
	return commit(w, lab_ends[end].at) &&
	       wait_for(w, w->down, "waiting for the link to come up");
}

bool wire_raise(struct lab *lab, const struct lab_end *end)
{
	struct wiring w = {.lab = lab, .has_ipv6 = wire_has_ipv6(lab)};
	int e = (int)(end - lab_ends), peer = (int)(lab_end_peer(end) - lab_ends);
	bool done = open_sockets(&w) && raise_end(&w, e, peer);

	close_sockets(&w);
	return done;
}
