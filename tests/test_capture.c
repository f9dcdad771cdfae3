/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture, by either way, on a lab of its own: real TCP and a burst of packets from the client
 * to the server through the router, which is this process; and the files, read by libpcap and,
 * where it is installed, tshark.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <net/ethernet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/capture/capture.h"
#include "netns/lab.h"
#include "tests/packet_bytes.h"

#define PORT	   8080
#define BURST	   2000
#define BURST_SIZE 1000
#define ANSWER	   "world"

static struct lab lab;
static struct arena arena;
static struct timeline t;
static struct capture c;
static int orders[2], done[2]; /* pipes: to the client, and back from it */
static bool has_lab;
static bool bulk; /* what the capture is asked for */

/*
 * In the place of the C library's: what an ordinary user may have of a buffer. 0: as much as this
 * one may.
 */
static int most;

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	if (most && level == SOL_SOCKET && name == SO_RCVBUFFORCE) {
		errno = EPERM;
		return -1;
	}
	if (most && level == SOL_SOCKET && name == SO_RCVBUF && *(const int *)value > most)
		value = &most;
	return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

/* ---- the hosts ---- */

static struct sockaddr_in address_of(enum host host)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct ip ip = host_ip(host, 4);

	memcpy(&a.sin_addr, ip.bytes, 4);
	return a;
}

/* Answers each connection when it has received something; UDP datagrams are ignored. */
static int server_main(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int l = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(l, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(l, 5) < 0 ||
	    bind(u, (struct sockaddr *)&any, sizeof(any)) < 0)
		return 1;
	if (write(done[1], "r", 1) != 1)
		return 1;
	for (;;) {
		char bytes[64];
		int x = accept(l, NULL, NULL);

		if (x < 0 || recv(x, bytes, sizeof(bytes), 0) <= 0 ||
		    send(x, ANSWER, sizeof(ANSWER), 0) < 0 || recv(x, bytes, sizeof(bytes), 0) < 0)
			return 1;
		close(x);
	}
}

static int exchange(void)
{
	struct sockaddr_in server = address_of(HOST_SERVER);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	char bytes[64];

	if (connect(s, (struct sockaddr *)&server, sizeof(server)) < 0 ||
	    send(s, "hello", 5, 0) != 5 || recv(s, bytes, sizeof(bytes), 0) <= 0 ||
	    shutdown(s, SHUT_WR) < 0 || recv(s, bytes, sizeof(bytes), 0) != 0)
		return -1;
	return close(s);
}

static int burst(void)
{
	struct sockaddr_in server = address_of(HOST_SERVER);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char bytes[BURST_SIZE] = {0};

	for (int i = 0; i < BURST; i++) {
		if (sendto(s, bytes, sizeof(bytes), 0, (struct sockaddr *)&server, sizeof(server)) <
		    0)
			return -1;
	}
	return close(s);
}

static int client_main(void)
{
	char order;

	while (read(orders[0], &order, 1) == 1) {
		int result = order == 'x' ? exchange() : burst();

		if (write(done[1], result == 0 ? "y" : "n", 1) != 1)
			return 1;
	}
	return 0;
}

static int host_main(enum host host, void *context)
{
	(void)context;
	return host == HOST_CLIENT ? client_main() : server_main();
}

/* ---- the router ---- */

static int set_up_lab(void **state)
{
	char ready;

	(void)state;
	assert_return_code(pipe(orders), errno);
	assert_return_code(pipe(done), errno);
	if (!lab_open(&lab, host_main, NULL)) {
		print_message("no lab: %s\n", lab.error);
		return 0;
	}
	timeline_init(&t, &arena);
	if (!capture_open(&c, &arena, bulk))
		fail_msg("%s", c.error);
	assert_int_equal(c.ring != NULL, bulk);
	if (!lab_wire(&lab, 4))
		fail_msg("%s", lab.error);
	capture_link(&c, HOST_CLIENT, lab.host[HOST_CLIENT].link);
	capture_link(&c, HOST_SERVER, lab.host[HOST_SERVER].link);
	assert_int_equal(read(done[0], &ready, 1), 1);
	has_lab = true;
	return 0;
}

static int tear_down_lab(void **state)
{
	(void)state;
	if (has_lab)
		lab_close(&lab);
	has_lab = false;
	capture_close(&c);
	arena_free(&arena);
	for (int i = 0; i < 2; i++) {
		close(orders[i]);
		close(done[i]);
	}
	return 0;
}

static void read_capture(void)
{
	if (capture_read(&c, &t) < 0)
		fail_msg("%s", c.error);
}

