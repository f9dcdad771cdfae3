/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A batch is one sendmsg of many requests: the kernel processes them one after the other before
 * sendmsg returns, and answers each. So there are few system calls, and the lab rarely waits for
 * the rtnl lock; both matter when many labs start at once.
 *
 * The type distinguishes answers from events, so one socket is enough for both.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "netns/rtnl.h"

#define BATCH_SIZE 16384

bool rtnl_open(struct rtnl *r)
{
	*r = (struct rtnl){0};
	r->batch = malloc(BATCH_SIZE);
	r->socket = nl_socket_alloc();
	if (!r->batch || !r->socket || nl_connect(r->socket, NETLINK_ROUTE) < 0) {
		int why = errno ? errno : ENOMEM;

		rtnl_close(r);
		errno = why;
		return false;
	}
	nl_socket_disable_seq_check(r->socket);
	/* No message comes near the four pages of libnl's buffer: no need to ask for its size. */
	nl_socket_disable_msg_peek(r->socket);
	return true;
}

void rtnl_close(struct rtnl *r)
{
	if (r->socket)
		nl_socket_free(r->socket);
	free(r->batch);
	*r = (struct rtnl){0};
}

bool rtnl_listen(struct rtnl *r, const int *groups)
{
	for (; *groups; groups++)
		if (nl_socket_add_membership(r->socket, *groups) < 0)
			return false;
	return true;
}

static void fail(struct rtnl *r, int error, const char *what)
{
	if (r->failed)
		return;
	r->failed = error;
	r->failed_what = what;
}

void rtnl_add(struct rtnl *r, struct nl_msg *message, const char *what, int forgive)
{
	struct nlmsghdr *header;
	size_t size;

	if (!message) {
		fail(r, ENOMEM, what);
		return;
	}
	nl_complete_msg(r->socket, message);
	header = nlmsg_hdr(message);
	header->nlmsg_flags |= NLM_F_ACK;
	size = NLMSG_ALIGN(header->nlmsg_len);
	if (r->count == RTNL_REQUESTS || r->used + size > BATCH_SIZE) {
		fail(r, ENOBUFS, what);
	} else {
		memset(r->batch + r->used, 0, size);
		memcpy(r->batch + r->used, header, header->nlmsg_len);
		r->used += size;
		r->request[r->count].seq = header->nlmsg_seq;
		r->request[r->count].what = what;
		r->request[r->count].forgive = forgive;
		r->count++;
	}
	nlmsg_free(message);
}

static void answer(struct rtnl *r, const struct nlmsghdr *header)
{
	const struct nlmsgerr *e = nlmsg_data(header);

	for (int i = 0; i < r->count; i++) {
		if (r->request[i].seq != header->nlmsg_seq)
			continue;
		r->answered++;
		if (e->error && -e->error != r->request[i].forgive)
			fail(r, -e->error, r->request[i].what);
		return;
	}
}

/* Read one datagram. */
static bool take(struct rtnl *r, rtnl_event_fn *event, void *context)
{
	struct sockaddr_nl from;
	unsigned char *bytes = NULL;
	int left = nl_recv(r->socket, &from, &bytes, NULL);

	/* libnl says only "out of memory" for an overrun; in both cases events are lost. */
	if (left <= 0) {
		errno = left == -NLE_NOMEM ? ENOBUFS : EIO;
		return false;
	}
	for (struct nlmsghdr *m = (struct nlmsghdr *)bytes; nlmsg_ok(m, left);
	     m = nlmsg_next(m, &left)) {
		if (m->nlmsg_type == NLMSG_ERROR)
			answer(r, m);
		else if (event)
			event(context, m);
	}
	free(bytes);
	return true;
}

bool rtnl_commit(struct rtnl *r, rtnl_event_fn *event, void *context)
{
	r->answered = 0;
	if (!r->failed && r->used && nl_sendto(r->socket, r->batch, r->used) < 0)
		fail(r, errno, "sending a request");
	while (!r->failed && r->answered < r->count)
		if (!take(r, event, context))
			fail(r, errno, "reading an answer");
	r->used = 0;
	r->count = 0;
	return !r->failed;
}

int rtnl_wait(struct rtnl *r, int milliseconds, rtnl_event_fn *event, void *context)
{
	struct pollfd p = {.fd = nl_socket_get_fd(r->socket), .events = POLLIN};
	int n = poll(&p, 1, milliseconds);

	if (n <= 0)
		return n < 0 && errno != EINTR ? -1 : 0;
	return take(r, event, context) ? 1 : -1;
}
