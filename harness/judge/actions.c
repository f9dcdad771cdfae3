/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions that are no calls and forge nothing: faults, settings, signals, crashes. Nothing is
 * expected of them, so none can be missing or wrong: what cannot be done breaks the run. But each
 * that was done is an event in time, between the question to the kernel and its answer: others can
 * count from it, and its own gap can be judged.
 */
#include "harness/judge/trial.h"

void judge_actions(struct trial *t)
{
	for (size_t i = 0; i < t->run->line_count; i++) {
		int event = lookup_event(t, EVENT_ACTION, i);

		if (event >= 0)
			line_met(t, i, event, -1, t->timeline->events[event].from,
				 t->timeline->events[event].to);
	}
}
