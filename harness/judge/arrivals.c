/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrivals: `>host S`, written where sending and arriving are told apart.
 *
 * An arrival that nobody wrote is no error, so each line chooses: the first that fits and came
 * after what is written above of that end (page.c). What was held and let go must have a line of
 * its own (unasked.c).
 */
#include "harness/judge/page.h"
#include "harness/judge/trial.h"

/* Whether the line `index`, an arrival, could be about that segment. */
static bool is_about(struct trial *t, size_t index, const struct segment *s)
{
	const struct line *line = &t->run->lines[index];
	size_t bound = t->out->variable_count;
	bool about = s->to == line->actor.id &&
		     (!line->connection || segment_group(t, s) == t->lookup.of_line[index]) &&
		     segment_matches(t, &line->segment, s);

	t->out->variable_count = bound;
	return about;
}

bool arrival_below(struct trial *t, size_t index, const struct segment *s)
{
	const struct line_list *lines = &t->index->of_kind[LINE_ARRIVAL];

	for (size_t i = lines->count; i-- > 0 && lines->list[i] > index;)
		if (is_about(t, lines->list[i], s))
			return true;
	return false;
}

/* Whether the segment came after all packets above that lie in the lane of that end. */
static bool arrives_below(const struct page *page, const struct segment *s)
{
	const struct end_above *above = page_above(page, segment_group(page->t, s), s->to);

	return s->arrived_order >= above->marks.order && s->arrived_order >= above->prompt;
}

static struct fit arrival_fit(const struct page *page, size_t index, const struct segment *s)
{
	const struct end_above *above = page_above(page, segment_group(page->t, s), s->to);
	struct position p;

	arrival_place(s, s->to, &p);
	return (struct fit){
	    .older = marks_forbid(&above->marks, &p) || marks_forbid(&page->readings[s->to], &p),
	    .off = gap_off(page->t, index, s->arrived),
	};
}

/* Of two arrivals that fit: what was held needs a line for its arrival; else the earlier one. */
static bool arrives_rather(const struct segment *a, const struct segment *b)
{
	if (a->held != b->held)
		return a->held;
	return a->arrived_order < b->arrived_order;
}

void judge_arrival(struct page *page, size_t index)
{
	struct trial *t = page->t;
	const struct segment *all = t->timeline->segments;
	struct fit best = {0};
	int chosen = -1;

	for (size_t k = 0; k < t->timeline->segment_count; k++) {
		const struct segment *s = &all[k];
		struct fit fit;

		if (page->taken[k] || !s->arrived_order || !is_about(t, index, s) ||
		    !arrives_below(page, s))
			continue;
		fit = arrival_fit(page, index, s);
		if (chosen >= 0 && !fits_rather(&fit, &best) &&
		    (fits_rather(&best, &fit) || !arrives_rather(s, &all[chosen])))
			continue;
		best = fit;
		chosen = (int)k;
	}
	/* Too early, or before something above: one that is still to come may fit. */
	if (chosen < 0 || (!t->over && (best.older || best.off < 0)))
		return;
	segment_matches(t, &t->run->lines[index].segment, &all[chosen]); /* it binds */
	page->taken[chosen] = t->arrival_written[chosen] = true;
	t->unanswered[index] = line_asks_plainly(t, &t->run->lines[index]);
	line_met(t, index, -1, chosen, all[chosen].arrived, all[chosen].arrived);
}
