/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser: every scenario of the language's description, each construct's data, and a helpful
 * diagnostic for every mistake, at its place. Also diagnostics and nearest() themselves.
 */
#include "tests/scripts.h"

static const struct line *only(const char *text)
{
	struct script *s = parse_good(text);

	assert_int_equal(s->line_count, 1);
	return &s->lines[0];
}

/* ---- what parses ---- */

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(data_names); i++) {
		struct script *s = load_data(data_names[i]);

		if (!s)
			fail_msg("%s", diagnosed());
		else
			assert_true(s->title[0] != '\0' && s->title[0] != '#');
	}
}

static void test_call(void **state)
{
	const struct line *line =
	    only("+1s  server.t2  getsockopt(c, SO_ERROR, [ECONNREFUSED], "
		 "{l_onoff=1, 2}, A|B, server:80, :$p, ...) = -1 EPIPE  @x # why");
	const struct call *call = &line->call;

	(void)state;
	assert_int_equal(line->kind, LINE_CALL);
	assert_int_equal(line->gap.min, NS_PER_S);
	assert_false(line->gap.is_range);
	assert_string_equal(line->actor.host, "server");
	assert_string_equal(line->actor.part, "t2");
	assert_string_equal(call->name, "getsockopt");
	assert_int_equal(call->arg_count, 8);
	assert_int_equal(call->args[0]->kind, ARG_NAMES);
	assert_int_equal(call->args[2]->kind, ARG_LIST);
	assert_string_equal(call->args[2]->items[0]->names[0], "ECONNREFUSED");
	assert_int_equal(call->args[3]->kind, ARG_STRUCT);
	assert_string_equal(call->args[3]->items[0]->field, "l_onoff");
	assert_null(call->args[3]->items[1]->field);
	assert_int_equal(call->args[4]->name_count, 2);
	assert_string_equal(call->args[5]->address.host, "server");
	assert_int_equal(call->args[5]->address.port->number, 80);
	assert_null(call->args[6]->address.host);
	assert_int_equal(call->args[6]->address.port->kind, VALUE_VARIABLE);
	assert_int_equal(call->args[7]->kind, ARG_ANY);
	assert_int_equal(call->result.value->number, -1);
	assert_string_equal(call->result.error, "EPIPE");
	assert_string_equal(line->label, "x");
	assert_string_equal(line->comment, "# why");
	assert_int_equal(line->place.column, 1);
}

static void test_results(void **state)
{
	const struct line *line = only("server  select(..., [l x], NULL) = 1 (in [x])");

	(void)state;
	assert_int_equal(line->call.args[1]->item_count, 2);
	assert_true(line->call.result.has_seen);
	assert_int_equal(line->call.result.seen[0]->kind, ARG_INDEXED);
	assert_string_equal(line->call.result.seen[0]->names[0], "in");

	assert_int_equal(only("server.kid  exit(0)  = ?")->call.result.kind, RESULT_UNKNOWN);
	assert_string_equal(only("server  accept(l) = x")->call.result.name, "x");
	assert_true(only("server  accept(l) ...")->call.open);
	line = only("server  ... accept(l) = x");
	assert_int_equal(line->kind, LINE_RESUME);
	assert_int_equal(only("client  send(c, \"abc\"..., 9) = 9")->call.args[1]->cut, true);
	/* as strace explains it */
	line = only("client  connect(c) = -1 ECONNREFUSED (Connection refused)");
	assert_string_equal(line->call.result.error, "ECONNREFUSED");
	assert_false(line->call.result.has_seen);
	assert_int_equal(only("client  recv(c, ..., 100) = 1..50")->call.result.value->kind,
			 VALUE_RANGE);
	assert_int_equal(only("client  recv(c, ..., 100) = >= 7")->call.result.value->kind,
			 VALUE_AT_LEAST);
}

static void test_strings(void **state)
{
	const struct arg *arg =
	    only("client  send(c, \"\\r\\n\\t\\0\\x41\\\"\\\\\\33z\xc3\xa9\") = 1")->call.args[1];

	(void)state;
	assert_int_equal(arg->length, 11);
	assert_memory_equal(arg->bytes, "\r\n\t\0A\"\\\033z\xc3\xa9", 11);
}

