/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every part of the judge needs: marking a line as met, adding a problem, and finding out
 * which lines speak of the same thing.
 */
#include "harness/judge/trial.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

/* One blank where there are several, but not in a string. */
static const char *without_padding(struct arena *a, const char *text)
{
	char *copy = arena_strndup(a, text, strlen(text)), *to = copy;
	bool quoted = false;

	for (const char *c = text; *c; c++) {
		if (quoted && *c == '\\' && c[1])
			*to++ = *c++;
		else if (*c == '"')
			quoted = !quoted;
		if (quoted || *c != ' ' || c[1] != ' ')
			*to++ = *c;
	}
	*to = '\0';
	return copy;
}

const char *line_reference(struct arena *a, const struct line *line)
{
	struct line bare = *line;

	bare.gap.present = false;
	bare.label = NULL;
	return without_padding(a, line_bare_text(a, &bare));
}

void line_met(struct trial *t, size_t index, int event, int segment, ns_t from, ns_t to)
{
	if (t->met_end <= index)
		t->met_end = index + 1;
	t->out->met += t->out->lines[index].fate != LINE_MET;
	will_alter(t, &t->out->lines[index], sizeof(*t->out->lines));
	t->out->lines[index] = (struct line_judgement){
	    .fate = LINE_MET,
	    .event = event,
	    .segment = segment,
	    .from = from,
	    .to = to,
	};
}

/* ---- problems ---- */

static struct problem *problem_new(struct trial *t, size_t line, int event)
{
	struct problem *p = arena_push(t->arena, t->out->problems, t->out->problem_count);

	p->line = (int)line;
	p->event = event;
	return p;
}

/* The line that a problem is about is no longer waited for. */
static void fail_line(struct trial *t, size_t line)
{
	if (t->out->lines[line].fate == LINE_NOTHING)
		return;
	t->out->met -= t->out->lines[line].fate == LINE_MET;
	will_alter(t, &t->out->lines[line], sizeof(*t->out->lines));
	t->out->lines[line].fate = LINE_FAILED;
}

struct problem *problem_add(struct trial *t, size_t line, int event, const char *got,
			    const char *differ)
{
	struct problem *p = problem_new(t, line, event);

	p->expected = line_bare_text(t->arena, &t->run->lines[line]);
	p->got = got ? got : "nothing";
	p->differ = differ;
	fail_line(t, line);
	return p;
}

struct problem *problem_timing(struct trial *t, size_t line, int event, const char *expected,
			       const char *got)
{
	struct problem *p = problem_new(t, line, event);

	p->expected = expected;
	p->got = got;
	p->timing = true;
	fail_line(t, line);
	return p;
}

void problem_unasked(struct trial *t, int event)
{
	const struct event *e = &t->timeline->events[event];
	size_t after = spot_of(t, event).after;
	struct problem *p = problem_new(t, after, event);

	p->unasked = true;
	p->expected = arena_printf(t->arena, "%s after %s",
				   event_is_packet(e) ? "no more packets" : "nothing more",
				   line_reference(t->arena, &t->run->lines[after]));
	p->got = event_text(t->arena, t->timeline, e);
}

const char *judge_numbers(struct arena *a, const struct judgement *j, const char *text)
{
	const char *numbers = "";

	for (size_t i = 0; i < j->variable_count; i++) {
		const struct variable *v = &j->variables[i];
		size_t length = strlen(v->name);
		const char *at = text;

		while ((at = strchr(at, '$')) &&
		       (strncmp(++at, v->name, length) || isalnum((unsigned char)at[length]) ||
			at[length] == '_'))
			;
		if (at)
			numbers = arena_printf(a, "%s%s$%s = %" PRId64, numbers,
					       *numbers ? ", " : " with ", v->name, v->value);
	}
	return numbers;
}

void problems_word(struct trial *t)
{
	for (size_t i = 0; i < t->out->problem_count; i++) {
		struct problem *p = &t->out->problems[i];

		p->expected =
		    arena_printf(t->arena, "%s%s", p->expected,
				 p->unasked ? "" : judge_numbers(t->arena, t->out, p->expected));
		p->message = arena_printf(t->arena, "expected %s; got %s%s%s", p->expected, p->got,
					  p->differ ? ": " : "", p->differ ? p->differ : "");
	}
}

/* ---- names ---- */

bool both_datagrams(const struct trial *t, const struct line *line, const char *connection)
{
	int index = timeline_find(t->timeline, connection);

	return index >= 0 && t->timeline->connections[index].kind != PACKET_TCP &&
	       (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL) &&
	       (line->segment.kind == SEGMENT_UDP || line->segment.kind == SEGMENT_ICMP);
}

const char *canonical_name(const struct timeline *t, const char *name)
{
	int index = timeline_find(t, name);

	return index < 0 ? name : t->connections[index].names[0];
}

size_t first_unsettled(const struct trial *t, const struct line_list *lines)
{
	size_t low = 0, high = lines->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (lines->list[middle] < t->settled.lines)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool same_actor(const struct line *line, enum host host, const char *part)
{
	return line->actor.host && line->actor.id == host && text_same(line->actor.part, part);
}
