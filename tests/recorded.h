/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run, and a time line that is written by hand: for tests of what is a function of both. Times
 * are in milliseconds since the run's start.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/calls/calls.h"
#include "harness/judge/judge.h"
#include "harness/script/script.h"

#define MS NS_PER_MS

static struct arena arena;
static struct run run;
static struct timeline t;

static inline void recorded_begin(void)
{
	arena_free(&arena);
	timeline_init(&t, &arena);
	t.start = 1000 * NS_PER_S;
	t.tick = 4 * MS;
}

/* ---- the run ---- */

static inline bool read_script(const char *text, bool to_bless, struct diagnostics *diagnostics)
{
	struct source *source = arena_new(&arena, struct source);
	struct facts facts = {.kernel = {6, 18, 0}, .family = 4};
	struct script *parsed;

	*diagnostics = (struct diagnostics){.arena = &arena};
	*source = (struct source){"test.tcp", arena_strdup(&arena, text), strlen(text)};
	run = (struct run){0};
	parsed = script_parse(&arena, source, diagnostics);
	if (!parsed ||
	    !script_expand(&arena, parsed, &facts, NULL, 0, NULL, NULL, &run, diagnostics))
		return false;
	run.to_bless = to_bless;
	return script_check(&arena, &run, diagnostics);
}

static inline void read_good_script(const char *text, bool to_bless)
{
	struct diagnostics diagnostics;

	if (read_script(text, to_bless, &diagnostics) && !diagnostics.count)
		return;
	diagnostics_print(stderr, &diagnostics);
	fail_msg("%s", text);
}

/* The index of the line that begins, after blanks, with `start`; `nth` counts from 0. */
static inline int line_of(const char *start, int nth)
{
	for (size_t i = 0; i < run.line_count; i++) {
		const char *text = run.lines[i].text;

		text += strspn(text, " \t");
		if (!strncmp(text, start, strlen(start)) && nth-- == 0)
			return (int)i;
	}
	fail_msg("no line '%s'", start);
	return -1;
}

/* ---- events ---- */

static inline struct event *host_event(enum event_kind kind, enum host host, int64_t from_ms,
				       int64_t to_ms)
{
	struct event *e = timeline_event(&t, kind, t.start + from_ms * MS, t.start + to_ms * MS);

	e->host = host;
	return e;
}

/* Of the run's line of that index; -1: of none. */
static inline struct event *line_event(enum event_kind kind, int line, int64_t from_ms,
				       int64_t to_ms)
{
	bool has_host = line >= 0 && run.lines[line].actor.host;
	struct event *e = host_event(
	    kind, has_host ? host_find(run.lines[line].actor.host) : HOST_NONE, from_ms, to_ms);

	e->line = line;
	e->text = "call()";
	return e;
}

/* The line's call has returned. */
static inline struct event *line_returned(int line, int64_t at_ms, int64_t result, int error)
{
	struct event *e = line_event(EVENT_RETURN, line, at_ms, at_ms);

	e->result = result;
	e->error = error;
	e->call = run.lines[line].call.row;
	if (result >= 0)
		e->bound = run.lines[line].call.result.name;
	return e;
}

/* A CALL or RETURN of a program under test. */
static inline struct event *program_event(enum event_kind kind, enum host host, const char *text,
					  int64_t at_ms)
{
	struct event *e = host_event(kind, host, at_ms, at_ms);

	e->program = true;
	e->text = text;
	e->name = arena_strndup(&arena, text, strcspn(text, "("));
	e->call = call_find(e->name);
	return e;
}

/* The same call, as its return. */
static inline struct event *as_return(struct event *e, int64_t result, int error)
{
	e->kind = EVENT_RETURN;
	e->result = result;
	e->error = error;
	return e;
}

/* ---- packets ---- */

/* A connection with these names (`other` may be NULL), client to server. */
static inline void connection(const char *name, const char *other)
{
	struct connection *c = arena_push(&arena, t.connections, t.connection_count);

	*arena_push(&arena, c->names, c->name_count) = name;
	if (other)
		*arena_push(&arena, c->names, c->name_count) = other;
	c->end[0].host = HOST_CLIENT;
	c->end[1].host = HOST_SERVER;
}

/* A segment of connection `of`, which arrives at once. */
static inline struct segment *segment_of(int of, enum host from, int64_t at_ms, uint8_t flags,
					 int64_t seq, uint32_t length, int64_t ack)
{
	struct packet *p = arena_new(&arena, struct packet);
	struct segment *s = arena_push(&arena, t.segments, t.segment_count);
	struct event *e;

	p->kind = PACKET_TCP;
	p->flags = flags;
	p->length = length;
	p->source = host_ip(from, 4);
	p->target = host_ip(from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT, 4);
	*s = (struct segment){
	    .packet = p,
	    .id = (int)t.segment_count - 1,
	    .from = from,
	    .to = from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT,
	    .connection = of,
	    .end = from == HOST_SERVER,
	    .seq = seq,
	    .ack = ack,
	    .window = 64000,
	    .decided = true,
	    .lost_at = HOST_NONE,
	};
	e = host_event(EVENT_SENT, from, at_ms, at_ms);
	e->segment = s->id;
	s->sent = s->arrived = e->from;
	s->sent_order = e->order;
	e = host_event(EVENT_ARRIVED, s->to, at_ms, at_ms);
	e->segment = s->id;
	s->arrived_order = e->order;
	return s;
}

static inline struct segment *segment(enum host from, int64_t at_ms, uint8_t flags, int64_t seq,
				      uint32_t length, int64_t ack)
{
	return segment_of(0, from, at_ms, flags, seq, length, ack);
}

static inline void lose(struct segment *s, enum host at)
{
	s->fate = FATE_LOST;
	s->lost_at = at;
	if (at == HOST_ROUTER)
		s->arrived_order = 0, s->arrived = 0;
}

#define HANDSHAKE                                                                                  \
	"client socket() = c\nclient connect(c, server:80) = 0\n client> S\n server> S.\n "        \
	"client> .\n"

/* The packets of that, on the connection c. */
static inline void handshake_passed(void)
{
	connection("c", NULL);
	segment(HOST_CLIENT, 0, FLAG_SYN, 0, 0, 0);
	segment(HOST_SERVER, 0, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment(HOST_CLIENT, 0, FLAG_ACK, 1, 0, 1);
}

#endif
