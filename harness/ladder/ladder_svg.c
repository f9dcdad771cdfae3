/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the columns and lines of the layout become a grid. The font is one whose
 * characters all have the same width, and each text says how long it is, so it keeps its place with
 * any font. Nothing depends on colors alone: a lost packet ends in a cross, a blocked call is a
 * bar, and a state has its name beside it. Each row of an event is a group with the event's place
 * in result.json, for pages that say more of it.
 */
#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"
#include "harness/ladder/svg.h"

#define CELL   SVG_CELL /* a column */
#define LINE   LADDER_LINE
#define MARGIN 12
#define TINT   10 /* the width of a state's color */
#define SPAN   7  /* from the life line to the span of a timer */
#define HEAD   LADDER_HEAD

static int x_of(int column)
{
	return MARGIN + column * CELL;
}

static int y_of(size_t line)
{
	return HEAD + (int)line * LINE;
}

const char ladder_style[] =
    "svg{background:#fff;color:#1b1f24;font:13px ui-monospace,'DejaVu Sans Mono',monospace}\n"
    "text{fill:currentColor;white-space:pre}.back{fill:#fff}\n"
    ".dim{fill:#59636e}.bad{fill:#b3261e}.name{font-weight:bold}\n"
    ".life{stroke:#8c959f}.folded{stroke:#8c959f;stroke-dasharray:2 4}\n"
    ".busy{stroke:#1f6feb;stroke-width:5}.busier{stroke:#1f6feb;stroke-width:9}\n"
    ".flight{stroke:currentColor;stroke-width:1.3;fill:none}.head{fill:currentColor}\n"
    ".forged{stroke-dasharray:6 3}.many{stroke-width:4}\n"
    ".lost{stroke:#b3261e;stroke-width:2;fill:none}\n"
    ".state{font-weight:bold}.span{stroke:#59636e;stroke-width:1.3;fill:none}\n"
    ".s-listen{fill:#c5dcfa}.s-opening{fill:#f7dc6f}.s-open{fill:#9fd8a4}.s-closing{fill:#f5b183}"
    ".s-left{fill:#d9b3f0}.s-waiting{fill:#c4c9d1}\n"
    "@media(prefers-color-scheme:dark){\n"
    "svg{background:#0d1117;color:#e6edf3}.back{fill:#0d1117}.dim{fill:#9198a1}.bad{fill:#ff8a80}"
    "\n"
    ".lost{stroke:#ff8a80}.span{stroke:#9198a1}.busy,.busier{stroke:#4493f8}\n"
    ".s-listen{fill:#1f3a63}.s-opening{fill:#6b5900}.s-open{fill:#1d5b2a}.s-closing{fill:#7d3c0a}"
    ".s-left{fill:#572a75}.s-waiting{fill:#4a515c}}\n";

static void put_names(FILE *out, const struct ladder_layout *layout, int y)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		const char *name = host_name(h);

		svg_text(out, x_of(layout->line[h]) - shown_width(name) * CELL / 2, y, "name",
			 name);
	}
}

/* ---- life lines ---- */

static const char *const life_classes[] = {
    [LIFE_IDLE] = "life", [LIFE_BUSY] = "busy", [LIFE_BUSIER] = "busier", [LIFE_DEAD] = NULL};

/* NULL: it is not drawn. */
static const char *life_class(const struct ladder_line *line, enum host host)
{
	enum life life = line->rung->life[host];

	return line->folded && life != LIFE_DEAD ? "folded" : life_classes[life];
}

static const char *const tint_classes[TINTS] = {
    [TINT_LISTEN] = "s-listen",	  [TINT_OPENING] = "s-opening", [TINT_OPEN] = "s-open",
    [TINT_CLOSING] = "s-closing", [TINT_LEFT] = "s-left",	[TINT_WAITING] = "s-waiting",
};

/* One stretch for all lines in which it is the same, below the life line; a gap between two. */
static void put_tints(FILE *out, const struct ladder_layout *layout, enum host host)
{
	int x = x_of(layout->line[host]);

	for (size_t i = 0; i < layout->count;) {
		enum ss_state state = layout->lines[i].rung->state[host].state;
		size_t first = i;

		while (i < layout->count && layout->lines[i].rung->state[host].state == state)
			i++;
		if (state_tint(state) != TINT_NONE)
			fprintf(out,
				"<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
				"height=\"%d\"/>\n",
				tint_classes[state_tint(state)], x - TINT / 2, y_of(first) + 1,
				TINT, y_of(i) - y_of(first) - 1);
	}
}

/* One stroke for all lines in which it looks the same. */
static void put_life(FILE *out, const struct ladder_layout *layout, enum host host)
{
	int x = x_of(layout->line[host]);

	for (size_t i = 0; i < layout->count;) {
		const char *class = life_class(&layout->lines[i], host);
		size_t first = i;

		while (i < layout->count && life_class(&layout->lines[i], host) == class)
			i++;
		if (class)
			fprintf(out, "<path class=\"%s\" d=\"M%d %dV%d\"/>\n", class, x,
				y_of(first), y_of(i));
	}
}

