/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the kernel is asked each time (/proc/TID/fd). So it does not matter how a
 * descriptor came there: by dup2(), in a message (SCM_RIGHTS), from a parent, or through an
 * execve() that closes some. Only a socket's family is remembered, since a copy of the descriptor
 * is needed to ask for it. An inode belongs to one socket until that is closed. Its number may be
 * used again, but only after all other numbers.
 */
#include "harness/program/traced_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness/timeline/timeline.h"

uint64_t descriptor_inode(pid_t tid, int fd)
{
	static const char prefix[] = "socket:[";
	char path[64], link[64];
	ssize_t n;

	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return 0;
	link[n] = '\0';
	return strncmp(link, prefix, sizeof(prefix) - 1)
		   ? 0
		   : strtoull(link + sizeof(prefix) - 1, NULL, 10);
}

/* A copy of a process's descriptor, for questions; -1: not possible. */
static int copy_of(pid_t tgid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (pidfd >= 0)
		close(pidfd);
	return copy;
}

/* What cannot be found out is shown, not hidden. */
static bool is_of_lab(pid_t tgid, int fd)
{
	int copy = copy_of(tgid, fd), domain = AF_INET;
	socklen_t size = sizeof(domain);

	if (copy >= 0) {
		getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &size);
		close(copy);
	}
	return domain == AF_INET || domain == AF_INET6;
}

static int64_t option_of(int fd, int level, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, option, &value, &size) ? 0 : value;
}

static bool has_limit(int fd, int option)
{
	struct timeval limit = {0};
	socklen_t size = sizeof(limit);

	return !getsockopt(fd, SOL_SOCKET, option, &limit, &size) &&
	       (limit.tv_sec || limit.tv_usec);
}

bool socket_options_read(pid_t tgid, int fd, struct socket_options *options)
{
	int copy = copy_of(tgid, fd);
	bool known = copy >= 0 && option_of(copy, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;

	if (known)
		*options = (struct socket_options){
		    .keepalive = option_of(copy, SOL_SOCKET, SO_KEEPALIVE) != 0,
		    .idle = option_of(copy, IPPROTO_TCP, TCP_KEEPIDLE),
		    .interval = option_of(copy, IPPROTO_TCP, TCP_KEEPINTVL),
		    .probes = option_of(copy, IPPROTO_TCP, TCP_KEEPCNT),
		    .user_timeout = option_of(copy, IPPROTO_TCP, TCP_USER_TIMEOUT),
		    .receive_limit = has_limit(copy, SO_RCVTIMEO),
		    .send_limit = has_limit(copy, SO_SNDTIMEO),
		};
	if (copy >= 0)
		close(copy);
	return known;
}

bool socket_peer(pid_t tgid, int fd, struct sockaddr_storage *peer)
{
	int copy = copy_of(tgid, fd);
	socklen_t size = sizeof(*peer);
	bool known = copy >= 0 && !getpeername(copy, (struct sockaddr *)peer, &size);

	if (copy >= 0)
		close(copy);
	return known;
}

uint64_t socket_of_lab(struct known_sockets *known, pid_t tgid, pid_t tid, int fd)
{
	uint64_t inode = descriptor_inode(tid, fd);
	struct known_socket *k;

	if (!inode)
		return 0;
	for (size_t i = 0; i < KNOWN_SOCKETS; i++)
		if (known->list[i].inode == inode)
			return known->list[i].is_ours ? inode : 0;
	k = &known->list[known->next++ % KNOWN_SOCKETS];
	*k = (struct known_socket){inode, is_of_lab(tgid, fd)};
	return k->is_ours ? inode : 0;
}
