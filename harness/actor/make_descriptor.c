/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls on descriptors: close, shutdown, dup, dup2, fcntl, ioctl; and pipe and socketpair, which
 * make two at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/making.h"
#include "harness/calls/structs.h"

void make_close(struct making *m)
{
	int fd = making_descriptor(m, 0);

	/* Before the call: the number may be another thread's new socket the moment it returns. */
	if (fd != NO_DESCRIPTOR && fd >= 0)
		descriptor_forget(m->descriptors, fd);
	making_call(m, SYS_close, (long[6]){fd});
}

void make_shutdown(struct making *m)
{
	int fd = making_descriptor(m, 0);

	making_call(m, SYS_shutdown, (long[6]){fd, making_number(m, 1, SHUT_RDWR, "SHUT_RDWR")});
}

void make_dup(struct making *m)
{
	making_call(m, SYS_dup, (long[6]){making_descriptor(m, 0)});
}

/* Onto a name, which is open and is closed by that, or onto a standard descriptor. */
void make_dup2(struct making *m)
{
	int fd = making_descriptor(m, 0);
	const struct arg *onto = making_arg(m, 1);
	int64_t number = onto && onto->kind == ARG_VALUE ? arg_number(m, onto, NO_DESCRIPTOR)
							 : arg_descriptor(m, onto);

	making_text(m, arg_text(m, onto));
#ifdef SYS_dup2
	making_call(m, SYS_dup2, (long[6]){fd, number});
#else /* which is the same but for dup2(x, x) */
	making_call(m, SYS_dup3, (long[6]){fd, number, 0});
#endif
}

/* Argument `i` is a list of two names. */
static void bind_pair(struct making *m, size_t i, const int fds[2])
{
	const struct arg *pair = m->call->args[i];

	for (size_t k = 0; m->reply->result >= 0 && k < 2; k++)
		descriptor_bind(m->descriptors, pair->items[k]->names[0], fds[k]);
}

void make_pipe(struct making *m)
{
	int64_t flags = 0;
	int fds[2];

	making_text(m, arg_text(m, making_arg(m, 0)));
	if (m->row->id == CALL_pipe2)
		flags = making_number(m, 1, 0, "0");
	making_call(m, SYS_pipe2, (long[6]){(long)fds, flags});
	bind_pair(m, 0, fds);
}

void make_socketpair(struct making *m)
{
	int64_t domain = making_number(m, 0, AF_UNIX, "AF_UNIX");
	int64_t type = making_number(m, 1, SOCK_STREAM, "SOCK_STREAM");
	int64_t protocol = making_number(m, 2, 0, "0");
	int fds[2];

	making_text(m, arg_text(m, making_arg(m, 3)));
	making_call(m, SYS_socketpair, (long[6]){domain, type, protocol, (long)fds});
	bind_pair(m, 3, fds);
}

void make_fcntl(struct making *m)
{
	int fd = making_descriptor(m, 0);
	int64_t command = making_number(m, 1, F_GETFL, "F_GETFL");
	bool takes = command == F_SETFL || command == F_SETFD || command == F_DUPFD ||
		     command == F_DUPFD_CLOEXEC;
	int64_t argument = takes ? making_number(m, 2, 0, "0") : 0;
	int64_t result = making_call(m, SYS_fcntl, (long[6]){fd, command, argument});

	/* F_GETFL's result is flags: = * (O_RDWR|O_NONBLOCK) */
	if (result >= 0 && !takes)
		making_seen(m, 0, flags_text(m->arena, GROUP_open, result));
}

void make_ioctl(struct making *m)
{
	int fd = making_descriptor(m, 0);
	int64_t request = making_number(m, 1, 0, "0");
	/* A request that is written as a number may use more than an int. */
	int value[MAX_STRUCT / sizeof(int)] = {(int)arg_number(m, making_arg(m, 2), 0)};
	int64_t result = making_call(m, SYS_ioctl, (long[6]){fd, request, (long)value});

	if (result >= 0)
		making_seen(m, 2, arena_printf(m->arena, "[%d]", value[0]));
	making_printf(m, "[%d]", value[0]);
}
