/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending and receiving bytes: send, sendto, write; recv, recvfrom, read. Bytes are a string, or an
 * ICMP message with its fields (icmp_message.c).
 */
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/frame.h"
#include "harness/base/text.h"

/* The bytes of argument `arg`, NULL: any. */
static const char *written_bytes(struct call_frame *f, const struct arg *arg, size_t *length)
{
	*length = 0;
	if (arg && arg->kind == ARG_STRUCT)
		return icmp_bytes(f, arg, length);
	if (!arg || arg->kind != ARG_STRING)
		return NULL;
	*length = arg->length;
	return arg->bytes;
}

/*
 * `length` bytes: those that are written, or the pattern. A string that is shorter is followed by
 * zeros, as its terminator would be.
 */
static const char *payload(struct call_frame *f, const char *written, size_t known, size_t length)
{
	char *bytes;

	if (!written)
		return text_pattern(f->arena, length);
	bytes = arena_alloc(f->arena, length + 1);
	return memcpy(bytes, written, known < length ? known : length);
}

void make_send(struct call_frame *f)
{
	bool has_flags = f->row->number == SYS_sendto;
	bool has_to = has_flags && f->row->params[4].name;
	int fd = frame_descriptor(f, 0);
	const struct arg *data = frame_arg(f, 1), *to = has_to ? frame_arg(f, 4) : NULL;
	size_t known;
	const char *written = written_bytes(f, data, &known);
	size_t length = arg_length(f, frame_arg(f, 2), known);
	struct sockaddr_storage address;
	socklen_t address_length;
	int64_t flags = 0;

	frame_text(f, data ? arg_text(f, data) : "...");
	frame_printf(f, "%zu", length);
	if (has_flags)
		flags = frame_number(f, 3, 0, "0");
	address_length = arg_address(f, to, &address);
	if (has_to)
		frame_text(f, address_length ? arg_text(f, to) : "NULL");
	frame_call(f, f->row->number,
		   (long[6]){fd, arg_is_null(data) ? 0 : (long)payload(f, written, known, length),
			     (long)length, flags, address_length ? (long)&address : 0,
			     address_length});
}

static bool is_of_type(int fd, int wanted)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == wanted;
}

/* The buffer's contents, in the form in which they are expected. */
static const char *received(struct call_frame *f, int fd, const char *bytes, size_t length,
			    int64_t flags)
{
	const struct arg *expected = frame_arg(f, 1);

	/* On a stream MSG_TRUNC discards: it counts bytes that the buffer never saw (tcp(7)). */
	if ((flags & MSG_TRUNC) && is_of_type(fd, SOCK_STREAM))
		return "...";
	if (expected && expected->kind == ARG_STRUCT)
		return icmp_text(f->arena, bytes, length,
				 f->family == 4 && is_of_type(fd, SOCK_RAW));
	return quoted_text(f->arena, bytes, length);
}

void make_recv(struct call_frame *f)
{
	bool has_flags = f->row->number == SYS_recvfrom;
	bool has_from = has_flags && f->row->params[4].name;
	int fd = frame_descriptor(f, 0);
	const struct arg *data = frame_arg(f, 1);
	size_t length =
	    arg_length(f, frame_arg(f, 2), data && data->kind == ARG_STRING ? data->length : 1024);
	int64_t flags = has_flags ? arg_number(f, frame_arg(f, 3), 0) : 0;
	struct sockaddr_storage from = {0};
	socklen_t from_length = sizeof(from);
	char *bytes = arena_alloc(f->arena, length + 1);
	bool null = arg_is_null(data), wants_from = has_from && !arg_is_null(frame_arg(f, 4));
	const char *seen = null ? "NULL" : "...";
	int64_t result;

	/* Touch all pages, so that the kernel's copying does not wait for memory. */
	memset(bytes, 0, length + 1);
	result = frame_call(f, f->row->number,
			    (long[6]){fd, null ? 0 : (long)bytes, (long)length, flags,
				      wants_from ? (long)&from : 0,
				      wants_from ? (long)&from_length : 0});
	if (result >= 0) {
		size_t filled = (size_t)result < length ? (size_t)result : length;

		if (!null)
			seen = received(f, fd, bytes, filled, flags);
		frame_seen(f, 1, seen);
	}
	frame_text(f, seen);
	frame_printf(f, "%zu", length);
	if (has_flags)
		frame_text(f, frame_arg(f, 3) ? arg_text(f, frame_arg(f, 3)) : "0");
	if (has_from)
		/* TCP leaves it alone: the peer is known by the connection. */
		frame_text(f, wants_from ? address_text(f->arena, &from) : "NULL");
	if (wants_from && result >= 0) {
		frame_seen(f, 4, address_text(f->arena, &from));
		frame_seen(f, 5, arena_printf(f->arena, "[%u]", from_length));
	}
}
