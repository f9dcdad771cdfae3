/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching: everything reaches the engine through file descriptors (the capture, the fault logs,
 * the actors' channels, their processes' deaths), and is put on the time line as it comes. The
 * engine waits for one of them, or for a deadline. A deadline decides nothing about the kernel,
 * only when to give up.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "harness/actor/actor_wire.h"
#include "harness/base/shortage.h"
#include "harness/calls/calls.h"
#include "harness/engine/cause.h"
#include "harness/engine/state.h"
#include "harness/script/script.h"

/*
 * The engine still waits this long for a line whose time has passed, so that the message can say
 * when it came.
 */
#define GRACE (1 * NS_PER_S)
/*
 * A packet that entered the router and was not reported in this time was lost there (a black hole).
 */
#define VANISHED (200 * NS_PER_MS)

/* ---- taking in ---- */

static void on_victim(void *context, enum host at, int id, bool rejected, uint16_t ethertype,
		      const unsigned char *bytes, size_t length, ns_t stamp)
{
	struct engine *e = context;
	/* A packet keeps its bytes. These belong to the log, which will use their memory again. */
	unsigned char *copy = memcpy(arena_alloc(e->arena, length + 1), bytes, length);
	struct packet *p = packet_decode(e->arena, ethertype, copy, length);
	const struct applied_fault *fault = fault_of(e, at, id);

	if (p->kind == PACKET_OTHER && !p->fragment)
		return;
	if (at != HOST_ROUTER || !fault || !hold_report(e, p, stamp, fault))
		timeline_victim(e->timeline, p, stamp, at, rejected, fault ? fault->line : -1);
}

static ns_t between(ns_t least, ns_t time, ns_t most)
{
	if (time > most)
		return most;
	return time < least ? least : time;
}

/*
 * Somebody who has taken over an actor's process can report any time. But no call is entered before
 * the engine has asked for it, and none has returned later than now.
 */
static void set_right(const struct event *call, struct actor_reply *r)
{
	r->returned = between(call->from, r->returned, now());
	r->entered = between(call->from, r->entered, r->returned);
	r->delayed = between(0, r->delayed, r->returned - call->from);
}

static void note_return(struct engine *e, size_t actor, const struct actor_reply *r)
{
	struct actor_link *link = &e->actors[actor];
	const struct line *line = &e->run->lines[link->line];
	struct event *call = &e->timeline->events[e->call_event[actor]], *ret;
	const char *descriptor = call->descriptor;
	bool open = line->call.open || call->blocked;

	call->from = r->entered;
	call->text = r->text;
	cause_dated(e->timeline, e->call_event[actor]);
	if (!call->blocked)
		call->to = r->returned;
	ret = timeline_event(e->timeline, EVENT_RETURN,
			     open ? r->returned - r->delayed : r->entered, r->returned);
	ret->begun = between(r->entered, r->entered + r->delayed, r->returned);
	ret->line = link->line;
	ret->host = link->host;
	ret->part = link->part;
	ret->call = line->call.row;
	ret->descriptor = descriptor;
	ret->blocked = open;
	ret->result = r->result;
	ret->error = r->error;
	ret->text = r->text;
	memcpy(ret->seen, r->seen, sizeof(ret->seen));
	ret->bound = r->bound;
	judge_resolve(e->arena, e->run, ret);
	if (ret->bound && r->descriptor >= 0)
		remember_descriptor(e, ret->bound, link, r->descriptor);
	if (ret->bound && descriptor && !r->has_peer) /* not accept(), so dup() */
		timeline_duplicated(e->timeline, ret->bound, descriptor);
	if (ret->bound && r->has_peer)
		timeline_accepted(e->timeline, ret->bound, link->host, &r->peer, r->peer_port);
}

/* thread(), fork(): the new actor's own channel follows the reply. */
static bool adopt(struct engine *e, size_t parent, const struct line *line)
{
	struct actor_link *child = &e->actors[e->actor_count];

	if (e->actor_count == MAX_ACTORS)
		return broken(e, "more than %d threads and processes", MAX_ACTORS);
	*child = (struct actor_link){
	    .host = e->actors[parent].host,
	    .part = line->call.result.name,
	    .line = -1,
	};
	errno = 0;
	if (!actor_new_link(&e->actors[parent], e->arena, child))
		return is_shortage(errno)
			   ? broken(e, "watching a new thread or process of the %s: %s",
				    host_name(child->host), strerror(errno))
			   : broken(e, "the new thread or process of the %s does not answer",
				    host_name(child->host));
	e->actor_count++;
	return true;
}

