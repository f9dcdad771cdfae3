/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each part goes once through the time line and adds its notes to the packets' events. Here: the
 * script's lines, origins and fates, which follow from one segment and the judgement.
 */
#include "harness/story/story.h"

#include <string.h>

#include "harness/script/script.h"
#include "harness/story/story_parts.h"

void story_note(struct telling *s, int event, struct note note)
{
	struct notes *n;

	if (event == NONE)
		return;
	n = &s->of[event];
	*arena_push(s->a, n->list, n->count) = note;
}

/* ---- lines ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* client.tcp:15: client> S 0:0(0) */
static const char *place_and_text(struct telling *s, int line)
{
	const struct line *l = &s->run->lines[line];
	const char *file = l->place.source ? base_name(l->place.source->path) : "line";
	const char *text = line_bare_text(s->a, l);

	if (l->repeat_at.source)
		return arena_printf(s->a, "%s:%d, round %d: %s", file, l->place.line, l->iteration,
				    text);
	return arena_printf(s->a, "%s:%d: %s", file, l->place.line, text);
}

static void index_lines(struct telling *s)
{
	const struct timeline *t = s->t;

	for (size_t i = 0; i < t->segment_count; i++)
		s->met[i] = (struct met){NONE, NONE, NONE, NONE};
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];

		if (e->kind == EVENT_SENT)
			s->met[e->segment].out = (int)i;
		else if (e->kind == EVENT_ARRIVED && s->met[e->segment].in == NONE)
			s->met[e->segment].in = (int)i;
		if (e->kind == EVENT_SENT && e->line >= 0) /* forged */
			s->met[e->segment].sent = e->line;
	}
	for (size_t i = 0; s->j->lines && i < s->run->line_count; i++) {
		enum line_kind kind = s->run->lines[i].kind;
		int segment = s->j->lines[i].segment;

		if (segment >= 0 && s->j->lines[i].fate == LINE_MET && kind == LINE_SENT)
			s->met[segment].sent = (int)i;
		else if (segment >= 0 && s->j->lines[i].fate == LINE_MET && kind == LINE_ARRIVAL)
			s->met[segment].arrived = (int)i;
	}
}

static void tell_line(struct telling *s, int event, int line)
{
	if (line != NONE)
		story_note(s, event, (struct note){NOTE_LINE, NONE, line, place_and_text(s, line)});
}

static void tell_problems(struct telling *s)
{
	for (size_t i = 0; i < s->j->problem_count; i++) {
		const struct problem *p = &s->j->problems[i];

		if (p->event < 0 || !s->t->events[p->event].frame)
			continue;
		story_note(s, p->event,
			   (struct note){NOTE_LINE, NONE, p->line,
					 arena_printf(s->a, "%s%s",
						      p->unasked ? "no line asks for it: "
								 : "not as written: ",
						      p->message)});
	}
}

/* ---- origins and fates ---- */

static const char *origin(struct telling *s, const struct segment *segment)
{
	enum host named = host_of_ip(&segment->packet->source);

	if (segment->forged)
		return arena_printf(s->a, "forged: the router has made it, in the name of %s",
				    host_name(named));
	if (segment->from == HOST_ROUTER && named != HOST_ROUTER)
		return arena_printf(s->a, "made by the router, with the address of %s",
				    host_name(named));
	return NULL;
}

static void tell_origin(struct telling *s, int event, const struct segment *segment)
{
	const char *text = origin(s, segment);

	if (text)
		story_note(s, event, (struct note){NOTE_ORIGIN, NONE, NONE, text});
}

/* ", by connect.tcp:12: router drop client>" */
static const char *by_what(struct telling *s, const struct segment *segment)
{
	if (segment->fault_line < 0)
		return "";
	return arena_printf(s->a, ", by %s", place_and_text(s, segment->fault_line));
}

static const char *way_on(const struct segment *segment)
{
	return segment->arrived_order ? "; it has arrived later" : "; it has never arrived";
}

static bool is_delayed(const struct telling *s, const struct segment *segment)
{
	return segment->fault_line >= 0 &&
	       s->run->lines[segment->fault_line].fault.verb == VERB_DELAY;
}

