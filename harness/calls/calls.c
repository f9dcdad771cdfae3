/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of calls.
 *
 * Most rows are system calls under their own names. Where libc's function is not a system call of
 * its own (recv is recvfrom, poll is ppoll on architectures of this century), the row says which
 * one its thread will be found asleep in, and its function makes just that.
 */
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>

#include "harness/actor/frame.h"
#include "harness/calls/calls.h"

/* Parameters: must be there, or may be left out at the end. */
#define MUST(name, type)                                                                           \
	{                                                                                          \
		name, type, NULL, false                                                            \
	}
#define MAY(name, type)                                                                            \
	{                                                                                          \
		name, type, NULL, true                                                             \
	}
#define MUST_OF(name, type, group)                                                                 \
	{                                                                                          \
		name, type, group, false                                                           \
	}
#define MAY_OF(name, type, group)                                                                  \
	{                                                                                          \
		name, type, group, true                                                            \
	}
#define FD MUST("fd", TYPE_DESCRIPTOR)

#define LATER(call, why)                                                                           \
	{                                                                                          \
		.name = call, .number = -1, .later = why                                           \
	}

static const char programs[] = "a script has no programs to execute";
static const char pieces[] = "use sendmsg and recvmsg";
static const char kinds[] = "there are no files so far";

static const struct call_param setsockopt_full[] = {
    FD,
    MUST_OF("level", TYPE_CONSTANT, "level"),
    MUST_OF("option", TYPE_OPTION, "option"),
    MUST("value", TYPE_OPTION_IN),
    MAY("length", TYPE_INT),
    {0},
};

static const struct call_param getsockopt_full[] = {
    FD,
    MUST_OF("level", TYPE_CONSTANT, "level"),
    MUST_OF("option", TYPE_OPTION, "option"),
    MUST("value", TYPE_OPTION_OUT),
    MAY("length", TYPE_LENGTH),
    {0},
};

