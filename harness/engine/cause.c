/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A signal takes effect at once, but its process needs a CPU for that, and may have to wait for
 * one. That delay of the machine does not belong to the script. So if it is known which action of
 * the script caused a death or a handler's run, its interval begins with that action, and ends when
 * it was noticed.
 */
#include "harness/engine/cause.h"

#include <signal.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"

static int64_t signal_number(const struct judgement *j, const struct arg *arg)
{
	int64_t number = 0;

	if (arg->kind == ARG_NAMES)
		number = arg->number;
	else if (arg->kind == ARG_VALUE)
		judge_value(j, arg->value, &number);
	return number;
}

/* The signal that an event sends to somebody; 0: none. */
static int64_t signal_sent(const struct run *run, const struct judgement *j,
			   const struct event *event)
{
	const struct line *line = event->line < 0 ? NULL : &run->lines[event->line];
	int64_t number = 0;

	if (event->kind == EVENT_ACTION && line && line->kind == LINE_SIGNAL)
		number = line->signal.number;
	if (event->kind == EVENT_CALL && line && event->call->signals) /* its last argument */
		number = signal_number(j, line->call.args[line->call.arg_count - 1]);
	return number;
}

/*
 * sigprocmask(), and pselect() and the like with a mask: a blocked signal may be delivered there.
 */
static bool has_mask(const struct call_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->params); i++)
		if (row->params[i].type == TYPE_SIGNALS)
			return true;
	return false;
}

/*
 * What a process's or thread's own call does to it: it exits, or unblocks a signal. A program makes
 * calls that have no row; these do neither.
 */
static bool call_brings_about(const struct event *event, int64_t number, bool own)
{
	const struct call_row *row = event->call;

	if (row && row->returns == RETURNS_NEVER)
		return number == SIGCHLD || (!number && own);
	return own && (number == SIGPIPE || (number && row && has_mask(row)));
}

/*
 * A process that continues receives the signals that were sent while it was stopped. SIGCHLD is
 * caused by another process's end, and so by the cause of that end.
 */
static bool brings_about(const struct run *run, const struct judgement *j,
			 const struct event *event, int64_t number, bool own)
{
	int64_t sent = signal_sent(run, j, event);

	if (sent)
		return sent == number || sent == SIGCONT || number == SIGCHLD;
	if (event->kind == EVENT_DEATH)
		return number == SIGCHLD;
	return event->kind == EVENT_CALL && !event->blocked &&
	       call_brings_about(event, number, own);
}

int cause_find(const struct run *run, const struct timeline *t, const struct judgement *j,
	       int64_t number, enum host host, const char *part, ns_t at)
{
	for (size_t i = t->event_count; i-- > 0;) {
		const struct event *event = &t->events[i];
		/* A process may end in a call of any of its threads. */
		bool own = text_same(event->part, part) || event->abandoned;

		if (event->host != host)
			continue;
		/* Any action above may have caused that one. */
		if (event->kind == EVENT_SIGNAL && event->signal == number &&
		    text_same(event->part, part))
			return -1;
		if (event->from <= at && brings_about(run, j, event, number, own))
			return (int)i;
	}
	return -1;
}

bool cause_sends(const struct run *run, const struct timeline *t, const struct judgement *j,
		 int cause, int64_t number)
{
	return cause >= 0 && signal_sent(run, j, &t->events[cause]) == number;
}

void cause_set(const struct timeline *t, struct event *event, int cause)
{
	event->cause = cause;
	if (cause >= 0)
		event->from = t->events[cause].from;
}

void cause_dated(struct timeline *t, int call)
{
	ns_t from = t->events[call].from;

	for (size_t i = (size_t)call + 1; i < t->event_count; i++) {
		struct event *event = &t->events[i];

		if (event->cause == call)
			event->from = from < event->to ? from : event->to;
	}
}
