/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table. Older system calls that a newer one has replaced exist on some architectures only.
 */
#include "harness/program/traced.h"

#include <sys/syscall.h>

#include "harness/base/array.h"
#include "harness/program/show.h"

#define FD                                                                                         \
	{                                                                                          \
		show_descriptor, 0, NULL                                                           \
	}
#define FIRST .about = ABOUT_FIRST
#define ANY   .any = true
#define FLAGS(at)                                                                                  \
	{                                                                                          \
		show_flags, at, "msg"                                                              \
	}
#define NUMBER(at)                                                                                 \
	{                                                                                          \
		show_int, at, NULL                                                                 \
	}
#define POINTER(at)                                                                                \
	{                                                                                          \
		show_pointer, at, NULL                                                             \
	}
#define PEER(at)                                                                                   \
	{show_address_out, at, NULL},                                                              \
	{                                                                                          \
		show_length_out, (at) + 1, NULL                                                    \
	}

/* clang-format off */
const struct traced traced_table[] = {
    {SYS_socket, "socket", .about = ABOUT_DOMAIN, .makes = true,
     .args = {{show_constant, 0, "domain"}, {show_type, 1, "type"}, {show_constant, 2, "protocol"}}},
    {SYS_bind, "bind", FIRST, .args = {FD, {show_address, 1, NULL}}},
    {SYS_listen, "listen", FIRST, .args = {FD, NUMBER(1)}},
    {SYS_connect, "connect", FIRST, .connects = true, .args = {FD, {show_address, 1, NULL}}},
    {SYS_accept4, "accept4", FIRST, .accepts = true, .makes = true,
     .args = {FD, PEER(1), {show_type, 3, "type"}}},
    {SYS_getsockname, "getsockname", FIRST, .args = {FD, PEER(1)}},
    {SYS_getpeername, "getpeername", FIRST, .args = {FD, PEER(1)}},
    {SYS_sendto, "sendto", "send", 4, FIRST, .connects = true, .sends = true,
     .args = {FD, {show_data, 1, NULL}, {show_unsigned, 2, NULL}, FLAGS(3),
	      {show_address, 4, NULL}}},
    {SYS_sendmsg, "sendmsg", FIRST, .connects = true, .sends = true,
     .args = {FD, {show_message, 1, NULL}, FLAGS(2)}},
    {SYS_sendmmsg, "sendmmsg", FIRST, .connects = true, .sends = true,
     .args = {FD, {show_messages, 1, NULL}, NUMBER(2), FLAGS(3)}},
    {SYS_write, "write", ANY, FIRST, .sends = true,
     .args = {FD, {show_data, 1, NULL}, {show_unsigned, 2, NULL}}},
    {SYS_writev, "writev", ANY, FIRST, .sends = true,
     .args = {FD, {show_pieces, 1, NULL}, NUMBER(2)}},
    {SYS_recvfrom, "recvfrom", "recv", 4, FIRST,
     .args = {FD, {show_buffer, 1, NULL}, {show_unsigned, 2, NULL}, FLAGS(3), PEER(4)}},
    {SYS_recvmsg, "recvmsg", FIRST, .args = {FD, {show_message_out, 1, NULL}, FLAGS(2)}},
    {SYS_recvmmsg, "recvmmsg", FIRST,
     .args = {FD, {show_messages, 1, NULL}, NUMBER(2), FLAGS(3), {show_struct, 4, "timespec"}}},
    {SYS_read, "read", ANY, FIRST, .args = {FD, {show_buffer, 1, NULL}, {show_unsigned, 2, NULL}}},
    {SYS_readv, "readv", ANY, FIRST, .args = {FD, {show_pieces_out, 1, NULL}, NUMBER(2)}},
    {SYS_sendfile, "sendfile", ANY, .about = ABOUT_TWO, .sends = true,
     .args = {FD, {show_descriptor, 1, NULL}, POINTER(2), {show_unsigned, 3, NULL}}},
    {SYS_splice, "splice", ANY, .about = ABOUT_ENDS, .sends = true,
     .args = {FD, POINTER(1), {show_descriptor, 2, NULL}, POINTER(3), {show_unsigned, 4, NULL},
	      NUMBER(5)}},
    {SYS_close, "close", ANY, FIRST, .args = {FD}},
    {SYS_shutdown, "shutdown", FIRST, .args = {FD, {show_constant, 1, "how"}}},
    {SYS_dup, "dup", ANY, FIRST, .makes = true, .args = {FD}},
    {SYS_dup3, "dup3", ANY, FIRST, .makes = true,
     .args = {FD, {show_descriptor, 1, NULL}, {show_flags, 2, "open"}}},
    {SYS_fcntl, "fcntl", ANY, FIRST, .args = {FD, {show_command, 1, "fcntl"}}},
    {SYS_ioctl, "ioctl", ANY, FIRST, .args = {FD, {show_request, 1, "ioctl"}}},
    {SYS_setsockopt, "setsockopt", FIRST,
     .args = {FD, {show_option, 1, NULL}, {show_option_in, 3, NULL}}},
    {SYS_getsockopt, "getsockopt", FIRST,
     .args = {FD, {show_option, 1, NULL}, {show_option_out, 3, NULL}}},
    {SYS_ppoll, "ppoll", ANY, .about = ABOUT_LIST, .waits = true,
     .args = {{show_polled, 0, NULL}, NUMBER(1), {show_struct, 2, "timespec"},
	      {show_mask, 3, NULL}, {show_left, 2, "timespec"}}},
    /* The C library's select() is that system call, too. */
    {SYS_pselect6, "pselect", "select", 5, ANY, .about = ABOUT_SETS, .waits = true,
     .args = {NUMBER(0), {show_set, 1, "in"}, {show_set, 2, "out"}, {show_set, 3, "except"},
	      {show_struct, 4, "timespec"}, {show_left, 4, "timespec"}, {show_mask, 5, NULL}}},
    {SYS_epoll_ctl, "epoll_ctl", ANY, .about = ABOUT_NAMED,
     .args = {FD, {show_constant, 1, "epoll_ctl"}, {show_descriptor, 2, NULL},
	      {show_event, 3, NULL}}},
    {SYS_epoll_pwait, "epoll_pwait", "epoll_wait", 4, ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, {show_events, 1, NULL}, NUMBER(2), NUMBER(3), {show_mask, 4, NULL}}},
