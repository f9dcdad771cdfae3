/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of calls: one row each.
 *
 *	CALL(name, number, what it returns (RETURNS_..), make, effect, TAKES(parameter, ..), ..)
 *
 * number: the system call that its thread sleeps in; -1: none. The filter that a host's processes
 * live under allows it, whatever its arguments, unless filter/make.c has a rule for it: SECURITY.md
 * says which calls must not be here. Most rows are system calls under their own names. Where libc's
 * function is not a system call of its own (recv is recvfrom, poll is ppoll on architectures of
 * this century), the row says which one its thread will be found asleep in, and its function makes
 * just that.
 *
 * make: the function of actor/make_*.c that makes it (make_..). effect: the function of
 * script/check_result.c that says what it does to names; NULL: nothing. What follows is of struct
 * call_row. What is sent and what is filled in follows from the parameters' types.
 *
 *	LATER(name, why)
 *
 * is known, but not yet made by this program.
 *
 * This file has no guard. Whoever needs a column defines the macros that pick it out, and includes
 * it. A row whose function is missing does not link.
 */
/* clang-format off */

#ifndef CALL
#define CALL(...)
#endif
#ifndef LATER
#define LATER(...)
#endif

CALL(socket, SYS_socket, DESCRIPTOR, socket, begin_flow,
     TAKES(MAY_OF("domain", TYPE_CONSTANT, domain), MAY_OF("type", TYPE_CONSTANT, type),
	   MAY_OF("protocol", TYPE_CONSTANT, protocol)))
CALL(bind, SYS_bind, ZERO, bind, NULL,
     TAKES(FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)))
CALL(listen, SYS_listen, ZERO, listen, become_listener,
     TAKES(FD, MAY_OF("backlog", TYPE_CONSTANT, backlog)))
CALL(connect, SYS_connect, ZERO, bind, begin_connection,
     TAKES(FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)), .connects = true)
CALL(accept, SYS_accept, DESCRIPTOR, accept, take_connection,
     TAKES(FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)), .accepts = true)
CALL(accept4, SYS_accept4, DESCRIPTOR, accept, take_connection,
     TAKES(FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT),
	   MAY_OF("flags", TYPE_CONSTANT, type)), .accepts = true)
CALL(getsockname, SYS_getsockname, ZERO, name, NULL,
     TAKES(FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)))
CALL(getpeername, SYS_getpeername, ZERO, name, NULL,
     TAKES(FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)))

CALL(send, SYS_sendto, COUNT, send, NULL,
     TAKES(FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT),
	   MAY_OF("flags", TYPE_CONSTANT, msg)))
CALL(sendto, SYS_sendto, COUNT, send, begin_connection,
     TAKES(FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT),
	   MAY_OF("flags", TYPE_CONSTANT, msg), MAY("to", TYPE_ADDRESS),
	   MAY("to_length", TYPE_INT)))
CALL(sendmsg, SYS_sendmsg, COUNT, sendmsg, begin_connection,
     TAKES(FD, MUST("message", TYPE_MESSAGE), MAY_OF("flags", TYPE_CONSTANT, msg)))
CALL(write, SYS_write, COUNT, send, NULL,
     TAKES(FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT)))
CALL(writev, SYS_writev, COUNT, writev, NULL,
     TAKES(FD, MUST("pieces", TYPE_PIECES), MAY("count", TYPE_INT)))
CALL(recv, SYS_recvfrom, COUNT, recv, NULL,
     TAKES(FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
	   MAY_OF("flags", TYPE_CONSTANT, msg)))
CALL(recvfrom, SYS_recvfrom, COUNT, recv, NULL,
     TAKES(FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
	   MAY_OF("flags", TYPE_CONSTANT, msg), MAY("from", TYPE_ADDRESS_OUT),
	   MAY("from_length", TYPE_LENGTH_OUT)))
CALL(recvmsg, SYS_recvmsg, COUNT, recvmsg, NULL,
     TAKES(FD, MAY("message", TYPE_MESSAGE_OUT), MAY_OF("flags", TYPE_CONSTANT, msg)))
CALL(read, SYS_read, COUNT, recv, NULL,
     TAKES(FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT)))
CALL(readv, SYS_readv, COUNT, readv, NULL,
     TAKES(FD, MUST("pieces", TYPE_PIECES_OUT), MAY("count", TYPE_INT)))

