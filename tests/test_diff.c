/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison of two kernels: the alignment of sequences, transcripts of runs that failed, and
 * records. A record is compared with a copy of itself in which one thing has been changed; random
 * values of both may differ.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/diff/pair.h"
#include "harness/diff/plain.h"
#include "harness/diff/sequence.h"
#include "harness/diff/sound.h"

/* ---- sequences ---- */

#define LONGEST 12

/* By dynamic programming: how many can have a counterpart. */
static int most_pairs(const int *old, size_t n, const int *new, size_t m)
{
	int most[LONGEST + 1][LONGEST + 1] = {{0}};

	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			int down = most[i + 1][j], right = most[i][j + 1];

			most[i][j] = down > right ? down : right;
			if (old[i] == new[j])
				most[i][j] = most[i + 1][j + 1] + 1;
		}
	return most[0][0];
}

static void test_sequences(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		int old[LONGEST], new[LONGEST], count = 0, last = -1;
		size_t n, m;
		struct arena a = {0};
		int *pairs;

#define DRAW(n) ((seed = seed * 1103515245 + 12345) >> 16) % (n)
		n = DRAW(LONGEST + 1);
		m = DRAW(LONGEST + 1);
		for (size_t i = 0; i < LONGEST; i++) {
			old[i] = (int)(DRAW(3));
			new[i] = (int)(DRAW(3));
		}
#undef DRAW
		pairs = sequence_align(&a, old, n, new, m);
		for (size_t i = 0; i < n; i++) {
			if (pairs[i] == UNPAIRED)
				continue;
			assert_true(pairs[i] > last && (size_t)pairs[i] < m);
			assert_int_equal(old[i], new[pairs[i]]);
			last = pairs[i];
			count++;
		}
		assert_int_equal(count, most_pairs(old, n, new, m));
		arena_free(&a);
	}
}

/* Ever so different, or long: it ends, and the ends are paired. */
static void test_long_sequences(void **state)
{
	enum { COUNT = 6000 };
	static int old[COUNT], new[COUNT];
	struct arena a = {0};
	int *pairs;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		old[i] = i;
		new[i] = i == 0 || i == COUNT - 1 ? i : COUNT + i;
	}
	pairs = sequence_align(&a, old, COUNT, new, COUNT);
	assert_int_equal(pairs[0], 0);
	assert_int_equal(pairs[COUNT - 1], COUNT - 1);
	for (int i = 1; i < COUNT - 1; i++)
		assert_int_equal(pairs[i], UNPAIRED);
	arena_free(&a);
}

/* ---- transcripts ---- */

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	return json;
}

static const char good[] =
    "{\"name\": \"n\", \"verdict\": \"pass\", \"lines\": ["
    "{\"file_line\": 1, \"text\": \"# a title\", \"fate\": \"nothing\"},"
    "{\"file_line\": 2, \"text\": \"client  poll(c,\\n          1) = 0\", \"fate\": \"met\","
    " \"event\": 1},"
    "{\"file_line\": 4, \"text\": \"          client> S\", \"fate\": \"met\", \"segment\": 0},"
    "{\"file_line\": 5, \"text\": \"          client> .\", \"fate\": \"met\", \"segment\": 1},"
    "{\"file_line\": 6, \"text\": \"client  close(c) = 0\", \"fate\": \"met\", \"event\": 4}]}";
static const char good_text[] = "# a title\nclient  poll(c,\n          1) = 0\n"
				"          client> S\n          client> .\nclient  close(c) = 0\n";

/* At its fourth line something else came. */
static const char bad[] =
    "{\"name\": \"n\", \"verdict\": \"fail\", \"problems\": [{\"line\": 3, \"event\": 3}], "
    "\"lines\": ["
    "{\"file_line\": 1, \"text\": \"# a title\", \"fate\": \"nothing\"},"
    "{\"file_line\": 2, \"text\": \"client  poll(c,\\n          1) = 0\", \"fate\": \"met\","
    " \"event\": 1},"
    "{\"file_line\": 4, \"text\": \"          client> S\", \"fate\": \"met\", \"segment\": 0},"
    "{\"file_line\": 5, \"text\": \"          client> .\", \"fate\": \"failed\"},"
    "{\"file_line\": 6, \"text\": \"client  close(c) = 0\", \"fate\": \"missing\"}]}";