#ifdef SYS_epoll_pwait2
    {SYS_epoll_pwait2, "epoll_pwait2", ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, {show_events, 1, NULL}, NUMBER(2), {show_struct, 3, "timespec"},
	      {show_mask, 4, NULL}}},
#endif
    {SYS_io_uring_setup, "io_uring_setup", .about = ABOUT_RING, .args = {NUMBER(0), POINTER(1)}},
    {SYS_restart_syscall, "restart_syscall", .about = ABOUT_REST},
    {SYS_rt_sigreturn, "rt_sigreturn", .about = ABOUT_REST},
#ifdef SYS_accept
    {SYS_accept, "accept", FIRST, .accepts = true, .makes = true, .args = {FD, PEER(1)}},
#endif
#ifdef SYS_dup2
    {SYS_dup2, "dup2", ANY, FIRST, .makes = true, .args = {FD, {show_descriptor, 1, NULL}}},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", ANY, .about = ABOUT_LIST, .waits = true,
     .args = {{show_polled, 0, NULL}, NUMBER(1), NUMBER(2)}},
#endif
#ifdef SYS_select
    {SYS_select, "select", ANY, .about = ABOUT_SETS, .waits = true,
     .args = {NUMBER(0), {show_set, 1, "in"}, {show_set, 2, "out"}, {show_set, 3, "except"},
	      {show_struct, 4, "timeval"}, {show_left, 4, "timeval"}}},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", ANY, .about = ABOUT_EPOLL, .waits = true,
     .args = {FD, {show_events, 1, NULL}, NUMBER(2), NUMBER(3)}},
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
