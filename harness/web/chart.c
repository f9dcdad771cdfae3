/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: two kinds of charts over all runs and kernels, made from what the runs have
 * left. A scenario whose table is all numbers: each column is a line over the first one; a column
 * that is not the same on all kernels has a line for each. And the default timers: when packets
 * were sent, calls have failed, and sockets were looked at, on one axis of time for all; its scale
 * changes at each tick, so that seconds and weeks are to be seen on it. Kernels that look the same
 * share a line.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"
#include "harness/judge/judge.h"
#include "harness/web/page.h"
#include "harness/web/pages.h"

#define WIDTH 824
#define LINE  18
#define LEFT  24

static void begin_chart(FILE *out, long long height, const char *title)
{
	page_put(out,
		 "<div class=wide tabindex=0 role=region aria-label=\"%h\">"
		 "<svg class=chart viewBox=\"0 0 %d %d\" width=%d height=%d role=group "
		 "aria-label=\"%h\">\n",
		 title, (long long)WIDTH, height, (long long)WIDTH, height, title);
}

static void end_chart(FILE *out)
{
	fputs("</svg></div>\n", out);
}

/* `class`: NULL: none. */
static void put_label(FILE *out, long long x, long long y, const char *class, const char *text)
{
	page_put(out, "<text x=%d y=%d", x, y);
	if (class)
		page_put(out, " class=%h", class);
	page_put(out, ">%h</text>\n", text);
}

/* ---- tables ---- */

#define PLOT_TOP    12
#define PLOT_HEIGHT 300
#define LEAST_ROWS  3

struct point {
	long long x, y;
};

struct series {
	const char *name, *kernel; /* kernel NULL: on all */
	struct point *points;
	size_t count;
};

struct plot {
	struct arena a;
	struct series *series;
	size_t count;
	long long x[2], y[2]; /* from, to */
};

static int by_x(const void *left, const void *right)
{
	const struct point *a = left, *b = right;
	int order = (a->x > b->x) - (a->x < b->x);

	return order ? order : (a->y > b->y) - (a->y < b->y);
}

/* Of all these runs, or of those on one kernel: what the column has beside the first one. */
static struct series series_of(struct arena *a, const struct web_run *runs, size_t count,
			       size_t column, const char *kernel)
{
	struct series s = {.name = runs->cells[column].name, .kernel = kernel};
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (runs[i].cell_count > column && text_same(runs[i].cells[column].name, s.name) &&
		    (!kernel || !strcmp(runs[i].left->kernel, kernel)))
			*arena_push(a, s.points, s.count) =
			    (struct point){runs[i].cells[0].number, runs[i].cells[column].number};
	if (s.count)
		qsort(s.points, s.count, sizeof(*s.points), by_x);
	for (size_t i = 0; i < s.count; i++) /* both families have the same, as a rule */
		if (!kept || by_x(&s.points[kept - 1], &s.points[i]) != 0)
			s.points[kept++] = s.points[i];
	s.count = kept;
	return s;
}

static bool is_function(const struct series *s)
{
	for (size_t i = 1; i < s->count; i++)
		if (s->points[i].x == s->points[i - 1].x)
			return false;
	return true;
}

static void add_column(struct plot *p, const struct web_model *m, const struct web_run *runs,
		       size_t count, size_t column)
{
	const struct series all = series_of(&p->a, runs, count, column, NULL);

	if (is_function(&all)) {
		*arena_push(&p->a, p->series, p->count) = all;
		return;
	}
	for (size_t k = 0; k < m->kernel_count; k++) {
		const struct series one = series_of(&p->a, runs, count, column, m->kernels[k]);

		if (one.count)
			*arena_push(&p->a, p->series, p->count) = one;
	}
}

static void measure(struct plot *p)
{
	p->x[0] = p->x[1] = p->series->points->x;
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->series[i].count; k++) {
			const struct point *at = &p->series[i].points[k];

			p->x[0] = at->x < p->x[0] ? at->x : p->x[0];
			p->x[1] = at->x > p->x[1] ? at->x : p->x[1];
			p->y[0] = at->y < p->y[0] ? at->y : p->y[0];
			p->y[1] = at->y > p->y[1] ? at->y : p->y[1];
		}
}

/* Where a value lies between two, of `length` pixels. */
static long long scaled(long long value, const long long range[2], long long length)
{
	double whole = (double)range[1] - (double)range[0];

	if (whole <= 0)
		return 0;
	return (long long)(((double)value - (double)range[0]) / whole * (double)length + 0.5);
}

static long long x_of(const struct plot *p, long long x)
{
	return 2 * LEFT + scaled(x, p->x, WIDTH - 4 * LEFT);
}

static long long y_of(const struct plot *p, long long y)
{
	return PLOT_TOP + PLOT_HEIGHT - scaled(y, p->y, PLOT_HEIGHT);
}

/* What the lines look like without color: marks, and dashes (page.css: .series0 ..). */
static const char *const marks[] = {"m-4-4h8v8h-8z",	  "m0-5l5 5l-5 5l-5-5z", "m0-5l5 9h-10z",
				    "m-4-4l8 8m0-8l-8 8", "m-5 0h10m-5-5v10",	 "m0 5l5-9h-10z"};

