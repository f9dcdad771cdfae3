/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sendmsg and recvmsg, writev and readv: data in several pieces, and what recvmsg returns besides
 * the data: the sender, flags, control messages.
 *
 *     sendmsg(c, {msg_iov=[{iov_base="d"}, {iov_base="ef"}]}, MSG_NOSIGNAL) = 3
 *     recvmsg(x, {msg_iov=[{iov_base="def", iov_len=10}], msg_flags=0}, 0) = 3
 *     recvmsg(c, {msg_name=server:5000, msg_control=[{cmsg_type=IP_RECVERR,
 *                 ee_errno=ECONNREFUSED}]}, MSG_ERRQUEUE) = 5
 *
 *     writev(c, [{iov_base="d"}, {iov_base="ef"}], 2) = 3
 *
 * The known control messages are those with a struct sock_extended_err (recvmsg(2), ip(7)).
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
/* wants the one above first */
#include <linux/errqueue.h>

#include "harness/actor/making.h"
#include "harness/calls/sockopts.h"

#define CONTROL_SIZE  512
#define DEFAULT_PIECE 1024 /* bytes of a piece that is received into and has no iov_len */

/* The pieces of a list; memory is allocated for each, and filled if they are sent. */
static struct iovec *list_pieces(struct making *m, const struct arg *list, bool sent, size_t *count)
{
	struct iovec *pieces = NULL;

	*count = 0;
	if (!list && !sent) /* not written, so not compared; but there is room */
		*arena_push(m->arena, pieces, *count) =
		    (struct iovec){arena_alloc(m->arena, DEFAULT_PIECE + 1), DEFAULT_PIECE};
	for (size_t i = 0; list && i < list->item_count; i++) {
		const struct arg *base = arg_field(list->items[i], FIELD_iov_base, 0);
		const struct arg *written = arg_field(list->items[i], FIELD_iov_len, 1);
		size_t known = base && base->kind == ARG_STRING ? base->length : 0;
		size_t length = arg_length(m, written, sent ? known : DEFAULT_PIECE);
		struct iovec piece = {
		    base && arg_is_null(base) ? NULL : arena_alloc(m->arena, length + 1), length};

		if (sent && known)
			memcpy(piece.iov_base, base->bytes, known < length ? known : length);
		*arena_push(m->arena, pieces, *count) = piece;
	}
	return pieces;
}

static void message_pieces(struct making *m, const struct arg *arg, bool sent,
			   struct msghdr *message)
{
	size_t count;

	message->msg_iov = list_pieces(m, arg_field(arg, FIELD_msg_iov, 0), sent, &count);
	message->msg_iovlen = count;
}

void make_sendmsg(struct making *m)
{
	struct sockaddr_storage to;
	int fd = making_descriptor(m, 0);
	const struct arg *arg = making_arg(m, 1), *name = arg_field(arg, FIELD_msg_name, 1);
	struct msghdr message = {0};

	message_pieces(m, arg, true, &message);
	message.msg_namelen = arg_address(m, name, &to);
	message.msg_name = message.msg_namelen ? &to : NULL;
	making_text(m, arg_text(m, arg));
	making_call(m, SYS_sendmsg, (long[6]){fd, (long)&message, making_number(m, 2, 0, "0")});
}

/* A number by its name in a group of constants, if it has one there. */
static const char *number_text(struct arena *a, enum constant_group group, int64_t number)
{
	const char *name = constant_name(group, number);

	return name ? name : arena_printf(a, "%lld", (long long)number);
}

static const char *option_text(struct arena *a, int level, int number)
{
	const struct sockopt_row *row = sockopt_table;

	while (row->name && (row->level != level || row->number != number))
		row++;
	return row->name ? row->name : arena_printf(a, "%d", number);
}

