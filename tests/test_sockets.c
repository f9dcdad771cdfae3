/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket state as ss would show it, in every state that two kernels can reach, and the counters.
 */
#include "tests/labs.h"

#include <netinet/tcp.h>

#include "netns/firewall/fault.h"
#include "netns/sockets.h"

#define PORT 8080

static struct socket_state ask(struct sockets *s, enum host at, enum host peer, int family,
			       uint16_t local_port, uint16_t remote_port)
{
	struct ip local = host_ip(at, family), remote = host_ip(peer, family);
	struct socket_state state;

	if (!sockets_ask(s, at, &local, local_port, &remote, remote_port, &state))
		fail_msg("%s", s->error);
	return state;
}

static struct socket_state behind(struct sockets *s, enum host at, int fd)
{
	struct socket_state state;

	if (!sockets_ask_inode(s, at, IPPROTO_TCP, socket_inode(getpid(), fd), &state))
		fail_msg("%s", s->error);
	return state;
}

/* Until the state is that; packets of the other side may still be in flight. */
static struct socket_state ask_for(struct sockets *s, enum host at, enum host peer, int family,
				   uint16_t local_port, uint16_t remote_port, const char *wanted)
{
	struct socket_state state = {0};

	for (int i = 0; i < 200; i++) {
		state = ask(s, at, peer, family, local_port, remote_port);
		if (state.found && state.state == ss_state_find(wanted))
			return state;
		poll(NULL, 0, 5);
	}
	fail_msg("wanted %s, is %s", wanted, ss_state_names[state.state]);
	return state;
}

static void close_both(struct sockets *s, struct lab *lab)
{
	sockets_close(s);
	sockets_close(s);
	lab_close(lab);
}

/* From ESTAB through a close by the client, then the server. */
static void test_life(void **state)
{
	struct lab lab;
	struct sockets s;

	(void)state;
	labs_need();
	labs_start(&lab, 6); /* which forwards both */
	assert_true(sockets_open(&s, &lab));
	for (int family = 4; family <= 6; family += 2) {
		struct socket_state now;
		uint16_t port;
		int c, x, two = 2;

		labs_establish(&lab, family, PORT, &c, &x);
		port = labs_port(c);
		now = ask(&s, HOST_CLIENT, HOST_SERVER, family, port, PORT);
		assert_true(now.found);
		assert_string_equal(ss_state_names[now.state], "ESTAB");
		assert_int_equal(now.timer, SS_TIMER_NONE);
		assert_string_equal(ss_state_names[behind(&s, HOST_SERVER, x).state], "ESTAB");

		assert_int_equal(send(c, "hello", 5, 0), 5);
		assert_true(labs_ready(x, POLLIN, 1000));
		now = ask(&s, HOST_SERVER, HOST_CLIENT, family, PORT, port);
		assert_int_equal(now.recv_q, 5);
		assert_int_equal(now.send_q, 0);

		assert_int_equal(setsockopt(c, IPPROTO_TCP, TCP_LINGER2, &two, sizeof(two)), 0);
		shutdown(c, SHUT_WR);
		now = ask_for(&s, HOST_CLIENT, HOST_SERVER, family, port, PORT, "FIN-WAIT-2");
		assert_int_equal(now.timer, SS_TIMER_NONE);
		ask_for(&s, HOST_SERVER, HOST_CLIENT, family, PORT, port, "CLOSE-WAIT");
		close(c);
		now = ask_for(&s, HOST_CLIENT, HOST_SERVER, family, port, PORT, "FIN-WAIT-2");
		assert_int_equal(now.timer, SS_TIMER_TIMEWAIT);
		assert_in_range(now.timer_left, NS_PER_S, 2500 * NS_PER_MS);

		recv(x, (char[8]){0}, 8, 0);
		close(x);
		now = ask_for(&s, HOST_CLIENT, HOST_SERVER, family, port, PORT, "TIME-WAIT");
		assert_int_equal(now.timer, SS_TIMER_TIMEWAIT);
		assert_in_range(now.timer_left, 50 * NS_PER_S, 61 * NS_PER_S);
		assert_false(ask(&s, HOST_SERVER, HOST_CLIENT, family, PORT, port).found);
	}
	close_both(&s, &lab);
}

