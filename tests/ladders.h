/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold for the ladder diagram of any run: each event is in it, or counted where rows are
 * left out; no text or arrow overlaps another, or is cut off.
 */
#ifndef TESTS_LADDERS_H
#define TESTS_LADDERS_H

#include <string.h>

#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"

static inline bool ladder_shows(const struct timeline *t, const struct event *e)
{
	switch (e->kind) {
	case EVENT_CALL: /* else its return has it */
		return e->blocked || e->abandoned;
	case EVENT_ARRIVED:
		return t->segments[e->segment].to < LAB_HOSTS;
	case EVENT_RETURN:
	case EVENT_SENT:
	case EVENT_SIGNAL:
	case EVENT_DEATH:
	case EVENT_ACTION:
	case EVENT_READING:
		return true;
	default:
		return false;
	}
}

static inline const char *events_missing(struct arena *a, const struct timeline *t,
					 const struct ladder *ladder)
{
	size_t due = 0, given = 0;

	for (size_t i = 0; i < t->event_count; i++)
		due += ladder_shows(t, &t->events[i]);
	for (size_t i = 0; i < ladder->count; i++)
		given += ladder->rungs[i].events;
	if (due == given)
		return NULL;
	return arena_printf(a, "the ladder has %zu events, the time line %zu", given, due);
}

/* Each column is taken at most once; a text in its arrow's middle takes that part of the arrow. */
static inline bool take(bool *taken, int from, int to)
{
	for (int i = from; i < to; i++) {
		if (i < 0 || i >= LADDER_COLUMNS || taken[i])
			return false;
		taken[i] = true;
	}
	return true;
}

static inline bool label_fits(bool *taken, const struct ladder_label *label)
{
	return !label->text || take(taken, label->column, label->column + shown_width(label->text));
}

/* Nor does it touch a life line. */
static inline bool labels_are_sound(const struct ladder_layout *l, const struct ladder_line *line)
{
	bool taken[LADDER_COLUMNS] = {false};
	int left = line->from < line->to ? line->from : line->to;
	int right = line->from < line->to ? line->to : line->from;

	if (line->time)
		take(taken, 0, LADDER_TIME);
	if (line->has_flight)
		take(taken, left, right + 1);
	for (int h = 0; h < LAB_HOSTS; h++)
		taken[l->line[h]] = true;
	if (line->text)
		for (int i = line->column; i < line->column + shown_width(line->text); i++)
			taken[i] = true;
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!label_fits(taken, &line->states[h]) || !label_fits(taken, &line->timers[h]) ||
		    (line->spans[h] && !take(taken, span_column(l, h), span_column(l, h) + 1)))
			return false;
	return true;
}

static inline bool line_is_sound(const struct ladder_layout *l, const struct ladder_line *line)
{
	int end = line->text ? line->column + shown_width(line->text) : 0;
	bool beside = line->text && line->rung->kind != RUNG_FLIGHT &&
		      line->rung->host != HOST_ROUTER && line->rung->kind != RUNG_WAIT &&
		      line->rung->kind != RUNG_LEFT_OUT;
	bool taken[LADDER_COLUMNS] = {false};
	int left, right;

	if (line->time && !take(taken, 0, shown_width(line->time) + 1))
		return false;
	if (beside) /* nor does it touch a life line */
		for (int h = 0; h < LAB_HOSTS; h++)
			taken[l->line[h]] = true;
	if (line->text && !take(taken, line->column, end))
		return false;
	if (!line->has_flight)
		return true;
	/* The arrow goes on at both sides of its label. */
	left = line->from < line->to ? line->from : line->to;
	right = line->from < line->to ? line->to : line->from;
	if (line->text)
		return take(taken, left, line->column) && take(taken, end, right + 1) &&
		       left < line->column - 1 && end < right;
	return take(taken, left, right + 1);
}

static inline const char *lines_unsound(struct arena *a, const struct ladder_layout *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (!line_is_sound(l, &l->lines[i]) || !labels_are_sound(l, &l->lines[i]))
			return arena_printf(a,
					    "line %zu of the ladder is cut off, or overlaps: '%s'",
					    i, l->lines[i].text ? l->lines[i].text : "an arrow");
	return NULL;
}

/* All texts of a rung together are its text, but for the blanks at which it was broken. */
static inline const char *texts_missing(struct arena *a, const struct ladder *ladder,
					const struct ladder_layout *l)
{
	for (size_t i = 0, k = 0; i < ladder->count; i++) {
		const char *rest = ladder->rungs[i].text;

		for (; k < l->count && l->lines[k].rung == &ladder->rungs[i]; k++) {
			const char *text = l->lines[k].text;

			if (!text)
				continue;
			rest += strspn(rest, " ");
			text += strspn(text, " ");
			if (strncmp(rest, text, strlen(text)) != 0)
				break;
			rest += strlen(text);
		}
		if (*rest)
			return arena_printf(a, "not all of '%s' is in the ladder",
					    ladder->rungs[i].text);
	}
	return NULL;
}

/* What a reading of a socket says is what was known of it before, if anything was. */
static inline const char *state_wrong(struct arena *a, const struct observation *o,
				      const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->reading_count; i++) {
		const struct ladder_reading *r = &ladder->readings[i];

		if (r->expected != SS_UNKNOWN && r->expected != r->seen)
			return arena_printf(a, "line %d: the ladder has %s in %s, ss says %s",
					    o->run->lines[r->event->line].place.line,
					    r->event->descriptor, ss_state_names[r->expected],
					    ss_state_names[r->seen]);
	}
	return NULL;
}

/* NULL: it is sound. */
static inline const char *ladder_unsound(struct arena *a, const struct observation *o)
{
	struct ladder ladder;
	struct ladder_layout layout;
	const char *problem;

	ladder_make(a, o, &ladder);
	problem = events_missing(a, &o->timeline, &ladder);
	ladder_lay_out(a, &ladder, &layout);
	if (!problem)
		problem = state_wrong(a, o, &ladder);
	if (!problem)
		problem = texts_missing(a, &ladder, &layout);
	return problem ? problem : lines_unsound(a, &layout);
}

#endif
