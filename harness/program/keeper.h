/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper of a program: the process that starts it and traces it.
 *
 * It is the first process of a PID namespace in which the program and all its descendants live. So
 * they end with it, and it ends with the engine. It tells the engine what the program calls. It
 * decides nothing.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "harness/base/clock.h"
#include "harness/program/program.h"

/* The signal at which the keeper kills all of the program, and tells how each process ends. */
#define KEEPER_ENDS_IT SIGTERM

/* In a guest, where the root of all that the program writes is open in the keeper (root.c). */
#define KEEPER_FILES 7

struct keeper {
	/* given */
	enum host host;
	const struct program *program;
	const struct program_user *user;
	int family;
	int channel;		   /* to the engine */
	int input, output, errors; /* the program's */
	bool has_users;		   /* it begins in a user namespace that has no users yet */
	bool is_virtual;	   /* the engine answers each message before anything continues */
	struct rlimit descriptors; /* the program's limit */
	int starting;	 /* here its first process says why it could not become the program */
	char error[256]; /* why the program could not be started */
};

/* The first process of its namespaces; the engine's memory is still in it. */
_Noreturn void keeper_main(struct keeper *k);

/* ---- world.c: what the program sees of the machine ---- */

/* In the keeper, before the program exists. False: `error` says why not. */
bool world_make(struct keeper *k);

/* ---- root.c ---- */

/*
 * In a guest: from now on, a file system in memory lies over the machine's files and takes what is
 * written.
 */
bool root_make(struct keeper *k);

/* ---- start.c ---- */

/*
 * Start the program's first process, stopped before it has done anything. -1: `error` says why not.
 */
pid_t program_start(struct keeper *k);

/* ---- filter.c ---- */

struct sock_filter;

#define ANY_NUMBER (-1)

/*
 * From now on the calling process's calls of the table stop for its tracer: those that are made
 * about sockets only; all of them, if the rest cannot follow later. `output`: also what it writes
 * to standard output and error. False: errno.
 */
bool filter_install(bool output);
/* Whether a task that stops at this call sends SIGKILL. */
bool filter_is_kill(long number);
/*
 * A filter for those that are made about any file, if it has that number (or ANY_NUMBER); returns
 * its length. To be freed.
 */
size_t filter_make(struct sock_filter **filter, int number);

/* ---- widen.c ---- */

/* Whether more calls can be added later on this machine. */
bool widen_is_known(void);
/*
 * Make a task that has stopped at the end of a call filter its process's other calls, too, those
 * about that number (or ANY_NUMBER). It has done so, and is where it was. If it stops for another
 * reason meanwhile, or ends, *status is how; else 0.
 */
bool widen(pid_t tid, int number, int *status);

/* ---- wakes.c ---- */

struct tasks;

/* From now on it is looked each minute; what the caller waits in then returns EINTR. */
void wakes_watch(void);
/* How often they have woken since it was looked last; 0: it is not time yet. */
uint64_t wakes_since(struct tasks *tasks);

/* ---- busy.c ---- */

/*
 * Looks twice a second, however often it is asked: whether they have computed for at least half of
 * the time since the last look. False, too, when it is not time yet.
 */
bool tasks_are_busy(struct tasks *tasks, ns_t at);

/* ---- trace.c ---- */

/* Let the program begin, and follow all its tasks until the last one has ended. */
void program_follow(struct keeper *k, pid_t first);

#endif
