/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of a program in one failure: a row of the table of `try`.
 */
#ifndef TRY_MEASURE_H
#define TRY_MEASURE_H

#include <jansson.h>

#include "harness/judge/judge.h"

/* How it ended. */
enum outcome_kind {
	ENDED_NOT,     /* it has not; it was left alone after that time */
	ENDED_EXITED,  /* with `status` */
	ENDED_KILLED,  /* by `signal` */
	ENDED_CRASHED, /* its host has crashed, and it with it */
	OUTCOME_KINDS
};
extern const char *const outcome_names[OUTCOME_KINDS + 1]; /* ends with NULL */

/* The options of its last connection, as its own calls have set them. */
struct socket_options {
	bool is_known; /* it had a connection */
	bool keepalive;
	int64_t idle, interval, probes; /* of keepalive: s, s, number; 0: not set */
	int64_t user_timeout;		/* ms; 0: not set */
	bool receive_limit;		/* SO_RCVTIMEO */
	bool send_limit;		/* SO_SNDTIMEO */
};

struct measured {
	const char *whose;   /* client, server: the host of the program that this is about */
	bool is_needed;	     /* such a program has to come to an end */
	bool happened;	     /* the failure has; .. */
	const char *not_why; /* .. or why not */

	enum outcome_kind how;
	int status;
	const char *signal;
	ns_t end; /* from the failure, or if it has not happened from the program's start */

	/* The first call on a connection that got an error after the failure; or NULL. */
	const char *error; /* ECONNRESET; EOF: the peer's end, where the peer had more to say */
	const char *call;  /* recv */
	ns_t error_after;  /* from the failure */

	/* What it has tried again after the failure: further connections, .. */
	int64_t connections;
	int64_t bytes; /* .. and data that were sent on these, or that had been sent already */

	const char *in;	  /* the call in which it is, or was last before its end */
	bool is_in;	  /* .. it is */
	int64_t in_limit; /* .. and that one's own time limit in ms; -1: it has none */
	struct socket_options options;

	int64_t answer;	  /* so many bytes a scripted server answers; 0: none does */
	int64_t received; /* so many has the program read, of the fullest of its connections */

	bool is_unseen;	       /* it used io_uring */
	const char *other_way; /* the step of the script that came out otherwise; or NULL */
	const char *last;      /* the last line of its standard error; or NULL */
};

/* Pure. `last` is left open: it is not on the time line. */
struct measured measure(struct arena *a, const struct run *run, const struct timeline *t,
			const struct judgement *j);

/* From one process to another, and to the user. */
json_t *measured_json(const struct measured *m);
bool measured_read(struct arena *a, const json_t *json, struct measured *m);

#endif
