/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each event gives one or two moments (a call that returned at once has begun
 * and ended; a packet was sent and has arrived). They are sorted, and become rungs one by one. Two
 * moments of one event share a rung if nothing lies between them that could belong before one and
 * behind the other. Each knows how the life lines are drawn beside it, so rungs may be left out
 * later.
 */
#include "harness/ladder/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/ladder/ladder_span.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

#define LONG_WAIT (10 * NS_PER_MS) /* from here on a wait has a row of its own */
#define AT_ONCE	  NS_PER_MS	   /* a flight that takes no longer is drawn level */

struct making {
	struct arena *a;
	const struct observation *o;
	const struct timeline *t;
	struct moment *moments; /* is_end: of a call */
	struct drawn {
		bool rung;  /* it shares that of an earlier one */
		bool state; /* .. and the states of that one, too */
	} * drawn;	    /* of each moment */
	size_t count;
	struct rung *rungs;
	size_t rung_count;
	const struct event *last_call[LAB_HOSTS]; /* whose row is the newest one beside that host */

	/* as it is now */
	const struct event **open; /* calls that go on */
	size_t open_count;
	bool *waits; /* of each segment: whether it waits at the router */
	int waiting;
	bool dead[LAB_HOSTS];
	struct tcp_sockets *sockets;
	struct timer_spans *spans;
	const char *timer; /* which has sent the newest packet; NULL: none that is known .. */
	ns_t set;	   /* .. and since when it ran */
	struct ladder_reading *readings;
	size_t reading_count;
};

/* ---- moments ---- */

static void add_moment(struct making *m, const struct event *e, ns_t at, bool is_end)
{
	*arena_push(m->a, m->moments, m->count) =
	    (struct moment){.at = at, .event = e, .is_end = is_end};
}

static void add_moments(struct making *m, const struct event *e)
{
	switch (e->kind) {
	case EVENT_CALL:
		if (e->blocked || e->abandoned)
			add_moment(m, e, e->from, false);
		break;
	case EVENT_RETURN:
		if (!e->blocked)
			add_moment(m, e, e->from, false);
		add_moment(m, e, e->to, true);
		break;
	case EVENT_SIGNAL:
	case EVENT_DEATH:
	case EVENT_READING: /* what had come by then is in it */
		add_moment(m, e, e->to, false);
		break;
	case EVENT_ARRIVED:
		if (m->t->segments[e->segment].to >= LAB_HOSTS)
			break;
		/* fall through */
	case EVENT_SENT:
	case EVENT_ACTION:
		add_moment(m, e, e->from, false);
		break;
	case EVENT_LOST: /* is drawn where it was sent */
	case EVENT_HELD:
	case EVENT_CLOCK:
	case EVENT_DISTURBED:
		break;
	}
}

/* In virtual time a call begins at the same time at which its packets are sent. */
static void move_up(struct making *m, size_t i)
{
	struct moment begins = m->moments[i];
	bool is_call = begins.event->kind == EVENT_RETURN || begins.event->kind == EVENT_CALL;

	if (!is_call || begins.is_end)
		return;
	for (; i && m->moments[i - 1].at == begins.at && event_is_packet(m->moments[i - 1].event);
	     i--)
		m->moments[i] = m->moments[i - 1];
	m->moments[i] = begins;
}

static void sort_moments(struct making *m)
{
	moments_sort(m->moments, m->count);
	for (size_t i = 1; i < m->count; i++)
		move_up(m, i);
}

/* ---- what goes on ---- */

static enum life life_at(const struct making *m, enum host host)
{
	int busy = host == HOST_ROUTER ? m->waiting > 0 : 0;

	if (m->dead[host])
		return LIFE_DEAD;
	for (size_t i = 0; i < m->open_count; i++)
		busy += m->open[i]->host == host;
	return busy > 1 ? LIFE_BUSIER : busy ? LIFE_BUSY : LIFE_IDLE;
}

/* So the list is as long as calls go on, not as there have been: it is looked through for each row.
 */
static void close_call(struct making *m, size_t i)
{
	m->open[i] = m->open[--m->open_count];
}

/* A return has no other link to its call. */
static void end_call(struct making *m, const struct event *returned)
{
	for (size_t i = m->open_count; i-- > 0;) {
		const struct event *e = m->open[i];

		if (e->host == returned->host && text_same(e->part, returned->part) &&
		    !e->abandoned) {
			close_call(m, i);
			return;
		}
	}
}

static bool dies(const struct making *m, enum host host, const char *part)
{
	for (size_t i = 0; i < m->t->event_count; i++) {
		const struct event *e = &m->t->events[i];

		if (e->kind == EVENT_DEATH && e->host == host && text_same(e->part, part))
			return true;
	}
	return false;
}

