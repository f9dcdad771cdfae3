/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The victims' log: nfnetlink_log, read by libnl-nf-3. Each rule writes its id and its verdict in
 * front of a victim's bytes. The kernel would collect up to a hundred, or wait a second, before it
 * hands them over; a threshold of one makes it report at once.
 *
 * The kernel stamps packets that it logs on the way in or through. In a host's own output it does
 * not, so the time of reading is used instead.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netns/firewall/fault_internal.h"
#include "netns/firewall/nf_library.h"

/* One message each; the kernel allocates so much for it, and that counts against the buffer. */
#define MESSAGE_SIZE 512
#define BUFFER_SIZE  (4 << 20) /* asked for; the kernel gives up to net.core.rmem_max */

static const struct nf_functions *nf; /* since a log was opened */

static bool bind_group(struct nl_sock *sock)
{
	struct nfnl_log *log = nf->nfnl_log_alloc();
	int why;

	if (!log)
		return false;
	nf->nfnl_log_set_group(log, FAULT_GROUP);
	nf->nfnl_log_set_copy_mode(log, NFNL_LOG_COPY_PACKET);
	nf->nfnl_log_set_copy_range(log, FAULT_SNAPLEN);
	nf->nfnl_log_set_alloc_size(log, MESSAGE_SIZE);
	nf->nfnl_log_set_queue_threshold(log, 1);
	why = nf->nfnl_log_create(sock, log);
	nf->nfnl_log_put(log);
	return why == 0;
}

struct nl_sock *fault_log_open(char *error, size_t size)
{
	struct nl_sock *sock;

	nf = nf_library(error, size);
	if (!nf)
		return NULL;
	sock = nl_socket_alloc();
	errno = ENOMEM;
	if (!sock || nf->nfnl_connect(sock) < 0) {
		snprintf(error, size, "opening the fault log: %s", strerror(errno));
		nl_socket_free(sock);
		return NULL;
	}
	nl_socket_set_buffer_size(sock, BUFFER_SIZE, 0);
	if (!bind_group(sock)) {
		snprintf(error, size,
			 "binding the fault log: %s (does this kernel have nfnetlink_log? as "
			 "root: modprobe nfnetlink_log)",
			 strerror(errno));
		nl_socket_free(sock);
		return NULL;
	}
	nl_socket_disable_seq_check(sock);
	nl_socket_set_nonblocking(sock);
	return sock;
}

int fault_log_fd(const struct faults *f, enum host at)
{
	if (at < 0 || at >= LAB_HOSTS || !f->host[at] || !f->host[at]->log)
		return -1;
	return nl_socket_get_fd(f->host[at]->log);
}

struct reader {
	enum host at;
	fault_victim_fn *victim;
	void *context;
};

static void tell(const struct reader *r, const struct nfnl_log_msg *m)
{
	const char *prefix = nf->nfnl_log_msg_get_prefix(m);
	const struct timeval *stamp = nf->nfnl_log_msg_get_timestamp(m);
	const void *payload;
	char *verdict;
	int length;
	long id;

	payload = nf->nfnl_log_msg_get_payload(m, &length);
	if (!prefix || !payload)
		return;
	id = strtol(prefix, &verdict, 10);
	r->victim(r->context, r->at, (int)id, strcmp(verdict, " reject") == 0,
		  ntohs(nf->nfnl_log_msg_get_hwproto(m)), payload, (size_t)length,
		  stamp ? stamp->tv_sec * NS_PER_S + stamp->tv_usec * NS_PER_US : now());
}

static void read_message(const struct reader *r, struct nlmsghdr *header)
{
	struct nfnl_log_msg *m;

	if (NFNL_SUBSYS_ID(header->nlmsg_type) != NFNL_SUBSYS_ULOG ||
	    nf->nfnlmsg_log_msg_parse(header, &m) < 0)
		return;
	tell(r, m);
	nf->nfnl_log_msg_put(m);
}

bool fault_log_read(struct faults *f, enum host at, fault_victim_fn *victim, void *context)
{
	struct reader r = {at, victim, context};

	if (fault_log_fd(f, at) < 0)
		return true;
	for (;;) {
		struct sockaddr_nl from;
		unsigned char *bytes = NULL;
		int left = nl_recv(f->host[at]->log, &from, &bytes, NULL);

		if (left == 0 || left == -NLE_AGAIN)
			return true;
		if (left < 0) {
			/* libnl's name for ENOBUFS, too */
			snprintf(f->error, sizeof(f->error), "the %s's fault log: %s",
				 host_name(at),
				 left == -NLE_NOMEM ? "more victims at once than its buffer holds"
						    : nl_geterror(left));
			return false;
		}
		for (struct nlmsghdr *m = (struct nlmsghdr *)bytes; nlmsg_ok(m, left);
		     m = nlmsg_next(m, &left))
			read_message(&r, m);
		free(bytes);
	}
}