/* ---- timers ---- */

/* A line beside the life line; where it ends, it turns to the packet that it sends. */
static void put_spans(FILE *out, const struct ladder_layout *layout, enum host host)
{
	int life = x_of(layout->line[host]);
	int x = span_column(layout, host) < layout->line[host] ? life - SPAN : life + SPAN;

	for (size_t i = 0; i < layout->count; i++) {
		size_t first = i;

		if (layout->lines[i].spans[host] == SPAN_NONE)
			continue;
		while (i + 1 < layout->count && layout->lines[i].spans[host] == SPAN_RUNS &&
		       layout->lines[i + 1].spans[host] != SPAN_NONE)
			i++;
		if (layout->lines[i].spans[host] == SPAN_ENDS)
			fprintf(out, "<path class=\"span\" d=\"M%d %dh%dV%dH%d\"/>\n", life,
				y_of(first), x - life, y_of(i) + 15, life);
		else
			fprintf(out, "<path class=\"span\" d=\"M%d %dV%d\"/>\n", x, y_of(first),
				y_of(i + 1));
	}
}

/* ---- packets ---- */

static void put_flight(FILE *out, const struct ladder_line *line, int y)
{
	int step = line->is_rightward ? 1 : -1;
	int from = x_of(line->from - step), to = x_of(line->to + step);
	const struct rung *r = line->rung;
	bool is_lost = r->end == FLIGHT_LOST;
	int tip = is_lost ? x_of(line->to) : to - 4 * step;

	fprintf(out, "<path class=\"flight%s\" d=\"M%d %dH%d\"/>\n",
		r->is_many	     ? " many"
		: r->segment->forged ? " forged"
				     : "",
		from, y, tip);
	if (is_lost)
		fprintf(out, "<path class=\"lost\" d=\"M%d %dl8 8m0 -8l-8 8\"/>\n", tip - 4, y - 4);
	else
		fprintf(out, "<path class=\"head\" d=\"M%d %dl%d -4v8z\"/>\n", to - step, y,
			-8 * step);
}

/* Life lines do not pass through a text. */
static void put_back(FILE *out, const struct ladder_layout *layout, size_t i)
{
	const struct ladder_line *line = &layout->lines[i];
	int width = line->text ? shown_width(line->text) : 0, end = line->column + width;

	for (int h = 0; h < LAB_HOSTS; h++) {
		if (!width || layout->line[h] < line->column || layout->line[h] > end)
			continue;
		fprintf(out,
			"<rect class=\"back\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\"/>\n",
			x_of(line->column) - 3, y_of(i), width * CELL + 6);
		return;
	}
}

/* NULL: the row only says what is left out above an event. */
static const struct event *told_by(const struct rung *r)
{
	return r->kind == RUNG_WAIT || r->kind == RUNG_LEFT_OUT ? NULL : r->event;
}

static void put_line(FILE *out, const struct ladder_layout *layout, size_t i)
{
	const struct ladder_line *line = &layout->lines[i];
	const struct event *e = told_by(line->rung);
	int base = y_of(i) + 11, y = y_of(i) + 15;

	if (e)
		fprintf(out, "<g data-event=\"%d\">\n", e->order - 1);
	if (line->time)
		svg_text(out, MARGIN, base, "dim", line->time);
	if (line->has_flight)
		put_flight(out, line, y);
	for (int h = 0; h < LAB_HOSTS; h++)
		if (line->states[h].text)
			svg_text(out, x_of(line->states[h].column), base, "state",
				 line->states[h].text);
	for (int h = 0; h < LAB_HOSTS; h++)
		if (line->timers[h].text)
			svg_text(out, x_of(line->timers[h].column), base, "dim",
				 line->timers[h].text);
	if (line->text)
		svg_text(out, x_of(line->column), base, line->rung->is_bad ? "bad" : NULL,
			 line->text);
	if (e)
		fputs("</g>\n", out);
}

void ladder_svg(FILE *out, const struct ladder_layout *layout, const char *title)
{
	int width = 2 * MARGIN + LADDER_COLUMNS * CELL, height = y_of(layout->count) + HEAD;

	svg_begin(out, width, height, title, NULL);
	put_names(out, layout, HEAD - 10);
	for (int h = 0; h < LAB_HOSTS; h++)
		put_tints(out, layout, h);
	for (int h = 0; h < LAB_HOSTS; h++)
		put_life(out, layout, h);
	for (int h = 0; h < LAB_HOSTS; h++)
		put_spans(out, layout, h);
	for (size_t i = 0; i < layout->count; i++)
		put_back(out, layout, i);
	for (size_t i = 0; i < layout->count; i++)
		put_line(out, layout, i);
	put_names(out, layout, height - 10);
	svg_end(out);
}
