/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stories of packets, on time lines that are made here; in all of them everything happens at
 * the same moment, as it may in virtual time. And the blocks of a capture file, byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>

#include "harness/calls/calls.h"
#include "harness/capture/pcapng.h"
#include "harness/story/story.h"
#include "tests/scripts.h"

#define S   FLAG_SYN
#define A   FLAG_ACK
#define NOW (7 * NS_PER_S)

static struct timeline t;
static struct run *run;
static struct judgement j;
static int frames;

/* A run of these lines, and a time line on which nothing has happened yet. */
static void begin(const char *text)
{
	run = expand_nth(parse_good(text), &facts_6_18, 0);
	timeline_init(&t, &arena);
	t.start = NOW;
	frames = 0;
	j = (struct judgement){.lines =
				   arena_alloc(&arena, (run->line_count + 1) * sizeof(*j.lines))};
	for (size_t i = 0; i < run->line_count; i++)
		j.lines[i] = (struct line_judgement){.event = -1, .segment = -1};
}

static struct packet *tcp(enum host from, uint8_t flags, uint32_t seq, uint32_t ack,
			  uint32_t length)
{
	struct packet *p = arena_new(&arena, struct packet);
	bool client = from == HOST_CLIENT;

	p->kind = PACKET_TCP;
	p->source = host_ip(from, 4);
	p->target = host_ip(client ? HOST_SERVER : HOST_CLIENT, 4);
	p->source_port = client ? 40000 : 8080;
	p->target_port = client ? 8080 : 40000;
	p->flags = flags;
	p->seq = (client ? 1000 : 5000) + seq;
	p->ack = flags & A ? (client ? 5000 : 1000) + ack : 0;
	p->window = 1000;
	p->length = length;
	p->ttl = 64;
	return p;
}

static void show(const struct packet *p, enum host link, bool in)
{
	t.frame = ++frames;
	timeline_packet(&t, p, NOW, link, in);
	t.frame = 0;
}

static int in(const struct packet *p)
{
	show(p, host_of_ip(&p->source), true);
	return (int)t.segment_count - 1;
}

static int through(const struct packet *p)
{
	in(p);
	show(p, host_of_ip(&p->target), false);
	return (int)t.segment_count - 1;
}

static void handshake(void)
{
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	through(tcp(HOST_SERVER, S | A, 0, 1, 0));
	through(tcp(HOST_CLIENT, A, 1, 1, 0));
}

static void lost(const struct packet *p, int line)
{
	in(p);
	timeline_victim(&t, p, NOW, HOST_ROUTER, false, line);
}

static struct event *call(enum event_kind kind, enum host host, const char *part, const char *text)
{
	struct event *e = timeline_event(&t, kind, NOW, NOW);

	e->host = host;
	e->part = part;
	e->text = text;
	return e;
}

static void met(int line, int segment)
{
	j.lines[line].fate = LINE_MET;
	j.lines[line].segment = segment;
}

/* All notes of the packet of that number, with "; " in between. */
static const char *told(int frame)
{
	struct story story = story_tell(&arena, run, &t, &j);
	const char *all = "";

	assert_in_range(frame, 1, story.frames);
	for (int i = 0; i < 2; i++) {
		const struct notes *n =
		    story.shown[frame][i] < 0 ? NULL : &story.of[story.shown[frame][i]];

		for (size_t k = 0; n && k < n->count; k++)
			all =
			    arena_printf(&arena, "%s%s%s", all, *all ? "; " : "", n->list[k].text);
	}
	return all;
}

/* ---- stories ---- */

