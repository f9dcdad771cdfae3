/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge continues from the settled part (harness/judge/settled.c), and its answer must be the
 * same as when it begins again. Here both are asked, and their complete answers are compared: for
 * each run after each question of the engine; and for mutants, which fail in every possible way,
 * with the time line as it was at each of those questions.
 */
#include "tests/judgements.h"
#include "tests/mutants/mutate.h"

static void compare(struct comparison *c, const struct run *run, const struct timeline *t,
		    size_t done, const struct judgement *given)
{
	struct judgement anew;
	const char *what;

	c->compared++;
	c->settled += given->settled > 0;
	judge(&c->scratch, run, t, done, false, &anew);
	what = judgements_differ(c->arena, run, given, &anew);
	if (what && !c->difference)
		c->difference = arena_printf(
		    c->arena,
		    "after %zu events, with %zu lines begun, the judge says another thing %s, when "
		    "it begins anew than when it goes on from line %zu",
		    t->event_count, done, what, given->settled);
	arena_clear(&c->scratch);
}

void compare_asked(void *context, const struct run *run, const struct timeline *t, size_t done,
		   const struct judgement *given)
{
	struct comparison *c = context;

	*arena_push(c->arena, c->asked, c->asked_count) = (struct asked){t->event_count, done};
	compare(c, run, t, done, given);
}

void compare_growing(struct comparison *c, const struct run *run, const struct timeline *whole)
{
	struct arena own = {0}, judged = {0};
	struct growing g = grow(&own, whole);
	struct judge_memory *memory = judge_remember(&own);
	struct judgement given;

	for (size_t i = 0; i < c->asked_count && c->asked[i].done <= run->line_count; i++) {
		grow_to(&g, c->asked[i].events);
		judge_on(memory, &judged, run, &g.then, c->asked[i].done, &given);
		compare(c, run, &g.then, c->asked[i].done, &given);
		arena_clear(&judged);
	}
	judge_forget(memory);
	arena_free(&judged);
	arena_free(&own);
}
