/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that take long to close.
 *
 * A packet socket is closed for good only after a grace period of RCU, a ring after two, each of
 * some 10 ms and more on a busy machine. Nothing is to be learnt from that, so nobody need wait for
 * it. A second process has copies of all descriptors and does nothing but hold them: what the
 * engine then closes is closed at once, since it is not the last one. When the engine has done all
 * that it had to, that process ends, and takes the last references along; from then on nobody but
 * the kernel is at work, as it is on the namespaces, which it takes down in its own time, too.
 *
 * Its memory is the engine's, since to copy that would cost more than all that it does. So it has a
 * stack of its own, which is never given back: nobody knows when it is not needed any more. No
 * signal reaches it, and it makes no call that could fail, for errno is the engine's, too.
 *
 * It ends when its pipe does, so also when the engine is killed. Whoever started the run inherits
 * it (pool.c), or init does.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/engine/state.h"

#define STACK_SIZE 16384

static int hold_until_closed(void *ends)
{
	const int *end = ends;
	char none;

	close(end[1]);
	(void)!read(end[0], &none, 1);
	_exit(0);
}

/* The process. The numbers of the pipe's ends lie at the far end of its stack. */
static pid_t begin(const int ends[2])
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, before;
	pid_t pid;

	if (stack == MAP_FAILED)
		return -1;
	memcpy(stack, ends, 2 * sizeof(*ends));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = clone(hold_until_closed, stack + STACK_SIZE, CLONE_VM | SIGCHLD, stack);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		munmap(stack, STACK_SIZE);
	return pid;
}

int linger(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = begin(ends);
	close(ends[0]);
	if (pid > 0)
		return ends[1];
	close(ends[1]);
	return -1;
}