static const char bad_text[] =
    "# a title\nclient  poll(c,\n          1) = 0\n          client> S\n          #+ client> R\n"
    "          #- client> .\n# fail: n.tcp:5: wanted client> .; came nothing\n";

struct transcripts {
	struct arena arena;
	json_t *old_run, *new_run;
	const char *old, *new;
};

static void cut(struct transcripts *t, json_t *old, const char *old_text, json_t *new,
		const char *new_text)
{
	struct transcript from, to;

	*t = (struct transcripts){.old_run = old, .new_run = new};
	from = (struct transcript){old_text, t->old_run};
	to = (struct transcript){new_text, t->new_run};
	plain_prepare(&t->arena, &from, &to);
	t->old = from.text;
	t->new = to.text;
}

static void forget(struct transcripts *t)
{
	json_decref(t->old_run);
	json_decref(t->new_run);
	arena_free(&t->arena);
}

static void test_transcript_of_a_failure(void **state)
{
	static const char until[] = "# a title\nclient  poll(c,\n          1) = 0\n"
				    "          client> S\n          client> .\n";
	static const char failed[] = "# a title\nclient  poll(c,\n          1) = 0\n"
				     "          client> S\n          #+ client> R\n"
				     "          #- client> .\n(rest not reached)\n";
	struct transcripts t;

	(void)state;
	cut(&t, parse(good), good_text, parse(bad), bad_text);
	assert_string_equal(t.old, until);
	assert_string_equal(t.new, failed);
	forget(&t);
	cut(&t, parse(bad), bad_text, parse(good), good_text);
	assert_string_equal(t.old, failed);
	assert_string_equal(t.new, until);
	forget(&t);
}

/* It is not a difference that one of them saw more after that. */
static void test_transcripts_of_failures_that_are_alike(void **state)
{
	json_t *run = parse(bad);
	json_t *last = json_array_get(json_object_get(run, "lines"), 4);
	struct transcripts t;

	(void)state;
	json_object_set_new(last, "fate", json_string("met"));
	json_object_set_new(last, "event", json_integer(7));
	cut(&t, parse(bad), bad_text, run, bad_text);
	assert_string_equal(t.old, t.new);
	assert_null(strstr(t.old, "not reached"));
	forget(&t);
}

/* The last line: nothing was left to be reached. And a message that tells of the nearest miss
 * stays. */
static void test_transcript_that_failed_at_its_end(void **state)
{
	static const char missed[] = "# a title\n          #- client> .\n"
				     "# fail: n.tcp:1: expected client> .; got client> . win 5\n";
	json_t *run = parse(bad), *problem = json_array_get(json_object_get(run, "problems"), 0);
	struct transcripts t;
	json_t *other;

	(void)state;
	json_array_remove(json_object_get(run, "lines"), 4);
	other = json_deep_copy(run);
	json_object_del(problem, "event");
	json_object_set_new(problem, "got", json_string("client> . win 5"));
	cut(&t, other, bad_text, run, missed);
	assert_null(strstr(t.old, "not reached"));
	assert_null(strstr(t.old, "# fail"));
	assert_string_equal(t.new, missed);
	forget(&t);
}

static void test_transcript_without_failure(void **state)
{
	struct transcripts t;

	(void)state;
	cut(&t, parse(good), good_text, parse(good),
	    "client  sysctl net.ipv4.tcp_syn_linear_timeouts = 0\n");
	assert_string_equal(t.old, good_text);
	/* A setting that only one kernel has is no behaviour. */
	assert_string_equal(t.new, "");
	forget(&t);
}

#define SAID "WARNING: CPU: 0 PID: 23 at net/ipv4/tcp.c:1 tcp_close+0x1/0x2"