static void test_segments(void **state)
{
	const struct segment_pattern *s;
	const struct line *line =
	    only("server:g$i> P.U 1:12(11) ack $n + 1 win 0 urg 1 <mss 1460,sackOK,!TS,sack "
		 "1:9 20:30,TS 0 ecr 5,tfo cookiereq> \"ab\" to server:8080 lost at client");

	(void)state;
	s = &line->segment;
	assert_int_equal(line->kind, LINE_SENT);
	assert_string_equal(line->actor.connection, "g$i");
	assert_int_equal(s->flags, FLAG_PSH | FLAG_ACK | FLAG_URG);
	assert_int_equal(s->seq->number, 1);
	assert_int_equal(s->end->number, 12);
	assert_int_equal(s->length->number, 11);
	assert_int_equal(s->ack->kind, VALUE_SUM);
	assert_int_equal(s->option_count, 6);
	assert_true(s->options[2].absent);
	assert_int_equal(s->options[3].value_count, 4);
	assert_int_equal(s->options[4].values[1]->number, 5);
	assert_true(s->options[5].asks);
	assert_int_equal(s->payload_length, 2);
	assert_string_equal(s->to.host, "server");
	assert_int_equal(s->fate, FATE_LOST);
	assert_string_equal(s->fate_at, "client");

	s = &only(">client . ack 2")->segment;
	assert_int_equal(s->flags, FLAG_ACK);
	assert_int_equal(s->ack->number, 2);
	assert_int_equal(only("client> - (0)")->segment.flags, 0);
	assert_int_equal(only("client> data (20000) held")->segment.kind, SEGMENT_DATA);
	assert_int_equal(only("client> S. corrupt")->segment.fate, FATE_CORRUPT);
	assert_int_equal(only("client> S. twice")->segment.fate, FATE_TWICE);
	assert_string_equal(only("client> arp to nobody")->segment.to.host, "nobody");
	s = &only("client:c> udp (5) \"hello\" to server:5000 lost at server")->segment;
	assert_int_equal(s->kind, SEGMENT_UDP);
	assert_int_equal(s->length->number, 5);
	assert_null(s->seq);
	assert_int_equal(s->payload_length, 5);
	assert_int_equal(s->to.port->number, 5000);
	assert_int_equal(s->fate, FATE_LOST);
	s = &only("server> icmp echo-reply (56) to client")->segment;
	assert_string_equal(s->word, "echo-reply");
	assert_int_equal(s->length->number, 56);
	s = &only("router> icmp ttl-exceeded [udp (5)]")->segment;
	assert_int_equal(s->inner_kind, SEGMENT_UDP);
	assert_int_equal(s->inner_length->number, 5);
	s = &only("router> icmp ttl-exceeded [icmp echo-request]")->segment;
	assert_int_equal(s->inner_kind, SEGMENT_ICMP);
	assert_string_equal(s->inner_word, "echo-request");
	s = &only("router> icmp frag-needed mtu 1300 [P. 1:2(1)] to client lost")->segment;
	assert_string_equal(s->word, "frag-needed");
	assert_int_equal(s->mtu->number, 1300);
	assert_int_equal(s->inner_flags, FLAG_PSH | FLAG_ACK);
	assert_int_equal(s->inner_length->number, 1);
	assert_null(s->to.port);
}

static void test_readings(void **state)
{
	const struct ss_reading *ss =
	    &only("client ss c ESTAB 0 * timer:(persist,1.200ms,>= 1)")->ss;

	(void)state;
	assert_int_equal(ss->recv_q->number, 0);
	assert_int_equal(ss->send_q->kind, VALUE_ANY);
	assert_string_equal(ss->timer_name, "persist");
	assert_int_equal(ss->timer_left, 1200 * NS_PER_MS); /* as ss writes it */
	assert_int_equal(ss->timer_count->kind, VALUE_AT_LEAST);
	ss = &only("client ss c TIME-WAIT timer:(timewait,1min30sec,0)")->ss;
	assert_int_equal(ss->timer_left, 90 * NS_PER_S);
	assert_int_equal(only("client ss c ESTAB timer:(on,*,0)")->ss.timer_left, -1);
	assert_string_equal(only("client ss c ESTAB timer:none")->ss.timer_name, "none");
	assert_int_equal(only("client nstat TcpOutRsts +1 TcpExtTCPTimeouts +0")->nstat.count, 2);
	assert_int_equal(only("client nstat TcpCurrEstab -1")->nstat.list[0].delta->number, -1);
}