/* The last packets may come after the client's word. */
static void read_rest(void)
{
	struct pollfd fd = {.fd = c.fd, .events = POLLIN};

	while (poll(&fd, 1, 100) > 0)
		read_capture();
}

/* Have the client do it, reading all the while. */
static void order(char what)
{
	struct pollfd fds[] = {{.fd = c.fd, .events = POLLIN}, {.fd = done[0], .events = POLLIN}};
	char answer = 0;

	assert_int_equal(write(orders[1], &what, 1), 1);
	while (!answer) {
		assert_true(poll(fds, 2, 10000) > 0);
		read_capture();
		if (fds[1].revents)
			assert_int_equal(read(done[0], &answer, 1), 1);
	}
	assert_int_equal(answer, 'y');
	read_rest();
}

/* Have the client do it this many times, and read only then. */
static void order_unread(char what, int times)
{
	char answer = 0;

	for (int i = 0; i < times; i++) {
		assert_int_equal(write(orders[1], &what, 1), 1);
		assert_int_equal(read(done[0], &answer, 1), 1);
		assert_int_equal(answer, 'y');
	}
	read_rest();
}

static void need_lab(void)
{
	if (!has_lab)
		skip();
}

static void test_exchange(void **state)
{
	static const uint8_t expected[] = {FLAG_SYN, FLAG_SYN | FLAG_ACK, FLAG_ACK,
					   FLAG_PSH | FLAG_ACK};
	struct ip server = host_ip(HOST_SERVER, 4);
	const struct connection *connection;
	int fins = 0, answers = 0;
	ns_t before = now();

	(void)state;
	need_lab();
	timeline_connecting(&t, "c", HOST_CLIENT, &server, PORT);
	order('x');
	assert_true(t.segment_count >= 8);
	assert_int_equal(c.frame_count, 2 * t.segment_count); /* each on both links, no more */
	for (size_t i = 0; i < t.segment_count; i++) {
		const struct segment *s = &t.segments[i];

		assert_int_equal(s->packet->kind, PACKET_TCP);
		assert_int_equal(s->fate, FATE_ARRIVED);
		assert_true(s->decided);
		assert_false(s->packet->bad_checksum);
		assert_int_equal(s->connection, 0);
		assert_int_equal(s->from, s->end == 0 ? HOST_CLIENT : HOST_SERVER);
		assert_true(s->arrived >= s->sent && s->sent >= before && s->arrived <= now());
		if (i < sizeof(expected))
			assert_int_equal(s->packet->flags, expected[i]);
		fins += !!(s->packet->flags & FLAG_FIN);
		answers += s->packet->length == sizeof(ANSWER) &&
			   memcmp(s->packet->data, ANSWER, sizeof(ANSWER)) == 0;
	}
	assert_int_equal(fins, 2);
	assert_int_equal(answers, 1);
	assert_int_equal(t.segments[3].seq, 1);
	assert_int_equal(t.segments[3].ack, 1);
	assert_memory_equal(t.segments[3].packet->data, "hello", 5);
	connection = &t.connections[0];
	assert_int_equal(timeline_find(&t, "c"), 0);
	assert_int_equal(connection->end[1].port, PORT);
	assert_false(timeline_unsettled(&t));
	/* Nanoseconds, not microseconds with zeros. */
	for (size_t i = 0; i < c.frame_count; i++) {
		if (c.frames[i].stamp % 1000)
			return;
	}
	fail_msg("all stamps end in 000");
}

/*
 * Stamps of different packets may be out of order by the time between stamping and the ring, when
 * two CPUs carry them (30 to 100 ns were seen); the stamps of one packet may not.
 */
#define INVERSION NS_PER_MS

static void test_stamps(void **state)
{
	(void)state;
	need_lab();
	order('x');
	for (size_t i = 1; i < c.frame_count; i++)
		assert_true(c.frames[i].stamp > c.frames[i - 1].stamp - INVERSION);
	for (size_t i = 0; i < t.segment_count; i++)
		assert_true(t.segments[i].arrived >= t.segments[i].sent);
	for (size_t i = 0; i < c.frame_count; i++) {
		assert_int_equal(c.frames[i].captured, c.frames[i].length);
		assert_int_equal(c.frames[i].ethertype, ETHERTYPE_IP);
	}
}