static json_t *complain(json_t *run)
{
	json_object_set_new(run, "verdict", json_string("fail"));
	json_object_set_new(run, "diagnostic", json_string("the kernel mine said: " SAID));
	return run;
}

/* The script held to its end, but a kernel that warns behaves in another way. */
static void test_transcript_of_a_kernel_that_warned(void **state)
{
	static const char warned[] = "(the kernel said: " SAID ")\n";
	struct transcripts t;

	(void)state;
	cut(&t, parse(good), good_text, complain(parse(good)), good_text);
	assert_string_equal(t.old, good_text);
	assert_non_null(strstr(t.new, "client  close(c) = 0\n"));
	assert_string_equal(strstr(t.new, "(the "), warned);
	forget(&t);
	cut(&t, complain(parse(good)), good_text, complain(parse(good)), good_text);
	assert_string_equal(t.old, t.new);
	forget(&t);
	/* With a script that did not hold. */
	cut(&t, parse(bad), bad_text, complain(parse(bad)), bad_text);
	assert_null(strstr(t.old, "(the "));
	assert_string_equal(strstr(t.new, "(the "), warned);
	assert_null(strstr(t.new, "not reached"));
	forget(&t);
}

/* ---- records ---- */

#define SOCKET(isn, port)                                                                          \
	"{\"local_port\": " port ", \"remote_port\": 8080, \"state\": \"ESTAB\", \"recv_q\": 0,"   \
	" \"send_q\": 0, \"timer\": \"none\", \"info_size\": 248,"                                 \
	" \"info\": {\"rto\": 210000, \"rtt\": 30, \"min_rtt\": 30, \"pacing_rate\": 1000000,"     \
	" \"snd_cwnd\": 10, \"rcv_wnd\": 64240}}"

