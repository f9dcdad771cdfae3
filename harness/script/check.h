/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checker's files share: what is known about names, actors and connections at the line
 * that is being checked, in one pass down the run.
 */
#ifndef SCRIPT_CHECK_H
#define SCRIPT_CHECK_H

#include "harness/base/numbering.h"
#include "harness/calls/calls.h"
#include "harness/packet/hosts.h"
#include "harness/script/labels.h"
#include "harness/script/script.h"

enum name_kind {
	NAME_DESCRIPTOR,
	NAME_ACTOR, /* a thread or process: kid in wait4(kid, ...) */
	NAME_TAG,   /* a connection that a forged packet began */
	NAME_WRONG, /* diagnosed once; anything is accepted */
};

struct name {
	const char *name;
	enum name_kind kind;
	enum host host;
	struct place bound_at;
	bool is_connection, is_listener;
	bool is_local;	  /* a connection of its host with itself */
	bool is_flow;	  /* what a socket without connections sends */
	bool is_datagram; /* a flow, and never a connection with an end at another host */
	bool is_unix;	  /* a socket of AF_UNIX */
	bool is_icmp;	  /* a flow of pings, which ss does not show */
	enum host peer;	  /* TAG: for whom that packet was */
	size_t said;	  /* so many bytes of the answer, or the question, by `.next` */
	int *holders;	  /* processes in which it is open */
	size_t holder_count;
};

/* A thread that makes calls. Threads of one process share its descriptors. */
struct check_actor {
	enum host host;
	const char *part; /* NULL: the host's main thread */
	int process;
	bool is_thread;		    /* of a process that another actor is the first thread of */
	bool gone;		    /* its process has ended */
	bool crashed;		    /* with its host */
	const struct line *blocked; /* the call that it was left in */
};

struct checker {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct run *run;
	struct name *names;
	size_t name_count;
	struct numbering name_numbers; /* where each is in there */
	struct check_actor *actors;
	size_t actor_count;
	int process_count;
	/* Whose packets the next packet line is about; if there are several, it must have a tag. */
	const char **current;
	size_t current_count;
	const char *flow[LAB_HOSTS]; /* of each host: that of its nearest call above, NULL: none */
	struct numbering bound;	     /* $names that an observation above has bound */
	struct numbering known;	     /* .. and parameters */
	struct labels labels;
	struct numbering columns; /* of the table */
	/* The line that started the program that each host has; NULL: its calls are the script's.
	 */
	const struct line *program[LAB_HOSTS];
	bool started[LAB_HOSTS];    /* there was one */
	struct content answer, ask; /* of content.c; NULL: not yet needed */
};

/* ---- the kinds of lines: check_call_line() .. ---- */

#define LINE(kind, word, role, by, parse, copy, check, ...)                                        \
	void check_##check##_line(struct checker *k, struct line *line);
#include "harness/ast/line_rows.h"

/* ---- check_words.c: words with a fixed meaning ---- */

/* A host that is a machine, not only an address. HOST_NONE: diagnosed. */
enum host check_host(struct checker *k, const char *name, struct place at);
/*
 * The host of a name, which is a host's or an address's; `loopback`: localhost is allowed, too.
 * HOST_NONE: diagnosed, or localhost.
 */
enum host check_address(struct checker *k, const char *name, struct place at, bool loopback);
void check_errno(struct checker *k, const char *name, struct place at);
void check_signal(struct checker *k, const char *name, struct place at);
/* These two: false, diagnosed. */
bool check_icmp(struct checker *k, const char *word, struct place at);
/* The same of one by its numbers; `row`: what they mean, NULL: one is not known. */
bool check_icmp_number(struct checker *k, const struct icmp_number *number,
		       const struct icmp_row *row);
bool check_reject_with(struct checker *k, const char *word, struct place at);
void check_state(struct checker *k, const char *state, struct place at);
void check_process_state(struct checker *k, const char *state, struct place at);
void check_timer(struct checker *k, const char *name, struct place at);
void check_counter(struct checker *k, const char *name, struct place at);
void check_sysctl(struct checker *k, const char *name, struct place at);

/* "; did you mean X?", or what `otherwise` says. */
const char *check_meant(struct checker *k, const char *word, const char *const *words,
			const char *otherwise);

/* ---- check_names.c: descriptors, actors, variables, labels ---- */

struct name *name_find(struct checker *k, const char *name);
/* A name that must exist; else diagnosed, but only once for each name. */
struct name *name_need(struct checker *k, const char *name, struct place at);
/* The result of a call: a new descriptor in that actor's process. NULL: diagnosed. */
struct name *name_bind(struct checker *k, const char *name, struct place at,
		       const struct check_actor *actor);