CALL(close, SYS_close, ZERO, close, NULL,
     TAKES(FD), .closes = true)
CALL(shutdown, SYS_shutdown, ZERO, shutdown, end_listening,
     TAKES(FD, MUST_OF("how", TYPE_CONSTANT, how)))
CALL(dup, SYS_dup, DESCRIPTOR, dup, copy_descriptor,
     TAKES(FD))
/* Whichever system call there is for it; it does not sleep. */
CALL(dup2, -1, DESCRIPTOR, dup2, copy_onto,
     TAKES(FD, MUST("onto", TYPE_ONTO)))
CALL(pipe, SYS_pipe2, ZERO, pipe, name_pair,
     TAKES(MUST("fds", TYPE_NEW_PAIR)))
CALL(pipe2, SYS_pipe2, ZERO, pipe, name_pair,
     TAKES(MUST("fds", TYPE_NEW_PAIR), MAY_OF("flags", TYPE_CONSTANT, open)))
CALL(socketpair, SYS_socketpair, ZERO, socketpair, name_pair,
     TAKES(MUST_OF("domain", TYPE_CONSTANT, domain), MUST_OF("type", TYPE_CONSTANT, type),
	   MUST_OF("protocol", TYPE_CONSTANT, protocol), MUST("fds", TYPE_NEW_PAIR)))
CALL(fcntl, SYS_fcntl, COUNT, fcntl, copy_descriptor,
     TAKES(FD, MUST_OF("command", TYPE_CONSTANT, fcntl),
	   MAY_OF("flags", TYPE_CONSTANT, open)))
CALL(ioctl, SYS_ioctl, ZERO, ioctl, NULL,
     TAKES(FD, MUST_OF("request", TYPE_CONSTANT, ioctl), MAY("value", TYPE_NUMBER_OUT)))
CALL(setsockopt, SYS_setsockopt, ZERO, setsockopt, NULL,
     TAKES(FD, MUST_OF("option", TYPE_OPTION, option), MUST("value", TYPE_OPTION_IN)),
     .full = setsockopt_full)
CALL(getsockopt, SYS_getsockopt, ZERO, getsockopt, NULL,
     TAKES(FD, MUST_OF("option", TYPE_OPTION, option), MAY("value", TYPE_OPTION_OUT)),
     .full = getsockopt_full)

CALL(poll, SYS_ppoll, COUNT, poll, NULL,
     TAKES(MUST("fds", TYPE_POLLFDS), MAY("count", TYPE_INT), MAY("timeout", TYPE_INT)))
CALL(select, SYS_pselect6, COUNT, select, NULL,
     TAKES(MUST("count", TYPE_INT), MUST("in", TYPE_SET), MAY("out", TYPE_SET),
	   MAY("except", TYPE_SET), MAY_BE("timeout", TYPE_STRUCT, timeval)))
CALL(ppoll, SYS_ppoll, COUNT, poll, NULL,
     TAKES(MUST("fds", TYPE_POLLFDS), MAY("count", TYPE_INT),
	   MAY_BE("timeout", TYPE_STRUCT, timespec), MAY("mask", TYPE_SIGNALS)))
CALL(pselect, SYS_pselect6, COUNT, select, NULL,
     TAKES(MUST("count", TYPE_INT), MUST("in", TYPE_SET), MAY("out", TYPE_SET),
	   MAY("except", TYPE_SET), MAY_BE("timeout", TYPE_STRUCT, timespec),
	   MAY("mask", TYPE_SIGNALS)))
CALL(epoll_create, SYS_epoll_create1, DESCRIPTOR, epoll_create, NULL,
     TAKES(MAY("size", TYPE_INT)))
CALL(epoll_create1, SYS_epoll_create1, DESCRIPTOR, epoll_create, NULL,
     TAKES(MAY_OF("flags", TYPE_CONSTANT, epoll_create)))
CALL(epoll_ctl, SYS_epoll_ctl, ZERO, epoll_ctl, NULL,
     TAKES(FD, MUST_OF("op", TYPE_CONSTANT, epoll_ctl), FD, MAY("event", TYPE_EVENT)))
CALL(epoll_wait, SYS_epoll_pwait, COUNT, epoll_wait, NULL,
     TAKES(FD, MUST("events", TYPE_EVENTS_OUT), MAY("most", TYPE_INT), MAY("timeout", TYPE_INT)))

