/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures: how long such a run goes on.
 *
 * Nobody knows how long a program takes to do what a line waits for, so these lines have no
 * patience. The run ends when the program that it is about has ended: what the script has not done
 * by then it need not do. If a step of the script comes out otherwise than it is written, the
 * program has gone another way; then the script does nothing more, and only the program's end is
 * waited for. A program that does not end is left alone when it has hung long enough: a day in
 * virtual time, or with --slow.
 */
#include "harness/engine/state.h"

bool failure_is_over(const struct engine *e)
{
	const struct program_link *p = &e->programs[e->run->subject];

	if (!e->run->failure)
		return false;
	for (size_t i = 0; i < e->done; i++)
		if (e->run->lines[i].kind == LINE_CRASH &&
		    e->run->lines[i].actor.id == e->run->subject)
			return true;
	return p->ended;
}

/* When the failure was; until then, when the program was started, or else the script. */
static ns_t failure_moment(const struct engine *e)
{
	ns_t moment = e->timeline->start;
	bool is_marked = false;

	for (size_t i = 0; e->judgement.lines && i < e->run->line_count; i++) {
		const struct line *line = &e->run->lines[i];
		bool is_mark = line_is_failure(line);

		if ((!is_mark && line->kind != LINE_PROGRAM) || (is_marked && !is_mark) ||
		    e->judgement.lines[i].fate != LINE_MET)
			continue;
		moment = e->judgement.lines[i].to;
		if (is_mark) /* the first time counts */
			return moment;
	}
	return moment;
}

ns_t failure_deadline(const struct engine *e)
{
	ns_t until = failure_moment(e) + e->options->hang;

	return until < e->limit ? until : e->limit;
}

void failure_wait(struct engine *e)
{
	ask_judge(e);
	while (!failure_is_over(e) && now() < failure_deadline(e)) {
		if (!watch(e, failure_deadline(e)))
			break;
		ask_judge(e);
	}
	e->timeline->watched = now();
}
