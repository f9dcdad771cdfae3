/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab: three network namespaces, two veth pairs, addresses, routes, neighbours, no offloads.
 *
 * The process that calls lab_open becomes the router: it moves to a new network namespace (and,
 * when it is not root, a new user namespace), so it must have one thread. It gives the client and
 * the server a process each by a function of its own, in network and user namespaces of their own.
 * When those processes and the router are gone, the kernel takes everything down; nothing has a
 * name in the file system.
 *
 * netns/ knows nothing of scenarios.
 */
#ifndef NETNS_LAB_H
#define NETNS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "harness/packet/hosts.h"

struct lab_host {
	pid_t pid; /* its first process; the router's is the caller; 0: none */
	int netns; /* open /proc/PID/ns/net */
	int link;  /* router: unused; else ifindex, in the router, of the link to it */
	char name[16];
};

struct lab {
	struct lab_host host[LAB_HOSTS];
	int family;		    /* of the scenario */
	bool only_ipv4;		    /* see lab_wire */
	bool one_by_one[LAB_HOSTS]; /* see lab_wire */
	bool has_users;		    /* it is in a user namespace that it has made for itself */
	int packets;		    /* the packet socket of lab_inject; 0: none yet */
	char error[512];	    /* which step failed, why, and the remedy */
	bool may_pass; /* .. the machine had too much to do: it may succeed next time */
};

/*
 * The function of a host's first process, in its namespaces, in a new process whose parent is the
 * router and which is process 1 of the host. It is killed (SIGKILL) when the router dies, and with
 * it all processes of the host. Its return value is the exit status. It must not rely on the C
 * library's data about the calling thread (its id); a process that it forks may.
 */
#define LAB_NO_FORK 128 /* .. or this plus an errno: it could make no process that it needs */
typedef int lab_main_fn(enum host host, void *context);

/*
 * Namespaces only: the router's own, then the two hosts with their processes. False: error is set.
 */
bool lab_open(struct lab *lab, lab_main_fn *host_main, void *context);

/*
 * Links, addresses, routes, neighbours; returns when all four ends are up and forward, so that no
 * packet is lost because a carrier is not there yet. Between this and lab_open the caller may open
 * its capture, so that it sees everything. Both families are configured, but the router forwards
 * IPv6 only when that is the family; if the family is IPv4 and the caller has set only_ipv4, there
 * are no IPv6 addresses and routes, and nobody waits for them. False: error is set.
 *
 * TCP hands its segments down in bursts, as on a real machine, and they are cut before they leave
 * the host: on the link each is a packet of its own. Only the host's own firewall sees the bursts
 * uncut. If the caller has set a host's one_by_one, it hands down one segment at a time.
 */
bool lab_wire(struct lab *lab, int family);

/*
 * lab_stop ends all processes of the host; its namespace stays. lab_start makes a new first process
 * in it; it returns false with error set.
 */
void lab_stop(struct lab *lab, enum host host);
bool lab_start(struct lab *lab, enum host host, lab_main_fn *host_main, void *context);

/*
 * A further process of that host, outside its user namespace, whose own are the caller's: the first
 * one of a PID namespace, with mounts, a name and IPC of its own; has_users: in a new user
 * namespace, too. It ends at the latest with the caller. Its parent must wait for it. `work` must
 * not return. -1: `error` says why there is none.
 */
pid_t lab_fork(struct lab *lab, enum host host, void (*work)(void *), void *context);

/* Says in `error` that the host's first process has ended at its start, and why. Always false. */
bool lab_died(struct lab *lab, enum host host);

/*
 * Kills the hosts' processes, waits until all of them have ended, closes what is open. Safe at any
 * stage, and twice.
 */
void lab_close(struct lab *lab);

/* Run the caller in `host`'s network namespace until lab_leave (which ends in the router's). */
bool lab_enter(struct lab *lab, enum host host);
void lab_leave(struct lab *lab);

/*
 * Put an IP packet on the router's link to `host`, as if the router had forwarded it there: its
 * rules, routes and neighbours play no part. On return the link has it. False: lab->error is set
 * (the link is down; the packet is larger than its MTU).
 */
bool lab_inject(struct lab *lab, enum host host, const void *bytes, size_t length);

/*
 * net.ipv4.tcp_syn_retries = 2 in that host. Only names that begin with net. and live in its
 * namespace are accepted. False: `error` says what (no such sysctl on this kernel; value refused).
 */
bool lab_sysctl(struct lab *lab, enum host host, const char *name, const char *value, char *error,
		size_t size);
/* Whether a sysctl of that name belongs to the whole machine although a namespace could write it.
 * */
bool lab_sysctl_is_shared(const char *name);

/*
 * `ip` words for the router or a host, through rtnetlink. Words as in the ip tool, addresses by the
 * names of hosts: route add unreachable|prohibit|blackhole HOST route del HOST link set NAME mtu N
 * | gso_max_segs N | up | down NAME: client, server; on a host eth0 False: `error` says which word
 * was not understood, or what the kernel answered. lab_ip_check only says whether the words are of
 * a known form; `bad` is the index of the first that is not.
 */
bool lab_ip(struct lab *lab, enum host host, const char *const *words, size_t count, char *error,
	    size_t size);
bool lab_ip_check(enum host host, const char *const *words, size_t count, size_t *bad, char *error,
		  size_t size);

#endif
