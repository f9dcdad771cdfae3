/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: which packets they pick, in which host, how many, what they answer, and that each victim
 * is reported at once. Packets are raw TCP segments and ICMP errors that the test makes itself, as
 * well as those of real sockets.
 */
#include "tests/labs.h"

#include <net/ethernet.h>
#include <netinet/tcp.h>

#include "harness/packet/icmp.h"
#include "netns/firewall/fault.h"

#define PORT 8080
#define SYN  0x02
#define RST  0x04
#define PSH  0x08
#define ACK  0x10

/* ---- the log's reports ---- */

struct victim {
	enum host at;
	int id;
	bool rejected;
	uint16_t ethertype;
	size_t length;
	ns_t stamp, read;
	unsigned char bytes[256];
};

static struct victim victims[512];
static size_t victim_count;

static void note(void *context, enum host at, int id, bool rejected, uint16_t ethertype,
		 const unsigned char *bytes, size_t length, ns_t stamp)
{
	struct victim *v = &victims[victim_count++];

	assert_ptr_equal(context, victims);
	assert_true(length <= sizeof(v->bytes));
	*v = (struct victim){at, id, rejected, ethertype, length, stamp, now(), {0}};
	memcpy(v->bytes, bytes, length);
}

/* Wait until this many have been reported, or until the timeout. */
static void hear(struct faults *f, enum host at, size_t count, int milliseconds)
{
	ns_t end = now() + milliseconds * NS_PER_MS;

	victim_count = 0;
	for (;;) {
		if (!fault_log_read(f, at, note, victims))
			fail_msg("%s", f->error);
		if (victim_count >= count || now() >= end)
			break;
		labs_ready(fault_log_fd(f, at), POLLIN, 10);
	}
	assert_int_equal(victim_count, count);
}

static void hear_some(struct faults *f, enum host at)
{
	victim_count = 0;
	assert_true(labs_ready(fault_log_fd(f, at), POLLIN, 1000));
	assert_true(fault_log_read(f, at, note, victims));
	assert_true(victim_count >= 1);
}

/* ---- packets ---- */

struct segment {
	uint8_t flags;
	uint32_t seq;
	int length;  /* of data */
	int options; /* words of them: NOPs */
};

