/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constants by their names, in groups.
 *
 * Names are looked up where a text is read, and by the checker. From then on an argument has its
 * number (arg_resolve), and a group is a number, too.
 */
#ifndef CALLS_CONSTANTS_H
#define CALLS_CONSTANTS_H

#include <stdbool.h>
#include <stdint.h>

struct arg;

/* Each group, and how it is called where a constant is of another one. */
#define CONSTANT_GROUPS(GROUP)                                                                     \
	GROUP(errno, "errno")                                                                      \
	GROUP(domain, "domain")                                                                    \
	GROUP(type, "type")                                                                        \
	GROUP(protocol, "protocol")                                                                \
	GROUP(level, "level")                                                                      \
	GROUP(option, "option")                                                                    \
	GROUP(msg, "msg")                                                                          \
	GROUP(how, "how")                                                                          \
	GROUP(poll, "poll")                                                                        \
	GROUP(epoll, "epoll")                                                                      \
	GROUP(epoll_ctl, "epoll_ctl")                                                              \
	GROUP(epoll_create, "epoll_create")                                                        \
	GROUP(signal, "signal")                                                                    \
	GROUP(sigaction, "sigaction")                                                              \
	GROUP(sigprocmask, "sigprocmask")                                                          \
	GROUP(handler, "handler")                                                                  \
	GROUP(fcntl, "fcntl")                                                                      \
	GROUP(open, "open")                                                                        \
	GROUP(ioctl, "ioctl")                                                                      \
	GROUP(state, "state")                                                                      \
	GROUP(pmtudisc, "pmtudisc")                                                                \
	GROUP(backlog, "backlog")                                                                  \
	GROUP(inaddr, "inaddr")                                                                    \
	GROUP(icmp, "icmp")                                                                        \
	GROUP(origin, "origin")                                                                    \
	GROUP(wait, "wait")                                                                        \
	GROUP(rlimit, "rlimit")                                                                    \
	GROUP(rlim, "rlim")                                                                        \
	GROUP(capability, "capability")                                                            \
	GROUP(capability_version, "capability version")

enum constant_group {
	NO_GROUP,
#define GROUP(group, text) GROUP_##group,
	CONSTANT_GROUPS(GROUP)
#undef GROUP
	    GROUP_COUNT
};

extern const char *const constant_groups[GROUP_COUNT];

/* A name has one number, whatever groups it is in. False: no such constant. */
bool constant_find(const char *name, int64_t *value);
/* False: the group has none of that name. */
bool constant_value(enum constant_group group, const char *name, int64_t *value);
enum constant_group constant_group(const char *name); /* NO_GROUP: no such constant */
const char *constant_name(enum constant_group group, int64_t value); /* NULL: none */
const char *const *constant_names(enum constant_group group);	     /* ends with NULL */

/*
 * To be called when an argument has its names, or has other ones: what they mean is found out here
 * once.
 */
void arg_resolve(struct arg *arg);
/* Whether all names of an argument are constants of that group. */
bool arg_is_of(const struct arg *arg, enum constant_group group);

/* 0: there is none of that name. */
int errno_find(const char *name);
int signal_find(const char *name);

/* A signal as a script names it; a real-time one, which no script has, as SIGRTMIN+1. */
#define SIGNAL_TEXT 32
const char *signal_text(int number, char text[SIGNAL_TEXT]);

#endif
