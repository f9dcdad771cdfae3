/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a rung becomes one or more lines, in which each text and arrow has its
 * columns: the time, what the client does, the three life lines with arrows between them, what the
 * server does. A text that does not fit beside its host goes on in the next line; one that does not
 * fit at its arrow stands in a line above it. So nothing can overlap, however it is drawn. The name
 * of a new state stands beside its life line where there is room: usually in the same line, else in
 * the next one that has some.
 */
#include <string.h>

#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/ladder/ladder.h"

#define INDENT	  2 /* columns, of a text that goes on */
#define BESIDE	  5 /* columns of an arrow that its label leaves free */
#define LOST_HERE 6 /* columns of an arrow that does not leave its host */

struct laying {
	struct arena *a;
	struct ladder_layout *out;
	struct life_state told[LAB_HOSTS]; /* of each host, the one that was written last */
};

/* Long runs have fewer decimals. */
static const char *time_of(struct arena *a, ns_t at)
{
	char *text = arena_printf(a, "%*.6f", LADDER_TIME, (double)at / NS_PER_S);

	text[LADDER_TIME] = '\0';
	return text;
}

static struct ladder_line *add_line(struct laying *l, const struct rung *r, bool first)
{
	struct ladder_line *line = arena_push(l->a, l->out->lines, l->out->count);

	*line = (struct ladder_line){.rung = r, .time = first ? time_of(l->a, r->at) : NULL};
	return line;
}

/* ---- beside a host ---- */

