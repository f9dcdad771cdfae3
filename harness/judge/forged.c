/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments. A forge line is met when its segment has been seen on the link to its host; what
 * becomes of it there (that host's own firewall may take it) is as strict as any packet's fate.
 */
#include "harness/judge/trial.h"

#include "harness/notation.h"

static int forged_by(const struct timeline *t, size_t line)
{
	for (size_t i = 0; i < t->segment_count; i++)
		if (t->segments[i].forged && t->segments[i].line == (int)line)
			return (int)i;
	return -1;
}

static void judge_line(struct trial *t, size_t index)
{
	int segment = forged_by(t->timeline, index), event;
	const struct segment *s;

	if (segment < 0)
		return;
	s = &t->timeline->segments[segment];
	event = sent_event(t->timeline, (size_t)segment);
	switch (fate_matches(&t->run->lines[index].segment, s)) {
	case FATE_YES:
		line_met(t, index, event, segment, s->sent, s->sent);
		break;
	case FATE_NO:
		problem_add(t, index, event,
			    event_text(t->arena, t->timeline, &t->timeline->events[event]));
		break;
	case FATE_OPEN:
		break;
	}
}

void judge_forged(struct trial *t)
{
	for (size_t i = 0; i < t->done; i++)
		if (t->run->lines[i].kind == LINE_FORGE)
			judge_line(t, i);
}