static uint16_t checksum(uint32_t sum, const unsigned char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? b[i] : b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* From the client to the server, or the other way, on a raw socket. */
static void send_segment(struct lab *lab, enum host from, int family, const struct segment *s)
{
	enum host to = from == HOST_CLIENT ? HOST_SERVER : HOST_CLIENT;
	struct ip source = host_ip(from, family), target = host_ip(to, family);
	unsigned char b[1500] = {0};
	struct tcphdr *tcp = (struct tcphdr *)b;
	size_t header = sizeof(*tcp) + 4 * (size_t)s->options;
	size_t size = header + (size_t)s->length, address = family == 6 ? 16 : 4;
	struct sockaddr_storage ss;
	socklen_t length = labs_address(&target, 0, &ss);
	uint32_t sum = IPPROTO_TCP + (uint32_t)size;
	int fd;

	tcp->source = htons(5000);
	tcp->dest = htons(6000);
	tcp->seq = htonl(s->seq);
	tcp->doff = header / 4;
	memset(b + sizeof(*tcp), 1, 4 * (size_t)s->options);
	b[13] = s->flags;
	for (size_t i = 0; i < address; i += 2)
		sum += (uint32_t)(source.bytes[i] << 8 | source.bytes[i + 1]) +
		       (uint32_t)(target.bytes[i] << 8 | target.bytes[i + 1]);
	tcp->check = checksum(sum, b, size);

	assert_true(lab_enter(lab, from));
	fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	lab_leave(lab);
	assert_true(fd >= 0);
	/* A raw socket gets an error when its own host's firewall drops. */
	if (sendto(fd, b, size, 0, (struct sockaddr *)&ss, length) != (ssize_t)size)
		assert_int_equal(errno, EPERM);
	close(fd);
}

static const unsigned char *tcp_of(const struct victim *v)
{
	return v->bytes + (v->ethertype == ETHERTYPE_IPV6 ? 40 : (v->bytes[0] & 15) * 4);
}

/* ---- a lab with faults ---- */

struct bench {
	struct lab lab;
	struct faults f;
	int family;
};

static void start(struct bench *b, int family)
{
	b->family = family;
	labs_start(&b->lab, family);
	if (!faults_open(&b->f, &b->lab, true))
		fail_msg("%s", b->f.error);
}

static void end(struct bench *b)
{
	faults_close(&b->f);
	faults_close(&b->f);
	lab_close(&b->lab);
}

static int apply(struct bench *b, enum host at, struct fault_rule rule)
{
	int id;

	if (!rule.times)
		rule.times = FAULT_EVER;
	id = fault_apply(&b->f, at, &rule);
	if (!id)
		fail_msg("%s", b->f.error);
	return id;
}

/* The result of a connect to a port where nobody listens: ECONNREFUSED if nothing is in its way. */
static int try(struct bench *b, int milliseconds)
{
	int error, outcome;
	int fd = labs_connect(&b->lab, HOST_CLIENT, HOST_SERVER, b->family, PORT, &error);

	outcome = error == EINPROGRESS ? labs_outcome(fd, milliseconds) : error;
	close(fd);
	return outcome;
}

#define BOTH_FAMILIES(b)                                                                           \
	for (int family = (labs_need(), start(&(b), 4), 4); family;                                \
	     end(&(b)), family = family == 4 ? (start(&(b), 6), 6) : 0)

/* ---- the tests ---- */

static void test_drop_and_lift(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		int all, syn;

		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		assert_int_equal(fault_log_fd(&b.f, HOST_CLIENT), -1);
		syn = apply(
		    &b, HOST_ROUTER,
		    (struct fault_rule){.from = HOST_CLIENT, .has_flags = true, .flags = SYN});
		all = apply(&b, HOST_ROUTER, (struct fault_rule){.from = HOST_NONE});
		assert_true(syn > 0 && all > syn);
		assert_int_equal(try(&b, 100), -1);
		hear(&b.f, HOST_ROUTER, 1, 1000);
		assert_int_equal(victims[0].id, syn);
		assert_int_equal(victims[0].at, HOST_ROUTER);
		assert_false(victims[0].rejected);
		assert_int_equal(victims[0].ethertype, family == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
		assert_int_equal(tcp_of(&victims[0])[13], SYN);
		assert_int_equal(victims[0].length, family == 6 ? 80 : 60);

		assert_true(fault_lift(&b.f, HOST_ROUTER, syn));
		assert_int_equal(try(&b, 100), -1);
		hear(&b.f, HOST_ROUTER, 1, 1000);
		assert_int_equal(victims[0].id, all);
		assert_false(fault_lift(&b.f, HOST_ROUTER, syn));
		assert_non_null(strstr(b.f.error, "no such fault"));
		assert_false(fault_lift(&b.f, HOST_CLIENT, all));
		assert_false(fault_lift(&b.f, HOST_GHOST, all));
		assert_true(fault_lift(&b.f, HOST_ROUTER, all));
		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		hear(&b.f, HOST_ROUTER, 0, 50);
	}
}

/* An end's own firewall: out for its own packets, in for others', both when it is not said. */
static void test_ends(void **state)
{
	static const struct {
		enum host at, from;
		uint8_t flags; /* of a packet that is taken */
	} cases[] = {
	    {HOST_CLIENT, HOST_CLIENT, SYN},	   {HOST_CLIENT, HOST_SERVER, RST | ACK},
	    {HOST_SERVER, HOST_CLIENT, SYN},	   {HOST_SERVER, HOST_SERVER, RST | ACK},
	    {HOST_ROUTER, HOST_SERVER, RST | ACK}, {HOST_CLIENT, HOST_NONE, SYN},
	    {HOST_SERVER, HOST_NONE, SYN},
	};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			int id = apply(&b, cases[i].at, (struct fault_rule){.from = cases[i].from});

			assert_int_equal(try(&b, 100), -1);
			hear(&b.f, cases[i].at, 1, 1000);
			assert_int_equal(victims[0].id, id);
			assert_int_equal(tcp_of(&victims[0])[13], cases[i].flags);
			assert_true(fault_lift(&b.f, cases[i].at, id));
		}
		assert_int_equal(try(&b, 1000), ECONNREFUSED);
	}
}

