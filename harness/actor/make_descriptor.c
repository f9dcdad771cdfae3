/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls on descriptors: close, shutdown, dup, dup2, fcntl, ioctl; and pipe and socketpair, which
 * make two at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/frame.h"
#include "harness/calls/structs.h"

void make_close(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);

	/* Before the call: the number may be another thread's new socket the moment it returns. */
	if (fd != NO_DESCRIPTOR && fd >= 0)
		descriptor_forget(f->descriptors, fd);
	frame_call(f, SYS_close, (long[6]){fd});
}

void make_shutdown(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);

	frame_call(f, SYS_shutdown, (long[6]){fd, frame_number(f, 1, SHUT_RDWR, "SHUT_RDWR")});
}

void make_dup(struct call_frame *f)
{
	frame_call(f, SYS_dup, (long[6]){frame_descriptor(f, 0)});
}

/* Onto a name, which is open and is closed by that, or onto a standard descriptor. */
void make_dup2(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	const struct arg *onto = frame_arg(f, 1);
	int64_t number = onto && onto->kind == ARG_VALUE ? arg_number(f, onto, NO_DESCRIPTOR)
							 : arg_descriptor(f, onto);

	frame_text(f, arg_text(f, onto));
#ifdef SYS_dup2
	frame_call(f, SYS_dup2, (long[6]){fd, number});
#else /* which is the same but for dup2(x, x) */
	frame_call(f, SYS_dup3, (long[6]){fd, number, 0});
#endif
}

/* Argument `i` is a list of two names. */
static void bind_pair(struct call_frame *f, size_t i, const int fds[2])
{
	const struct arg *pair = f->call->args[i];

	for (size_t k = 0; f->reply->result >= 0 && k < 2; k++)
		descriptor_bind(f->descriptors, pair->items[k]->names[0], fds[k]);
}

void make_pipe(struct call_frame *f)
{
	int64_t flags = 0;
	int fds[2];

	frame_text(f, arg_text(f, frame_arg(f, 0)));
	if (f->row->id == CALL_pipe2)
		flags = frame_number(f, 1, 0, "0");
	frame_call(f, SYS_pipe2, (long[6]){(long)fds, flags});
	bind_pair(f, 0, fds);
}

void make_socketpair(struct call_frame *f)
{
	int64_t domain = frame_number(f, 0, AF_UNIX, "AF_UNIX");
	int64_t type = frame_number(f, 1, SOCK_STREAM, "SOCK_STREAM");
	int64_t protocol = frame_number(f, 2, 0, "0");
	int fds[2];

	frame_text(f, arg_text(f, frame_arg(f, 3)));
	frame_call(f, SYS_socketpair, (long[6]){domain, type, protocol, (long)fds});
	bind_pair(f, 3, fds);
}

void make_fcntl(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	int64_t command = frame_number(f, 1, F_GETFL, "F_GETFL");
	bool takes = command == F_SETFL || command == F_SETFD || command == F_DUPFD ||
		     command == F_DUPFD_CLOEXEC;
	int64_t argument = takes ? frame_number(f, 2, 0, "0") : 0;
	int64_t result = frame_call(f, SYS_fcntl, (long[6]){fd, command, argument});

	/* F_GETFL's result is flags: = * (O_RDWR|O_NONBLOCK) */
	if (result >= 0 && !takes)
		frame_seen(f, 0, flags_text(f->arena, GROUP_open, result));
}

void make_ioctl(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	int64_t request = frame_number(f, 1, 0, "0");
	/* A request that is written as a number may use more than an int. */
	int value[MAX_STRUCT / sizeof(int)] = {(int)arg_number(f, frame_arg(f, 2), 0)};
	int64_t result = frame_call(f, SYS_ioctl, (long[6]){fd, request, (long)value});

	if (result >= 0)
		frame_seen(f, 2, arena_printf(f->arena, "[%d]", value[0]));
	frame_printf(f, "[%d]", value[0]);
}
