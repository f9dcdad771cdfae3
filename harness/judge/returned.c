/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a call returned, if that is not as written: the line as it is written, with what was seen in
 * the places that differ. Of a structure with twenty fields only those that differ are shown, so
 * that nobody has to look for them.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/calls/calls.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

static bool number_matches(void *context, const struct value *written, int64_t seen)
{
	return value_matches(context, written, seen);
}

/* The written argument, or the part of the seen one that differs from it. */
static struct arg *as_seen(struct trial *t, struct arg *written, const char *seen)
{
	const struct arg *parsed = arg_parse(t->arena, seen);
	struct arg *other =
	    parsed ? arg_difference(t->arena, written, parsed, number_matches, t) : NULL;

	return other ? other : written;
}

static struct arg *nothing(struct arena *a, const struct arg *written)
{
	struct arg *any = arena_new(a, struct arg);

	any->kind = ARG_ANY;
	any->field = written->field;
	return any;
}

static void replace_args(struct trial *t, struct call *call, const struct event *e)
{
	struct arg **args = arena_alloc(t->arena, (call->arg_count + 1) * sizeof(*args));

	for (size_t i = 0; i < call->arg_count; i++) {
		const struct call_param *param = call_param(call, i);
		bool is_filled = i < 8 && param && type_is_filled(param->type);

		args[i] = call->args[i];
		if (is_filled && e->seen[i])
			args[i] = as_seen(t, call->args[i], e->seen[i]);
		else if (call_expectation(call, i))
			args[i] = nothing(t->arena, call->args[i]);
	}
	call->args = args;
}

/* Whether both have the name that stands before them: in [x], left {tv_sec=0}. */
static bool same_label(const struct arg *written, const struct arg *seen)
{
	bool named = written->kind == ARG_INDEXED || written->kind == ARG_LABELLED;

	return !named || (seen->kind == written->kind && seen->word == written->word);
}

/* What was seen for that written argument after the result; NULL: nothing. */
static struct arg *shown_for(struct trial *t, const struct arg *written, const struct event *e)
{
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		struct arg *seen =
		    event_shows(e, i) ? arg_parse(t->arena, e->seen[shown_at(i)]) : NULL;

		if (seen && same_label(written, seen))
			return seen;
	}
	return NULL;
}

/* After the result: for each written argument what was seen, if that differs. */
static void replace_shown(struct trial *t, struct result *r, const struct event *e)
{
	struct arg **shown = NULL;
	size_t count = 0;

	for (size_t i = 0; i < r->seen_count; i++) {
		struct arg *seen = shown_for(t, r->seen[i], e), *other;

		if (!seen)
			continue;
		other = arg_difference(t->arena, r->seen[i], seen, number_matches, t);
		*arena_push(t->arena, shown, count) = other ? other : r->seen[i];
	}
	r->seen = shown;
	r->seen_count = count;
	r->has_seen = count > 0;
}

/* All that is shown beside a result that differs. */
static void show_all(struct trial *t, struct result *r, const struct event *e)
{
	r->seen = NULL;
	r->seen_count = 0;
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		struct arg *seen =
		    event_shows(e, i) ? arg_parse(t->arena, e->seen[shown_at(i)]) : NULL;

		if (seen)
			*arena_push(t->arena, r->seen, r->seen_count) = seen;
	}
	r->has_seen = r->seen_count > 0;
}

static void replace_result(struct trial *t, struct result *r, const struct event *e)
{
	bool has_name = e->bound && e->result >= 0;
	struct value *value = arena_new(t->arena, struct value);
	const char *error = e->error ? constant_name(GROUP_errno, e->error) : NULL;

	if (result_matches(t, r, e)) {
		replace_shown(t, r, e);
		return;
	}
	value->kind = VALUE_INT;
	value->number = e->result;
	*r = (struct result){
	    .kind = has_name ? RESULT_NAME : RESULT_VALUE,
	    .name = has_name ? e->bound : NULL,
	    .value = has_name ? NULL : value,
	    .error = e->error && !error ? arena_printf(t->arena, "%d", e->error) : error,
	};
	show_all(t, r, e);
}

const char *returned_text(struct trial *t, size_t index, const struct event *e)
{
	struct line line = t->run->lines[index];
	size_t bound = t->out->variable_count, wanting = t->wanting;
	const char *text;

	line.gap.present = false;
	line.label = NULL;
	replace_args(t, &line.call, e);
	replace_result(t, &line.call.result, e);
	t->out->variable_count = bound; /* nothing has been met */
	t->wanting = wanting;
	text = line_bare_text(t->arena, &line);
	/* Nothing that is written differs, so something that is not written must. */
	return strcmp(text, line_bare_text(t->arena, &t->run->lines[index]))
		   ? text
		   : event_text(t->arena, t->timeline, e);
}