static void test_faults(void **state)
{
	const struct fault *f = &only("router drop client> 1001:2001(1000) skip 1 times 2")->fault;

	(void)state;
	assert_int_equal(f->verb, VERB_DROP);
	assert_string_equal(f->pattern.from, "client");
	assert_int_equal(f->pattern.segment.kind, SEGMENT_DATA);
	assert_int_equal(f->pattern.segment.seq->number, 1001);
	assert_int_equal(f->skip->number, 1);
	assert_int_equal(f->times->number, 2);
	f = &only("router reject S with tcp-reset")->fault;
	assert_null(f->pattern.from);
	assert_int_equal(f->pattern.segment.flags, FLAG_SYN);
	assert_string_equal(f->with, "tcp-reset");
	assert_false(only("router hold")->fault.pattern.has_segment);
	assert_int_equal(only("router delay 20ms client> P.")->fault.delay, 20 * NS_PER_MS);
	assert_int_equal(only("router delay client> P. 20ms")->fault.delay, 20 * NS_PER_MS);
	assert_int_equal(only("router delay 0")->fault.delay, 0);
	assert_null(only("router delay 0 client> @a")->fault.pattern.segment.seq);
	assert_int_equal(only("router delay client> 0 times 1")->fault.times->number, 1);
	assert_int_equal(only("router delay 0 client> 0:1(1)")->fault.pattern.segment.end->number,
			 1);
	assert_int_equal(only("router delay client> 0:1(1) 0")->fault.pattern.segment.end->number,
			 1);
	assert_int_equal(only("router delay client> P. 0 : 1(1) 0")->fault.delay, 0);
	assert_string_equal(
	    only("router drop router> icmp frag-needed")->fault.pattern.segment.word,
	    "frag-needed");
	f = &only("router drop client> udp (5) times 1")->fault;
	assert_int_equal(f->pattern.segment.kind, SEGMENT_UDP);
	assert_int_equal(f->pattern.segment.length->number, 5);
	assert_int_equal(only("router reject udp")->fault.pattern.segment.kind, SEGMENT_UDP);
	assert_int_equal(only("router dup F.")->kind, LINE_FAULT);
	assert_int_equal(only("router corrupt server>")->kind, LINE_FAULT);
	assert_int_equal(only("router release S.")->kind, LINE_RELEASE);
	assert_int_equal(only("router heal")->fault.verb, VERB_NONE);
	assert_int_equal(only("router heal drop client>")->fault.verb, VERB_DROP);
	assert_string_equal(only("router forge ghost:g> S 0:0(0)")->forged.connection, "g");
	assert_int_equal(only("server mute")->kind, LINE_MUTE);
	assert_int_equal(only("server crash")->kind, LINE_CRASH);
	assert_int_equal(only("server boot")->kind, LINE_BOOT);
	assert_int_equal(only("client program")->kind, LINE_PROGRAM);
}

static void test_machine(void **state)
{
	const struct line *line =
	    only("server sysctl net.ipv4.tcp_fastopen_key = 00000001-00000002-3-4  @key # k");

	(void)state;
	assert_string_equal(line->sysctl.name, "net.ipv4.tcp_fastopen_key");
	assert_string_equal(line->sysctl.value, "00000001-00000002-3-4");
	assert_string_equal(line->label, "key");
	line = only("server sysctl net.ipv4.tcp_rmem=4096 131072 6291456");
	assert_string_equal(line->sysctl.value, "4096 131072 6291456");
	line = only("router ip route add 10.0.9.0/24 via fd00:1::1 dev eth0 # x");
	assert_int_equal(line->ip.count, 7);
	assert_string_equal(line->ip.words[2], "10.0.9.0/24");
	assert_int_equal(line->ip.places[6].column, 51);
	assert_string_equal(only("server signal SIGUSR1")->signal.name, "SIGUSR1");
	assert_string_equal(only("server --- SIGPIPE ---")->signal.name, "SIGPIPE");
	assert_int_equal(only("server.kid +++ exited with 3 +++")->signal.status, 3);
	assert_string_equal(only("server +++ killed by SIGKILL +++")->signal.name, "SIGKILL");
}

