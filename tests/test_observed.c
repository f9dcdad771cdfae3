/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge, of programs under test: scripts as text, what a program did as a list of events. Each
 * expectation is shown to hold once, and to fail if it is turned wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/base/array.h"
#include "harness/calls/calls.h"
#include "harness/judge/judge.h"
#include "harness/script/script.h"
#include "tests/judgements.h"
#include "tests/recorded.h"

static struct judgement verdict;

static int fresh(void **state)
{
	(void)state;
	recorded_begin();
	return 0;
}

static void script(const char *text)
{
	read_good_script(text, false);
}

static void refused(const char *text, int line, int column, const char *what)
{
	struct diagnostics c;

	assert_false(read_script(text, false, &c));
	if (!c.count || c.list[0].place.line != line || c.list[0].place.column != column ||
	    !strstr(c.list[0].message, what)) {
		diagnostics_print(stderr, &c);
		fail_msg("wanted %d:%d '%s'", line, column, what);
	}
}

/* The action of that number, from 0. */
static void done(int nth, int64_t at_ms)
{
	for (size_t i = 0; i < run.line_count; i++)
		if (line_role(&run.lines[i]) == ROLE_ACTION && nth-- == 0) {
			struct event *e =
			    host_event(EVENT_ACTION, run.lines[i].actor.id, at_ms, at_ms);

			e->line = (int)i;
			e->note = "";
			return;
		}
	fail();
}

static const char *part;	/* the task that the next calls are of */
static enum host whose_program; /* and the host */

static struct event *called(const char *text, int64_t at_ms)
{
	struct event *e = program_event(EVENT_CALL, whose_program, text, at_ms);

	e->part = part;
	return e;
}

static struct event *returned(const char *text, int64_t at_ms, int64_t result, int error)
{
	return as_return(called(text, at_ms), result, error);
}

/* A call, and its return at once. */
static struct event *call(const char *text, int64_t at_ms, int64_t result, int error)
{
	called(text, at_ms);
	return returned(text, at_ms, result, error);
}

static void died(int64_t at_ms, int status)
{
	struct event *e = host_event(EVENT_DEATH, whose_program, at_ms, at_ms);

	e->program = true;
	e->part = part;
	e->status = status;
}

/* After each event, the judge that goes on says the same as the one that begins again. */
static void same_while_it_grew(void)
{
	struct judge_memory *memory = judge_remember(&arena);
	struct growing g = grow(&arena, &t);

	for (size_t events = 1; events <= t.event_count; events++) {
		struct judgement again, on;
		const char *subject;

		grow_to(&g, events);
		judge(&arena, &run, &g.then, run.line_count, false, &again);
		judge_on(memory, &arena, &run, &g.then, run.line_count, &on);
		subject = judgements_differ(&arena, &run, &again, &on);
		if (subject)
			fail_msg("event %zu: they differ %s", events, subject);
	}
	judge_forget(memory);
}

static void judged(void)
{
	same_while_it_grew();
	judge(&arena, &run, &t, run.line_count, true, &verdict);
}

static void expect_pass(void)
{
	judged();
	if (verdict.problem_count)
		fail_msg("%s", verdict.problems[0].message);
	assert_int_equal(verdict.verdict, VERDICT_PASS);
}

static void expect_fail(const char *message)
{
	judged();
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
	if (!strstr(verdict.problems[0].message, message))
		fail_msg("wanted '%s', got '%s'", message, verdict.problems[0].message);
}

/* ---- a program that is refused ---- */

static void refused_events(void)
{
	whose_program = HOST_CLIENT;
	part = NULL;
	done(0, 0);
	call("socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)", 1, 3, 0);
	connection("3", NULL);
	segment_of(0, HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0);
	segment_of(0, HOST_SERVER, 2, FLAG_RST | FLAG_ACK, 0, 0, 1);
	call("connect(3, server:8080)", 2, -1, ECONNREFUSED);
	call("close(3)", 3, 0, 0);
	died(4, 7);
}

