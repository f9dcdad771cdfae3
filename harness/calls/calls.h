/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that a script can make: one row each, in one table.
 *
 * A row (of call_rows.h) says what a call's arguments are, so that the checker can diagnose
 * them and the transcript can print them, and which system call its thread sleeps in. Names of
 * constants (SO_KEEPALIVE, POLLIN, EPIPE) are in constants.c, one table too.
 */
#ifndef CALLS_H
#define CALLS_H

#include "harness/ast/ast.h"
#include "harness/base/numbering.h"
#include "harness/calls/constants.h"
#include "harness/calls/structs.h"

enum arg_type {
	TYPE_END = 0,
	TYPE_DESCRIPTOR, /* a name bound before */
	TYPE_INT,
	TYPE_CONSTANT,	 /* one name, or names joined by |, of the parameter's group, or a number */
	TYPE_ADDRESS,	 /* server:8080 */
	TYPE_DATA,	 /* bytes to send: a string, or ... for as many as the length says */
	TYPE_BUFFER,	 /* bytes that are received: compared when a string is written */
	TYPE_OPTION_IN,	 /* value of an option: 1, {l_onoff=1, l_linger=0}, "bbr" */
	TYPE_OPTION_OUT, /* [ECONNREFUSED], [0], compared */
	TYPE_POLLFDS,	 /* [{fd=c, events=POLLIN}] */
	TYPE_ADDRESS_OUT, /* an address that is filled in: client:40000, ..., compared; NULL */
	TYPE_NUMBER_OUT,  /* [5], compared */
	TYPE_LENGTH,	  /* getsockopt's [16]: how much room there is */
	TYPE_LENGTH_OUT,  /* [16], compared; NULL */
	TYPE_NOTHING,	  /* NULL: nobody wants it */
	TYPE_OPTION,	  /* SO_KEEPALIVE: the option whose value the next argument is */
	TYPE_MESSAGE,	  /* {msg_iov=[{iov_base="d"}, {iov_base="ef"}]} */
	TYPE_MESSAGE_OUT, /* {msg_iov=[{iov_base="def", iov_len=10}], msg_flags=0}, compared */
	TYPE_SET,	  /* select's [l x], NULL */
	TYPE_STRUCT,	  /* {rlim_cur=5, rlim_max=5}, NULL: `structure` */
	TYPE_STRUCT_OUT,  /* likewise, compared */
	TYPE_SELF,	  /* 0: the process itself */
	TYPE_ONTO,	  /* dup2's second: a name, or 0, 1 or 2 */
	TYPE_NEW_PAIR,	  /* [r w]: two names that are given here */
	TYPE_PIECES,	  /* [{iov_base="d"}, {iov_base="ef"}] */
	TYPE_PIECES_OUT,  /* [{iov_base="def", iov_len=10}], compared */
	TYPE_EVENT,	  /* {events=EPOLLIN|EPOLLET, data=x} */
	TYPE_EVENTS_OUT,  /* [{events=EPOLLIN, data=x}], compared */
	TYPE_PROCESS,	  /* the name of one; -1 where that means any */
	TYPE_STATUS_OUT,  /* [{WEXITSTATUS=0}], NULL; compared */
	TYPE_ACTION,	  /* {sa_handler=handler, sa_mask=[SIGUSR1], sa_flags=SA_RESTART}, NULL */
	TYPE_ACTION_OUT,  /* likewise, compared */
	TYPE_SIGNALS,	  /* [SIGUSR1 SIGCHLD], NULL */
	TYPE_SIGNALS_OUT, /* likewise, compared */
};

#define MAX_LENGTH (64 << 20) /* of data, so that a mistake in a script does not use up memory */

enum call_returns {
	RETURNS_ZERO, /* 0 or -1 */
	RETURNS_COUNT,
	RETURNS_DESCRIPTOR, /* = NAME binds it */
	RETURNS_ACTOR,	    /* thread() = t2 */
	RETURNS_PROCESS,    /* wait() = kid: the number of one that has a name */
	RETURNS_NEVER,	    /* exit(0) = ? */
	RETURNS_HANDLER,    /* signal(..) = SIG_DFL */
};

struct call_param {
	const char *name;
	enum arg_type type;
	enum constant_group group;	    /* CONSTANT: which constants */
	const struct struct_row *structure; /* STRUCT */
	bool optional;			    /* may be left out at the end */
};

