/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run on two kernels, for `diff --deep`. Its parts, each for one kind of record: pair.c (what
 * belongs together), steps.c (counters and sockets), packets.c, calls.c.
 */
#ifndef DIFF_PAIR_H
#define DIFF_PAIR_H

#include "harness/diff/deep_values.h"
#include "harness/diff/kinds.h"
#include "harness/diff/lines.h"

#define DRAWN_PORTS 32768 /* from here on they are the kernel's choice (ip_local_port_range) */

/* A run on one of the two. */
struct half {
	const json_t *run;
	struct lines lines;
	const char **roles; /* of its connections: the name of each on both kernels */
	size_t role_count;
	/* For each line its event, NULL: none. */
	const json_t **calls, **returns, **actions;
	ns_t until; /* later events are not compared: the other run did not get so far */
};

/* A step that both have reached. */
struct step_pair {
	const json_t *old, *new;
	size_t old_index, new_index;
	int line; /* of the old one; -1: before the first action */
};

struct pair {
	struct arena *arena;
	struct kinds *kinds;
	struct half old, new;
	int *lines; /* for each of old.lines its counterpart */
	struct step_pair *steps;
	size_t step_count;
	bool whole;    /* both reached their end */
	json_t *loose; /* by the roles of connections: see struct latitude */
	ns_t tick;
	json_t *only; /* things that only one of the kernels has: names, each with old or new */
};

/*
 * Compare two records (result.json of runs with --record); differences go to `kinds`, whose
 * `scenario` and `run` identify the run, names of things that only one of the kernels has to
 * `only`.
 */
void pair_compare(struct kinds *kinds, json_t *only, const json_t *old, const json_t *new);

/* ---- of the parts ---- */

/*
 * The name of the connection with that index on both kernels; the same for a socket of `host` with
 * these ports, or another description of it.
 */
const char *role_of(const struct half *half, const json_t *connection);
const char *role_of_socket(struct pair *p, const struct half *half, const char *host,
			   const json_t *socket);
/* How closely times of a connection can be compared. */
struct latitude latitude_of(const struct pair *p, const char *role);
/* A place: of a line of the old run, with its host (NULL: that is clear). */
struct spot place_of(struct pair *p, int line, const char *whose);
/* The difference of two values of that field. */
void differ(struct pair *p, const char *what, const struct field *field, const json_t *old,
	    const json_t *new, struct spot place);

void find_loose(struct pair *p); /* comes first */
void compare_counters(struct pair *p);
void compare_sockets(struct pair *p);
void compare_packets(struct pair *p);
void compare_calls(struct pair *p);

#endif