/* All that a host has, with TCP_INFO; afterwards other questions are answered as before. */
static void test_list(void **state)
{
	struct lab lab;
	struct sockets s;
	struct arena a = {0};

	(void)state;
	labs_need();
	labs_start(&lab, 6);
	assert_true(sockets_open(&s, &lab));
	for (int family = 4; family <= 6; family += 2) {
		const struct socket_entry *found = NULL;
		struct socket_list list;
		struct tcp_info info = {0};
		int c, x;

		labs_establish(&lab, family, PORT, &c, &x);
		if (!sockets_list(&s, HOST_CLIENT, &a, &list))
			fail_msg("%s", s.error);
		for (size_t i = 0; i < list.count; i++)
			if (list.list[i].local_port == labs_port(c))
				found = &list.list[i];
		assert_non_null(found);
		assert_int_equal(found->remote_port, PORT);
		assert_int_equal(found->remote.family, family);
		assert_int_equal(found->state.state, TCP_ESTABLISHED);
		assert_non_null(found->info);
		assert_true(found->info_size >= offsetof(struct tcp_info, tcpi_total_retrans));
		memcpy(&info, found->info,
		       found->info_size < sizeof(info) ? found->info_size : sizeof(info));
		assert_int_equal(info.tcpi_state, TCP_ESTABLISHED);
		assert_int_equal(info.tcpi_snd_cwnd, 10);
		assert_int_equal(
		    ask(&s, HOST_CLIENT, HOST_SERVER, family, labs_port(c), PORT).state,
		    TCP_ESTABLISHED);
		close(c);
		close(x);
	}
	arena_free(&a);
	close_both(&s, &lab);
}

static void apply(struct faults *f, enum host at, struct fault_rule rule)
{
	rule.times = FAULT_EVER;
	if (!fault_apply(f, at, &rule))
		fail_msg("%s", f->error);
}

/* States that last only while packets are lost: one lab for each. */
struct bench {
	struct lab lab;
	struct sockets s;
	struct faults f;
	int c, x;      /* an established connection */
	uint16_t port; /* the client's */
};

static void bench_start(struct bench *b, int family)
{
	labs_start(&b->lab, family);
	assert_true(sockets_open(&b->s, &b->lab));
	if (!faults_open(&b->f, &b->lab, true))
		fail_msg("%s", b->f.error);
	labs_establish(&b->lab, family, PORT, &b->c, &b->x);
	b->port = labs_port(b->c);
}

static void bench_end(struct bench *b)
{
	faults_close(&b->f);
	close_both(&b->s, &b->lab);
}

/* The last ACK of a handshake is lost. */
static void syn_recv(int family)
{
	struct socket_state now;
	struct bench b;
	int l, d, error;

	bench_start(&b, family);
	l = labs_listen(&b.lab, HOST_SERVER, family, 99, 1);
	apply(&b.f, HOST_ROUTER,
	      (struct fault_rule){.from = HOST_CLIENT, .has_flags = true, .flags = 0x10});
	d = labs_connect(&b.lab, HOST_CLIENT, HOST_SERVER, family, 99, &error);
	assert_int_equal(labs_outcome(d, 1000), 0);
	now = ask_for(&b.s, HOST_SERVER, HOST_CLIENT, family, 99, labs_port(d), "SYN-RECV");
	assert_int_equal(now.timer, SS_TIMER_ON);
	assert_in_range(now.timer_left, 1, NS_PER_S + 200 * NS_PER_MS);
	assert_int_equal(now.timer_count, 0);
	close(d);
	close(l);
	close(b.c);
	close(b.x);
	bench_end(&b);
}

/* Nothing passes. */
static void cut_off(int family)
{
	struct socket_state now;
	struct bench b;
	int d, error;

	bench_start(&b, family);
	apply(&b.f, HOST_ROUTER, (struct fault_rule){.from = HOST_NONE});

	d = labs_connect(&b.lab, HOST_CLIENT, HOST_SERVER, family, 7, &error);
	now = ask(&b.s, HOST_CLIENT, HOST_SERVER, family, labs_port(d), 7);
	assert_string_equal(ss_state_names[now.state], "SYN-SENT");
	assert_int_equal(now.timer, SS_TIMER_ON);
	assert_in_range(now.timer_left, 1, NS_PER_S + 200 * NS_PER_MS);
	assert_string_equal(ss_state_names[behind(&b.s, HOST_CLIENT, d).state], "SYN-SENT");
	close(d);

	assert_int_equal(send(b.x, "lost", 4, 0), 4);
	now = ask(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, b.port);
	assert_int_equal(now.send_q, 4);
	assert_int_equal(now.timer, SS_TIMER_ON);
	poll(NULL, 0, 1000);
	now = ask(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, b.port);
	assert_true(now.timer_count >= 1);

	shutdown(b.c, SHUT_WR);
	now = ask(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT);
	assert_string_equal(ss_state_names[now.state], "FIN-WAIT-1");
	close(b.c); /* an orphan, still there */
	now = ask(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT);
	assert_string_equal(ss_state_names[now.state], "FIN-WAIT-1");
	close(b.x);
	bench_end(&b);
}