static void test_identity(void **state)
{
	int first, second;

	(void)state;
	begin("client> S\n>server S\nclient> S\n");
	first = through(tcp(HOST_CLIENT, S, 0, 0, 0));
	second = through(tcp(HOST_CLIENT, S, 0, 0, 0));
	met(0, first);
	met(1, first);
	met(2, second);
	assert_string_equal(told(1), "test.tcp:1: client> S");
	assert_string_equal(told(2), "test.tcp:2: >server S");
	assert_string_equal(told(3),
			    "test.tcp:3: client> S; sent again: first in frame 1 of trace.pcapng");
	assert_string_equal(told(4), "sent again: first in frame 1 of trace.pcapng");
}

static void test_calls(void **state)
{
	struct event *e;

	(void)state;
	begin("client> S\n");
	call(EVENT_CALL, HOST_CLIENT, NULL, "socket()");
	e = call(EVENT_RETURN, HOST_CLIENT, NULL, "socket()");
	e->result = 3;
	e->bound = "c";
	call(EVENT_CALL, HOST_CLIENT, NULL, "connect(c, server:8080)");
	call(EVENT_CALL, HOST_CLIENT, "t2", "pause()")->abandoned = true;
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	through(tcp(HOST_SERVER, FLAG_RST | A, 0, 1, 0));
	e = call(EVENT_RETURN, HOST_CLIENT, NULL, "connect(c, server:8080)");
	e->result = -1;
	e->error = ECONNREFUSED;
	e->blocked = true;
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	assert_string_equal(
	    told(1),
	    "client: socket() = c; "
	    "client: connect(c, server:8080) = -1 ECONNREFUSED, entered before this packet; "
	    "client.t2: pause() = ?, entered before this packet; it does not return");
	assert_string_equal(told(2), "");
	assert_string_equal(told(4), told(3)); /* nothing new has happened at either end */
	assert_non_null(strstr(told(5), "client: connect(c, server:8080) = -1 ECONNREFUSED, "
					"returned before this packet"));
}

/* Of many deeds the last ones are told. */
static void test_many_calls(void **state)
{
	(void)state;
	begin("client> S\n");
	for (int i = 0; i < 10; i++) {
		const char *text = arena_printf(&arena, "close(%d)", i);

		call(EVENT_CALL, HOST_CLIENT, NULL, text);
		call(EVENT_RETURN, HOST_CLIENT, NULL, text);
	}
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	assert_string_equal(
	    told(1), "client: 4 more before that; client: close(4) = 0; client: close(5) = 0; "
		     "client: close(6) = 0; client: close(7) = 0; client: close(8) = 0; "
		     "client: close(9) = 0");
}

static void test_fates(void **state)
{
	(void)state;
	begin("router drop client>\n");
	lost(tcp(HOST_CLIENT, S, 0, 0, 0), 0);
	assert_string_equal(told(1), "lost at the router, by test.tcp:1: router  drop client>");
	begin("router hold client>\n");
	in(tcp(HOST_CLIENT, S, 0, 0, 0));
	timeline_taken(&t, t.segments[0].packet, NOW, FATE_HELD, 1, 0);
	assert_string_equal(told(1),
			    "held back at the router, by test.tcp:1: router  hold client>; "
			    "it has never arrived");
	timeline_release(&t, 0);
	show(t.segments[0].packet, HOST_SERVER, false);
	assert_string_equal(told(1),
			    "held back at the router, by test.tcp:1: router  hold client>; "
			    "it has arrived later");
	begin("router dup client>\n");
	in(tcp(HOST_CLIENT, S, 0, 0, 0));
	timeline_taken(&t, t.segments[0].packet, NOW, FATE_TWICE, 1, 0);
	timeline_release(&t, 0);
	show(t.segments[0].packet, HOST_SERVER, false);
	show(t.segments[0].packet, HOST_SERVER, false);
	assert_string_equal(told(2), "");
	assert_string_equal(told(3), "the second copy, by test.tcp:1: router  dup client>");
}