CALL(getrlimit, SYS_prlimit64, ZERO, getrlimit, NULL,
     TAKES(MUST_OF("resource", TYPE_CONSTANT, rlimit),
	   MAY_BE("limit", TYPE_STRUCT_OUT, rlimit)))
CALL(setrlimit, SYS_prlimit64, ZERO, setrlimit, NULL,
     TAKES(MUST_OF("resource", TYPE_CONSTANT, rlimit), MUST_BE("limit", TYPE_STRUCT, rlimit)))
CALL(prlimit, SYS_prlimit64, ZERO, prlimit, NULL,
     TAKES(MUST("pid", TYPE_SELF), MUST_OF("resource", TYPE_CONSTANT, rlimit),
	   MUST_BE("new", TYPE_STRUCT, rlimit), MAY_BE("old", TYPE_STRUCT_OUT, rlimit)))
CALL(prlimit64, SYS_prlimit64, ZERO, prlimit, NULL,
     TAKES(MUST("pid", TYPE_SELF), MUST_OF("resource", TYPE_CONSTANT, rlimit),
	   MUST_BE("new", TYPE_STRUCT, rlimit), MAY_BE("old", TYPE_STRUCT_OUT, rlimit)))
CALL(capget, SYS_capget, ZERO, capget, NULL,
     TAKES(MUST_BE("header", TYPE_STRUCT, capability_header),
	   MUST_BE("data", TYPE_STRUCT_OUT, capabilities)))
CALL(capset, SYS_capset, ZERO, capset, NULL,
     TAKES(MUST_BE("header", TYPE_STRUCT, capability_header),
	   MUST_BE("data", TYPE_STRUCT, capabilities)))

CALL(thread, -1, ACTOR, thread, NULL)
CALL(fork, -1, ACTOR, fork, NULL)
CALL(exit, SYS_exit_group, NEVER, exit, NULL,
     TAKES(MAY("status", TYPE_INT)))
CALL(_exit, SYS_exit_group, NEVER, exit, NULL,
     TAKES(MAY("status", TYPE_INT)))
CALL(wait, SYS_wait4, PROCESS, wait, NULL,
     TAKES(MAY("status", TYPE_STATUS_OUT)))
CALL(waitpid, SYS_wait4, PROCESS, wait4, NULL,
     TAKES(MUST("pid", TYPE_PROCESS), MAY("status", TYPE_STATUS_OUT),
	   MAY_OF("options", TYPE_CONSTANT, wait)))
CALL(wait4, SYS_wait4, PROCESS, wait4, NULL,
     TAKES(MUST("pid", TYPE_PROCESS), MAY("status", TYPE_STATUS_OUT),
	   MAY_OF("options", TYPE_CONSTANT, wait), MAY("rusage", TYPE_NOTHING)))

CALL(kill, SYS_kill, ZERO, kill, NULL,
     TAKES(MUST("pid", TYPE_PROCESS), MUST_OF("signal", TYPE_CONSTANT, signal)),
     .signals = true)
CALL(raise, SYS_tgkill, ZERO, raise, NULL,
     TAKES(MUST_OF("signal", TYPE_CONSTANT, signal)), .signals = true)
CALL(alarm, -1, COUNT, alarm, NULL,
     TAKES(MUST("seconds", TYPE_INT)))
CALL(pause, SYS_ppoll, ZERO, pause, NULL)
CALL(signal, -1, HANDLER, signal, NULL,
     TAKES(MUST_OF("signal", TYPE_CONSTANT, signal),
	   MUST_OF("handler", TYPE_CONSTANT, handler)))
CALL(sigaction, -1, ZERO, sigaction, NULL,
     TAKES(MUST_OF("signal", TYPE_CONSTANT, signal), MUST("action", TYPE_ACTION),
	   MAY("old", TYPE_ACTION_OUT)))
CALL(sigprocmask, -1, ZERO, sigprocmask, NULL,
     TAKES(MUST_OF("how", TYPE_CONSTANT, sigprocmask), MUST("set", TYPE_SIGNALS),
	   MAY("old", TYPE_SIGNALS_OUT)))

LATER(vfork, "use fork")
LATER(execve, programs)
LATER(sendmmsg, pieces)
LATER(recvmmsg, pieces)
LATER(sendfile, kinds)
LATER(splice, kinds)

/* clang-format on */
#undef CALL
#undef LATER
