/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actors: the processes and threads that make the calls.
 *
 * Each host has a process in its own network namespace, and perhaps more that this one has forked.
 * Each of their threads that a script uses is an actor, at the other end of a socket pair. The
 * engine sends the index of a line; the actor, which has the same run in its memory since it was
 * forked from the engine, makes the call and reports when it was entered, when it returned, its
 * result and what it filled in (in the language's notation). The actor never judges. What a process
 * reports unasked, such as a handled signal, it sends as a notice (notice.h).
 *
 * While it makes a call, an actor uses only its arguments; so the engine can read from /proc that
 * it is "asleep inside the call".
 */
#ifndef ACTOR_H
#define ACTOR_H

#include <sys/types.h>

#include "harness/actor/notice.h"
#include "harness/ast/ast.h"

struct actor_reply {
	ns_t entered, returned;
	ns_t delayed; /* runnable but waiting for a CPU, since its last call returned (schedstat) */
	int64_t result;
	int error;
	int descriptor; /* a new descriptor's number, or -1 */
	const char
	    *bound;    /* the name that the result was given, here or where the call is resumed */
	bool has_peer; /* accept: who connected */
	struct ip peer;
	uint16_t peer_port;
	const char *seen[SEEN_COUNT]; /* what argument i was filled with, or NULL */
	const char *text;	      /* the call as made */
};

struct actor_link {
	enum host host;
	const char *part;	/* NULL: the host's main thread */
	pid_t pid, tid;		/* as the engine has them */
	pid_t own_pid, own_tid; /* as its host has them; equal: it is a process's first thread */
	int channel;		/* to poll; the engine's end */
	int line;		/* the call it is in; -1: idle */
	ns_t until;		/* how long to wait for a message that is due; 0: for ever */
	int proc_stat, proc_syscall; /* its files in /proc, open since actor_greet */
	int pidfd;	  /* of a process's first thread: readable once it has died; -1 */
	bool deaf;	  /* it has closed its channel: its process is dying */
	bool gone;	  /* its process has died */
	ns_t alive, died; /* when it was last known to be alive; first known to be dead, or 0 */
};

/* --- the actor's side --- */

/*
 * lab_main_fn's work for one host: it is the host's init, and returns when all its processes have
 * ended. The first of them, the host's main actor, ends when the channel closes. Processes send
 * their notices to `notices`.
 */
int actor_main(enum host host, int channel, int notices, const struct run *run);

/* What a script calls `handler`: it only sends a notice. */
void signal_noted(int number);

/* --- the engine's side --- */

/*
 * Wait for the actor's greeting (its numbers). The link is zeroed except host, part and channel;
 * one that has been greeted is left as it is.
 */
bool actor_greet(struct actor_link *link);

/* What an actor must know to make a call. */
struct actor_request {
	int line;
	const struct variable *variables; /* the $names bound so far while running */
	size_t variable_count;
	const struct variable *processes; /* of its host, by name: their numbers there */
	size_t process_count;
};

/* Begin a call. False: the actor is gone. */
bool actor_start(struct actor_link *link, const struct actor_request *request);

/*
 * Read one reply if there is one: 1 a reply, 0 none yet, -1 the actor is gone; or MESSAGE_GARBLED:
 * what it has sent is not a reply (somebody may have taken it over). Does not block. The link's
 * line remains that of the call; the caller sets it to -1 when it has finished with it.
 */
int actor_reply(struct actor_link *link, struct arena *a, struct actor_reply *reply);

/*
 * Close the channel and the other descriptors of the link. Then the actor's whole process ends as
 * soon as that thread is idle (one that is blocked in a call notices nothing; lab_close ends it).
 */
void actor_link_close(struct actor_link *link);

/*
 * To be called directly after a reply to a thread() or fork() that succeeded: the new actor's link,
 * greeted.
 */
bool actor_new_link(struct actor_link *parent, struct arena *a, struct actor_link *child);

/*
 * Whether the actor is asleep inside its call: 1 it is, 0 not (yet), -1 it is gone. Reads
 * /proc/PID/task/TID/{stat,syscall}; costs microseconds.
 */
int actor_asleep(const struct actor_link *link, const struct run *run);

/*
 * It is about to end, or has ended: its descriptors may be closed already, and their last packets
 * sent, before anything else shows its end.
 */
bool actor_exiting(const struct actor_link *link);

/* Its state as ps shows it: R S D T t Z .., 0: it does not exist any more. */
char actor_state(const struct actor_link *link);

/*
 * How a dead process ended, as wait(2) gives it: from /proc while nobody has waited for it, or from
 * what the kernel keeps for a pidfd (since 6.15). False: neither says.
 */
bool actor_status(const struct actor_link *link, int *status);

#endif
