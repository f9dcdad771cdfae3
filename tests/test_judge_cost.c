/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cost of the judge. The engine asks it after each event, so it must not begin again each time:
 * the cost of all answers would grow with the square of the number of events. It continues from the
 * settled part (harness/judge/settled.c).
 *
 * So time lines of 5,000 events are made by hand, of different kinds, and judged event by event, as
 * the engine does. It counts steps: lines, events and segments that were looked at, each time
 * (struct judgement). The count is the same on every machine, however busy. And so is the memory
 * that is kept from one answer to the next.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/judge/judge.h"
#include "harness/script/script.h"

#define EVENTS 5000

/*
 * The number of steps that an answer may take on average. A judge that begins again takes 7,000 and
 * more; one that searches all lines for each event takes some thousands.
 */
#define STEPS 30
/* Where every fifth answer is about a new connection: then the settled part is judged with that
 * knowledge. */
#define STEPS_OF_CONNECTIONS 1500
/* Bytes for each event, with its place on the time line. What all answers take is three times that.
 */
#define KEPT 3000

static struct arena arena;
static struct run run;
static struct timeline t;
static struct judgement verdict;
static struct judge_memory *memory;

/* ---- a run and its time line, growing ---- */

static void script(const char *text)
{
	static struct source source;
	struct diagnostics diagnostics = {.arena = &arena};
	struct facts facts = {.kernel = {6, 18, 0}, .family = 4};
	struct script *parsed;

	arena_free(&arena);
	timeline_init(&t, &arena);
	t.start = 1000 * NS_PER_S;
	t.tick = 4 * NS_PER_MS;
	source = (struct source){"test.tcp", text, strlen(text)};
	run = (struct run){0};
	parsed = script_parse(&arena, &source, &diagnostics);
	assert_non_null(parsed);
	assert_true(script_expand(&arena, parsed, &facts, NULL, 0, NULL, NULL, &run, &diagnostics));
	script_check(&arena, &run, &diagnostics);
	memory = judge_remember(&arena);
	diagnostics_print(stderr, &diagnostics);
	assert_int_equal(diagnostics.count, 0);
}

/* What is being measured. */
struct cost {
	size_t done;
	ns_t now;
	int64_t next[2]; /* sequence numbers */
	size_t asked, steps;
};

static void ask(struct cost *c)
{
	static struct arena judged;

	judge_on(memory, &judged, &run, &t, c->done, &verdict);
	if (verdict.diverged)
		fail_msg("%s", verdict.problems[0].message);
	c->steps += verdict.steps;
	c->asked++;
	arena_clear(&judged);
}

static struct event *event(struct cost *c, enum event_kind kind, int line)
{
	struct event *e;

	c->now += NS_PER_US;
	e = timeline_event(&t, kind, c->now, c->now);
	e->line = line;
	if (line >= 0 && run.lines[line].actor.host)
		e->host = host_find(run.lines[line].actor.host);
	return e;
}

/* The line, and all that is to be seen before the next one can be begun. */
static void begun(struct cost *c, int line)
{
	c->done = (size_t)line + 1;
	while (c->done < run.line_count && line_role(&run.lines[c->done]) == ROLE_OBSERVATION &&
	       !line_is_reading(&run.lines[c->done]))
		c->done++;
}

static const char *name_of(const struct call *call)
{
	return call->arg_count && call->args[0]->kind == ARG_NAMES ? call->args[0]->names[0] : NULL;
}

/* The packet of a line, as it is written, between the ends that it is written for. */
static void packet(struct cost *c, int line)
{
	const struct segment_pattern *w = &run.lines[line].segment;
	enum host from = host_find(run.lines[line].actor.host);
	enum host to = from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT;
	int end = from == HOST_SERVER;
	struct packet *p = arena_new(&arena, struct packet);
	struct segment *s;

	p->kind = PACKET_TCP;
	p->flags = w->flags;
	p->length = w->length ? (uint32_t)w->length->number : 0;
	p->source = host_ip(from, 4);
	p->target = host_ip(to, 4);
	p->data = (const unsigned char *)w->payload;
	if (w->flags == FLAG_SYN) {
		struct connection *new = arena_push(&arena, t.connections, t.connection_count);

		*arena_push(&arena, new->names, new->name_count) = run.lines[line].connection;
		new->end[0].host = from;
		new->end[1].host = to;
		c->next[0] = c->next[1] = 0;
	}
	s = arena_push(&arena, t.segments, t.segment_count);
	*s = (struct segment){
	    .packet = p,
	    .id = (int)t.segment_count - 1,
	    .from = from,
	    .to = to,
	    .end = end,
	    .connection = (int)t.connection_count - 1,
	    .seq = c->next[end],
	    .ack = w->flags & FLAG_ACK ? c->next[!end] : 0,
	    .window = 64000,
	    .decided = true,
	    .lost_at = HOST_NONE,
	};
	c->next[end] += p->length + (w->flags & FLAG_SYN ? 1 : 0);
	for (int arrives = 0; arrives < 2; arrives++) {
		struct event *e = event(c, arrives ? EVENT_ARRIVED : EVENT_SENT, -1);

		e->segment = s->id;
		*(arrives ? &s->arrived : &s->sent) = e->from;
		*(arrives ? &s->arrived_order : &s->sent_order) = e->order;
		ask(c);
	}
}