/* From so many bytes on TCP's data are left out, and nothing else. */
static void test_enough(void **state)
{
	size_t frames = c.frame_count, segments = t.segment_count, less = 0, datagrams = 0;

	(void)state;
	need_lab();
	c.enough = c.bytes;
	order('x');
	order('b');
	c.enough = 0;
	for (size_t i = frames; i < c.frame_count; i++) {
		const struct frame *f = &c.frames[i];
		const struct packet *p = packet_decode(&arena, f->ethertype, f->bytes, f->captured);
		bool is_less = p->kind == PACKET_TCP && p->length;

		assert_int_equal(f->captured, is_less ? f->length - p->length : f->length);
		less += is_less;
		datagrams += p->kind == PACKET_UDP;
	}
	assert_int_equal(less, 2 * 2); /* "hello" and the answer, each on both links */
	assert_int_equal(datagrams, 2 * BURST);
	for (size_t i = segments; i < t.segment_count; i++) {
		const struct packet *p = t.segments[i].packet;

		assert_int_equal(t.segments[i].fate, FATE_ARRIVED);
		assert_true(t.segments[i].decided);
		if (p->kind == PACKET_TCP && p->length)
			assert_null(p->data);
	}
}

static void test_burst(void **state)
{
	size_t before = t.segment_count, arrived = 0;

	(void)state;
	need_lab();
	order('b');
	assert_int_equal(capture_dropped(&c), 0);
	assert_int_equal(t.segment_count - before, BURST);
	for (size_t i = before; i < t.segment_count; i++)
		arrived += t.segments[i].decided && t.segments[i].fate == FATE_ARRIVED;
	assert_int_equal(arrived, BURST);
}

/*
 * A reader that sleeps during the whole burst finds all of it; packets that no ring could hold are
 * counted.
 */
static void test_late_reader(void **state)
{
	size_t before = t.segment_count;

	(void)state;
	need_lab();
	order_unread('b', 1);
	assert_int_equal(capture_dropped(&c), 0);
	assert_int_equal(t.segment_count - before, BURST);

	before = c.frame_count;
	order_unread('b', 3);
	assert_true(capture_dropped(&c) > 0);
	assert_int_equal(c.frame_count - before + capture_dropped(&c), 3 * 2 * BURST);
}

/* A plain socket is for little data; packets that it could not hold are counted, and the others are
 * complete. */
static void test_little_room(void **state)
{
	size_t frames = c.frame_count;
	unsigned dropped = capture_dropped(&c);

	(void)state;
	need_lab();
	order_unread('b', 1);
	assert_true(capture_dropped(&c) > dropped);
	assert_true(c.frame_count - frames >= 100);
	assert_int_equal(c.frame_count - frames + capture_dropped(&c) - dropped, 2 * BURST);
	for (size_t i = frames; i < c.frame_count; i++)
		assert_int_equal(c.frames[i].captured, c.frames[i].length);
	frames = c.frame_count;
	order('x'); /* and afterwards all is well again */
	assert_true(c.frame_count - frames >= 16);
}

/* All have the kernel's stamps: it began to give them before the links were up. */
static void test_stamped(void **state)
{
	(void)state;
	need_lab();
	assert_int_equal(c.unstamped, 0);
}

/*
 * If the buffer is too small even for little data, it is a ring; for much data always.
 */
static void test_no_room(void **state)
{
	static const struct {
		int most;
		bool bulk, ring;
	} rows[] = {
	    {0, false, false},	   {212992, false, false}, {131072, false, false},
	    {100000, false, true}, {2304, false, true},	   {212992, true, true},
	    {2304, true, true},
	};
	struct capture other;

	(void)state;
	need_lab();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		most = rows[i].most;
		if (!capture_open(&other, &arena, rows[i].bulk))
			fail_msg("%s", other.error);
		most = 0;
		assert_int_equal(other.ring != NULL, rows[i].ring);
		assert_true(other.fd >= 0);
		capture_close(&other);
	}
}

/* Closing keeps what is known, and twice is harmless. */
static void test_close(void **state)
{
	size_t frames = c.frame_count;
	unsigned dropped;

	(void)state;
	need_lab();
	dropped = capture_dropped(&c);
	capture_close(&c);
	capture_close(&c);
	assert_int_equal(c.fd, -1);
	assert_int_equal(c.frame_count, frames);
	assert_int_equal(capture_dropped(&c), dropped);
}

/* ---- files ---- */

static void add_frame(struct capture *to, const char *hex, enum host link, bool in, ns_t stamp)
{
	struct frame *f = arena_push(to->arena, to->frames, to->frame_count);
	size_t size;
	unsigned char *bytes = unhex(hex, &size);

	assert_non_null(bytes);
	*f = (struct frame){
	    .stamp = stamp,
	    .link = link,
	    .in = in,
	    .ethertype = bytes[0] == 0	      ? ETHERTYPE_ARP
			 : bytes[0] >> 4 == 6 ? ETHERTYPE_IPV6
					      : ETHERTYPE_IP,
	    .captured = (uint32_t)size,
	    .length = (uint32_t)size,
	    .bytes = memcpy(arena_alloc(to->arena, size), bytes, size),
	};
	free(bytes);
}