#define BY_NAME                                                                                    \
	"client program\nclient socket() = c\nclient connect(c, server:8080) = -1 ECONNREFUSED\n"  \
	" client:c> S\n server:c> R. ack 1\nclient close(c) = 0\nclient +++ exited with 7 +++\n"
#define BY_NUMBER                                                                                  \
	"client program\nclient socket(..., SOCK_STREAM) = 3\n"                                    \
	"client connect(3, server:$port) = -1 ECONNREFUSED\n"                                      \
	" client> S\n server> R. ack 1\nclient close(3) = 0\nclient +++ exited with 7 +++\n"

static void test_by_name(void **state)
{
	(void)state;
	script(BY_NAME);
	refused_events();
	expect_pass();
}

static void test_by_number(void **state)
{
	(void)state;
	script(BY_NUMBER);
	refused_events();
	expect_pass();
}

/* Each expectation turned wrong fails, and names what it expected. */
static void test_wrong(void **state)
{
	static const struct {
		const char *right, *wrong, *message;
	} rows[] = {
	    {"= 3\n", "= 4\n",
	     "expected client  socket(..., SOCK_STREAM) = 4; got client  socket("},
	    {"SOCK_STREAM", "SOCK_DGRAM", "expected client  socket(..., SOCK_DGRAM) = 3"},
	    {"connect(3,", "connect(4,", "expected client  connect(4, server:8080)"},
	    {"server:$port)", "server:81)", "expected client  connect(3, server:81)"},
	    {"server:$port)", "client:8080)", "expected client  connect(3, client:8080)"},
	    {"-1 ECONNREFUSED", "-1 ETIMEDOUT",
	     "= -1 ETIMEDOUT; got client  connect(3, server:8080) = -1 ECONNREFUSED"},
	    {"-1 ECONNREFUSED", "0", "server:8080) = 0; got client  connect(3, server:8080) = -1"},
	    {"close(3) = 0", "close(3) = 1", "expected client  close(3) = 1; got client  close(3)"},
	    {"close(3) = 0", "close(4) = 0", "expected client  close(4) = 0; got client  close(3)"},
	    {"close(3) = 0", "shutdown(3, SHUT_RD) = 0", "got client  close(3) = 0"},
	    {"client close(3) = 0\n", "", "nothing more after"},
	    {"client socket(..., SOCK_STREAM) = 3\n", "", "got client  socket("},
	    {"exited with 7", "exited with 6", "exited with 6 +++; got client  +++ exited with 7"},
	    {"exited with 7", "killed by SIGKILL", "killed by SIGKILL +++; got client  +++ exited"},
	    {" client> S\n", " client> F\n", "expected client> F; got client> S"},
	    {" server> R. ack 1\n", "", "no more packets after"},
	    {"client close(3) = 0\n", "client close(3) = 0\nclient close(3) = 0\n",
	     "expected client  close(3) = 0; got no such call before the program ended"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *at;

		fresh(state);
		at = strstr(BY_NUMBER, rows[i].right);
		assert_non_null(at);
		script(arena_printf(&arena, "%.*s%s%s", (int)(at - BY_NUMBER), BY_NUMBER,
				    rows[i].wrong, at + strlen(rows[i].right)));
		refused_events();
		expect_fail(rows[i].message);
	}
}

/* ---- arguments and what is filled in ---- */

static void test_filled(void **state)
{
	static const struct {
		const char *line;
		bool holds;
	} rows[] = {
	    {"recv(3, \"hello\", 100) = 5", true},
	    {"recvfrom(3, \"hello\") = 5", true},
	    {"recv(3, \"hel\"...) = 5", true},
	    {"recv(3, ..., 100) = >= 1", true},
	    {"recv(3) = 5", true},
	    {"recv() = 5", true},
	    {"recv(3, \"hallo\", 100) = 5", false},
	    {"recv(3, \"hello\", 99) = 5", false},
	    {"recv(3, \"hello\", 100) = 4", false},
	    {"recv(4, \"hello\", 100) = 5", false},
	    {"recv(3, \"hello\", 100, MSG_PEEK) = 5", false},
	    {"read(3, \"hello\", 100) = 5", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(state);
		script(arena_printf(&arena, "client program\nclient %s\n...\n", rows[i].line));
		done(0, 0);
		call("recv(3, \"hello\", 100, 0)", 1, 5, 0)->seen[1] = "\"hello\"";
		if (rows[i].holds)
			expect_pass();
		else
			expect_fail("expected client  re");
	}
}

/* strace's long form, and an option's value. */
static void test_options(void **state)
{
	static const struct {
		const char *line;
		bool holds;
	} rows[] = {
	    {"setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0", true},
	    {"setsockopt(3, TCP_NODELAY, 1) = 0", true},
	    {"setsockopt(3, SOL_TCP, TCP_NODELAY, [0], 4) = 0", false},
	    {"setsockopt(3, TCP_NODELAY, 0) = 0", false},
	    {"setsockopt(3, SO_KEEPALIVE, 1) = 0", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh(state);
		script(arena_printf(&arena, "client program\nclient %s\n...\n", rows[i].line));
		done(0, 0);
		call("setsockopt(3, TCP_NODELAY, 1)", 1, 0, 0);
		if (rows[i].holds)
			expect_pass();
		else
			expect_fail("expected client  setsockopt(");
	}
}

/* A name within a list is the number of a descriptor, too. */
static void test_name_in_list(void **state)
{
	(void)state;
	script("client program\nclient socket() = c\n"
	       "client poll([{fd=c, events=POLLIN}], 1, 1000) = 0 (Timeout)\n...\n");
	done(0, 0);
	call("socket(AF_INET, SOCK_STREAM, 0)", 1, 5, 0);
	call("poll([{fd=5, events=POLLIN}], 1, 1000)", 2, 0, 0);
	expect_pass();
	t.events[t.event_count - 1].text = t.events[t.event_count - 2].text =
	    "poll([{fd=6, events=POLLIN}], 1, 1000)";
	expect_fail("got client  poll([{fd=6");
}

static void test_binds(void **state)
{
	(void)state;
	script("client program\nclient connect(3, server:$where) = 0\n"
	       "client getpeername(3, server:$where) = 0\n...\n");
	done(0, 0);
	call("connect(3, server:80)", 1, 0, 0);
	call("getpeername(3, server:80, [16])", 2, 0, 0)->seen[1] = "server:80";
	expect_pass();
	t.events[t.event_count - 1].seen[1] = "server:81";
	expect_fail("got client  getpeername(3, server:80, [16]) = 0");
}

/* ---- what is open ---- */

static void test_open(void **state)
{
	(void)state;
	script("client program\nclient connect(3, server:80) ...\nclient ... connect() = 0\n...\n");
	done(0, 0);
	called("connect(3, server:80)", 1);
	returned("connect(3, server:80)", 900, 0, 0)->blocked = true;
	expect_pass();
	t.events[t.event_count - 1].result = -1;
	t.events[t.event_count - 1].error = ETIMEDOUT;
	expect_fail("connect() = 0; got client  ... connect(3, server:80) = -1 ETIMEDOUT");
}

static void test_open_is_not_resumed(void **state)
{
	(void)state;
	script("client program\nclient connect(3, server:80) ...\n...\n");
	done(0, 0);
	called("connect(3, server:80)", 1);
	expect_pass();
	returned("connect(3, server:80)", 900, 0, 0);
	expect_fail("expected client  connect(3, server:80) ...; got client  connect(3");
}

/* A call that has not returned has met no line. */
static void test_not_back(void **state)
{
	(void)state;
	script("client program\nclient connect(3, server:80) = 0\n...\n");
	done(0, 0);
	called("connect(3, server:80)", 1);
	expect_fail("got no such call; the program is in connect(3, server:80)");
}

/* ---- `...` ---- */

static void test_loose(void **state)
{
	(void)state;
	script("client program\n...\nclient connect(3, server:80) = 0\n...\n");
	done(0, 0);
	call("socket(AF_INET, SOCK_STREAM, 0)", 1, 3, 0);
	call("connect(3, server:80)", 2, -1, EINTR);
	call("connect(3, server:80)", 3, 0, 0);
	call("close(3)", 4, 0, 0);
	died(5, 0);
	expect_pass();
	assert_int_equal(verdict.lines[2].event, 6);
}

/* What was over before an action above began is not meant. */
static void test_loose_below_an_action(void **state)
{
	(void)state;
	script("client program\n...\nrouter drop client>\n...\nclient send(3) = 5\n...\n");
	done(0, 0);
	call("send(3, \"hello\", 5, 0)", 1, 5, 0);
	done(1, 2);
	expect_fail("expected client  send(3) = 5; got no such call of the program");
	call("send(3, \"hello\", 5, 0)", 3, 5, 0);
	expect_pass();
}

static void test_unwritten_end(void **state)
{
	(void)state;
	script("client program\nclient close(3) = 0\nclient +++ exited with 0 +++\n");
	done(0, 0);
	call("close(3)", 1, 0, 0);
	part = "t2"; /* which has done nothing with sockets */
	died(2, 0);
	part = NULL;
	died(3, 0);
	expect_pass();
	part = "t3";
	call("close(3)", 4, 0, 0);
	part = NULL;
	expect_fail("got client.t3  close(3) = 0");
	t.event_count = 0;
	done(0, 0);
	call("close(3)", 1, 0, 0);
	part = "t3";
	called("close(5)", 2)->abandoned = true;
	died(3, 0);
	part = NULL;
	died(4, 0);
	expect_fail("got client.t3  +++ exited with 0 +++");
}

/* ---- tasks ---- */

static void test_tasks(void **state)
{
	(void)state;
	script("client program\nclient close(3) = 0\nclient.t2 close(4) = 0\nclient close(5) = 0\n"
	       "client.t2 close(6) = 0\n...\n");
	done(0, 0);
	/* Without a part it is any task's; with one, only that task's; tasks have no order. */
	call("close(3)", 1, 0, 0);
	call("close(5)", 2, 0, 0);
	part = "t2";
	call("close(4)", 3, 0, 0);
	call("close(6)", 4, 0, 0);
	part = NULL;
	expect_pass();
}

static void test_other_task(void **state)
{
	(void)state;
	script("client program\nclient.t2 close(4) = 0\n...\n");
	done(0, 0);
	part = "t3";
	call("close(4)", 3, 0, 0);
	part = NULL;
	expect_fail("expected client.t2  close(4) = 0; got no such call of the program");
}

/* ---- both ends ---- */

/* A program that serves: its descriptors are named, too. */
static void test_server(void **state)
{
	(void)state;
	script("server program\nserver accept(3) = x\nserver send(x, \"hi\") = 2\n"
	       " server:x> P. 1:3(2)\n...\n");
	whose_program = HOST_SERVER;
	done(0, 0);
	connection("c", "4");
	call("accept(3, client:2000, [16])", 1, 4, 0);
	call("send(4, \"hi\", 2, 0)", 2, 2, 0);
	segment_of(0, HOST_SERVER, 2, FLAG_PSH | FLAG_ACK, 1, 2, 1);
	expect_pass();
	whose_program = HOST_CLIENT;
}

/* Two connections, one after the other on the same number, have two names. */
static void test_number_again(void **state)
{
	(void)state;
	script(
	    "client program\nclient socket() = c\nclient connect(c, server:80) = 0\n client:c> S\n"
	    "client close(c) = 0\nclient socket() = d\nclient connect(d, server:81) = 0\n"
	    " client:d> S\n...\n");
	done(0, 0);
	call("socket(AF_INET, SOCK_STREAM, 0)", 1, 3, 0);
	connection("3", NULL);
	segment_of(0, HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0);
	call("connect(3, server:80)", 3, 0, 0);
	call("close(3)", 4, 0, 0);
	call("socket(AF_INET, SOCK_STREAM, 0)", 5, 3, 0);
	connection("3", NULL);
	segment_of(1, HOST_CLIENT, 6, FLAG_SYN, 0, 0, 0);
	call("connect(3, server:81)", 7, 0, 0);
	expect_pass();
}

/* ---- failures ---- */

#define HALF                                                                                       \
	"failure client\nserver socket() = l\nclient program\n client> S\n"                        \
	"server accept(l) = x\nserver close(x) = 0 @failure\nserver accept(l) = y\n"

/* The script's call of that line. */
static void did(const char *start, int64_t at_ms, int64_t result, int error)
{
	for (size_t i = 0; i < run.line_count; i++) {
		const struct line *line = &run.lines[i];
		struct event *e;

		if (strncmp(line->text + strspn(line->text, " "), start, strlen(start)))
			continue;
		e = host_event(EVENT_RETURN, line->actor.id, at_ms, at_ms);
		e->line = (int)i;
		e->text = "call()";
		e->call = line->call.row;
		e->result = result;
		e->error = error;
		if (result >= 0)
			e->bound = line->call.result.name;
		return;
	}
	fail();
}

/* Whatever the program does, until it has been accepted. */
static void failing(void)
{
	script(HALF);
	did("server socket", 0, 3, 0);
	done(1, 1);
	call("socket(AF_INET, SOCK_STREAM, 0)", 2, 3, 0);
	call("fcntl(3, F_GETFL)", 2, 2, 0);
	connection("3", "x");
	segment_of(0, HOST_CLIENT, 3, FLAG_SYN, 0, 0, 0);
	segment_of(0, HOST_SERVER, 3, FLAG_SYN | FLAG_ACK, 0, 0, 1);
	segment_of(0, HOST_CLIENT, 3, FLAG_ACK, 1, 0, 1);
	call("connect(3, server:8080)", 3, 0, 0);
	did("server accept(l) = x", 4, 4, 0);
}

/* It has happened, and the program has ended: what is below was not reached. */
static void test_failure(void **state)
{
	(void)state;
	failing();
	did("server close", 5, 0, 0);
	segment_of(0, HOST_SERVER, 5, FLAG_FIN | FLAG_ACK, 1, 0, 1);
	died(9, 3);
	expect_pass();
	assert_true(verdict.failure.happened);
	assert_false(verdict.failure.hangs);
	assert_int_equal(verdict.failure.at, t.start + 5 * MS);
	assert_int_equal(t.events[verdict.failure.end].status, 3);
	assert_null(verdict.failure.stopped);
	assert_int_equal(verdict.lines[6].fate, LINE_PENDING);
}

static void test_failure_not_reached(void **state)
{
	(void)state;
	failing();
	died(9, 3);
	expect_fail("expected server  close(x) = 0  @failure; got the program ended before that: "
		    "client  +++ exited with 3 +++");
	assert_false(verdict.failure.happened);
}

static void test_failure_hangs(void **state)
{
	(void)state;
	failing();
	did("server close", 5, 0, 0);
	called("recv(3, ..., 100, 0)", 6);
	t.watched = t.start + 24 * 3600 * NS_PER_S + 5 * MS;
	expect_fail(
	    "expected the program to end after the failure; got no end within 24 h 0 min: it "
	    "hangs in recv(3, ..., 100, 0)");
	assert_true(verdict.failure.happened && verdict.failure.hangs);
}

/* A step that came out otherwise: before the failure there is none, after it is only noted. */
static void test_failure_stops(void **state)
{
	(void)state;
	failing();
	did("server close", 5, -1, EIO);
	died(9, 3);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_int_equal(verdict.verdict, VERDICT_FAIL);
	assert_non_null(strstr(verdict.problems[0].message, "got server  close(x) = -1 EIO"));
	fresh(state);
	failing();
	did("server close", 5, 0, 0);
	did("server accept(l) = y", 6, -1, EMFILE);
	died(9, 3);
	judge(&arena, &run, &t, run.line_count, true, &verdict);
	assert_int_equal(verdict.verdict, VERDICT_PASS);
	assert_non_null(
	    strstr(verdict.failure.stopped->message, "got server  accept(l) = -1 EMFILE"));
}

/* Without a mark it is the program's start; and a server need not end. */
static void test_failure_of_server(void **state)
{
	(void)state;
	whose_program = HOST_SERVER;
	script("failure server\nserver program\n...\n");
	done(0, 2);
	called("accept(3, ..., ...)", 3);
	expect_pass();
	assert_true(verdict.failure.happened && verdict.failure.hangs);
	assert_int_equal(verdict.failure.at, t.start + 2 * MS);
	t.event_count = 0;
	expect_fail("expected server  program; got no more; the program has not ended");
}

/* Packets of the program's connections, whatever they are called since. */
static void test_failure_packets(void **state)
{
	(void)state;
	script("failure client\nserver socket() = l\nclient program\n client> S @failure\n"
	       "server accept(l) = x\n client:x> P.\n client:program> F.\n");
	did("server socket", 0, 3, 0);
	done(1, 1);
	connection("3", NULL);
	connection("4", "x");
	segment_of(0, HOST_CLIENT, 2, FLAG_SYN, 0, 0, 0);
	segment_of(1, HOST_CLIENT, 3, FLAG_SYN, 0, 0, 0);
	did("server accept", 4, 4, 0);
	segment_of(0, HOST_CLIENT, 5, FLAG_PSH | FLAG_ACK, 1, 5, 1);
	segment_of(1, HOST_CLIENT, 6, FLAG_PSH | FLAG_ACK, 1, 5, 1);
	segment_of(0, HOST_CLIENT, 7, FLAG_FIN | FLAG_ACK, 6, 0, 1);
	died(9, 0);
	expect_pass();
	assert_int_equal(verdict.lines[3].segment, 0);
	assert_int_equal(verdict.lines[5].segment, 3);
	assert_int_equal(verdict.lines[6].segment, 4);
}

/* ---- what is refused ---- */

static void test_refused(void **state)
{
	(void)state;
	refused("router program\n", 1, 1, "the router runs no program");
	refused("client program\nclient program\n...\n", 2, 1,
		"client has the program since line 1");
	refused("client program\nclient fork() = kid\n...\n", 2, 8, "fork() of the program is not");
	refused("client program\nclient pipe([r w]) = 0\n...\n", 2, 8,
		"pipe() of the program is not");
	refused("client program\nclient exit(0) = ?\n...\n", 2, 8, "+++ exited with 0 +++");
	refused("client program\nclient.kid close(3) = 0\n...\n", 2, 1, "client.t2, client.t3");
	refused("client program\nclient --- SIGPIPE ---\n...\n", 2, 1, "is not observed");
	refused("client program\nclient ps client S\n...\n", 2, 1, "not read by this version");
	refused("client program\nclient close(c) = 0\n...\n", 2, 14, "'c' does not exist here");
	refused("client socket() = c\nclient program\nclient close(c) = 0\n...\n", 3, 14,
		"not open");
	refused("client fork() = kid\nclient program\n...\n", 2, 1,
		"threads or processes of the script");
	refused("server socket() = l\nserver listen(l) = 0\nserver accept(l) ...\nserver "
		"program\n...\n",
		4, 1, "server is still in the accept() of line 3");
	refused("client program\nclient close(3) = 0\n", 2, 1, "is left open; expected its end");
	refused("client program\n client:d> S\n...\n", 2, 2, "'d' does not exist");
	refused("server socket() = l\nserver close(3) = 0\n", 2, 14, "name of a descriptor");
	refused("client socket() = c\nfailure client\nclient program\n", 2, 1, "the first line");
	refused("failure client\nserver program\n", 1, 9, "expected 'client program'");
	refused("failure both\nclient program\n", 1, 9, "'client', 'server' or 'network'");
}

static int begin(void **state)
{
	whose_program = HOST_CLIENT;
	part = NULL;
	return fresh(state);
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    test(test_by_name),
	    test(test_by_number),
	    test(test_wrong),
	    test(test_filled),
	    test(test_options),
	    test(test_name_in_list),
	    test(test_binds),
	    test(test_open),
	    test(test_open_is_not_resumed),
	    test(test_not_back),
	    test(test_loose),
	    test(test_loose_below_an_action),
	    test(test_unwritten_end),
	    test(test_tasks),
	    test(test_other_task),
	    test(test_server),
	    test(test_number_again),
	    test(test_failure),
	    test(test_failure_not_reached),
	    test(test_failure_hangs),
	    test(test_failure_stops),
	    test(test_failure_of_server),
	    test(test_failure_packets),
	    test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