/* A host is all of its addresses; one of them may be meant alone. */
static void test_addresses(void **state)
{
	static const struct {
		const char *address, *bound; /* of the rule; what the client is bound to */
		int outcome;
	} cases[] = {
	    {NULL, "client", -1},
	    {NULL, "client2", -1},
	    {"client2", "client2", -1},
	    {"client2", "client", ECONNREFUSED},
	};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct ip own = named_ip(cases[i].bound, b.family);
			struct ip to = host_ip(HOST_SERVER, b.family);
			int fd =
			    labs_socket(&b.lab, HOST_CLIENT, b.family, SOCK_STREAM | SOCK_NONBLOCK);
			struct sockaddr_storage ss;
			int id =
			    apply(&b, HOST_ROUTER,
				  (struct fault_rule){
				      .from = HOST_CLIENT,
				      .address = cases[i].address ? address_find(cases[i].address)
								  : NULL});

			assert_int_equal(
			    bind(fd, (struct sockaddr *)&ss, labs_address(&own, 0, &ss)), 0);
			assert_int_equal(
			    connect(fd, (struct sockaddr *)&ss, labs_address(&to, 9, &ss)), -1);
			assert_int_equal(labs_outcome(fd, 100), cases[i].outcome);
			close(fd);
			assert_true(fault_lift(&b.f, HOST_ROUTER, id));
		}
	}
}

static void test_flags_exactly(void **state)
{
	static const uint8_t wanted[] = {SYN, RST, ACK, PSH | ACK, 0, 0x42, 0xc2, 0xff};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		for (size_t w = 0; w < sizeof(wanted); w++) {
			int id =
			    apply(&b, HOST_ROUTER,
				  (struct fault_rule){
				      .from = HOST_CLIENT, .has_flags = true, .flags = wanted[w]});

			for (int flags = 0; flags < 256; flags++) {
				struct segment s = {(uint8_t)flags, 1, 0, 0};

				send_segment(&b.lab, HOST_CLIENT, family, &s);
			}
			hear(&b.f, HOST_ROUTER, 1, 200);
			assert_int_equal(tcp_of(&victims[0])[13], wanted[w]);
			hear(&b.f, HOST_ROUTER, 0, 20);
			assert_true(fault_lift(&b.f, HOST_ROUTER, id));
		}
	}
}

static void test_sequence_and_length(void **state)
{
	static const struct segment segments[] = {
	    {ACK, 1000, 0, 0},	{ACK, 1000, 10, 0}, {ACK, 1000, 10, 10}, {ACK, 2000, 10, 3},
	    {ACK, 1000, 12, 3}, {ACK, 1000, 22, 0}, {SYN, 1000, 0, 10},	 {ACK, 4294967295u, 10, 0},
	    {SYN, 7, 3, 0},	{RST, 1000, 0, 0},  {RST, 0, 0, 0},	 {ACK, 0, 11, 0},
	};
	static const struct {
		struct fault_rule rule;
		int count;
	} cases[] = {
	    {{.from = HOST_NONE, .has_seq = true, .seq = 1000}, 6},
	    {{.from = HOST_NONE, .has_seq = true, .seq = 4294967295u}, 1},
	    {{.from = HOST_NONE, .has_seq = true, .seq = 1}, 0},
	    {{.from = HOST_NONE, .has_length = true, .length = 10}, 4},
	    {{.from = HOST_NONE, .has_length = true, .length = 0}, 4},
	    {{.from = HOST_NONE, .has_length = true, .length = 12}, 1},
	    {{.from = HOST_NONE, .has_length = true, .length = 13}, 0},
	    {{.from = HOST_NONE, .has_length = true, .length = 10, .has_seq = true, .seq = 1000},
	     2},
	    {{.from = HOST_NONE, .has_length = true, .has_flags = true, .flags = SYN}, 1},
	    {{.from = HOST_NONE, .has_length = true, .length = 3, .has_flags = true, .flags = SYN},
	     1},
	    {{.from = HOST_NONE, .from_zero = true, .has_seq = true, .seq = 1000}, 9},
	    {{.from = HOST_NONE, .from_zero = true, .has_seq = true, .seq = 0}, 4},
	    {{.from = HOST_NONE, .from_zero = true}, 3},
	    {{.from = HOST_NONE, .carries = true}, 8},
	    {{.from = HOST_NONE, .carries = true, .every = 3}, 2},
	    {{.from = HOST_NONE, .carries = true, .every = 3, .skip = 1, .times = 1}, 1},
	    {{.from = HOST_NONE, .from_zero = true, .has_flags = true, .flags = RST}, 1},
	};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			int id = apply(&b, HOST_ROUTER, cases[c].rule);

			/* The server answers, with segments that must not count. */
			apply(&b, HOST_SERVER, (struct fault_rule){.from = HOST_CLIENT});
			for (size_t s = 0; s < sizeof(segments) / sizeof(segments[0]); s++)
				send_segment(&b.lab, HOST_CLIENT, family, &segments[s]);
			hear(&b.f, HOST_ROUTER, (size_t)cases[c].count, 100);
			hear(&b.f, HOST_ROUTER, 0, 10);
			assert_true(fault_lift(&b.f, HOST_ROUTER, id));
		}
	}
}

