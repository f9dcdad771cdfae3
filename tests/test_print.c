/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The printer: the layout, and that printed text parses to the same script, for every scenario of
 * the language's description.
 */
#include "harness/base/text.h"
#include "tests/scripts.h"

static const char *whole(const struct script *s)
{
	const char *text = "";

	for (size_t i = 0; i < s->line_count; i++)
		text = arena_printf(&arena, "%s%s\n", text, printed(&s->lines[i]));
	return text;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(data_names); i++) {
		const char *once = whole(load_data(data_names[i]));

		assert_string_equal(whole(parse_good(once)), once);
	}
}

/* Lines that print as they are written. */
static const char *const fixed_points[] = {
    "client  socket() = c",
    "client  connect(c, server:8080) = -1 ECONNREFUSED",
    "client  connect(c, server:8080) ...",
    "client  ... connect() = -1 ETIMEDOUT",
    "  +1s     client  ... connect() = -1 ETIMEDOUT",
    "@idle+2500ms client  ss c FIN-WAIT-2 timer:none",
    "  +0..20ms client> S",
    "          server> R. 0:0(0) ack 1 win 0",
    "          server:c> S. 0:0(0) ack 1 <mss 1460,sackOK,!TS,wscale 7,sack 1:9 20:30,TS 0 ecr "
    "5,tfo cookiereq>",
    "          client> P. (10) \"a\\r\\n\\0\\x001\\\"\\\\\" lost at server  @x  # why",
    "          client> - 1:$n + 1(*) win >= 100 urg 1..2 to server:80 rejected",
    "          >server S",
    "          client> data (20000) held",
    "          router> icmp frag-needed mtu 1300 [P. 1:2(1)] to client",
    "          client> arp to nobody lost",
    "          client> P.EWe 1:2(1) ect0 ttl 60..64 flowlabel *",
    "          client> udp (5) tos $n to :80 lost",
    "          router> icmp net-unreachable [S] ce ttl 64",
    "          router> icmp 3/$code [S 0:0(0)] to client",
    "router  forge router> icmp 12 mtu 5 [P. 1:6(5)] ttl 9 to client",
    "router  reject client> S with 3/8 times 1",
    "router  drop router> icmp 3",
    "          client> udp (5) \"hello\" to server:5000 rejected at server",
    "          server> icmp echo-reply (*) \"ping\" to client",
    "          router> icmp ttl-exceeded [icmp echo-request (56)] to client",
    "          server> icmp port-unreachable [udp (5)]",
    "          server> icmp port-unreachable [udp]",
    "          server.kid --- SIGPIPE ---",
    "          server +++ exited with 0 +++",
    "          server +++ killed by SIGKILL +++",
    "          ...",
    "quiet   300ms",
    "client  poll([{fd=c, events=POLLIN|POLLOUT}], 1, -1) = 1 ([{fd=c, revents=POLLIN}])",
    "server  select(..., [l, x], NULL) = 1 (in [x])",
    "client  send(c, \"abc\"..., :80, {msg_iov=[{iov_base=\"d\"}, ...]}) = $n",
    "server.kid  exit(0) = ?",
    "client  ss c ESTAB 0 * timer:(persist,200ms,0)",
    "client  ss c TIME-WAIT timer:(timewait,60sec,0)",
    "client  ss c TIME-WAIT timer:(on,*,>= 1)",
    "client  ss c none",
    "client  nstat TcpOutRsts +1 TcpCurrEstab -1 TcpOutSegs +1..3",
    "router  drop client> 1001:2001(1000) skip 1 times 2",
    "router  reject S with tcp-reset",
    "router  delay 20ms client> P.",
    "router  delay 0s client> 0:1(1)",
    "router  drop router> icmp frag-needed",
    "router  drop client> udp (5) times 1",
    "router  reject udp with port-unreachable",
    "router  hold",
    "router  release client> F.",
    "router  heal",
    "router  heal drop client>",
    "router  forge ghost:g$i> S 0:0(0) win 1000 to server:8080",
    "server  mute",
    "server  crash",
    "server  boot",
    "server  signal SIGUSR1",
    "server  sysctl net.ipv4.tcp_rmem = 4096 131072 6291456",
    "router  ip route add unreachable nowhere",
    "use     established",
    "needs   kernel >= 6.5.3",
    "needs   netem",
    "acks exact",
    "table   backlog=$backlog limit=$limit",
    "table   \"AIX 5.1\"=$aix b=word c=$n + 3 d=\"a word\"",
    "param   backlog aix = (0 1) (-1 SA_RESTART)",
    "server  nstat TcpOutRsts >= 2",
    "param   flags = 0 -1 3..5 SA_RESTART",
    "# a comment",
    "",
};

static void test_fixed_points(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fixed_points); i++) {
		/* an empty file would be refused: a line more stands after each */
		struct script *s =
		    parse_good(arena_printf(&arena, "%s\nserver mute\n", fixed_points[i]));

		assert_string_equal(printed(&s->lines[0]), fixed_points[i]);
	}
}

static void test_blocks(void **state)
{
	static const char text[] =
	    "repeat $n + 1 as i\nwhen $i != x\nelse\nend\nend\nwhen family = 6\nend\n";

	(void)state;
	assert_string_equal(whole(parse_good(text)), text);
}

static const char *duration(ns_t t)
{
	static char text[64];
	FILE *out = fmemopen(text, sizeof(text), "w");

	duration_print(out, t);
	fclose(out);
	return text;
}

static void test_durations(void **state)
{
	(void)state;
	assert_string_equal(duration(200 * NS_PER_MS), "200ms");
	assert_string_equal(duration(NS_PER_S), "1s");
	assert_string_equal(duration(1500 * NS_PER_US), "1500us");
	assert_string_equal(duration(1200 * NS_PER_MS), "1200ms");
	assert_string_equal(duration(60 * NS_PER_S), "60s");
	assert_string_equal(duration(900 * NS_PER_S), "15min");
	assert_string_equal(duration(7200 * NS_PER_S), "2h");
	assert_string_equal(duration(7201 * NS_PER_S), "7201s");
	assert_string_equal(duration(1256), "1.256us");
	assert_string_equal(duration(0), "0s");
}

static void test_flags(void **state)
{
	char text[16] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	for (int bits = 0x1ff; bits >= 0; bits -= 0x1ff)
		flags_print(out, (uint16_t)bits);
	fclose(out);
	assert_string_equal(text, "FSRP.UEWe-");
}

static void test_strings(void **state)
{
	(void)state;
	/* every byte survives being printed and parsed */
	for (int byte = 0; byte < 256; byte++) {
		char bytes[2] = {(char)byte, '7'}, text[32] = "";
		FILE *out = fmemopen(text, sizeof(text), "w");
		struct arg *arg;

		string_print(out, bytes, 2);
		fclose(out);
		arg = arg_parse(&arena, text);
		assert_non_null(arg);
		assert_int_equal(arg->length, 2);
		assert_memory_equal(arg->bytes, bytes, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_round_trip), script_test(test_fixed_points), script_test(test_blocks),
	    script_test(test_durations),  script_test(test_flags),	  script_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
