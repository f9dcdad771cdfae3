/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab itself: its network works and has no offloads; neighbours that do not exist
 * are looked for; sysctls and routes stay in it; it is fast, also fifty at once, and leaves nothing
 * behind.
 */
#include "harness/base/putfile.h"
#include "tests/labs.h"
#include "tests/links.h"

#include "harness/packet/encode.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* ---- the network ---- */

static void test_both_families(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		char text[8] = "";
		struct lab lab;
		int c, s;

		labs_start(&lab, family);
		labs_establish(&lab, family, 8080, &c, &s);
		assert_int_equal(send(c, "hello", 5, 0), 5);
		assert_true(labs_ready(s, POLLIN, 1000));
		assert_int_equal(recv(s, text, sizeof(text), 0), 5);
		assert_string_equal(text, "hello");
		close(c);
		close(s);
		lab_close(&lab);
		lab_close(&lab);
	}
}

/* Each end has a second address, which nobody uses who does not bind to it. */
static void test_second_addresses(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct ip own = named_ip("client2", family), to = named_ip("server2", family);
		struct ip first = host_ip(HOST_CLIENT, family);
		struct sockaddr_storage ss, peer, expected;
		socklen_t size = sizeof(peer);
		struct lab lab;

		labs_start(&lab, family);
		for (int bound = 0; bound < 2; bound++) {
			int l = labs_listen(&lab, HOST_SERVER, family, 8080, 5), s;
			int c = labs_socket(&lab, HOST_CLIENT, family, SOCK_STREAM);

			if (bound)
				assert_int_equal(
				    bind(c, (struct sockaddr *)&ss, labs_address(&own, 4000, &ss)),
				    0);
			assert_int_equal(
			    connect(c, (struct sockaddr *)&ss, labs_address(&to, 8080, &ss)), 0);
			s = accept4(l, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
			assert_true(s >= 0);
			labs_address(bound ? &own : &first, labs_port(c), &expected);
			assert_memory_equal(&peer, &expected, size);
			close(c);
			close(s);
			close(l);
		}
		lab_close(&lab);
	}
}

static void test_addresses(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2) {
		static const char *const names[] = {"client",  "router",  "server",
						    "client2", "server2", "localhost"};
		struct ip ip;

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			ip = named_ip(names[i], family);
			assert_string_equal(ip_name(&ip), names[i]);
			assert_true(address_exists(names[i]));
		}
		ip = named_ip("server2", family);
		assert_int_equal(host_of_ip(&ip), HOST_SERVER);
		assert_int_equal(address_host("server2"), HOST_SERVER);
		ip = named_ip("localhost", family);
		assert_int_equal(host_of_ip(&ip), HOST_NONE);
		assert_int_equal(address_host("localhost"), HOST_NONE);
		ip = router_ip(HOST_SERVER, family);
		assert_string_equal(ip_name(&ip), "router");
		ip = second_ip(HOST_ROUTER, family);
		assert_int_equal(ip.family, 0);
		assert_null(ip_name(&ip));
		ip = named_ip("server3", family);
		assert_int_equal(ip.family, 0);
		assert_false(address_exists("server3"));
	}
}

/* In a lab of its own. */
static void look_for(enum host absent, int family)
{
	struct lab lab;
	struct seen seen;
	int error, fd;
	pcap_t *p;

	labs_start(&lab, family);
	p = watch();
	fd = labs_connect(&lab, HOST_CLIENT, absent, family, 80, &error);
	assert_int_equal(error, EINPROGRESS);
	seen = watch_for(p, 50);
	assert_true(seen.neighbour_requests >= 1);
	assert_int_equal(seen.icmp, 0);
	assert_int_equal(labs_outcome(fd, 6000), EHOSTUNREACH);
	seen = watch_for(p, 50);
	assert_true(seen.neighbour_requests >= 2);
	/*
	 * The client itself looks for the address of `nobody`. The router looks for `nowhere`, and
	 * sends an ICMP error when it finds nothing.
	 */
	assert_int_equal(seen.icmp > 0, absent == HOST_NOWHERE);
	close(fd);
	pcap_close(p);
	lab_close(&lab);
}

