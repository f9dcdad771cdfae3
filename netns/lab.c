/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The namespaces and the processes that live in them.
 *
 * The caller makes each host's namespace, starts the host's first process while it is in it, and
 * goes back to its own; so a host's process begins its life where it belongs, and nothing need be
 * agreed upon. Namespaces have no names: they live as long as these processes and the descriptors
 * that they hold.
 *
 * A host's first process is the init of a PID namespace of its own (pid_namespaces(7)). Whatever
 * processes it has, and they have, are the host's: those that lose their parent become init's, no
 * signal reaches anybody else, and they all end with init, which ends with the router.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netns/internal.h"

bool lab_fail(struct lab *lab, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(lab->error, sizeof(lab->error), fmt, ap);
	va_end(ap);
	return false;
}

static bool keep_netns(struct lab *lab, enum host h)
{
	struct lab_host *host = &lab->host[h];

	host->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (host->netns < 0) {
		host->netns = 0;
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
 * The calling process's namespace gets the host's init: a process that is the first one of a new
 * PID namespace. clone(2) itself, since of fork() and unshare() a process may have only one such
 * namespace made for its children.
 */
static bool start_init(struct lab *lab, enum host h, lab_main_fn *host_main, void *context)
{
	int router = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t pid = router < 0 ? -1 : (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	int why = errno;

	if (pid == 0) {
		/* If the router died before prctl, nobody would tell: hence the second look. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || has_ended(router))
			_exit(127);
		close(router);
		_exit(host_main(h, context));
	}
	if (router >= 0)
		close(router);
	if (pid < 0)
		return lab_fail(lab, "starting the %s's first process: %s%s", host_name(h),
				strerror(why),
				why == ENOSPC ? "; see user.max_pid_namespaces" : "");
	lab->host[h].pid = pid;
	return true;
}

static bool start_host(struct lab *lab, enum host h, lab_main_fn *host_main, void *context)
{
	if (unshare(CLONE_NEWNET) < 0)
		return lab_fail(lab, "making the %s's network namespace: %s%s", host_name(h),
				strerror(errno),
				errno == ENOSPC ? "; see user.max_net_namespaces" : "");
	return keep_netns(lab, h) && start_init(lab, h, host_main, context);
}

bool lab_open(struct lab *lab, lab_main_fn *host_main, void *context)
{
	*lab = (struct lab){0};
	for (int h = 0; h < LAB_HOSTS; h++)
		snprintf(lab->host[h].name, sizeof(lab->host[h].name), "%s", host_name(h));

	/* What stdio holds would otherwise be written once more by each host that exits. */
	fflush(NULL);
	if (!userns_enter(lab) || !keep_netns(lab, HOST_ROUTER))
		return false;
	lab->host[HOST_ROUTER].pid = getpid();
	if (!start_host(lab, HOST_CLIENT, host_main, context) ||
	    !start_host(lab, HOST_SERVER, host_main, context)) {
		lab_close(lab);
		return false;
	}
	lab_leave(lab);
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

bool lab_start(struct lab *lab, enum host host, lab_main_fn *host_main, void *context)
{
	bool started;

	fflush(NULL);
	if (!lab_enter(lab, host))
		return false;
	started = start_init(lab, host, host_main, context);
	lab_leave(lab);
	return started;
}

void lab_close(struct lab *lab)
{
	/* Back to the router's namespace, in case lab_open failed half-way in another. */
	if (lab->host[HOST_ROUTER].netns > 0)
		lab_leave(lab);
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
	/* Going home fails only for a process that has lost its capabilities, or out of memory. */
	if (setns(lab->host[HOST_ROUTER].netns, CLONE_NEWNET) < 0) {
		perror("tcplab: going back to the router's namespace");
		_exit(127);
	}
}