static void test_skip_and_times(void **state)
{
	static const struct {
		int64_t skip, times;
		const char *taken; /* of eight */
	} cases[] = {
	    {0, 1, "0"},
	    {1, 2, "12"},
	    {3, FAULT_EVER, "34567"},
	    {0, FAULT_EVER, "01234567"},
	    {7, 1, "7"},
	    {8, 1, ""},
	    {0, 3, "012"},
	};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			int id = apply(&b, HOST_CLIENT,
				       (struct fault_rule){.from = HOST_NONE,
							   .has_flags = true,
							   .flags = RST,
							   .skip = cases[c].skip,
							   .times = cases[c].times});

			for (uint32_t n = 0; n < 8; n++) {
				/* What does not match does not count. */
				struct segment other = {RST | ACK, 99, 0, 0}, s = {RST, n, 0, 0};

				send_segment(&b.lab, n % 2 ? HOST_CLIENT : HOST_SERVER, family,
					     &other);
				send_segment(&b.lab, n % 2 ? HOST_CLIENT : HOST_SERVER, family, &s);
			}
			hear(&b.f, HOST_CLIENT, strlen(cases[c].taken), 100);
			for (size_t v = 0; v < victim_count; v++)
				assert_int_equal(tcp_of(&victims[v])[7], cases[c].taken[v] - '0');
			assert_true(fault_lift(&b.f, HOST_CLIENT, id));
		}
	}
}

static void test_counts_survive_a_lift(void **state)
{
	struct segment s = {RST, 0, 0, 0};
	struct bench b;
	int first, second;

	(void)state;
	labs_need();
	start(&b, 4);
	first = apply(&b, HOST_ROUTER,
		      (struct fault_rule){.from = HOST_SERVER, .has_flags = true, .flags = RST});
	second = apply(
	    &b, HOST_ROUTER,
	    (struct fault_rule){.from = HOST_CLIENT, .has_flags = true, .flags = RST, .skip = 1});
	send_segment(&b.lab, HOST_CLIENT, 4, &s);
	hear(&b.f, HOST_ROUTER, 0, 50);
	assert_true(fault_lift(&b.f, HOST_ROUTER, first));
	send_segment(&b.lab, HOST_CLIENT, 4, &s);
	hear(&b.f, HOST_ROUTER, 1, 500);
	assert_int_equal(victims[0].id, second);
	end(&b);
}

/* How a rejection looks to connect(). The first ICMP error may find the socket locked, then the
 * second tells. */
static void test_reject(void **state)
{
	static const struct {
		const char *with;
		int error4, error6; /* 0: this family cannot */
	} cases[] = {
	    {"tcp-reset", ECONNREFUSED, ECONNREFUSED},
	    {NULL, ECONNREFUSED, ECONNREFUSED},
	    {"port-unreachable", ECONNREFUSED, ECONNREFUSED},
	    {"host-unreachable", EHOSTUNREACH, EHOSTUNREACH},
	    {"net-unreachable", ENETUNREACH, ENETUNREACH},
	    {"admin-prohibited", EHOSTUNREACH, EACCES},
	    {"host-prohibited", EHOSTUNREACH, 0},
	    {"net-prohibited", ENETUNREACH, 0},
	    {"proto-unreachable", ENOPROTOOPT, 0},
	    {"frag-needed", 0, 0},
	    {"ttl-exceeded", 0, 0},
	};
	struct bench b;

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		BOTH_FAMILIES(b)
		{
			int error = family == 4 ? cases[c].error4 : cases[c].error6;
			struct fault_rule rule = {.reject = true,
						  .from = HOST_CLIENT,
						  .times = FAULT_EVER,
						  .with = cases[c].with ? icmp_find(cases[c].with)
									: NULL};

			if (!error) {
				assert_int_equal(fault_apply(&b.f, HOST_ROUTER, &rule), 0);
				assert_non_null(strstr(b.f.error, cases[c].with));
				continue;
			}
			apply(&b, HOST_ROUTER, rule);
			assert_int_equal(try(&b, 2500), error);
			hear_some(&b.f, HOST_ROUTER);
			assert_true(victims[0].rejected);
		}
	}
}

