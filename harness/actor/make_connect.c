/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making sockets and connections: socket, bind, listen, connect, accept, getsockname, getpeername.
 *
 * An address is written by host, in the run's family. An address from the kernel is turned back
 * into the host that has it.
 */
#include <sys/syscall.h>

#include "harness/actor/frame.h"

void make_socket(struct call_frame *f)
{
	int64_t domain = frame_number(f, 0, f->family == 6 ? AF_INET6 : AF_INET,
				      f->family == 6 ? "AF_INET6" : "AF_INET");
	int64_t type = frame_number(f, 1, SOCK_STREAM, "SOCK_STREAM");
	int64_t protocol = frame_number(f, 2, 0, "0");

	frame_call(f, SYS_socket, (long[6]){domain, type, protocol});
}

void make_bind(struct call_frame *f)
{
	struct sockaddr_storage address;
	int fd = frame_descriptor(f, 0);
	const struct arg *arg = frame_arg(f, 1);
	socklen_t length = arg_address(f, arg, &address);
	bool given = length > 0;

	frame_text(f, length ? arg_text(f, arg) : "NULL");
	if (frame_arg(f, 2)) /* not implied: a mistake that a script is about */
		length = (socklen_t)frame_number(f, 2, 0, "0");
	frame_call(f, f->row->number, (long[6]){fd, given ? (long)&address : 0, length});
}

void make_listen(struct call_frame *f)
{
	int fd = frame_descriptor(f, 0);
	int64_t backlog = frame_number(f, 1, SOMAXCONN, "SOMAXCONN");

	frame_call(f, SYS_listen, (long[6]){fd, backlog});
}

/*
 * The address that the kernel gave and its length, as arguments 1 and 2 of the script's text and in
 * the full text.
 */
static void address_seen(struct call_frame *f, const struct sockaddr_storage *address,
			 socklen_t length)
{
	const char *text = f->reply->result < 0 ? "..." : address_text(f->arena, address);
	const char *size = arena_printf(f->arena, "[%u]", length);

	frame_text(f, text);
	frame_text(f, size);
	if (f->reply->result < 0)
		return;
	frame_seen(f, 1, text);
	frame_seen(f, 2, size);
}

void make_accept(struct call_frame *f)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof(peer);
	int fd = frame_descriptor(f, 0);
	bool wanted = !arg_is_null(frame_arg(f, 1));
	int64_t flags = arg_number(f, frame_arg(f, 3), 0);
	int64_t result;

	result =
	    frame_call(f, f->row->number,
		       (long[6]){fd, wanted ? (long)&peer : 0, wanted ? (long)&length : 0, flags});
	if (result >= 0) {
		/* Without the out argument, a peer that has gone already is no longer known. */
		if (!wanted)
			getpeername((int)result, (struct sockaddr *)&peer, &length);
		f->reply->has_peer = address_ip(&peer, &f->reply->peer, &f->reply->peer_port);
	}
	if (wanted) {
		address_seen(f, &peer, length);
	} else {
		frame_text(f, "NULL");
		frame_text(f, "NULL");
	}
	if (f->row->number == SYS_accept4)
		frame_text(f, frame_arg(f, 3) ? arg_text(f, frame_arg(f, 3)) : "0");
}

void make_name(struct call_frame *f)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address);
	int fd = frame_descriptor(f, 0);

	frame_call(f, f->row->number, (long[6]){fd, (long)&address, (long)&length});
	address_seen(f, &address, length);
}