static void test_nobody(void **state)
{
	(void)state;
	labs_need();
	look_for(HOST_NOBODY, 4);
	look_for(HOST_NOBODY, 6);
}

static void test_nowhere(void **state)
{
	(void)state;
	labs_need();
	look_for(HOST_NOWHERE, 4);
	look_for(HOST_NOWHERE, 6);
}

static void test_ghost_swallows(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		struct seen seen;
		pcap_t *p;
		int fd, error;

		labs_start(&lab, family);
		p = watch();
		fd = labs_connect(&lab, HOST_CLIENT, HOST_GHOST, family, 80, &error);
		seen = watch_for(p, 300);
		assert_int_equal(error, EINPROGRESS);
		assert_int_equal(seen.packets, 1);
		assert_int_equal(labs_outcome(fd, 0), -1);
		close(fd);
		pcap_close(p);
		lab_close(&lab);
	}
}

/* ---- the packets on the links ---- */

static void test_no_offloads(void **state)
{
	static const struct {
		enum host at;
		const char *name;
	} ends[] = {{HOST_CLIENT, "eth0"},
		    {HOST_SERVER, "eth0"},
		    {HOST_ROUTER, "client"},
		    {HOST_ROUTER, "server"}};
	static const unsigned int gets[] = {ETHTOOL_GTSO, ETHTOOL_GGRO, ETHTOOL_GTXCSUM};
	struct lab lab;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	for (int e = 0; e < 4; e++) {
		struct ethtool_value value = {.cmd = ETHTOOL_GFLAGS};
		struct ifreq request = {.ifr_data = (char *)&value};
		int fd = labs_socket(&lab, ends[e].at, 4, SOCK_DGRAM);

		strcpy(request.ifr_name, ends[e].name);
		assert_int_equal(ioctl(fd, SIOCETHTOOL, &request), 0);
		assert_int_equal(value.data & ETH_FLAG_LRO, 0);
		for (size_t g = 0; g < sizeof(gets) / sizeof(gets[0]); g++) {
			value = (struct ethtool_value){.cmd = gets[g], .data = 1};
			assert_int_equal(ioctl(fd, SIOCETHTOOL, &request), 0);
			assert_int_equal(value.data, 0);
		}
		close(fd);
	}
	lab_close(&lab);
}

/* TCP hands data down in bursts, and segments leave, one by one. */
static void test_bursts_are_cut(void **state)
{
	static char data[200000];

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2)
		for (int from = 0; from < 2; from++) {
			struct lab lab;
			struct seen seen;
			pcap_t *p;
			int ends[2];

			labs_start(&lab, family);
			p = watch();
			labs_establish(&lab, family, 8080, &ends[0], &ends[1]);
			assert_true(send(ends[from], data, sizeof(data), MSG_DONTWAIT) > 20000);
			seen = watch_for(p, 200);
			assert_int_equal(seen.biggest, 1500);
			pcap_close(p);
			close(ends[0]);
			close(ends[1]);
			lab_close(&lab);
		}
}

/* UDP's, too, where the kernel cuts them without the hardware's help (since 6.11). */
static void test_datagrams_are_cut(void **state)
{
	static char data[10000];
	const int each = 1000;

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct ip to = host_ip(HOST_SERVER, family), any = {.family = family};
		struct sockaddr_storage ss;
		struct lab lab;
		struct seen seen;
		ssize_t n;
		pcap_t *p;
		int u, s;

		labs_start(&lab, family);
		p = watch();
		s = labs_socket(&lab, HOST_SERVER, family, SOCK_DGRAM);
		assert_int_equal(bind(s, (struct sockaddr *)&ss, labs_address(&any, 5000, &ss)), 0);
		u = labs_socket(&lab, HOST_CLIENT, family, SOCK_DGRAM);
		assert_int_equal(setsockopt(u, SOL_UDP, UDP_SEGMENT, &each, sizeof(each)), 0);
		n = sendto(u, data, sizeof(data), 0, (struct sockaddr *)&ss,
			   labs_address(&to, 5000, &ss));
		if (n < 0) {
			assert_int_equal(errno, EIO);
		} else {
			seen = watch_for(p, 100);
			assert_int_equal(seen.biggest, each + (family == 6 ? 48 : 28));
			assert_int_equal(seen.packets, 2 * sizeof(data) / each); /* in and out */
		}
		pcap_close(p);
		close(u);
		close(s);
		lab_close(&lab);
	}
}