/* In its own output, too; what comes back to it passes lo, and is no business of the fault's. */
static void test_reject_own(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		int id =
		    apply(&b, HOST_CLIENT,
			  (struct fault_rule){.reject = true, .from = HOST_NONE, .reset = true});

		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		hear(&b.f, HOST_CLIENT, 1, 100);
		assert_int_equal(victims[0].id, id);
		hear(&b.f, HOST_CLIENT, 0, 20);
	}
}

/*
 * The router's own errors: `router drop router> icmp host-unreachable`. To Linux an unreachable
 * route is "host unreachable" in IPv4, "no route" in IPv6.
 */
static void test_icmp(void **state)
{
	static const char *const route[] = {"route", "add", "unreachable", "server"};
	char error[256];
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		const char *word = family == 4 ? "host-unreachable" : "net-unreachable";
		const char *other = family == 4 ? "net-unreachable" : "host-unreachable";
		size_t icmp = family == 4 ? 20 : 40;
		int id;

		assert_true(lab_ip(&b.lab, HOST_ROUTER, route, 4, error, sizeof(error)));
		apply(&b, HOST_ROUTER,
		      (struct fault_rule){.from = HOST_ROUTER, .icmp = icmp_find(other)});
		id = apply(
		    &b, HOST_ROUTER,
		    (struct fault_rule){.from = HOST_ROUTER, .icmp = icmp_find(word), .times = 1});
		/* The second one passes. */
		assert_int_equal(try(&b, 2500), family == 4 ? EHOSTUNREACH : ENETUNREACH);
		hear(&b.f, HOST_ROUTER, 1, 100);
		assert_int_equal(victims[0].id, id);
		assert_string_equal(
		    icmp_of(family, victims[0].bytes[icmp], victims[0].bytes[icmp + 1])->word,
		    word);

		/* In the client's input, and from nobody in particular. */
		assert_true(fault_lift(&b.f, HOST_ROUTER, id));
		apply(&b, HOST_CLIENT,
		      (struct fault_rule){.from = HOST_NONE, .icmp = icmp_find(other)});
		id = apply(&b, HOST_CLIENT,
			   (struct fault_rule){.from = HOST_NONE, .icmp = icmp_find(word)});
		assert_int_equal(try(&b, 300), -1);
		hear(&b.f, HOST_CLIENT, 1, 500);
		assert_int_equal(victims[0].id, id);
	}
}

/* From the client to a port of the server's where nobody listens. */
static void send_datagram(struct lab *lab, int family, const char *data)
{
	struct ip target = host_ip(HOST_SERVER, family);
	struct sockaddr_storage ss;
	socklen_t length = labs_address(&target, PORT, &ss);
	int fd;

	assert_true(lab_enter(lab, HOST_CLIENT));
	fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lab_leave(lab);
	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, data, strlen(data), 0, (struct sockaddr *)&ss, length),
			 strlen(data));
	close(fd);
}

/* UDP is picked by protocol and by length, and neither TCP nor its errors are. */
static void test_udp(void **state)
{
	const struct segment syn = {.flags = SYN};
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		size_t udp = family == 4 ? 20 : 40;
		int id =
		    apply(&b, HOST_ROUTER,
			  (struct fault_rule){
			      .from = HOST_CLIENT, .udp = true, .has_length = true, .length = 3});

		send_datagram(&b.lab, family, "four");
		send_segment(&b.lab, HOST_CLIENT, family, &syn);
		send_datagram(&b.lab, family, "two");
		hear(&b.f, HOST_ROUTER, 1, 100);
		assert_int_equal(victims[0].id, id);
		assert_memory_equal(victims[0].bytes + udp + 8, "two", 3);

		assert_true(fault_lift(&b.f, HOST_ROUTER, id));
		id = apply(&b, HOST_SERVER,
			   (struct fault_rule){.reject = true, .from = HOST_NONE, .udp = true});
		send_segment(&b.lab, HOST_CLIENT, family, &syn);
		send_datagram(&b.lab, family, "four");
		hear(&b.f, HOST_SERVER, 1, 100);
		assert_true(victims[0].rejected);
	}
}

