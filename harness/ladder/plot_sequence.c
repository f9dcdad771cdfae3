/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: time goes to the right, sequence numbers go up. A segment is a vertical
 * stroke from its first number to its last one, when the router has seen it. The acknowledgements
 * and the edge of the window are steps, when they have come back to the sender. Each looks
 * different without color, too: a repetition has a ring around its beginning, a lost one a cross.
 *
 * Marks that would lie on the same pixels are drawn once, so a transfer of any length makes a
 * picture of limited size.
 */
#include <string.h>

#include "harness/base/shown.h"
#include "harness/ladder/plot.h"
#include "harness/ladder/svg.h"

#define FEWEST	     8	       /* segments with data */
#define LEAST_TIME   NS_PER_MS /* else all of it is in one column */
#define WIDE	     640       /* of the field, in pixels */
#define HIGH	     400
#define LEFT	     100 /* beside it */
#define RIGHT	     60
#define ABOVE	     62
#define BELOW	     40
#define TICKS	     8 /* at most */
#define WHITE_SPACES 20

static const char style[] = ".data{stroke:currentColor;stroke-width:2;fill:none}"
			    ".again{stroke:#b3261e;stroke-width:1.5;fill:none}"
			    ".acked{stroke:#1a7f37;stroke-width:1.3;fill:none}"
			    ".edge{stroke:#1f6feb;stroke-width:1.3;stroke-dasharray:5 3;fill:none}"
			    ".axis{stroke:#8c959f;fill:none}\n"
			    "@media(prefers-color-scheme:dark){.again{stroke:#ff8a80}"
			    ".acked{stroke:#57c46f}.edge{stroke:#79b8ff}}\n";

struct plot {
	FILE *out;
	struct arena *a;
	const struct timeline *t;
	int connection, end; /* which sends */
	ns_t from, to;
	int64_t least, most; /* numbers */
	bool *taken;	     /* of each pixel of the field, whether a mark begins there */
};

/* ---- which transfer ---- */

static bool is_data(const struct segment *s)
{
	return s->packet->kind == PACKET_TCP && s->connection >= 0 && !s->forged &&
	       s->packet->length && !(s->packet->flags & (FLAG_SYN | FLAG_RST));
}

/* What comes back may be forged: the sender takes it as it is. */
static bool is_of(const struct plot *p, const struct segment *s)
{
	return s->packet->kind == PACKET_TCP && s->connection == p->connection &&
	       !(s->packet->flags & FLAG_RST) && !(s->forged && s->end == p->end);
}

/* The end that has sent the most; false: none has sent enough. */
static bool find_transfer(struct plot *p)
{
	const struct timeline *t = p->t;
	struct {
		int64_t bytes;
		int segments;
	} *ends = arena_alloc(p->a, (2 * t->connection_count + 1) * sizeof(*ends));
	int64_t most = 0;

	for (size_t i = 0; i < t->segment_count; i++) {
		const struct segment *s = &t->segments[i];

		if (!is_data(s))
			continue;
		ends[2 * s->connection + s->end].bytes += s->packet->length;
		ends[2 * s->connection + s->end].segments++;
	}
	for (size_t i = 0; i < 2 * t->connection_count; i++) {
		if (ends[i].segments < FEWEST || ends[i].bytes <= most ||
		    !t->connections[i / 2].end[i % 2].has_isn)
			continue;
		most = ends[i].bytes;
		p->connection = (int)(i / 2), p->end = (int)(i % 2);
	}
	return most > 0;
}

static void include(struct plot *p, ns_t at, int64_t number)
{
	p->from = !p->from || at < p->from ? at : p->from;
	p->to = at > p->to ? at : p->to;
	p->most = number > p->most ? number : p->most;
}

/* The window's edge may be far above: then it is cut off. */
static void find_range(struct plot *p)
{
	for (size_t i = 0; i < p->t->segment_count; i++) {
		const struct segment *s = &p->t->segments[i];

		if (!is_of(p, s))
			continue;
		if (s->end == p->end)
			include(p, s->sent, s->seq + s->packet->length);
		else if (s->arrived)
			include(p, s->arrived, s->ack);
	}
	p->most += p->most / WHITE_SPACES + 1;
}

/* Packets that merely pass are not on the time line (`capture headers`). */
static bool begin(struct plot *p, struct arena *a, const struct observation *o)
{
	*p = (struct plot){.a = a, .t = &o->timeline};
	if (p->t->passed || !find_transfer(p))
		return false;
	find_range(p);
	return p->to - p->from >= LEAST_TIME;
}

bool plot_has_sequence(struct arena *a, const struct observation *o)
{
	struct plot p;

	return begin(&p, a, o);
}

/* ---- places ---- */

static int x_of(const struct plot *p, ns_t at)
{
	return LEFT + (int)((double)(at - p->from) / (double)(p->to - p->from) * WIDE);
}

static int y_of(const struct plot *p, int64_t number)
{
	if (number > p->most)
		number = p->most;
	if (number < 0)
		number = 0;
	return ABOVE + HIGH - (int)((double)number / (double)p->most * HIGH);
}

/* For the first time. */
static bool take(struct plot *p, int x, int y)
{
	bool *pixel = &p->taken[(y - ABOVE) * (WIDE + 1) + x - LEFT];
	bool was = *pixel;

	*pixel = true;
	return !was;
}

/* ---- axes ---- */

