/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the spans of the ladder, one bar for each, in their order. A bar is as long
 * as the timer ran: so a backoff is seen at once.
 */
#include <string.h>

#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"
#include "harness/ladder/ladder_span.h"
#include "harness/ladder/plot.h"
#include "harness/ladder/svg.h"

#define FEWEST 3  /* timers of one name */
#define MOST   60 /* bars */
#define LINE   20
#define DIGITS 10  /* of a time */
#define TIME   12  /* pixels: where the times begin, */
#define NAME   104 /* .. the names, */
#define BAR    290 /* .. and the bars */
#define WIDE   400 /* the longest bar */
#define ROOM   90  /* for a duration beside it */
#define HEAD   44

static const char style[] = ".bar{fill:#f5b183}\n"
			    "@media(prefers-color-scheme:dark){.bar{fill:#b3651f}}\n";

struct course {
	struct bar {
		ns_t at, ran;
		enum host host;
		const char *name;
	} * bars;
	size_t count;
	ns_t longest;
};

static void add_bar(struct arena *a, struct course *c, const struct segment *s, const char *name,
		    ns_t set)
{
	*arena_push(a, c->bars, c->count) = (struct bar){s->sent, s->sent - set, s->from, name};
	c->longest = s->sent - set > c->longest ? s->sent - set : c->longest;
}

static struct course course_of(struct arena *a, const struct timeline *t)
{
	struct timer_spans *spans = timer_spans_begin(a, t);
	struct course c = {0};

	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		const char *name = NULL;
		ns_t set;

		if (e->kind == EVENT_SENT)
			name = timer_span(spans, &t->segments[e->segment], &set);
		if (name)
			add_bar(a, &c, &t->segments[e->segment], name, set);
		timer_spans_see(spans, e, e->to);
	}
	return c;
}

static size_t same_name(const struct course *c, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		count += strcmp(c->bars[i].name, name) == 0;
	return count;
}

bool plot_has_timers(struct arena *a, const struct observation *o)
{
	struct course c = course_of(a, &o->timeline);

	for (size_t i = 0; i < c.count; i++)
		if (same_name(&c, c.bars[i].name) >= FEWEST)
			return true;
	return false;
}

static void put_bar(FILE *out, struct arena *a, const struct timeline *t, const struct course *c,
		    size_t i)
{
	const struct bar *b = &c->bars[i];
	int y = HEAD + (int)i * LINE, width = (int)((double)b->ran / (double)c->longest * WIDE);

	svg_text(out, TIME, y + 13, "dim",
		 arena_printf(a, "%.*s", DIGITS,
			      arena_printf(a, "%.6f", (double)(b->at - t->start) / NS_PER_S)));
	svg_text(out, NAME, y + 13, NULL, arena_printf(a, "%s %s", host_name(b->host), b->name));
	fprintf(out, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", BAR,
		y + 2, width ? width : 1, LINE - 6);
	svg_text(out, BAR + width + 8, y + 13, NULL, rough_duration(a, b->ran));
}

void plot_timers(FILE *out, struct arena *a, const struct observation *o, const char *title)
{
	struct course c = course_of(a, &o->timeline);
	size_t shown_bars = c.count < MOST ? c.count : MOST;
	int height = HEAD + ((int)shown_bars + 2) * LINE;

	svg_begin(out, BAR + WIDE + ROOM, height, title, style);
	svg_text(out, TIME, 24, "name", "timers: when each has sent, and how long it had run");
	for (size_t i = 0; i < shown_bars; i++)
		put_bar(out, a, &o->timeline, &c, i);
	if (shown_bars < c.count)
		svg_text(out, NAME, HEAD + (int)shown_bars * LINE + 13, "dim",
			 arena_printf(a, "%zu more", c.count - shown_bars));
	svg_end(out);
}