/* {cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, ee_errno=ECONNREFUSED, ..} */
static const char *control_text(struct arena *a, struct cmsghdr *c)
{
	const char *text = arena_printf(a, "cmsg_level=%s, cmsg_type=%s",
					number_text(a, GROUP_level, c->cmsg_level),
					option_text(a, c->cmsg_level, c->cmsg_type));
	bool is_error = (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
			(c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR);
	struct sockaddr_storage offender = {0};
	struct sock_extended_err e;
	size_t length = c->cmsg_len - CMSG_LEN(0);

	if (!is_error || length < sizeof(e))
		return arena_printf(a, "{%s}", text);
	memcpy(&e, CMSG_DATA(c), sizeof(e));
	length -= sizeof(e);
	memcpy(&offender, CMSG_DATA(c) + sizeof(e),
	       length < sizeof(offender) ? length : sizeof(offender));
	return arena_printf(a,
			    "{%s, ee_errno=%s, ee_origin=%s, ee_type=%u, ee_code=%u, ee_info=%u, "
			    "offender=%s}",
			    text, number_text(a, GROUP_errno, e.ee_errno),
			    number_text(a, GROUP_origin, e.ee_origin), e.ee_type, e.ee_code,
			    e.ee_info, address_text(a, &offender));
}

static const char *controls_text(struct arena *a, struct msghdr *message)
{
	const char *text = "";

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		text = joined_text(a, text, control_text(a, c));
	return text;
}

/* [{iov_base="def"}, {iov_base=""}], of which `left` bytes have been filled */
static const char *pieces_seen(struct making *m, const struct iovec *pieces, size_t count,
			       size_t left)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		const struct iovec *piece = &pieces[i];
		size_t filled = left < piece->iov_len ? left : piece->iov_len;

		text = joined_text(m->arena, text,
				   arena_printf(m->arena, "{iov_base=%s, iov_len=%zu}",
						piece->iov_base
						    ? quoted_text(m->arena, piece->iov_base, filled)
						    : "NULL",
						piece->iov_len));
		left -= filled;
	}
	return arena_printf(m->arena, "[%s]", text);
}

/* {msg_iov=[{iov_base="def"}, {iov_base=""}], msg_flags=0} */
static const char *message_seen(struct making *m, struct msghdr *message, size_t left)
{
	const char *text = pieces_seen(m, message->msg_iov, message->msg_iovlen, left);
	const char *name = "", *controls = controls_text(m->arena, message);

	if (message->msg_namelen)
		name = arena_printf(m->arena, "msg_name=%s, ",
				    address_text(m->arena, message->msg_name));
	if (*controls)
		controls = arena_printf(m->arena, "msg_control=[%s], ", controls);
	return arena_printf(m->arena, "{%smsg_iov=%s, %smsg_flags=%s}", name, text, controls,
			    flags_text(m->arena, GROUP_msg, message->msg_flags));
}

void make_recvmsg(struct making *m)
{
	int fd = making_descriptor(m, 0);
	int64_t flags = arg_number(m, making_arg(m, 2), 0);
	struct sockaddr_storage from = {0};
	_Alignas(struct cmsghdr) char control[CONTROL_SIZE];
	struct msghdr message = {
	    .msg_name = &from,
	    .msg_namelen = sizeof(from),
	    .msg_control = control,
	    .msg_controllen = sizeof(control),
	};
	const char *seen = "...";
	int64_t result;

	message_pieces(m, making_arg(m, 1), false, &message);
	result = making_call(m, SYS_recvmsg, (long[6]){fd, (long)&message, flags});
	if (result >= 0) {
		seen = message_seen(m, &message, (size_t)result);
		making_seen(m, 1, seen);
	}
	making_text(m, seen);
	making_text(m, making_arg(m, 2) ? arg_text(m, making_arg(m, 2)) : "0");
}

/*
 * The number of pieces in the script, even if the kernel refuses it; a number that the kernel would
 * accept is limited to the pieces that exist.
 */
static long piece_count(struct making *m, size_t count)
{
	int64_t said = arg_number(m, making_arg(m, 2), (int64_t)count);

	return (long)(said > (int64_t)count && said <= UIO_MAXIOV ? (int64_t)count : said);
}

void make_writev(struct making *m)
{
	int fd = making_descriptor(m, 0);
	const struct arg *list = making_arg(m, 1);
	size_t count;
	const struct iovec *pieces = list_pieces(m, list, true, &count);
	long said = piece_count(m, count);

	making_text(m, arg_text(m, list));
	making_printf(m, "%ld", said);
	making_call(m, SYS_writev, (long[6]){fd, (long)pieces, said});
}

void make_readv(struct making *m)
{
	int fd = making_descriptor(m, 0);
	size_t count;
	const struct iovec *pieces = list_pieces(m, making_arg(m, 1), false, &count);
	long said = piece_count(m, count);
	int64_t result = making_call(m, SYS_readv, (long[6]){fd, (long)pieces, said});
	const char *seen = "...";

	if (result >= 0) {
		seen = pieces_seen(m, pieces, (size_t)said, (size_t)result);
		making_seen(m, 1, seen);
	}
	making_text(m, seen);
	making_printf(m, "%ld", said);
}
