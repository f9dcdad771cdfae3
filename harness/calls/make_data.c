/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending and receiving bytes: send, sendto, write; recv, recvfrom, read.
 */
#include <string.h>
#include <sys/syscall.h>

#include "harness/base/text.h"
#include "harness/calls/frame.h"

/*
 * `length` bytes for argument `arg` (a string, or the pattern). A string that is shorter is
 * followed by zeros, as its terminator would be.
 */
static const char *payload(struct call_frame *f, const struct arg *arg, size_t length)
{
	char *bytes;

	if (!arg || arg->kind != ARG_STRING)
		return text_pattern(f->arena, length);
	bytes = arena_alloc(f->arena, length + 1);
	return memcpy(bytes, arg->bytes, arg->length < length ? arg->length : length);
}

void make_send(struct call_frame *f)
{
	bool has_flags = f->row->number == SYS_sendto;
	bool has_to = has_flags && f->row->params[4].name;
	int fd = frame_descriptor(f, 0);
	const struct arg *data = frame_arg(f, 1), *to = has_to ? frame_arg(f, 4) : NULL;
	size_t length =
	    arg_length(f, frame_arg(f, 2), data && data->kind == ARG_STRING ? data->length : 0);
	struct sockaddr_storage address;
	socklen_t address_length;
	int64_t flags = 0;

	frame_text(f, data ? arg_text(f, data) : "...");
	frame_printf(f, "%zu", length);
	if (has_flags)
		flags = frame_number(f, 3, "msg", 0, "0");
	address_length = arg_address(f, to, &address);
	if (has_to)
		frame_text(f, address_length ? arg_text(f, to) : "NULL");
	frame_call(f, f->row->number,
		   (long[6]){fd, arg_is_null(data) ? 0 : (long)payload(f, data, length),
			     (long)length, flags, address_length ? (long)&address : 0,
			     address_length});
}

/* On a stream MSG_TRUNC discards: it counts bytes that the buffer never saw (tcp(7)). */
static bool is_stream(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

void make_recv(struct call_frame *f)
{
	bool has_flags = f->row->number == SYS_recvfrom;
	bool has_from = has_flags && f->row->params[4].name;
	int fd = frame_descriptor(f, 0);
	const struct arg *data = frame_arg(f, 1);
	size_t length =
	    arg_length(f, frame_arg(f, 2), data && data->kind == ARG_STRING ? data->length : 1024);
	int64_t flags = has_flags ? arg_number(f, frame_arg(f, 3), "msg", 0) : 0;
	struct sockaddr_storage from = {0};
	socklen_t from_length = sizeof(from);
	char *bytes = arena_alloc(f->arena, length + 1);
	bool null = arg_is_null(data);
	const char *seen = null ? "NULL" : "...";
	int64_t result;

	/* Named pages: none of the kernel's copying is to wait for memory. */
	memset(bytes, 0, length + 1);
	result =
	    frame_call(f, f->row->number,
		       (long[6]){fd, null ? 0 : (long)bytes, (long)length, flags,
				 has_from ? (long)&from : 0, has_from ? (long)&from_length : 0});
	if (result >= 0) {
		size_t filled = (size_t)result < length ? (size_t)result : length;

		if (!null)
			seen = flags & MSG_TRUNC && is_stream(fd)
				   ? "..."
				   : quoted_text(f->arena, bytes, filled);
		frame_seen(f, 1, seen);
	}
	frame_text(f, seen);
	frame_printf(f, "%zu", length);
	if (has_flags)
		frame_text(f, frame_arg(f, 3) ? arg_text(f, frame_arg(f, 3)) : "0");
	if (has_from) {
		/* TCP leaves it alone: the peer is known by the connection. */
		frame_text(f, address_text(f->arena, &from));
		if (result >= 0)
			frame_seen(f, 4, address_text(f->arena, &from));
	}
}
