/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the judge share while they judge one run: see judge.c for how they fit
 * together.
 */
#ifndef JUDGE_TRIAL_H
#define JUDGE_TRIAL_H

#include "harness/judge.h"

struct trial {
	struct arena *arena;
	const struct run *run;
	const struct timeline *timeline;
	size_t done;
	bool over;
	bool unbound; /* a value could not be compared: set by value_matches */
	struct mismatch {
		const char *connection;
		int event;
		int line; /* that wanted another segment; -1: no line wants any */
	} * mismatches;
	size_t mismatch_count;
	struct judgement *out; /* its variables: calls bind first, then packets, then readings */
};

/* ---- trial.c: lines, names, problems ---- */

/* The line `index` is met by `event` (and `segment`), both -1 where there is none. */
void line_met(struct trial *t, size_t index, int event, int segment, ns_t from, ns_t to);

/* The line is not met, and never will be; `came` in notation, event -1 if nothing came. */
struct problem *problem_add(struct trial *t, size_t line, int event, const char *came);

/* A packet came that no line asks for: named after the first unmet line about that connection. */
void problem_unasked(struct trial *t, const char *connection, int event, const char *came);
/* Something came that no line asks for, during or after the line `index`, which is met. */
void problem_after(struct trial *t, size_t index, int event, const char *came);

/*
 * The name under which all names of a connection go: that of the first descriptor that took part.
 */
const char *canonical_name(const struct timeline *t, const char *name);

/* The index of the open call that the resume line `index` speaks of; -1: none. */
int resumed_call(const struct run *run, size_t index);
/* The index of the line that resumes the open call `index`; -1: none. */
int resuming_line(const struct run *run, size_t index);

/* The event of that segment's sending. */
int sent_event(const struct timeline *t, size_t segment_index);

/*
 * Whether the line is about a datagram and the connection is a flow. Then the line may have been
 * meant for that one's datagram: whose flow a line is about depends on who is written to send.
 */
bool both_datagrams(const struct trial *t, const struct line *line, const char *connection);

bool same_actor(const struct line *line, enum host host, const char *part);
const char *line_text(struct arena *a, const struct line *line);

/* ---- values.c ---- */

/* Whether a number is what is written; binds a variable that is seen for the first time. */
bool value_matches(struct trial *t, const struct value *written, int64_t seen);
/* The number that a value comes to without matching; false: not known (yet). */
bool value_known(const struct trial *t, const struct value *v, int64_t *number);

/* ---- the judge's parts, in the order in which they run ---- */

void judge_calls(struct trial *t);    /* calls.c: results, blocking, signals, deaths */
void judge_forged(struct trial *t);   /* forged.c: what was forged has come to its host */
void judge_packets(struct trial *t);  /* packets.c: each direction of each connection */
void judge_readings(struct trial *t); /* readings.c: ss, nstat, quiet */
void judge_order(struct trial *t);    /* order.c: lanes */
void judge_gaps(struct trial *t);     /* gaps.c: times */
void judge_senders(struct trial *t);  /* packets.c: whether a problem is one of direction */

/* ---- match.c ---- */

/* Whether a segment is what a line says, but for its fate. */
bool segment_matches(struct trial *t, const struct segment_pattern *p, const struct segment *s);

enum fate_match { FATE_NO, FATE_YES, FATE_OPEN };
enum fate_match fate_matches(const struct segment_pattern *p, const struct segment *s);

/* ---- gaps.c ---- */

/*
 * From where the gap before line `index` counts: the interval [from, to] of possible origins. False
 * when nothing above has happened.
 */
bool gap_origin(const struct trial *t, size_t index, ns_t *from, ns_t *to);

#endif