/* ---- sysctls and ip ---- */

static void read_sysctl(struct lab *lab, enum host host, const char *path, char *text, size_t size)
{
	int fd;
	ssize_t n;

	assert_true(lab_enter(lab, host));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	lab_leave(lab);
}

/* The machine's own, opened before any lab: an open descriptor still shows them. */
static const char *const machine_paths[] = {
    "/proc/sys/net/ipv4/tcp_syn_retries",
    "/proc/sys/net/ipv4/tcp_rmem",
    "/proc/sys/net/ipv4/tcp_mem",
    "/proc/sys/net/core/netdev_max_backlog",
    "/proc/sys/net/ipv6/conf/all/forwarding",
};
#define MACHINE (sizeof(machine_paths) / sizeof(machine_paths[0]))
static int machine_fds[MACHINE];
static char machine_values[MACHINE][64];

static int remember_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < MACHINE; i++) {
		machine_fds[i] = open(machine_paths[i], O_RDONLY | O_CLOEXEC);
		if (machine_fds[i] >= 0 && pread(machine_fds[i], machine_values[i], 63, 0) < 0)
			return -1;
	}
	return 0;
}

static void machine_is_untouched(void)
{
	for (size_t i = 0; i < MACHINE; i++) {
		char value[64] = "";

		if (machine_fds[i] < 0)
			continue;
		assert_true(pread(machine_fds[i], value, 63, 0) > 0);
		assert_string_equal(value, machine_values[i]);
	}
}

static void test_sysctl(void **state)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_syn_retries";
	char after[64], error[256];
	struct lab lab;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	assert_true(
	    lab_sysctl(&lab, HOST_CLIENT, "net.ipv4.tcp_syn_retries", "3", error, sizeof(error)));
	read_sysctl(&lab, HOST_CLIENT, path, after, sizeof(after));
	assert_string_equal(after, "3\n");
	read_sysctl(&lab, HOST_SERVER, path, after, sizeof(after));
	assert_string_not_equal(after, "3\n");
	assert_true(lab_sysctl(&lab, HOST_SERVER, "net.ipv4.tcp_rmem", "4096 8192 16384", error,
			       sizeof(error)));
	read_sysctl(&lab, HOST_SERVER, "/proc/sys/net/ipv4/tcp_rmem", after, sizeof(after));
	assert_string_equal(after, "4096\t8192\t16384\n");
	machine_is_untouched();
	lab_close(&lab);
}

static void test_sysctl_refusals(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} refused[] = {
	    {"kernel.hostname", "x", "not a name"},
	    {"net", "1", "not a name"},
	    {"net.", "1", "not a name"},
	    {"net/ipv4/tcp_syn_retries", "1", "not a name"},
	    {"net..kernel.hostname", "x", "not a name"},
	    {"net.ipv4.../../kernel/hostname", "x", "not a name"},
	    {"net.ipv4.tcp_syn_retrys", "1", "no such sysctl"},
	    {"net.ipv4", "1", "group"},
	    {"net.ipv4.tcp_syn_retries", "many", "does not take 'many'"},
	    {"net.ipv4.tcp_syn_retries", "", "no value"},
	    {"net.ipv4.tcp_mem", "1 2 3", "machine's"},
	    {"net.core.netdev_max_backlog", "1", "machine's"},
	    {"net.ipv4.tcp_available_congestion_control", "x", "machine's"},
	    {"net.ipv4.tcp_allowed_congestion_control", "reno", "machine's"},
	    {"net.netfilter.nf_hooks_lwtunnel", "1", "machine's"},
	};
	char error[256];
	struct lab lab;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		strcpy(error, "");
		assert_false(lab_sysctl(&lab, HOST_CLIENT, refused[i].name, refused[i].value, error,
					sizeof(error)));
		if (!strstr(error, refused[i].says))
			fail_msg("%s: '%s' does not say '%s'", refused[i].name, error,
				 refused[i].says);
	}
	machine_is_untouched();
	lab_close(&lab);
}

