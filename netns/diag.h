/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to sock_diag(7). Internal to netns/.
 */
#ifndef NETNS_DIAG_H
#define NETNS_DIAG_H

#include <linux/inet_diag.h>
#include <netlink/netlink.h>
#include <stdbool.h>

/* Whether this socket is the right one; for the caller the dump ends at the first that is. */
typedef bool diag_match_fn(const struct inet_diag_msg *m, const void *context);

/* 1 found, 0 no such socket, -1 the kernel could not be asked (errno). */
int diag_exact(struct nl_sock *sock, int domain, const struct inet_diag_sockid *id,
	       struct inet_diag_msg *out);
int diag_dump(struct nl_sock *sock, int domain, int protocol, diag_match_fn *match,
	      const void *context, struct inet_diag_msg *out);

/* Takes one socket of a dump: its message, with whatever attributes the kernel put into it. */
typedef void diag_visit_fn(const struct nlmsghdr *m, void *context);

/*
 * Every TCP socket of that domain, with its INET_DIAG_INFO if it has any. False: the kernel could
 * not be asked (errno).
 */
bool diag_visit(struct nl_sock *sock, int domain, diag_visit_fn *visit, void *context);

/*
 * Destroy all TCP sockets, as `ss -K` does: those without a process, too, and mini-sockets. Returns
 * their number; -1: the kernel could not be asked, or does not do that (errno).
 */
int diag_destroy(struct nl_sock *sock, int domain);

#endif
