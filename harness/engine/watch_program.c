/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: what its keeper reports is put on the time line.
 *
 * A keeper reports a call before the call can have any effect, and a return after everything that
 * caused it. Its reports and the captured packets are two queues, with stamps of one clock. So
 * before a packet is taken from the capture, all reports with an earlier stamp are noted. In
 * virtual time the clock stands still meanwhile, and stamps are equal. There the keeper waits for
 * an answer each time: its report is noted after all packets that have been captured by then.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/actor/actor_wire.h"
#include "harness/base/memory.h"
#include "harness/base/signals.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/calls/constants.h"
#include "harness/engine/state.h"
#include "harness/program/keeper.h"
#include "harness/program/told.h"

#define BLOCKS (1 * NS_PER_MS) /* a call that takes longer is shown in two parts */

/* ---- what was told ---- */

/* The name of the connection of a program's descriptor. */
static const char *name_of_fd(struct engine *e, int fd)
{
	return fd < 0 ? NULL : arena_printf(e->arena, "%d", fd);
}

/*
 * Room for another item at the end of a list. The list shrinks again, so an arena would only grow.
 */
static void *make_room(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = 2 * *room + 8;
	return memory_resize(list, *room * size);
}

static struct open_call *find_open(struct program_link *p, const char *part)
{
	for (size_t i = p->open_count; i-- > 0;)
		if (text_same(p->open[i].part, part))
			return &p->open[i];
	return NULL;
}

static void forget_open(struct program_link *p, struct open_call *open)
{
	*open = p->open[--p->open_count];
}

/* The fields that a call and its return have in common. */
static struct event *note(struct engine *e, enum host host, const struct told *told,
			  enum event_kind kind)
{
	struct event *event = timeline_event(e->timeline, kind, told->from, told->to);

	event->program = true;
	event->host = host;
	event->part = told->part;
	event->name = told->name;
	event->call = told->name ? call_find(told->name) : NULL;
	event->text = told->text;
	event->waited = told->waited;
	event->fd = told->fd;
	event->inode = told->socket;
	event->descriptor = name_of_fd(e, told->fd);
	return event;
}

/*
 * What was called last, for whoever ends the run from outside and cannot ask any more: one line of
 * a file, written at once, over the one before.
 */