static bool ip(struct lab *lab, enum host host, const char *line, char error[256])
{
	const char *words[8];
	char copy[128];
	size_t n = 0;
	char *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &rest); w && n < 8; w = strtok_r(NULL, " ", &rest))
		words[n++] = w;
	return lab_ip(lab, host, words, n, error, 256);
}

static int try_connect(struct lab *lab, int family, int milliseconds)
{
	int error;
	int fd = labs_connect(lab, HOST_CLIENT, HOST_SERVER, family, 80, &error);
	int outcome = error == EINPROGRESS ? labs_outcome(fd, milliseconds) : error;

	close(fd);
	return outcome;
}

static void test_ip(void **state)
{
	char error[256] = "";

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;

		labs_start(&lab, family);
		assert_int_equal(try_connect(&lab, family, 1000), ECONNREFUSED);
		if (!ip(&lab, HOST_CLIENT, "route add unreachable server", error))
			fail_msg("%s", error);
		assert_int_equal(try_connect(&lab, family, 1000), EHOSTUNREACH);
		assert_false(ip(&lab, HOST_CLIENT, "route add unreachable server", error));
		assert_non_null(strstr(error, "File exists"));
		assert_true(ip(&lab, HOST_CLIENT, "route del server", error)); /* its own */
		assert_int_equal(try_connect(&lab, family, 1000), ECONNREFUSED);
		assert_true(ip(&lab, HOST_ROUTER, "route del server", error)); /* its network's */
		assert_int_equal(try_connect(&lab, family, 3000), ENETUNREACH);
		assert_true(ip(&lab, HOST_CLIENT, "route del server", error)); /* the default */
		assert_int_equal(try_connect(&lab, family, 1000), ENETUNREACH);
		assert_false(ip(&lab, HOST_CLIENT, "route del server", error));
		assert_non_null(strstr(error, "No such process"));
		lab_close(&lab);
	}
}

static void test_ip_link(void **state)
{
	static const struct {
		enum host host;
		const char *name;
	} cycles[] = {{HOST_CLIENT, "eth0"}, {HOST_ROUTER, "server"}};
	char error[256] = "", line[64];

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct lab lab;
		struct seen seen;
		pcap_t *p;

		labs_start(&lab, family);
		p = watch();
		for (size_t i = 0; i < 2; i++) {
			snprintf(line, sizeof(line), "link set %s down", cycles[i].name);
			assert_true(ip(&lab, cycles[i].host, line, error));
			assert_int_not_equal(try_connect(&lab, family, 50), ECONNREFUSED);
			watch_for(p, 50);
			snprintf(line, sizeof(line), "link set %s up", cycles[i].name);
			for (int again = 0; again < 2; again++)
				if (!ip(&lab, cycles[i].host, line, error))
					fail_msg("%s", error);
			seen = watch_for(p, 1500);
			assert_int_equal(seen.packets, 0);
			assert_int_equal(try_connect(&lab, family, 500), ECONNREFUSED);
			assert_int_equal(watch_for(p, 50).neighbour_requests, 0);
		}
		assert_true(ip(&lab, HOST_ROUTER, "link set server mtu 1300", error));
		assert_true(ip(&lab, HOST_CLIENT, "link set dev eth0 mtu 1400", error));
		pcap_close(p);
		lab_close(&lab);
	}
}