static bool may_reply(const struct actor_link *link)
{
	return link->line >= 0 && !link->deaf && !link->gone;
}

static bool take_replies(struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++) {
		struct actor_reply reply;
		const struct line *line;
		int got;

		if (!may_reply(&e->actors[i]))
			continue;
		got = actor_reply(&e->actors[i], e->arena, &reply);
		if (got == MESSAGE_GARBLED)
			return broken(e, "a process of the %s has sent an incomplete message",
				      host_name(e->actors[i].host));
		e->actors[i].deaf = got < 0; /* the death of its process will be seen soon */
		if (got <= 0)
			continue;
		line = &e->run->lines[e->actors[i].line];
		set_right(&e->timeline->events[e->call_event[i]], &reply);
		note_return(e, i, &reply);
		note_delay(e, host_name(e->actors[i].host), reply.delayed);
		if (reply.error == EINTR)
			note_interrupted(e, host_name(e->actors[i].host));
		e->actors[i].line = -1;
		if (reply.result >= 0 && line->call.row->returns == RETURNS_ACTOR &&
		    !adopt(e, i, line))
			return false;
	}
	return true;
}

bool watch_now(struct engine *e)
{
	size_t seen = e->timeline->event_count, told_late = e->timeline->told_late;
	int got;

	e->only_begun = false;
	e->known = now();
	if (!programs_take(e))
		return false;
	do {
		got = capture_read(&e->out->capture, e->timeline);
		if (got < 0)
			return broken(e, "the capture failed: %s", e->out->capture.error);
		if (!budget_holds(e))
			return false;
	} while (got >= CAPTURE_BATCH);
	if (!programs_note(e))
		return false;
	if (e->timeline->event_count > seen) /* the oldest of the new ones has waited longest */
		note_delay(e, "the engine",
			   now() - timeline_longest_waiting(e->timeline, seen, told_late)->to);
	for (int h = 0; h < LAB_HOSTS; h++)
		if (fault_log_fd(&e->faults, h) >= 0 &&
		    !fault_log_read(&e->faults, h, on_victim, e))
			return broken(e, "%s", e->faults.error);
	if (!hold_serve(e) || !look_for_deaths(e) || !take_replies(e))
		return false;
	take_notices(e);
	return tell_deaths(e);
}

bool watch(struct engine *e, ns_t until)
{
	struct pollfd fds[1 + 3 * LAB_HOSTS + 2 * MAX_ACTORS];
	struct timespec left;
	nfds_t count = 0;
	ns_t wait, slack;

	if (until > hold_next(e))
		until = hold_next(e);
	if (until > outputs_next(e))
		until = outputs_next(e);
	if (timeline_unsettled(e->timeline)) {
		timeline_settle(e->timeline, now() - VANISHED);
		if (timeline_unsettled(e->timeline) && until > now() + VANISHED / 4)
			until = now() + VANISHED / 4;
	}
	fds[count++] = (struct pollfd){.fd = e->out->capture.fd, .events = POLLIN};
	for (int h = 0; h < LAB_HOSTS; h++)
		if (fault_log_fd(&e->faults, h) >= 0)
			fds[count++] =
			    (struct pollfd){.fd = fault_log_fd(&e->faults, h), .events = POLLIN};
	for (size_t i = 0; i < e->actor_count; i++)
		if (may_reply(&e->actors[i]))
			fds[count++] =
			    (struct pollfd){.fd = e->actors[i].channel, .events = POLLIN};
	count += process_fds(e, fds + count);
	count += program_fds(e, fds + count);
	wait = programs_wait(e) ? 0 : until - now();
	if (wait < 0)
		wait = 0;
	left = (struct timespec){wait / NS_PER_S, wait % NS_PER_S};
	if (ppoll(fds, count, &left, NULL) < 0 && errno != EINTR)
		return broken(e, "cannot wait: %s", strerror(errno));
	/* poll itself may be late by this much (fs/select.c, select_estimate_accuracy). */
	slack = wait / 200 < 100 * NS_PER_MS ? wait / 200 : 100 * NS_PER_MS;
	note_delay(e, "the engine", now() - until - slack);
	read_withheld_again(e);
	only_computes(e);
	return watch_now(e);
}

/* ---- waiting for lines ---- */

void ask_judge(struct engine *e)
{
	ns_t kept;

	arena_clear(&e->judged);
	if (e->memory)
		judge_on(e->memory, &e->judged, e->run, e->timeline, e->done, &e->judgement);
	else
		judge(&e->judged, e->run, e->timeline, e->done, false, &e->judgement);
	kept = kept_from_computing(e);
	/* The answer is about this time line; a note of a disturbance changes it. */
	if (e->options->judged)
		e->options->judged(e->options->context, e->run, e->timeline, e->done,
				   &e->judgement);
	note_delay(e, "the engine", kept);
	only_computes(e);
	e->judged_events = e->timeline->event_count;
	e->moment = 0;
	e->only_begun = false;
}

