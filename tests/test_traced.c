/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a program's registers and memory to a call in words: harness/program/call_words.c, without
 * any process. The memory is an array, at an address of its own; what is beyond it cannot be read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "harness/program/call_words.h"

#define BASE 0x7f0000001000ULL

static unsigned char memory[8192];
static size_t used;
static struct arena arena;

static bool read_array(void *context, uint64_t address, void *to, size_t length)
{
	(void)context;
	if (address < BASE || address + length > BASE + sizeof(memory))
		return false;
	memcpy(to, memory + (address - BASE), length);
	return true;
}

/* Put it into the program's memory; returns where it is there. */
static uint64_t put(const void *bytes, size_t length)
{
	uint64_t at = BASE + used;

	assert_true(used + length <= sizeof(memory));
	memcpy(memory + used, bytes, length);
	used += (length + 15) / 16 * 16;
	return at;
}

static int begin(void **state)
{
	(void)state;
	used = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct decoding decode(long number, const uint64_t args[6], bool returned, int64_t result)
{
	const struct memory program = {read_array, NULL};
	struct registers registers = {.number = number};
	struct decoding d = {
	    .arena = &arena,
	    .row = traced_find(number),
	    .registers = &registers,
	    .memory = &program,
	    .returned = returned,
	    .result = result,
	};

	memcpy(registers.args, args, sizeof(registers.args));
	assert_non_null(d.row);
	decode_call(&d);
	return d;
}

#define ENTERED(number, ...)	      decode(number, (uint64_t[6]){__VA_ARGS__}, false, 0).text
#define RETURNED(number, result, ...) decode(number, (uint64_t[6]){__VA_ARGS__}, true, result)

static uint64_t put_address(const char *ip, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, ip, &in.sin_addr) == 1)
		return put(&in, sizeof(in));
	assert_int_equal(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
	return put(&in6, sizeof(in6));
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < traced_count; i++) {
		const struct traced *row = &traced_table[i];

		assert_ptr_equal(traced_find(row->number), row); /* each number once */
		assert_true(!row->bare || row->optional);
		/* A name of the table of calls, if a script has that call, too. */
		if (call_find(row->name))
			assert_string_equal(call_find(row->name)->name, row->name);
	}
	assert_null(traced_find(SYS_openat));
	assert_null(traced_find(-1));
}

static void test_addresses(void **state)
{
	struct sockaddr_un un = {AF_UNIX, "/x"};
	struct decoding d;

	(void)state;
	assert_string_equal(ENTERED(SYS_connect, 3, put_address("10.0.2.1", 80), 16),
			    "connect(3, server:80)");
	assert_string_equal(ENTERED(SYS_connect, 3, put_address("fd00:2::1", 80), 28),
			    "connect(3, server:80)");
	assert_string_equal(ENTERED(SYS_connect, 3, put_address("::ffff:10.0.2.1", 80), 28),
			    "connect(3, server:80)");
	assert_string_equal(ENTERED(SYS_bind, 3, put_address("0.0.0.0", 0), 16), "bind(3, :0)");
	assert_string_equal(ENTERED(SYS_connect, 3, put_address("192.0.2.1", 5), 16),
			    "connect(3, \"192.0.2.1:5\")");
	assert_string_equal(ENTERED(SYS_connect, 3, put(&un, sizeof(un)), sizeof(un)),
			    "connect(3, {sa_family=AF_UNIX})");
	assert_string_equal(ENTERED(SYS_connect, 3, 0, 16), "connect(3, NULL)");
	assert_string_equal(ENTERED(SYS_connect, 3, 5, 16), "connect(3, ...)");
	assert_string_equal(ENTERED(SYS_connect, 3, put_address("10.0.2.1", 80), 0),
			    "connect(3, ...)");
	d = decode(SYS_connect, (uint64_t[6]){3, put_address("10.0.2.1", 80), 16}, false, 0);
	assert_true(d.has_peer);
	assert_int_equal(d.peer_port, 80);
	assert_int_equal(host_of_ip(&d.peer), HOST_SERVER);
}