/* The router's own packets are on one link only. */
static void test_origins(void **state)
{
	struct packet *reset = tcp(HOST_SERVER, FLAG_RST | A, 0, 1, 0);
	const struct forging forging = {.packet = reset, .connection = 0, .end = 1, .line = 0};

	(void)state;
	begin("router forge server> R.\n");
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	show(tcp(HOST_SERVER, A, 0, 1, 0), HOST_CLIENT, false);
	assert_string_equal(told(3), "made by the router, with the address of server");
	timeline_forging(&t, &forging);
	show(reset, HOST_CLIENT, false);
	assert_string_equal(told(4), "test.tcp:1: router  forge server> R.; "
				     "forged: the router has made it, in the name of server");
}

static void read_probes(int64_t delta)
{
	static struct counter_reading counter = {"TcpExtTCPLossProbes", 0, true};
	struct event *e = timeline_event(&t, EVENT_READING, NOW, NOW);

	counter.delta = delta;
	e->host = HOST_CLIENT;
	e->counters = &counter;
	e->counter_count = 1;
}

static void test_loss_probe(void **state)
{
	(void)state;
	for (int64_t count = 0; count < 3; count++) {
		begin("client> S\n");
		handshake();
		for (int i = 0; i < 3; i++)
			lost(tcp(HOST_CLIENT, A, 1, 1, 10), -1);
		read_probes(count);
		assert_string_equal(told(7), "lost at the router");
		assert_string_equal(
		    told(8), count == 1
				 ? "lost at the router; sent again: first in frame 7 of "
				   "trace.pcapng; loss probe, not a timeout: TcpExtTCPLossProbes "
				   "has counted it; Wireshark calls this Retransmission"
				 : "lost at the router; sent again: first in frame 7 of "
				   "trace.pcapng");
		assert_string_equal(
		    told(9), "lost at the router; sent again: first in frame 7 of trace.pcapng");
	}
}

static void test_probes(void **state)
{
	(void)state;
	for (int shut = 0; shut < 2; shut++) {
		struct packet *ack = tcp(HOST_SERVER, A, 1, 11, 0);

		begin("client> S\n");
		handshake();
		through(tcp(HOST_CLIENT, A, 1, 1, 10));
		ack->window = shut ? 0 : 1000;
		through(ack);
		through(tcp(HOST_CLIENT, A, 10, 1, 0));
		through(ack);
		assert_string_equal(told(11),
				    shut ? "window probe: is the window still shut?; Wireshark "
					   "calls this Keep-Alive: it is a window probe"
					 : "keepalive probe: is the other end still there?");
		assert_string_equal(told(12), told(11));
		assert_string_equal(told(13), "the answer to the probe");
	}
}

static void test_labels(void **state)
{
	(void)state;
	begin("client> S\n");
	through(tcp(HOST_CLIENT, S, 0, 0, 0));
	through(tcp(HOST_SERVER, FLAG_RST | A, (uint32_t)-5000, 1, 0));
	assert_string_equal(told(3), "its number on the wire is 0, because its sender has begun no "
				     "connection: Wireshark may show Seq=1");
	through(tcp(HOST_CLIENT, S, 100000, 0, 0));
	assert_string_equal(told(5), "a new connection with the ports of an earlier one: Wireshark "
				     "calls this Port numbers reused");
}

static void test_last_byte(void **state)
{
	(void)state;
	begin("client> S\n");
	handshake();
	lost(tcp(HOST_CLIENT, A, 1, 1, 1), -1);
	lost(tcp(HOST_CLIENT, A, 1, 1, 1), -1);
	assert_string_equal(told(7), "lost at the router");
	assert_string_equal(told(8),
			    "lost at the router; sent again: first in frame 7 of trace.pcapng; "
			    "Wireshark calls this Keep-Alive: it is one byte, sent again");
}

