/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that take long to close.
 *
 * A packet socket is closed for good only after a grace period of RCU, a ring after two, each of
 * some 10 ms and more on a busy machine. Nothing is to be learnt from that, so nobody need wait for
 * it. A process is forked that has copies of all descriptors and does nothing but hold them: what
 * the engine then closes is closed at once, since it is not the last one. When the engine has done
 * all that it had to, that process ends, and takes the last references along; from then on nobody
 * but the kernel is at work, as it is on the namespaces, which it takes down in its own time, too.
 *
 * It ends when its pipe does, so also when the engine is killed. Whoever started the run inherits
 * it (pool.c), or init does.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/engine/state.h"

static _Noreturn void hold_until_closed(int fd)
{
	char none;

	while (read(fd, &none, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

int linger(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		hold_until_closed(ends[0]);
	}
	close(ends[0]);
	if (pid > 0)
		return ends[1];
	close(ends[1]);
	return -1;
}