static void test_ip_words(void **state)
{
	static const struct {
		enum host host;
		const char *words[8];
		size_t bad;
		const char *says;
	} wrong[] = {
	    {HOST_ROUTER, {"rout"}, 0, "'rout' is not known here; expected route or link"},
	    {HOST_ROUTER, {"route"}, 1, "ends too early; expected add or del"},
	    {HOST_ROUTER, {"route", "add", "server"}, 2, "unreachable, prohibit"},
	    {HOST_ROUTER,
	     {"route", "del", "10.0.0.1"},
	     2,
	     "one of client server nobody nowhere ghost"},
	    {HOST_CLIENT,
	     {"route", "del", "client"},
	     2,
	     "one of router server nobody nowhere ghost"},
	    {HOST_ROUTER, {"route", "del", "server", "now"}, 3, "the end of the line"},
	    {HOST_ROUTER, {"link", "set", "eth0", "mtu", "1300"}, 2, "client or server"},
	    {HOST_CLIENT, {"link", "set", "client", "mtu", "1300"}, 2, "eth0"},
	    {HOST_ROUTER, {"link", "set", "server", "mtu", "1x"}, 4, "68 to 65535"},
	    {HOST_ROUTER, {"link", "set", "server", "mtu", "-1"}, 4, "68 to 65535"},
	    {HOST_ROUTER, {"link", "set", "server", "mtu", "67"}, 4, "68 to 65535"},
	    {HOST_ROUTER,
	     {"link", "set", "server", "colour"},
	     3,
	     "mtu or gso_max_segs or down or up"},
	    {HOST_CLIENT, {"link", "set", "eth0", "gso_max_segs", "0"}, 4, "1 to 65535"},
	    {HOST_CLIENT, {"link", "set", "eth0", "gso_max_segs"}, 4, "a number of segments"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char error[256] = "";
		size_t count = 0, bad = 99;

		while (wrong[i].words[count])
			count++;
		assert_false(
		    lab_ip_check(wrong[i].host, wrong[i].words, count, &bad, error, sizeof(error)));
		assert_int_equal(bad, wrong[i].bad);
		if (!strstr(error, wrong[i].says))
			fail_msg("'%s' does not say '%s'", error, wrong[i].says);
	}
}

/* ---- many, fast, and nothing left ---- */

#define MANY 50

/* One lab in a process of its own: 0 well, 1 an error, 2 something took a second. */
static int one_lab(int family, int out)
{
	ns_t start = now(), ready, end;
	struct lab lab;
	double took[2];
	int error, fd;

	if (!lab_open(&lab, labs_idle, NULL) || !lab_wire(&lab, family)) {
		fprintf(stderr, "%s\n", lab.error);
		return 1;
	}
	ready = now();
	fd = labs_connect(&lab, HOST_CLIENT, HOST_SERVER, family, 80, &error);
	if (labs_outcome(fd, 900) != ECONNREFUSED)
		return 2;
	close(fd);
	end = now();
	took[0] = (double)(ready - start) / NS_PER_MS;
	took[1] = (double)(end - ready) / NS_PER_MS;
	lab_close(&lab);
	return write(out, took, sizeof(took)) == sizeof(took) ? 0 : 1;
}

static void labs_at_once(int count, int family)
{
	double took[2], worst = 0, worst_connect = 0, sum = 0;
	pid_t pids[MANY];
	int channel[2];
	ns_t start = now();

	assert_int_equal(pipe2(channel, O_CLOEXEC), 0);
	for (int i = 0; i < count; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(one_lab(family, channel[1]));
	}
	close(channel[1]);
	for (int i = 0; i < count; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	while (read(channel[0], took, sizeof(took)) == sizeof(took)) {
		sum += took[0];
		worst = took[0] > worst ? took[0] : worst;
		worst_connect = took[1] > worst_connect ? took[1] : worst_connect;
	}
	close(channel[0]);
	print_message("%d over IPv%d at once: %.0f ms in all; open and wire %.2f ms on average, "
		      "%.2f at worst; connect %.2f ms at worst\n",
		      count, family, (double)(now() - start) / NS_PER_MS, sum / count, worst,
		      worst_connect);
}

static void test_many_at_once(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		labs_at_once(1, family);
		labs_at_once(MANY, family);
	}
}

static void test_killed_router_leaves_nothing(void **state)
{
	int channel[2], watch_fd[2], status;
	pid_t router, hosts[2];

	(void)state;
	labs_need();
	assert_int_equal(pipe2(channel, O_CLOEXEC), 0);
	router = fork();
	assert_true(router >= 0);
	if (router == 0) {
		struct lab lab;

		if (!lab_open(&lab, labs_idle, NULL) || !lab_wire(&lab, 4))
			_exit(1);
		hosts[0] = lab.host[HOST_CLIENT].pid;
		hosts[1] = lab.host[HOST_SERVER].pid;
		if (write(channel[1], hosts, sizeof(hosts)) != sizeof(hosts))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(channel[0], hosts, sizeof(hosts)), sizeof(hosts));
	for (int i = 0; i < 2; i++) {
		watch_fd[i] = (int)syscall(SYS_pidfd_open, hosts[i], 0);
		assert_true(watch_fd[i] >= 0);
		assert_false(labs_ready(watch_fd[i], POLLIN, 0));
	}
	kill(router, SIGKILL);
	assert_int_equal(waitpid(router, &status, 0), router);
	for (int i = 0; i < 2; i++) {
		assert_true(labs_ready(watch_fd[i], POLLIN, 2000));
		close(watch_fd[i]);
	}
	close(channel[0]);
	close(channel[1]);
}

/*
 * A first process whose child leaves another process behind. That one blocks all signals that can
 * be blocked, reports once that init is its parent now, and holds the pipe open as long as it
 * lives.
 */
static int leave_an_orphan(enum host host, void *context)
{
	int *alive = context;
	sigset_t all;

	if (getpid() != 1)
		_exit(1);
	if (host != HOST_SERVER || fork() > 0) {
		close(alive[1]);
		return labs_idle(host, NULL);
	}
	if (fork() > 0)
		_exit(0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	while (getppid() != 1)
		sched_yield();
	if (write(alive[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void assert_closed(const int alive[2])
{
	char byte;

	assert_true(labs_ready(alive[0], POLLIN, 0)); /* already, not soon */
	assert_int_equal(read(alive[0], &byte, 1), 0);
}

/* All processes of a host end with its first one; another one can begin, in the same network. */
static void test_processes(void **state)
{
	struct lab lab;
	int alive[2];
	char byte;

	(void)state;
	labs_need();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
		assert_true(lab_open(&lab, leave_an_orphan, alive));
		if (i) {
			assert_true(lab_wire(&lab, 4));
			assert_int_equal(read(alive[0], &byte, 1), 1);
			lab_stop(&lab, HOST_SERVER);
			lab_stop(&lab, HOST_SERVER);
			assert_true(lab_start(&lab, HOST_SERVER, leave_an_orphan, alive));
		}
		close(alive[1]);
		assert_int_equal(read(alive[0], &byte, 1), 1);
		assert_false(labs_ready(alive[0], POLLIN, 20));
		lab_close(&lab);
		assert_closed(alive);
		close(alive[0]);
	}
}

/* Descriptors that a program started by an actor must not inherit. */
static void test_descriptors_close_on_exec(void **state)
{
	struct lab lab;
	bool before[256];

	(void)state;
	labs_need();
	for (int fd = 0; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	labs_start(&lab, 4);
	for (int fd = 0; fd < 256; fd++)
		if (!before[fd] && fcntl(fd, F_GETFD) >= 0)
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	lab_close(&lab);
	for (int fd = 0; fd < 256; fd++)
		assert_int_equal(before[fd], fcntl(fd, F_GETFD) >= 0);
}

/*
 * In a user namespace of our own that allows no network namespaces; the machine's stays as it is.
 */
static void test_forbidden(void **state)
{
	unsigned int uid = geteuid();
	int status;
	pid_t pid;

	(void)state;
	labs_need();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lab lab;
		char map[32];

		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (unshare(CLONE_NEWUSER) < 0 || !file_put("/proc/self/uid_map", map) ||
		    !file_put("/proc/sys/user/max_net_namespaces", "0"))
			_exit(77);
		if (lab_open(&lab, labs_idle, NULL))
			_exit(1);
		_exit(strstr(lab.error, "sysctl -w user.max_net_namespaces=") ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: no user namespace to forbid anything in\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_wrong_host(void **state)
{
	struct lab lab = {0};

	(void)state;
	assert_false(lab_enter(&lab, HOST_CLIENT));
	assert_false(lab_enter(&lab, HOST_GHOST));
	assert_false(lab_enter(&lab, HOST_NONE));
	assert_non_null(strstr(lab.error, "no namespace"));
	lab_close(&lab);
}

/* It arrives as it was made, from an address that nobody has, only at that host. */
static void test_inject(void **state)
{
	struct arena a = {0};
	struct lab lab;

	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2) {
		struct packet p = {
		    .source = host_ip(HOST_GHOST, family),
		    .target = host_ip(HOST_SERVER, family),
		    .source_port = 20000,
		    .target_port = 1,
		    .flags = FLAG_SYN,
		    .ttl = 63,
		};
		size_t size, header = family == 6 ? 40 : 20;
		unsigned char *bytes = packet_encode(&a, &p, &size), got[100], large[1600] = {0x45};
		int server, client;

		labs_start(&lab, family);
		assert_true(lab_enter(&lab, HOST_SERVER));
		server =
		    socket(family == 6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
		assert_true(lab_enter(&lab, HOST_CLIENT));
		client =
		    socket(family == 6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
		lab_leave(&lab);
		if (!lab_inject(&lab, HOST_SERVER, bytes, size))
			fail_msg("%s", lab.error);
		assert_true(labs_ready(server, POLLIN, 1000));
		if (family == 4) { /* with the IP header */
			assert_int_equal(recv(server, got, sizeof(got), 0), size);
			assert_memory_equal(got, bytes, size);
		} else {
			assert_int_equal(recv(server, got, sizeof(got), 0), size - header);
			assert_memory_equal(got, bytes + header, size - header);
		}
		assert_false(labs_ready(client, POLLIN, 20));

		assert_false(lab_inject(&lab, HOST_SERVER, large, sizeof(large)));
		assert_non_null(strstr(lab.error, "larger than the link's MTU"));
		assert_false(lab_inject(&lab, HOST_GHOST, bytes, size));
		assert_non_null(strstr(lab.error, "no link to ghost"));
		close(server);
		close(client);
		lab_close(&lab);
		assert_int_equal(lab.packets, 0);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forbidden),
	    cmocka_unit_test(test_many_at_once),
	    cmocka_unit_test(test_killed_router_leaves_nothing),
	    cmocka_unit_test(test_sysctl),
	    cmocka_unit_test(test_sysctl_refusals),
	    cmocka_unit_test(test_processes),
	    cmocka_unit_test(test_descriptors_close_on_exec),
	    cmocka_unit_test(test_wrong_host),
	    cmocka_unit_test(test_both_families),
	    cmocka_unit_test(test_second_addresses),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_nowhere),
	    cmocka_unit_test(test_ghost_swallows),
	    cmocka_unit_test(test_no_offloads),
	    cmocka_unit_test(test_bursts_are_cut),
	    cmocka_unit_test(test_datagrams_are_cut),
	    cmocka_unit_test(test_ip),
	    cmocka_unit_test(test_ip_link),
	    cmocka_unit_test(test_ip_words),
	    cmocka_unit_test(test_inject),
	};

	return cmocka_run_group_tests(tests, remember_machine, NULL);
}
