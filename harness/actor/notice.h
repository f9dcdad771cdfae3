/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices: what a host's processes report to the engine unasked.
 *
 * All of a host's processes share one end of a socket pair, the engine has the other. A notice is
 * sent by one system call that neither blocks nor raises a signal, so a signal handler may send
 * one; and it is sent before whatever follows from it (the reply of a call that was interrupted),
 * so the engine, once it has read that, finds the notice.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "harness/base/clock.h"

enum notice_kind {
	NOTICE_SIGNAL,	/* a handler has begun: in thread `who`, of signal `value` */
	NOTICE_REAPED,	/* process `who` was waited for: `value` is its status, as wait(2) has it */
	NOTICE_EXITING, /* process `who` is about to exit, with that status */
	NOTICE_STOPPED, /* process `who` was stopped by somebody else (stopped.h) */
};

/* Numbers of processes and threads are those of the host's own namespace. */
struct notice {
	enum notice_kind kind;
	pid_t who;
	int value;
	ns_t at;
};

/* Safe in a signal handler; leaves errno as it was. If the socket is full, the notice is lost. */
void notice_send(int fd, enum notice_kind kind, pid_t who, int value);

/* The next one: 1; 0: there is none yet; -1: there will be none, since the processes are gone. */
int notice_take(int fd, struct notice *notice);

#endif