static void put_series(FILE *out, const struct plot *p, size_t i)
{
	const struct series *s = &p->series[i];
	long long legend = PLOT_TOP + PLOT_HEIGHT + (3 + (long long)i) * LINE;
	const char *mark = marks[i % ARRAY_SIZE(marks)];

	page_put(out, "<path class=series%d d=\"M%d %dh48", (long long)(i % ARRAY_SIZE(marks)),
		 (long long)LEFT, legend - 5);
	for (size_t k = 0; k < s->count; k++)
		page_put(out, "%h%d %d", k ? "L" : "M", x_of(p, s->points[k].x),
			 y_of(p, s->points[k].y));
	page_put(out, "\"/>\n<path class=mark d=\"M%d %d%h", LEFT + 24LL, legend - 5, mark);
	for (size_t k = 0; k < s->count; k++)
		page_put(out, "M%d %d%h", x_of(p, s->points[k].x), y_of(p, s->points[k].y), mark);
	page_put(out, "\"/>\n<text x=%d y=%d>%h%h%h</text>\n", LEFT + 60LL, legend, s->name,
		 s->kernel ? ", Linux " : "", s->kernel);
}

/* About ten steps of 1, 2, 5, 10 .. */
static long long step_of(const long long range[2])
{
	static const int factors[] = {2, 5, 10};
	long long unit = 1, step = 1;

	for (size_t i = 0; (range[1] - range[0]) / step > 15; i = (i + 1) % 3) {
		step = unit * factors[i];
		if (i == 2)
			unit = step;
	}
	return step;
}

static void put_axes(FILE *out, const struct plot *p, const char *name)
{
	const long long bottom = PLOT_TOP + PLOT_HEIGHT;

	page_put(out, "<path class=axis d=\"M%d %dV%dH%d\"/>\n", 2LL * LEFT, (long long)PLOT_TOP,
		 bottom, WIDTH - 2LL * LEFT);
	for (long long y = p->y[0]; y <= p->y[1]; y += step_of(p->y))
		page_put(out, "<text class=end x=%d y=%d>%d</text>\n", 2LL * LEFT - 8,
			 y_of(p, y) + 4, y);
	for (long long x = p->x[0]; x <= p->x[1]; x += step_of(p->x))
		page_put(out, "<text class=middle x=%d y=%d>%d</text>\n", x_of(p, x), bottom + LINE,
			 x);
	page_put(out, "<text class=end x=%d y=%d>%h</text>\n", WIDTH - 2LL * LEFT,
		 bottom + 2LL * LINE, name);
}

/* A run of the scenario that has a row with numbers; NULL: there are too few of them. */
static const struct web_run *table_of(const struct web_run *runs, size_t count)
{
	const struct web_run *first = NULL;
	size_t rows = 0;

	for (size_t i = 0; i < count; i++) {
		if (runs[i].cell_count < 2)
			continue;
		rows += !first || runs[i].cells->number != first->cells->number;
		first = first ? first : &runs[i];
	}
	return rows >= LEAST_ROWS ? first : NULL;
}

static void put_table(FILE *out, const struct web_model *m, const struct web_run *runs,
		      size_t count)
{
	struct plot p = {0};

	for (size_t column = 1; column < runs->cell_count; column++)
		add_column(&p, m, runs, count, column);
	measure(&p);
	page_put(out,
		 "<h2>%h</h2>\n<p>The table of <code>%h</code>. A value that is not the same "
		 "on all kernels has a line for each.</p>\n",
		 runs->title, runs->scenario);
	begin_chart(out, PLOT_TOP + PLOT_HEIGHT + (3 + (long long)p.count) * LINE, runs->title);
	put_axes(out, &p, runs->cells->name);
	for (size_t i = 0; i < p.count; i++)
		put_series(out, &p, i);
	end_chart(out);
	arena_free(&p.a);
}

/* ---- timers ---- */

/* The same distance from each to the next one; linear in between. */
static const struct {
	long long seconds;
	const char *text;
} ticks[] = {{0, "0"},	    {1, "1 s"},	     {10, "10 s"},     {60, "1 min"},	    {600, "10 min"},
	     {3600, "1 h"}, {36000, "10 h"}, {86400, "1 day"}, {2592000, "30 days"}};

#define STRETCHES  (ARRAY_SIZE(ticks) - 1)
#define STRETCH	   92
#define AXIS_WIDTH ((long long)STRETCHES * STRETCH)

static long long x_at(long long time)
{
	for (size_t i = 0; i < STRETCHES; i++) {
		const long long stretch[2] = {ticks[i].seconds * NS_PER_S,
					      ticks[i + 1].seconds * NS_PER_S};

		if (time <= stretch[1])
			return LEFT + (long long)i * STRETCH + scaled(time, stretch, STRETCH);
	}
	return LEFT + AXIS_WIDTH;
}

