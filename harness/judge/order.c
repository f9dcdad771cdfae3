/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: in each lane, where the kernel has an order, the written one is asserted.
 *
 * A lane is one thread, or one end of one connection, or a host's packets of no connection. A call
 * lies in its thread's lane and in that of the connection end whose descriptor it names; a signal
 * in its thread's, a death in that of its process's first thread; a segment in its sender's end, at
 * sending, and in its receiver's end, at arrival (a forged one only there); a packet of no
 * connection (a neighbour request) likewise in a lane of its hosts; a reading in all lanes of its
 * host; `quiet` in all. Two lines that share a lane must have happened as written (Lamport's order,
 * read off the page), with the exceptions that lanes.c names; two lines that share none are
 * unordered.
 *
 * Two packets are compared by the capture's order, which is total and right also where time stamps
 * are equal; everything else by its interval, and only what certainly happened the other way round
 * is an error.
 */
#include <string.h>

#include "harness/judge/lanes.h"
#include "harness/judge/trial.h"

#include "harness/script/script.h"
#include "harness/timeline/notation.h"

/* Lines that may lie in a lane, in their order. */
struct candidates {
	size_t *list, count;
};

struct order {
	struct trial *t;
	struct candidates *of_group; /* packets and calls */
	struct candidates *of_actor; /* calls, signals, deaths */
	struct candidates readings;
};

static const char *what_happened(struct trial *t, size_t index)
{
	int event = t->out->lines[index].event;

	return event < 0 ? line_bare_text(t->arena, &t->run->lines[index])
			 : event_text(t->arena, t->timeline, &t->timeline->events[event]);
}

/* The line `index` happened before the line `above`, under which it is written. */
static void add_inversion(struct trial *t, size_t above, size_t index)
{
	bool asked_too_long = line_is_reading(&t->run->lines[above]);
	const char *first = line_reference(t->arena, &t->run->lines[above]);
	const char *second = line_reference(t->arena, &t->run->lines[index]);
	const char *got = what_happened(t, index);
	int event = t->out->lines[index].event;

	/* A reading was as written only when the script had already gone on: it is the one that is
	 * wrong. */
	if (asked_too_long)
		problem_timing(t, above, event,
			       arena_printf(t->arena, "%s before %s", first, second),
			       arena_printf(t->arena, "it only after %s", got));
	else
		problem_timing(t, index, event,
			       arena_printf(t->arena, "%s after %s", second, first),
			       arena_printf(t->arena, "it before that: %s", got));
}

/* The lines of `a` and those of `b`, in the script's order. */
struct merged {
	const struct candidates *a, *b;
	size_t i, k;
};

static bool next_line(struct merged *m, size_t *index)
{
	bool has_a = m->i < m->a->count, has_b = m->k < m->b->count;

	if (has_a && (!has_b || m->a->list[m->i] < m->b->list[m->k]))
		*index = m->a->list[m->i++];
	else if (has_b)
		*index = m->b->list[m->k++];
	return has_a || has_b;
}

/* What is written at `p` came before something above it; the first such line is named. */
static void find_inversion(const struct order *o, const struct lane *lane, struct merged m,
			   const struct position *p)
{
	struct position above;
	size_t index;

	while (next_line(&m, &index) && index < p->line)
		if (lane_place(o->t, index, lane, &above) && is_inverted(&above, p)) {
			add_inversion(o->t, index, p->line);
			return;
		}
}

/* `above`: what is in the lane so far. */
static void judge_lane(const struct order *o, const struct lane *lane, const struct candidates *a,
		       const struct candidates *b, struct marks *above)
{
	const struct merged begin = {.a = a, .b = b};
	struct merged m = begin;
	struct position p;
	size_t index;

	if (!a->count && !b->count)
		return;
	will_alter(o->t, above, sizeof(*above));
	while (next_line(&m, &index)) {
		o->t->out->steps++;
		if (!lane_place(o->t, index, lane, &p))
			continue;
		if (marks_forbid(above, &p)) {
			o->t->doubtful = true; /* what it came before may be settled */
			find_inversion(o, lane, begin, &p);
			return;
		}
		marks_add(above, &p);
	}
}

/* ---- all lanes ---- */

static void add_candidate(struct trial *t, struct candidates *to, size_t index)
{
	*arena_push(t->arena, to->list, to->count) = index;
}

/* What lies in the lane of a thread, beside readings. */
static const bool of_thread[LINE_KINDS] = {
    [LINE_CALL] = true,	    [LINE_RESUME] = true,    [LINE_OBSERVED] = true,
    [LINE_RETURNED] = true, [LINE_SIGNALLED] = true, [LINE_DEATH] = true,
};

static void gather(struct order *o)
{
	struct trial *t = o->t;

	o->of_group = arena_alloc(t->arena, t->lookup.group_count * sizeof(*o->of_group));
	o->of_actor = arena_alloc(t->arena, (t->index->actor_count + 1) * sizeof(*o->of_actor));
	for (size_t i = t->settled.lines; i < t->met_end; i++) {
		const struct line_judgement *j = &t->out->lines[i];
		const struct line_key *key = &t->index->keys[i];
		int group = j->segment < 0 ? t->of_call[i] : t->lookup.of_line[i];

		if (j->fate != LINE_MET)
			continue;
		if (key->reads) {
			add_candidate(t, &o->readings, i);
			continue;
		}
		if (group >= (j->segment < 0 ? GROUP_FIRST : GROUP_NONE))
			add_candidate(t, &o->of_group[group], i);
		if (of_thread[key->kind])
			add_candidate(t, &o->of_actor[key->actor], i);
	}
}

static void judge_group(const struct order *o, enum host host, int group)
{
	const struct lane lane = {.host = host};

	judge_lane(o, &lane, &o->of_group[group], &o->readings,
		   &o->t->group_lanes[(size_t)group * HOST_COUNT + (size_t)host]);
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
	const struct run_index *index = o->t->index;

	for (size_t i = 0; i < index->actor_count; i++) {
		const struct lane lane = {
		    .host = index->actors[i]->id,
		    .is_thread = true,
		    .actor = (int)i,
		};

		if (index->calling[i])
			judge_lane(o, &lane, &o->of_actor[i], &o->readings, &o->t->actor_lanes[i]);
	}
}

void order_open(struct trial *t)
{
	t->group_lanes =
	    arena_alloc(t->lasting, t->lookup.group_count * HOST_COUNT * sizeof(*t->group_lanes));
	t->actor_lanes =
	    arena_alloc(t->lasting, (t->index->actor_count + 1) * sizeof(*t->actor_lanes));
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
