/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to rtnetlink in one namespace, sent as one batch, and the events that they cause.
 * Internal to netns/.
 */
#ifndef NETNS_RTNL_H
#define NETNS_RTNL_H

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdint.h>

#include "netns/lab.h"

#define RTNL_REQUESTS 24 /* in one batch */

struct rtnl {
	struct nl_sock *socket;
	unsigned char *batch;
	size_t used;
	int count, answered;
	struct {
		uint32_t seq;
		const char *what; /* for the message when it fails */
		int forgive;	  /* errno that is not a failure; 0: none */
	} request[RTNL_REQUESTS];
	int failed; /* errno of the first that failed; 0: none */
	const char *failed_what;
};

/* A message on the socket that is not an answer. */
typedef void rtnl_event_fn(void *context, struct nlmsghdr *message);

/* In the caller's namespace. False: errno says why. */
bool rtnl_open(struct rtnl *r);
void rtnl_close(struct rtnl *r);

/* Also receive the events of these RTNLGRP_ groups (ends with 0). */
bool rtnl_listen(struct rtnl *r, const int *groups);

/* Takes ownership of the message (NULL: out of memory). */
void rtnl_add(struct rtnl *r, struct nl_msg *message, const char *what, int forgive);

/* Send what was added and wait for all answers. False: failed and failed_what say what failed. */
bool rtnl_commit(struct rtnl *r, rtnl_event_fn *event, void *context);

/* Wait at most `milliseconds` for events. 1 something came, 0 nothing, -1 an error (errno). */
int rtnl_wait(struct rtnl *r, int milliseconds, rtnl_event_fn *event, void *context);

#endif
