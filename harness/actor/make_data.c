/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending and receiving bytes: send, sendto, write; recv, recvfrom, read. Bytes are a string, or an
 * ICMP message with its fields (icmp_message.c).
 */
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/making.h"
#include "harness/base/text.h"

/* The bytes of argument `arg`, NULL: any. */
static const char *written_bytes(struct making *m, const struct arg *arg, size_t *length)
{
	*length = 0;
	if (arg && arg->kind == ARG_STRUCT)
		return icmp_bytes(m, arg, length);
	if (!arg || arg->kind != ARG_STRING)
		return NULL;
	*length = arg->length;
	return arg->bytes;
}

/*
 * `length` bytes: those that are written, or the pattern. A string that is shorter is followed by
 * zeros, as its terminator would be.
 */
static const char *payload(struct making *m, const char *written, size_t known, size_t length)
{
	char *bytes;

	if (!written)
		return text_pattern(m->arena, length);
	bytes = arena_alloc(m->arena, length + 1);
	return memcpy(bytes, written, known < length ? known : length);
}

void make_send(struct making *m)
{
	bool has_flags = m->row->number == SYS_sendto;
	bool has_to = has_flags && m->row->params[4].name;
	int fd = making_descriptor(m, 0);
	const struct arg *data = making_arg(m, 1), *to = has_to ? making_arg(m, 4) : NULL;
	size_t known;
	const char *written = written_bytes(m, data, &known);
	size_t length = arg_length(m, making_arg(m, 2), known);
	struct sockaddr_storage address;
	socklen_t address_length;
	int64_t flags = 0;

	making_text(m, data ? arg_text(m, data) : "...");
	making_printf(m, "%zu", length);
	if (has_flags)
		flags = making_number(m, 3, 0, "0");
	address_length = arg_address(m, to, &address);
	if (has_to)
		making_text(m, address_length ? arg_text(m, to) : "NULL");
	making_call(m, m->row->number,
		    (long[6]){fd, arg_is_null(data) ? 0 : (long)payload(m, written, known, length),
			      (long)length, flags, address_length ? (long)&address : 0,
			      address_length});
}

static bool is_of_type(int fd, int expected)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == expected;
}

/* The buffer's contents, in the form in which they are expected. */
static const char *received(struct making *m, int fd, const char *bytes, size_t length,
			    int64_t flags)
{
	const struct arg *expected = making_arg(m, 1);

	/* On a stream MSG_TRUNC discards: it counts bytes that the buffer never saw (tcp(7)). */
	if ((flags & MSG_TRUNC) && is_of_type(fd, SOCK_STREAM))
		return "...";
	if (expected && expected->kind == ARG_STRUCT)
		return icmp_text(m->arena, bytes, length,
				 m->family == 4 && is_of_type(fd, SOCK_RAW));
	return quoted_text(m->arena, bytes, length);
}

void make_recv(struct making *m)
{
	bool has_flags = m->row->number == SYS_recvfrom;
	bool has_from = has_flags && m->row->params[4].name;
	int fd = making_descriptor(m, 0);
	const struct arg *data = making_arg(m, 1);
	size_t length =
	    arg_length(m, making_arg(m, 2), data && data->kind == ARG_STRING ? data->length : 1024);
	int64_t flags = has_flags ? arg_number(m, making_arg(m, 3), 0) : 0;
	struct sockaddr_storage from = {0};
	socklen_t from_length = sizeof(from);
	char *bytes = arena_alloc(m->arena, length + 1);
	bool null = arg_is_null(data), wants_from = has_from && !arg_is_null(making_arg(m, 4));
	const char *seen = null ? "NULL" : "...";
	int64_t result;

	/* Touch all pages, so that the kernel's copying does not wait for memory. */
	memset(bytes, 0, length + 1);
	result = making_call(m, m->row->number,
			     (long[6]){fd, null ? 0 : (long)bytes, (long)length, flags,
				       wants_from ? (long)&from : 0,
				       wants_from ? (long)&from_length : 0});
	if (result >= 0) {
		size_t filled = (size_t)result < length ? (size_t)result : length;

		if (!null)
			seen = received(m, fd, bytes, filled, flags);
		making_seen(m, 1, seen);
	}
	making_text(m, seen);
	making_printf(m, "%zu", length);
	if (has_flags)
		making_text(m, making_arg(m, 3) ? arg_text(m, making_arg(m, 3)) : "0");
	if (has_from)
		/* TCP leaves it alone: the peer is known by the connection. */
		making_text(m, wants_from ? address_text(m->arena, &from) : "NULL");
	if (wants_from && result >= 0) {
		making_seen(m, 4, address_text(m->arena, &from));
		making_seen(m, 5, arena_printf(m->arena, "[%u]", from_length));
	}
}
