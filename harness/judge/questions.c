/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge's functions, for those who do not see a struct trial. */
#include "harness/judge/trial.h"

struct judged judged_open(struct arena *a, const struct run *run, const struct timeline *t,
			  struct judgement *out, size_t done, bool over)
{
	struct judged j = {a, run, t, out, done, arena_new(a, struct trial)};

	*j.trial = (struct trial){
	    .arena = a, .run = run, .timeline = t, .out = out, .done = done, .over = over};
	lookup_all(j.trial);
	return j;
}

bool judged_value(struct judged *j, const struct value *written, int64_t seen)
{
	return value_matches(j->trial, written, seen);
}

bool judged_option(struct judged *j, const struct option_pattern *o, const struct segment *s)
{
	return option_matches(j->trial, o, s);
}

bool judged_segment(struct judged *j, const struct segment_pattern *p, const struct segment *s)
{
	return segment_matches(j->trial, p, s);
}

bool judged_fate(const struct segment_pattern *p, const struct segment *s)
{
	return fate_matches(p, s) == FATE_YES;
}

bool judged_result(struct judged *j, const struct result *r, const struct event *e)
{
	return result_matches(j->trial, r, e);
}

bool judged_filled(struct judged *j, const struct arg *written, const struct arg *seen)
{
	return filled_matches(j->trial, written, seen);
}

bool judged_timer(struct judged *j, size_t index, const struct event *e)
{
	return timer_matches(j->trial, index, e);
}

bool judged_known(const struct judged *j, const struct value *v, int64_t *number)
{
	return value_known(j->trial, v, number);
}

bool judged_asks_plain_ack(const struct judged *j, const struct line *line)
{
	return line_asks_plain_ack(j->trial, line);
}

int judged_event(const struct judged *j, enum event_kind kind, size_t index)
{
	return lookup_event(j->trial, kind, index);
}

const struct event *judged_beginning(const struct judged *j, size_t index)
{
	return line_beginning(j->trial, index);
}

int judged_next_event(const struct judged *j, size_t index, int event)
{
	const struct lookup *l = &j->trial->lookup;

	return event < 0 ? l->first[index] : l->next[event];
}

int judged_sent(const struct judged *j, int segment)
{
	return j->trial->lookup.sent[segment];
}

int judged_arrived(const struct judged *j, int segment)
{
	return j->trial->lookup.arrived[segment];
}

bool judged_origin(const struct judged *j, size_t index, ns_t at, ns_t *from, ns_t *to)
{
	return gap_origin(j->trial, index, at, from, to);
}

ns_t judged_timer_left(const struct judged *j, size_t index, const struct event *e)
{
	return timer_left_then(j->trial, index, e);
}