const struct call_row call_table[] = {
    {.name = "socket",
     .number = SYS_socket,
     .returns = RETURNS_DESCRIPTOR,
     .params = {MAY_OF("domain", TYPE_CONSTANT, "domain"), MAY_OF("type", TYPE_CONSTANT, "type"),
		MAY_OF("protocol", TYPE_CONSTANT, "protocol")},
     .make = make_socket},
    {.name = "bind",
     .number = SYS_bind,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)},
     .make = make_bind},
    {.name = "listen",
     .number = SYS_listen,
     .returns = RETURNS_ZERO,
     .params = {FD, MAY_OF("backlog", TYPE_CONSTANT, "backlog")},
     .make = make_listen},
    {.name = "connect",
     .number = SYS_connect,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)},
     .make = make_bind},
    {.name = "accept",
     .number = SYS_accept,
     .returns = RETURNS_DESCRIPTOR,
     .params = {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     .make = make_accept},
    {.name = "accept4",
     .number = SYS_accept4,
     .returns = RETURNS_DESCRIPTOR,
     .params = {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT),
		MAY_OF("flags", TYPE_CONSTANT, "type")},
     .make = make_accept},
    {.name = "getsockname",
     .number = SYS_getsockname,
     .returns = RETURNS_ZERO,
     .params = {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     .make = make_name},
    {.name = "getpeername",
     .number = SYS_getpeername,
     .returns = RETURNS_ZERO,
     .params = {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     .make = make_name},

    {.name = "send",
     .number = SYS_sendto,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT),
		MAY_OF("flags", TYPE_CONSTANT, "msg")},
     .make = make_send},
    {.name = "sendto",
     .number = SYS_sendto,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT),
		MAY_OF("flags", TYPE_CONSTANT, "msg"), MAY("to", TYPE_ADDRESS),
		MAY("to_length", TYPE_INT)},
     .make = make_send},
    {.name = "sendmsg",
     .number = SYS_sendmsg,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("message", TYPE_MESSAGE), MAY_OF("flags", TYPE_CONSTANT, "msg")},
     .make = make_sendmsg},
    {.name = "write",
     .number = SYS_write,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT)},
     .make = make_send},
    {.name = "writev",
     .number = SYS_writev,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("pieces", TYPE_PIECES), MAY("count", TYPE_INT)},
     .make = make_writev},
    {.name = "recv",
     .number = SYS_recvfrom,
     .returns = RETURNS_COUNT,
     .params = {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
		MAY_OF("flags", TYPE_CONSTANT, "msg")},
     .make = make_recv},
    {.name = "recvfrom",
     .number = SYS_recvfrom,
     .returns = RETURNS_COUNT,
     .params = {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
		MAY_OF("flags", TYPE_CONSTANT, "msg"), MAY("from", TYPE_ADDRESS_OUT),
		MAY("from_length", TYPE_LENGTH_OUT)},
     .make = make_recv},
    {.name = "recvmsg",
     .number = SYS_recvmsg,
     .returns = RETURNS_COUNT,
     .params = {FD, MAY("message", TYPE_MESSAGE_OUT), MAY_OF("flags", TYPE_CONSTANT, "msg")},
     .make = make_recvmsg},
    {.name = "read",
     .number = SYS_read,
     .returns = RETURNS_COUNT,
     .params = {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT)},
     .make = make_recv},

    {.name = "readv",
     .number = SYS_readv,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("pieces", TYPE_PIECES_OUT), MAY("count", TYPE_INT)},
     .make = make_readv},

    {.name = "close",
     .number = SYS_close,
     .returns = RETURNS_ZERO,
     .params = {FD},
     .closes = true,
     .make = make_close},
    {.name = "shutdown",
     .number = SYS_shutdown,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST_OF("how", TYPE_CONSTANT, "how")},
     .make = make_shutdown},
    {.name = "dup",
     .number = SYS_dup,
     .returns = RETURNS_DESCRIPTOR,
     .params = {FD},
     .make = make_dup},
    {.name = "dup2",
     .number = -1, /* whichever there is; it does not sleep */
     .returns = RETURNS_DESCRIPTOR,
     .params = {FD, MUST("onto", TYPE_ONTO)},
     .make = make_dup2},
    {.name = "pipe",
     .number = SYS_pipe2,
     .returns = RETURNS_ZERO,
     .params = {MUST("fds", TYPE_NEW_PAIR)},
     .make = make_pipe},
    {.name = "pipe2",
     .number = SYS_pipe2,
     .returns = RETURNS_ZERO,
     .params = {MUST("fds", TYPE_NEW_PAIR), MAY_OF("flags", TYPE_CONSTANT, "open")},
     .make = make_pipe},
    {.name = "socketpair",
     .number = SYS_socketpair,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("domain", TYPE_CONSTANT, "domain"), MUST_OF("type", TYPE_CONSTANT, "type"),
		MUST_OF("protocol", TYPE_CONSTANT, "protocol"), MUST("fds", TYPE_NEW_PAIR)},
     .make = make_socketpair},
    {.name = "fcntl",
     .number = SYS_fcntl,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST_OF("command", TYPE_CONSTANT, "fcntl"),
		MAY_OF("flags", TYPE_CONSTANT, "open")},
     .make = make_fcntl},
    {.name = "ioctl",
     .number = SYS_ioctl,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST_OF("request", TYPE_CONSTANT, "ioctl"), MAY("value", TYPE_NUMBER_OUT)},
     .make = make_ioctl},
    {.name = "setsockopt",
     .number = SYS_setsockopt,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST_OF("option", TYPE_OPTION, "option"), MUST("value", TYPE_OPTION_IN)},
     .full = setsockopt_full,
     .make = make_setsockopt},
    {.name = "getsockopt",
     .number = SYS_getsockopt,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST_OF("option", TYPE_OPTION, "option"), MAY("value", TYPE_OPTION_OUT)},
     .full = getsockopt_full,
     .make = make_getsockopt},

    {.name = "poll",
     .number = SYS_ppoll,
     .returns = RETURNS_COUNT,
     .params = {MUST("fds", TYPE_POLLFDS), MAY("count", TYPE_INT), MAY("timeout", TYPE_INT)},
     .make = make_poll},
    {.name = "select",
     .number = SYS_pselect6,
     .returns = RETURNS_COUNT,
     .params = {MUST("count", TYPE_INT), MUST("in", TYPE_SET), MAY("out", TYPE_SET),
		MAY("except", TYPE_SET), MAY_OF("timeout", TYPE_STRUCT, "timeval")},
     .make = make_select},
    {.name = "ppoll",
     .number = SYS_ppoll,
     .returns = RETURNS_COUNT,
     .params = {MUST("fds", TYPE_POLLFDS), MAY("count", TYPE_INT),
		MAY_OF("timeout", TYPE_STRUCT, "timespec"), MAY("mask", TYPE_SIGNALS)},
     .make = make_poll},
    {.name = "pselect",
     .number = SYS_pselect6,
     .returns = RETURNS_COUNT,
     .params = {MUST("count", TYPE_INT), MUST("in", TYPE_SET), MAY("out", TYPE_SET),
		MAY("except", TYPE_SET), MAY_OF("timeout", TYPE_STRUCT, "timespec"),
		MAY("mask", TYPE_SIGNALS)},
     .make = make_select},
    {.name = "epoll_create",
     .number = SYS_epoll_create1,
     .returns = RETURNS_DESCRIPTOR,
     .params = {MAY("size", TYPE_INT)},
     .make = make_epoll_create},
    {.name = "epoll_create1",
     .number = SYS_epoll_create1,
     .returns = RETURNS_DESCRIPTOR,
     .params = {MAY_OF("flags", TYPE_CONSTANT, "epoll_create")},
     .make = make_epoll_create},
    {.name = "epoll_ctl",
     .number = SYS_epoll_ctl,
     .returns = RETURNS_ZERO,
     .params = {FD, MUST_OF("op", TYPE_CONSTANT, "epoll_ctl"), FD, MAY("event", TYPE_EVENT)},
     .make = make_epoll_ctl},
    {.name = "epoll_wait",
     .number = SYS_epoll_pwait,
     .returns = RETURNS_COUNT,
     .params = {FD, MUST("events", TYPE_EVENTS_OUT), MAY("most", TYPE_INT),
		MAY("timeout", TYPE_INT)},
     .make = make_epoll_wait},

    {.name = "getrlimit",
     .number = SYS_prlimit64,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("resource", TYPE_CONSTANT, "rlimit"),
		MAY_OF("limit", TYPE_STRUCT_OUT, "rlimit")},
     .make = make_getrlimit},
    {.name = "setrlimit",
     .number = SYS_prlimit64,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("resource", TYPE_CONSTANT, "rlimit"),
		MUST_OF("limit", TYPE_STRUCT, "rlimit")},
     .make = make_setrlimit},
    {.name = "prlimit",
     .number = SYS_prlimit64,
     .returns = RETURNS_ZERO,
     .params = {MUST("pid", TYPE_SELF), MUST_OF("resource", TYPE_CONSTANT, "rlimit"),
		MUST_OF("new", TYPE_STRUCT, "rlimit"), MAY_OF("old", TYPE_STRUCT_OUT, "rlimit")},
     .make = make_prlimit},
    {.name = "prlimit64",
     .number = SYS_prlimit64,
     .returns = RETURNS_ZERO,
     .params = {MUST("pid", TYPE_SELF), MUST_OF("resource", TYPE_CONSTANT, "rlimit"),
		MUST_OF("new", TYPE_STRUCT, "rlimit"), MAY_OF("old", TYPE_STRUCT_OUT, "rlimit")},
     .make = make_prlimit},
    {.name = "capget",
     .number = SYS_capget,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("header", TYPE_STRUCT, "capability header"),
		MUST_OF("data", TYPE_STRUCT_OUT, "capabilities")},
     .make = make_capget},
    {.name = "capset",
     .number = SYS_capset,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("header", TYPE_STRUCT, "capability header"),
		MUST_OF("data", TYPE_STRUCT, "capabilities")},
     .make = make_capset},

    {.name = "thread", .number = -1, .returns = RETURNS_ACTOR, .make = make_thread},

    {.name = "fork", .number = -1, .returns = RETURNS_ACTOR, .make = make_fork},
    {.name = "exit",
     .number = SYS_exit_group,
     .returns = RETURNS_NEVER,
     .params = {MAY("status", TYPE_INT)},
     .make = make_exit},
    {.name = "_exit",
     .number = SYS_exit_group,
     .returns = RETURNS_NEVER,
     .params = {MAY("status", TYPE_INT)},
     .make = make_exit},
    {.name = "wait",
     .number = SYS_wait4,
     .returns = RETURNS_PROCESS,
     .params = {MAY("status", TYPE_STATUS_OUT)},
     .make = make_wait},
    {.name = "waitpid",
     .number = SYS_wait4,
     .returns = RETURNS_PROCESS,
     .params = {MUST("pid", TYPE_PROCESS), MAY("status", TYPE_STATUS_OUT),
		MAY_OF("options", TYPE_CONSTANT, "wait")},
     .make = make_wait4},
    {.name = "wait4",
     .number = SYS_wait4,
     .returns = RETURNS_PROCESS,
     .params = {MUST("pid", TYPE_PROCESS), MAY("status", TYPE_STATUS_OUT),
		MAY_OF("options", TYPE_CONSTANT, "wait"), MAY("rusage", TYPE_NOTHING)},
     .make = make_wait4},

    {.name = "kill",
     .number = SYS_kill,
     .returns = RETURNS_ZERO,
     .params = {MUST("pid", TYPE_PROCESS), MUST_OF("signal", TYPE_CONSTANT, "signal")},
     .make = make_kill},
    {.name = "raise",
     .number = SYS_tgkill,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("signal", TYPE_CONSTANT, "signal")},
     .make = make_raise},
    {.name = "alarm",
     .number = -1,
     .returns = RETURNS_COUNT,
     .params = {MUST("seconds", TYPE_INT)},
     .make = make_alarm},
    {.name = "pause", .number = SYS_ppoll, .returns = RETURNS_ZERO, .make = make_pause},
    {.name = "signal",
     .number = -1,
     .returns = RETURNS_HANDLER,
     .params = {MUST_OF("signal", TYPE_CONSTANT, "signal"),
		MUST_OF("handler", TYPE_CONSTANT, "handler")},
     .make = make_signal},
    {.name = "sigaction",
     .number = -1,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("signal", TYPE_CONSTANT, "signal"), MUST("action", TYPE_ACTION),
		MAY("old", TYPE_ACTION_OUT)},
     .make = make_sigaction},
    {.name = "sigprocmask",
     .number = -1,
     .returns = RETURNS_ZERO,
     .params = {MUST_OF("how", TYPE_CONSTANT, "sigprocmask"), MUST("set", TYPE_SIGNALS),
		MAY("old", TYPE_SIGNALS_OUT)},
     .make = make_sigprocmask},

    LATER("vfork", "use fork"),
    LATER("execve", programs),
    LATER("sendmmsg", pieces),
    LATER("recvmmsg", pieces),
    LATER("sendfile", kinds),
    LATER("splice", kinds),
    {0},
};

