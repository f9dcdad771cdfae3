/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table. Some older system calls, which newer ones have replaced, exist on some architectures
 * only.
 */
#include "harness/program/traced.h"

#include <sys/syscall.h>

#include "harness/base/array.h"
#include "harness/program/show.h"

/* clang-format off */
#define ARG(what, place)		{.show = show_##what, .at = (place)}
#define OF(what, place, constants)	{.show = show_##what, .at = (place), .group = GROUP_##constants}
#define STRUCT(what, place, name)	{.show = show_##what, .at = (place), .structure = &struct_##name}
#define SET(place, name)		{.show = show_set, .at = (place), .set = (name)}

#define FD		ARG(descriptor, 0)
#define NUMBER(place)	ARG(int, place)
#define POINTER(place)	ARG(pointer, place)
#define FLAGS(place)	OF(flags, place, msg)
#define PEER(place)	ARG(address_out, place), ARG(length_out, (place) + 1)

#define FIRST .about = ABOUT_FIRST
#define ANY   .any = true

const struct traced traced_table[] = {
    {SYS_socket, "socket", .about = ABOUT_DOMAIN, .makes = true,
     .args = {OF(constant, 0, domain), OF(type, 1, type), OF(constant, 2, protocol)}},
    {SYS_bind, "bind", FIRST, .args = {FD, ARG(address, 1)}},
    {SYS_listen, "listen", FIRST, .args = {FD, NUMBER(1)}},
    {SYS_connect, "connect", FIRST, .connects = true, .args = {FD, ARG(address, 1)}},
    {SYS_accept4, "accept4", FIRST, .accepts = true, .makes = true,
     .args = {FD, PEER(1), OF(type, 3, type)}},
    {SYS_getsockname, "getsockname", FIRST, .args = {FD, PEER(1)}},
    {SYS_getpeername, "getpeername", FIRST, .args = {FD, PEER(1)}},
    {SYS_sendto, "sendto", "send", 4, FIRST, .connects = true, .sends = true,
     .args = {FD, ARG(data, 1), ARG(unsigned, 2), FLAGS(3), ARG(address, 4)}},
    {SYS_sendmsg, "sendmsg", FIRST, .connects = true, .sends = true,
     .args = {FD, ARG(message, 1), FLAGS(2)}},
    {SYS_sendmmsg, "sendmmsg", FIRST, .connects = true, .sends = true,
     .args = {FD, ARG(messages, 1), NUMBER(2), FLAGS(3)}},
    {SYS_write, "write", ANY, FIRST, .sends = true,
     .args = {FD, ARG(data, 1), ARG(unsigned, 2)}},
    {SYS_writev, "writev", ANY, FIRST, .sends = true,
     .args = {FD, ARG(pieces, 1), NUMBER(2)}},
    {SYS_recvfrom, "recvfrom", "recv", 4, FIRST, .receives = true,
     .args = {FD, ARG(buffer, 1), ARG(unsigned, 2), FLAGS(3), PEER(4)}},
    {SYS_recvmsg, "recvmsg", FIRST, .receives = true,
     .args = {FD, ARG(message_out, 1), FLAGS(2)}},
    {SYS_recvmmsg, "recvmmsg", FIRST, .receives = true,
     .args = {FD, ARG(messages, 1), NUMBER(2), FLAGS(3), STRUCT(struct, 4, timespec)}},
    {SYS_read, "read", ANY, FIRST, .receives = true,
     .args = {FD, ARG(buffer, 1), ARG(unsigned, 2)}},
    {SYS_readv, "readv", ANY, FIRST, .receives = true,
     .args = {FD, ARG(pieces_out, 1), NUMBER(2)}},
    {SYS_sendfile, "sendfile", ANY, .about = ABOUT_TWO, .sends = true,
     .args = {FD, ARG(descriptor, 1), POINTER(2), ARG(unsigned, 3)}},
    {SYS_splice, "splice", ANY, .about = ABOUT_ENDS, .sends = true,
     .args = {FD, POINTER(1), ARG(descriptor, 2), POINTER(3), ARG(unsigned, 4), NUMBER(5)}},
    {SYS_close, "close", ANY, FIRST, .args = {FD}},
    {SYS_shutdown, "shutdown", FIRST, .args = {FD, OF(constant, 1, how)}},
    {SYS_dup, "dup", ANY, FIRST, .makes = true, .args = {FD}},
    {SYS_dup3, "dup3", ANY, FIRST, .makes = true,
     .args = {FD, ARG(descriptor, 1), OF(flags, 2, open)}},
    {SYS_fcntl, "fcntl", ANY, FIRST, .args = {FD, OF(command, 1, fcntl)}},
    {SYS_ioctl, "ioctl", ANY, FIRST, .args = {FD, OF(request, 1, ioctl)}},
    {SYS_setsockopt, "setsockopt", FIRST,
     .args = {FD, ARG(option, 1), ARG(option_in, 3)}},
    {SYS_getsockopt, "getsockopt", FIRST,
     .args = {FD, ARG(option, 1), ARG(option_out, 3)}},
    {SYS_ppoll, "ppoll", ANY, .about = ABOUT_LIST, .waits = true,
     .args = {ARG(polled, 0), NUMBER(1), STRUCT(struct, 2, timespec),
	      ARG(mask, 3), STRUCT(left, 2, timespec)}},
    /* The C library's select() is that system call, too. */
    {SYS_pselect6, "pselect", "select", 5, ANY, .about = ABOUT_SETS, .waits = true,
     .args = {NUMBER(0), SET(1, "in"), SET(2, "out"), SET(3, "except"),
	      STRUCT(struct, 4, timespec), STRUCT(left, 4, timespec), ARG(mask, 5)}},
    {SYS_epoll_ctl, "epoll_ctl", ANY, .about = ABOUT_NAMED,
     .args = {FD, OF(constant, 1, epoll_ctl), ARG(descriptor, 2), ARG(event, 3)}},
    {SYS_epoll_pwait, "epoll_pwait", "epoll_wait", 4, ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, ARG(events, 1), NUMBER(2), NUMBER(3), ARG(mask, 4)}},