/* The second FIN is lost. */
static void last_ack(int family)
{
	struct socket_state now;
	struct bench b;

	bench_start(&b, family);
	close(b.x);
	ask_for(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT, "CLOSE-WAIT");
	apply(&b.f, HOST_ROUTER, (struct fault_rule){.from = HOST_CLIENT});
	close(b.c);
	now = ask(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT);
	assert_string_equal(ss_state_names[now.state], "LAST-ACK");
	assert_int_equal(now.timer, SS_TIMER_ON);
	bench_end(&b);
}

static void test_losses(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		syn_recv(family);
		cut_off(family);
		last_ack(family);
	}
}

/* Both FINs in flight at once, their ACKs lost: neither end knows that its own arrived. */
static void test_closing(void **state)
{
	struct lab lab;
	struct sockets s;
	struct faults f;
	uint16_t port;
	int c, x;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	assert_true(sockets_open(&s, &lab));
	assert_true(faults_open(&f, &lab, true));
	labs_establish(&lab, 4, PORT, &c, &x);
	port = labs_port(c);
	apply(&f, HOST_ROUTER, (struct fault_rule){.from = HOST_CLIENT});
	shutdown(c, SHUT_WR); /* lost: the client is in FIN-WAIT-1, the server knows nothing */
	shutdown(x, SHUT_WR);
	ask_for(&s, HOST_CLIENT, HOST_SERVER, 4, port, PORT, "CLOSING");
	faults_close(&f);
	close_both(&s, &lab);
}

static void test_timers(void **state)
{
	static char data[1 << 16];
	struct lab lab;
	struct sockets s;
	struct socket_state now;
	int c, x, one = 1, idle = 30;
	uint16_t port;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	assert_true(sockets_open(&s, &lab));
	labs_establish(&lab, 4, PORT, &c, &x);
	port = labs_port(c);
	setsockopt(x, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(x, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	now = ask(&s, HOST_SERVER, HOST_CLIENT, 4, PORT, port);
	assert_int_equal(now.timer, SS_TIMER_KEEPALIVE);
	assert_in_range(now.timer_left, 25 * NS_PER_S, 34 * NS_PER_S);

	/* Nobody reads: the window closes, and the persist timer runs. */
	fcntl(c, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 40; i++) {
		while (send(c, data, sizeof(data), 0) > 0)
			;
		now = ask(&s, HOST_CLIENT, HOST_SERVER, 4, port, PORT);
		if (now.timer == SS_TIMER_PERSIST)
			break;
		poll(NULL, 0, 50);
	}
	assert_int_equal(now.timer, SS_TIMER_PERSIST);
	assert_true(now.send_q > 0);
	assert_true(behind(&s, HOST_SERVER, x).recv_q > 1000);
	close_both(&s, &lab);
}

static void test_by_inode(void **state)
{
	struct lab lab;
	struct sockets s;
	struct socket_state now;
	int error;

	(void)state;
	labs_need();
	labs_start(&lab, 6); /* which forwards both */
	assert_true(sockets_open(&s, &lab));
	for (int family = 4; family <= 6; family += 2) {
		int l = labs_listen(&lab, HOST_SERVER, family, PORT, 3);
		int c = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, family, PORT, &error);
		int refused = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, family, 1, &error);
		int fresh = labs_socket(&lab, HOST_CLIENT, family, SOCK_STREAM);

		assert_int_equal(labs_outcome(c, 1000), 0);
		for (int i = 0; i < 100 && behind(&s, HOST_SERVER, l).recv_q == 0; i++)
			poll(NULL, 0, 5);
		now = behind(&s, HOST_SERVER, l);
		assert_string_equal(ss_state_names[now.state], "LISTEN");
		assert_int_equal(now.recv_q, 1);
		assert_int_equal(now.send_q, 3);
		/* In another host's tables it is not. */
		assert_false(behind(&s, HOST_CLIENT, l).found);
		/* ss shows no socket that is not, or no longer, part of anything. */
		assert_false(behind(&s, HOST_CLIENT, fresh).found);
		assert_int_equal(labs_outcome(refused, 1000), ECONNREFUSED);
		assert_false(behind(&s, HOST_CLIENT, refused).found);
		/* A listener is no connection, though an exact request finds it. */
		assert_false(ask(&s, HOST_SERVER, HOST_CLIENT, family, PORT, 1).found);
		close(l);
		close(c);
		close(refused);
		close(fresh);
	}
	assert_int_equal(socket_inode(getpid(), 9999), 0);
	{
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		assert_int_equal(socket_inode(getpid(), fd), 0);
		assert_false(behind(&s, HOST_CLIENT, fd).found);
		close(fd);
	}
	assert_false(sockets_ask_inode(&s, HOST_GHOST, IPPROTO_TCP, 1, &now));
	assert_non_null(strstr(s.error, "no such host"));
	close_both(&s, &lab);
}

