/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in the script an event stands in time: below the last line that had happened when it came.
 *
 * The engine begins actions and readings one after the other, and the time line says when; whatever
 * is written below one is expected from then on. So a packet that comes before the next action is
 * begun belongs above that action, however far the engine is when it reads the packet. Between two
 * actions its place is below those lines whose events came before it: for packets the capture's
 * order decides, for everything else its interval.
 *
 * A death is seen only some time after it happened, and only its own host can have caused it: its
 * place is below what that host had begun when the death was seen.
 */
#include "harness/judge/trial.h"

#include <string.h>

#include "harness/script/script.h"

static bool begins(const struct line *line)
{
	return line_role(line) == ROLE_ACTION || line_is_reading(line);
}

/* When the action or reading was begun, from its first event; INT64_MIN: not known. */
static ns_t begun(const struct trial *t, size_t index)
{
	ns_t at = INT64_MIN;

	for (int k = t->lookup.first[index]; k >= 0; k = t->lookup.next[k]) {
		const struct event *e = &t->timeline->events[k];
		/* A silence counts from the last sound, which the script had above it. */
		ns_t from = e->kind == EVENT_CLOCK ? e->to : e->from;

		if (at == INT64_MIN || from < at)
			at = from;
	}
	return at;
}

ns_t expected_since(const struct trial *t, size_t index)
{
	while (index > 0 && !begins(&t->run->lines[index]))
		index--;
	return begun(t, index);
}

/* When it happened, as far as that shows what caused it. */
static ns_t moment(const struct event *e)
{
	return e->kind == EVENT_DEATH ? e->to : e->from;
}

/* Whether the line, an observation, was met before the event came. */
static bool happened_before(const struct trial *t, size_t index, const struct event *e)
{
	const struct line_judgement *j = &t->out->lines[index];
	const struct segment *s = j->segment < 0 ? NULL : &t->timeline->segments[j->segment];
	bool arrival = t->run->lines[index].kind == LINE_ARRIVAL;

	if (j->fate != LINE_MET)
		return false;
	if (s && event_is_packet(e))
		return (arrival ? s->arrived_order : s->sent_order) < e->order;
	return j->to <= moment(e);
}

/* Whether the action was begun, or the reading was as written, before the event came. */
static bool begun_before(const struct trial *t, size_t index, const struct event *e)
{
	const struct line *line = &t->run->lines[index];
	const struct line_judgement *j = &t->out->lines[index];

	if (line_is_reading(line))
		return j->fate == LINE_MET && j->from <= moment(e);
	/* A death is caused by what its own host has done. */
	return begun(t, index) != INT64_MIN &&
	       (e->kind != EVENT_DEATH || line->actor.id == e->host);
}

/* What came before anything was done is placed at the first line in which anything happens. */
static size_t first_event(const struct run *run)
{
	size_t i = 0;

	while (i + 1 < run->line_count && line_role(&run->lines[i]) == ROLE_NOTE)
		i++;
	return i;
}

struct spot spot_of(const struct trial *t, int event)
{
	const struct event *e = &t->timeline->events[event];
	struct spot spot = {first_event(t->run), t->done};

	for (size_t i = 0; i < t->done; i++) {
		const struct line *line = &t->run->lines[i];

		if (begins(line) && begun(t, i) > moment(e)) {
			spot.limit = i;
			break;
		}
		if (begins(line) ? begun_before(t, i, e) : happened_before(t, i, e))
			spot.after = i;
	}
	return spot;
}
