/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper's life. It closes all descriptors that it has inherited from the engine, except its
 * channel and the program's input and output. Its standard input, output and error become
 * /dev/null: the program finds what they are in /proc/1/fd, and could write there what looks like
 * ours, or what commands a terminal.
 */
#include "harness/program/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/actor/confine.h"
#include "harness/program/told.h"

#define FIRST 3 /* above standard input, output and error */

/* These four descriptors get the next numbers after standard error; all others are closed. */
static bool keep_own(struct keeper *k)
{
	int *own[] = {&k->channel, &k->input, &k->output, &k->errors};
	const int count = (int)(sizeof(own) / sizeof(*own));

	_Static_assert(FIRST + sizeof(own) / sizeof(*own) == KEEPER_FILES, "the next one is free");
	for (int i = 0; i < count; i++) {
		*own[i] = fcntl(*own[i], F_DUPFD_CLOEXEC, FIRST + 2 * count);
		if (*own[i] < 0)
			return false;
	}
	for (int i = 0; i < count; i++)
		if (dup3(*own[i], FIRST + i, O_CLOEXEC) < 0)
			return false;
	for (int i = 0; i < count; i++)
		*own[i] = FIRST + i;
	syscall(SYS_close_range, (unsigned)(FIRST + count), ~0U, 0U);
	return true;
}

_Noreturn void keeper_main(struct keeper *k)
{
	pid_t first = -1;

	if (!keep_own(k) || !confine_step(CONFINE_OUTPUT))
		_exit(EXIT_FAILURE);
	if (world_make(k))
		first = program_start(k);
	if (first < 0) {
		told_send(k->channel, &(struct told){.kind = TOLD_FAILED, .text = k->error});
		_exit(EXIT_FAILURE);
	}
	program_follow(k, first);
	_exit(EXIT_SUCCESS);
}
