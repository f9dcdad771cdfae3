/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: what they returned, what they filled in, whether they blocked, and the signals and deaths
 * that go with them.
 *
 * The engine notes with each CALL and RETURN which line asked for it, so nothing has to be guessed.
 * A call written with `...` must be found asleep in the kernel; its return belongs to the line that
 * resumes it, and is an error if there is none.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

static bool number_matches(void *context, const struct value *written, int64_t seen)
{
	return value_matches(context, written, seen);
}

bool filled_matches(struct trial *t, const struct arg *written, const struct arg *seen)
{
	return arg_matches(written, seen, number_matches, t);
}

/* What was filled in for argument `i`; NULL: nothing, or nothing that can be read. */
static const struct arg *parsed(struct trial *t, const struct event *e, size_t i)
{
	if (e->parsed)
		return e->parsed[i];
	return e->seen[i] ? arg_parse(t->arena, e->seen[i]) : NULL;
}

/*
 * What is written in the parenthesis after the result: (in [x], left {tv_sec=0}) is found by the
 * names in it, anything else is the first that was shown; strace's (Timeout) is about the result
 * alone.
 */
static bool shown_as_written(struct trial *t, const struct arg *written, const struct event *e)
{
	bool named = written->kind == ARG_INDEXED || written->kind == ARG_LABELLED;

	if (arg_is_timeout(written))
		return e->result == 0;
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		const struct arg *shown = parsed(t, e, shown_at(i));

		if (!shown ||
		    (named && (shown->kind != written->kind || shown->word != written->word)))
			continue;
		return filled_matches(t, written, shown);
	}
	return false;
}

/* Every argument that the call of line `index` filled in, and what is written after the result. */
static bool filled_as_written(struct trial *t, size_t index, const struct event *e)
{
	const struct call *call = &t->run->lines[index].call;
	const struct result *r = &call->result;
	unsigned filled = t->index->keys[index].filled;

	for (size_t i = 0; filled >> i; i++) {
		const struct arg *seen;

		if (!(filled >> i & 1))
			continue;
		if (!e->seen[i]) { /* as in a call that fails */
			if (call_expectation(call, i))
				return false;
			continue;
		}
		seen = parsed(t, e, i);
		if (!seen || !filled_matches(t, call->args[i], seen))
			return false;
	}
	for (size_t i = 0; i < r->seen_count; i++)
		if (!shown_as_written(t, r->seen[i], e))
			return false;
	return true;
}

bool result_matches(struct trial *t, const struct result *r, const struct event *e)
{
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
	return !r->error || r->error_number == e->error;
}

static bool return_matches(struct trial *t, size_t index, const struct event *e)
{
	return result_matches(t, &t->run->lines[index].call.result, e) &&
	       filled_as_written(t, index, e);
}

/* The line that has the result of the call of line `index`; -1: it must not return. */
static int line_of_return(const struct trial *t, int index)
{
	return t->run->lines[index].call.open ? t->index->resuming[index] : index;
}

void judge_resolve(struct arena *a, const struct run *run, struct event *e)
{
	struct judgement nothing = {0};
	struct trial t = {
	    .arena = a, .lasting = a, .rooms = a, .run = run, .index = run->index, .out = &nothing};
	int index = e->kind == EVENT_RETURN && run->index ? line_of_return(&t, e->line) : -1;

	if (index < 0)
		return;
	for (size_t i = 0; i < SEEN_COUNT; i++) {
		if (!e->seen[i])
			continue;
		if (!e->parsed)
			e->parsed = arena_alloc(a, SEEN_COUNT * sizeof(*e->parsed));
		e->parsed[i] = arg_parse(a, e->seen[i]);
	}
	/* If a $name is needed to say so, the answer depends on what else has been seen. */
	if (return_matches(&t, (size_t)index, e) && !t.wanting && !nothing.variable_count)
		e->meets = &run->lines[index];
}

