/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures: how long such a run goes on.
 *
 * Nobody knows how long a program takes to do what a line waits for, so these lines have no
 * timeout. The run ends when its program has ended: what the script has not done by then, it need
 * not do. If a step of the script differs from what is written, the program has gone another way.
 * Then the script does nothing more, and the run only waits for the program's end. A program that
 * does not end is given up when it has hung long enough: a day in virtual time, or with --slow.
 *
 * Some programs would need too much real time, or memory, for that day. One that polls each second
 * is followed to its end. One that polls more often is given up after a number of calls; one whose
 * threads wake by themselves, as those of Java do 25 times a second, after a number of wakes; and
 * one whose connections exchange keepalive probes each second, after a number of packets, all of
 * which are kept. At these rates each limit is beyond the two hours after which keepalive ends a
 * connection by default. What moves data does not count, nor as much that may have waited for it:
 * to read an answer byte by byte takes long, but comes to an end.
 */
#include "harness/engine/state.h"

#define MOST_CALLS	  200000 /* of programs: two each second, for a day, and some more */
#define MOST_WAKES	  300000 /* 25 each second, for three hours; each costs as much as a call */
#define MOST_BARE_PACKETS 20000	 /* two each second, for almost three hours */

static bool is_call(const struct event *e)
{
	return e->program && (e->kind == EVENT_CALL || e->kind == EVENT_RETURN);
}

/* A segment with data counts as one that the acknowledgements around it belong to. */
static void count_packet(struct engine *e, const struct packet *packet)
{
	if (packet->kind != PACKET_TCP)
		return;
	e->data_packets += packet->length > 0;
	e->bare_packets += !packet->length && packet->flags == FLAG_ACK;
}

static void count_events(struct engine *e)
{
	for (; e->calls_seen < e->timeline->event_count; e->calls_seen++) {
		const struct event *event = &e->timeline->events[e->calls_seen];

		e->calls += is_call(event) && event->kind == EVENT_CALL;
		if (event->kind == EVENT_SENT)
			count_packet(e, e->timeline->segments[event->segment].packet);
	}
}

/* Why the program need not be followed any more, before it has hung long enough; or NULL. */
static const char *seen_enough(struct engine *e)
{
	count_events(e);
	if (e->calls >= MOST_CALLS + 2 * e->moves)
		return arena_printf(e->arena, "it had made %zu calls", e->calls);
	if (e->wakes >= MOST_WAKES + 2 * e->moves)
		return arena_printf(e->arena, "its threads had woken %zu times", e->wakes);
	if (e->bare_packets >= MOST_BARE_PACKETS + 2 * e->data_packets)
		return arena_printf(e->arena,
				    "its connections had exchanged %zu packets without "
				    "data",
				    e->bare_packets);
	return NULL;
}

bool failure_is_over(const struct engine *e)
{
	const struct program_link *p = &e->programs[e->run->subject];

	if (!e->run->failure)
		return false;
	for (size_t i = 0; i < e->done; i++)
		if (e->run->lines[i].kind == LINE_CRASH &&
		    e->run->lines[i].actor.id == e->run->subject)
			return true;
	return p->ended;
}

/*
 * When the failure happened. Before it: when the program was started, or else when the script
 * began.
 */
static ns_t failure_moment(const struct engine *e)
{
	ns_t moment = e->timeline->start;
	bool is_marked = false;

	for (size_t i = 0; e->judgement.lines && i < e->run->line_count; i++) {
		const struct line *line = &e->run->lines[i];
		bool is_mark = line_is_failure(line);

		if ((!is_mark && line->kind != LINE_PROGRAM) || (is_marked && !is_mark) ||
		    e->judgement.lines[i].fate != LINE_MET)
			continue;
		moment = e->judgement.lines[i].to;
		if (is_mark) /* only the first time counts */
			return moment;
	}
	return moment;
}

/* When a program that has not ended by then hangs. */
static ns_t hangs_from(struct engine *e)
{
	if (!e->moment)
		e->moment = failure_moment(e);
	return e->moment + e->options->hang;
}

ns_t failure_deadline(struct engine *e)
{
	ns_t until = seen_enough(e) ? 0 : hangs_from(e);

	return until < e->limit ? until : e->limit;
}

/* Whether all lines about calls of programs are met. */
static bool calls_say_nothing(const struct engine *e)
{
	const struct line_list *lines = &e->run->index->of_kind[LINE_OBSERVED];

	for (size_t i = 0; i < lines->count; i++)
		if (e->judgement.lines[lines->list[i]].fate != LINE_MET)
			return false;
	return true;
}

/* Whether the lines that are still to be met are calls of the script: only their return does. */
static bool packets_say_nothing(const struct engine *e)
{
	for (size_t i = e->judgement.settled; i < e->done; i++)
		if (e->judgement.lines[i].fate == LINE_PENDING &&
		    e->run->lines[i].kind != LINE_CALL)
			return false;
	return true;
}

static bool is_packet(const struct event *e)
{
	return e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED || e->kind == EVENT_LOST;
}

bool failure_says_nothing(struct engine *e)
{
	const struct timeline *t = e->timeline;
	bool calls, packets;

	if (!e->run->failure || !e->judgement.lines)
		return false;
	calls = calls_say_nothing(e);
	packets = packets_say_nothing(e);
	if (e->silent_events < e->judged_events)
		e->silent_events = e->judged_events;
	for (; e->silent_events < t->event_count; e->silent_events++) {
		const struct event *event = &t->events[e->silent_events];

		if (!(calls && is_call(event)) && !(packets && is_packet(event)) &&
		    event->kind != EVENT_DISTURBED)
			return false;
	}
	return true;
}

void failure_wait(struct engine *e)
{
	ns_t until;

	ask_judge(e);
	while (!failure_is_over(e) && now() < (until = failure_deadline(e))) {
		if (!watch(e, until))
			break;
		if (!failure_says_nothing(e))
			ask_judge(e);
	}
	e->timeline->watched = now();
	if (failure_is_over(e) || e->timeline->watched >= hangs_from(e))
		return;
	e->timeline->left_early = true;
	e->timeline->left_why = seen_enough(e);
	if (!e->timeline->left_why)
		e->timeline->left_why = "the limit of its run was reached";
}