#define RECORD(isn, port, id, next)                                                                \
	"{\"name\": \"n,ipv6\", \"scenario\": \"n\", \"verdict\": \"pass\", \"tick\": 10000000,"   \
	"\"lines\": [{\"file_line\": 3, \"text\": \"client  connect()\", \"fate\": \"met\","       \
	" \"event\": 0},"                                                                          \
	"{\"file_line\": 4, \"text\": \"client> S\", \"fate\": \"met\", \"segment\": 0},"          \
	"{\"file_line\": 7, \"text\": \"client  recv()\", \"fate\": \"met\", \"event\": 3}],"      \
	"\"connections\": [{\"names\": [\"c\"], \"kind\": \"tcp\", \"ends\": ["                    \
	"{\"host\": \"client\", \"address\": \"10.0.1.1\", \"port\": " port ", \"isn\": " isn "}," \
	"{\"host\": \"server\", \"address\": \"10.0.2.1\", \"port\": 8080}]}],"                    \
	"\"segments\": ["                                                                          \
	"{\"kind\": \"tcp\", \"from\": \"client\", \"connection\": 0, \"source\": \"10.0.1.1\","   \
	" \"target\": \"10.0.2.1\", \"source_port\": " port ", \"target_port\": 8080,"             \
	" \"flags\": \"S\", \"seq\": 0, \"length\": 0, \"seq_raw\": " isn ", \"window\": 64240,"   \
	" \"options\": {\"mss\": 1460, \"TSval\": 0, \"TSval_raw\": " isn "}, \"ttl\": 64,"        \
	" \"ip_id\": " id ", \"fate\": \"arrived\", \"sent\": 100000,"                             \
	" \"header\": {\"option_kinds\": \"2,4,8\"}},"                                             \
	"{\"kind\": \"tcp\", \"from\": \"server\", \"connection\": 0, \"source\": \"10.0.2.1\","   \
	" \"target\": \"10.0.1.1\", \"source_port\": 8080, \"target_port\": " port ","             \
	" \"flags\": \"R.\", \"seq\": " isn ", \"length\": 0, \"ack\": 1, \"window\": 0,"          \
	" \"options\": {}, \"ttl\": 64, \"ip_id\": 0, \"fate\": \"arrived\", \"sent\": 101000},"   \
	"{\"kind\": \"tcp\", \"from\": \"client\", \"connection\": 0, \"source\": \"10.0.1.1\","   \
	" \"target\": \"10.0.2.1\", \"source_port\": " port ", \"target_port\": 8080,"             \
	" \"flags\": \"S\", \"seq\": 0, \"length\": 0, \"seq_raw\": " isn ", \"window\": 64240,"   \
	" \"options\": {\"mss\": 1460, \"TSval\": 1000, \"TSval_raw\": 5}, \"ttl\": 64,"           \
	" \"ip_id\": " next ",\"fate\": \"arrived\", \"sent\": 1000100000}],"                      \
	"\"events\": ["                                                                            \
	"{\"kind\": \"call\", \"line\": 0, \"from\": 1000, \"to\": 1000, \"call\": \"connect\"},"  \
	"{\"kind\": \"return\", \"line\": 0, \"from\": 1000, \"to\": 200000, \"result\": 0,"       \
	" \"call\": \"connect\", \"text\": \"client  connect([client:" port "]) = 0\"},"           \
	"{\"kind\": \"call\", \"line\": 2, \"from\": 300000, \"to\": 300000, \"call\": \"recv\"}," \
	"{\"kind\": \"return\", \"line\": 2, \"from\": 300000, \"to\": 2000000000,"                \
	" \"result\": 5, \"call\": \"recv\", \"text\": \"client  recv(c, hello) = 5\"},"           \
	"{\"kind\": \"signal\", \"from\": 5, \"to\": 5, \"text\": \"client --- SIGPIPE ---\"}],"   \
	"\"counter_names\": \"TcpOutSegs TcpExtTCPPureAcks\","                                     \
	"\"record\": ["                                                                            \
	"{\"line\": 0, \"at\": 250000, \"counters\": {\"client\": {\"TcpOutSegs\": 1},"            \
	" \"server\": {}, \"router\": {}}, \"sockets\": {\"client\": [" SOCKET(                    \
	    isn, port) "],"                                                                        \
		       " \"server\": [], \"router\": []}},"                                        \
		       "{\"line\": 2, \"at\": 2000100000, \"counters\": {\"client\": "             \
		       "{\"TcpOutSegs\": 1,"                                                       \
		       " \"TcpExtTCPPureAcks\": 1}, \"server\": {}, \"router\": {}},"              \
		       " \"sockets\": {\"client\": [" SOCKET(                                      \
			   isn, port) "], \"server\": [], \"router\": []}}]}"

static const char old_record[] = RECORD("12345", "40000", "100", "101");
static const char new_record[] = RECORD("98765", "50000", "500", "501");

struct compared {
	struct arena arena;
	json_t *old, *new, *only;
	struct kinds kinds;
};

static void begin(struct compared *c)
{
	*c = (struct compared){
	    .old = parse(old_record), .new = parse(new_record), .only = json_object()};
}

static void compare(struct compared *c)
{
	c->kinds = (struct kinds){.arena = &c->arena, .scenario = "n", .run = "n,ipv6"};
	pair_compare(&c->kinds, c->only, c->old, c->new);
	kinds_conclude(&c->kinds);
}

static void end(struct compared *c)
{
	json_decref(c->old);
	json_decref(c->new);
	json_decref(c->only);
	arena_free(&c->arena);
}

/* Exactly that kind, with these values (NULL: without), at that place. */
static void expect_kind(const struct compared *c, const char *what, const char *old,
			const char *new, const char *place)
{
	const struct kind *kind = kinds_find(&c->kinds, what);

	if (!kind)
		fail_msg("no %s; the first kind is %s", what,
			 c->kinds.count ? c->kinds.list[0].what : "none");
	assert_int_equal(kind->place_count, 1);
	assert_string_equal(kind->first->place.text, place);
	if (old) {
		assert_string_equal(kind->first->old, old);
		assert_string_equal(kind->first->new, new);
	} else {
		assert_null(kind->first->old);
	}
}

