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
	uint64_t wait; /* its wait_number() */
	bool is_held;  /* it has not been reported yet */
};

#define IDLE_CALLS 4

/* Which files its process's calls about any file are seen of (widen.c). */
#define FEW_NUMBERS 4
#define NO_NUMBER   (-2)

struct seen_files {
	int numbers[FEW_NUMBERS]; /* descriptors */
	size_t count;
	bool all;
	int wanted; /* this one is to be seen, too; ANY_NUMBER: all are; NO_NUMBER: none */
};

enum task_state {
	TASK_FREE,	/* in no call of the table */
	TASK_IN_CALL,	/* it stops again when the call returns */
	TASK_RECEIVING, /* likewise, but the call is not reported: a message that may bring a socket
			 */
	TASK_INTERRUPTED, /* a signal has come: the call begins again, or returns after a handler */
	TASK_LEAVING,	  /* .. and the handler is over: sigreturn(2) says which of these */
};

struct task {
	pid_t tid, tgid;
	char name[16]; /* t2; empty: the first task */
	enum task_state state;
	struct pending_call call, outer; /* outer: the call that a signal's handler interrupts */
	bool has_outer;
	uint64_t idle[IDLE_CALLS]; /* the latest calls that have waited in vain .. */
	size_t idle_count;	   /* .. of so many since another one was made */
	struct seen_files seen;
	int last_fd;	      /* of its last call on a socket */
	uint64_t last_socket; /* .. and that one; 0: none */
	uint64_t stops;	      /* for the tracer; each is a sleep */
	uint64_t wakes;	      /* from other sleeps, when these were last counted */
	int schedstat;	      /* -1: not opened yet */
	ns_t waited;	      /* for a CPU, in all, when schedstat was last read */
	ns_t ready;	      /* to run, in all, when it was last looked whether it computes */
	ns_t stopped;	      /* INTERRUPTED: when */
};

struct tasks {
	struct task *list;
	size_t count, room;
	int named;
	ns_t looked; /* when it was last looked whether they compute */
};

/* The task of that number in the caller's PID namespace; NULL: not known yet. */
struct task *task_find(struct tasks *tasks, pid_t tid);
/* A number that /proc has about it; `unknown`: there is none, or it has ended. */
int task_status(pid_t tid, const char *name, int unknown);
/* Its schedstat, which is opened if `file` is not open yet; -1: it cannot be. */
int task_schedstat(int *file, pid_t tid);
/* Add a task; it gets the next name. */
struct task *task_add(struct tasks *tasks, pid_t tid);
void task_remove(struct tasks *tasks, struct task *task);

#endif