static const struct {
	const char *class, *mark;
} moment_marks[MOMENT_KINDS] = {
    [MOMENT_SENT] = {"sent", "m0-5v10"},
    [MOMENT_FAILED] = {"failed", "m-4-4l8 8m0-8l-8 8"},
    [MOMENT_LOOKED] = {"looked", "m-3 0a3 3 0 0 0 6 0a3 3 0 0 0-6 0"},
};

/* What its line has: marks without a place of their own are left out. */
static const char *marks_of(struct arena *a, const struct web_run *run)
{
	struct text text;
	FILE *out = text_open(&text);

	for (enum moment_kind kind = 0; kind < MOMENT_KINDS; kind++) {
		long long last = -1;

		for (size_t i = 0; i < run->moment_count; i++) {
			long long x = x_at(run->moments[i].at);

			if (run->moments[i].kind != kind || x == last)
				continue;
			page_put(out, last < 0 ? "<path class=%h d=\"" : "",
				 moment_marks[kind].class);
			page_put(out, "M%d 8%h", x, moment_marks[kind].mark);
			last = x;
		}
		fputs(last < 0 ? "" : "\"/>", out);
	}
	return text_close(&text, a);
}

struct strip {
	const char *kernels, *marks;
	ns_t end; /* the last moment */
};

/* Of one run on all kernels: a line for each that looks different. */
static struct strip *strips_of(struct arena *a, const struct web_run *runs, size_t length,
			       size_t *count)
{
	struct strip *strips = NULL;

	for (size_t i = 0; i < length; i++) {
		const struct web_run *run = &runs[i];
		const char *drawn = run->moment_count ? marks_of(a, run) : NULL;
		struct strip *last = *count ? &strips[*count - 1] : NULL;

		if (!drawn)
			continue;
		if (last && text_same(last->marks, drawn))
			last->kernels = arena_printf(a, "%s, %s", last->kernels, run->left->kernel);
		else
			*arena_push(a, strips, *count) = (struct strip){
			    run->left->kernel, drawn, run->moments[run->moment_count - 1].at};
	}
	return strips;
}

/* Returns the next line that is free. */
static long long put_strips(FILE *out, const struct web_run *runs, size_t length, long long line)
{
	struct arena a = {0};
	size_t count = 0;
	const struct strip *strips = strips_of(&a, runs, length, &count);
	const char *parameters = strchr(runs->variant, ',');

	if (count)
		put_label(out, LEFT, ++line * LINE, "name",
			  arena_printf(&a, "%s%s", runs->title, parameters ? parameters : ""));
	for (size_t i = 0; i < count; i++) {
		put_label(out, LEFT, ++line * LINE, "dim",
			  arena_printf(&a, "%s: %s", strips[i].kernels,
				       rough_duration(&a, strips[i].end)));
		page_put(out, "<g transform=\"translate(0 %d)\"><path class=axis d=\"M%d 8h%d\"/>",
			 line++ * LINE + 4, (long long)LEFT, AXIS_WIDTH);
		fputs(strips[i].marks, out);
		fputs("</g>\n", out);
	}
	arena_free(&a);
	return line + (count != 0);
}

/* One family is enough: timers do not know which it is. */
static bool is_timed(const struct web_run *run)
{
	return !strcmp(run->topic, TIMERS_TOPIC) && !strncmp(run->variant, "IPv4", 4);
}

static void put_timers(FILE *out, const struct web_model *m)
{
	struct text text;
	FILE *strips = text_open(&text);
	struct arena a = {0};
	long long line = 2, height;
	const char *drawn;

	for (size_t i = 0, n; i < m->run_count; i += n) {
		n = variant_length(m, i);
		if (is_timed(&m->runs[i]))
			line = put_strips(strips, &m->runs[i], n, line);
	}
	drawn = text_close(&text, &a);
	height = (line + 1) * LINE;
	if (*drawn) {
		fputs("<h2 id=timers>Default timers</h2>\n<p>When packets were sent (strokes) and "
		      "calls have failed (crosses), and when ss looked at a socket (circles), "
		      "since the beginning of the run; the time of "
		      "the last one is beside the kernel. What looks different has a line of its "
		      "own. Each stretch of the axis has a scale of its own.</p>\n",
		      out);
		begin_chart(out, height, "Default timers");
		for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
			page_put(out, "<path class=tick d=\"M%d %dV%d\"/>\n",
				 LEFT + (long long)i * STRETCH, 2LL * LINE, height - LINE);
			page_put(out, "<text class=middle x=%d y=%d>%h</text>\n",
				 LEFT + (long long)i * STRETCH, 1LL * LINE, ticks[i].text);
		}
		fputs(drawn, out);
		end_chart(out);
	}
	arena_free(&a);
}

void put_charts(FILE *out, const struct web_model *m)
{
	for (size_t i = 0, n; i < m->run_count; i += n) {
		const struct web_run *first;

		n = scenario_length(m, i);
		first = table_of(&m->runs[i], n);
		if (first)
			put_table(out, m, first, n - (size_t)(first - &m->runs[i]));
	}
	put_timers(out, m);
}
