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

#include "harness/calls/calls.h"
#include "harness/calls/frame.h"

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

#define LATER(name, why)                                                                           \
	{                                                                                          \
		name, -1, RETURNS_ZERO, {{0}}, NULL, false, NULL, why                              \
	}

static const char processes[] = "one process for each host so far";
static const char handlers[] = "signals cannot be handled yet";
static const char pieces[] = "use sendmsg and recvmsg";
static const char limits[] = "an actor's limits cannot be changed yet";
static const char kinds[] = "TCP sockets only so far";

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
    MAY("length", TYPE_LENGTH_OUT),
    {0},
};

const struct call_row call_table[] = {
    {"socket",
     SYS_socket,
     RETURNS_DESCRIPTOR,
     {MAY_OF("domain", TYPE_CONSTANT, "domain"), MAY_OF("type", TYPE_CONSTANT, "type"),
      MAY_OF("protocol", TYPE_CONSTANT, "protocol")},
     NULL,
     false,
     make_socket,
     NULL},
    {"bind",
     SYS_bind,
     RETURNS_ZERO,
     {FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)},
     NULL,
     false,
     make_bind,
     NULL},
    {"listen",
     SYS_listen,
     RETURNS_ZERO,
     {FD, MAY_OF("backlog", TYPE_CONSTANT, "backlog")},
     NULL,
     false,
     make_listen,
     NULL},
    {"connect",
     SYS_connect,
     RETURNS_ZERO,
     {FD, MUST("address", TYPE_ADDRESS), MAY("length", TYPE_INT)},
     NULL,
     false,
     make_bind,
     NULL},
    {"accept",
     SYS_accept,
     RETURNS_DESCRIPTOR,
     {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     NULL,
     false,
     make_accept,
     NULL},
    {"accept4",
     SYS_accept4,
     RETURNS_DESCRIPTOR,
     {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT),
      MAY_OF("flags", TYPE_CONSTANT, "type")},
     NULL,
     false,
     make_accept,
     NULL},
    {"getsockname",
     SYS_getsockname,
     RETURNS_ZERO,
     {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     NULL,
     false,
     make_name,
     NULL},
    {"getpeername",
     SYS_getpeername,
     RETURNS_ZERO,
     {FD, MAY("address", TYPE_ADDRESS_OUT), MAY("length", TYPE_LENGTH_OUT)},
     NULL,
     false,
     make_name,
     NULL},

    {"send",
     SYS_sendto,
     RETURNS_COUNT,
     {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT), MAY_OF("flags", TYPE_CONSTANT, "msg")},
     NULL,
     false,
     make_send,
     NULL},
    {"sendto",
     SYS_sendto,
     RETURNS_COUNT,
     {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT), MAY_OF("flags", TYPE_CONSTANT, "msg"),
      MAY("to", TYPE_ADDRESS), MAY("to_length", TYPE_INT)},
     NULL,
     false,
     make_send,
     NULL},
    {"sendmsg",
     SYS_sendmsg,
     RETURNS_COUNT,
     {FD, MUST("message", TYPE_MESSAGE), MAY_OF("flags", TYPE_CONSTANT, "msg")},
     NULL,
     false,
     make_sendmsg,
     NULL},
    {"write",
     SYS_write,
     RETURNS_COUNT,
     {FD, MUST("data", TYPE_DATA), MAY("length", TYPE_INT)},
     NULL,
     false,
     make_send,
     NULL},
    {"recv",
     SYS_recvfrom,
     RETURNS_COUNT,
     {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
      MAY_OF("flags", TYPE_CONSTANT, "msg")},
     NULL,
     false,
     make_recv,
     NULL},
    {"recvfrom",
     SYS_recvfrom,
     RETURNS_COUNT,
     {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT),
      MAY_OF("flags", TYPE_CONSTANT, "msg"), MAY("from", TYPE_ADDRESS_OUT),
      MAY("from_length", TYPE_LENGTH_OUT)},
     NULL,
     false,
     make_recv,
     NULL},
    {"recvmsg",
     SYS_recvmsg,
     RETURNS_COUNT,
     {FD, MAY("message", TYPE_MESSAGE_OUT), MAY_OF("flags", TYPE_CONSTANT, "msg")},
     NULL,
     false,
     make_recvmsg,
     NULL},
    {"read",
     SYS_read,
     RETURNS_COUNT,
     {FD, MAY("buffer", TYPE_BUFFER), MAY("length", TYPE_INT)},
     NULL,
     false,
     make_recv,
     NULL},

    {"close", SYS_close, RETURNS_ZERO, {FD}, NULL, true, make_close, NULL},
    {"shutdown",
     SYS_shutdown,
     RETURNS_ZERO,
     {FD, MUST_OF("how", TYPE_CONSTANT, "how")},
     NULL,
     false,
     make_shutdown,
     NULL},
    {"dup", SYS_dup, RETURNS_DESCRIPTOR, {FD}, NULL, false, make_dup, NULL},
    {"fcntl",
     SYS_fcntl,
     RETURNS_COUNT,
     {FD, MUST_OF("command", TYPE_CONSTANT, "fcntl"), MAY_OF("flags", TYPE_CONSTANT, "open")},
     NULL,
     false,
     make_fcntl,
     NULL},
    {"ioctl",
     SYS_ioctl,
     RETURNS_ZERO,
     {FD, MUST_OF("request", TYPE_CONSTANT, "ioctl"), MAY("value", TYPE_NUMBER_OUT)},
     NULL,
     false,
     make_ioctl,
     NULL},
    {"setsockopt",
     SYS_setsockopt,
     RETURNS_ZERO,
     {FD, MUST_OF("option", TYPE_OPTION, "option"), MUST("value", TYPE_OPTION_IN)},
     setsockopt_full,
     false,
     make_setsockopt,
     NULL},
    {"getsockopt",
     SYS_getsockopt,
     RETURNS_ZERO,
     {FD, MUST_OF("option", TYPE_OPTION, "option"), MAY("value", TYPE_OPTION_OUT)},
     getsockopt_full,
     false,
     make_getsockopt,
     NULL},

    {"poll",
     SYS_ppoll,
     RETURNS_COUNT,
     {MUST("fds", TYPE_POLLFDS), MAY("count", TYPE_INT), MAY("timeout", TYPE_INT)},
     NULL,
     false,
     make_poll,
     NULL},
    {"select",
     SYS_pselect6,
     RETURNS_COUNT,
     {MUST("count", TYPE_INT), MUST("in", TYPE_SET), MAY("out", TYPE_SET), MAY("except", TYPE_SET),
      MAY("timeout", TYPE_TIMEVAL)},
     NULL,
     false,
     make_select,
     NULL},
    {"epoll_create",
     SYS_epoll_create1,
     RETURNS_DESCRIPTOR,
     {MAY("size", TYPE_INT)},
     NULL,
     false,
     make_epoll_create,
     NULL},
    {"epoll_create1",
     SYS_epoll_create1,
     RETURNS_DESCRIPTOR,
     {MAY_OF("flags", TYPE_CONSTANT, "epoll_create")},
     NULL,
     false,
     make_epoll_create,
     NULL},
    {"epoll_ctl",
     SYS_epoll_ctl,
     RETURNS_ZERO,
     {FD, MUST_OF("op", TYPE_CONSTANT, "epoll_ctl"), FD, MAY("event", TYPE_EVENT)},
     NULL,
     false,
     make_epoll_ctl,
     NULL},
    {"epoll_wait",
     SYS_epoll_pwait,
     RETURNS_COUNT,
     {FD, MUST("events", TYPE_EVENTS_OUT), MAY("most", TYPE_INT), MAY("timeout", TYPE_INT)},
     NULL,
     false,
     make_epoll_wait,
     NULL},

    {"thread", -1, RETURNS_ACTOR, {{0}}, NULL, false, make_thread, NULL},

    LATER("fork", processes),
    LATER("vfork", processes),
    LATER("execve", processes),
    LATER("exit", processes),
    LATER("_exit", processes),
    LATER("wait", processes),
    LATER("wait4", processes),
    LATER("waitpid", processes),
    LATER("kill", handlers),
    LATER("raise", handlers),
    LATER("alarm", handlers),
    LATER("pause", handlers),
    LATER("signal", handlers),
    LATER("sigaction", handlers),
    LATER("sigprocmask", handlers),
    LATER("getrlimit", limits),
    LATER("setrlimit", limits),
    LATER("prlimit", limits),
    LATER("readv", pieces),
    LATER("writev", pieces),
    LATER("sendmmsg", pieces),
    LATER("recvmmsg", pieces),
    LATER("dup2", "use dup"),
    LATER("pselect", "use select"),
    LATER("ppoll", "use poll"),
    LATER("socketpair", kinds),
    LATER("pipe", kinds),
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

bool type_is_filled(enum arg_type type)
{
	return type == TYPE_BUFFER || type == TYPE_OPTION_OUT || type == TYPE_ADDRESS_OUT ||
	       type == TYPE_NUMBER_OUT || type == TYPE_MESSAGE_OUT || type == TYPE_EVENTS_OUT;
}