static void test_times(void **state)
{
	const struct line *line = only("@a+1s..1.25s quiet 100us");

	(void)state;
	assert_string_equal(line->gap.from, "a");
	assert_int_equal(line->gap.max, 1250 * NS_PER_MS);
	assert_true(line->gap.is_range);
	assert_int_equal(line->quiet, 100 * NS_PER_US);
	assert_int_equal(only("+0..20ms quiet 1s")->gap.max, 20 * NS_PER_MS);
	assert_int_equal(only("+2min quiet 1s")->gap.max, 120 * NS_PER_S);
	assert_int_equal(only("+2h1.5s quiet 1s")->gap.max, 7201500 * NS_PER_MS);
}

static void test_conditions(void **state)
{
	const struct condition *c = &only("needs kernel >= 6.5")->condition;

	(void)state;
	assert_int_equal(c->version[0], 6);
	assert_int_equal(c->version[1], 5);
	assert_int_equal(c->version[2], -1);
	assert_null(only("needs netem")->condition.op);
	c = &parse_good("param a = x 1\nwhen $a != x\nend\n")->lines[1].condition;
	assert_true(c->is_variable);
	assert_string_equal(c->word, "x");
	assert_int_equal(only("param a = 0 -1 3..5 SA_RESTART")->assignment.count, 4);
	assert_int_equal(only("table a=$a b=x")->table.count, 2);
	assert_true(only("table \"AIX 5.1\"=$a b=x")->table.list[0].quoted);
	assert_int_equal(only("param a b = (0 1) (2 x)")->assignment.more_count, 1);
	assert_int_equal(only("param a b = [ (0 1)\n(2 x)\n]")->assignment.count, 4);
	only("client> . <TS >= 3 ecr 0..5,mss >= 500>");
	assert_int_equal(only("server nstat TcpOutRsts >= 2")->nstat.list[0].delta->kind,
			 VALUE_AT_LEAST);
	assert_string_equal(parse_good("repeat $n + 1 as i\nend\n")->lines[0].repeat.as, "i");
	assert_int_equal(only("acks exact")->kind, LINE_ACKS);
}

/* ---- text ---- */

static void test_text(void **state)
{
	struct script *s;

	(void)state;
	s = parse_good(
	    "# SPDX-License-Identifier: X\n# The title\n#\n# One.\n# Two.\n\nserver mute");
	assert_string_equal(s->title, "The title");
	assert_string_equal(s->prose, "One.\nTwo.");
	assert_int_equal(s->line_count, 7);

	s = parse_good("\xef\xbb\xbfserver mute\r\n\r\nclient mute # x\r\n");
	assert_int_equal(s->line_count, 3);
	assert_string_equal(s->lines[0].text, "server mute");
	assert_string_equal(s->lines[2].comment, "# x");

	/* a verbose transcript, and the marks of a normal one */
	s = parse_good(
	    "0.000131  client> S #! expected S.\n#- client> F.\n#+ client> R\n#!/x\nclient> F\n");
	assert_int_equal(s->line_count, 3);
	assert_int_equal(s->lines[0].kind, LINE_SENT);
	assert_null(s->lines[0].comment);
	assert_string_equal(s->lines[1].comment, "#!/x");

	/* a line goes on within brackets */
	s = parse_good("client poll([{fd=c, # one\n events=POLLIN}\n], 1) = 0\nserver mute\n");
	assert_int_equal(s->line_count, 2);
	assert_int_equal(s->lines[1].place.line, 4);
	assert_non_null(strstr(s->lines[0].text, "POLLIN}\n"));
}

static void test_arg(void **state)
{
	struct arg *arg = arg_parse(&arena, "[{fd=c, revents=POLLIN|POLLOUT}]");

	(void)state;
	assert_non_null(arg);
	assert_int_equal(arg->items[0]->items[1]->name_count, 2);
	assert_true(arg_parse(&arena, "\"abc\"...")->cut);
	assert_null(arg_parse(&arena, ""));
	assert_null(arg_parse(&arena, "1 2"));
	assert_null(arg_parse(&arena, "[1"));
	assert_null(arg_parse(&arena, "\"a"));
}

/* ---- what does not parse ---- */