#ifdef SYS_epoll_pwait2
    {SYS_epoll_pwait2, "epoll_pwait2", ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, ARG(events, 1), NUMBER(2), STRUCT(struct, 3, timespec), ARG(mask, 4)}},
#endif
    {SYS_io_uring_setup, "io_uring_setup", .about = ABOUT_RING, .args = {NUMBER(0), POINTER(1)}},
    {SYS_restart_syscall, "restart_syscall", .about = ABOUT_REST},
    {SYS_rt_sigreturn, "rt_sigreturn", .about = ABOUT_REST},
#ifdef SYS_accept
    {SYS_accept, "accept", FIRST, .accepts = true, .makes = true, .args = {FD, PEER(1)}},
#endif
#ifdef SYS_dup2
    {SYS_dup2, "dup2", ANY, FIRST, .makes = true, .args = {FD, ARG(descriptor, 1)}},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", ANY, .about = ABOUT_LIST, .waits = true,
     .args = {ARG(polled, 0), NUMBER(1), NUMBER(2)}},
#endif
#ifdef SYS_select
    {SYS_select, "select", ANY, .about = ABOUT_SETS, .waits = true,
     .args = {NUMBER(0), SET(1, "in"), SET(2, "out"), SET(3, "except"),
	      STRUCT(struct, 4, timeval), STRUCT(left, 4, timeval)}},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, ARG(events, 1), NUMBER(2), NUMBER(3)}},
#endif
};
/* clang-format on */

const size_t traced_count = ARRAY_SIZE(traced_table);

const struct traced *traced_find(long number)
{
	for (size_t i = 0; i < traced_count; i++)
		if (traced_table[i].number == number)
			return &traced_table[i];
	return NULL;
}
