/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures: how long such a run goes on.
 *
 * Nobody knows how long a program takes to do what a line waits for, so these lines have no
 * patience. The run ends when the program that it is about has ended: what the script has not done
 * by then it need not do. If a step of the script comes out otherwise than it is written, the
 * program has gone another way; then the script does nothing more, and only the program's end is
 * waited for. A program that does not end is left alone when it has hung long enough: a day in
 * virtual time, or with --slow. A program that wakes again and again to look whether something has
 * come takes more time for that day than anybody has: it is left alone after so many calls. So is
 * one whose kernel asks the peer's each second whether it is there (keepalive), and gets an answer.
 */
#include "harness/engine/state.h"

#define MOST_CALLS 20000 /* of programs; twice a second, for longer than keepalive's 2 h 11 min */

static bool is_call(const struct event *e)
{
	return e->program && (e->kind == EVENT_CALL || e->kind == EVENT_RETURN);
}

/* An acknowledgement, or a probe. */
static bool is_without_data(const struct engine *e, const struct event *event)
{
	const struct packet *packet;

	if (event->kind != EVENT_SENT)
		return false;
	packet = e->timeline->segments[event->segment].packet;
	return packet->kind == PACKET_TCP && !packet->length;
}

/*
 * Whether there have been so many calls of the program, or packets without data, that it need not
 * be followed any more.
 */
static bool has_called_enough(struct engine *e)
{
	for (; e->calls_seen < e->timeline->event_count; e->calls_seen++) {
		const struct event *event = &e->timeline->events[e->calls_seen];

		e->calls += is_call(event) && event->kind == EVENT_CALL;
		e->bare_packets += is_without_data(e, event);
	}
	return e->calls + e->bare_packets >= MOST_CALLS;
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

/* When the failure was; until then, when the program was started, or else the script. */
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
		if (is_mark) /* the first time counts */
			return moment;
	}
	return moment;
}

ns_t failure_deadline(struct engine *e)
{
	ns_t until = has_called_enough(e) ? 0 : failure_moment(e) + e->options->hang;

	return until < e->limit ? until : e->limit;
}

/* Whether all lines of that kind are met. */
static bool are_met(const struct engine *e, enum line_kind kind)
{
	const struct line_list *lines = &e->run->index->of_kind[kind];

	for (size_t i = 0; i < lines->count; i++)
		if (e->judgement.lines[lines->list[i]].fate != LINE_MET)
			return false;
	return true;
}

/* An acknowledgement or a probe, which is about the connection as it is. */
static bool is_bare(const struct engine *e, const struct event *event)
{
	const struct packet *packet;

	if (event->kind != EVENT_SENT && event->kind != EVENT_ARRIVED)
		return false;
	packet = e->timeline->segments[event->segment].packet;
	return packet->kind == PACKET_TCP && packet->flags == FLAG_ACK && !packet->length;
}

bool failure_says_nothing(struct engine *e)
{
	bool calls, packets;

	if (!e->run->failure || !e->judgement.lines)
		return false;
	calls = are_met(e, LINE_OBSERVED) && are_met(e, LINE_RETURNED);
	packets = are_met(e, LINE_SENT) && are_met(e, LINE_ARRIVAL);
	if (e->silent_events < e->judged_events)
		e->silent_events = e->judged_events;
	for (; e->silent_events < e->timeline->event_count; e->silent_events++) {
		const struct event *event = &e->timeline->events[e->silent_events];

		if (!(calls && is_call(event)) && !(packets && is_bare(e, event)))
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
}
