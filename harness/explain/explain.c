/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the rungs of the ladder are told one by one, each as a line in the notation
 * of the transcript, with what it means below it. A step begins where somebody does something, or
 * after a wait: what follows from that is told with it. Calls of one host that nothing comes of are
 * one step.
 *
 * Whoever writes this (a guest, perhaps) does not know who reads it, so a page's end is a character
 * that no text of ours has.
 */
#include "harness/explain/explain.h"

#include <string.h>

#include "harness/base/text.h"
#include "harness/base/wrap.h"
#include "harness/ladder/ladder.h"
#include "harness/script/script.h"
#include "harness/story/story.h"
#include "harness/timeline/notation.h"

#define PAGE_END '\f'
#define INDENT	 8 /* of sentences */

struct telling {
	struct arena *a;
	FILE *out;
	const struct observation *o;
	const struct timeline *t;
	struct ladder ladder;
	struct story story;
};

/* ---- text ---- */

/* A sentence below its line: it begins with a capital letter, and has an end. */
static void put_words(const struct telling *w, const char *words)
{
	char *text;

	if (!*words)
		return;
	text = arena_printf(w->a, "%s%s", words, words[strlen(words) - 1] == '?' ? "" : ".");
	if (*text >= 'a' && *text <= 'z')
		*text += 'A' - 'a';
	fprintf(w->out, "%*s", INDENT, "");
	words_wrap(w->out, w->a, text, INDENT, INDENT);
}

/* ---- rungs ---- */

/* What is left out is a repetition of what is told above, and its last time is told below. */
static bool is_repetition(const struct rung *r)
{
	return r->kind == RUNG_LEFT_OUT && strstr(r->text, "times more");
}

static bool is_reading(const struct rung *r)
{
	return r->kind == RUNG_TOLD && r->event->kind == EVENT_READING;
}

static bool is_action(const struct rung *r)
{
	return r->kind == RUNG_TOLD && r->event->kind == EVENT_ACTION;
}

static bool is_whole_call(const struct rung *r)
{
	return r->kind == RUNG_TOLD && r->event->kind == EVENT_RETURN;
}

static bool is_call(const struct rung *r)
{
	return r->kind == RUNG_ENTER || is_whole_call(r);
}

static const struct line *line_of(const struct telling *w, const struct event *e)
{
	return e->line >= 0 ? &w->o->run->lines[e->line] : NULL;
}

/* What the story knows of it: who made it, what became of it, what it is in its connection. */
static void put_notes(const struct telling *w, const struct event *e)
{
	const struct notes *notes = &w->story.of[e - w->t->events];

	for (size_t i = 0; i < notes->count; i++) {
		enum note_kind kind = notes->list[i].kind;

		if (kind == NOTE_ORIGIN || kind == NOTE_FATE || kind == NOTE_COURSE)
			put_words(w, notes->list[i].text);
	}
}

/* What an acknowledgement says is beside the point if it is a probe, or the answer to one. */
static bool is_for_its_course(const struct telling *w, const struct event *e)
{
	const struct notes *notes = &w->story.of[e - w->t->events];
	const struct packet *p = w->t->segments[e->segment].packet;

	if (p->kind != PACKET_TCP || p->flags != FLAG_ACK || p->length)
		return false;
	for (size_t i = 0; i < notes->count; i++)
		if (notes->list[i].kind == NOTE_COURSE)
			return true;
	return false;
}

static void put_flight(const struct telling *w, const struct rung *r)
{
	bool is_arrival = r->event->kind == EVENT_ARRIVED;
	enum host from = r->segment->from, to = r->segment->to;

	if (r->is_many)
		fprintf(w->out, "    %s  %s\n", host_name(from), r->text);
	else if (is_arrival)
		fprintf(w->out, "    >%s %s\n", host_name(to), r->text);
	else
		fprintf(w->out, "    %s> %s\n", host_name(from), r->text);
	if (is_arrival)
		put_words(w, "it arrives");
	else if (!r->is_many && !is_for_its_course(w, r->event))
		put_words(w, packet_words(w->a, w->t, r->segment));
	if (!r->is_many)
		put_notes(w, r->event);
}

static void put_host(const struct telling *w, const struct rung *r)
{
	fprintf(w->out, "    %s  %s\n", host_name(r->host), r->text);
}