static void leave(struct engine *e, const char *text)
{
	int *fd = &e->last_call;

	if (!*fd && e->options->last_call)
		*fd = open(e->options->last_call, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (*fd > 0)
		pwrite(*fd, text, strlen(text), 0);
}

static double since_beginning(const struct engine *e, ns_t moment)
{
	return (double)(moment - e->timeline->start) / NS_PER_S;
}

static void leave_call(struct engine *e, enum host host, const struct told *told)
{
	if (e->options->last_call)
		leave(e, arena_printf(e->arena, "%s %s, %.3f s after the beginning\n",
				      host_name(host), told->text, since_beginning(e, told->from)));
}

/* It does something else now, of which nothing is seen. */
static void leave_return(struct engine *e, enum host host, const struct told *told)
{
	const char *error = told->error ? constant_name(GROUP_errno, told->error) : NULL;

	if (!e->options->last_call)
		return;
	e->last_returned =
	    arena_printf(e->arena, "%s %s = %lld%s%s, %.3f s after the beginning", host_name(host),
			 told->text, (long long)told->result, error ? " " : "", error ? error : "",
			 since_beginning(e, told->to));
	leave(e, arena_printf(e->arena, "%s, and none since then\n", e->last_returned));
}

static void note_call(struct engine *e, enum host host, const struct told *told)
{
	struct program_link *p = &e->programs[host];
	struct event *event = note(e, host, told, EVENT_CALL);
	enum host whose = told->has_peer ? host_of_ip(&told->peer) : HOST_NONE;

	p->open = make_room(p->open, p->open_count, &p->open_room, sizeof(*p->open));
	p->open[p->open_count++] =
	    (struct open_call){told->part, (int)(event - e->timeline->events)};
	leave_call(e, host, told);
	if (told->row->connects && event->descriptor && whose != HOST_NONE && whose != host)
		timeline_connecting_since(e->timeline, event->descriptor, host, &told->peer,
					  told->peer_port, told->from);
	if (told->row->sends && event->descriptor)
		timeline_sending_since(e->timeline, event->descriptor, host, told->from);
}

static void note_program_return(struct engine *e, enum host host, const struct told *told)
{
	struct program_link *p = &e->programs[host];
	struct open_call *open = find_open(p, told->part);
	bool blocked = told->to - told->begun > BLOCKS;
	struct event *event, *call;

	if (!open) /* only if somebody has taken over the keeper */
		return;
	call = &e->timeline->events[open->event];
	call->blocked = blocked;
	call->to = blocked ? call->from : told->to;
	forget_open(p, open);
	e->moves += told->result > 0 && (told->row->sends || told->row->receives);
	event = note(e, host, told, EVENT_RETURN);
	event->from = blocked ? told->from : told->begun;
	event->begun = told->begun;
	event->blocked = blocked;
	event->result = told->result;
	event->error = told->error;
	event->made = told->made;
	if (told->row->about == ABOUT_RING)
		event->note = "operations of io_uring are not seen";
	memcpy(event->seen, told->seen, sizeof(event->seen));
	leave_return(e, host, told);
	if (told->row->makes && told->result >= 0 && !told->row->accepts && event->descriptor)
		timeline_duplicated(e->timeline, name_of_fd(e, (int)told->result),
				    event->descriptor);
	if (told->row->accepts && told->result >= 0 && told->has_peer)
		timeline_accepted(e->timeline, name_of_fd(e, (int)told->result), host, &told->peer,
				  told->peer_port);
}

static void note_program_death(struct engine *e, enum host host, const struct told *told)
{
	struct program_link *p = &e->programs[host];
	struct open_call *open = find_open(p, told->part);
	struct event *event;

	if (open) {
		e->timeline->events[open->event].abandoned = true;
		e->timeline->events[open->event].to = told->to;
		forget_open(p, open);
	}
	if (told->status < 0) /* a thread */
		return;
	event = note(e, host, told, EVENT_DEATH);
	event->from = p->alive;
	if (WIFSIGNALED(told->status))
		event->signal = WTERMSIG(told->status);
	else
		event->status = WEXITSTATUS(told->status);
	event->others = told->others;
	p->died |= !told->part;
	p->ended |= program_ends(event);
}

/* It has been seen already. */
static void note_nothing(struct engine *e, enum host host, const struct told *told)
{
	(void)e;
	(void)host;
	(void)told;
}

static void note_start(struct engine *e, enum host host, const struct told *told)
{
	(void)told;
	e->programs[host].started = true;
}

static void note_options(struct engine *e, enum host host, const struct told *told)
{
	struct timeline *t = e->timeline;

	*arena_push(e->arena, t->sockets, t->socket_count) =
	    (struct program_socket){host, told->socket, told->options};
}

static void note_vain(struct engine *e, enum host host, const struct told *told)
{
	(void)host;
	e->calls += VAIN_WAITS;
	if (e->last_returned)
		leave(e, arena_printf(e->arena, "%s, and again and again until %.3f s\n",
				      e->last_returned, since_beginning(e, told->to)));
}

/* What a line of the script sends comes from outside, too. */
static void note_outside(struct engine *e, enum host host, const struct told *told)
{
	struct program_link *p = &e->programs[host];
	char signal[SIGNAL_TEXT];

	if (p->is_signalled || p->failure)
		return;
	p->failure = arena_printf(e->arena, "%s has come from outside of the lab%s",
				  signal_text(told->status, signal),
				  told->status == SIGKILL ? ": somebody has killed it, or the "
							    "kernel has, for want of memory"
							  : "");
}

static void note_wakes(struct engine *e, enum host host, const struct told *told)
{
	(void)host;
	(void)told;
	e->wakes += VAIN_WAKES;
}

static void note_busy(struct engine *e, enum host host, const struct told *told)
{
	e->timeline->computed[host] = told->to;
}

static void note_failure(struct engine *e, enum host host, const struct told *told)
{
	e->programs[host].failure = told->text ? told->text : "?";
}

/*
 * Somebody who has taken over a keeper may report any time. The true one is between the last one
 * and now.
 */
static void set_right(struct program_link *p, struct told *told)
{
	ns_t latest = now();

	if (told->to > latest)
		told->to = latest;
	else if (told->to < p->alive)
		told->to = p->alive;
	told->from = told->from > told->to ? told->to : told->from;
	told->begun = told->begun > told->to ? told->to : told->begun;
}

static void note_next(struct engine *e, enum host host)
{
	static void (*const noted[TOLD_KINDS])(struct engine *, enum host, const struct told *) = {
	    [TOLD_HERE] = note_nothing,
	    [TOLD_STARTED] = note_start,
	    [TOLD_FAILED] = note_failure,
	    [TOLD_CALL] = note_call,
	    [TOLD_RETURN] = note_program_return,
	    [TOLD_DEATH] = note_program_death,
	    [TOLD_OPTIONS] = note_options,
	    [TOLD_VAIN] = note_vain,
	    [TOLD_OUTSIDE] = note_outside,
	    [TOLD_WAKES] = note_wakes,
	    [TOLD_BUSY] = note_busy,
	};
	struct program_link *p = &e->programs[host];
	struct told *told = &p->told[p->first++];

	p->ready -= p->ready > 0;
	set_right(p, told);
	noted[told->kind](e, host, told);
	p->alive = told->to;
	/* If the keeper is gone, the end of its channel says so. */
	if (e->run->facts.is_virtual)
		send(p->channel, "", 1, MSG_NOSIGNAL);
}

/* ---- the two queues ---- */

static bool take(struct engine *e, enum host host)
{
	struct program_link *p = &e->programs[host];
	struct told told;
	int got;

	if (p->channel < 0)
		return true;
	if (p->first == p->count)
		p->first = p->count = 0;
	while ((got = told_take(p->channel, e->arena, &told)) > 0) {
		p->told = make_room(p->told, p->count, &p->room, sizeof(*p->told));
		p->told[p->count++] = told;
	}
	if (got < 0) {
		close(p->channel);
		p->channel = -1;
	}
	return got != MESSAGE_GARBLED ||
	       broken(e, "the keeper of the %s's program has sent an incomplete message",
		      host_name(host));
}

/* The host with the oldest report that is not noted yet; HOST_NONE: there is none. */
static enum host oldest(const struct engine *e)
{
	enum host found = HOST_NONE;

	for (int h = 0; h < LAB_HOSTS; h++) {
		const struct program_link *p = &e->programs[h], *best;

		if (p->first == p->count)
			continue;
		best = found == HOST_NONE ? NULL : &e->programs[found];
		if (!best || p->told[p->first].to < best->told[best->first].to)
			found = h;
	}
	return found;
}

void programs_before(void *context, ns_t stamp)
{
	struct engine *e = context;
	enum host host;

	/* What was told before that stamp has been taken already, if the channel was read since. */
	if (stamp >= e->taken) {
		e->taken = now();
		for (int h = 0; h < LAB_HOSTS; h++)
			if (e->programs[h].channel > 0 && !take(e, h))
				return;
	}
	while ((host = oldest(e)) != HOST_NONE) {
		const struct program_link *p = &e->programs[host];

		if (p->told[p->first].to > stamp)
			return;
		note_next(e, host);
	}
}

bool programs_take(struct engine *e)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		struct program_link *p = &e->programs[h];

		if (!p->keeper)
			continue;
		if (!take(e, h))
			return false;
		p->ready = p->count - p->first;
	}
	return true;
}