static void filled(struct event *e, const struct call *call)
{
	if (!strcmp(call->name, "recv"))
		e->seen[1] = "\"ping\"";
	if (!strcmp(call->name, "poll"))
		e->seen[0] = "[{fd=c, revents=POLLIN}]";
	if (!strcmp(call->name, "getsockname"))
		e->seen[1] = "client:4000";
	if (!strcmp(call->name, "ioctl"))
		e->seen[2] = "[3999]";
}

static void call(struct cost *c, int line)
{
	const struct call *call = &run.lines[line].call;
	struct event *e = event(c, EVENT_CALL, line);
	ns_t entered = e->from;

	e->descriptor = name_of(call);
	begun(c, line);
	ask(c);
	for (int i = line + 1; i < (int)run.line_count && run.lines[i].kind == LINE_SENT; i++)
		packet(c, i);
	e = event(c, EVENT_RETURN, line);
	e->from = entered;
	e->descriptor = name_of(call);
	e->call = call->row;
	e->bound = call->result.name;
	e->result = call->result.value ? call->result.value->number : 3;
	filled(e, call);
	judge_resolve(&arena, &run, e);
	ask(c);
}

static void reading(struct cost *c, int line)
{
	struct event *e = event(c, EVENT_READING, line);

	e->socket = (struct socket_state){.found = true,
					  .state = run.lines[line].ss.state_id,
					  .timer = run.lines[line].ss.has_timer ? SS_TIMER_ON
										: SS_TIMER_NONE,
					  .timer_left = 200 * NS_PER_MS};
	begun(c, line);
	ask(c);
}

static void quiet(struct cost *c, int line)
{
	struct event *e = event(c, EVENT_CLOCK, line);

	c->now += run.lines[line].quiet;
	e->to = c->now;
	begun(c, line);
	ask(c);
}

static void action(struct cost *c, int line)
{
	event(c, EVENT_ACTION, line);
	begun(c, line);
	ask(c);
}

static void signalled(struct cost *c, int line)
{
	struct event *e = event(c, EVENT_SIGNAL, -1);

	e->host = run.lines[line].actor.id;
	e->signal = run.lines[line].signal.number;
	begun(c, line);
	ask(c);
}

static const struct {
	enum line_kind kind;
	void (*happen)(struct cost *c, int line);
} happenings[] = {
    {LINE_CALL, call},	   {LINE_SS, reading},	  {LINE_QUIET, quiet},
    {LINE_SIGNAL, action}, {LINE_SYSCTL, action}, {LINE_SIGNALLED, signalled},
};

/*
 * Everything happens as written, until there are enough events. The average must not grow with the
 * number of events: the last half costs the same as the first.
 */
static void happen(const char *name, const char *text, size_t most)
{
	struct cost c;
	size_t half = 0, half_asked = 0;

	script(text);
	c = (struct cost){.now = t.start};
	for (size_t line = 0; line < run.line_count && t.event_count < EVENTS; line++) {
		for (size_t i = 0; i < sizeof(happenings) / sizeof(*happenings); i++)
			if (run.lines[line].kind == happenings[i].kind)
				happenings[i].happen(&c, (int)line);
		if (t.event_count < EVENTS / 2) {
			half = c.steps;
			half_asked = c.asked;
		}
	}
	assert_true(t.event_count >= EVENTS);
	assert_int_equal(verdict.verdict, VERDICT_PASS);
	print_message("%s: %zu events, %zu lines: %zu judgements of %.1f steps, %.1f in the first "
		      "half\n",
		      name, t.event_count, run.line_count, c.asked,
		      (double)c.steps / (double)c.asked, (double)half / (double)half_asked);
	if (c.steps > most * c.asked)
		fail_msg("a judgement costs %zu steps, more than %zu", c.steps / c.asked, most);
	judge_forget(memory);
}

static size_t memory_in_use(void)
{
	struct mallinfo2 all = mallinfo2();

	return all.uordblks + all.hblkhd;
}

/* ---- kinds of time lines ---- */

#define HANDSHAKE                                                                                  \
	"client socket() = c\nclient connect(c, server:80) = 0\n client> S\n server> S.\n "        \
	"client> .\n"

