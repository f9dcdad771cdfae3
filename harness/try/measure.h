/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a program behaved in one failure: a row of the table of `try`. */
#ifndef TRY_MEASURE_H
#define TRY_MEASURE_H

#include <jansson.h>

#include "harness/judge/judge.h"

/* How it ended. */
enum outcome_kind {
	ENDED_NOT,     /* it has not ended; it was given up after that time */
	ENDED_EXITED,  /* with `status` */
	ENDED_KILLED,  /* by `signal` */
	ENDED_CRASHED, /* its host has crashed */
	OUTCOME_KINDS
};
extern const char *const outcome_names[OUTCOME_KINDS + 1]; /* ends with NULL */

struct measured {
	const char *whose;   /* client, server: the host of the program that is measured */
	bool is_needed;	     /* such a program must end */
	bool happened;	     /* the failure has happened; .. */
	const char *not_why; /* .. or why not */

	enum outcome_kind how;
	int status;
	const char *signal;
	bool left_early;      /* NOT, but it was not watched long enough to say that it hangs, .. */
	const char *left_why; /* .. for this reason; NULL: none, or not known */
	bool at_work;	      /* .. as it was still doing something: that is the reason */
	ns_t end;    /* from the failure; if that has not happened, from the program's start */
	ns_t waited; /* at most so much of that because the machine was busy */

	/* The first call on a connection that got an error after the failure; or NULL. */
	const char *error; /* ECONNRESET; EOF: the peer ended, although it had more to send */
	const char *call;  /* recv */
	ns_t error_after;  /* from the failure */

	/* What it has tried again after the failure: further connections, .. */
	int64_t connections;
	int64_t bytes; /* .. and data that were sent on these, or that had been sent before */

	const char *in;	  /* the call that it is in, or was last in before its end */
	bool is_in;	  /* .. it is still in that call */
	int64_t in_limit; /* .. and that call's own timeout in ms; -1: it has none */
	bool has_connected;
	bool has_options;	       /* those of its last connection are known */
	struct socket_options options; /* .. as the kernel had them at the end */

	int64_t answer;	  /* the bytes that a scripted server answers; 0: no server is scripted */
	int64_t received; /* the bytes that the program has read from the one of its connections
			     that brought most */

	bool is_unseen;	       /* it used io_uring */
	const char *other_way; /* the step of the script that came out differently; or NULL */
	const char *last;      /* the last line of its standard error; or NULL */
};

/* Pure; of the program of that host. `last` is not filled in: it is not on the time line. */
struct measured measure(struct arena *a, const struct run *run, const struct timeline *t,
			const struct judgement *j, enum host host);

/* For another process, and for the user. */
json_t *measured_json(const struct measured *m);
bool measured_read(struct arena *a, const json_t *json, struct measured *m);

#endif