/* All threads of a process die with it. Those of the host's first process have names of their own.
 */
static void end_calls_of(struct making *m, const struct event *death)
{
	for (size_t i = m->open_count; i-- > 0;) {
		const struct event *e = m->open[i];

		if (e->abandoned && e->host == death->host &&
		    (text_same(e->part, death->part) ||
		     (!death->part && !dies(m, e->host, e->part))))
			close_call(m, i);
	}
}

static void note_crash(struct making *m, enum host host)
{
	m->dead[host] = true;
	for (size_t i = m->open_count; i-- > 0;)
		if (m->open[i]->host == host)
			close_call(m, i);
}

/* ---- states ---- */

static struct drawn *drawn(const struct making *m, const struct moment *moment)
{
	return &m->drawn[moment - m->moments];
}

static void see(struct making *m, const struct moment *moment)
{
	struct ladder_reading reading = {.event = moment->event};

	if (drawn(m, moment)->state)
		return;
	drawn(m, moment)->state = true;
	if (tcp_sockets_compare(m->sockets, moment->event, &reading.expected, &reading.seen))
		*arena_push(m->a, m->readings, m->reading_count) = reading;
	if (moment->event->kind == EVENT_SENT)
		m->timer = timer_span(m->spans, &m->t->segments[moment->event->segment], &m->set);
	timer_spans_see(m->spans, moment->event, moment->at);
	tcp_sockets_see(m->sockets, moment->event, moment->at, moment->is_end);
}

/* ---- rungs ---- */

static struct rung *add_rung(struct making *m, enum rung_kind kind, const struct moment *at)
{
	struct rung *r = arena_push(m->a, m->rungs, m->rung_count);

	*r = (struct rung){
	    .kind = kind,
	    .at = at->at - m->t->start,
	    .host = at->event->host,
	    .event = at->event,
	    .events = 1,
	};
	for (int h = 0; h < LAB_HOSTS; h++) {
		r->life[h] = life_at(m, h);
		r->state[h] = tcp_sockets_shown(m->sockets, h);
	}
	return r;
}

#define LONGEST_STRING 40 /* characters, of what is in quotes */

/* Past the end of what is in quotes at `text`; `cut`: where it is to end, if it is too long. */
static const char *quoted(const char *text, const char **cut)
{
	const char *at = text + 1;

	*cut = NULL;
	for (; *at && *at != '"'; at += *at == '\\' && at[1] ? 2 : 1)
		if (!*cut && at - text > LONGEST_STRING)
			*cut = at;
	return *at ? at + 1 : at;
}

/* Long strings are cut off as strace does: "abc"... */
static const char *cut_strings(struct arena *a, const char *text)
{
	const char *start = strchr(text, '"'), *cut, *end;
	struct text cut_text;
	FILE *out;

	if (!start || strlen(text) <= LONGEST_STRING)
		return text;
	out = text_open(&cut_text);
	for (; start; text = end, start = strchr(text, '"')) {
		end = quoted(start, &cut);
		fprintf(out, "%.*s%s", (int)((cut ? cut : end) - text), text, cut ? "\"..." : "");
	}
	fputs(text, out);
	return text_close(&cut_text, a);
}

static const char *with_part(struct making *m, const struct event *e, const char *text)
{
	text = cut_strings(m->a, shown(m->a, text));
	return e->part ? arena_printf(m->a, "%s: %s", e->part, text) : text;
}

/*
 * Behind the host, what the line says that the event has met: that is what its reader knows. Its
 * time is left out: the ladder has that. NULL: none.
 */
static const char *line_words(struct making *m, const struct event *e)
{
	const struct judgement *j = &m->o->judgement;
	const char *text, *words;
	struct line line;

	if (e->line < 0 || j->lines[e->line].fate != LINE_MET || e->program)
		return NULL;
	line = m->o->run->lines[e->line];
	line.gap.present = false;
	text = line_bare_text(m->a, &line);
	words = strstr(text, "  ");
	return words ? words + 2 : NULL;
}

/* The last place where `what` stands in the text; NULL: it does not. */
static const char *last_place(const char *text, const char *what)
{
	const char *found = NULL;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		found = at;
	return found;
}

/* The call without its result. */
static const char *call_words(struct making *m, const struct event *e)
{
	const char *words = line_words(m, e), *end;

	if (!words)
		return e->text;
	end = last_place(words, ") = ");
	if (!end)
		end = last_place(words, ") ...");
	return end ? arena_strndup(m->a, words, (size_t)(end + 1 - words)) : e->text;
}

