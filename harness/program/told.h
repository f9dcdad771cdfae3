/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the keeper of a program tells the engine: each is one message, over a channel that keeps
 * message boundaries (actor/actor_wire.h).
 */
#ifndef TOLD_H
#define TOLD_H

#include "harness/program/traced.h"
#include "harness/timeline/timeline.h"

enum told_kind {
	TOLD_HERE,    /* the first message, of the program's first process itself */
	TOLD_STARTED, /* the program exists, and has not done anything yet */
	TOLD_FAILED,  /* the last message: it could not be started, or had to be ended; `text` says
			 why */
	TOLD_CALL,    /* a task is about to enter a call */
	TOLD_RETURN,  /* a call has returned */
	TOLD_DEATH,   /* a process has ended */
	TOLD_OPTIONS, /* what the kernel knows of a socket that is about to be closed */
	TOLD_VAIN,    /* VAIN_WAITS more waits were in vain; they are not reported themselves */
	TOLD_OUTSIDE, /* a signal, `status`, has come from outside of the program */
	TOLD_WAKES,   /* its tasks have woken VAIN_WAKES more times; nor are these */
	TOLD_BUSY,    /* .. they have computed */
	TOLD_KINDS
};

#define VAIN_WAITS 100
#define VAIN_WAKES 1000

struct told {
	enum told_kind kind;
	const char *part; /* t2, t3 ..; NULL: the program's first task */
	ns_t from, to;	  /* when it happened */

	/* CALL, RETURN */
	const struct traced *row;
	const char *name, *text;
	int fd;		       /* the descriptor of the call; -1: none, or several */
	uint64_t socket, made; /* inodes: of that descriptor's socket, of the new one's that it
				  returns; 0: none */
	bool has_peer;	       /* an address is among its arguments, or was filled in */
	struct ip peer;
	uint16_t peer_port;

	/* RETURN */
	ns_t begun;
	int64_t result;
	int error;
	const char *seen[SEEN_COUNT];

	int status;  /* DEATH: as wait(2) has it; OUTSIDE: the signal */
	bool others; /* DEATH: other processes of the program are still there */
	ns_t waited; /* CALL, RETURN, DEATH: for how long all tasks and the tracer had had no CPU */

	struct socket_options options; /* OPTIONS: of `socket` */
};

/* False: the engine is gone. */
bool told_send(int channel, const struct told *told);

/*
 * Read one without waiting: 1; 0 if there is none yet; -1 if the keeper is gone; MESSAGE_GARBLED if
 * it is not one of our messages.
 */
int told_take(int channel, struct arena *a, struct told *told);

/*
 * Wait for the first message. Returns its sender's process number, as the caller sees it. 0: none
 * came until that moment, or the keeper is gone.
 */
pid_t told_wait(int channel, struct arena *a, struct told *told, ns_t until);

#endif
