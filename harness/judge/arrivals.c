/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrivals: `>host S`, written where sending and arriving are told apart.
 *
 * An arrival that nobody wrote is no error, so each line chooses: it takes the first one that fits
 * and came after what is written of that end above (page.c). What was held and released must have a
 * line of its own (unasked.c).
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

/*
 * Of two arrivals that fit, prefer one that was held, since it needs a line; else the earlier one.
 */
static bool arrives_rather(const struct segment *a, const struct segment *b)
{
	if (a->held != b->held)
		return a->held;
	return a->arrived_order < b->arrived_order;
}

/* ---- what has arrived ---- */

/* All that has arrived at a host, in order of arrival. */
struct arrived {
	int *list;
	size_t count;
	size_t over; /* how many of the first ones no line will take any more */
};

struct arrivals {
	struct arrived at[HOST_COUNT];
	size_t held; /* how many of them had been held and have no line yet */
};

void arrivals_open(struct page *page)
{
	if (page->t->index->of_kind[LINE_ARRIVAL].count)
		page->arrivals = arena_new(page->t->lasting, struct arrivals);
}

void arrivals_gather(struct page *page)
{
	struct trial *t = page->t;
	const struct timeline *tl = t->timeline;
	struct arrivals *all = page->arrivals;

	if (!all)
		return;
	will_alter(t, all, sizeof(*all));
	for (size_t i = t->settled.events; i < tl->event_count; i++) {
		const struct event *e = &tl->events[i];
		const struct segment *s =
		    e->kind == EVENT_ARRIVED ? &tl->segments[e->segment] : NULL;

		if (!s || s->arrived_order != e->order || s->to == HOST_NONE)
			continue;
		*arena_push(t->lasting, all->at[s->to].list, all->at[s->to].count) = e->segment;
		all->held += s->held;
	}
}

/* Whether no line that is still to come can be about it. */
static bool is_over(const struct page *page, int segment)
{
	return page->t->taken[segment] ||
	       !arrives_below(page, &page->t->timeline->segments[segment]);
}

bool arrivals_go_on(const struct page *page, size_t index)
{
	const struct trial *t = page->t;

	for (int h = 0; page->arrivals && h < HOST_COUNT; h++) {
		const struct arrived *arrived = &page->arrivals->at[h];

		for (size_t i = arrived->count;
		     index < t->index->arrivals[h] && i-- > arrived->over;) {
			t->out->steps++;
			if (!is_over(page, arrived->list[i]))
				return true;
		}
	}
	return false;
}

void arrivals_settle(struct page *page)
{
	for (int h = 0; page->arrivals && h < HOST_COUNT; h++) {
		struct arrived *arrived = &page->arrivals->at[h];

		while (arrived->over < arrived->count &&
		       is_over(page, arrived->list[arrived->over]))
			arrived->over++;
	}
}

/* The first of them that came at `order` or later. */
static size_t first_since(const struct trial *t, const struct arrived *arrived, int order)
{
	size_t low = arrived->over, high = arrived->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->timeline->segments[arrived->list[middle]].arrived_order < order)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- one line ---- */

/* Where to begin looking for the line: after what is written of that end above. */
static size_t begin(const struct page *page, size_t index, const struct arrived *arrived)
{
	const struct trial *t = page->t;
	const struct end_above *above;
	int group = t->lookup.of_line[index];

	if (t->index->keys[index].name < 0) /* of whichever connection */
		return arrived->over;
	above = page_above(page, group, t->index->keys[index].host);
	return first_since(t, arrived,
			   above->marks.order > above->prompt ? above->marks.order : above->prompt);
}

void judge_arrival(struct page *page, size_t index)
{
	struct trial *t = page->t;
	const struct segment *all = t->timeline->segments;
	const struct arrived *arrived;
	struct fit best = {0};
	int chosen = -1;

	arrived = &page->arrivals->at[t->index->keys[index].host];
	for (size_t i = begin(page, index, arrived); i < arrived->count; i++) {
		int k = arrived->list[i];
		const struct segment *s = &all[k];
		struct fit fit;

		t->out->steps++;
		if (t->taken[k] || !is_about(t, index, s) || !arrives_below(page, s))
			continue;
		fit = arrival_fit(page, index, s);
		if (chosen >= 0 && !fits_rather(&fit, &best) &&
		    (fits_rather(&best, &fit) || !arrives_rather(s, &all[chosen])))
			continue;
		best = fit;
		chosen = k;
		/*
		 * Nothing can be better than one that fits and had been held, or that is the first
		 * of all.
		 */
		if (fits(&fit) && (s->held || !page->arrivals->held))
			break;
	}
	/* It is too early, or before something above: a later one may fit. */
	if (chosen < 0 || (!t->over && (best.older || best.off < 0)))
		return;
	segment_matches(t, &t->run->lines[index].segment, &all[chosen]); /* it binds */
	will_alter(t, &t->taken[chosen], sizeof(bool));
	will_alter(t, &t->arrival_written[chosen], sizeof(bool));
	will_alter(t, &t->unanswered[index], sizeof(bool));
	t->taken[chosen] = t->arrival_written[chosen] = true;
	page->arrivals->held -= all[chosen].held;
	t->unanswered[index] = line_asks_plain_ack(t, &t->run->lines[index]);
	line_met(t, index, -1, chosen, all[chosen].arrived, all[chosen].arrived);
}
