/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that take long to close.
 *
 * A packet socket is closed for good only after a grace period of RCU, a ring after two; each takes
 * some 10 ms, and more on a busy machine. That tells us nothing, so nobody should wait for it. A
 * second process has copies of all descriptors and only holds them. So when the engine closes one,
 * it is closed at once, since it is not the last copy. When the engine has finished, that process
 * ends, and the last references end with it. From then on only the kernel has work to do; it also
 * removes the namespaces in its own time.
 *
 * It shares the engine's memory: see sharer.c.
 *
 * It ends when its pipe ends, so also when the engine is killed. The process that started the run
 * inherits it (pool.c), or init does.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/engine/state.h"

struct holder {
	int ends[2]; /* of the pipe: its own, and the engine's */
	_Alignas(16) char stack[16384];
};

static int hold_until_closed(void *context)
{
	const struct holder *h = context;
	char none;

	close(h->ends[1]);
	(void)!read(h->ends[0], &none, 1);
	_exit(0);
}

int linger(void)
{
	struct holder *h =
	    mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int end, near;

	if (h == MAP_FAILED)
		return -1;
	if (pipe2(h->ends, O_CLOEXEC) < 0) {
		munmap(h, sizeof(*h));
		return -1;
	}
	near = h->ends[0];
	end = h->ends[1];
	if (!sharer_begin(hold_until_closed, h, h->stack, sizeof(h->stack))) {
		close(end);
		end = -1;
	}
	close(near);
	return end;
}