static void test_ping_pong(void **state)
{
	(void)state;
	happen("ping-pong",
	       HANDSHAKE "repeat 600\n"
			 "client send(c, \"ping\", 4) = 4\n"
			 "  client> P. (4) \"ping\"\n"
			 "client recv(c, \"ping\", 4) = 4\n"
			 "client send(c, \"ping\", 4) = 4\n"
			 "  client> P. (4)\n"
			 "client poll([{fd=c, events=POLLIN}], 1, 0) = 1 ([{fd=c, "
			 "revents=POLLIN}])\n"
			 "end\n",
	       STEPS);
}

static void test_many_connections(void **state)
{
	char text[400000] = "";
	size_t length = 0;

	(void)state;
	for (int i = 0; i < 600; i++)
		length +=
		    (size_t)snprintf(text + length, sizeof(text) - length,
				     "client socket() = c%d\nclient connect(c%d, server:80) = 0\n"
				     "  client> S\n  server> S.\n  client> .\n",
				     i, i);
	happen("connections", text, STEPS_OF_CONNECTIONS);
}

static void test_names_in_arguments(void **state)
{
	(void)state;
	happen("$names",
	       HANDSHAKE "repeat 1300\n"
			 "client getsockname(c, client:$port) = 0\n"
			 "client send(c, \"ping\", 4) = 4\n"
			 "  client> P. (4)\n"
			 "end\n",
	       STEPS);
}

static void test_many_names(void **state)
{
	char text[200000] = HANDSHAKE;
	size_t length = strlen(text);

	(void)state;
	for (int i = 0; i < 1700; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "client getsockname(c, client:$port%d) = 0\n"
					   "client ioctl(c, SIOCINQ, [$port%d - 1]) = 0\n",
					   i, i);
	happen("many $names", text, STEPS);
}

static void test_arrivals(void **state)
{
	(void)state;
	happen("arrivals",
	       HANDSHAKE "repeat 1300\n"
			 "client send(c, \"ping\", 4) = 4\n"
			 "  client> P. (4)\n"
			 "  >server P. (4)\n"
			 "end\n",
	       STEPS);
}

static void test_signals(void **state)
{
	(void)state;
	happen("signals",
	       "repeat 2000\n"
	       "client signal SIGUSR1\n"
	       "client --- SIGUSR1 ---\n"
	       "server sysctl net.ipv4.tcp_sack = 1\n"
	       "end\n",
	       STEPS);
}

static void test_readings(void **state)
{
	(void)state;
	happen("readings",
	       HANDSHAKE "repeat 1000\n"
			 "client send(c, \"ping\", 4) = 4\n"
			 "  client> P. (4)\n"
			 "client ss c ESTAB 0 0 timer:(on,*,*)\n"
			 "end\n",
	       STEPS);
}

static void test_gaps(void **state)
{
	(void)state;
	happen("gaps",
	       HANDSHAKE "repeat 1000\n"
			 "client send(c, \"ping\", 4) = 4 @sent\n"
			 "  @sent+0..10ms client> P. (4)\n"
			 "+0 client ss c ESTAB\n"
			 "quiet 1ms\n"
			 "end\n",
	       STEPS);
}

/*
 * As long as a call sleeps, nothing is settled, and each answer is about all packets of that time.
 * What is kept from one answer to the next must not be the sum of that.
 */
static void test_memory(void **state)
{
	enum { PACKETS = 600 };
	char text[40000] = HANDSHAKE "client send(c, \"ping\", 4) = 4\n";
	size_t length = strlen(text), before, kept;
	struct cost c;
	int line = 5;

	(void)state;
	for (int i = 0; i < PACKETS; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "  client> P. (4) \"ping\"\n");
	snprintf(text + length, sizeof(text) - length, "  >server P. (4)\n");
	script(text);
	c = (struct cost){.now = t.start};
	call(&c, 0);
	call(&c, 1);
	event(&c, EVENT_CALL, line)->descriptor = "c";
	begun(&c, line);
	before = memory_in_use();
	for (int i = 0; i < PACKETS; i++)
		packet(&c, ++line);
	kept = memory_in_use() - before;
	print_message("memory: %zu bytes for %zu events\n", kept, t.event_count);
	assert_true(kept < KEPT * t.event_count);
	judge_forget(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ping_pong),
	    cmocka_unit_test(test_many_connections),
	    cmocka_unit_test(test_names_in_arguments),
	    cmocka_unit_test(test_many_names),
	    cmocka_unit_test(test_arrivals),
	    cmocka_unit_test(test_signals),
	    cmocka_unit_test(test_readings),
	    cmocka_unit_test(test_gaps),
	    cmocka_unit_test(test_memory),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_free(&arena);
	return failed;
}
