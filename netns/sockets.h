/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket state as ss shows it, from sock_diag(7), and counters as nstat shows them, from
 * /proc/net/snmp and /proc/net/netstat of a host's namespace.
 */
#ifndef NETNS_SOCKETS_H
#define NETNS_SOCKETS_H

#include "harness/base/arena.h"
#include "harness/packet/hosts.h"
#include "harness/packet/socket_state.h"
#include "netns/lab.h"

struct sockets {
	struct lab *lab;
	struct nl_sock *diag[LAB_HOSTS]; /* made on first use, in that host's namespace */
	int counters[LAB_HOSTS][3];	 /* open /proc/net/{snmp,netstat,snmp6}; 0: not yet */
	char error[640];		 /* holds lab.error after the name of the request */
};

bool sockets_open(struct sockets *s, struct lab *lab);
void sockets_close(struct sockets *s);

/*
 * The socket of that 4-tuple on `host` (any state, mini-sockets too). found is false if ss would
 * not show it. False: the kernel could not be asked; error is set.
 */
bool sockets_ask(struct sockets *s, enum host host, const struct ip *local, uint16_t local_port,
		 const struct ip *remote, uint16_t remote_port, struct socket_state *state);

/*
 * The socket behind a descriptor of a process (by its inode; closed or not connected sockets too),
 * which is one of IPPROTO_TCP or IPPROTO_UDP.
 */
bool sockets_ask_inode(struct sockets *s, enum host host, int protocol, unsigned long inode,
		       struct socket_state *state);

/*
 * Make all TCP sockets of the host vanish; the caller must hold back what they send to their peers.
 * False: the kernel cannot do it; error is set.
 */
bool sockets_destroy(struct sockets *s, enum host host);

/*
 * How long it is until the next timer of any of the host's sockets that may send something; -1:
 * none is running. (That of TIME-WAIT sends nothing.)
 */
bool sockets_next_timer(struct sockets *s, enum host host, bool keepalives, ns_t *left);

/*
 * All TCP sockets of the host that listen or have a peer, with and without a process, in no
 * particular order. False: error is set.
 */
bool sockets_list(struct sockets *s, enum host host, struct arena *a, struct socket_list *out);

/* The inode of the socket that is descriptor `fd` of process `pid`; 0: none. */
unsigned long socket_inode(pid_t pid, int fd);

/* All that there are, made in `a`. False: error is set. */
bool sockets_counters(struct sockets *s, enum host host, struct arena *a, struct counters *out);

/* The values of the counters that `some` names; this reads less. False: error is set. */
bool sockets_count(struct sockets *s, enum host host, struct counters *some);

#endif