#define WORD_16	 "abcdefghijklmnop"
#define WORD_64	 WORD_16 WORD_16 WORD_16 WORD_16
#define WORD_256 WORD_64 WORD_64 WORD_64 WORD_64

static const struct {
	const char *text;
	int line, column;
	const char *what;
} mistakes[] = {
    {"", 1, 1, "empty"},
    {"# only words\n\n", 1, 1, "says nothing"},
    {"  17 socket()", 1, 3, "unexpected '17'; expected a host"},
    {"client", 1, 7, "the line ends; expected '>' and a packet, a call"},
    {"client  drp client>", 1, 9, "unknown verb 'drp'; did you mean drop?"},
    {"client  socket = c", 1, 9, "unknown verb 'socket'; expected a call's name and '('"},
    {"ues established", 1, 1, "unknown 'ues'; did you mean use?"},
    {"repaet 3", 1, 1, "unknown 'repaet'; did you mean repeat?"},
    {"client  socket() = " WORD_256, 1, 20, "a word has at most 255 characters"},
    {"client  socket() 5", 1, 18, "unexpected '5'; expected '=' and a result, or '...'"},
    {"client  socket() =", 1, 19, "a result (0, -1 EPIPE"},
    {"client> S <sackOK 5>", 1, 19, "unexpected '5'; expected ',' or '>'"},
    {"client> S <md5 5>", 1, 16, "unexpected '5'; expected ',' or '>'"},
    {"client> S <tfo cookie>", 1, 16, "unexpected 'cookie'; expected ',' or '>'"},
    {"client> S foo", 1, 11,
     "expected 1:12(11), ack, win, urg, <options>, a string, ect0, tos, ttl, flowlabel, to, lost, "
     "rejected, held, twice, corrupt or the end of the line"},
    {"client> udp foo", 1, 13,
     "expected (5), a string, ect0, tos, ttl, flowlabel, to, lost, rejected, held, twice, "
     "corrupt or the end of the line"},
    {"client> icmp echo-request foo", 1, 27,
     "expected mtu, [S], (56), a string, ect0, tos, ttl, flowlabel, to, lost, rejected, held, "
     "twice, corrupt or the end of the line"},
    {"client> S ect0 ce", 1, 16, "ECN is written twice"},
    {"client> S ttl 3 ttl 4", 1, 17, "'ttl' is written twice"},
    {"client> arp to nobody ttl 4", 1, 23, "unexpected 'ttl'"},
    {"client  poll([], 0, 0) = -1 EINTR ([{fd=c, revents=POLLIN}])", 1, 36,
     "a call that fails fills in nothing"},
    {"client  socket() = c d", 1, 22, "unexpected 'd'"},
    {"client  send(c \"x\") = 1", 1, 16, "unexpected '\"x\"'; expected ',' or ')'"},
    {"client  send(c, \"x) = 1", 1, 17, "no closing '\"'"},
    {"client  send(c, \"a\\q\") = 1", 1, 19, "no such escape"},
    {"client  send(c, \"\\x4\") = 1", 1, 18, "no such escape"},
    {"client  send(c, \"\\777\") = 1", 1, 18, "no such escape"},
    {"client  send(c, \"a\\\nserver mute\n", 1, 17, "no closing '\"'"},
    {"client:c socket() = 1", 1, 10, "only packets are told apart"},
    {"client> SA", 1, 9, "did you mean S.?"},
    {"client> SX", 1, 9, "unexpected 'SX'; expected flags"},
    {"client> SS", 1, 9, "flag 'S' is written twice"},
    {"client> ..", 1, 9, "flag '.' is written twice"},
    {"client> ...", 1, 9, "flags (S, S., P., F., R ..)"},
    {"client> dta", 1, 9, "did you mean data?"},
    {"client> S 0:0", 1, 14, "'(' and the length"},
    {"client> S 0(0)", 1, 12, "':'"},
    {"client> S losst", 1, 11, "did you mean lost?"},
    {"client> S lost held", 1, 16, "one fate only"},
    {"client> S ack 1 ack 2", 1, 17, "'ack' is written twice"},
    {"client> S (1) (1)", 1, 15, "written twice"},
    {"client> S <ms 1460>", 1, 12, "did you mean mss?"},
    {"client> S <mss 1460", 1, 20, "',' or '>'"},
    {"client> S win 5..4", 1, 15, "holds nothing"},
    {"client> S win 99999999999999999999", 1, 15, "too large a number"},
    {"client> S win 12q", 1, 15, "not a whole number"},
    {"client> S win 0x", 1, 15, "not a whole number"},
    {"+1 client> S", 1, 2, "'1' is not a time"},
    {"+1x client> S", 1, 2, "'1x' is not a time"},
    {"+9999999999h client> S", 1, 2, "9999999999h is too long a time"},
    {"+99999999999999999999s client> S", 1, 2, "is too long a time"},
    {"+2500000h1x client> S", 1, 2, "is too long a time"},
    {"router delay 2500000h client>", 1, 14, "2500000h is too long a time"},
    {"+2s..1s client> S", 1, 1, "ends before it begins"},
    {"@a client> S", 1, 4, "'+' and a time"},
    {"+1s use x", 1, 1, "nothing happens in this line"},
    {"use x @y", 1, 7, "nothing happens in this line"},
    {"+1s ...", 1, 1, "'...' lets any number of packets pass, whenever they come, so no time"},
    {"... @y", 1, 5, "'...' lets any number of packets pass, whenever they come, so there is no"},
    {"client connect(c, 10.0.1.7:80) = 0", 1, 19,
     "10.0.1.7: addresses are written by name here; expected one of client"},
    {"client bind(c, ::1:80) = 0", 1, 16, "an IPv6 address: addresses are written by name here"},
    {"client bind(c, [::1]:80) = 0", 1, 17, "an IPv6 address: addresses are written by name here"},
    {"client connect(c, fd00:2::1) = 0", 1, 19,
     "an IPv6 address: addresses are written by name here"},
    {"client> S to 10.0.1.7", 1, 14, "10.0.1.7: addresses are written by name here"},
    {"param n = 1 -3x", 1, 13, "'-3x' is not a whole number"},
    {"client> S @", 1, 12, "a name for this event"},
    {"client ss c ESTAB timr:none", 1, 19, "did you mean timer?"},
    {"client ss c ESTAB timer:(on,1q,0)", 1, 29, "'1q' is not a time"},
    {"client nstat TcpOutRsts 1", 1, 25, "a counter has grown; expected '+1'"},
    {"router drop clint S", 1, 19, "'>' (packets are picked by their sender"},
    {"router drop tims 3", 1, 13, "did you mean times?"},
    {"router delay client>", 1, 21, "a time"},
    {"router delay 5", 1, 14, "'5' is not a time; expected a number with us, ms, s, min or h"},
    {"router delay client> P. 20", 1, 25, "'20' is not a time; expected a number with us, ms"},
    {"server sysctl", 1, 14, "the name of a sysctl"},
    {"server sysctl net.x =", 1, 22, "a value"},
    {"router ip", 1, 10, "what the ip tool takes"},
    {"acks exct", 1, 6, "did you mean exact?"},
    {"needs kernel > six", 1, 16, "a kernel's version"},
    {"needs karnel > 6", 1, 7, "did you mean kernel?"},
    {"needs kernel 6", 1, 14, "= != < <= > or >="},
    {"param x =", 1, 10, "a number or a word"},
    {"param a b = 0 1", 1, 13, "'(' and a value for each name"},
    {"param a b = (0 1) (2)", 1, 19, "1 values for 2 names"},
    {"param a b = (0 1..2)", 1, 17, "a number or a word"},
    {"param a b = [ (0 1) 2 ]", 1, 21, "another '(' or ']'"},
    {"table \"a\" b=1", 1, 11, "'=' and a value"},
    {"server nstat TcpOutRsts 2", 1, 25, "a counter has grown; expected '+2'"},
    {"server +++ exitd with 0 +++", 1, 12, "did you mean exited?"},
    {"server --- SIGPIPE", 1, 19, "'---'"},
    {"end", 1, 1, "'end' without"},
    {"else", 1, 1, "'else' without"},
    {"repeat 3\nelse\nend", 2, 1, "'else' without"},
    {"when root\nelse\nelse\nend", 3, 1, "a second 'else'"},
    {"repeat 3\nclient mute", 1, 1, "no 'end'"},
    {"client mute \x01", 1, 13, "byte 0x01"},
    {"client mute \xc3\xa9", 1, 13, "byte 0xc3"},
    {"client mute ;", 1, 13, "';' has no meaning here"},
    {"client recv(c,\nserver mute\n", 1, 12,
     "this bracket is not closed: unexpected 'mute' in line 2"},
    {"client recv(c,\n\n", 1, 12, "this bracket is not closed: the file ends"},
    {"sleep 1s", 1, 1, "'quiet 1s' (so long nothing happens), or '+1s' before"},
    {"sleep", 1, 1, "there is no word 'sleep'; expected 'quiet 1s'"},
    {"client  wait", 1, 9, "there is no word 'wait'; expected 'quiet 1s'"},
    {"client  sleep(3) = 0", 1, 9, "there is no word 'sleep'; expected 'quiet 1s'"},
    {"sleep 2m", 1, 1, "there is no word 'sleep'; expected 'quiet 1s'"},
    {"wait 0.5", 1, 1, "there is no word 'wait'; expected 'quiet 0.5s'"},
    {"wait 2", 1, 1, "there is no word 'wait'; expected 'quiet 2s'"},
    {"client  sleep 1s", 1, 9, "there is no word 'sleep'"},
    {"router  drop client> times 1 P.", 1, 30, "belongs before 'times': drop client> P. times 1"},
    {"router  drop times 1 client>", 1, 22, "whose packets they are belongs before 'times'"},
    {"router  drop S times 1 skip 2", 1, 24, "drop client> P. skip 1 times 1"},
    {"router  drop skip 1 udp", 1, 21, "belongs before 'skip'"},
    {"router  reject with tcp-reset S", 1, 31, "belongs before 'with'"},
    {"client> forge R 1:1(0)", 1, 9, "expected 'router forge client> ..'"},
    {"client> drop S", 1, 9, "expected 'router drop client> ..'"},
    {"client  nstat TcpOutRsts = 0", 1, 26, "expected '+0'"},
    {"client  nstat TcpOutRsts 3", 1, 26, "expected '+3'"},
    {"client  send(c, \"a\") = -ECONNRESET", 1, 24, "expected '-1 ECONNRESET'"},
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		diagnostics.count = 0;
		diagnostics.list = NULL;
		assert_null(parse_text(mistakes[i].text));
		expect_diagnostic(mistakes[i].line, mistakes[i].column, mistakes[i].what);
	}
}

