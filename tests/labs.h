/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the tests of netns/: a wired lab with idle hosts, and sockets in it.
 *
 * A socket belongs to the namespace in which it is made, whoever uses it afterwards; so the test
 * makes all of them itself, and needs no process in a host except the one that lab_open requires.
 */
#ifndef TESTS_LABS_H
#define TESTS_LABS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base/clock.h"
#include "netns/lab.h"

/* Skip, and say why, where neither root nor an ordinary user may make namespaces. */
static inline void labs_need(void)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0) {
		print_message("skipped: this machine lets this user make no network namespace\n");
		skip();
	}
}

static inline int labs_idle(enum host host, void *context)
{
	(void)host;
	(void)context;
	while (pause() < 0)
		;
	return 0;
}

static inline void labs_start(struct lab *lab, int family)
{
	if (!lab_open(lab, labs_idle, NULL))
		fail_msg("lab_open: %s", lab->error);
	if (!lab_wire(lab, family))
		fail_msg("lab_wire: %s", lab->error);
}

static inline int labs_socket(struct lab *lab, enum host host, int family, int type)
{
	int fd;

	assert_true(lab_enter(lab, host));
	fd = socket(family == 6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
	lab_leave(lab);
	assert_true(fd >= 0);
	return fd;
}

static inline socklen_t labs_address(const struct ip *ip, uint16_t port,
				     struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (ip->family == 6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, ip->bytes, 16);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	memcpy(&v4->sin_addr, ip->bytes, 4);
	return sizeof(*v4);
}

static inline int labs_listen(struct lab *lab, enum host host, int family, uint16_t port,
			      int backlog)
{
	int fd = labs_socket(lab, host, family, SOCK_STREAM);
	struct ip any = {.family = family};
	struct sockaddr_storage ss;
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, labs_address(&any, port, &ss)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* Begin to connect; the socket does not block. Returns connect's errno in *error. */
static inline int labs_connect(struct lab *lab, enum host host, enum host to, int family,
			       uint16_t port, int *error)
{
	int fd = labs_socket(lab, host, family, SOCK_STREAM | SOCK_NONBLOCK);
	struct ip ip = host_ip(to, family);
	struct sockaddr_storage ss;

	*error = connect(fd, (struct sockaddr *)&ss, labs_address(&ip, port, &ss)) < 0 ? errno : 0;
	return fd;
}

static inline bool labs_ready(int fd, short events, int milliseconds)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, milliseconds) == 1;
}

/* How a connect that was begun ended: an errno, 0 for well; -1: not yet. */
static inline int labs_outcome(int fd, int milliseconds)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (!labs_ready(fd, POLLOUT, milliseconds))
		return -1;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
	return error;
}

static inline uint16_t labs_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &size), 0);
	return ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port
					      : ((struct sockaddr_in *)&ss)->sin_port);
}

/* A connection: *client and *server are its two descriptors. */
static inline void labs_establish(struct lab *lab, int family, uint16_t port, int *client,
				  int *server)
{
	int l = labs_listen(lab, HOST_SERVER, family, port, 5);
	int error;

	*client = labs_connect(lab, HOST_CLIENT, HOST_SERVER, family, port, &error);
	assert_int_equal(error, EINPROGRESS);
	assert_int_equal(labs_outcome(*client, 2000), 0);
	*server = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*server >= 0);
	close(l);
}

#endif