static const char *event_words(struct making *m, const struct event *e)
{
	const char *words = e->kind == EVENT_RETURN && e->blocked ? NULL : line_words(m, e);

	return words ? words : event_bare_text(m->a, m->t, e);
}

/* Whether the moment is about what that host does or gets. */
static bool is_at(const struct making *m, const struct moment *moment, enum host host)
{
	const struct event *e = moment->event;

	if (!event_is_packet(e))
		return e->host == host;
	if (e->kind == EVENT_SENT)
		return m->t->segments[e->segment].from == host;
	return m->t->segments[e->segment].to == host;
}

/* The arrival, if it can be drawn in the row of the sending; else NULL. */
static struct moment *level_arrival(struct making *m, size_t sent)
{
	const struct event *e = m->moments[sent].event;
	enum host to = m->t->segments[e->segment].to;

	for (size_t i = sent + 1; i < m->count && m->moments[i].at - m->moments[sent].at < AT_ONCE;
	     i++) {
		struct moment *other = &m->moments[i];

		if (other->event->kind == EVENT_ARRIVED && other->event->segment == e->segment)
			return other;
		if (!drawn(m, other)->rung && is_at(m, other, to))
			return NULL;
	}
	return NULL;
}

/* Whose it is, if there are several; what became of it, if the arrow does not show that. */
static const char *flight_label(struct making *m, const struct segment *s, bool is_arrival)
{
	const char *label = shown(m->a, segment_label(m->a, s));
	const struct connection *c = s->connection < 0 ? NULL : &m->t->connections[s->connection];
	enum fate fate = segment_fate(s);

	if (m->t->connection_count > 1 && c && c->name_count)
		label = arena_printf(m->a, "%s: %s", c->names[0], label);
	if (s->to >= LAB_HOSTS && s->packet->kind == PACKET_TCP)
		label = arena_printf(m->a, "%s to %s", label, host_name(s->to));
	if (!is_arrival && fate != FATE_ARRIVED && fate != FATE_LOST)
		label = arena_printf(m->a, "%s %s", label, fate_rows[fate].word);
	return label;
}

static void begin_wait(struct making *m, const struct segment *s)
{
	m->waits[s->id] = true;
	m->waiting++;
}

/* It did not arrive, and may never do so. */
static void add_end(struct making *m, struct rung *r, const struct segment *s)
{
	r->to = s->lost_at >= 0 && s->lost_at < LAB_HOSTS ? s->lost_at : HOST_ROUTER;
	r->end = FLIGHT_LOST;
	if (segment_fate(s) != FATE_HELD)
		return;
	r->to = HOST_ROUTER;
	r->end = FLIGHT_WAITS;
	begin_wait(m, s);
}

static void add_sent(struct making *m, size_t i)
{
	const struct moment *at = &m->moments[i];
	const struct segment *s = &m->t->segments[at->event->segment];
	struct moment *arrival = level_arrival(m, i);
	struct rung *r;

	if (arrival)
		see(m, arrival);
	r = add_rung(m, RUNG_FLIGHT, at);
	r->segment = s;
	r->from = s->forged ? HOST_ROUTER : s->from;
	r->text = flight_label(m, s, false);
	if (m->timer) {
		r->timer =
		    arena_printf(m->a, "%s %s", m->timer, rough_duration(m->a, at->at - m->set));
		r->set = m->set - m->t->start;
	}
	if (arrival) {
		drawn(m, arrival)->rung = true;
		r->events++;
		r->to = s->to;
		r->end = FLIGHT_ARRIVES;
	} else if (s->arrived && s->to < LAB_HOSTS) {
		r->to = HOST_ROUTER;
		r->end = FLIGHT_WAITS;
		begin_wait(m, s);
	} else {
		add_end(m, r, s);
	}
}

static void add_arrival(struct making *m, const struct moment *at)
{
	const struct segment *s = &m->t->segments[at->event->segment];
	struct rung *r = add_rung(m, RUNG_FLIGHT, at);

	r->segment = s;
	r->from = HOST_ROUTER;
	r->to = s->to;
	r->end = FLIGHT_ARRIVES;
	r->text = flight_label(m, s, true);
	m->waiting -= m->waits[s->id];
	m->waits[s->id] = false;
}

/*
 * What arrives while it goes on may be what it waits for. A send() may see the answer to its data
 * arrive, but waits for nothing.
 */
static bool may_wait(const struct event *e)
{
	if (e->error || !e->call || e->call->connects || e->call->accepts)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(e->call->params); i++)
		if (e->call->params[i].name && type_is_filled(e->call->params[i].type))
			return true;
	return false;
}