static void expect_one(struct compared *c, const char *what, const char *old, const char *new,
		       const char *place)
{
	compare(c);
	expect_kind(c, what, old, new, place);
	assert_int_equal(c->kinds.count, 1);
	end(c);
}

static void expect_nothing(struct compared *c)
{
	compare(c);
	if (c->kinds.count)
		fail_msg("%s", c->kinds.list[0].what);
	end(c);
}

static json_t *element(json_t *json, const char *array, size_t index)
{
	return json_array_get(json_object_get(json, array), index);
}

static json_t *counters(json_t *json, size_t step)
{
	return json_object_get(json_object_get(element(json, "record", step), "counters"),
			       "client");
}

static json_t *socket_of(json_t *json, size_t step)
{
	json_t *sockets = json_object_get(element(json, "record", step), "sockets");

	return json_array_get(json_object_get(sockets, "client"), 0);
}

static json_t *info(json_t *json, size_t step)
{
	return json_object_get(socket_of(json, step), "info");
}

#define SET(object, key, value) json_object_set_new(object, key, json_integer(value))

static void test_random_numbers(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	expect_nothing(&c);
}

static void test_packet_fields(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	SET(element(c.new, "segments", 0), "window", 63320);
	expect_one(&c, "packet client> S: window", "64240", "63320", "n,ipv6:4");
	begin(&c);
	SET(json_object_get(element(c.new, "segments", 0), "options"), "mss", 1400);
	expect_one(&c, "packet client> S: mss", "1460", "1400", "n,ipv6:4");
	begin(&c);
	json_object_del(json_object_get(element(c.new, "segments", 0), "options"), "mss");
	expect_one(&c, "packet client> S: mss", "1460", "none", "n,ipv6:4");
	begin(&c);
	SET(json_object_get(element(c.new, "segments", 0), "header"), "tos", 2);
	expect_one(&c, "packet client> S: tos", "0", "2", "n,ipv6:4");
	begin(&c);
	SET(element(c.new, "segments", 1), "ttl", 63);
	expect_one(&c, "packet server> R.: ttl", "64", "63", "n,ipv6:3");
	begin(&c);
	SET(element(c.new, "segments", 2), "seq", 1);
	expect_one(&c, "packet client> S: seq", "0", "1", "n,ipv6:7");
	begin(&c);
	SET(element(c.new, "segments", 2), "ip_id", 0);
	expect_one(&c, "packet client> S: IP identification", "1", "0", "n,ipv6:7");
	begin(&c); /* half as fast a clock */
	SET(json_object_get(element(c.new, "segments", 2), "options"), "TSval", 500);
	expect_one(&c, "packet client> S: TSval's clock", "0 ms", "-500 ms", "n,ipv6:7");
}

static void test_packets_more_and_less(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	json_array_remove(json_object_get(c.new, "segments"), 2);
	expect_one(&c, "packet client> S: one less", NULL, NULL, "n,ipv6:7");
	begin(&c);
	json_array_remove(json_object_get(c.old, "segments"), 2);
	expect_one(&c, "packet client> S: one more", NULL, NULL, "n,ipv6:7");
}

/* Times: a timer's part is exact, the part of clock readings does not count. */
static void test_times(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	SET(element(c.new, "segments", 2), "sent", 1000300000);
	expect_nothing(&c);
	begin(&c);
	SET(element(c.new, "segments", 2), "sent", 1080100000);
	SET(json_object_get(element(c.new, "segments", 2), "options"), "TSval", 1080);
	expect_one(&c, "packet client> S: sent after", "1000 ms", "1.08 s", "n,ipv6:7");
	begin(&c);
	SET(element(c.new, "events", 3), "to", 2100000000);
	expect_one(&c, "call recv: took", "2.00 s", "2.10 s", "n,ipv6:7");
}

