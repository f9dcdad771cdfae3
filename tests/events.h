/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the judge and of blessing: a run from text, and a time line that is made by hand.
 * Times are milliseconds from its beginning.
 */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/calls/calls.h"
#include "harness/script/script.h"
#include "harness/timeline/timeline.h"

#define MS NS_PER_MS

static struct arena arena;
static struct run run;
static struct timeline t;

/* Frees what the test before has left. */
static inline void events_begin(void)
{
	arena_free(&arena);
	timeline_init(&t, &arena);
	t.start = 1000 * NS_PER_S;
	t.tick = 4 * MS;
}

static inline void run_of(const char *text, bool to_bless)
{
	struct source *source = arena_new(&arena, struct source);
	struct diagnostics diagnostics = {.arena = &arena};
	struct facts facts = {.kernel = {6, 18, 0}, .family = 4};
	struct script *parsed;

	*source = (struct source){"test.tcp", text, strlen(text)};
	run = (struct run){0};
	parsed = script_parse(&arena, source, &diagnostics);
	assert_non_null(parsed);
	assert_true(script_expand(&arena, parsed, &facts, NULL, 0, NULL, NULL, &run, &diagnostics));
	run.to_bless = to_bless;
	if (!script_check(&arena, &run, &diagnostics))
		diagnostics_print(stderr, &diagnostics);
	assert_int_equal(diagnostics.count, 0);
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

static inline struct event *event(enum event_kind kind, int line, int64_t from_ms, int64_t to_ms)
{
	struct event *e = timeline_event(&t, kind, t.start + from_ms * MS, t.start + to_ms * MS);

	e->line = line;
	if (line >= 0 && run.lines[line].actor.host)
		e->host = host_find(run.lines[line].actor.host);
	e->text = "call()";
	return e;
}

static inline struct event *returned(const char *line, int nth, int64_t at_ms, int64_t result,
				     int error)
{
	int index = line_of(line, nth);
	struct event *e = event(EVENT_RETURN, index, at_ms, at_ms);

	e->result = result;
	e->error = error;
	e->call = run.lines[index].call.row;
	if (result >= 0)
		e->bound = run.lines[index].call.result.name;
	return e;
}

/* The connection c, client to server. */
static inline void connection(void)
{
	struct connection *c = arena_push(&arena, t.connections, t.connection_count);

	*arena_push(&arena, c->names, c->name_count) = "c";
	c->end[0].host = HOST_CLIENT;
	c->end[1].host = HOST_SERVER;
}

/* It is sent, and arrives at once. */
static inline struct segment *segment(enum host from, int64_t at_ms, uint8_t flags, int64_t seq,
				      uint32_t length, int64_t ack)
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
	    .end = from == HOST_SERVER,
	    .seq = seq,
	    .ack = ack,
	    .window = 64000,
	    .decided = true,
	    .lost_at = HOST_NONE,
	};
	e = event(EVENT_SENT, -1, at_ms, at_ms);
	e->segment = s->id;
	s->sent = s->arrived = e->from;
	s->sent_order = e->order;
	e = event(EVENT_ARRIVED, -1, at_ms, at_ms);
	e->segment = s->id;
	s->arrived_order = e->order;
	return s;
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

#endif