/* CALL_socket ..: call_rows.h has one row for each. */
enum call_id {
#define CALL(name, ...)	 CALL_##name,
#define LATER(name, ...) CALL_##name,
#include "harness/calls/call_rows.h"
	CALL_COUNT
};

struct call_row {
	enum call_id id;
	const char *name;
	long number; /* the system call that its thread sleeps in; -1: none */
	enum call_returns returns;
	struct call_param params[8]; /* and so shown_at() stays within them */
	const struct call_param
	    *full;     /* strace's longer form, when the second argument is a level; NULL: none */
	bool closes;   /* its first argument's name is closed when it returns 0 */
	bool connects; /* to the address that it is given, and so sends */
	bool accepts;  /* its result names a connection that exists already */
	bool signals;  /* sends the signal that is its argument */
	const char *later; /* known, but not yet made by this program: why */
};

extern const struct call_row call_table[]; /* ends with name NULL */
const struct call_row *call_find(const char *name);
const char *const *call_names(void); /* for nearest() */

/* Whether a call is written in its row's full form: setsockopt(x, SOL_SOCKET, SO_KEEPALIVE, [1],
 * 4). */
bool call_is_full(const struct call *call);
/* Whether it returns a new descriptor: fcntl(c, F_DUPFD, 0) does, its other commands do not. */
bool call_makes_descriptor(const struct call_row *row, const struct call *call);
/*
 * The parameter that argument `i` stands for, in the form in which the call is written; NULL: none.
 */
const struct call_param *call_param(const struct call *call, size_t i);
/* Whether it is given data to send. */
bool call_sends(const struct call *call);
/* The name of the descriptor that it is about, the first one among its arguments; NULL: none. */
const char *call_descriptor(const struct call *call);
/*
 * What a call shows beside its result and not in an argument (= 1 ([{fd=c, revents=POLLIN}]), = 2
 * (in [x], left {tv_sec=0, tv_usec=5})) is kept among the filled arguments: the first in the first
 * place, the others after the five that select has.
 */
#define SHOWN_COUNT 4
static inline size_t shown_at(size_t i)
{
	return i ? 4 + i : 0;
}

/* Whether arguments of that type are filled in by the kernel and compared with what is written. */
bool type_is_filled(enum arg_type type);
/*
 * What is written as argument `i` of a call about what the kernel fills in, or the first part of
 * it; NULL: nothing, only `...` or an input (how much to receive, NULL).
 */
const struct arg *call_expectation(const struct call *call, size_t i);

/*
 * Diagnose arguments that cannot be right: too many, too few, of the wrong kind, a constant
 * that does not exist or is of another group, an option that its level does not have. `variables`:
 * all $names that have a value there, without the $; or NULL.
 */
bool call_check(const struct call *call, const struct numbering *variables, struct diagnostics *c);
/*
 * The same for a call that is only observed: arguments may be left out, and descriptors may be
 * numbers.
 */
bool call_check_observed(const struct call *call, const struct numbering *variables,
			 struct diagnostics *c);
bool arg_is_null(const struct arg *arg); /* the word NULL */
/* The field of that name, or, if it has no name, at that place. */
const struct arg *arg_field(const struct arg *arg, enum field_id id, size_t position);
/* The argument of a call that is an address with this family written; NULL: none. */
const struct arg *call_family(const struct call *call, int64_t family);
/* After a result: = 0 (Timeout), as strace has it, which is about the result alone. */
bool arg_is_timeout(const struct arg *arg);

/* ---- seen against written ---- */

/* Whether the number `seen` is the written one. The caller provides it: it knows what $names are.
 */
typedef bool number_fn(void *context, const struct value *written, int64_t seen);

/*
 * Whether what was seen (in notation, parsed) is what was written: `...` matches anything, a
 * constant its number, a list item by item, a struct field by field (fields that are not written
 * are not compared). Numbers are compared by `number`; NULL: $names match any.
 */
bool arg_matches(const struct arg *written, const struct arg *seen, number_fn *number,
		 void *context);
/* The part of what was seen that differs: of a struct the fields that differ; NULL: nothing. */
struct arg *arg_difference(struct arena *a, const struct arg *written, const struct arg *seen,
			   number_fn *number, void *context);

#endif