static const char *fate(struct telling *s, const struct segment *segment)
{
	enum host at = segment->lost_at == HOST_NONE ? HOST_ROUTER : segment->lost_at;
	const char *by = by_what(s, segment);

	switch (segment_fate(segment)) {
	case FATE_LOST:
	case FATE_REJECTED:
		return arena_printf(s->a, "%s at the %s%s", fate_rows[segment->fate].was,
				    host_name(at), by);
	case FATE_HELD:
		return arena_printf(s->a, "held back at the router%s%s", by, way_on(segment));
	case FATE_TWICE:
		return arena_printf(s->a, "sent on twice by the router%s", by);
	case FATE_CORRUPT:
		return arena_printf(
		    s->a, "changed at the router%s: what leaves it is another packet", by);
	default:
		break;
	}
	if (is_delayed(s, segment))
		return arena_printf(s->a, "delayed at the router%s%s", by, way_on(segment));
	return segment->decided ? NULL : "still on its way when the run ended";
}

/* At the end of its way a packet is as it was sent, unless one of these has changed that. */
static const char *fate_on_arrival(struct telling *s, const struct segment *segment, int event)
{
	if (segment->fate == FATE_CORRUPT)
		return arena_printf(s->a, "changed at the router%s", by_what(s, segment));
	if (segment->fate == FATE_TWICE && event != s->met[segment->id].in)
		return arena_printf(s->a, "the second copy%s", by_what(s, segment));
	if (segment->fate == FATE_LOST || segment->fate == FATE_REJECTED)
		return fate(s, segment); /* by this host's own firewall */
	return NULL;
}

static void tell_fate(struct telling *s, int event, const char *text)
{
	if (text)
		story_note(s, event, (struct note){NOTE_FATE, NONE, NONE, text});
}

/* Two events of the same packet are told as one. */
static bool has_begun_here(const struct telling *s, const struct event *arrived)
{
	int out = s->met[arrived->segment].out;

	return out != NONE && s->t->events[out].frame == arrived->frame;
}

static void tell_lines(struct telling *s)
{
	for (size_t i = 0; i < s->t->event_count; i++) {
		const struct event *e = &s->t->events[i];

		if (!e->frame)
			continue;
		tell_line(s, (int)i,
			  e->kind == EVENT_SENT ? s->met[e->segment].sent
						: s->met[e->segment].arrived);
	}
}

static void tell_fates(struct telling *s)
{
	for (size_t i = 0; i < s->t->event_count; i++) {
		const struct event *e = &s->t->events[i];
		const struct segment *segment = e->frame ? &s->t->segments[e->segment] : NULL;

		if (!segment || (e->kind == EVENT_ARRIVED && has_begun_here(s, e)))
			continue;
		tell_origin(s, (int)i, segment);
		tell_fate(s, (int)i,
			  e->kind == EVENT_SENT ? fate(s, segment)
						: fate_on_arrival(s, segment, (int)i));
	}
}

/* ---- the whole ---- */

static void index_frames(struct arena *a, const struct timeline *t, struct story *story)
{
	int(*shown)[2];

	for (size_t i = 0; i < t->event_count; i++)
		if (t->events[i].frame > story->frames)
			story->frames = t->events[i].frame;
	shown = arena_alloc(a, (size_t)(story->frames + 1) * sizeof(*shown));
	for (int i = 0; i <= story->frames; i++)
		shown[i][0] = shown[i][1] = NONE;
	for (size_t i = 0; i < t->event_count; i++) {
		int frame = t->events[i].frame;

		if (frame)
			shown[frame][shown[frame][0] != NONE] = (int)i;
	}
	story->shown = shown;
}

struct story story_tell(struct arena *a, const struct run *run, const struct timeline *t,
			const struct judgement *j)
{
	struct telling s = {
	    .a = a,
	    .run = run,
	    .t = t,
	    .j = j,
	    .of = arena_alloc(a, (t->event_count + 1) * sizeof(*s.of)),
	    .met = arena_alloc(a, (t->segment_count + 1) * sizeof(*s.met)),
	};
	struct story story = {.of = s.of};

	index_lines(&s);
	index_frames(a, t, &story);
	tell_lines(&s);
	tell_problems(&s);
	story_before(&s);
	tell_fates(&s);
	story_course(&s);
	story_after(&s);
	return story;
}