static size_t character(const char *text)
{
	size_t n = 1;

	while (((unsigned char)text[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* A line may end behind these: names of sysctls, lists of arguments. */
static bool may_end(char c)
{
	return c && strchr(".,_/|=", c);
}

/*
 * How many bytes of the text stand in one line of that width. It ends before a blank (of those in
 * a result only before the first), else within a word, where that has parts.
 */
static size_t one_line(const char *text, int width)
{
	const char *at = text, *blank = NULL, *part = NULL;
	bool is_result = false;

	for (int i = 0; i < width && *at; i++) {
		if (*at == ' ' && i && !is_result) {
			blank = at;
			is_result = at[1] == '=';
		}
		if (may_end(*at))
			part = at + 1;
		at += character(at);
	}
	if (!*at || (*at == ' ' && !is_result))
		return (size_t)(at - text);
	/* Rather a part of a word than a line that is hardly used. */
	if (part && (!blank || blank - text < width / 2))
		return (size_t)(part - text);
	return (size_t)((blank ? blank : at) - text);
}

static void lay_beside(struct laying *l, const struct rung *r)
{
	const int *lines = l->out->line;
	bool left = r->host == HOST_CLIENT, first = true;
	int column = left ? LADDER_TIME + 1 : lines[HOST_SERVER] + 2;
	int width = (left ? lines[HOST_CLIENT] - 1 : LADDER_COLUMNS) - column;
	const char *text = r->text;

	do {
		struct ladder_line *line = add_line(l, r, first);
		int indent = first ? 0 : INDENT;
		size_t n = one_line(text, width - indent);

		line->column = column + indent;
		line->text = arena_strndup(l->a, text, n);
		text += n;
		text += strspn(text, " ");
		first = false;
	} while (*text);
}

/* ---- across the life lines ---- */

static void lay_across(struct laying *l, const struct rung *r, int middle, bool first, bool folded)
{
	int width = shown_width(r->text), column = middle - width / 2;
	int least = l->out->line[HOST_CLIENT] + 2, most = LADDER_COLUMNS - width;
	struct ladder_line *line = add_line(l, r, first);

	if (r->kind == RUNG_FLIGHT)
		most = l->out->line[HOST_SERVER] - 1 - width;
	if (column > most)
		column = most;
	line->column = column < least ? least : column;
	line->text = r->text;
	line->folded = folded;
}

static void lay_flight(struct laying *l, const struct rung *r)
{
	int from = l->out->line[r->from], to = l->out->line[r->to];
	bool right = r->to == r->from ? r->segment->to > r->from : r->to > r->from;
	int step = right ? 1 : -1, width = shown_width(r->text);
	struct ladder_line *line;
	bool fits;

	if (from == to)
		to = from + LOST_HERE * step;
	fits = width <= (to - from) * step - BESIDE;
	if (!fits)
		lay_across(l, r, (from + to) / 2, false, false);
	line = add_line(l, r, true);
	line->has_flight = true;
	line->from = from + step;
	line->to = to - step;
	line->is_rightward = right;
	if (fits) {
		line->text = r->text;
		line->column = (from + to - width + 1) / 2;
	}
}

static void lay_rung(struct laying *l, const struct rung *r)
{
	int router = l->out->line[HOST_ROUTER];

	switch (r->kind) {
	case RUNG_FLIGHT:
		lay_flight(l, r);
		break;
	case RUNG_ENTER:
	case RUNG_RETURN:
	case RUNG_TOLD:
		if (r->host == HOST_ROUTER)
			lay_across(l, r, router, true, false);
		else
			lay_beside(l, r);
		break;
	case RUNG_WAIT:
	case RUNG_LEFT_OUT:
		lay_across(l, r, router, false, true);
		break;
	}
}

/* ---- the states of sockets, beside the life lines ---- */

static const enum tint tints[SS_STATES] = {
    [SS_LISTEN] = TINT_LISTEN,	   [SS_SYN_SENT] = TINT_OPENING,   [SS_SYN_RECV] = TINT_OPENING,
    [SS_ESTAB] = TINT_OPEN,	   [SS_FIN_WAIT_1] = TINT_CLOSING, [SS_FIN_WAIT_2] = TINT_CLOSING,
    [SS_CLOSING] = TINT_CLOSING,   [SS_CLOSE_WAIT] = TINT_LEFT,	   [SS_LAST_ACK] = TINT_LEFT,
    [SS_TIME_WAIT] = TINT_WAITING,
};

enum tint state_tint(enum ss_state state)
{
	return tints[state];
}

static const char *short_duration(struct arena *a, ns_t time)
{
	return time % NS_PER_S ? rough_duration(a, time)
			       : arena_printf(a, "%lld s", (long long)(time / NS_PER_S));
}

/* From the longest to the shortest, since it has to find room. */
#define LABELS 3
static void state_labels(struct arena *a, const struct life_state *s, const char **labels)
{
	const char *word = s->state == SS_NONE	    ? "CLOSED"
			   : s->state == SS_UNKNOWN ? "?"
						    : ss_state_names[s->state];
	const char *timed =
	    s->timer ? arena_printf(a, "%s %s", word, short_duration(a, s->timer)) : word;

	labels[0] = s->name ? arena_printf(a, "%s: %s", s->name, timed) : timed;
	labels[1] = s->name ? arena_printf(a, "%s: %s", s->name, word) : timed;
	labels[2] = word;
}

static bool meets(int from, int to, int other_from, int other_to)
{
	return from <= other_to && to >= other_from;
}

static bool meets_label(const struct ladder_label *label, int from, int to)
{
	return label->text &&
	       meets(from - 1, to + 1, label->column, label->column + shown_width(label->text) - 1);
}

/* With a blank at each side. */
static bool is_free(const struct ladder_line *line, const int *lives, int from, int to)
{
	int end = line->text ? line->column + shown_width(line->text) - 1 : 0;

	if (from <= LADDER_TIME || to >= LADDER_COLUMNS)
		return false;
	if (line->text && meets(from - 1, to + 1, line->column, end))
		return false;
	if (line->has_flight && meets(from, to, line->from < line->to ? line->from : line->to,
				      line->from < line->to ? line->to : line->from))
		return false;
	for (int h = 0; h < LAB_HOSTS; h++) {
		if (meets(from - 1, to + 1, lives[h], lives[h]))
			return false;
		if (meets_label(&line->states[h], from, to) ||
		    meets_label(&line->timers[h], from, to))
			return false;
	}
	return true;
}

/* Beside the life line, if possible outside, where no arrows are, and beyond the spans of timers.
 */
static bool put_label(const struct laying *l, struct ladder_line *line, enum host h,
		      const char *text, struct ladder_label *label)
{
	int life = l->out->line[h], width = shown_width(text);
	int columns[] = {h == HOST_CLIENT ? life - 2 - width : life + 3,
			 h == HOST_CLIENT ? life + 2 : life - 1 - width};
	bool is_taken = line->text && !line->has_flight && line->rung->kind != RUNG_FLIGHT &&
			line->rung->host == h;

	for (int i = is_taken; i < 2; i++)
		if (is_free(line, l->out->line, columns[i], columns[i] + width - 1)) {
			*label = (struct ladder_label){text, columns[i]};
			return true;
		}
	return false;
}

/* In the first line of that rung that has room. */
static void label_rung(struct laying *l, const struct rung *r, size_t first, enum host h)
{
	const struct life_state *now = &r->state[h], *told = &l->told[h];
	const char *labels[LABELS];

	if (now->state == told->state && now->timer == told->timer &&
	    text_same(now->name, told->name))
		return;
	state_labels(l->a, now, labels);
	for (int k = 0; k < LABELS; k++)
		for (size_t i = first; i < l->out->count; i++)
			if (put_label(l, &l->out->lines[i], h, labels[k],
				      &l->out->lines[i].states[h])) {
				l->told[h] = *now;
				return;
			}
}

static void label_states(struct laying *l, const struct rung *r, size_t first)
{
	if (r->kind == RUNG_WAIT || r->kind == RUNG_LEFT_OUT)
		return;
	label_rung(l, r, first, HOST_CLIENT);
	label_rung(l, r, first, HOST_SERVER);
}

/* ---- timers, beside the life lines ---- */

int span_column(const struct ladder_layout *layout, enum host host)
{
	return layout->line[host] + (host == HOST_CLIENT ? -1 : 1);
}

/* The wait above says it already: nothing else has happened since the timer was set. */
static bool is_told_by_wait(const struct ladder *ladder, size_t i)
{
	const struct rung *r = &ladder->rungs[i];

	return i >= 2 && r[-1].kind == RUNG_WAIT && r[-2].at <= r->set + NS_PER_MS;
}

/* Where a text is, a span is not drawn. */
static void put_span(struct laying *l, size_t line, enum host h, bool ends)
{
	struct ladder_line *at = &l->out->lines[line];
	int column = span_column(l->out, h);
	int end = at->text ? at->column + shown_width(at->text) : 0;

	if (at->text && column >= at->column - 1 && column <= end)
		return;
	if (ends || at->spans[h] == SPAN_NONE)
		at->spans[h] = ends ? SPAN_ENDS : SPAN_RUNS;
}

/* From below the row in which it was set to the one in which it sends. */
static void lay_span(struct laying *l, const struct ladder *ladder, size_t i)
{
	const struct rung *r = &ladder->rungs[i];
	size_t last = l->out->count - 1, first = last;

	if (!r->timer || r->is_many || (r->from != HOST_CLIENT && r->from != HOST_SERVER))
		return;
	while (first && l->out->lines[first - 1].rung->at > r->set)
		first--;
	for (size_t k = first; k < last; k++)
		put_span(l, k, r->from, false);
	put_span(l, last, r->from, true);
	if (is_told_by_wait(ladder, i))
		return;
	for (size_t k = last + 1; k-- && l->out->lines[k].rung == r;)
		if (put_label(l, &l->out->lines[k], r->from, r->timer,
			      &l->out->lines[k].timers[r->from]))
			return;
}

void ladder_lay_out(struct arena *a, const struct ladder *ladder, struct ladder_layout *out)
{
	/* Two fifths for the arrows, the rest for what stands beside the hosts. */
	int wide = LADDER_COLUMNS - LADDER_TIME, between = wide / 5;
	struct laying l = {.a = a, .out = out};

	*out = (struct ladder_layout){0};
	out->line[HOST_ROUTER] = LADDER_TIME + wide / 2;
	out->line[HOST_CLIENT] = out->line[HOST_ROUTER] - between;
	out->line[HOST_SERVER] = out->line[HOST_ROUTER] + between;
	for (size_t i = 0; i < ladder->count; i++) {
		size_t first = out->count;

		lay_rung(&l, &ladder->rungs[i]);
		label_states(&l, &ladder->rungs[i], first);
		lay_span(&l, ladder, i);
	}
}

void ladder_lay_out_run(struct arena *a, const struct observation *o, struct ladder_layout *out)
{
	struct ladder ladder;

	ladder_make(a, o, &ladder);
	ladder_lay_out(a, &ladder, out);
}
