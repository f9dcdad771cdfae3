/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a row's function works on: one call of a script while it is being made.
 *
 * A function reads the arguments with arg_*, makes the system call with making_call, and reports
 * each argument's full text (making_text, in order) and what the kernel has filled in (making_seen,
 * by the argument's place in the script's text).
 */
#ifndef ACTOR_MAKING_H
#define ACTOR_MAKING_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "harness/actor/actor.h"
#include "harness/actor/descriptors.h"
#include "harness/calls/call_notation.h"
#include "harness/calls/calls.h"

#define MAKING_ARGS 8
/* The number for a process that does not exist: beyond the kernel's limit, so ESRCH. */
#define NO_PROCESS 0x7fffffff

struct making {
	/* given */
	const struct call *call;
	const struct call_row *row;
	const char *bind; /* the name that the result will have, or NULL */
	int family;	  /* of the run: 4 or 6 */
	struct descriptors *descriptors;
	const struct variable *variables;
	size_t variable_count;
	const struct variable *processes; /* of this host, by name, as it numbers them */
	size_t process_count;
	struct arena *arena;
	int schedstat; /* this thread's, open, or -1 */
	ns_t *waited;  /* how long it had waited in a CPU's queue when that was last read */
	/*
	 * Make a new actor of that name: a thread of this process (returns 0), or a process (its
	 * number); or -1 and errno.
	 */
	pid_t (*spawn)(struct making *m, const char *name);
	pid_t (*fork)(struct making *m, const char *name);
	/* What the engine cannot see by itself. */
	void (*notify)(struct making *m, enum notice_kind kind, pid_t who, int value);
	void *actor; /* for these */

	/* made */
	const char *text[MAKING_ARGS];
	size_t text_count;
	const char *unbound; /* a variable without a value: the call is not made */
	struct actor_reply *reply;
};

/* Make the call; fills the reply, all but its text. */
void making_run(struct making *m);

/*
 * The system call itself, between two readings of the clock. Puts result and errno into the reply
 * and returns the result. -1 with no errno when an argument has no value.
 */
int64_t making_call(struct making *m, long number, const long args[6]);

/*
 * How long the thread of that schedstat has been ready to run but waited for a CPU, in total; 0 if
 * the kernel does not count that.
 */
ns_t run_delay(int schedstat);
/* For how long it has been ready to run: with a CPU, or while it waited for one. */
ns_t run_ready(int schedstat);

/* The next argument in the full text of the call. */
void making_text(struct making *m, const char *text);
void making_printf(struct making *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Argument `i` of the script's text was filled with this. */
void making_seen(struct making *m, size_t i, const char *text);

/* ---- arguments ---- */

/* Argument `i`, NULL when it is left out or `...`. */
const struct arg *making_arg(const struct making *m, size_t i);

int64_t value_number(struct making *m, const struct value *v);
/* A number, or names joined by |; `otherwise` if arg is NULL or has no value. */
int64_t arg_number(struct making *m, const struct arg *arg, int64_t otherwise);
int arg_descriptor(struct making *m, const struct arg *arg);
/* The number of a process by its name, or as a number; -1 if it has no value. */
int64_t arg_process(struct making *m, const struct arg *arg);
/* arg_number for argument i, limited to what memory is allocated for. */
size_t arg_length(struct making *m, const struct arg *arg, size_t otherwise);
sigset_t arg_signals(struct making *m, const struct arg *arg); /* [SIGUSR1 SIGCHLD] */
/* Fills `to`; returns its length, 0 for NULL and what is not an address. */
socklen_t arg_address(struct making *m, const struct arg *arg, struct sockaddr_storage *to);

/* Puts the fields that are written into the bytes of one; those that are not stay as they are. */
void struct_put(struct making *m, const struct struct_row *row, const struct arg *arg, void *bytes);

/* arg_descriptor and arg_number of argument i, which are also added to the text. */
int making_descriptor(struct making *m, size_t i);
int64_t making_number(struct making *m, size_t i, int64_t otherwise, const char *otherwise_text);

/* ---- ICMP messages: {id=1, sequence=1, data="ping"} ---- */

const char *icmp_bytes(struct making *m, const struct arg *message, size_t *length);
/* `has_ip`: an IPv4 header precedes it, as a raw socket receives it. */
const char *icmp_text(struct arena *a, const char *bytes, size_t length, bool has_ip);

/* ---- notation ---- */

const char *arg_text(struct making *m, const struct arg *arg); /* as written, variables by value */
const char *arg_value_text(struct making *m, const struct arg *arg); /* without its field's name */

/* ---- the rows' functions: make_socket() .. ---- */

#define CALL(name, number, returns, make, ...) void make_##make(struct making *m);
#include "harness/calls/call_rows.h"

#endif
