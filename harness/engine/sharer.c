/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that have copies of the engine's descriptors, but share its memory: to copy the memory
 * would cost more than all that they do (linger.c, tidy.c).
 *
 * So while the engine's process exists, such a process makes no call that could fail, since errno
 * is the engine's, too; all signals are blocked in it, since their handlers would run there; and it
 * has a stack of its own, which is never freed, since nobody knows when it is not needed any more.
 */
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "harness/engine/state.h"

/* The sanitizers keep their notes on memory for one process, and for one stack. */
static pid_t start(int (*work)(void *), void *context, char *top)
{
#ifdef __SANITIZE_ADDRESS__
	pid_t pid = fork();

	(void)top;
	if (pid == 0)
		_exit(work(context));
	return pid;
#else
	return clone(work, top, CLONE_VM | SIGCHLD, context);
#endif
}

bool sharer_begin(int (*work)(void *), void *context, char *stack, size_t size)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = start(work, context, stack + size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid > 0;
}
