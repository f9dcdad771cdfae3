/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of the program under test that are seen: one row each, in one table (traced.c).
 *
 * A row says what its arguments are, in the order in which they are shown, so that the call can be
 * written like one of a script. A program makes more kinds of calls than a script; those that
 * have no row in the table of calls have a name only.
 */
#ifndef TRACED_H
#define TRACED_H

#include "harness/calls/calls.h"
#include "harness/calls/constants.h"
#include "harness/calls/structs.h"

/* Which descriptors decide whether the call is about a socket of ours. */
enum about {
	ABOUT_DOMAIN, /* it makes a socket: argument 0 says of which family */
	ABOUT_FIRST,  /* argument 0 */
	ABOUT_TWO,    /* argument 0 or 1 */
	ABOUT_ENDS,   /* argument 0 or 2: splice */
	ABOUT_LIST,   /* any of a poll's */
	ABOUT_SETS,   /* any of a select's */
	ABOUT_EPOLL,  /* argument 0 is an epoll instance: it waits for any */
	ABOUT_NAMED,  /* argument 2 is put into one */
	ABOUT_RING,   /* io_uring: what is done with it is not seen */
	ABOUT_REST,   /* of an interrupted call, which it resumes or leaves */
};

struct decoding;
struct shown;

/* Puts one argument into words. */
typedef void show_fn(struct decoding *d, const struct shown *s);

struct shown {
	show_fn *show;
	int at;				    /* its place among the system call's */
	enum constant_group group;	    /* of its constants */
	const struct struct_row *structure; /* what it points to */
	const char *set;		    /* how a set is called beside the result */
};

#define TRACED_ARGS 7

struct traced {
	long number;	  /* of the system call */
	const char *name; /* the call as a script has it, or as strace has it */
	const char *bare; /* its name when argument `optional` is NULL: recvfrom() is recv() then */
	int optional;	  /* .. which is not shown then, nor is any behind it */
	enum about about;
	bool any;   /* it is made about all kinds of files: seen once there is a socket (widen.c) */
	bool waits; /* .. and 0 means that nothing has come of it */
	bool connects, sends, accepts, makes; /* makes: its result is a new descriptor */
	struct shown args[TRACED_ARGS + 1];
};

extern const struct traced traced_table[];
extern const size_t traced_count;

const struct traced *traced_find(long number); /* NULL: it is not traced */

#endif
