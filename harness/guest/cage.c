/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PID namespace around each guest. A User-Mode Linux leaves its process group (setsid) and its
 * own user processes may outlive it, so neither a signal to a group nor one to the kernel's main
 * process surely ends all of it. In a PID namespace the first process is its init: when that dies
 * the Linux outside kills every other process of the namespace. That first process is a small one
 * that only waits; the kernel is its child, because as the init of a namespace it could not be
 * ended by its own abort() when it panics.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/guest/guest.h"

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* An ordinary user needs a user namespace for that, in which user numbers do not change. */
static bool enter_namespace(void)
{
	unsigned user = geteuid(), group = getegid();
	char map[64];

	if (!unshare(CLONE_NEWPID))
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return false;
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", user, user);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", group, group);
	put("/proc/self/gid_map", map);
	return true;
}

/* Wait for it to end, at most so long (0: for ever); false: it did not. */
static bool ends_within(pid_t child, ns_t limit)
{
	struct pollfd fd = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
	ns_t milliseconds = limit / NS_PER_MS;
	int ready = 1;

	/* More than poll() can be told is as good as for ever. */
	if (limit && fd.fd >= 0)
		ready = poll(&fd, 1, milliseconds > INT_MAX ? -1 : (int)milliseconds);
	if (fd.fd >= 0)
		close(fd.fd);
	return ready != 0;
}

/*
 * Run `what` in a child that dies with its parent, or when the limit is over (0: no limit). Returns
 * the child's exit status, 128 plus the signal that ended it, CAGE_UNSTARTED or CAGE_HUNG.
 */
static int in_child(void (*what)(void *), void *context, ns_t limit)
{
	bool hung;

	pid_t parent = getpid(), child = fork();
	int status = -1;

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* In a new PID namespace the parent is not visible: 0. */
		if (getppid() != parent && getppid() != 0)
			_exit(EXIT_FAILURE);
		what(context);
		_exit(EXIT_FAILURE);
	}
	if (child < 0)
		return CAGE_UNSTARTED;
	hung = !ends_within(child, limit);
	if (hung)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (hung)
		return CAGE_HUNG;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct caged {
	void (*what)(void *);
	void *context;
};

/* The namespace's first process: it ends as the kernel ended, as far as that can be expressed. */
static void wait_in_cage(void *context)
{
	const struct caged *caged = context;
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none); /* a panic is an abort() */
	_exit(in_child(caged->what, caged->context, 0));
}

int cage_run(void (*what)(void *), void *context, ns_t limit)
{
	struct caged caged = {what, context};

	/*
	 * Without the namespace everything works, but a killed guest may leave a process behind.
	 */
	enter_namespace();
	return in_child(wait_in_cage, &caged, limit);
}