/* The first copy was held, and arrives behind the second one. */
static void test_overtaken(void **state)
{
	struct packet *first = tcp(HOST_CLIENT, A, 1, 1, 10);

	(void)state;
	begin("router hold client>\n");
	handshake();
	in(first);
	timeline_taken(&t, first, NOW, FATE_HELD, 1, 0);
	through(tcp(HOST_CLIENT, A, 1, 1, 10));
	timeline_release(&t, 3);
	show(first, HOST_SERVER, false);
	assert_string_equal(told(9), "sent again: first in frame 7 of trace.pcapng");
	assert_string_equal(told(10),
			    "late: overtaken by what was sent after it. Wireshark may call "
			    "this Retransmission or Out-Of-Order");
}

static void read_socket(const char *name, const char *state)
{
	struct event *e = timeline_event(&t, EVENT_READING, NOW, NOW);

	e->host = HOST_CLIENT;
	e->descriptor = name;
	e->socket = (struct socket_state){.found = true, .state = ss_state_find(state)};
}

static void test_readings(void **state)
{
	(void)state;
	begin("client> S\n");
	timeline_connecting(&t, "c", HOST_CLIENT, &(struct ip){.family = 4, .bytes = {10, 0, 2, 1}},
			    8080);
	handshake();
	read_socket("l", "LISTEN"); /* it has no packets */
	read_socket("c", "ESTAB");
	in(tcp(HOST_CLIENT, A, 1, 1, 5));
	read_socket("c", "ESTAB"); /* nothing new */
	assert_string_equal(told(5), "client: ss c ESTAB 0 0 timer:none, seen after this packet");
	assert_string_equal(told(6), "");
	assert_string_equal(told(7), "still on its way when the run ended");
}

/* ---- blocks ---- */

static char *file;
static size_t file_size;

static void assert_file(FILE *out, const char *expected, size_t size)
{
	fclose(out);
	assert_int_equal(file_size, size);
	assert_memory_equal(file, expected, size);
	free(file);
}

#define BYTES(text) text, sizeof(text) - 1

static void test_blocks(void **state)
{
	const struct pcapng_option none = {0};
	const struct pcapng_option options[] = {pcapng_text(PCAPNG_COMMENT, "five!", 100), none};
	const struct pcapng_packet packet = {.interface = 1,
					     .stamp = 0x1122334455667788,
					     .header = "head",
					     .bytes = "abc",
					     .header_size = 4,
					     .size = 3,
					     .length = 300};
	FILE *out = open_memstream(&file, &file_size);

	(void)state;
	pcapng_section(out, &none);
	pcapng_interface(out, 65549, options);
	pcapng_packet(out, &packet, options);
	assert_file(out, BYTES("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0"
			       "\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0"
			       "\1\0\0\0\x24\0\0\0\1\0\0\0\x0d\0\1\0\1\0\5\0five!\0\0\0\0\0\0\0"
			       "\x24\0\0\0"
			       "\6\0\0\0\x38\0\0\0\1\0\0\0\x44\x33\x22\x11\x88\x77\x66\x55"
			       "\7\0\0\0\x2c\1\0\0headabc\0\1\0\5\0five!\0\0\0\0\0\0\0\x38\0\0\0"));
}

/* A text is cut off behind a whole character. */
static void test_cut(void **state)
{
	(void)state;
	assert_int_equal(pcapng_text(1, "abc", 3).length, 3);
	assert_int_equal(pcapng_text(1, "abcd", 3).length, 3);
	assert_int_equal(pcapng_text(1, "ab\xc3\xa4", 4).length, 4);
	assert_int_equal(pcapng_text(1, "ab\xc3\xa4", 3).length, 2);
	assert_int_equal(pcapng_text(1, "a\xe2\x82\xac", 3).length, 1);
	assert_int_equal(pcapng_text(1, "", 3).length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_identity),	 script_test(test_calls),     script_test(test_many_calls),
	    script_test(test_fates),	 script_test(test_origins),   script_test(test_loss_probe),
	    script_test(test_probes),	 script_test(test_labels),    script_test(test_readings),
	    script_test(test_overtaken), script_test(test_last_byte), cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
