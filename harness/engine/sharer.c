/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that have copies of the engine's descriptors, but share its memory. To copy the memory
 * would cost more than all their work (linger.c, tidy.c).
 *
 * So such a process must obey three rules while the engine's process exists. It makes no call that
 * could fail, because it shares errno with the engine. All signals are blocked in it, because the
 * engine's handlers would run there. It has a stack of its own, which is never freed, because
 * nobody knows when the stack is no longer needed.
 */
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "harness/engine/state.h"

/*
 * The sanitizers keep records of the memory of one process with one stack. So fork() is used with
 * them.
 */
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
