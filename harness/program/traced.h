/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of the program under test that are seen: one row each, in one table (traced.c).
 *
 * A row says what its arguments are, in the order in which they are shown. So the call can be
 * written like a call of a script. A program makes more kinds of calls than a script; if one has no
 * row in the table of calls, it has a name only.
 */
#ifndef TRACED_H
#define TRACED_H

#include "harness/calls/calls.h"
#include "harness/calls/constants.h"
#include "harness/calls/structs.h"

/* The descriptors that decide whether the call is about a socket of the lab. */
enum about {
	ABOUT_DOMAIN, /* it makes a socket, and argument 0 is its family */
	ABOUT_FIRST,  /* argument 0 */
	ABOUT_TWO,    /* argument 0 or 1 */
	ABOUT_ENDS,   /* argument 0 or 2: splice */
	ABOUT_LIST,   /* any one of a poll */
	ABOUT_SETS,   /* any one of a select */
	ABOUT_EPOLL,  /* argument 0, an epoll instance: any socket in it */
	ABOUT_NAMED,  /* argument 2, which is put into an epoll instance */
	ABOUT_RING,   /* io_uring: its operations are not seen */
	ABOUT_REST,   /* the rest of an interrupted call, which it resumes or leaves */
};

struct decoding;
struct shown;

/* Puts one argument into words. */
typedef void show_fn(struct decoding *d, const struct shown *s);

struct shown {
	show_fn *show;
	int at;				    /* its place among the system call's arguments */
	enum constant_group group;	    /* of its constants */
	const struct struct_row *structure; /* what it points to */
	const char *set;		    /* the name of a set beside the result */
};

#define TRACED_ARGS 7

struct traced {
	long number;	  /* of the system call */
	const char *name; /* of the call in a script, or as strace has it */
	const char *bare; /* its name when argument `optional` is NULL: recvfrom() is recv() then */
	int optional;	  /* .. then neither this argument nor later ones are shown */
	enum about about;
	bool any;   /* it is for all kinds of files: seen only when there is a socket (widen.c) */
	bool waits; /* .. and 0 means that it was in vain */
	bool connects, sends, accepts, makes; /* makes: its result is a new descriptor */
	bool receives;			      /* .. data */
	struct shown args[TRACED_ARGS + 1];
};

extern const struct traced traced_table[];
extern const size_t traced_count;

const struct traced *traced_find(long number); /* NULL: it is not traced */

#endif
