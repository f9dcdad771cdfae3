/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: the written one is asserted where the kernel has one, in each lane.
 *
 * A lane is one thread, or one end of one connection, or a host's packets that are of none. A call
 * lies in its thread's lane and in that of the connection end whose descriptor it names; a signal
 * in its thread's, a death in that of its process's first thread; a segment in its sender's end, at
 * sending, and in its receiver's end, at arrival (a forged one only there); a packet of no
 * connection (a neighbour request) likewise in a lane of its hosts; a reading in all lanes of its
 * host; `quiet` in all. Two lines that share a lane must have happened as written (Lamport's order,
 * read off the page), with the exceptions that lanes.c names; two that do not are unordered.
 *
 * Two packets are compared by the capture's order, which is total and right also where time stamps
 * are equal; everything else by its interval, and only what certainly happened the other way round
 * is an error.
 */
#include <string.h>

#include "harness/judge/lanes.h"
#include "harness/judge/trial.h"

#include "harness/notation.h"

/* Lines that may lie in a lane, in their order. */
struct candidates {
	size_t *list, count;
};

struct order {
	struct trial *t;
	struct candidates *of_group; /* packets and calls */
	struct candidates readings;
};

static const char *what_happened(struct trial *t, size_t index)
{
	int event = t->out->lines[index].event;

	return event < 0 ? line_text(t->arena, &t->run->lines[index])
			 : event_text(t->arena, t->timeline, &t->timeline->events[event]);
}

/* The line `index` happened before the line `above`, under which it is written. */
static void add_inversion(struct trial *t, size_t above, size_t index)
{
	bool asked_too_long = line_is_reading(&t->run->lines[above]);
	const char *first = line_text(t->arena, &t->run->lines[above]);
	const char *second = line_text(t->arena, &t->run->lines[index]);
	const char *came = what_happened(t, index);
	int event = t->out->lines[index].event;

	/* A reading was as written only when the script had already gone on: it is the one that is
	 * wrong. */
	if (asked_too_long)
		problem_timing(t, above, event,
			       arena_printf(t->arena, "%s before %s", first, second),
			       arena_printf(t->arena, "it only after %s", came));
	else
		problem_timing(t, index, event,
			       arena_printf(t->arena, "%s after %s", second, first),
			       arena_printf(t->arena, "it before that: %s", came));
}

/* What has been placed in a lane so far. */
struct placed {
	struct position *list;
	size_t count;
	struct marks marks;
};

/* False: what is written at `p` came before something above it. */
static bool add_to_lane(const struct order *o, struct placed *above, const struct position *p)
{
	for (size_t k = 0; marks_forbid(&above->marks, p) && k < above->count; k++)
		if (is_inverted(&above->list[k], p)) {
			add_inversion(o->t, above->list[k].line, p->line);
			return false;
		}
	above->list[above->count++] = *p;
	marks_add(&above->marks, p);
	return true;
}

/* The lines of `a` and those of `b`, in the script's order. */
static void judge_lane(const struct order *o, const struct lane *lane, const struct candidates *a,
		       const struct candidates *b)
{
	struct placed above = {0};
	struct position p;
	size_t i = 0, k = 0;

	above.list = arena_alloc(o->t->arena, (a->count + b->count + 1) * sizeof(*above.list));
	while (i < a->count || k < b->count) {
		bool take_a = k == b->count || (i < a->count && a->list[i] < b->list[k]);
		size_t index = take_a ? a->list[i++] : b->list[k++];

		if (lane_place(o->t, index, lane, &p) && !add_to_lane(o, &above, &p))
			return;
	}
}

/* ---- all lanes ---- */

static void add_candidate(struct trial *t, struct candidates *to, size_t index)
{
	*arena_push(t->arena, to->list, to->count) = index;
}

static void gather(struct order *o)
{
	struct trial *t = o->t;

	o->of_group = arena_alloc(t->arena, t->lookup.group_count * sizeof(*o->of_group));
	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];
		int group = t->lookup.of_line[i], by_call = t->of_call[i];
		int segment = t->out->lines[i].segment;

		if (line_is_reading(line))
			add_candidate(t, &o->readings, i);
		else if (segment >= 0 && group >= GROUP_NONE)
			add_candidate(t, &o->of_group[group], i);
		else if (segment < 0 && by_call > GROUP_NONE)
			add_candidate(t, &o->of_group[by_call], i);
	}
}

static void judge_group(const struct order *o, enum host host, int group)
{
	const struct lane lane = {.host = host};

	judge_lane(o, &lane, &o->of_group[group], &o->readings);
}

/* Both ends of a connection have a lane. Whoever a flow reaches may answer, by an ICMP error. */
static void judge_connections(const struct order *o)
{
	const struct trial *t = o->t;
	bool *done = arena_alloc(t->arena, t->lookup.group_count * HOST_COUNT);

	for (size_t i = 0; i < t->timeline->connection_count; i++) {
		const struct connection *c = &t->timeline->connections[i];
		int group = t->lookup.of_connection[i];

		for (int h = 0; h < HOST_COUNT && group >= GROUP_FIRST; h++) {
			bool *did = &done[(size_t)group * HOST_COUNT + (size_t)h];
			bool has = c->kind == PACKET_TCP ? connection_end(c, (enum host)h) >= 0
							 : h < LAB_HOSTS;

			if (has && !*did)
				judge_group(o, (enum host)h, group);
			*did = *did || has;
		}
	}
}

/* Each thread that makes calls has a lane. */
static void judge_threads(const struct order *o)
{
	const struct run *run = o->t->run;
	const struct candidates none = {0};
	struct candidates all = {0};
	struct lane *lanes = NULL;
	size_t count = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		size_t k = 0;

		add_candidate(o->t, &all, i);
		if (line->kind != LINE_CALL)
			continue;
		while (k < count && !same_actor(line, lanes[k].host, lanes[k].part))
			k++;
		if (k == count)
			*arena_push(o->t->arena, lanes, count) =
			    (struct lane){.host = host_find(line->actor.host),
					  .is_thread = true,
					  .part = line->actor.part};
	}
	for (size_t i = 0; i < count; i++)
		judge_lane(o, &lanes[i], &all, &none);
}

void judge_order(struct trial *t)
{
	struct order o = {.t = t};

	gather(&o);
	for (int h = 0; h < LAB_HOSTS; h++)
		judge_group(&o, (enum host)h, GROUP_NONE);
	judge_connections(&o);
	judge_threads(&o);
}
