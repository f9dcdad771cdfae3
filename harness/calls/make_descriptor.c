/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls on descriptors: close, shutdown, dup, fcntl, ioctl.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "harness/calls/frame.h"

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

	frame_call(f, SYS_shutdown,
		   (long[6]){fd, frame_number(f, 1, "how", SHUT_RDWR, "SHUT_RDWR")});
}

void make_dup(struct call_frame *f)
{
	frame_call(f, SYS_dup, (long[6]){frame_descriptor(f, 0)});
}

void make_fcntl(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	int64_t command = frame_number(f, 1, "fcntl", F_GETFL, "F_GETFL");
	bool takes = command == F_SETFL || command == F_SETFD || command == F_DUPFD ||
		     command == F_DUPFD_CLOEXEC;
	int64_t argument = takes ? frame_number(f, 2, "open", 0, "0") : 0;
	int64_t result = frame_call(f, SYS_fcntl, (long[6]){fd, command, argument});

	/* F_GETFL's result is flags: = * (O_RDWR|O_NONBLOCK) */
	if (result >= 0 && !takes)
		frame_seen(f, 0, flags_text(f->arena, "open", result));
}

void make_ioctl(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	int64_t request = frame_number(f, 1, "ioctl", 0, "0");
	int value = (int)arg_number(f, frame_arg(f, 2), "", 0);
	int64_t result = frame_call(f, SYS_ioctl, (long[6]){fd, request, (long)&value});

	if (result >= 0)
		frame_seen(f, 2, arena_printf(f->arena, "[%d]", value));
	frame_printf(f, "[%d]", value);
}
