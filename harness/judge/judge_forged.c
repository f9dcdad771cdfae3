/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments. A forge line is met when its segment has been seen on the link to its host. Its
 * fate there (that host's own firewall may drop it) is compared as strictly as any packet's.
 */
#include "harness/judge/trial.h"

#include "harness/timeline/notation.h"

static void judge_line(struct trial *t, size_t index)
{
	int event = lookup_event(t, EVENT_SENT, index), segment;
	const struct segment *s;

	if (event < 0)
		return;
	segment = t->timeline->events[event].segment;
	s = &t->timeline->segments[segment];
	switch (fate_matches(&t->run->lines[index].segment, s)) {
	case FATE_YES:
		line_met(t, index, event, segment, s->sent, s->sent);
		break;
	case FATE_NO:
		problem_add(t, index, event,
			    event_text(t->arena, t->timeline, &t->timeline->events[event]),
			    arena_printf(t->arena, "fate differs: %s", fate_text(t->arena, s)));
		break;
	case FATE_OPEN:
		break;
	}
}

void judge_forged(struct trial *t)
{
	const struct line_list *lines = &t->index->of_kind[LINE_FORGE];

	for (size_t i = first_unsettled(t, lines); i < lines->count && lines->list[i] < t->done;
	     i++)
		judge_line(t, lines->list[i]);
}