/*
 * A fault without a pattern leaves the search for neighbours alone, in IPv6 as in IPv4: the router
 * looks for nowhere, and a fault that takes all packets of the router does not take these.
 */
static void test_neighbours_pass(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		int error, fd;

		/* The SYN passes; the router's next packet is its question. */
		apply(&b, HOST_ROUTER, (struct fault_rule){.from = HOST_NONE, .skip = 1});
		fd = labs_connect(&b.lab, HOST_CLIENT, HOST_NOWHERE, family, 80, &error);
		poll(NULL, 0, 100);
		hear(&b.f, HOST_ROUTER, 0, 20);
		close(fd);
	}
}

static void test_ghost(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		int error, fd;

		assert_true(fault_log_fd(&b.f, HOST_ROUTER) >= 0);
		fd = labs_connect(&b.lab, HOST_CLIENT, HOST_GHOST, family, 80, &error);
		assert_int_equal(labs_outcome(fd, 50), -1);
		hear(&b.f, HOST_ROUTER, 1, 500);
		assert_int_equal(victims[0].id, 0);
		assert_false(victims[0].rejected);
		assert_int_equal(tcp_of(&victims[0])[13], SYN);
		close(fd);
	}
}

/* nfnetlink_log would wait a second, or for a hundred; each must come at once. */
static void test_told_at_once(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		ns_t worst = 0, sent, worst_stamp = 0;

		apply(&b, HOST_ROUTER, (struct fault_rule){.from = HOST_CLIENT});
		for (int i = 0; i < 100; i++) {
			struct segment s = {ACK, 1, 100, 3};

			sent = now();
			send_segment(&b.lab, HOST_CLIENT, family, &s);
			hear(&b.f, HOST_ROUTER, 1, 500);
			if (victims[0].read - sent > worst)
				worst = victims[0].read - sent;
			/*
			 * Stamped by the kernel, to the microsecond, between sending and reading.
			 */
			assert_in_range(victims[0].stamp, sent - NS_PER_US, victims[0].read);
			if (victims[0].read - victims[0].stamp > worst_stamp)
				worst_stamp = victims[0].read - victims[0].stamp;
		}
		print_message("IPv%d: at worst %.3f ms from sending, %.3f from the stamp\n", family,
			      (double)worst / NS_PER_MS, (double)worst_stamp / NS_PER_MS);
		assert_true(worst < 200 * NS_PER_MS);
	}
}

static int ip_length(const struct victim *v)
{
	const unsigned char *ip = v->bytes;

	return v->ethertype == ETHERTYPE_IPV6 ? 40 + (ip[4] << 8 | ip[5]) : ip[2] << 8 | ip[3];
}

/* The largest packet of its TCP that the client's own firewall takes. */
static int largest_of_own(struct bench *b, int family)
{
	static char data[60000];
	int c, x, largest = 0;

	labs_establish(&b->lab, family, PORT, &c, &x);
	/* A new connection sends little at a time; let its window grow first. */
	for (int i = 0; i < 5; i++) {
		char sink[65536];

		assert_true(send(c, data, 20000, MSG_DONTWAIT) > 0);
		poll(NULL, 0, 20);
		assert_true(recv(x, sink, sizeof(sink), MSG_DONTWAIT) > 0);
	}
	apply(b, HOST_CLIENT, (struct fault_rule){.from = HOST_CLIENT});
	assert_true(send(c, data, sizeof(data), MSG_DONTWAIT) > 5000);
	hear_some(&b->f, HOST_CLIENT);
	for (size_t v = 0; v < victim_count; v++)
		if (ip_length(&victims[v]) > largest)
			largest = ip_length(&victims[v]);
	close(c);
	close(x);
	return largest;
}

/* TCP hands bursts down whole, and a host's own firewall sees them so, unless it must not. */
static void test_segments_in_own_output(void **state)
{
	(void)state;
	labs_need();
	for (int family = 4; family <= 6; family += 2)
		for (int one_by_one = 0; one_by_one < 2; one_by_one++) {
			struct bench b = {.family = family};

			assert_true(lab_open(&b.lab, labs_idle, NULL));
			b.lab.one_by_one[HOST_CLIENT] = one_by_one;
			if (!lab_wire(&b.lab, family))
				fail_msg("%s", b.lab.error);
			assert_true(faults_open(&b.f, &b.lab, false));
			if (one_by_one)
				assert_int_equal(largest_of_own(&b, family), 1500);
			else
				assert_true(largest_of_own(&b, family) > 1500);
			end(&b);
		}
}