/* A capture without a handle: only frames. */
static void make_frames(struct capture *made)
{
	ns_t start = 1700000000 * NS_PER_S;

	*made = (struct capture){.arena = &arena, .fd = -1};
	add_frame(made, ARP_REQUEST, HOST_CLIENT, true, start + 1);
	add_frame(made, SOLICITATION, HOST_CLIENT, true, start + 2);
	add_frame(made, SYN4, HOST_CLIENT, true, start + 3);
	add_frame(made, SYN4, HOST_SERVER, false, start + 4);
	add_frame(made, SYNACK4, HOST_SERVER, true, start + 5);
	add_frame(made, SYNACK4, HOST_CLIENT, false, start + 6);
	add_frame(made, UNREACH4, HOST_CLIENT, false, start + 7);
	add_frame(made, SYN6, HOST_CLIENT, true, start + 8);
}

static FILE *written(struct capture *from, enum host host, char *path)
{
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	assert_non_null(file);
	if (!capture_write(from, host, file))
		fail_msg("%s", from->error);
	return file;
}

static void assert_frame(pcap_t *file, const struct frame *f, const char *target,
			 const char *source, uint16_t type)
{
	struct pcap_pkthdr *h;
	const unsigned char *bytes;
	struct ether_header e;
	size_t size;
	unsigned char *to = unhex(target, &size), *from = unhex(source, &size);

	assert_int_equal(pcap_next_ex(file, &h, &bytes), 1);
	memcpy(&e, bytes, sizeof(e));
	assert_int_equal(h->ts.tv_sec, f->stamp / NS_PER_S);
	assert_int_equal(h->ts.tv_usec, f->stamp % NS_PER_S);
	assert_int_equal(h->caplen, ETH_HLEN + f->captured);
	assert_int_equal(h->len, ETH_HLEN + f->length);
	assert_memory_equal(bytes + ETH_HLEN, f->bytes, f->captured);
	assert_memory_equal(e.ether_dhost, to, ETH_ALEN);
	assert_memory_equal(e.ether_shost, from, ETH_ALEN);
	assert_int_equal(ntohs(e.ether_type), type);
	free(to);
	free(from);
}

#define CLIENT_MAC "020000000101"
#define ROUTER_MAC "0200000001fe"

static void test_file(void **state)
{
	char path[] = "/tmp/tcplab-test-XXXXXX", error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const unsigned char *bytes;
	struct capture made;
	FILE *file;
	pcap_t *p;

	(void)state;
	make_frames(&made);
	made.frames[0].stamp += NS_PER_S - 2; /* the last nanosecond of its second */
	made.frames[7].length += 1000;	      /* not all of it was captured */
	file = written(&made, HOST_CLIENT, path);
	rewind(file); /* so it is still open */
	p = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
	assert_non_null(p);
	assert_int_equal(pcap_datalink(p), DLT_EN10MB);
	assert_frame(p, &made.frames[0], "ffffffffffff", CLIENT_MAC, ETHERTYPE_ARP);
	assert_frame(p, &made.frames[1], "3333ff000077", CLIENT_MAC, ETHERTYPE_IPV6);
	assert_frame(p, &made.frames[2], ROUTER_MAC, CLIENT_MAC, ETHERTYPE_IP);
	assert_frame(p, &made.frames[5], CLIENT_MAC, ROUTER_MAC, ETHERTYPE_IP);
	assert_frame(p, &made.frames[6], CLIENT_MAC, ROUTER_MAC, ETHERTYPE_IP);
	assert_frame(p, &made.frames[7], ROUTER_MAC, CLIENT_MAC, ETHERTYPE_IPV6);
	assert_int_equal(pcap_snapshot(p), ETH_HLEN + 65535);
	assert_int_equal(pcap_next_ex(p, &h, &bytes), PCAP_ERROR_BREAK);
	pcap_close(p);
	unlink(path);
}

static void test_file_full(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct capture made;

	(void)state;
	if (!full)
		skip();
	make_frames(&made);
	assert_false(capture_write(&made, HOST_CLIENT, full));
	assert_non_null(strstr(made.error, strerror(ENOSPC)));
	fclose(full);
}

#define NO_TSHARK      (-1)
#define TSHARK_SECONDS 30