static void test_calls(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	SET(element(c.new, "events", 3), "result", 4);
	expect_one(&c, "call recv: result", "5", "4", "n,ipv6:7");
	begin(&c);
	SET(element(c.new, "events", 3), "result", -1);
	json_object_set_new(element(c.new, "events", 3), "error", json_string("EAGAIN"));
	expect_one(&c, "call recv: error", "none", "EAGAIN", "n,ipv6:7");
	begin(&c);
	json_object_set_new(element(c.new, "events", 3), "text",
			    json_string("client  recv(c, jello) = 5"));
	expect_one(&c, "call recv: filled in", "...nt  recv(c, hello) = 5",
		   "...nt  recv(c, jello) = 5", "n,ipv6:7");
	begin(&c);
	json_array_remove(json_object_get(c.new, "events"), 3);
	expect_one(&c, "call recv: returned", "client  recv(c, hello) = 5", "never", "n,ipv6:7");
	begin(&c);
	json_array_append(json_object_get(c.new, "events"), element(c.new, "events", 4));
	expect_one(&c, "client --- SIGPIPE ---: times", "1", "2", "n,ipv6");
}

static void test_counters(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	SET(counters(c.new, 1), "TcpExtTCPPureAcks", 2);
	expect_one(&c, "counter TcpExtTCPPureAcks", "+1", "+2", "n,ipv6:7, client");
	begin(&c);
	json_object_del(counters(c.new, 1), "TcpExtTCPPureAcks");
	expect_one(&c, "counter TcpExtTCPPureAcks", "+1", "+0", "n,ipv6:7, client");
	begin(&c); /* a step later */
	SET(counters(c.new, 0), "TcpOutSegs", 0);
	SET(counters(c.new, 1), "TcpOutSegs", 2);
	expect_nothing(&c);
	begin(&c); /* it parts at the first step, and never comes together */
	SET(counters(c.new, 0), "TcpOutSegs", 2);
	expect_one(&c, "counter TcpOutSegs", "+2", "+3", "n,ipv6:3, client");
}

static void test_sockets(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	SET(info(c.new, 1), "snd_cwnd", 9);
	expect_one(&c, "tcp_info.snd_cwnd", "10", "9", "n,ipv6:7, client");
	begin(&c);
	SET(info(c.new, 0), "rto", 200000);
	expect_one(&c, "tcp_info.rto", "210000", "200000", "n,ipv6:3, client");
	begin(&c);
	SET(info(c.new, 1), "retrans", 1); /* fields that are 0 are left out */
	expect_one(&c, "tcp_info.retrans", "0", "1", "n,ipv6:7, client");
	begin(&c);
	SET(socket_of(c.new, 1), "recv_q", 5);
	expect_one(&c, "socket: recv_q", "0", "5", "n,ipv6:7, client");
	begin(&c); /* then nothing else of it is looked at */
	json_object_set_new(socket_of(c.new, 1), "state", json_string("CLOSE-WAIT"));
	SET(info(c.new, 1), "snd_cwnd", 9);
	expect_one(&c, "socket: state", "ESTAB", "CLOSE-WAIT", "n,ipv6:7, client");
	begin(&c);
	json_array_clear(
	    json_object_get(json_object_get(element(c.new, "record", 1), "sockets"), "client"));
	expect_one(&c, "socket: state", "ESTAB", "none", "n,ipv6:7, client");
	begin(&c); /* some readings of the clock more */
	SET(info(c.new, 1), "rtt", 32);
	SET(info(c.new, 1), "pacing_rate", 940000);
	expect_nothing(&c);
	begin(&c);
	SET(info(c.new, 1), "rtt", 130);
	expect_one(&c, "tcp_info.rtt", "30", "130", "n,ipv6:7, client");
	begin(&c);
	SET(info(c.new, 1), "pacing_rate", 700000);
	expect_one(&c, "tcp_info.pacing_rate", "1000000", "700000", "n,ipv6:7, client");
}

