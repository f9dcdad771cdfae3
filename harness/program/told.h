/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the keeper of a program tells the engine: one message each, over a channel that keeps
 * message boundaries (actor/actor_wire.h).
 */
#ifndef TOLD_H
#define TOLD_H

#include "harness/program/traced.h"
#include "harness/timeline/timeline.h"

enum told_kind {
	TOLD_HERE,    /* the first message, of the program's first process itself */
	TOLD_STARTED, /* the program is there, and has not done anything yet */
	TOLD_FAILED,  /* it could not be started, or had to be ended: `text` says why; the last one
		       */
	TOLD_CALL,    /* a task is about to enter a call */
	TOLD_RETURN,  /* it came back */
	TOLD_DEATH,   /* a process has ended */
	TOLD_VAIN,    /* VAIN_WAITS more waits were in vain, of which nothing else is told, or
		       * VAIN_WAKES
		       */
	TOLD_KINDS
};

#define VAIN_WAITS 1000
#define VAIN_WAKES (15 * VAIN_WAITS) /* without a call that is seen; nor do they cost as much */

struct told {
	enum told_kind kind;
	const char *part; /* t2, t3 ..; NULL: the program's first task */
	ns_t from, to;	  /* when it happened */

	/* CALL, RETURN */
	const struct traced *row;
	const char *name, *text;
	int fd;		       /* the descriptor that it is about, -1: none, or several */
	uint64_t socket, made; /* inodes: of that one, of the new one that it returns; 0: none */
	bool has_peer;	       /* an address is among its arguments, or it was filled in */
	struct ip peer;
	uint16_t peer_port;

	/* RETURN */
	ns_t begun;
	int64_t result;
	int error;
	const char *seen[SEEN_COUNT];

	int status; /* DEATH: as wait(2) has it */
};

/* False: the engine is gone. */
bool told_send(int channel, const struct told *told);

/*
 * Read one without waiting: 1, 0 if there is none yet, -1 if the keeper is gone; MESSAGE_GARBLED:
 * that is none of ours.
 */
int told_take(int channel, struct arena *a, struct told *told);

/*
 * Wait for the first one; returns the process number of its sender, as the caller has it. 0: none
 * came until that moment, or the keeper is gone.
 */
pid_t told_wait(int channel, struct arena *a, struct told *told, ns_t until);

#endif
