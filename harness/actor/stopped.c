/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See stopped.h for how it works.
 *
 * From outside, one file of /proc says whether the process is stopped and which signals are pending
 * (proc_pid_status(5)), but not for the same moment: it could be stopped again in between, so that
 * the SIGCONT is gone and the state is an older one. A second look detects that.
 */
#include "harness/actor/stopped.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool watching; /* a forked process goes on with it */

void stops_watch(bool can_tell)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	watching = !pthread_sigmask(can_tell ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL) && can_tell;
}

bool stops_seen(void)
{
	sigset_t pending;

	return watching && !sigpending(&pending) && sigismember(&pending, SIGCONT) == 1;
}

void stops_keep(sigset_t *blocked)
{
	if (watching)
		sigaddset(blocked, SIGCONT);
}

void stops_hide(sigset_t *shown)
{
	if (watching)
		sigdelset(shown, SIGCONT);
}

/* ---- from outside ---- */

static bool is_set(uint64_t mask, int signal)
{
	return mask >> (signal - 1) & 1;
}

/* One look. `T` means stopped. `t` does not count: a tracer has stopped the process then. */
static bool seems_stopped(pid_t pid)
{
	char path[64], text[4096];
	const char *state, *pending;
	uint64_t mask;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	state = strstr(text, "\nState:\t");
	pending = strstr(text, "\nShdPnd:\t");
	if (!state || !pending)
		return false;
	mask = strtoull(pending + strlen("\nShdPnd:\t"), NULL, 16);
	return state[strlen("\nState:\t")] == 'T' || is_set(mask, SIGCONT) || is_set(mask, SIGSTOP);
}

bool process_was_stopped(pid_t pid)
{
	return seems_stopped(pid) || seems_stopped(pid);
}