struct name *name_add(struct checker *k, const char *name, struct place at, enum name_kind kind,
		      enum host host);
bool name_is_open(const struct name *n, int process);
void name_close(struct name *n, int process);

/* The actor of a line, complaining when there is none; NULL then. */
struct check_actor *actor_need(struct checker *k, const struct actor *a);
/* "server", "server.kid" */
const char *actor_name(struct checker *k, const struct check_actor *a);
/* thread() and fork(): a new one beside `parent`, or with a copy of its descriptors. */
void actor_add(struct checker *k, const char *part, struct place at,
	       const struct check_actor *parent, bool own_process);
void process_end(struct checker *k, int process);
/* The name of a process of that host, whether it lives or not; else diagnosed. */
void process_need(struct checker *k, const char *name, struct place at, enum host host);
void host_crash(struct checker *k, enum host host);
void host_boot(struct checker *k, enum host host);
bool host_is_down(struct checker *k, enum host host);
/* From here on the host's calls are those of a program. */
void program_begin(struct checker *k, enum host host);

/* An observation: a $name that is not bound is bound by it. */
void value_see(struct checker *k, const struct value *v);
/* At the beginning: parameters have a value. */
void variables_begin(struct checker *k);
/* Whether $name has a value here: it is bound above, or a parameter. */
bool variable_exists(const struct checker *k, const char *name);
/* An action: every $name must be bound. */
void value_need(struct checker *k, const struct value *v);

/* ---- check_call.c, check_result.c: calls ---- */

/* One call line that is being looked at. */
struct subject {
	struct checker *k;
	struct line *line;
	const struct call *call;
	const struct call_row *row; /* NULL: no such call */
	struct check_actor *actor;
	bool entering; /* else it returns */
	bool observes; /* it is a program's */
	/* Connections among its descriptors: all of a list's, else the first one. */
	const char **connections;
	size_t connection_count;
};

bool arg_is_name(const struct arg *arg);
/* Descriptors and $names within a list or a struct. */
void check_nested(struct subject *s, const struct arg *arg, bool is_item, bool is_seen);
/* The name that is its first argument, or NULL. */
struct name *first_name(const struct subject *s);
/* check_filled.c: nothing is expected to be filled in where nothing can be. */
void check_filled(struct subject *s);
/* For the line in which a call returns: it must not contradict what the call was given. */
void check_given_again(struct subject *s, const struct line *blocked);
void check_result(struct subject *s);
void apply_effects(struct subject *s);

/* ---- check_packet.c ---- */

/* From here on packet lines are about these connections. */
void current_set(struct checker *k, const char **names, size_t count);
void current_set_one(struct checker *k, const char *name);
/* The words of a segment, and each value in it. */
void check_segment(struct checker *k, const struct segment_pattern *s);
/* Values of packets that are expected bind $names; those of packets that we make must be known. */
void check_values(struct checker *k, const struct segment_pattern *s,
		  void (*check)(struct checker *, const struct value *));
/*
 * The connection of a line about a packet of `who`. NULL: there is none, or it cannot be told;
 * diagnoses that if a connection is `needed`.
 */
const char *find_connection(struct checker *k, const struct actor *who, bool needed);

/* Check that a number, if it is known by now, lies in these bounds; `what`: its name. */
void check_limit(struct checker *k, const struct value *v, int64_t least, int64_t most,
		 const char *what);
/* Check that numbers can be TCP's, and that both ends and the length of data agree. */
void check_numbers(struct checker *k, const struct segment_pattern *s);

/* ---- check_program.c ---- */

/* The name of all connections of programs, which begins to exist here. */
struct name *program_connections(struct checker *k, struct place at);
/* These three: false, complained. Whether such a call of a program can be observed. */
bool program_is_seen(struct checker *k, const struct call *call);
/* Whether it can be a task of a program. */
bool program_task(struct checker *k, const struct actor *a);
/* Whether no program has that host, where that makes it impossible. */
bool program_is_whole(struct checker *k, const struct actor *a, const char *what);
/* At the end: whether each program has an end. */
void check_programs(struct checker *k);

/* ---- content.c ---- */

/* Puts the bytes that `answer` and `ask` mean into a call that sends. */
void content_put(struct checker *k, const struct call *call);

/* ---- check_fault.c ---- */

/* Check that each number of it, as far as it is known, is possible. */
void check_fault_numbers(struct checker *k, const struct fault *f);

/* ---- check_forge.c ---- */

/* Check that each number of it, as far as it is known, fits into a segment. */
void check_forge_numbers(struct checker *k, const struct segment_pattern *s);

#endif
