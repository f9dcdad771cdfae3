/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the actors' side share: actor.c (a thread's requests and replies) and
 * actor_process.c (making processes and threads).
 */
#ifndef ACTOR_PARTS_H
#define ACTOR_PARTS_H

#include <pthread.h>
#include <sys/resource.h>

#include "harness/actor/actor.h"
#include "harness/actor/making.h"

/* What the threads of one process share. A forked process begins with a copy. */
struct process {
	enum host host;
	const struct run *run;
	struct descriptors descriptors;
	int notices;
	pthread_mutex_t mutex; /* of the list */
	struct thread *threads;
};

struct thread {
	struct process *process;
	struct thread *next;
	const char *part; /* NULL: the host's first process */
	int channel, schedstat;
	ns_t waited;	 /* for a CPU, all in all, as of its last call */
	int new_channel; /* the engine's end of a new actor's channel, to be sent with the reply; -1
			  */
};

/* Serve the engine in the calling thread until it closes the channel; then the process exits. */
_Noreturn void actor_serve(struct thread *t);

/* A struct making's spawn, fork and notify: actor_process.c. */
pid_t actor_spawn(struct making *m, const char *name);
pid_t actor_fork(struct making *m, const char *name);
void actor_notify(struct making *m, enum notice_kind kind, pid_t who, int value);

/* A duplicate at a high number, where it does not disturb a script; the original is closed. */
int move_high(int fd);

/*
 * A limit on descriptors that a script has set does not apply to what the harness opens: it is
 * lifted in between. The limit is the process's, so two of its threads may lift it at once: it is
 * restored when the last of them restores it. A forked process goes on with the same state. Returns
 * the limit that was in force.
 */
struct rlimit limit_lift(void);
void limit_restore(void);

#endif