const struct call_row *call_find(const char *name)
{
	for (const struct call_row *row = call_table; row->name; row++)
		if (!strcmp(name, row->name))
			return row;
	return NULL;
}

bool call_makes_descriptor(const struct call_row *row, const struct call *call)
{
	const struct arg *command = call->arg_count > 1 ? call->args[1] : NULL;

	if (row->returns == RETURNS_DESCRIPTOR)
		return true;
	return command && command->kind == ARG_NAMES && strcmp(row->name, "fcntl") == 0 &&
	       strncmp(command->names[0], "F_DUPFD", 7) == 0;
}

static const char *names[sizeof(call_table) / sizeof(call_table[0])];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

/* Only those that can be made: a suggestion should help. */
static void make_names(void)
{
	size_t count = 0;

	for (const struct call_row *row = call_table; row->name; row++)
		if (row->make)
			names[count++] = row->name;
}

const char *const *call_names(void)
{
	pthread_once(&names_once, make_names);
	return names;
}

bool call_is_full(const struct call *call)
{
	const struct call_row *row = call_find(call->name);
	const struct arg *second = call->arg_count > 1 ? call->args[1] : NULL;
	int64_t level;

	if (!row || !row->full || !second)
		return false;
	/* A level's name, or a number where an option's name would have to be. */
	return second->kind == ARG_VALUE
		   ? call->arg_count > 3
		   : second->kind == ARG_NAMES && constant_value("level", second->names[0], &level);
}