/* UDP's: none before it has a port, connected or not, in either family. */
static void test_udp(void **state)
{
	struct socket_state now;
	struct sockets s;
	struct lab lab;

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct ip any = {.family = family}, server = host_ip(HOST_SERVER, family);
		struct sockaddr_storage ss;
		socklen_t length;
		unsigned long inode;
		int fd;

		labs_start(&lab, family);
		assert_true(sockets_open(&s, &lab));
		assert_true(lab_enter(&lab, HOST_CLIENT));
		fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		lab_leave(&lab);
		assert_true(fd >= 0);
		inode = socket_inode(getpid(), fd);
		assert_true(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_UDP, inode, &now));
		assert_false(now.found);
		length = labs_address(&any, PORT, &ss);
		assert_int_equal(bind(fd, (struct sockaddr *)&ss, length), 0);
		assert_true(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_UDP, inode, &now));
		assert_string_equal(ss_state_names[now.state], "UNCONN");
		assert_int_equal(now.timer, SS_TIMER_NONE);
		assert_true(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_TCP, inode, &now));
		assert_false(now.found);
		length = labs_address(&server, PORT, &ss);
		assert_int_equal(connect(fd, (struct sockaddr *)&ss, length), 0);
		assert_true(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_UDP, inode, &now));
		assert_string_equal(ss_state_names[now.state], "ESTAB");
		/* For a protocol that the kernel cannot report, the answer is an error, not empty.
		 * */
		assert_false(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_ICMP, inode, &now));
		close(fd);
		close_both(&s, &lab);
	}
}

/* An IPv6 socket may speak IPv4. */
static void test_mapped(void **state)
{
	struct lab lab;
	struct sockets s;
	int l, c, error;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	assert_true(sockets_open(&s, &lab));
	l = labs_listen(&lab, HOST_SERVER, 6, PORT, 3);
	c = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, 4, PORT, &error);
	assert_int_equal(labs_outcome(c, 1000), 0);
	ask_for(&s, HOST_SERVER, HOST_CLIENT, 4, PORT, labs_port(c), "ESTAB");
	close(l);
	close(c);
	close_both(&s, &lab);
}

static int64_t counter(const struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->list[i].name, name) == 0)
			return c->list[i].value;
	fail_msg("no counter %s", name);
	return -1;
}

static void test_counters(void **state)
{
	struct arena a = {0};
	struct counter_value few[] = {
	    {.name = "Ip6OutRequests"}, /* each in another file */
	    {.name = "TcpAttemptFails"},
	    {.name = "IpExtInOctets"},
	    {.name = "TcpNoSuch", .found = true},
	};
	struct counters before, after, server;
	struct lab lab;
	struct sockets s;
	int c, error;

	(void)state;
	labs_need();
	labs_start(&lab, 6);
	assert_true(sockets_open(&s, &lab));
	assert_true(sockets_counters(&s, HOST_CLIENT, &a, &before));
	assert_int_equal(counter(&before, "TcpActiveOpens"), 0);
	c = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, 4, PORT, &error);
	assert_int_equal(labs_outcome(c, 1000), ECONNREFUSED);
	close(c);
	c = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, 6, PORT, &error);
	assert_int_equal(labs_outcome(c, 1000), ECONNREFUSED);
	close(c);
	assert_true(sockets_counters(&s, HOST_CLIENT, &a, &after));
	assert_true(sockets_counters(&s, HOST_SERVER, &a, &server));
	assert_int_equal(after.count, before.count);
	assert_int_equal(counter(&after, "TcpActiveOpens"), 2);
	assert_int_equal(counter(&after, "TcpAttemptFails"), 2);
	assert_int_equal(counter(&after, "TcpMaxConn"), -1);
	assert_true(sockets_count(&s, HOST_CLIENT, &(struct counters){few, 4}));
	for (size_t i = 0; i < 3; i++) {
		assert_true(few[i].found);
		assert_int_equal(few[i].value, counter(&after, few[i].name));
	}
	assert_false(few[3].found);
	assert_int_equal(counter(&after, "TcpExtListenDrops"), 0);
	assert_int_equal(counter(&after, "Ip6OutRequests"), 1);
	assert_true(counter(&after, "IpExtInOctets") > 0);
	assert_int_equal(counter(&server, "TcpActiveOpens"), 0);
	assert_int_equal(counter(&server, "TcpOutRsts"), 2);
	for (size_t i = 1; i < after.count; i++)
		assert_string_not_equal(after.list[i].name, after.list[i - 1].name);
	arena_free(&a);
	close_both(&s, &lab);
}