/* From when the gap before a line counts, as the judge sees it now. */
static bool origin(struct engine *e, size_t index, ns_t *to)
{
	struct judgement *j = &e->judgement;

	return judge_origin(e->run, e->timeline, j, index, to);
}

/*
 * A timer will soon be due. If the machine loses CPU time after this point, the timer may be late,
 * so there must be a reading from before. A wait may take longer than asked for, see watch().
 */
static ns_t soon_due(const struct engine *e, ns_t from, const struct gap *gap)
{
	return from + gap->min - gap->min / 100 - e->timeline->tick;
}

/*
 * Until when to wait for the lines before `upto`: the latest time that is known. `due`: shortly
 * before the first of them is due, if that is still to come.
 */
static ns_t deadline(struct engine *e, size_t upto, ns_t *due)
{
	ns_t latest = 0, at = now();

	*due = INT64_MAX;
	for (size_t i = e->judgement.settled; i < upto; i++) {
		const struct gap *gap = &e->run->lines[i].gap;
		ns_t until =
		    e->run->failure ? failure_deadline(e) : e->progress + e->options->timeout;
		ns_t from, soon;

		if (e->judgement.lines[i].fate != LINE_PENDING)
			continue;
		if (gap->present) {
			if (!origin(e, i, &from))
				continue;
			until = from + GRACE + gap_longest(gap);
			soon = soon_due(e, from, gap);
			if (soon > at && soon < *due && !e->run->facts.is_virtual)
				*due = soon;
		}
		if (until > latest)
			latest = until;
	}
	return latest < e->limit ? latest : e->limit;
}

static bool all_met(const struct engine *e, size_t upto)
{
	for (size_t i = e->judgement.settled; i < upto; i++)
		if (e->judgement.lines[i].fate == LINE_PENDING)
			return false;
	return true;
}

bool wait_met(struct engine *e, size_t upto)
{
	size_t met, before = 0;
	ns_t until, due;

	/* The beginning of a call meets no line, so the judge's last answer still holds. */
	if (!e->only_begun)
		ask_judge(e);
	before = e->judgement.met;
	while (!all_met(e, upto) && !e->judgement.diverged) {
		if (failure_is_over(e))
			return false;
		until = deadline(e, upto, &due);
		if (now() >= until) {
			/* Everything that the kernel has delivered by now still counts. */
			if (!watch_now(e))
				return false;
			ask_judge(e);
			return all_met(e, upto) && !e->judgement.diverged;
		}
		if (!watch(e, due < until ? due : until))
			return false;
		if (failure_says_nothing(e))
			continue;
		ask_judge(e);
		met = e->judgement.met;
		if (met > before)
			e->progress = now();
		before = met;
	}
	return !e->judgement.diverged;
}

bool wait_gap(struct engine *e, size_t index)
{
	const struct gap *gap = &e->run->lines[index].gap;
	ns_t from;

	if (!gap->present)
		return true;
	ask_judge(e);
	if (!origin(e, index, &from))
		from = now();
	while (now() < from + gap->min) {
		if (now() >= e->limit ||
		    !watch(e, from + gap->min < e->limit ? from + gap->min : e->limit))
			return false;
		ask_judge(e);
		if ((e->judgement.diverged && !looks_itself(e, index)) || failure_is_over(e))
			return false;
	}
	return true;
}

/* ---- the end ---- */

/* Every call that was left open still sleeps, or has returned. A stopped one may do neither. */
static bool all_asleep(struct engine *e)
{
	for (size_t i = 0; i < e->actor_count; i++)
		if (may_reply(&e->actors[i]) && actor_asleep(&e->actors[i], e->run) == 0 &&
		    actor_state(&e->actors[i]) != 'T')
			return false;
	return true;
}

bool wait_fates(struct engine *e)
{
	ns_t until = now() + e->options->timeout;

	if (!watch_now(e))
		return false;
	while ((timeline_unsettled(e->timeline) || death_is_open(e)) && now() < until)
		if (!watch(e, now() + VANISHED))
			return false;
	return true;
}

bool wait_end(struct engine *e)
{
	ns_t until = now() + e->options->timeout;

	while (!all_asleep(e) && now() < until)
		if (!watch(e, now() + GLANCE))
			return false;
	return wait_fates(e);
}