/* How many packets of the file match tshark's filter. */
static int tshark_count(const char *path, const char *filter)
{
	int out[2], status, lines = 0;
	char byte;
	pid_t pid;

	assert_return_code(pipe(out), errno);
	pid = fork();
	if (pid == 0) {
		/* Not with the preferences of the user, nor with a home that is not the user's. */
		setenv("HOME", "/nonexistent", 1);
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		alarm(TSHARK_SECONDS); /* a tshark that hangs fails the test, no more */
		/* The client's port is any, and 37008 would be TZSP to tshark. */
		execlp("tshark", "tshark", "-n", "-r", path, "-d", "tcp.port==8080,data", "-d",
		       "udp.port==8080,data", "-o", "tcp.check_checksum:TRUE", "-o",
		       "ip.check_checksum:TRUE", "-Y", filter, "-T", "fields", "-e", "frame.number",
		       NULL);
		_exit(127);
	}
	close(out[1]);
	while (read(out[0], &byte, 1) == 1)
		lines += byte == '\n';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 127)
		return NO_TSHARK;
	assert_int_equal(WEXITSTATUS(status), 0); /* it could read the file */
	return lines;
}

#define BAD                                                                                        \
	"_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || "                 \
	"icmp.checksum.status == 0 || icmpv6.checksum.status == 0 || "                             \
	"_ws.expert.severity == 0x800000"

static void test_tshark(void **state)
{
	char path[] = "/tmp/tcplab-test-XXXXXX";
	struct capture made;
	int all, bad;

	(void)state;
	make_frames(&made);
	fclose(written(&made, HOST_CLIENT, path));
	all = tshark_count(path, "frame");
	bad = tshark_count(path, BAD);
	unlink(path);
	if (all == NO_TSHARK)
		skip();
	assert_int_equal(all, 6);
	assert_int_equal(bad, 0);
}

/* That it reports faults: of a checksum that is wrong, and of a header that is. */
static void test_tshark_complains(void **state)
{
	char path[] = "/tmp/tcplab-test-XXXXXX", sum[] = DATA4, header[] = RST4;
	struct capture made = {.arena = &arena, .fd = -1};
	int bad;

	(void)state;
	memcpy(sum + 2 * 52, "ff", 2);
	memcpy(header + 2 * 32, "10", 2);
	add_frame(&made, sum, HOST_CLIENT, true, NS_PER_S);
	add_frame(&made, header, HOST_CLIENT, false, 2 * NS_PER_S);
	fclose(written(&made, HOST_CLIENT, path));
	bad = tshark_count(path, BAD);
	unlink(path);
	if (bad == NO_TSHARK)
		skip();
	assert_int_equal(bad, 2);
}

/* What the lab really carried, on either link. */
static void test_tshark_real(void **state)
{
	static const enum host links[] = {HOST_CLIENT, HOST_SERVER};

	(void)state;
	need_lab();
	for (size_t i = 0; i < 2; i++) {
		char path[] = "/tmp/tcplab-test-XXXXXX";
		int all, bad, frames = 0;

		for (size_t f = 0; f < c.frame_count; f++)
			frames += c.frames[f].link == links[i];
		fclose(written(&c, links[i], path));
		all = tshark_count(path, "frame");
		bad = tshark_count(path, BAD);
		unlink(path);
		if (all == NO_TSHARK)
			skip();
		assert_true(frames > 0);
		assert_int_equal(all, frames);
		assert_int_equal(bad, 0);
	}
}

int main(void)
{
	const struct CMUnitTest ring[] = {
	    cmocka_unit_test(test_exchange),	cmocka_unit_test(test_stamps),
	    cmocka_unit_test(test_burst),	cmocka_unit_test(test_enough),
	    cmocka_unit_test(test_late_reader), cmocka_unit_test(test_close),
	    cmocka_unit_test(test_file),	cmocka_unit_test(test_file_full),
	    cmocka_unit_test(test_tshark),	cmocka_unit_test(test_tshark_complains),
	    cmocka_unit_test(test_tshark_real),
	};
	const struct CMUnitTest socket[] = {
	    cmocka_unit_test(test_exchange),	cmocka_unit_test(test_stamps),
	    cmocka_unit_test(test_little_room), cmocka_unit_test(test_stamped),
	    cmocka_unit_test(test_no_room),	cmocka_unit_test(test_close),
	    cmocka_unit_test(test_tshark_real),
	};
	int failed;

	bulk = true;
	failed = cmocka_run_group_tests_name("ring", ring, set_up_lab, tear_down_lab);
	bulk = false;
	return failed + cmocka_run_group_tests_name("socket", socket, set_up_lab, tear_down_lab);
}
