/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making sockets and connections: socket, bind, listen, connect, accept, getsockname, getpeername.
 *
 * An address is written by host, in the run's family. An address from the kernel is turned back
 * into the host that has it.
 */
#include <sys/syscall.h>

#include "harness/actor/making.h"

void make_socket(struct making *m)
{
	int64_t domain = making_number(m, 0, m->family == 6 ? AF_INET6 : AF_INET,
				       m->family == 6 ? "AF_INET6" : "AF_INET");
	int64_t type = making_number(m, 1, SOCK_STREAM, "SOCK_STREAM");
	int64_t protocol = making_number(m, 2, 0, "0");

	making_call(m, SYS_socket, (long[6]){domain, type, protocol});
}

void make_bind(struct making *m)
{
	struct sockaddr_storage address;
	int fd = making_descriptor(m, 0);
	const struct arg *arg = making_arg(m, 1);
	socklen_t length = arg_address(m, arg, &address);
	bool given = length > 0;

	making_text(m, length ? arg_text(m, arg) : "NULL");
	if (making_arg(m, 2)) /* not implied: a mistake that a script is about */
		length = (socklen_t)making_number(m, 2, 0, "0");
	making_call(m, m->row->number, (long[6]){fd, given ? (long)&address : 0, length});
}

void make_listen(struct making *m)
{
	int fd = making_descriptor(m, 0);
	int64_t backlog = making_number(m, 1, SOMAXCONN, "SOMAXCONN");

	making_call(m, SYS_listen, (long[6]){fd, backlog});
}

/*
 * The address that the kernel gave and its length, as arguments 1 and 2 of the script's text and in
 * the full text.
 */
static void address_seen(struct making *m, const struct sockaddr_storage *address, socklen_t length)
{
	const char *text = m->reply->result < 0 ? "..." : address_text(m->arena, address);
	const char *size = arena_printf(m->arena, "[%u]", length);

	making_text(m, text);
	making_text(m, size);
	if (m->reply->result < 0)
		return;
	making_seen(m, 1, text);
	making_seen(m, 2, size);
}

void make_accept(struct making *m)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof(peer);
	int fd = making_descriptor(m, 0);
	bool wanted = !arg_is_null(making_arg(m, 1));
	int64_t flags = arg_number(m, making_arg(m, 3), 0);
	int64_t result;

	result =
	    making_call(m, m->row->number,
			(long[6]){fd, wanted ? (long)&peer : 0, wanted ? (long)&length : 0, flags});
	if (result >= 0) {
		/* Without the out argument, a peer that has gone already is no longer known. */
		if (!wanted)
			getpeername((int)result, (struct sockaddr *)&peer, &length);
		m->reply->has_peer = address_ip(&peer, &m->reply->peer, &m->reply->peer_port);
	}
	if (wanted) {
		address_seen(m, &peer, length);
	} else {
		making_text(m, "NULL");
		making_text(m, "NULL");
	}
	if (m->row->number == SYS_accept4)
		making_text(m, making_arg(m, 3) ? arg_text(m, making_arg(m, 3)) : "0");
}

void make_name(struct making *m)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address);
	int fd = making_descriptor(m, 0);

	making_call(m, m->row->number, (long[6]){fd, (long)&address, (long)&length});
	address_seen(m, &address, length);
}
