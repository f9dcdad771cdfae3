/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The namespaces and the processes in them.
 *
 * A host's first process begins its life in namespaces of its own, so no synchronization is needed:
 * a user namespace, which owns its network namespace, and a PID namespace. The caller, whose user
 * namespace is the parent of that one, can do everything in it, and the processes in it can do
 * nothing outside (user_namespaces(7)). No user is mapped into it, because no process in it needs a
 * user. Where user namespaces are forbidden the host has none; harness/actor/confine.c then limits
 * what it can still do. Namespaces have no names: they live as long as these processes and the
 * descriptors that they hold.
 *
 * A host's first process is the init of its PID namespace (pid_namespaces(7)). All its descendants
 * belong to the host: a process that loses its parent becomes a child of init, no signal reaches
 * other processes, and they all end with init, which ends with the router.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/internal.h"

#define DYING_MS 1000

bool lab_fail(struct lab *lab, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(lab->error, sizeof(lab->error), fmt, ap);
	va_end(ap);
	lab->may_pass = false;
	return false;
}

/* EAGAIN: the table of processes, or the user's part of it, is full (fork(2)). ETIMEDOUT: a limit
 * of our own. */
bool lab_fail_for(struct lab *lab, int why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(lab->error, sizeof(lab->error), fmt, ap);
	va_end(ap);
	lab->may_pass = why == EAGAIN || why == ETIMEDOUT;
	return false;
}

bool lab_died(struct lab *lab, enum host h)
{
	int pidfd = (int)syscall(SYS_pidfd_open, lab->host[h].pid, 0);
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	siginfo_t info = {0};

	/* Its descriptors and namespaces go a little before it does. */
	if (pidfd >= 0 && poll(&end, 1, DYING_MS) == 1)
		waitid(P_PID, (id_t)lab->host[h].pid, &info, WEXITED | WNOHANG | WNOWAIT);
	if (pidfd >= 0)
		close(pidfd);
	if (info.si_pid && info.si_code == CLD_EXITED && info.si_status > LAB_NO_FORK)
		return lab_fail_for(lab, info.si_status - LAB_NO_FORK,
				    "the %s's first process cannot make another one: %s",
				    host_name(h), strerror(info.si_status - LAB_NO_FORK));
	return lab_fail(lab, "the %s's process ended at its start", host_name(h));
}

/* `task`: of /proc, whose network namespace is that host's. */
static bool keep_netns(struct lab *lab, enum host h, const char *task)
{
	struct lab_host *host = &lab->host[h];
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", task);
	host->netns = open(path, O_RDONLY | O_CLOEXEC);
	if (host->netns < 0) {
		host->netns = 0;
		/* The router's has been found there, so the reason is not a missing /proc. */
		if (errno == ENOENT && h != HOST_ROUTER)
			return lab_died(lab, h);
		return lab_fail(lab, "opening the %s's namespace: %s (is /proc mounted?)",
				host_name(h), strerror(errno));
	}
	return true;
}

/* Whether the process behind a pidfd has ended. */
static bool has_ended(int pidfd)
{
	return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, 0) != 0;
}

/*
 * In a host's first process. If the router dies before prctl, no signal comes: hence the second
 * look.
 */
static _Noreturn void be_init(enum host h, int router, int users, lab_main_fn *host_main,
			      void *context)
{
	/* First: a process that changes its credentials no longer gets the signal of its parent's
	 * death. */
	if (users >= 0 && setns(users, CLONE_NEWUSER) < 0) {
		perror("tcplab: going back to a host's user namespace");
		_exit(127);
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || has_ended(router))
		_exit(127);
	close(router);
	_exit(host_main(h, context));
}

/*
 * The host's init: a process that is the first one of a new PID namespace, and in new ones of those
 * kinds. clone(2) itself, because with fork() and unshare() a process can make only one PID
 * namespace for its children. `users`: the user namespace that it is to enter, or -1. False: errno
 * says why.
 */
