/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inet_diag requests over libnl's core. libnl-idiag-3 makes dumps only, of all sockets in one state
 * or more; it does not know the exact request, which is a hundred times cheaper.
 *
 * The kernel looks an exact request up like an incoming packet: connections, mini-sockets in
 * TIME-WAIT and SYN-RECV, and at last a listener on the port. So the ports of the answer must be
 * checked.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "netns/diag.h"

/* The states that ss shows with -a: all but NEW_SYN_RECV's own bit (SYN-RECV implies it) and bound
 * ones. */
#define ALL_STATES ((1u << (TCP_CLOSING + 1)) - 1)

static int ask(struct nl_sock *sock, int flags, int domain, int protocol, int attribute,
	       const struct inet_diag_sockid *id)
{
	struct inet_diag_req_v2 request = {
	    .sdiag_family = (unsigned char)domain,
	    .sdiag_protocol = (unsigned char)protocol,
	    .idiag_states = ALL_STATES,
	    .idiag_ext = (unsigned char)(attribute ? 1u << (attribute - 1) : 0),
	};

	if (id)
		request.id = *id;
	request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return nl_send_simple(sock, SOCK_DIAG_BY_FAMILY, flags, &request, sizeof(request));
}

struct answer {
	int error; /* 0 none */
	bool ended, found;
	diag_match_fn *match;
	const void *context;
	struct inet_diag_msg *out;
	diag_visit_fn *visit; /* takes them all; else the first one that matches goes to `out` */
	void *visitor;
};

static void take(struct answer *a, struct nlmsghdr *m)
{
	const struct inet_diag_msg *d;

	if (m->nlmsg_type == NLMSG_DONE) {
		/* Its end: 0, or the reason why there is no dump. */
		a->ended = true;
		if (nlmsg_valid_hdr(m, sizeof(int)))
			a->error = -*(const int *)nlmsg_data(m);
	} else if (m->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = nlmsg_data(m);

		a->ended = true;
		a->error = -e->error;
	} else if (m->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		   nlmsg_valid_hdr(m, sizeof(struct inet_diag_msg))) {
		d = nlmsg_data(m);
		if (!(m->nlmsg_flags & NLM_F_MULTI))
			a->ended = true;
		if (a->visit)
			a->visit(m, a->visitor);
		else if (!a->found && (!a->match || a->match(d, a->context))) {
			*a->out = *d;
			a->found = true;
		}
	}
}

static int read_answer(struct nl_sock *sock, struct answer *a)
{
	while (!a->ended) {
		struct sockaddr_nl from;
		unsigned char *bytes = NULL;
		int left = nl_recv(sock, &from, &bytes, NULL);

		if (left <= 0) {
			errno = EIO;
			return -1;
		}
		for (struct nlmsghdr *m = (struct nlmsghdr *)bytes; nlmsg_ok(m, left);
		     m = nlmsg_next(m, &left))
			take(a, m);
		free(bytes);
	}
	if (a->error && a->error != ENOENT) {
		errno = a->error;
		return -1;
	}
	return a->found;
}

int diag_exact(struct nl_sock *sock, int domain, const struct inet_diag_sockid *id,
	       struct inet_diag_msg *out)
{
	struct answer a = {.out = out};
	int found;

	if (ask(sock, 0, domain, IPPROTO_TCP, 0, id) < 0)
		return -1;
	found = read_answer(sock, &a);
	if (found == 1 &&
	    (out->id.idiag_sport != id->idiag_sport || out->id.idiag_dport != id->idiag_dport))
		return 0;
	return found;
}

int diag_dump(struct nl_sock *sock, int domain, int protocol, diag_match_fn *match,
	      const void *context, struct inet_diag_msg *out)
{
	struct answer a = {.match = match, .context = context, .out = out};
	int found;

	if (ask(sock, NLM_F_DUMP, domain, protocol, 0, NULL) < 0)
		return -1;
	found = read_answer(sock, &a);
	/* A dump without the socket is empty; "no such entry" is about the protocol. */
	if (found == 0 && a.error == ENOENT) {
		errno = ENOENT;
		return -1;
	}
	return found;
}

bool diag_visit(struct nl_sock *sock, int domain, diag_visit_fn *visit, void *context)
{
	struct answer a = {.visit = visit, .visitor = context};

	return ask(sock, NLM_F_DUMP, domain, IPPROTO_TCP, INET_DIAG_INFO, NULL) >= 0 &&
	       read_answer(sock, &a) >= 0;
}

/* ---- destroying ---- */

#define AT_ONCE 256 /* how many are remembered of one dump */

struct found {
	struct inet_diag_sockid *ids;
	int count;
};

/* No socket is the right one, so the dump goes on to its end. */
static bool remember(const struct inet_diag_msg *m, const void *context)
{
	struct found *found = (struct found *)context;

	if (found->count < AT_ONCE)
		found->ids[found->count++] = m->id;
	return false;
}

/* A socket that has ended meanwhile is as good. */
static bool destroy(struct nl_sock *sock, int domain, const struct inet_diag_sockid *id)
{
	struct inet_diag_req_v2 request = {
	    .sdiag_family = (unsigned char)domain,
	    .sdiag_protocol = IPPROTO_TCP,
	    .idiag_states = ALL_STATES,
	    .id = *id,
	};
	struct inet_diag_msg ignored;
	struct answer a = {.out = &ignored};

	if (nl_send_simple(sock, SOCK_DESTROY, NLM_F_ACK, &request, sizeof(request)) < 0)
		return false;
	return read_answer(sock, &a) >= 0;
}

int diag_destroy(struct nl_sock *sock, int domain)
{
	struct inet_diag_sockid ids[AT_ONCE];
	struct found found = {ids, 0};
	struct inet_diag_msg ignored;

	if (diag_dump(sock, domain, IPPROTO_TCP, remember, &found, &ignored) < 0)
		return -1;
	for (int i = 0; i < found.count; i++)
		if (!destroy(sock, domain, &ids[i]))
			return -1;
	return found.count;
}