static void test_filled_addresses(void **state)
{
	uint32_t length = 16;
	uint64_t address = put_address("10.0.1.1", 40000), size = put(&length, sizeof(length));
	struct decoding d = RETURNED(SYS_accept4, 4, 3, address, size, SOCK_CLOEXEC);

	(void)state;
	assert_string_equal(d.text, "accept4(3, client:40000, [16], SOCK_CLOEXEC)");
	assert_string_equal(d.seen[1], "client:40000");
	assert_string_equal(d.seen[2], "[16]");
	assert_true(d.has_peer);
	d = RETURNED(SYS_accept4, -1, 3, address, size, 0);
	assert_string_equal(d.text, "accept4(3, ..., [16], 0)");
	assert_null(d.seen[1]);
	assert_false(d.has_peer);
	assert_string_equal(ENTERED(SYS_accept4, 3, 0, 0, 0), "accept4(3, NULL, NULL, 0)");
	assert_string_equal(ENTERED(SYS_getsockname, 3, address, 7), "getsockname(3, ..., ...)");
}

static void test_names(void **state)
{
	uint64_t data = put("hi", 2), to = put_address("10.0.2.1", 53);

	(void)state;
	assert_string_equal(ENTERED(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
			    "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)");
	assert_string_equal(ENTERED(SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_TCP),
			    "socket(AF_INET6, SOCK_RAW, IPPROTO_TCP)");
	assert_string_equal(ENTERED(SYS_socket, 77, 9, 300), "socket(77, 9, 300)");
	assert_string_equal(ENTERED(SYS_sendto, 3, data, 2, MSG_NOSIGNAL, 0, 0),
			    "send(3, \"hi\", 2, MSG_NOSIGNAL)");
	assert_string_equal(ENTERED(SYS_sendto, 3, data, 2, 0, to, 16),
			    "sendto(3, \"hi\", 2, 0, server:53)");
	assert_string_equal(ENTERED(SYS_recvfrom, 3, data, 100, MSG_PEEK, 0, 0),
			    "recv(3, ..., 100, MSG_PEEK)");
	assert_string_equal(ENTERED(SYS_shutdown, 3, SHUT_WR), "shutdown(3, SHUT_WR)");
	assert_string_equal(ENTERED(SYS_shutdown, (uint64_t)-1, 9), "shutdown(-1, 9)");
	assert_string_equal(ENTERED(SYS_fcntl, 3, F_SETFL, O_RDWR | O_NONBLOCK),
			    "fcntl(3, F_SETFL, O_NONBLOCK)");
	assert_string_equal(ENTERED(SYS_fcntl, 3, F_SETFD, FD_CLOEXEC),
			    "fcntl(3, F_SETFD, FD_CLOEXEC)");
	assert_string_equal(ENTERED(SYS_fcntl, 3, F_DUPFD, 10), "fcntl(3, F_DUPFD, 10)");
	assert_string_equal(ENTERED(SYS_fcntl, 3, F_GETFL, 1), "fcntl(3, F_GETFL)");
	assert_string_equal(ENTERED(SYS_ioctl, 3, FIONREAD, 0), "ioctl(3, SIOCINQ, ...)");
	assert_string_equal(ENTERED(SYS_ioctl, 3, 0x8912, 0), "ioctl(3, 35090, ...)");
}

static void test_data(void **state)
{
	char *many = memset(arena_alloc(&arena, 3001), 'x', 3000);
	uint64_t data = put(many, 3000), hello = put("hello\n", 6);
	struct iovec pieces[] = {{(void *)hello, 2}, {(void *)(hello + 2), 4}};
	uint64_t list = put(pieces, sizeof(pieces));
	struct msghdr m = {.msg_iov = (void *)list, .msg_iovlen = 2, .msg_flags = MSG_TRUNC};
	uint64_t message = put(&m, sizeof(m));
	struct decoding d;

	(void)state;
	assert_string_equal(ENTERED(SYS_write, 3, hello, 6), "write(3, \"hello\\n\", 6)");
	assert_string_equal(ENTERED(SYS_write, 3, hello, 0), "write(3, \"\", 0)");
	assert_string_equal(ENTERED(SYS_write, 3, 0, 5), "write(3, NULL, 5)");
	assert_string_equal(ENTERED(SYS_write, 3, 1, 5), "write(3, ..., 5)");
	d = decode(SYS_write, (uint64_t[6]){3, data, 3000}, false, 0);
	assert_int_equal(strlen(d.text), strlen("write(3, \"\"..., 3000)") + 512);
	assert_non_null(strstr(d.text, "x\"..., 3000)"));
	/* Of a program that moves much, less. */
	d = decode(SYS_write, (uint64_t[6]){3, data, 20000}, false, 0);
	assert_int_equal(strlen(d.text), strlen("write(3, \"\"..., 20000)") + 64);
	/* Only what has come. */
	d = RETURNED(SYS_read, 5, 3, hello, 100);
	assert_string_equal(d.text, "read(3, \"hello\", 100)");
	assert_string_equal(d.seen[1], "\"hello\"");
	assert_string_equal(RETURNED(SYS_read, -1, 3, hello, 100).text, "read(3, ..., 100)");
	assert_string_equal(ENTERED(SYS_writev, 3, list, 2),
			    "writev(3, [{iov_base=\"he\"}, {iov_base=\"llo\\n\"}], 2)");
	assert_string_equal(RETURNED(SYS_readv, 3, 3, list, 2).text,
			    "readv(3, [{iov_base=\"he\", iov_len=2}, {iov_base=\"l\", iov_len=4}], "
			    "2)");
	assert_string_equal(ENTERED(SYS_sendmsg, 3, message, 0),
			    "sendmsg(3, {msg_iov=[{iov_base=\"he\"}, {iov_base=\"llo\\n\"}]}, 0)");
	assert_string_equal(RETURNED(SYS_recvmsg, 2, 3, message, 0).text,
			    "recvmsg(3, {msg_iov=[{iov_base=\"he\", iov_len=2}, {iov_base=\"\", "
			    "iov_len=4}], msg_flags=MSG_TRUNC}, 0)");
	assert_string_equal(ENTERED(SYS_writev, 3, 8, 1 << 20), "writev(3, ..., 1048576)");
	assert_string_equal(ENTERED(SYS_sendfile, 3, 4, 0, 10), "sendfile(3, 4, NULL, 10)");
}

static void test_options(void **state)
{
	int one = 1, error = ECONNREFUSED;
	uint32_t four = 4;
	struct linger linger = {1, 0};
	uint64_t on = put(&one, sizeof(one)), refused = put(&error, sizeof(error));
	uint64_t size = put(&four, sizeof(four)), l = put(&linger, sizeof(linger));
	struct decoding d;

	(void)state;
	assert_string_equal(ENTERED(SYS_setsockopt, 3, SOL_SOCKET, SO_KEEPALIVE, on, 4),
			    "setsockopt(3, SO_KEEPALIVE, 1)");
	assert_string_equal(ENTERED(SYS_setsockopt, 3, SOL_TCP, TCP_NODELAY, on, 4),
			    "setsockopt(3, TCP_NODELAY, 1)");
	assert_string_equal(ENTERED(SYS_setsockopt, 3, SOL_SOCKET, SO_LINGER, l, sizeof(linger)),
			    "setsockopt(3, SO_LINGER, {l_onoff=1, l_linger=0})");
	assert_string_equal(ENTERED(SYS_setsockopt, 3, 77, 88, on, 4), "setsockopt(3, 77, 88, 1)");
	assert_string_equal(ENTERED(SYS_setsockopt, 3, SOL_SOCKET, SO_KEEPALIVE, 0, 4),
			    "setsockopt(3, SO_KEEPALIVE, NULL)");
	d = RETURNED(SYS_getsockopt, 0, 3, SOL_SOCKET, SO_ERROR, refused, size);
	assert_string_equal(d.text, "getsockopt(3, SO_ERROR, [ECONNREFUSED])");
	assert_string_equal(d.seen[2], "[ECONNREFUSED]");
	assert_string_equal(ENTERED(SYS_getsockopt, 3, SOL_SOCKET, SO_ERROR, refused, size),
			    "getsockopt(3, SO_ERROR, ...)");
}

static void test_waiting(void **state)
{
	struct pollfd fds[40];
	struct timespec time = {1, 500000};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 7};
	fd_set set;
	uint64_t list, at, in, out;
	struct decoding d;

	(void)state;
	for (int i = 0; i < 40; i++)
		fds[i] = (struct pollfd){.fd = i, .events = POLLIN};
	fds[1].revents = POLLHUP;
	list = put(fds, sizeof(fds));
	at = put(&time, sizeof(time));
	assert_string_equal(ENTERED(SYS_ppoll, list, 1, at, 0, 8),
			    "ppoll([{fd=0, events=POLLIN}], 1, {tv_sec=1, tv_nsec=500000}, NULL)");
	d = RETURNED(SYS_ppoll, 1, list, 2, at, 0, 8);
	assert_string_equal(d.seen[0], "[{fd=1, revents=POLLHUP}]");
	assert_string_equal(d.seen[shown_at(1)], "left {tv_sec=1, tv_nsec=500000}");
	assert_non_null(strstr(ENTERED(SYS_ppoll, list, 40, 0, 0, 8),
			       "{fd=31, events=POLLIN}, ...], 40, NULL, NULL)"));
	assert_string_equal(ENTERED(SYS_ppoll, 1, 1, 0, 0, 8), "ppoll(..., 1, NULL, NULL)");

	FD_ZERO(&set);
	FD_SET(3, &set);
	FD_SET(70, &set);
	in = put(&set, sizeof(set));
	out = put(&set, sizeof(set));
	/* The C library's select() and pselect() are one system call. */
	assert_string_equal(ENTERED(SYS_pselect6, 71, in, 0, 0, at, 0),
			    "select(71, [3 70], NULL, NULL, {tv_sec=1, tv_usec=500})");
	assert_string_equal(ENTERED(SYS_pselect6, 4, in, 0, 0, at, BASE),
			    "pselect(4, [3], NULL, NULL, {tv_sec=1, tv_nsec=500000}, ...)");
	d = RETURNED(SYS_pselect6, 3, 71, in, out, 0, 0, 0);
	assert_string_equal(d.seen[shown_at(0)], "in [3 70]");
	assert_string_equal(d.seen[shown_at(1)], "out [3 70]");

	at = put(&event, sizeof(event));
	assert_string_equal(ENTERED(SYS_epoll_ctl, 4, EPOLL_CTL_MOD, 3, at),
			    "epoll_ctl(4, EPOLL_CTL_MOD, 3, {events=EPOLLIN|EPOLLET, data=7})");
	assert_string_equal(ENTERED(SYS_epoll_ctl, 4, EPOLL_CTL_DEL, 3, 0),
			    "epoll_ctl(4, EPOLL_CTL_DEL, 3, NULL)");
	d = RETURNED(SYS_epoll_pwait, 1, 4, at, 8, 100, 0, 8);
	assert_string_equal(d.text, "epoll_wait(4, [{events=EPOLLIN|EPOLLET, data=7}], 8, 100)");
	assert_string_equal(ENTERED(SYS_epoll_pwait, 4, at, 8, (uint64_t)-1, BASE, 8),
			    "epoll_pwait(4, ..., 8, -1, ...)");
}

/* What the kernel overwrites is shown as it was when the call began. */
static void test_before(void **state)
{
	fd_set set;
	uint64_t in;
	struct decoding before, after;

	(void)state;
	FD_ZERO(&set);
	FD_SET(5, &set);
	in = put(&set, sizeof(set));
	before = decode(SYS_pselect6, (uint64_t[6]){6, in}, false, 0);
	memset(memory, 0, sizeof(memory));
	after = (struct decoding){
	    .arena = &arena,
	    .row = before.row,
	    .registers = &(struct registers){SYS_pselect6, {6, in}},
	    .memory = &(struct memory){read_array, NULL},
	    .returned = true,
	    .before = before.args,
	};
	decode_call(&after);
	assert_string_equal(after.text, "select(6, [5], NULL, NULL, NULL)");
	assert_null(after.seen[0]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(test_table), TEST(test_addresses), TEST(test_filled_addresses), TEST(test_names),
	    TEST(test_data),  TEST(test_options),   TEST(test_waiting),		 TEST(test_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