/* A burst that nobody reads meanwhile. */
static void test_burst(void **state)
{
	struct segment s = {ACK, 1, 1000, 3};
	struct bench b;

	(void)state;
	labs_need();
	start(&b, 4);
	apply(&b, HOST_ROUTER, (struct fault_rule){.from = HOST_CLIENT});
	for (int i = 0; i < 100; i++)
		send_segment(&b.lab, HOST_CLIENT, 4, &s);
	hear(&b.f, HOST_ROUTER, 100, 500);

	/* Losses beyond any buffer are reported, not hidden. */
	for (int i = 0; i < 20000; i++)
		send_segment(&b.lab, HOST_CLIENT, 4, &s);
	victim_count = 0;
	assert_false(fault_log_read(&b.f, HOST_ROUTER, note, victims));
	assert_non_null(strstr(b.f.error, "more victims"));
	end(&b);
}

static void test_wrong_rules(void **state)
{
	static const struct {
		struct fault_rule rule;
		const char *says;
	} wrong[] = {
	    {{.from = HOST_NONE, .icmp = icmp_table, .has_flags = true, .times = FAULT_EVER},
	     "two protocols"},
	    {{.from = HOST_NONE, .udp = true, .has_seq = true, .times = FAULT_EVER},
	     "two protocols"},
	    {{.from = HOST_NONE, .udp = true, .from_zero = true, .times = FAULT_EVER},
	     "two protocols"},
	    {{.from = HOST_NONE, .times = 0}, "0 packets"},
	    {{.from = HOST_NONE, .skip = -1, .times = 1}, "beyond"},
	    {{.from = HOST_NONE, .every = -1, .times = 1}, "beyond"},
	    {{.from = HOST_NONE, .udp = true, .carries = true, .times = 1}, "two protocols"},
	    {{.from = HOST_NONE, .skip = 1LL << 32, .times = 1}, "beyond"},
	    {{.from = HOST_NONE, .skip = INT64_MAX, .times = INT64_MAX}, "beyond"},
	};
	struct bench b;

	(void)state;
	labs_need();
	start(&b, 4);
	for (size_t w = 0; w < sizeof(wrong) / sizeof(wrong[0]); w++) {
		assert_int_equal(fault_apply(&b.f, HOST_ROUTER, &wrong[w].rule), 0);
		if (!strstr(b.f.error, wrong[w].says))
			fail_msg("'%s' does not say '%s'", b.f.error, wrong[w].says);
	}
	assert_int_equal(try(&b, 1000), ECONNREFUSED);
	{
		struct fault_rule good = {.from = HOST_NONE, .times = FAULT_EVER};

		assert_int_equal(fault_apply(&b.f, HOST_GHOST, &good), 0);
	}
	end(&b);
}

static void test_icmp_table(void **state)
{
	(void)state;
	for (const struct icmp_row *row = icmp_table; row->word; row++) {
		assert_ptr_equal(icmp_find(row->word), row);
		assert_ptr_equal(icmp_of(4, row->v4_type, row->v4_code), row);
		if (row->v6_type >= 0)
			assert_ptr_equal(icmp_of(6, row->v6_type, row->v6_code), row);
	}
	assert_null(icmp_find("nonsense"));
	assert_string_equal(icmp_of(4, 8, 0)->word, "echo-request");
	assert_null(icmp_of(4, 13, 0));
	assert_null(icmp_of(6, 135, 0));
	assert_string_equal(icmp_of(6, 1, 3)->word, "host-unreachable");
	assert_string_equal(icmp_of(6, 2, 0)->word, "frag-needed");
}

/* A rule that only reports; and one that leaves the router's own packets alone. */
static void test_pass_and_forwarded(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		struct fault_rule tell = {.from = HOST_CLIENT, .pass = true, .forwarded = true};
		struct fault_rule all = {.from = HOST_NONE, .forwarded = true};
		struct segment syn = {SYN, 1, 0, 0};
		int id = apply(&b, HOST_ROUTER, tell);

		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		hear(&b.f, HOST_ROUTER, 1, 1000);
		assert_int_equal(victims[0].id, id);
		assert_true(fault_lift(&b.f, HOST_ROUTER, id));

		apply(&b, HOST_ROUTER, all);
		/* An error of its own goes out, whatever brought it about. */
		apply(&b, HOST_ROUTER,
		      (struct fault_rule){.reject = true, .from = HOST_CLIENT, .with = NULL});
		send_segment(&b.lab, HOST_CLIENT, family, &syn);
		hear(&b.f, HOST_ROUTER, 1, 1000);
		assert_int_equal(tcp_of(&victims[0])[13], SYN);
	}
}