const struct call_param *call_param(const struct call *call, size_t i)
{
	const struct call_row *row = call_find(call->name);
	const struct call_param *param = row && call_is_full(call) ? row->full
					 : row			   ? row->params
								   : NULL;

	while (param && param->name && i--)
		param++;
	return param && param->name ? param : NULL;
}

const char *call_descriptor(const struct call *call)
{
	const struct call_row *row = call_find(call->name);

	for (size_t i = 0; row && i < call->arg_count && row->params[i].type != TYPE_END; i++)
		if (row->params[i].type == TYPE_DESCRIPTOR && call->args[i]->kind == ARG_NAMES)
			return call->args[i]->names[0];
	return NULL;
}

bool type_is_filled(enum arg_type type)
{
	return type == TYPE_BUFFER || type == TYPE_OPTION_OUT || type == TYPE_ADDRESS_OUT ||
	       type == TYPE_NUMBER_OUT || type == TYPE_MESSAGE_OUT || type == TYPE_EVENTS_OUT ||
	       type == TYPE_STRUCT_OUT || type == TYPE_PIECES_OUT || type == TYPE_STATUS_OUT ||
	       type == TYPE_ACTION_OUT || type == TYPE_SIGNALS_OUT || type == TYPE_LENGTH_OUT;
}
