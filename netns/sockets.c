/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of ss for one socket. A connection is found by its addresses, with the exact request. A
 * socket behind a descriptor may listen and so have no peer; it is found by its inode among all
 * sockets of its host.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "netns/diag.h"
#include "netns/sockets.h"

#define MAX_ROUNDS 1000 /* of destroying sockets; each destroys hundreds */

static void describe(const struct inet_diag_msg *m, struct socket_state *s)
{
	*s = (struct socket_state){
	    .found = true,
	    .state = m->idiag_state < SS_UNKNOWN ? m->idiag_state : SS_UNKNOWN,
	    .recv_q = m->idiag_rqueue,
	    .send_q = m->idiag_wqueue,
	    .timer = m->idiag_timer < SS_TIMER_UNKNOWN ? m->idiag_timer : SS_TIMER_UNKNOWN,
	};
	if (m->idiag_timer) {
		s->timer_left = m->idiag_expires * NS_PER_MS;
		s->timer_count = m->idiag_retrans;
	}
}

bool sockets_open(struct sockets *s, struct lab *lab)
{
	*s = (struct sockets){.lab = lab};
	return true;
}

void sockets_close(struct sockets *s)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (s->diag[h])
			nl_socket_free(s->diag[h]);
		for (int i = 0; i < 3; i++)
			if (s->counters[h][i] > 0)
				close(s->counters[h][i]);
	}
	*s = (struct sockets){.lab = s->lab};
}

static bool fail(struct sockets *s, enum host host, const char *what, const char *why)
{
	snprintf(s->error, sizeof(s->error), "%s: %s: %s", host_name(host), what, why);
	return false;
}

/* A socket belongs to the namespace in which it is made, so it is made there, once. */
static bool diag_open(struct sockets *s, enum host host)
{
	struct nl_sock *sock;

	if (host < 0 || host >= LAB_HOSTS)
		return fail(s, host, "sock_diag", "no such host");
	if (s->diag[host])
		return true;
	if (!lab_enter(s->lab, host))
		return fail(s, host, "sock_diag", s->lab->error);
	sock = nl_socket_alloc();
	errno = ENOMEM;
	if (!sock || nl_connect(sock, NETLINK_SOCK_DIAG) < 0) {
		fail(s, host, "sock_diag", strerror(errno));
		nl_socket_free(sock);
		sock = NULL;
	}
	lab_leave(s->lab);
	/* An answer is enough; an acknowledgement after it would be taken for the next answer. */
	if (sock)
		nl_socket_disable_auto_ack(sock);
	s->diag[host] = sock;
	return sock;
}

static const char *diag_problem(int protocol)
{
	if (errno != ENOENT && errno != EOPNOTSUPP)
		return strerror(errno);
	return protocol == IPPROTO_UDP ? "this kernel has no udp_diag (as root: modprobe udp_diag)"
				       : "this kernel has no tcp_diag (as root: modprobe tcp_diag)";
}

static bool conclude(struct sockets *s, enum host host, int protocol, int found,
		     const struct inet_diag_msg *m, struct socket_state *state)
{
	if (found < 0)
		return fail(s, host, "sock_diag", diag_problem(protocol));
	if (found)
		describe(m, state);
	else
		*state = (struct socket_state){0};
	return true;
}

bool sockets_ask(struct sockets *s, enum host host, const struct ip *local, uint16_t local_port,
		 const struct ip *remote, uint16_t remote_port, struct socket_state *state)
{
	struct inet_diag_sockid id = {.idiag_sport = htons(local_port),
				      .idiag_dport = htons(remote_port)};
	size_t size = local->family == 6 ? 16 : 4;
	struct inet_diag_msg m;

	if (!diag_open(s, host))
		return false;
	memcpy(id.idiag_src, local->bytes, size);
	memcpy(id.idiag_dst, remote->bytes, size);
	return conclude(s, host, IPPROTO_TCP,
			diag_exact(s->diag[host], local->family == 6 ? AF_INET6 : AF_INET, &id, &m),
			&m, state);
}

static bool is_inode(const struct inet_diag_msg *m, const void *context)
{
	const unsigned long *inode = context;

	return m->idiag_inode == *inode;
}

bool sockets_ask_inode(struct sockets *s, enum host host, int protocol, unsigned long inode,
		       struct socket_state *state)
{
	static const int domains[] = {AF_INET, AF_INET6};
	struct inet_diag_msg m;
	int found = 0;