/* 1, 2 or 5 times a power of ten: at most so many of them are in `range`. */
static int64_t tick_of(int64_t range)
{
	static const int steps[] = {1, 2, 5};

	for (int64_t power = 1;; power *= 10)
		for (int i = 0; i < 3; i++)
			if (range / (power * steps[i]) <= TICKS)
				return power * steps[i];
}

static void put_axes(const struct plot *p)
{
	int64_t step = tick_of(p->most), time = tick_of(p->to - p->from);

	fprintf(p->out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, ABOVE, ABOVE + HIGH,
		LEFT + WIDE);
	for (int64_t n = 0; n <= p->most; n += step) {
		const char *text = arena_printf(p->a, "%lld", (long long)n);
		int y = y_of(p, n);

		fprintf(p->out, "<path class=\"axis\" d=\"M%d %dh-5\"/>\n", LEFT, y);
		svg_text(p->out, LEFT - 10 - shown_width(text) * SVG_CELL, y + 4, "dim", text);
	}
	for (ns_t at = 0; at <= p->to - p->from; at += time) {
		const char *text = arena_printf(p->a, "%g", (double)at / NS_PER_S);
		int x = x_of(p, p->from + at);

		fprintf(p->out, "<path class=\"axis\" d=\"M%d %dv5\"/>\n", x, ABOVE + HIGH);
		svg_text(p->out, x - shown_width(text) * SVG_CELL / 2, ABOVE + HIGH + 18, "dim",
			 text);
	}
	svg_text(p->out, LEFT + WIDE + 12, ABOVE + HIGH + 4, "dim", "s");
}

/* ---- what is drawn ---- */

/* Whether some of it has been sent before. */
static bool is_repeated(const struct segment *s, int64_t next)
{
	return s->seq < next;
}

/* One path for all strokes of a kind, and then the marks at them. */
static void put_data(struct plot *p, bool repeated)
{
	int64_t next = 0;

	fprintf(p->out, "<path class=\"%s\" d=\"", repeated ? "again" : "data");
	for (size_t i = 0; i < p->t->segment_count; i++) {
		const struct segment *s = &p->t->segments[i];
		int x, y, top;

		if (!is_of(p, s) || s->end != p->end || !is_data(s))
			continue;
		x = x_of(p, s->sent), y = y_of(p, s->seq);
		top = y_of(p, s->seq + s->packet->length);
		if (is_repeated(s, next) == repeated && take(p, x, y)) {
			fprintf(p->out, "M%d %dV%d", x, y, top < y ? top : y - 1);
			if (repeated)
				fprintf(p->out, "M%d %da4 4 0 1 0 8 0a4 4 0 1 0 -8 0", x - 4, y);
			if (!s->arrived)
				fprintf(p->out, "M%d %dl8 8m0 -8l-8 8", x - 4, top - 4);
		}
		if (s->seq + s->packet->length > next)
			next = s->seq + s->packet->length;
	}
	fputs("\"/>\n", p->out);
}

/* What comes back: a line of steps. */
static void put_steps(const struct plot *p, const char *class, bool edge)
{
	int last_x = -1, last_y = -1;

	fprintf(p->out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < p->t->segment_count; i++) {
		const struct segment *s = &p->t->segments[i];
		int x, y;

		if (!is_of(p, s) || s->end == p->end || !s->arrived ||
		    !(s->packet->flags & FLAG_ACK))
			continue;
		x = x_of(p, s->arrived);
		y = y_of(p, s->ack + (edge ? s->window : 0));
		if (x < last_x || (x == last_x && y == last_y))
			continue;
		fprintf(p->out, last_x < 0 ? "M%d %d" : "H%dV%d", x, y);
		last_x = x, last_y = y;
	}
	fprintf(p->out, last_x < 0 ? "M0 0" : "H%d", LEFT + WIDE);
	fputs("\"/>\n", p->out);
}

static void put_key(const struct plot *p)
{
	static const struct {
		const char *class, *shape, *text;
	} keys[] = {
	    {"data", "m8 4v-12", "sent"},
	    {"again", "m8 4v-12m-4 12a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "sent again"},
	    {"again", "m4 -8l8 8m0 -8l-8 8", "lost"},
	    {"acked", "h16", "acknowledged"},
	    {"edge", "h16", "window edge"},
	};
	int x = LEFT;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		fprintf(p->out, "<path class=\"%s\" d=\"M%d %d%s\"/>\n", keys[i].class, x, 40,
			keys[i].shape);
		svg_text(p->out, x + 22, 44, NULL, keys[i].text);
		x += 22 + shown_width(keys[i].text) * SVG_CELL + 20;
	}
}

void plot_sequence(FILE *out, struct arena *a, const struct observation *o, const char *title)
{
	const struct connection *c;
	struct plot p;

	if (!begin(&p, a, o))
		return;
	p.out = out;
	p.taken = arena_alloc(a, (size_t)(WIDE + 1) * (HIGH + 1) * sizeof(*p.taken));
	c = &p.t->connections[p.connection];
	svg_begin(out, LEFT + WIDE + RIGHT, ABOVE + HIGH + BELOW, title, style);
	svg_text(out, LEFT, 20, "name",
		 arena_printf(a, "%s: what the %s sends, sequence number and time",
			      c->name_count ? shown(a, c->names[0]) : "?",
			      host_name(c->end[p.end].host)));
	put_key(&p);
	put_axes(&p);
	put_steps(&p, "edge", true);
	put_steps(&p, "acked", false);
	put_data(&p, false);
	put_data(&p, true);
	svg_end(out);
}
