/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which descriptors of a program are sockets of the lab's network.
 */
#ifndef TRACED_SOCKETS_H
#define TRACED_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KNOWN_SOCKETS 64

/* The families of the sockets that were seen last, by their inodes. Its user sets it to zero. */
struct known_sockets {
	struct known_socket {
		uint64_t inode;
		bool is_ours;
	} list[KNOWN_SOCKETS];
	size_t next;
};

/* The inode of the socket behind a task's descriptor; 0: it is no socket. */
uint64_t descriptor_inode(pid_t tid, int fd);

/*
 * Likewise; also 0 if it is a socket of another family than AF_INET and AF_INET6, since nothing
 * from these reaches the lab's network. `tgid`: the task's process.
 */
uint64_t socket_of_lab(struct known_sockets *known, pid_t tgid, pid_t tid, int fd);

/* What options that socket has; false: it is no connection of TCP, or nobody knows. */
struct socket_options;
bool socket_options_read(pid_t tgid, int fd, struct socket_options *options);

/* The peer's address of a socket of that process, by getpeername(2). False: it has no peer. */
struct sockaddr_storage;
bool socket_peer(pid_t tgid, int fd, struct sockaddr_storage *peer);

#endif
