/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doing what a line says: an action, or a reading. Which function does it is a column of
 * ast/line_rows.h.
 *
 * Each function returns when the kernel has confirmed the action: a fault by netlink's
 * acknowledgement, a sysctl by its write, an open call when its thread sleeps in it. A reading
 * returns when it has been met, or cannot be met any more.
 */
#include "harness/base/text.h"
#include "harness/engine/state.h"
#include "harness/script/script.h"

const char *line_as_text(struct engine *e, const struct line *line)
{
	struct text text;

	line_print(text_open(&text), line);
	return text_close(&text, e->arena);
}

const char *action_as_text(struct engine *e, const struct line *line)
{
	struct line bare = *line;

	bare.gap.present = false;
	bare.label = bare.comment = NULL;
	return line_as_text(e, &bare);
}

size_t note_action(struct engine *e, size_t index, ns_t began)
{
	struct event *event = timeline_event(e->timeline, EVENT_ACTION, began, now());

	event->line = (int)index;
	event->known = e->known < began ? e->known : began;
	event->host = e->run->lines[index].actor.id;
	event->note = action_as_text(e, &e->run->lines[index]);
	return (size_t)(event - e->timeline->events);
}

/* Whether its numbers can be passed to a call, also those that come from a $name. */
static bool numbers_fit(struct engine *e, const struct line *line)
{
	const struct judgement *j = &e->judgement;
	struct arena a = {0};
	const char *wrong =
	    j->variable_count ? line_wrong_now(&a, line, j->variables, j->variable_count) : NULL;

	if (wrong) {
		const char *numbers = judge_numbers(&a, j, line->text);

		broken_at(e, line, "%s%s%s", wrong, *numbers ? "," : "", numbers);
	}
	arena_free(&a);
	return !wrong;
}

/* The walk waits for these lines. */
bool do_nothing(struct engine *e, size_t index)
{
	(void)e;
	(void)index;
	return true;
}

static bool (*const do_table[LINE_KINDS])(struct engine *, size_t) = {
#define LINE(kind, word, role, by, parse, copy, check, print, done) [LINE_##kind] = do_##done,
#include "harness/ast/line_rows.h"
};

bool act(struct engine *e, size_t index)
{
	const struct line *line = &e->run->lines[index];

	if (line_role(line) == ROLE_ACTION && !numbers_fit(e, line))
		return false;
	return do_table[line->kind](e, index);
}
