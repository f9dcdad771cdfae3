/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a run, made step by step. A step ends when its lines have been met and the next
 * action is about to be done. Effects that no line asks for, such as an ACK, may still be going on
 * then. So the engine first sleeps for a moment. Records are for virtual time, in which no moment
 * passes before everything that can run has run. So the readings are the same in every boot, and do
 * not depend on which process a kernel runs first.
 */
#include "harness/engine/state.h"

#include <string.h>

/* More than the readings of the clock on the way to the sleep, which are 256 ns each. */
#define MOMENT (10 * NS_PER_US)

/*
 * What has changed since `before`. Each reading has the names in the same order. Some exist only
 * when they have counted (IcmpMsgInType3), so `before` may lack names that `after` has.
 */
static struct counters moved(struct arena *a, const struct counters *before,
			     const struct counters *after)
{
	struct counters result = {0};
	size_t at = 0;

	for (size_t i = 0; i < after->count; i++) {
		const struct counter_value *v = &after->list[i];
		bool known = at < before->count && !strcmp(before->list[at].name, v->name);
		int64_t then = known ? before->list[at++].value : 0;

		if (v->value != then)
			*arena_push(a, result.list, result.count) =
			    (struct counter_value){arena_strdup(a, v->name), v->value - then, true};
	}
	return result;
}

static bool read_host(struct engine *e, enum host host, struct record_step *step)
{
	struct recorded *last = &e->recorded[host], newest = {0};

	if (!sockets_counters(&e->sockets, host, &newest.arena, &newest.all) ||
	    !sockets_list(&e->sockets, host, e->arena, &step->sockets[host])) {
		arena_free(&newest.arena);
		return broken(e, "cannot record the step that ends here: %s", e->sockets.error);
	}
	step->moved[host] = moved(e->arena, &last->all, &newest.all);
	arena_free(&last->arena);
	*last = newest;
	return true;
}

bool record_begin(struct engine *e)
{
	struct record *record = &e->out->record;

	if (!record->wanted)
		return true;
	e->recorded_line = -1;
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!sockets_counters(&e->sockets, h, &e->recorded[h].arena, &e->recorded[h].all))
			return broken(e, "cannot read the %s's counters: %s", host_name(h),
				      e->sockets.error);
	return sockets_counters(&e->sockets, HOST_CLIENT, e->arena, &record->counters);
}

void record_end(struct engine *e)
{
	for (int h = 0; h < LAB_HOSTS; h++)
		arena_free(&e->recorded[h].arena);
}

bool record_step(struct engine *e, int next)
{
	struct record *record = &e->out->record;
	struct record_step *step;

	if (!record->wanted)
		return true;
	if (!watch(e, now() + MOMENT))
		return false;
	step = arena_push(e->arena, record->steps, record->count);
	step->line = e->recorded_line;
	e->recorded_line = next;
	for (int h = 0; h < LAB_HOSTS; h++)
		if (!read_host(e, h, step))
			return false;
	step->at = now();
	return true;
}
