/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions that are not calls and forge nothing: faults, settings, signals, crashes. Nothing is
 * expected of them, so none can be missing or wrong: an action that cannot be done breaks the run.
 * But each one that was done is an event in time, between the question to the kernel and its
 * answer: other lines can count from it, and its own gap can be judged.
 */
#include "harness/judge/trial.h"

void judge_actions(struct trial *t)
{
	const struct line_list *lines = &t->index->deeds;

	for (size_t i = first_unsettled(t, lines); i < lines->count && lines->list[i] < t->done;
	     i++) {
		int event = lookup_event(t, EVENT_ACTION, lines->list[i]);

		if (event >= 0)
			line_met(t, lines->list[i], event, -1, t->timeline->events[event].from,
				 t->timeline->events[event].to);
	}
}