	/* Mini-sockets have inode 0: no descriptor refers to them. */
	*state = (struct socket_state){0};
	if (inode == 0)
		return true;
	if (!diag_open(s, host))
		return false;
	for (size_t i = 0; found == 0 && i < ARRAY_SIZE(domains); i++)
		found = diag_dump(s->diag[host], domains[i], protocol, is_inode, &inode, &m);
	return conclude(s, host, protocol, found, &m, state);
}

bool sockets_destroy(struct sockets *s, enum host host)
{
	static const int domains[] = {AF_INET, AF_INET6};

	if (!diag_open(s, host))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		int count = 1;

		/* Again until there are none: a socket may have become another one meanwhile. */
		for (int round = 0; count > 0 && round < MAX_ROUNDS; round++)
			count = diag_destroy(s->diag[host], domains[i]);
		if (count > 0)
			return fail(s, host, "destroying its sockets", "there are always more");
		if (count < 0)
			return fail(s, host, "destroying its sockets",
				    errno == EOPNOTSUPP
					? "this kernel does not do that (INET_DIAG_DESTROY)"
					: strerror(errno));
	}
	return true;
}

struct timer_search {
	bool keepalives;
	ns_t *least;
};

/* Nothing is in flight: a probe that asks whether the peer is still there. */
static bool is_keepalive(const struct inet_diag_msg *m)
{
	return m->idiag_timer == SS_TIMER_KEEPALIVE &&
	       (m->idiag_state == TCP_ESTABLISHED || m->idiag_state == TCP_CLOSE_WAIT);
}

/* Looks at all sockets, and selects none. */
static bool take_timer(const struct inet_diag_msg *m, const void *context)
{
	const struct timer_search *search = context;
	ns_t *least = search->least;
	ns_t left = m->idiag_expires * NS_PER_MS;
	bool sends = m->idiag_timer && m->idiag_timer != SS_TIMER_TIMEWAIT;

	if (is_keepalive(m) && !search->keepalives)
		return false;
	if (sends && (*least < 0 || left < *least))
		*least = left;
	return false;
}

bool sockets_next_timer(struct sockets *s, enum host host, bool keepalives, ns_t *left)
{
	static const int domains[] = {AF_INET, AF_INET6};
	const struct timer_search search = {keepalives, left};
	struct inet_diag_msg m;
	int found = 0;

	*left = -1;
	if (!diag_open(s, host))
		return false;
	for (size_t i = 0; found == 0 && i < ARRAY_SIZE(domains); i++)
		found = diag_dump(s->diag[host], domains[i], IPPROTO_TCP, take_timer, &search, &m);
	return conclude(s, host, IPPROTO_TCP, found, &m, &(struct socket_state){0});
}

/* ---- all of them ---- */

struct listing {
	struct arena *arena;
	struct socket_list *out;
};

static void take_entry(const struct nlmsghdr *header, void *context)
{
	struct listing *listing = context;
	struct inet_diag_msg *m = nlmsg_data(header);
	struct nlattr *info =
	    nlmsg_find_attr((struct nlmsghdr *)header, sizeof(*m), INET_DIAG_INFO);
	struct socket_entry *entry =
	    arena_push(listing->arena, listing->out->list, listing->out->count);
	size_t size = m->idiag_family == AF_INET6 ? 16 : 4;

	entry->local.family = entry->remote.family = size == 16 ? 6 : 4;
	memcpy(entry->local.bytes, m->id.idiag_src, size);
	memcpy(entry->remote.bytes, m->id.idiag_dst, size);
	entry->local_port = ntohs(m->id.idiag_sport);
	entry->remote_port = ntohs(m->id.idiag_dport);
	describe(m, &entry->state);
	if (!info)
		return;
	entry->info_size = (size_t)nla_len(info);
	entry->info =
	    memcpy(arena_alloc(listing->arena, entry->info_size), nla_data(info), entry->info_size);
}

bool sockets_list(struct sockets *s, enum host host, struct arena *a, struct socket_list *out)
{
	static const int domains[] = {AF_INET, AF_INET6};
	struct listing listing = {a, out};

	*out = (struct socket_list){0};
	if (!diag_open(s, host))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++)
		if (!diag_visit(s->diag[host], domains[i], take_entry, &listing))
			return fail(s, host, "sock_diag", diag_problem(IPPROTO_TCP));
	return true;
}

unsigned long socket_inode(pid_t pid, int fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	if (stat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return 0;
	return st.st_ino;
}