/* The options of the sockets that it still has come with the ends of its processes, which are our
 * doing, and so no events. */
void program_end(struct engine *e, enum host host)
{
	struct program_link *p = &e->programs[host];
	ns_t until = now() + e->options->timeout;

	kill(p->keeper, KEEPER_ENDS_IT);
	while (p->channel >= 0 && take(e, host) && p->channel >= 0 && now() < until) {
		struct pollfd fd = {.fd = p->channel, .events = POLLIN};

		for (; p->first < p->count; p->first++) {
			if (p->told[p->first].kind == TOLD_OPTIONS)
				note_options(e, host, &p->told[p->first]);
			if (e->run->facts.is_virtual)
				send(p->channel, "", 1, MSG_NOSIGNAL);
		}
		poll(&fd, 1, (int)((until - now()) / NS_PER_MS) + 1);
	}
}

/* Its program ends with it, and nobody knows how. */
static bool is_orphan(const struct program_link *p)
{
	return p->keeper && p->channel < 0 && p->first == p->count && p->started && !p->died;
}

bool programs_note(struct engine *e)
{
	enum host host;

	while ((host = oldest(e)) != HOST_NONE && e->programs[host].ready > 0)
		note_next(e, host);
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (e->programs[h].started && e->programs[h].failure)
			return broken(e, "the %s's program was ended: %s", host_name(h),
				      e->programs[h].failure);
		if (is_orphan(&e->programs[h]))
			return broken(e, "the keeper of the %s's program was killed from outside",
				      host_name(h));
	}
	return true;
}

bool programs_wait(const struct engine *e)
{
	return oldest(e) != HOST_NONE;
}

size_t program_fds(const struct engine *e, struct pollfd *fds)
{
	size_t count = 0;

	for (int h = 0; h < LAB_HOSTS; h++)
		if (e->programs[h].keeper && e->programs[h].channel >= 0)
			fds[count++] =
			    (struct pollfd){.fd = e->programs[h].channel, .events = POLLIN};
	return count;
}
