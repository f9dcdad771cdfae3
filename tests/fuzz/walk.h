/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An invented run: the walk down a script's lines, as the engine makes it, with a time line on
 * which each line happens as written, except where the input says otherwise.
 *
 * Before each line, and before each of its effects, bytes of the input are read: the first selects
 * another event at this place, the following bytes its details. 0 means no other event; so an input
 * that is only a script is a run that passes, as far as its lines describe it. Other events are
 * packets of any bytes, packets seen once more, faults that report other packets, calls that return
 * or fill in something else, deaths, signals, silences, delays.
 *
 * The time line gets them as from the capture, the fault logs and the actors.
 */
#ifndef FUZZ_WALK_H
#define FUZZ_WALK_H

#include "tests/fuzz/doings.h"

static inline void wait_gap(struct walk *w, size_t index)
{
	const struct gap *gap = &w->run->lines[index].gap;
	ns_t from;

	if (gap->present && judge_origin(w->run, &w->t, w->j, index, &from) &&
	    w->now < from + gap->min)
		w->now = from + gap->min;
}

static inline void walk_line(struct walk *w, size_t index)
{
	void (*doing)(struct walk *, size_t) = doings[w->run->lines[index].kind];

	if (!doing || !comes(w))
		return;
	wait_gap(w, index);
	doing(w, index);
	w->ask(w);
}

static inline bool is_begun_alone(const struct line *line)
{
	return line_role(line) == ROLE_ACTION || line_is_reading(line);
}

/* With `capture headers`, what has passed may be put on the time line later. */
static inline void event_moved(void *context, size_t to)
{
	struct walk *w = context;

	for (size_t i = 0; i < w->caller_count; i++)
		w->callers[i].call += w->callers[i].call >= (int)to;
	w->forget(w);
}

static inline void open_capture(struct walk *w)
{
	w->capture.arena = w->arena;
	w->capture.link_index[HOST_CLIENT] = HOST_CLIENT + 1;
	w->capture.link_index[HOST_SERVER] = HOST_SERVER + 1;
	if (!w->run->headers)
		return;
	w->capture.spool = fopen("/dev/null", "we");
	w->t.headers = true;
	w->t.moved = event_moved;
	w->t.moved_context = w;
}

static inline void close_capture(struct walk *w)
{
	if (w->capture.spool)
		fclose(w->capture.spool);
	w->capture.spool = NULL;
	arena_free(&w->capture.loose);
}

/* `w` has run, arena, input, ask, forget and a first judgement. */
static inline void walk_down(struct walk *w)
{
	const struct run *run = w->run;
	bool reckless = take_byte(&w->in) & 1; /* goes on where the engine would not */

	timeline_init(&w->t, w->arena);
	w->t.start = 1000 * NS_PER_S;
	w->now = w->t.start + NS_PER_MS;
	w->t.tick = 4 * NS_PER_MS;
	open_capture(w);
	w->ask(w);
	while (w->done < run->line_count && w->t.event_count <= MOST_EVENTS) {
		size_t i = w->done;

		if (w->j->diverged && !reckless)
			return;
		w->done = i + 1;
		walk_line(w, i);
		while (w->done < run->line_count && !is_begun_alone(&run->lines[w->done]))
			w->done++;
		for (size_t k = i + 1; k < w->done; k++)
			walk_line(w, k);
	}
}

#endif
