/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: what they returned, what they filled in, whether they blocked, and the signals and deaths
 * that go with them.
 *
 * The engine notes with each CALL and RETURN which line asked for it, so nothing has to be guessed.
 * A call written `...` expects to be found asleep in the kernel; its return belongs to the line
 * that resumes it, and is an error when there is none.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/calls/calls.h"
#include "harness/notation.h"
#include "harness/script/script.h"

static bool number_matches(void *context, const struct value *written, int64_t seen)
{
	return value_matches(context, written, seen);
}

bool filled_matches(struct trial *t, const struct arg *written, const struct arg *seen)
{
	return arg_matches(written, seen, number_matches, t);
}

static bool seen_matches(struct trial *t, const struct arg *written, const char *seen)
{
	const struct arg *parsed = seen ? arg_parse(t->arena, seen) : NULL;

	return !seen || (parsed && filled_matches(t, written, parsed));
}

/*
 * What stands in the parenthesis after the result: (in [x], left {tv_sec=0}) by the names in it,
 * else the first that was shown; strace's (Timeout) is about the result alone.
 */
static bool shown_as_written(struct trial *t, const struct arg *written, const struct event *e)
{
	bool named = written->kind == ARG_INDEXED || written->kind == ARG_LABELLED;

	if (arg_is_timeout(written))
		return e->result == 0;
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		const char *seen = e->seen[shown_at(i)];
		const struct arg *parsed = seen ? arg_parse(t->arena, seen) : NULL;

		if (!parsed || (named && (parsed->kind != written->kind ||
					  strcmp(parsed->names[0], written->names[0]))))
			continue;
		return arg_matches(written, parsed, number_matches, t);
	}
	return false;
}

/* Every argument that the call filled in, and what stands behind the result. */
static bool filled_as_written(struct trial *t, const struct call *call, const struct event *e)
{
	const struct result *r = &call->result;

	for (size_t i = 0; i < call->arg_count && i < 8; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type) &&
		    !seen_matches(t, call->args[i], e->seen[i]))
			return false;
	}
	for (size_t i = 0; i < r->seen_count; i++)
		if (!shown_as_written(t, r->seen[i], e))
			return false;
	return true;
}

bool result_matches(struct trial *t, const struct result *r, const struct event *e)
{
	int64_t number;

	switch (r->kind) {
	case RESULT_NONE:
		return true;
	case RESULT_TO_COME:
	case RESULT_UNKNOWN: /* it must not return */
		return false;
	case RESULT_NAME:
		return e->result >= 0 && e->bound && !strcmp(e->bound, r->name);
	case RESULT_VALUE:
		break;
	}
	if (!value_matches(t, r->value, e->result))
		return false;
	return !r->error || (constant_value("errno", r->error, &number) && number == e->error);
}

/* The line `index`, a call or its resumption, against its return. */
static void judge_return(struct trial *t, size_t index, int event)
{
	const struct event *e = &t->timeline->events[event];
	const struct call *call = &t->run->lines[index].call;
	size_t bound = t->out->variable_count;

	if (result_matches(t, &call->result, e) && filled_as_written(t, call, e)) {
		line_met(t, index, event, -1, e->from, e->to);
		return;
	}
	t->out->variable_count = bound; /* what was bound in vain is free again */
	problem_add(t, index, event, event_text(t->arena, t->timeline, e));
}

static const char process_ended[] = "no return: its process ended";

/*
 * A call that was left open: it sleeps in the kernel, and comes back only where the script says so.
 */
static void judge_open_call(struct trial *t, size_t index)
{
	int called = lookup_event(t, EVENT_CALL, index);
	int returned = lookup_event(t, EVENT_RETURN, index);
	int resume = t->lookup.resuming[index];
	const struct event *call = called < 0 ? NULL : &t->timeline->events[called];

	if (returned >= 0 && resume < 0) {
		problem_add(t, index, returned,
			    event_text(t->arena, t->timeline, &t->timeline->events[returned]));
		return;
	}
	if (call && (call->blocked || returned >= 0))
		line_met(t, index, called, -1, call->from, call->to);
	if (returned >= 0)
		judge_return(t, (size_t)resume, returned);
	else if (call && call->abandoned && resume >= 0)
		problem_add(t, (size_t)resume, -1, process_ended);
}

/* A call with a result: it returns, or its process ends in it. */
static void judge_call(struct trial *t, size_t index)
{
	int event = lookup_event(t, EVENT_RETURN, index);
	const struct event *call;

	if (event >= 0) {
		judge_return(t, index, event);
		return;
	}
	event = lookup_event(t, EVENT_CALL, index);
	call = event < 0 ? NULL : &t->timeline->events[event];
	if (!call || !call->abandoned)
		return;
	if (t->run->lines[index].call.result.kind == RESULT_UNKNOWN)
		line_met(t, index, event, -1, call->from, call->to);
	else
		problem_add(t, index, -1, process_ended);
}

/* The call in which, or after which, something happened to its actor. */
static size_t call_around(const struct trial *t, size_t event)
{
	const struct event *e = &t->timeline->events[event];

	for (size_t i = event; i-- > 0;) {
		const struct event *call = &t->timeline->events[i];

		if ((call->kind == EVENT_RETURN || call->kind == EVENT_CALL) && call->line >= 0 &&
		    same_actor(&t->run->lines[call->line], e->host, e->part))
			return (size_t)call->line;
	}
	return 0;
}

/* Signals and deaths: each line takes the next event of its kind in its actor. */
static void judge_happenings(struct trial *t, enum line_kind kind, enum event_kind events)
{
	const struct timeline *tl = t->timeline;
	const struct run *run = t->run;
	bool *taken = arena_alloc(t->arena, run->line_count + 1);

	for (size_t k = 0; k < tl->event_count; k++) {
		const struct event *e = &tl->events[k];
		size_t i = 0;

		if (e->kind != events)
			continue;
		while (i < run->line_count && (taken[i] || run->lines[i].kind != kind ||
					       !same_actor(&run->lines[i], e->host, e->part)))
			i++;
		if (i == run->line_count) {
			problem_after(t, call_around(t, k), (int)k, event_text(t->arena, tl, e));
			continue;
		}
		taken[i] = true;
		if ((!run->lines[i].signal.name) == (!e->signal) &&
		    (!e->signal || !strcmp(run->lines[i].signal.name, e->signal)) &&
		    (e->signal || run->lines[i].signal.status == e->status))
			line_met(t, i, (int)k, -1, e->from, e->to);
		else
			problem_add(t, i, (int)k, event_text(t->arena, tl, e));
	}
}

void judge_calls(struct trial *t)
{
	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];

		if (line->kind == LINE_CALL && line->call.open)
			judge_open_call(t, i);
		else if (line->kind == LINE_CALL)
			judge_call(t, i);
	}
	judge_happenings(t, LINE_SIGNALLED, EVENT_SIGNAL);
	judge_happenings(t, LINE_DEATH, EVENT_DEATH);
}