/* A muted host neither answers nor asks, and none of that is reported. */
static void test_mute(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		struct segment syn = {SYN, 1, 0, 0};

		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		apply(&b, HOST_SERVER, (struct fault_rule){.from = HOST_NONE});
		assert_true(fault_firewall(&b.f, HOST_SERVER, FIREWALL_MUTE));
		assert_int_equal(try(&b, 100), -1);
		send_segment(&b.lab, HOST_SERVER, family, &syn);
		hear(&b.f, HOST_SERVER, 0, 20);
		assert_true(fault_firewall(&b.f, HOST_CLIENT, FIREWALL_MUTE));
		send_segment(&b.lab, HOST_CLIENT, family, &syn);
		hear(&b.f, HOST_SERVER, 0, 20);
	}
}

/* Packets for a dead host are reported, before any fault of it sees them; its own packets are not.
 * */
static void test_dead(void **state)
{
	struct bench b;

	(void)state;
	BOTH_FAMILIES(b)
	{
		struct segment syn = {SYN, 1, 0, 0};

		apply(&b, HOST_SERVER, (struct fault_rule){.from = HOST_CLIENT, .skip = 1});
		assert_true(fault_firewall(&b.f, HOST_SERVER, FIREWALL_DEAD));
		assert_int_equal(try(&b, 100), -1);
		hear(&b.f, HOST_SERVER, 1, 1000);
		assert_int_equal(victims[0].id, 0);
		send_segment(&b.lab, HOST_SERVER, family, &syn);
		hear(&b.f, HOST_SERVER, 0, 20);
		assert_true(fault_firewall(&b.f, HOST_SERVER, FIREWALL_ALIVE));
		/* The fault has counted none of it: this is the one that it lets pass. */
		assert_int_equal(try(&b, 1000), ECONNREFUSED);
		hear(&b.f, HOST_SERVER, 0, 20);
		assert_false(fault_firewall(&b.f, HOST_SERVER, FIREWALL_ALIVE));
	}
}

static void test_cost(void **state)
{
	struct faults f;
	struct lab lab;
	ns_t at[5];
	int id;

	(void)state;
	labs_need();
	labs_start(&lab, 4);
	at[0] = now();
	assert_true(faults_open(&f, &lab, true));
	at[1] = now();
	{
		struct fault_rule rule = {
		    .from = HOST_CLIENT, .has_flags = true, .flags = SYN, .times = FAULT_EVER};

		id = fault_apply(&f, HOST_ROUTER, &rule);
		at[2] = now();
		assert_true(fault_apply(&f, HOST_CLIENT, &rule));
		at[3] = now();
	}
	assert_true(fault_lift(&f, HOST_ROUTER, id));
	at[4] = now();
	print_message("open with ghost %.2f ms, first at router %.2f, first at client %.2f, lift "
		      "%.2f\n",
		      (at[1] - at[0]) / 1e6, (at[2] - at[1]) / 1e6, (at[3] - at[2]) / 1e6,
		      (at[4] - at[3]) / 1e6);
	faults_close(&f);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_icmp_table),
	    cmocka_unit_test(test_cost),
	    cmocka_unit_test(test_drop_and_lift),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_flags_exactly),
	    cmocka_unit_test(test_sequence_and_length),
	    cmocka_unit_test(test_skip_and_times),
	    cmocka_unit_test(test_counts_survive_a_lift),
	    cmocka_unit_test(test_reject),
	    cmocka_unit_test(test_reject_own),
	    cmocka_unit_test(test_icmp),
	    cmocka_unit_test(test_neighbours_pass),
	    cmocka_unit_test(test_udp),
	    cmocka_unit_test(test_ghost),
	    cmocka_unit_test(test_told_at_once),
	    cmocka_unit_test(test_burst),
	    cmocka_unit_test(test_segments_in_own_output),
	    cmocka_unit_test(test_wrong_rules),
	    cmocka_unit_test(test_mute),
	    cmocka_unit_test(test_pass_and_forwarded),
	    cmocka_unit_test(test_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
