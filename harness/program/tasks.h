/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tasks (threads) of a program and its descendants, as its tracer knows them.
 */
#ifndef PROGRAM_TASKS_H
#define PROGRAM_TASKS_H

#include "harness/program/call_words.h"

/* A call that a task is in. */
struct pending_call {
	const struct traced *row;
	struct registers registers;
	struct arena arena; /* of its words, until it returns */
	const char *args[SHOWN_ARGS];
	int fd;
	uint64_t socket;
	ns_t entered;
	uint64_t wait; /* wait_number() of it */
	bool is_held;  /* it has not been told yet */
};

#define IDLE_CALLS 4

enum task_state {
	TASK_FREE,	  /* in no call that is seen */
	TASK_IN_CALL,	  /* it stops again when that returns */
	TASK_RECEIVING,	  /* likewise, but it is not told: a message that may bring a socket */
	TASK_INTERRUPTED, /* a signal has come: the call begins again, or returns after a handler */
	TASK_LEAVING,	  /* .. and that handler is over: sigreturn(2) says which */
};

struct task {
	pid_t tid, tgid;
	char name[16]; /* t2; empty: the first one */
	enum task_state state;
	struct pending_call call, outer; /* outer: the call that a signal's handler interrupts */
	bool has_outer;
	uint64_t idle[IDLE_CALLS]; /* calls that have waited in vain since another one was made */
	size_t idle_count;
	bool is_wide;	/* all calls of the table are seen (widen.c) */
	uint64_t stops; /* for the tracer */
	uint64_t wakes; /* apart from those, when that was looked at last */
	int schedstat;	/* -1: not opened yet */
	ns_t waited;	/* for a CPU, in all, when that was read last */
	ns_t stopped;	/* INTERRUPTED: when */
};

struct tasks {
	struct task *list;
	size_t count, room;
	int named;
};

/* By its number in the caller's PID namespace; NULL: there is none yet. */
struct task *task_find(struct tasks *tasks, pid_t tid);
/* A number that /proc has about it; `unknown`: there is none, or it has ended. */
int task_status(pid_t tid, const char *name, int unknown);
/* A new one; it gets the next name. */
struct task *task_add(struct tasks *tasks, pid_t tid);
void task_remove(struct tasks *tasks, struct task *task);

#endif