/* Where the call's end is, if it can stand in the row of its beginning. */
static struct moment *whole_call(struct making *m, size_t enter)
{
	const struct event *e = m->moments[enter].event;
	bool got_something = false;

	for (size_t i = enter + 1; i < m->count; i++) {
		struct moment *other = &m->moments[i];

		if (other->event == e)
			return got_something && may_wait(e) ? NULL : other;
		got_something = got_something ||
				(other->event->kind == EVENT_ARRIVED && is_at(m, other, e->host));
	}
	return NULL;
}

static void add_call(struct making *m, size_t i)
{
	const struct moment *at = &m->moments[i];
	const struct event *e = at->event;
	struct moment *end = e->kind == EVENT_RETURN ? whole_call(m, i) : NULL;
	struct rung *r;

	if (end) {
		drawn(m, end)->rung = true;
		if (!e->error) /* else what is between them comes first */
			see(m, end);
		r = add_rung(m, RUNG_TOLD, at);
		r->text = with_part(m, e, event_words(m, e));
		r->is_bad = e->error;
	} else {
		r = add_rung(m, RUNG_ENTER, at);
		r->text = with_part(m, e, call_words(m, e));
		*arena_push(m->a, m->open, m->open_count) = e;
	}
	m->last_call[e->host] = e;
}

/* The result alone is enough below the row of its call. */
static void add_return(struct making *m, const struct moment *at)
{
	const struct event *e = at->event, *last = m->last_call[e->host];
	const char *result = event_result(m->a, e);
	struct rung *r;

	end_call(m, e);
	r = add_rung(m, RUNG_RETURN, at);
	r->is_bad = e->error;
	r->events = e->blocked; /* else its beginning is of the same event */

	if (!last || !text_same(last->part, e->part) || !text_same(last->text, e->text))
		result =
		    arena_printf(m->a, "%.*s() %s", (int)strcspn(e->text, "("), e->text, result);
	r->text = with_part(m, e, result);
	m->last_call[e->host] = e;
}

static void add_told(struct making *m, const struct moment *at)
{
	const struct event *e = at->event;
	enum line_kind kind = e->kind == EVENT_ACTION ? m->o->run->lines[e->line].kind : LINE_KINDS;
	struct rung *r;

	if (e->kind == EVENT_DEATH)
		end_calls_of(m, e);
	if (kind == LINE_BOOT)
		m->dead[e->host] = false;
	r = add_rung(m, RUNG_TOLD, at);
	r->text = with_part(m, e, event_words(m, e));
	if (kind == LINE_CRASH)
		note_crash(m, e->host);
}

static void add_rungs(struct making *m, size_t i)
{
	const struct moment *at = &m->moments[i];

	if (at->event->kind == EVENT_SENT)
		add_sent(m, i);
	else if (at->event->kind == EVENT_ARRIVED)
		add_arrival(m, at);
	else if (at->is_end)
		add_return(m, at);
	else if (at->event->kind == EVENT_CALL || at->event->kind == EVENT_RETURN)
		add_call(m, i);
	else
		add_told(m, at);
}

static void add_wait(struct making *m, ns_t from, const struct moment *to)
{
	const struct event *e = to->event;
	const char *timer = NULL;
	struct rung *r;

	if (to->at - from < LONG_WAIT)
		return;
	if (e->kind == EVENT_SENT)
		timer = segment_timer(m->t, &m->t->segments[e->segment]);
	r = add_rung(m, RUNG_WAIT, to);
	r->events = 0;
	r->text = rough_duration(m->a, to->at - from);
	if (timer)
		r->text = arena_printf(m->a, "%s: %s", r->text, timer);
}

void ladder_make(struct arena *a, const struct observation *o, struct ladder *out)
{
	struct making m = {.a = a, .o = o, .t = &o->timeline};
	ns_t last = m.t->start;

	m.sockets = tcp_sockets_begin(a, o);
	m.spans = timer_spans_begin(a, m.t);
	m.waits = arena_alloc(a, (m.t->segment_count + 1) * sizeof(*m.waits));
	for (size_t i = 0; i < m.t->event_count; i++)
		add_moments(&m, &m.t->events[i]);
	sort_moments(&m);
	m.drawn = arena_alloc(a, (m.count + 1) * sizeof(*m.drawn));
	for (size_t i = 0; i < m.count; i++) {
		if (!m.drawn[i].rung)
			add_wait(&m, last, &m.moments[i]);
		see(&m, &m.moments[i]);
		if (m.drawn[i].rung)
			continue;
		add_rungs(&m, i);
		last = m.moments[i].at;
	}
	*out = (struct ladder){m.rungs, m.rung_count, m.readings, m.reading_count};
	ladder_fold(a, out);
}
