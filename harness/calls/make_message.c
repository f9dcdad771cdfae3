/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sendmsg and recvmsg: data in several pieces, and the flags that recvmsg gives back.
 *
 *     sendmsg(c, {msg_iov=[{iov_base="d"}, {iov_base="ef"}]}, MSG_NOSIGNAL) = 3
 *     recvmsg(x, {msg_iov=[{iov_base="def", iov_len=10}], msg_flags=0}, 0) = 3
 */
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "harness/calls/frame.h"

#define DEFAULT_PIECE 1024 /* bytes of a piece that is received into and has no iov_len */

/* The pieces of argument 1; memory is made for each, and filled when they are sent. */
static size_t message_pieces(struct call_frame *f, const struct arg *message, bool sent,
			     struct iovec pieces[MAX_PIECES])
{
	const struct arg *list = arg_field(message, "msg_iov", 0);
	size_t count = 0;

	if (!list)
		return 0;
	for (; count < list->item_count && count < MAX_PIECES; count++) {
		const struct arg *base = arg_field(list->items[count], "iov_base", 0);
		const struct arg *written = arg_field(list->items[count], "iov_len", 1);
		size_t known = base && base->kind == ARG_STRING ? base->length : 0;
		size_t length = arg_length(f, written, sent ? known : DEFAULT_PIECE);

		pieces[count].iov_base = arena_alloc(f->arena, length + 1);
		pieces[count].iov_len = length;
		if (sent && known)
			memcpy(pieces[count].iov_base, base->bytes,
			       known < length ? known : length);
	}
	return count;
}

void make_sendmsg(struct call_frame *f)
{
	struct iovec pieces[MAX_PIECES];
	struct sockaddr_storage to;
	int fd = frame_descriptor(f, 0);
	const struct arg *arg = frame_arg(f, 1), *name = arg_field(arg, "msg_name", 1);
	struct msghdr message = {.msg_iov = pieces};

	message.msg_iovlen = message_pieces(f, arg, true, pieces);
	message.msg_namelen = arg_address(f, name, &to);
	message.msg_name = message.msg_namelen ? &to : NULL;
	frame_text(f, arg_text(f, arg));
	frame_call(f, SYS_sendmsg,
		   (long[6]){fd, (long)&message, frame_number(f, 2, "msg", 0, "0")});
}

/* {msg_iov=[{iov_base="def"}, {iov_base=""}], msg_flags=0} */
static const char *message_seen(struct call_frame *f, const struct msghdr *message, size_t left)
{
	const char *text = "";

	for (size_t i = 0; i < message->msg_iovlen; i++) {
		const struct iovec *piece = &message->msg_iov[i];
		size_t filled = left < piece->iov_len ? left : piece->iov_len;

		text = joined_text(f->arena, text,
				   arena_printf(f->arena, "{iov_base=%s, iov_len=%zu}",
						quoted_text(f->arena, piece->iov_base, filled),
						piece->iov_len));
		left -= filled;
	}
	return arena_printf(f->arena, "{msg_iov=[%s], msg_flags=%s}", text,
			    flags_text(f->arena, "msg", message->msg_flags));
}

void make_recvmsg(struct call_frame *f)
{
	struct iovec pieces[MAX_PIECES];
	int fd = frame_descriptor(f, 0);
	int64_t flags = arg_number(f, frame_arg(f, 2), "msg", 0);
	struct msghdr message = {.msg_iov = pieces};
	const char *seen = "...";
	int64_t result;

	message.msg_iovlen = message_pieces(f, frame_arg(f, 1), false, pieces);
	result = frame_call(f, SYS_recvmsg, (long[6]){fd, (long)&message, flags});
	if (result >= 0) {
		seen = message_seen(f, &message, (size_t)result);
		frame_seen(f, 1, seen);
	}
	frame_text(f, seen);
	frame_text(f, frame_arg(f, 2) ? arg_text(f, frame_arg(f, 2)) : "0");
}
