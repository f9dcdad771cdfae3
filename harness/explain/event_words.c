/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened at a host, as tables: an errno, a socket's state, a setting of the network. Of an
 * errno the reason is told only if the time line shows it: a reset or an ICMP message that had
 * arrived there, in that connection, before the call returned.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/explain/explain.h"

/* ---- errnos ---- */

enum evidence { NO_EVIDENCE, RESET, MESSAGE, NOTHING_NEEDED };

static const struct {
	int error;
	enum evidence evidence;
	const char *words;
} reasons[] = {
    {ECONNREFUSED, RESET, "a reset has come in answer to the SYN"},
    {ECONNREFUSED, MESSAGE, "an ICMP message says so"},
    {ECONNRESET, RESET, "the reset tells it so"},
    {EPIPE, RESET, "a reset had come before, so nothing can be sent any more"},
    {EHOSTUNREACH, MESSAGE, "an ICMP message says so"},
    {ENETUNREACH, MESSAGE, "an ICMP message says so"},
    {ENOPROTOOPT, MESSAGE, "an ICMP message says so"},
    {EACCES, MESSAGE, "an ICMP message says so"},
    {EPROTO, MESSAGE, "an ICMP message says so"},
    {EMSGSIZE, MESSAGE, "an ICMP message says so"},
    {EAGAIN, NOTHING_NEEDED, "the call would have to wait, and may not, or not longer"},
    {EINPROGRESS, NOTHING_NEEDED, "the call does not wait for it"},
    {EINTR, NOTHING_NEEDED, "a signal has ended the wait"},
};

static bool is_of(const struct connection *c, const char *name)
{
	for (int i = 0; name && i < c->name_count; i++)
		if (!strcmp(c->names[i], name))
			return true;
	return false;
}

static bool is_evidence(const struct timeline *t, const struct event *e, const struct event *of,
			enum evidence wanted)
{
	const struct segment *s;

	if (e->kind != EVENT_ARRIVED || e->host != of->host)
		return false;
	s = &t->segments[e->segment];
	if (s->connection < 0 || !is_of(&t->connections[s->connection], of->descriptor))
		return false;
	if (wanted == MESSAGE)
		return s->packet->kind == PACKET_ICMP;
	return s->packet->kind == PACKET_TCP && (s->packet->flags & FLAG_RST);
}

static bool has_come(const struct timeline *t, const struct event *returned, enum evidence wanted)
{
	if (wanted == NOTHING_NEEDED)
		return true;
	for (const struct event *e = t->events; e < t->events + t->event_count; e++)
		if (e->from <= returned->to && is_evidence(t, e, returned, wanted))
			return true;
	return false;
}

const char *error_words(struct arena *a, const struct timeline *t, const struct event *returned)
{
	const char *meaning = strerror(returned->error);

	if (!returned->error)
		return "";
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].error == returned->error &&
		    has_come(t, returned, reasons[i].evidence))
			return arena_printf(a, "%s: %s", meaning, reasons[i].words);
	return meaning;
}

/* ---- readings ---- */

static const char *const states[SS_STATES] = {
    [SS_NONE] = "the kernel has no such socket any more",
    [TCP_ESTABLISHED] = "the connection is there, in both directions",
    [TCP_SYN_SENT] = "its SYN has no answer yet",
    [TCP_SYN_RECV] = "it has answered a SYN, and waits for the ACK",
    [TCP_FIN_WAIT1] = "it has closed, and its FIN is not acknowledged yet",
    [TCP_FIN_WAIT2] = "its FIN is acknowledged; the other end has not closed yet",
    [TCP_TIME_WAIT] = "both ends have closed; it waits until no old packet can come any more",
    [TCP_CLOSE] = "it is not connected",
    [TCP_CLOSE_WAIT] = "the other end has closed, this one has not",
    [TCP_LAST_ACK] = "both ends have closed, and its FIN is not acknowledged yet",
    [TCP_LISTEN] = "it waits for connections",
    [TCP_CLOSING] = "both have closed at the same time; its FIN is not acknowledged yet",
};

static const char *const timers[SS_TIMERS] = {
    [SS_TIMER_ON] = "a timer is running, after which it will send again",
    [SS_TIMER_KEEPALIVE] = "a timer is running, after which it will ask for a sign of life",
    [SS_TIMER_TIMEWAIT] = "a timer is running, after which it is gone",
    [SS_TIMER_PERSIST] = "a timer is running, after which it will ask whether the window is open",
};

static const char *process_words(char state)
{
	if (state == 'Z')
		return "the process has ended, and nobody has asked for its status";
	return state ? "the process is there" : "there is no such process any more";
}

const char *reading_words(struct arena *a, const struct event *e)
{
	const char *state, *timer;

	if (e->process)
		return process_words(e->state);
	if (e->counter_count)
		return "counters of its kernel, and by how much they have grown";
	if (!e->descriptor)
		return "";
	state = e->socket.found ? states[e->socket.state] : states[SS_NONE];
	timer = e->socket.found ? timers[e->socket.timer] : NULL;
	if (!state)
		return "";
	return timer ? arena_printf(a, "%s; %s", state, timer) : state;
}

const char *signal_words(const struct event *e)
{
	if (e->kind == EVENT_DEATH)
		return "the process has ended";
	if (e->signal == SIGPIPE)
		return "a signal: the process has written where nobody can read any more";
	return "a signal reaches the process";
}

/* ---- actions ---- */

static const char *const faults[VERB_COUNT] = {
    [VERB_DROP] = "such packets are lost from now on",
    [VERB_REJECT] = "such packets are answered with an error from now on, and go no further",
    [VERB_HOLD] = "such packets are kept from now on, until they are released",
    [VERB_DUP] = "such packets are sent on twice from now on",
    [VERB_CORRUPT] = "such packets are damaged from now on",
    [VERB_DELAY] = "such packets take longer from now on",
    [VERB_FORGET] = "connections that say nothing for so long are forgotten from now on",
};

static const char *const others[LINE_KINDS] = {
    [LINE_RELEASE] = "what is held goes on its way now",
    [LINE_HEAL] = "such packets get through again from now on",
    [LINE_FORGE] = "a packet that its sender never sent",
    [LINE_MUTE] = "its TCP neither sends nor receives from now on",
    [LINE_SYSCTL] = "a setting of its kernel",
    [LINE_IP] = "its network is changed",
    [LINE_SIGNAL] = "somebody sends a signal to its process",
    [LINE_CRASH] = "the host is gone, with all its sockets, and says nothing to anybody",
    [LINE_PROGRAM] = "the program under test starts",
    [LINE_BOOT] = "the host is there again, and knows nothing of before",
};

const char *action_words(const struct line *line)
{
	const char *words =
	    line->kind == LINE_FAULT ? faults[line->fault.verb] : others[line->kind];

	return words ? words : "";
}