/* Sockets that no process has: an orphan, one in TIME-WAIT, one in SYN-RECV; in both families. */
static void test_destroy(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct bench b;
		int l, d, error;
		uint16_t half;

		bench_start(&b, family);
		l = labs_listen(&b.lab, HOST_SERVER, family, PORT, 5);
		apply(&b.f, HOST_ROUTER, (struct fault_rule){.from = HOST_SERVER});
		d = labs_connect(&b.lab, HOST_CLIENT, HOST_SERVER, family, PORT, &error);
		half = labs_port(d);
		ask_for(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, half, "SYN-RECV");
		close(b.x);
		ask_for(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, b.port, "FIN-WAIT-1");
		assert_true(sockets_destroy(&b.s, HOST_SERVER));
		assert_false(ask(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, b.port).found);
		assert_false(ask(&b.s, HOST_SERVER, HOST_CLIENT, family, PORT, half).found);
		assert_false(behind(&b.s, HOST_SERVER, l).found);
		/* Nothing of the other host's. */
		assert_true(ask(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT).found);
		close(l);
		close(d);
		bench_end(&b);

		bench_start(&b, family);
		close(b.c);
		ask_for(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT, "FIN-WAIT-2");
		close(b.x);
		ask_for(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT, "TIME-WAIT");
		assert_true(sockets_destroy(&b.s, HOST_CLIENT));
		assert_false(ask(&b.s, HOST_CLIENT, HOST_SERVER, family, b.port, PORT).found);
		assert_true(sockets_destroy(&b.s, HOST_CLIENT));
		bench_end(&b);
	}
}

/* The cost of a request; the engine asks often. */
static void test_cost(void **state)
{
	struct lab lab;
	struct sockets s;
	struct socket_state found;
	struct counters c;
	struct arena a = {0};
	ns_t start, exact, dump, counters;
	unsigned long inode;
	int client, x;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	assert_true(sockets_open(&s, &lab));
	labs_establish(&lab, 4, PORT, &client, &x);
	ask(&s, HOST_CLIENT, HOST_SERVER, 4, labs_port(client), PORT);
	inode = socket_inode(getpid(), client);
	start = now();
	for (int i = 0; i < 100; i++)
		ask(&s, HOST_CLIENT, HOST_SERVER, 4, labs_port(client), PORT);
	exact = now() - start;
	start = now();
	for (int i = 0; i < 100; i++)
		assert_true(sockets_ask_inode(&s, HOST_CLIENT, IPPROTO_TCP, inode, &found));
	dump = now() - start;
	assert_true(sockets_counters(&s, HOST_CLIENT, &a, &c));
	start = now();
	for (int i = 0; i < 100; i++)
		assert_true(sockets_counters(&s, HOST_CLIENT, &a, &c));
	counters = now() - start;
	print_message("exact %.1f us, by inode %.1f us, counters %.1f us\n", exact / 1e5,
		      dump / 1e5, counters / 1e5);
	arena_free(&a);
	close_both(&s, &lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),     cmocka_unit_test(test_losses),
	    cmocka_unit_test(test_closing),  cmocka_unit_test(test_timers),
	    cmocka_unit_test(test_by_inode), cmocka_unit_test(test_udp),
	    cmocka_unit_test(test_mapped),   cmocka_unit_test(test_counters),
	    cmocka_unit_test(test_destroy),  cmocka_unit_test(test_list),
	    cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
