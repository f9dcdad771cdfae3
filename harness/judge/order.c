/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order: the written one is asserted where the kernel has one, in each lane.
 *
 * A lane is one thread, or one end of one connection, or a host's packets that are of none. A call
 * lies in its thread's lane and in that of the connection end whose descriptor it names; a signal
 * in its thread's, a death in that of its process's first thread; a segment in its sender's end, at
 * sending, and in its receiver's, at arrival (a forged one only there); a packet of no connection
 * (a neighbour request) likewise in a lane of its hosts; a reading in all lanes of its host;
 * `quiet` in all. Two lines that share a lane must have happened as written (Lamport's order, read
 * off the page); two that do not are unordered.
 *
 * Two packets are compared by the capture's order, which is total and right also where time stamps
 * are equal; everything else by its interval, and only what certainly happened the other way round
 * is an error.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/notation.h"

struct lane {
	enum host host;
	bool is_thread;
	const char *part;	/* of the thread */
	const char *connection; /* else: canonical; NULL: packets of no connection */
};

/* Where a line lies in a lane. */
struct position {
	size_t line;
	ns_t from, to;
	int order;	/* of a packet; 0: not one */
	bool own;	/* a packet that this end sent */
	bool is_return; /* of a call that had blocked */
};

static bool same_connection(const struct trial *t, const char *name, const struct lane *lane)
{
	if (!name || !lane->connection)
		return !name && !lane->connection;
	return !strcmp(canonical_name(t->timeline, name), lane->connection);
}

/* Whether a line by itself speaks of the arrival of what line `index` says was sent. */
static bool arrival_is_written(const struct trial *t, size_t index)
{
	int segment = t->out->lines[index].segment;

	for (size_t i = 0; i < t->run->line_count; i++)
		if (t->run->lines[i].kind == LINE_ARRIVAL && t->out->lines[i].segment == segment)
			return true;
	return false;
}

static bool packet_position(const struct trial *t, size_t index, const struct lane *lane,
			    struct position *p)
{
	const struct line *line = &t->run->lines[index];
	const struct line_judgement *j = &t->out->lines[index];
	const struct segment *s;

	if (j->segment < 0 || !same_connection(t, line->connection, lane))
		return false;
	s = &t->timeline->segments[j->segment];
	if (line->kind == LINE_SENT && s->from == lane->host) {
		*p = (struct position){index, s->sent, s->sent, s->sent_order, true, false};
		return true;
	}
	/* The arrival counts where it is written by itself, or where the line stands for both. */
	if (line->kind == LINE_SENT && (s->held || arrival_is_written(t, index)))
		return false;
	if (s->to == lane->host && s->arrived_order) {
		*p = (struct position){index, s->arrived, s->arrived, s->arrived_order,
				       false, false};
		return true;
	}
	return false;
}

static bool call_in_lane(const struct trial *t, size_t index, const struct lane *lane)
{
	const struct line *line = &t->run->lines[index];
	int event = t->out->lines[index].event;

	if (!line->actor.host || host_find(line->actor.host) != lane->host)
		return false;
	if (lane->is_thread)
		return same_actor(line, lane->host, lane->part);
	return lane->connection && event >= 0 &&
	       same_connection(t, t->timeline->events[event].descriptor, lane);
}

static bool place_in_lane(const struct trial *t, size_t index, const struct lane *lane,
			  struct position *p)
{
	const struct line *line = &t->run->lines[index];
	const struct line_judgement *j = &t->out->lines[index];

	if (j->fate != LINE_MET)
		return false;
	*p = (struct position){index, j->from, j->to, 0, false, line->kind == LINE_RESUME};
	switch (line->kind) {
	case LINE_SENT:
	case LINE_ARRIVAL:
	case LINE_FORGE:
		return !lane->is_thread && packet_position(t, index, lane, p);
	case LINE_CALL:
	case LINE_RESUME:
	case LINE_SIGNALLED:
	case LINE_DEATH:
		return call_in_lane(t, index, lane);
	case LINE_SS:
	case LINE_NSTAT:
	case LINE_PS:
		return host_find(line->actor.host) == lane->host;
	case LINE_QUIET:
		return true;
	default:
		return false;
	}
}

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
	const char *came = what_happened(t, index);
	struct problem *p;

	/* A reading was as written only when the script had already gone on: it is the one that is
	 * wrong. */
	p = problem_add(t, asked_too_long ? above : index, t->out->lines[index].event, came);
	p->timing = true;
	if (asked_too_long)
		p->message = arena_printf(t->arena, "it was so only after line %d: %s",
					  t->run->lines[index].place.line, came);
	else
		p->message = arena_printf(t->arena, "it came before line %d: %s",
					  t->run->lines[above].place.line, came);
}

/*
 * Whether `b`, written below `a`, certainly happened before it. What wakes a sleeping call is what
 * arrives; the kernel wakes it before it answers (tcp_rcv_synsent_state_process: first
 * sk_state_change, then tcp_send_ack), so between a return and what its own end sends there is no
 * order.
 */
static bool inverted(const struct position *a, const struct position *b)
{
	if (a->order && b->order)
		return b->order < a->order;
	if ((a->is_return && b->own) || (a->own && b->is_return))
		return false;
	return b->to < a->from;
}

static void judge_lane(struct trial *t, const struct lane *lane)
{
	struct position *lies = arena_alloc(t->arena, (t->run->line_count + 1) * sizeof(*lies));
	size_t count = 0;

	for (size_t i = 0; i < t->run->line_count; i++) {
		if (!place_in_lane(t, i, lane, &lies[count]))
			continue;
		for (size_t k = 0; k < count; k++)
			if (inverted(&lies[k], &lies[count])) {
				add_inversion(t, lies[k].line, i);
				return;
			}
		count++;
	}
}

static bool same_lane(const struct lane *a, const struct lane *b)
{
	if (a->host != b->host || a->is_thread != b->is_thread ||
	    !a->connection != !b->connection || !a->part != !b->part)
		return false;
	return (!a->connection || !strcmp(a->connection, b->connection)) &&
	       (!a->part || !strcmp(a->part, b->part));
}

static void add_lane(struct trial *t, struct lane **lanes, size_t *count, struct lane lane)
{
	for (size_t i = 0; i < *count; i++)
		if (same_lane(&(*lanes)[i], &lane))
			return;
	*arena_push(t->arena, *lanes, *count) = lane;
}

void judge_order(struct trial *t)
{
	struct lane *lanes = NULL;
	size_t count = 0;

	for (int h = 0; h < LAB_HOSTS; h++)
		add_lane(t, &lanes, &count, (struct lane){.host = (enum host)h});
	for (size_t i = 0; i < t->timeline->connection_count; i++) {
		const struct connection *c = &t->timeline->connections[i];

		for (int end = 0; c->name_count && c->kind == PACKET_TCP && end < 2; end++)
			add_lane(
			    t, &lanes, &count,
			    (struct lane){.host = c->end[end].host, .connection = c->names[0]});
		/* Whoever a flow reaches may answer, by an ICMP error. */
		for (int h = 0; c->name_count && c->kind != PACKET_TCP && h < LAB_HOSTS; h++)
			add_lane(t, &lanes, &count,
				 (struct lane){.host = (enum host)h, .connection = c->names[0]});
	}
	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];

		if (line->kind == LINE_CALL)
			add_lane(t, &lanes, &count,
				 (struct lane){.host = host_find(line->actor.host),
					       .is_thread = true,
					       .part = line->actor.part});
	}
	for (size_t i = 0; i < count; i++)
		judge_lane(t, &lanes[i]);
}
