/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that are bytes: in one piece, in several, in a message.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "harness/actor/making.h"
#include "harness/program/show.h"

#define MOST_BYTES  512	 /* that are shown of one piece */
#define BULK	    8192 /* of a piece that is longer, less is shown: there are many of them */
#define FEW_BYTES   64
#define MOST_PIECES 8 /* of a list */

const char *memory_text(const struct decoding *d, uint64_t address, uint64_t length)
{
	char bytes[MOST_BYTES];
	size_t most = length < BULK ? sizeof(bytes) : FEW_BYTES;
	size_t shown = length < most ? length : most;

	if (!address)
		return "NULL";
	if (shown && !read_memory(d, address, bytes, shown))
		return "...";
	return arena_printf(d->arena, "%s%s", quoted_text(d->arena, bytes, shown),
			    shown < length ? "..." : "");
}

void show_data(struct decoding *d, const struct shown *s)
{
	show(d, memory_text(d, argument(d, s->at), argument(d, s->at + 1)));
}

void show_buffer(struct decoding *d, const struct shown *s)
{
	if (!d->returned || d->result < 0)
		show(d, "...");
	else
		show_filled(d, memory_text(d, argument(d, s->at), (uint64_t)d->result));
}

/* [{iov_base="d"}, {iov_base="ef"}]; only the first `left` bytes count. */
static const char *pieces_text(struct decoding *d, uint64_t address, uint64_t count, uint64_t left,
			       bool with_size)
{
	struct iovec pieces[MOST_PIECES];
	size_t shown = count < MOST_PIECES ? count : MOST_PIECES;
	const char *text = "";

	if (shown && !read_memory(d, address, pieces, shown * sizeof(*pieces)))
		return "...";
	for (size_t i = 0; i < shown; i++) {
		uint64_t length = pieces[i].iov_len < left ? pieces[i].iov_len : left;
		const char *bytes = memory_text(d, (uint64_t)(uintptr_t)pieces[i].iov_base, length);

		text = joined_text(d->arena, text,
				   with_size ? arena_printf(d->arena, "{iov_base=%s, iov_len=%zu}",
							    bytes, pieces[i].iov_len)
					     : arena_printf(d->arena, "{iov_base=%s}", bytes));
		left -= length;
	}
	if (shown < count)
		text = joined_text(d->arena, text, "...");
	return arena_printf(d->arena, "[%s]", text);
}

void show_pieces(struct decoding *d, const struct shown *s)
{
	show(d, pieces_text(d, argument(d, s->at), argument(d, s->at + 1), UINT64_MAX, false));
}

void show_pieces_out(struct decoding *d, const struct shown *s)
{
	if (!d->returned || d->result < 0)
		show(d, "...");
	else
		show_filled(d, pieces_text(d, argument(d, s->at), argument(d, s->at + 1),
					   (uint64_t)d->result, true));
}

/* {msg_name=server:5000, msg_iov=[..]} */
static const char *message_text(struct decoding *d, uint64_t address, bool is_out, uint64_t left)
{
	struct msghdr m;
	const char *name = "", *flags = "";

	if (!read_memory(d, address, &m, sizeof(m)))
		return "...";
	if (m.msg_name && m.msg_namelen)
		name = arena_printf(
		    d->arena, "msg_name=%s, ",
		    socket_address_text(d, (uint64_t)(uintptr_t)m.msg_name, m.msg_namelen));
	if (is_out)
		flags = arena_printf(d->arena, ", msg_flags=%s",
				     flags_text(d->arena, GROUP_msg, (uint32_t)m.msg_flags));
	return arena_printf(
	    d->arena, "{%smsg_iov=%s%s}", name,
	    pieces_text(d, (uint64_t)(uintptr_t)m.msg_iov, m.msg_iovlen, left, is_out), flags);
}

void show_message(struct decoding *d, const struct shown *s)
{
	show(d, message_text(d, argument(d, s->at), false, UINT64_MAX));
}

void show_message_out(struct decoding *d, const struct shown *s)
{
	if (!d->returned || d->result < 0)
		show(d, "...");
	else
		show_filled(d, message_text(d, argument(d, s->at), true, (uint64_t)d->result));
}

/* The first one of several messages, and ... for the others: [{msg_hdr={..}}, ...] */
void show_messages(struct decoding *d, const struct shown *s)
{
	unsigned count = (unsigned)argument(d, s->at + 1);
	bool is_out = !d->row->sends;

	if (!count || (is_out && (!d->returned || d->result <= 0)))
		show(d, count ? "..." : "[]");
	else
		show(d, arena_printf(d->arena, "[{msg_hdr=%s}%s]",
				     message_text(d, argument(d, s->at), is_out, UINT64_MAX),
				     count > 1 ? ", ..." : ""));
}
