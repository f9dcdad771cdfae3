/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a lab would leave when its processes are gone: TCP sockets.
 *
 * A connection that was closed, or whose process has ended, goes on by itself until the peer has
 * acknowledged all its data. After a run no peer answers, so the kernel sends the data again and
 * again, for minutes. Until then the socket keeps its network namespace alive, which takes 100 kB
 * or more of the kernel's memory. So all sockets of a host are destroyed, as when a host crashes.
 * This must happen after the host's first process has ended: all other processes of its PID
 * namespace have ended then, and nobody can make another socket.
 *
 * A process of its own, the tidier, does this. It begins together with the lab, so it is there even
 * if the run's own process is killed. It waits at its end of a pair of sockets. Over the other end
 * it is sent a pidfd of each host's first process, and of each process that replaces one. When
 * nobody has the other end open any more, the run is over. The tidier has a process group of its
 * own, because the pool kills a run's whole group. Nobody waits for it: whoever started the run
 * inherits it (pool.c), or init does.
 *
 * The tidier shares the engine's memory (sharer.c). So it begins its work only when the engine's
 * process has ended and the memory is the tidier's alone. If it cannot know that, the engine starts
 * no tidier. The engine may have ended in the middle of malloc(). So nothing here allocates memory
 * before the sockets are opened.
 *
 * It also has copies of all descriptors that were open when it began: see linger.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/actor_wire.h"
#include "harness/engine/state.h"

#define TIMEOUT	  10000 /* milliseconds, for processes that have been killed */
#define GIVES_UP  30	/* seconds: if the engine was killed in a call, it may have left a lock */
#define MAX_INITS 64	/* no script has so many crashes; if one has, the last is replaced */

struct tidier {
	int ends[2]; /* its own, and the engine's */
	int engine;  /* pidfds: of the engine's process, .. */
	int inits[MAX_INITS];
	size_t init_count; /* .. and of hosts' first processes */
	struct lab lab;	   /* as it was at the beginning: whose namespaces these are */
	_Alignas(16) char stack[256 * 1024];
};

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void wait_for_end(int pidfd, int milliseconds)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	while (pidfd >= 0 && poll(&end, 1, milliseconds) < 0 && errno == EINTR)
		;
}

/*
 * In the host's namespace: whether that file lists any socket. If it cannot be read: perhaps, so
 * true.
 */
static bool are_some(const char *path, const char *line)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[1024];
	const char *at;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return true;
	text[n] = '\0';
	at = strstr(text, line);
	return at && at[strlen(line)] != '0';
}

/*
 * A search for them would go through all sockets of the machine, and take a hundred times as long.
 */
static bool has_sockets(struct lab *lab, enum host host)
{
	bool some;

	if (!lab_enter(lab, host))
		return false;
	some = are_some("/proc/thread-self/net/sockstat", "\nTCP: inuse ") ||
	       are_some("/proc/thread-self/net/sockstat6", "TCP6: inuse ");
	lab_leave(lab);
	return some;
}

/* If the kernel cannot do it, they end as sockets do everywhere. */
static void destroy_all(struct lab *lab, enum host host)
{
	struct sockets sockets;

	if (!has_sockets(lab, host) || !sockets_open(&sockets, lab))
		return;
	sockets_destroy(&sockets, host);
	sockets_close(&sockets);
}

static void add_init(struct tidier *t, int pidfd)
{
	if (t->init_count == MAX_INITS)
		close(t->inits[--t->init_count]);
	t->inits[t->init_count++] = pidfd;
}

static int tidy_up(void *context)
{
	struct tidier *t = context;
	sigset_t none;
	int pidfd;

	setpgid(0, 0);
	close(t->ends[1]);
	while ((pidfd = descriptor_receive(t->ends[0], FOR_EVER)) >= 0)
		add_init(t, pidfd);
	wait_for_end(t->engine, -1);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(GIVES_UP);
	for (size_t i = 0; i < t->init_count; i++)
		wait_for_end(t->inits[i], TIMEOUT);
	destroy_all(&t->lab, HOST_CLIENT);
	destroy_all(&t->lab, HOST_SERVER);
	_exit(0);
}

int tidy_later(struct lab *lab)
{
	struct tidier *t =
	    mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int end, engine, client, server;

	if (t == MAP_FAILED)
		return -1;
	t->engine = engine = pidfd_of(getpid());
	if (engine < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, t->ends) < 0) {
		if (engine >= 0)
			close(engine);
		munmap(t, sizeof(*t));
		return -1;
	}
	t->lab = *lab;
	add_init(t, client = pidfd_of(lab->host[HOST_CLIENT].pid));
	add_init(t, server = pidfd_of(lab->host[HOST_SERVER].pid));
	end = t->ends[1];
	if (!sharer_begin(tidy_up, t, t->stack, sizeof(t->stack))) {
		close(end);
		end = -1;
	}
	close(t->ends[0]);
	close(engine);
	close(client);
	close(server);
	return end;
}

void tidy_later_too(int tidier, const struct lab *lab, enum host host)
{
	int pidfd = tidier < 0 ? -1 : pidfd_of(lab->host[host].pid);

	if (pidfd < 0)
		return;
	descriptor_send(tidier, pidfd); /* if it has been killed, there is nobody to tell */
	close(pidfd);
}