static void put_told(const struct telling *w, const struct rung *r)
{
	const struct line *line = line_of(w, r->event);

	put_host(w, r);
	switch (r->event->kind) {
	case EVENT_RETURN:
		put_words(w, error_words(w->a, w->t, r->event));
		break;
	case EVENT_READING:
		put_words(w, reading_words(w->a, r->event));
		break;
	case EVENT_SIGNAL:
	case EVENT_DEATH:
		put_words(w, signal_words(r->event));
		break;
	case EVENT_ACTION:
		put_words(w, line ? action_words(line) : "");
		break;
	default:
		break;
	}
}

static void put_return(const struct telling *w, const struct rung *r)
{
	bool is_bare = !strncmp(r->text, "= ", 2);

	if (is_bare)
		fprintf(w->out, "    %s  %.*s() %s\n", host_name(r->host),
			(int)strcspn(r->event->text, "("), r->event->text, r->text);
	else
		put_host(w, r);
	put_words(w, error_words(w->a, w->t, r->event));
}

static void put_rung(const struct telling *w, const struct rung *r)
{
	switch (r->kind) {
	case RUNG_FLIGHT:
		put_flight(w, r);
		break;
	case RUNG_ENTER:
		put_host(w, r);
		put_words(w, "the call goes on, and waits");
		break;
	case RUNG_RETURN:
		put_return(w, r);
		break;
	case RUNG_TOLD:
		put_told(w, r);
		break;
	case RUNG_WAIT: /* is in the step's title */
		break;
	case RUNG_LEFT_OUT:
		fprintf(w->out, "    (%s%s)\n", r->text,
			is_repetition(r) ? "; here is the last time" : "");
		break;
	}
}

/* ---- waits ---- */

/*
 * The ladder shows every wait. Many are of this program, which was late with the next call: those
 * belong to no story.
 */
static bool is_telling(const struct telling *w, size_t i)
{
	const struct rung *wait = &w->ladder.rungs[i], *next = wait + 1;
	const struct line *line;

	if (i + 1 == w->ladder.count)
		return false;
	line = line_of(w, next->event);
	if (strstr(wait->text, ": ") || (line && line->gap.present))
		return true;
	return i && wait->at - wait[-1].at >= NS_PER_S && !is_call(next) && !is_action(next) &&
	       !is_reading(next);
}

static void leave_out_waits(struct telling *w)
{
	struct rung *told = NULL;
	size_t count = 0;

	for (size_t i = 0; i < w->ladder.count; i++)
		if (w->ladder.rungs[i].kind != RUNG_WAIT || is_telling(w, i))
			*arena_push(w->a, told, count) = w->ladder.rungs[i];
	w->ladder.rungs = told;
	w->ladder.count = count;
}

/* ---- steps ---- */

struct step {
	const struct rung *from, *to; /* one past its last one */
};

static bool same_actor(const struct rung *a, const struct rung *b)
{
	return a->host == b->host && text_same(a->event->part, b->event->part);
}

/* Whether the rung still belongs to a step that has these. */
static bool belongs(const struct step *s, const struct rung *r)
{
	const struct rung *last = s->to - 1;

	if (r->kind == RUNG_WAIT)
		return false;
	if (last->kind == RUNG_WAIT)
		return true;
	if (is_call(r))
		return is_whole_call(last) && same_actor(last, r) && !last->is_bad &&
		       (s->from->kind != RUNG_WAIT || is_call(s->from + 1));
	if (is_reading(r) || is_action(r))
		return is_reading(r) ? is_reading(last) : is_action(last);
	return true;
}

static const char *calls_title(const struct telling *w, const struct step *s,
			       const struct rung *first)
{
	const char *part = first->event->part, *names = "";
	size_t count = 0;

	for (const struct rung *r = first; r < s->to && is_call(r); r++) {
		const char *name =
		    arena_strndup(w->a, r->event->text, strcspn(r->event->text, "("));

		if (++count > 4)
			continue;
		names = arena_printf(w->a, "%s%s%s()", names, *names ? ", " : "", name);
	}
	return arena_printf(w->a, "the %s%s%s%s calls %s%s", host_name(first->host),
			    part ? " (" : "", part ? part : "", part ? ")" : "", names,
			    count > 4 ? " .." : "");
}

