/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a lab would leave when its processes are gone: TCP sockets.
 *
 * A connection that was closed, or whose process has ended, goes on by itself until the peer has
 * had all that it was sent. In a lab that is over no peer answers, and so it is sent again, for
 * minutes; for as long the socket keeps its network namespace, some 100 kB and more of the kernel's
 * memory. So, as when a host crashes, all of a host's sockets are destroyed, when nobody is there
 * any more who could make another one: when its first process has ended, and with that all others
 * in its PID namespace.
 *
 * A process of its own does it, which is forked as soon as there is a lab, and so is there also
 * when the run's own process is killed. It waits until nobody has the other end of a socket any
 * more, by which it learns of a host's next first process, too. It has a process group of its own,
 * since the pool kills a run's whole group. Nobody waits for it: whoever started the run inherits
 * it (pool.c), or init does.
 *
 * It also has copies of all descriptors that were open when it was forked: see linger.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/engine/state.h"

#define PATIENCE 10000 /* milliseconds, for processes that have been killed */

struct init {
	enum host host;
	pid_t pid;
};

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void wait_for_end(int pidfd)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	while (pidfd >= 0 && poll(&end, 1, PATIENCE) < 0 && errno == EINTR)
		;
}

/* In the host's namespace: whether that file speaks of any socket. If it cannot be read, it may. */
static bool are_some(const char *path, const char *protocol)
{
	FILE *in = fopen(path, "re");
	char line[256];
	int count = in ? 0 : 1;

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, protocol, strlen(protocol)))
			sscanf(line + strlen(protocol), " inuse %d", &count);
	if (in)
		fclose(in);
	return count > 0;
}

/* To look for them goes through the whole machine's, which takes a hundred times as long. */
static bool has_sockets(struct lab *lab, enum host host)
{
	bool some;

	if (!lab_enter(lab, host))
		return false;
	some = are_some("/proc/thread-self/net/sockstat", "TCP:") ||
	       are_some("/proc/thread-self/net/sockstat6", "TCP6:");
	lab_leave(lab);
	return some;
}

/* Where the kernel cannot do it, they end as they do everywhere. */
static void destroy_all(struct lab *lab, enum host host)
{
	struct sockets sockets;

	if (!has_sockets(lab, host) || !sockets_open(&sockets, lab))
		return;
	sockets_destroy(&sockets, host);
	sockets_close(&sockets);
}

static _Noreturn void tidy_up(struct lab *lab, int from)
{
	int inits[LAB_HOSTS];
	struct init next;
	ssize_t n;

	setpgid(0, 0);
	for (int h = 0; h < LAB_HOSTS; h++)
		inits[h] = h == HOST_ROUTER ? -1 : pidfd_of(lab->host[h].pid);
	while ((n = read(from, &next, sizeof(next))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n != sizeof(next))
			continue;
		if (inits[next.host] >= 0)
			close(inits[next.host]);
		inits[next.host] = pidfd_of(next.pid);
	}
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (h == HOST_ROUTER)
			continue;
		wait_for_end(inits[h]);
		destroy_all(lab, h);
	}
	_exit(0);
}

int tidy_later(struct lab *lab)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		tidy_up(lab, ends[0]);
	}
	close(ends[0]);
	if (pid > 0)
		return ends[1];
	close(ends[1]);
	return -1;
}

void tidy_later_too(int tidier, const struct lab *lab, enum host host)
{
	struct init next = {host, lab->host[host].pid};

	/* It is there, or has been killed; then there is nobody to tell. */
	if (tidier >= 0)
		send(tidier, &next, sizeof(next), MSG_NOSIGNAL);
}
