/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others ask of a run that has been judged, about one line or one event each: the judge's own
 * functions answer. Only `bless` asks, which writes what was observed into the script.
 *
 * An answer may bind a $name that is seen for the first time, in the judgement `out`. A caller that
 * only tries something then sets the number of variables back.
 */
#ifndef JUDGE_QUESTIONS_H
#define JUDGE_QUESTIONS_H

#include "harness/judge/judge.h"
#include "harness/judge/plain_ack.h"

struct trial;

struct judged {
	struct arena *arena;
	const struct run *run;
	const struct timeline *timeline;
	struct judgement *out;
	size_t done;
	struct trial *trial; /* the judge's own */
};

/*
 * `out`: its judgement, whose names the answers bind. `done` and `over` as for judge().
 */
struct judged judged_open(struct arena *a, const struct run *run, const struct timeline *t,
			  struct judgement *out, size_t done, bool over);

/* ---- whether something is as it is written ---- */

bool judged_value(struct judged *j, const struct value *written, int64_t seen);
bool judged_option(struct judged *j, const struct option_pattern *o, const struct segment *s);
bool judged_segment(struct judged *j, const struct segment_pattern *p, const struct segment *s);
bool judged_fate(const struct segment_pattern *p, const struct segment *s);
bool judged_result(struct judged *j, const struct result *r, const struct event *e);
bool judged_filled(struct judged *j, const struct arg *written, const struct arg *seen);
bool judged_timer(struct judged *j, size_t index, const struct event *e);

bool payload_matches(const struct segment_pattern *p, const struct packet *packet);
/* The number that a value comes to without being compared; false: not known. */
bool judged_known(const struct judged *j, const struct value *v, int64_t *number);
/* Whether the line asks for no more than that an acknowledgement comes so far. */
bool judged_asks_plain_ack(const struct judged *j, const struct line *line);

/* ---- what belongs to a line ---- */

/* The first event of that kind that line `index` has brought about, -1: none. */
int judged_event(const struct judged *j, enum event_kind kind, size_t index);
/* What shows that the line was begun, an action or a reading; NULL: it was not. */
const struct event *judged_beginning(const struct judged *j, size_t index);
/* The next one of any kind after `event`; the first one after -1. -1: there are no more. */
int judged_next_event(const struct judged *j, size_t index, int event);
/* The event of a segment: that it was sent, that it arrived; -1: none. */
int judged_sent(const struct judged *j, int segment);
int judged_arrived(const struct judged *j, int segment);
/* Whose it is: the first name of its connection, "?" of a stranger's; NULL: of none. */
const char *segment_connection(const struct timeline *t, const struct segment *segment);
/* The name under which all its names go: that of the first descriptor that took part. */
const char *canonical_name(const struct timeline *t, const char *name);
bool same_actor(const struct line *line, enum host host, const char *part);

/* ---- times ---- */

/* From where the gap before line `index` counts: gap_origin() of trial.h. */
bool judged_origin(const struct judged *j, size_t index, ns_t at, ns_t *from, ns_t *to);
/* Whether a gap can count from the event of such a line. */
bool line_is_origin(const struct line *line);
/* Between what bounds the time must lie for the gap to hold. */
void gap_bounds(const struct gap *gap, ns_t tick, ns_t *low, ns_t *high);
/* What was left of the timer at the moment that the line `index` is about. */
ns_t judged_timer_left(const struct judged *j, size_t index, const struct event *e);

#endif