/* One kernel has measured 0, the other a little: the consequences are not a difference. */
static void test_measured_by_clock_readings(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	for (size_t step = 0; step < 2; step++) {
		SET(info(c.old, step), "rtt", 1);
		SET(info(c.old, step), "min_rtt", 1);
		json_object_del(info(c.new, step), "rtt");
		SET(info(c.new, step), "min_rtt", 10000);
		SET(info(c.new, step), "rto", 200000);
		SET(info(c.new, step), "pacing_rate", 80000000);
	}
	SET(element(c.new, "segments", 2), "sent", 1010100000);
	SET(json_object_get(element(c.new, "segments", 2), "options"), "TSval", 1010);
	expect_nothing(&c);
	begin(&c); /* known from a time stamp, whose clock ticks each millisecond */
	SET(info(c.old, 1), "min_rtt", 1);
	SET(info(c.new, 1), "min_rtt", 1000);
	expect_nothing(&c);
	begin(&c);
	json_object_del(info(c.new, 0), "rtt");
	SET(info(c.old, 0), "rtt", 1);
	SET(info(c.new, 0), "rto", 300000); /* but that does not follow */
	expect_one(&c, "tcp_info.rto", "210000", "300000", "n,ipv6:3, client");
}

/* Items that only one of them has are listed separately from differences. */
static void test_only_one_has_it(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	json_object_set_new(c.old, "counter_names", json_string("TcpOutSegs"));
	json_object_del(counters(c.old, 1), "TcpExtTCPPureAcks");
	for (size_t step = 0; step < 2; step++) {
		SET(socket_of(c.old, step), "info_size", 232);
		json_object_del(info(c.old, step), "rcv_wnd");
	}
	compare(&c);
	assert_int_equal(c.kinds.count, 0);
	assert_string_equal(json_string_value(json_object_get(c.only, "counter TcpExtTCPPureAcks")),
			    "new");
	assert_string_equal(json_string_value(json_object_get(c.only, "tcp_info.rcv_wnd")), "new");
	assert_int_equal(json_object_size(c.only), 2);
	end(&c);
}

/* A run that failed is compared as far as it came. */
static void test_failure(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	json_object_set_new(c.new, "verdict", json_string("fail"));
	json_object_set_new(c.new, "problems", parse("[{\"line\": 2}]"));
	json_object_set_new(element(c.new, "lines", 2), "fate", json_string("failed"));
	json_array_remove(json_object_get(c.new, "record"), 1);
	json_array_remove(json_object_get(c.new, "events"), 3);
	json_array_remove(json_object_get(c.new, "segments"), 2);
	SET(element(c.new, "segments", 0), "window", 63320);
	compare(&c);
	expect_kind(&c, "verdict", "pass", "fail", "n,ipv6:7");
	expect_kind(&c, "packet client> S: window", "64240", "63320", "n,ipv6:4");
	assert_int_equal(c.kinds.count, 2);
	end(&c);
}

/* One of a kernel that warned is compared as a whole. */
static void test_warning(void **state)
{
	struct compared c;

	(void)state;
	begin(&c);
	complain(c.new);
	SET(element(c.new, "segments", 0), "window", 63320);
	compare(&c);
	expect_kind(&c, "the kernel said", "nothing", SAID, "n,ipv6");
	expect_kind(&c, "packet client> S: window", "64240", "63320", "n,ipv6:4");
	assert_int_equal(c.kinds.count, 2);
	end(&c);
}

/* ---- kinds ---- */

static void test_kinds(void **state)
{
	static const char *const runs[] = {"a", "a,ipv6", "b", "c"};
	struct arena a = {0};
	struct kinds k = {.arena = &a};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		k.nth++;
		k.run = runs[i];
		k.scenario = i < 2 ? "a" : runs[i];
		if (i > 2)
			kinds_add(&k, "late", NULL, NULL, (struct spot){1, "c:1"});
		kinds_add(&k, "often", "1", i == 0 ? "3" : "2", (struct spot){2, runs[i]});
		kinds_add(&k, "often", "8", "9", (struct spot){3, "not the first"});
		if (i < 2)
			kinds_add(&k, "early", NULL, NULL, (struct spot){4, runs[i]});
	}
	kinds_conclude(&k);
	assert_int_equal(k.count, 3);
	assert_string_equal(k.list[0].what, "often");
	assert_int_equal(k.list[0].scenarios, 3);
	assert_int_equal(k.list[0].place_count, 4);
	assert_string_equal(k.list[0].first->place.text, "a,ipv6"); /* with the usual values */
	assert_string_equal(k.list[0].first->new, "2");
	assert_int_equal(k.list[0].others, 1);
	assert_string_equal(k.list[1].what, "early");
	assert_int_equal(k.list[1].scenarios, 1);
	assert_string_equal(k.list[2].what, "late");
	arena_free(&a);
}