static void test_nul(void **state)
{
	(void)state;
	assert_null(parse_bytes("client mute\nab\0", 15));
	expect_diagnostic(2, 3, "NUL");
}

/* The parser goes on: every line is judged for itself, also those after an open bracket. */
static void test_recovery(void **state)
{
	(void)state;
	assert_null(
	    parse_text("client> X\nclient> S\nclient recv(c,\nclient> S losst\nserver drp\n"));
	assert_int_equal(diagnostics.count, 4);
	assert_int_equal(diagnostics.list[0].place.line, 1);
	assert_int_equal(diagnostics.list[1].place.line, 3);
	assert_int_equal(diagnostics.list[2].place.line, 4);
	assert_int_equal(diagnostics.list[3].place.line, 5);
}

static void test_many_mistakes(void **state)
{
	char text[40 * 10 + 1] = "";

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(text, "client> X\n");
	assert_null(parse_text(text));
	assert_int_equal(diagnostics.count, MAX_DIAGNOSTICS);
	assert_non_null(strstr(diagnosed(), "only the first 20 mistakes are shown"));
}

static void test_depth(void **state)
{
	char text[200];

	(void)state;
	/* a call's bracket and 31 lists are as deep as brackets may nest */
	snprintf(text, sizeof(text), "client f(%.31s1%.31s) = 0",
		 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	parse_good(text);
	snprintf(text, sizeof(text), "client f(%.32s1%.32s) = 0",
		 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	assert_null(parse_text(text));
	expect_diagnostic(1, 41, "nested too deeply");
}

static void test_long_sum(void **state)
{
	const char *text = "client> S win 1";

	(void)state;
	for (int i = 0; i < 10000; i++)
		text = i < 70 ? arena_printf(&arena, "%s+1", text) : text;
	assert_null(parse_text(text));
	assert_non_null(strstr(diagnosed(), "too many terms"));
}

/* With any bytes the parser ends, and says why it returns no script. */
static void test_noise(void **state)
{
	static const char alphabet[] = "client>.()[]{}<>=+-*@#\"\\:|,!? \n\t\r0179 server recv S. "
				       "... --- +++ \x80\xff$n use end";
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char text[120];
		size_t length;

		seed = seed * 1103515245 + 12345;
		length = 1 + (seed >> 16) % sizeof(text);
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		diagnostics.count = 0;
		diagnostics.list = NULL;
		/* at the end of a page of its own, so that reading beyond it shows (ASan) */
		char *exact = malloc(length);

		assert_non_null(exact);
		memcpy(exact, text, length);
		assert_true((parse_bytes(exact, length) == NULL) == (diagnostics.count > 0));
		diagnosed();
		free(exact);
		arena_free(&arena);
	}
}

/* ---- diagnostics, nearest ---- */

static void test_print_diagnostic(void **state)
{
	(void)state;
	assert_null(parse_text("server mute\n\tclient>\t\xc3\xa9 S\r\n"));
	assert_string_equal(
	    diagnosed(), "test.tcp:2:10: byte 0xc3; only strings and comments may hold such bytes\n"
			 "    \tclient>\t\xc3\xa9 S\n"
			 "    \t       \t^\n");
}

/* A caret after a character of two bytes stands under its place on the screen. */
static void test_print_utf8(void **state)
{
	(void)state;
	assert_null(parse_text("client send(c, \"\xc3\xa9\" 1) = 1"));
	assert_non_null(strstr(diagnosed(), "\n                       ^\n"));
}

static void test_print_escape(void **state)
{
	(void)state;
	assert_null(parse_text("client \x1b[31m"));
	assert_null(strchr(diagnosed(), '\x1b'));
}

static void test_print_long(void **state)
{
	char *text = arena_printf(&arena, "client send(c, \"%0500d\" 1) = 1", 7);
	const char *shown;

	(void)state;
	assert_null(parse_text(text));
	shown = diagnosed();
	assert_non_null(strstr(shown, "    ...000"));
	assert_true(strlen(shown) < 500);
	/* the caret still stands under the place: "1)" in the line above it */
	shown = strchr(shown, '\n') + 1;
	assert_int_equal(strstr(shown, " 1)") + 1 - shown,
			 strchr(strchr(shown, '\n'), '^') - strchr(shown, '\n') - 1);
}

static void test_used_at(void **state)
{
	static struct source source = {"main.tcp", "use x\n", 6};

	(void)state;
	diagnostics.used_at = (struct place){&source, 1, 1};
	assert_null(parse_text("end"));
	assert_non_null(
	    strstr(diagnosed(), "main.tcp:1:1: that came in by this line\n    use x\n    ^\n"));
}

static void test_nearest(void **state)
{
	static const char *const words[] = {"ECONNREFUSED", "ECONNRESET", "EPIPE", "ss", "c", NULL};
	static const char *const none[] = {NULL};

	(void)state;
	assert_string_equal(nearest("ECONREFUSED", words), "ECONNREFUSED");
	assert_string_equal(nearest("econnreset", words), "ECONNRESET");
	assert_string_equal(nearest("EIPPE", words), "EPIPE"); /* a transposition is one slip */
	assert_null(nearest("QQQQQ", words));
	assert_null(nearest("x", words)); /* all of its letters would be wrong */
	assert_null(nearest("", words));
	assert_null(nearest("EPIPE", none));
	assert_null(nearest(
	    "anything whatever that is far longer than any of the words in this list is", words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_scenarios),  script_test(test_call),
	    script_test(test_results),	  script_test(test_strings),
	    script_test(test_segments),	  script_test(test_readings),
	    script_test(test_faults),	  script_test(test_machine),
	    script_test(test_times),	  script_test(test_conditions),
	    script_test(test_text),	  script_test(test_arg),
	    script_test(test_mistakes),	  script_test(test_nul),
	    script_test(test_recovery),	  script_test(test_many_mistakes),
	    script_test(test_depth),	  script_test(test_long_sum),
	    script_test(test_noise),	  script_test(test_print_diagnostic),
	    script_test(test_print_utf8), script_test(test_print_escape),
	    script_test(test_print_long), script_test(test_used_at),
	    script_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