static const char *wait_title(const struct telling *w, const struct rung *wait)
{
	const char *colon = strstr(wait->text, ": ");

	if (!colon)
		return arena_printf(w->a, "%s pass", wait->text);
	return arena_printf(w->a, "%.*s pass, and a timer ends (%s)", (int)(colon - wait->text),
			    wait->text, colon + 2);
}

static const char *hosts_title(const struct telling *w, const struct step *s,
			       const struct rung *first)
{
	const char *names = host_name(first->host);
	bool is_other = false;

	for (const struct rung *r = first + 1; r < s->to && is_reading(r); r++)
		is_other |= r->host != first->host;
	return arena_printf(w->a, "a look at the %s%s", names,
			    is_other ? " and at the other end" : "");
}

static const char *own_title(const struct telling *w, const struct step *s, const struct rung *r)
{
	if (r == s->to)
		return "";
	if (is_call(r))
		return calls_title(w, s, r);
	if (is_reading(r))
		return hosts_title(w, s, r);
	if (is_action(r))
		return arena_printf(w->a, "at the %s: %s%s", host_name(r->host), r->text,
				    s->to - r > 1 && is_action(r + 1) ? ", and more" : "");
	if (r->kind == RUNG_FLIGHT)
		return r->event->kind == EVENT_ARRIVED
			   ? "a packet arrives"
			   : arena_printf(w->a, "the %s sends", host_name(r->segment->from));
	if (r->kind == RUNG_LEFT_OUT)
		return is_repetition(r) ? "that repeats itself" : "much more happens";
	if (r->kind == RUNG_RETURN)
		return arena_printf(w->a, "%.*s() of the %s returns",
				    (int)strcspn(r->event->text, "("), r->event->text,
				    host_name(r->host));
	return arena_printf(w->a, "something happens to the %s", host_name(r->host));
}

static const char *title_of(const struct telling *w, const struct step *s)
{
	const char *own = own_title(w, s, s->from + (s->from->kind == RUNG_WAIT));

	if (s->from->kind != RUNG_WAIT)
		return own;
	return *own ? arena_printf(w->a, "%s; then %s", wait_title(w, s->from), own)
		    : wait_title(w, s->from);
}

static void put_step(const struct telling *w, const struct step *s, size_t nth, size_t of)
{
	fprintf(w->out, "%cStep %zu of %zu: %s.\n\n", PAGE_END, nth, of, title_of(w, s));
	for (const struct rung *r = s->from; r < s->to; r++)
		put_rung(w, r);
	putc('\n', w->out);
}

static struct step *find_steps(const struct telling *w, size_t *count)
{
	struct step *steps = NULL;

	*count = 0;
	for (size_t i = 0; i < w->ladder.count; i++) {
		const struct rung *r = &w->ladder.rungs[i];

		if (!*count || !belongs(&steps[*count - 1], r))
			*arena_push(w->a, steps, *count) = (struct step){r, r};
		steps[*count - 1].to = r + 1;
	}
	return steps;
}

static void put_head(FILE *out, const struct script *script)
{
	if (!script || !script->title)
		return;
	fprintf(out, "%s\n\n", script->title);
	if (script->prose && *script->prose)
		fprintf(out, "%s%s\n", script->prose,
			script->prose[strlen(script->prose) - 1] == '\n' ? "" : "\n");
}

void explain_print(FILE *out, const struct observation *o)
{
	struct arena a = {0};
	struct telling w = {.a = &a, .out = out, .o = o, .t = &o->timeline};
	struct step *steps;
	size_t count;

	ladder_make(&a, o, &w.ladder);
	w.story = story_tell(&a, o->run, &o->timeline, &o->judgement);
	leave_out_waits(&w);
	put_head(out, o->run->script);
	steps = find_steps(&w, &count);
	for (size_t i = 0; i < count; i++)
		put_step(&w, &steps[i], i + 1, count);
	arena_free(&a);
}

void explain_turn(FILE *out, const char *bytes, size_t length, bool (*turn)(FILE *out))
{
	const char *end = bytes + length, *next;

	for (; (next = memchr(bytes, PAGE_END, (size_t)(end - bytes))); bytes = next + 1) {
		fwrite(bytes, 1, (size_t)(next - bytes), out);
		if (turn && !turn(out))
			return;
	}
	fwrite(bytes, 1, (size_t)(end - bytes), out);
}