/* Compare the line `index`, a call or its resumption, with its return. */
static void judge_return(struct trial *t, size_t index, int event)
{
	const struct event *e = &t->timeline->events[event];
	size_t bound = t->out->variable_count;

	if (e->meets == &t->run->lines[index] || return_matches(t, index, e)) {
		line_met(t, index, event, -1, e->from, e->to);
		return;
	}
	t->out->variable_count = bound; /* undo what was bound for nothing */
	problem_add(t, index, event, returned_text(t, index, e), NULL);
}

static const char process_ended[] = "no return: its process ended";

/* A call that was left open: it sleeps in the kernel, and returns only where the script says so. */
static void judge_open_call(struct trial *t, size_t index)
{
	int called = lookup_event(t, EVENT_CALL, index);
	int returned = lookup_event(t, EVENT_RETURN, index);
	int resume = t->lookup.resuming[index];
	const struct event *call = called < 0 ? NULL : &t->timeline->events[called];

	if (returned >= 0 && resume < 0) {
		problem_add(t, index, returned,
			    event_text(t->arena, t->timeline, &t->timeline->events[returned]),
			    NULL);
		return;
	}
	if (call && (call->blocked || returned >= 0))
		line_met(t, index, called, -1, call->from, call->to);
	if (returned >= 0)
		judge_return(t, (size_t)resume, returned);
	else if (call && call->abandoned && resume >= 0)
		problem_add(t, (size_t)resume, -1, process_ended, NULL);
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
		problem_add(t, index, -1, process_ended, NULL);
}

/* Whether a task of a program has called anything that is observed. */
static bool has_called(const struct timeline *tl, enum host host, const char *part)
{
	for (size_t k = 0; k < tl->event_count; k++)
		if (tl->events[k].program && tl->events[k].kind == EVENT_CALL &&
		    tl->events[k].host == host && text_same(tl->events[k].part, part))
			return true;
	return false;
}

/*
 * In a failure all is let go. Else: a child of the program that does nothing with sockets is not
 * what a script is about; and `...` below all that is written of the program lets its end be what
 * it likes.
 */
static bool is_let_go(const struct trial *t, const struct event *e)
{
	if (t->run->failure)
		return true;
	return e->program && (observed_ends_loosely(t, e->host) ||
			      (e->part && !has_called(t->timeline, e->host, e->part)));
}

/* Signals and deaths: each line takes the next event of its kind in its actor. */
static void judge_happenings(struct trial *t, enum line_kind kind, enum event_kind events)
{
	const struct timeline *tl = t->timeline;
	const struct line_list *lines = &t->index->of_kind[kind];
	size_t begin = first_unsettled(t, lines);
	bool *taken = arena_alloc(t->arena, lines->count - begin + 1);
	size_t first = begin; /* all before it are taken */

	for (size_t k = t->settled.events; k < tl->event_count; k++) {
		const struct event *e = &tl->events[k];
		const struct line *line;
		size_t i = first;

		if (e->kind != events)
			continue;
		while (i < lines->count &&
		       (taken[i - begin] ||
			!same_actor(&t->run->lines[lines->list[i]], e->host, e->part)))
			i++;
		if (i == lines->count) {
			if (!is_let_go(t, e))
				problem_unasked(t, (int)k);
			continue;
		}
		taken[i - begin] = true;
		while (first < lines->count && taken[first - begin])
			first++;
		line = &t->run->lines[lines->list[i]];
		if (line->signal.number == e->signal &&
		    (e->signal || line->signal.status == e->status))
			line_met(t, lines->list[i], (int)k, -1, e->from, e->to);
		else
			problem_add(t, lines->list[i], (int)k, event_text(t->arena, tl, e), NULL);
	}
}

void judge_calls(struct trial *t)
{
	const struct line_list *calls = &t->index->of_kind[LINE_CALL];

	for (size_t i = first_unsettled(t, calls); i < calls->count && calls->list[i] < t->done;
	     i++) {
		if (t->run->lines[calls->list[i]].call.open)
			judge_open_call(t, calls->list[i]);
		else
			judge_call(t, calls->list[i]);
	}
	judge_observed(t);
	if (!t->lookup.happened)
		return;
	judge_happenings(t, LINE_SIGNALLED, EVENT_SIGNAL);
	judge_happenings(t, LINE_DEATH, EVENT_DEATH);
}