static bool start_init(struct lab *lab, enum host h, unsigned long kinds, int users,
		       lab_main_fn *host_main, void *context)
{
	int router = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t pid =
	    router < 0 ? -1 : (pid_t)syscall(SYS_clone, kinds | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	int why = errno;

	if (pid == 0)
		be_init(h, router, users, host_main, context);
	if (router >= 0)
		close(router);
	errno = why;
	if (pid < 0)
		return false;
	lab->host[h].pid = pid;
	return true;
}

static bool cannot_start(struct lab *lab, enum host h)
{
	return lab_fail_for(
	    lab, errno, "starting the %s's first process: %s%s", host_name(h), strerror(errno),
	    errno == ENOSPC ? "; see user.max_net_namespaces and user.max_pid_namespaces" : "");
}

static bool start_host(struct lab *lab, enum host h, lab_main_fn *host_main, void *context)
{
	char task[16];

	bool started = userns_suits_hosts(lab) &&
		       start_init(lab, h, CLONE_NEWUSER | CLONE_NEWNET, -1, host_main, context);

	/* The second time for a process that may not make a user namespace, or no further one. */
	if (!started && !start_init(lab, h, CLONE_NEWNET, -1, host_main, context))
		return cannot_start(lab, h);
	snprintf(task, sizeof(task), "%d", (int)lab->host[h].pid);
	return keep_netns(lab, h, task);
}

bool lab_open(struct lab *lab, lab_main_fn *host_main, void *context)
{
	*lab = (struct lab){0};
	for (int h = 0; h < LAB_HOSTS; h++)
		snprintf(lab->host[h].name, sizeof(lab->host[h].name), "%s", host_name(h));

	/* Otherwise each host that exits would write stdio's buffers once more. */
	fflush(NULL);
	if (!userns_enter(lab) || !keep_netns(lab, HOST_ROUTER, "thread-self"))
		return false;
	lab->host[HOST_ROUTER].pid = getpid();
	if (!start_host(lab, HOST_CLIENT, host_main, context) ||
	    !start_host(lab, HOST_SERVER, host_main, context)) {
		lab_close(lab);
		return false;
	}
	return true;
}

static void kill_host(const struct lab *lab, enum host h)
{
	if (h != HOST_ROUTER && lab->host[h].pid > 0)
		kill(lab->host[h].pid, SIGKILL);
}

static void reap_host(struct lab *lab, enum host h)
{
	struct lab_host *host = &lab->host[h];

	if (h != HOST_ROUTER && host->pid > 0)
		while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
			;
	host->pid = 0;
}

void lab_stop(struct lab *lab, enum host host)
{
	kill_host(lab, host);
	reap_host(lab, host);
}

/*
 * The user namespace that a network namespace belongs to; -1: it is the caller's own. False: errno
 * says why it is not known.
 */
static bool find_owner(int netns, int *users)
{
	struct stat theirs, ours;

	*users = ioctl(netns, NS_GET_USERNS);
	if (*users < 0 || fstat(*users, &theirs) || stat("/proc/thread-self/ns/user", &ours))
		return false;
	if (theirs.st_ino == ours.st_ino) {
		close(*users);
		*users = -1;
	}
	return true;
}

bool lab_start(struct lab *lab, enum host host, lab_main_fn *host_main, void *context)
{
	int users = -1;
	bool started;

	fflush(NULL);
	if (!lab_enter(lab, host))
		return false;
	started = (find_owner(lab->host[host].netns, &users) &&
		   start_init(lab, host, 0, users, host_main, context)) ||
		  cannot_start(lab, host);
	if (users >= 0)
		close(users);
	lab_leave(lab);
	return started;
}

pid_t lab_fork(struct lab *lab, enum host host, void (*work)(void *), void *context)
{
	const unsigned long kinds = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | SIGCHLD |
				    (lab->has_users ? CLONE_NEWUSER : 0);
	int router = (int)syscall(SYS_pidfd_open, getpid(), 0), why;
	pid_t pid = -1;

	fflush(NULL);
	if (!lab_enter(lab, host))
		return -1;
	if (router >= 0)
		pid = (pid_t)syscall(SYS_clone, kinds | CLONE_NEWIPC, 0, 0, 0, 0);
	if (pid < 0 &&
	    errno == EINVAL) /* this kernel has no IPC, so there is nothing to separate */
		pid = (pid_t)syscall(SYS_clone, kinds, 0, 0, 0, 0);
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || has_ended(router))
			_exit(127);
		work(context);
		_exit(127);
	}
	why = errno;
	if (router >= 0)
		close(router);
	lab_leave(lab);
	if (pid < 0)
		lab_fail_for(lab, why, "making a process with namespaces of its own: %s",
			     strerror(why));
	return pid;
}

void lab_close(struct lab *lab)
{
	if (lab->packets > 0)
		close(lab->packets);
	lab->packets = 0;
	for (int h = 0; h < LAB_HOSTS; h++)
		kill_host(lab, h);
	for (int h = 0; h < LAB_HOSTS; h++) {
		struct lab_host *host = &lab->host[h];

		reap_host(lab, h);
		if (host->netns > 0)
			close(host->netns);
		host->netns = 0;
	}
}

bool lab_enter(struct lab *lab, enum host host)
{
	if (host < 0 || host >= LAB_HOSTS || lab->host[host].netns <= 0)
		return lab_fail(lab, "%s has no namespace", host_name(host));
	if (setns(lab->host[host].netns, CLONE_NEWNET) < 0)
		return lab_fail(lab, "entering the %s's namespace: %s", host_name(host),
				strerror(errno));
	return true;
}

void lab_leave(struct lab *lab)
{
	/* The return fails only for a process that has lost its capabilities, or out of memory. */
	if (setns(lab->host[HOST_ROUTER].netns, CLONE_NEWNET) < 0) {
		perror("tcplab: going back to the router's namespace");
		_exit(127);
	}
}
