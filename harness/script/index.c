/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the judge needs to know of a run's lines again and again, found once.
 *
 * A line is large, and consists of words. Here each line is a few numbers, and the lines of each
 * kind are listed, so that a judgement goes only through the lines that concern it, and compares no
 * words.
 */
#include <string.h>

#include "harness/base/numbering.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/script/labels.h"
#include "harness/script/print.h"
#include "harness/script/script.h"

struct indexing {
	struct arena *arena;
	const struct run *run;
	struct run_index *index;
	struct numbering names, faults;
	struct labels labels;
	int *open; /* of each actor: the newest call that it was left in */
};

static int *numbers(struct indexing *x, int value)
{
	int *list = arena_alloc(x->arena, (x->run->line_count + 1) * sizeof(*list));

	for (size_t i = 0; i < x->run->line_count; i++)
		list[i] = value;
	return list;
}

static int actor_number(struct indexing *x, const struct actor *actor)
{
	struct run_index *index = x->index;

	for (size_t i = 0; i < index->actor_count; i++) {
		const struct actor *other = index->actors[i];

		if (other->id == actor->id && !other->part == !actor->part &&
		    (!actor->part || strcmp(other->part, actor->part) == 0))
			return (int)i;
	}
	*arena_push(x->arena, index->actors, index->actor_count) = actor;
	return (int)index->actor_count - 1;
}

/* An open call and the line that resumes it: the first below, before its actor's next one. */
static void pair_calls(struct indexing *x, size_t i)
{
	const struct line *line = &x->run->lines[i];
	bool opens = (line->kind == LINE_CALL || line->kind == LINE_OBSERVED) && line->call.open;
	bool resumes = line->kind == LINE_RESUME || line->kind == LINE_RETURNED;
	int *open = &x->open[x->index->keys[i].actor + 1];

	if (opens)
		*open = (int)i;
	if (opens || !resumes || *open < 0)
		return;
	x->index->resumed[i] = *open;
	if (x->index->resuming[*open] < 0)
		x->index->resuming[*open] = (int)i;
}

static void find_labelled(struct indexing *x, size_t i)
{
	const struct line *line = &x->run->lines[i];

	x->index->labelled[i] = line->gap.from ? label_find(&x->labels, line->gap.from) : -1;
	label_mark(x->arena, &x->labels, line->label, i);
}

/* A fault has no name: `heal` names it by its verb and its pattern. */
static void number_fault(struct indexing *x, size_t i)
{
	struct line bare = x->run->lines[i];
	struct text text;

	if (bare.kind != LINE_FAULT && (bare.kind != LINE_HEAL || !bare.fault.verb))
		return;
	bare.kind = LINE_FAULT;
	bare.gap.present = false;
	bare.label = bare.comment = NULL;
	bare.fault.every = bare.fault.skip = bare.fault.times = NULL;
	bare.fault.with = NULL;
	bare.fault.with_number = (struct icmp_number){0};
	bare.fault.delay = 0;
	line_print(text_open(&text), &bare);
	x->index->fault[i] = number_give(x->arena, &x->faults, text_close(&text, x->arena));
}

static unsigned filled(const struct call *call)
{
	unsigned bits = 0;

	for (size_t i = 0; i < call->arg_count && i < SEEN_COUNT; i++) {
		const struct call_param *param = call_param(call, i);

		if (param && type_is_filled(param->type))
			bits |= 1u << i;
	}
	return bits;
}

static int name_number(struct indexing *x, const char *name)
{
	return name ? number_give(x->arena, &x->names, name) : -1;
}

/* accept() names a connection that already exists. */
static bool is_accept(const struct line *line)
{
	bool is_call = line->kind == LINE_CALL || line->kind == LINE_RESUME;

	return is_call && line->call.result.kind == RESULT_NAME && line->call.row &&
	       line->call.row->accepts;
}

static void add_line(struct indexing *x, size_t i)
{
	const struct line *line = &x->run->lines[i];
	struct run_index *index = x->index;
	struct line_list *kind = &index->of_kind[line->kind];
	bool comes = line->kind == LINE_CALL || line->kind == LINE_FORGE;
	bool observes = line->kind == LINE_OBSERVED || line->kind == LINE_RETURNED;

	index->keys[i] = (struct line_key){
	    .kind = line->kind,
	    .expects = comes || (line_role(line) >= ROLE_READING && line->kind != LINE_ANY),
	    .reads = line_is_reading(line),
	    .host = line->actor.host ? line->actor.id : HOST_NONE,
	    .actor = line->actor.host ? actor_number(x, &line->actor) : -1,
	    .name = name_number(x, line->connection),
	    .descriptor = -1,
	    .gives = is_accept(line) ? name_number(x, line->call.result.name) : -1,
	    .named = line->text && strchr(line->text, '$'),
	};
	if (line->kind == LINE_CALL || line->kind == LINE_RESUME || observes)
		index->keys[i].filled = filled(&line->call);
	if ((line->kind == LINE_CALL || observes) && index->keys[i].actor >= 0)
		index->calling[index->keys[i].actor] = true;
	if (line->kind == LINE_CALL)
		index->keys[i].descriptor = name_number(x, call_descriptor(&line->call));
	*arena_push(x->arena, kind->list, kind->count) = i;
	if (index->keys[i].gives >= 0)
		*arena_push(x->arena, index->accepts.list, index->accepts.count) = i;
	if (line->gap.present)
		*arena_push(x->arena, index->timed.list, index->timed.count) = i;
	if (index->keys[i].reads)
		*arena_push(x->arena, index->readings.list, index->readings.count) = i;
	if (line_role(line) == ROLE_ACTION && !comes)
		*arena_push(x->arena, index->deeds.list, index->deeds.count) = i;
	/* A line without a host is wrong, and refused. */
	if (line->kind == LINE_ARRIVAL && index->keys[i].host >= 0)
		index->arrivals[index->keys[i].host] = i + 1;
	/* In a failure it is as if `...` stood between any two lines. */
	index->anys[i + 1] = index->anys[i] + (line->kind == LINE_ANY || x->run->failure);
	pair_calls(x, i);
	find_labelled(x, i);
	number_fault(x, i);
}

const struct run_index *script_index(struct arena *a, const struct run *run)
{
	struct run_index *index = arena_new(a, struct run_index);
	struct indexing x = {.arena = a, .run = run, .index = index};

	index->keys = arena_alloc(a, (run->line_count + 1) * sizeof(*index->keys));
	index->calling = arena_alloc(a, run->line_count + 1); /* no more actors than lines */
	index->anys = arena_alloc(a, (run->line_count + 1) * sizeof(*index->anys));
	index->resuming = numbers(&x, -1);
	index->resumed = numbers(&x, -1);
	index->labelled = numbers(&x, -1);
	index->fault = numbers(&x, -1);
	x.open = arena_alloc(a, (run->line_count + 1) * sizeof(*x.open));
	memset(x.open, -1, (run->line_count + 1) * sizeof(*x.open));
	for (size_t i = 0; i < run->line_count; i++)
		add_line(&x, i);
	index->names = x.names.names;
	index->name_count = x.names.count;
	return index;
}
