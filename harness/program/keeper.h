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

#include <stdbool.h>
#include <sys/resource.h>

#include "harness/program/program.h"

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

/*
 * From now on the calling process stops for its tracer at the calls of the table that only sockets
 * have; at all calls of the table, if the others cannot be added later. False: errno.
 */
bool filter_install(void);
/* A filter for these calls (`any`: for the others). Returns its length. The caller frees it. */
size_t filter_make(struct sock_filter **filter, bool any);

/* ---- widen.c ---- */

/* Whether more calls can be added later on this machine. */
bool widen_is_known(void);
/*
 * The task has stopped at the end of a call. Make it also filter its process's other calls. True:
 * it has done so, and is at the same place again. If it stops for another reason meanwhile, or
 * ends, *status says how; else *status is 0.
 */
bool widen(pid_t tid, int *status);

/* ---- trace.c ---- */

/* Let the program begin, and follow all its tasks until the last one has ended. */
void program_follow(struct keeper *k, pid_t first);

#endif