/* What a faulty guest may report about its run, and the message for it; NULL: it is fine. */
static void test_unsound_runs(void **state)
{
#define HEAD "\"verdict\": \"pass\", \"scenario\": \"a\", \"path\": \"a.tcp\""
#define RUN                                                                                        \
	"{\"name\": \"a\", " HEAD ", \"lines\": [{\"text\": \"quiet 1s\"}], \"connections\": "     \
	"[{}], "
	static const char nothing[] = "it refers to something that is not in it";
	static const struct {
		const char *run, *why;
	} cases[] = {
	    {RUN "\"events\": [{\"line\": 0}, {}], \"segments\": [{\"connection\": 0}]}", NULL},
	    {RUN "\"record\": [{\"line\": -1}, {\"line\": 0}], \"start\": 4000000000000000000}",
	     NULL},
	    {RUN "\"events\": [{\"line\": 1}]}", nothing},
	    {RUN "\"events\": [{\"line\": -1}]}", nothing},
	    {RUN "\"events\": [{\"line\": \"0\"}]}", nothing},
	    {RUN "\"problems\": [{\"line\": 1}]}", nothing},
	    {RUN "\"record\": [{\"line\": -2}]}", nothing},
	    {RUN "\"segments\": [{\"connection\": 1}]}", nothing},
	    {RUN "\"segments\": [{\"sent\": 9223372036854775807}]}", "a number in it is too large"},
	    {RUN "\"tick\": -1}", "a number in it is too large"},
	    {"{\"name\": \"a\", " HEAD ", \"lines\": [{}]}", "a line in it has no text"},
	    {"{\"name\": \"a\", \"verdict\": \"pass\"}",
	     "it has no verdict, no scenario or no path"},
	    {"{\"name\": \"../a\", " HEAD "}", "it has no name that a directory could have"},
	    {"{\"name\": \"..\", " HEAD "}", "it has no name that a directory could have"},
	    {"{" HEAD "}", "it has no name that a directory could have"},
	    {"[]", "it has no name that a directory could have"},
	};
#undef RUN
#undef HEAD

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *run = json_loads(cases[i].run, 0, NULL);
		const char *why;

		assert_non_null(run);
		why = run_unsound(run);
		if (!why != !cases[i].why || (why && strcmp(why, cases[i].why)))
			fail_msg("%s: %s", cases[i].run, why ? why : "fine");
		json_decref(run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unsound_runs),
	    cmocka_unit_test(test_sequences),
	    cmocka_unit_test(test_long_sequences),
	    cmocka_unit_test(test_transcript_of_a_failure),
	    cmocka_unit_test(test_transcripts_of_failures_that_are_alike),
	    cmocka_unit_test(test_transcript_that_failed_at_its_end),
	    cmocka_unit_test(test_transcript_without_failure),
	    cmocka_unit_test(test_transcript_of_a_kernel_that_warned),
	    cmocka_unit_test(test_random_numbers),
	    cmocka_unit_test(test_packet_fields),
	    cmocka_unit_test(test_packets_more_and_less),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_counters),
	    cmocka_unit_test(test_sockets),
	    cmocka_unit_test(test_measured_by_clock_readings),
	    cmocka_unit_test(test_only_one_has_it),
	    cmocka_unit_test(test_failure),
	    cmocka_unit_test(test_warning),
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
