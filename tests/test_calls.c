/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls: each is really made, in a namespace of this test's own, and its result is compared
 * with the written one; constants against the C library's; comparison; diagnostics.
 */
#include <netinet/tcp.h>

#include "harness/calls/sockopts.h"
#include "harness/calls/structs.h"
#include "harness/calls/tcp_info_rows.h"
#include "tests/call_lab.h"

#define BOTH(text)                                                                                 \
	do {                                                                                       \
		play(4, text);                                                                     \
		play(6, text);                                                                     \
	} while (0)

#define LISTENING                                                                                  \
	"server socket() = l\n"                                                                    \
	"server bind(l, :8080) = 0\n"                                                              \
	"server listen(l, 5) = 0\n"

#define ESTABLISHED                                                                                \
	LISTENING "client socket() = c\n"                                                          \
		  "client connect(c, server:8080) = 0\n"                                           \
		  "server accept(l) = x\n"

static void connect_calls(void **state)
{
	(void)state;
	BOTH(ESTABLISHED "client getpeername(c, server:8080) = 0\n"
			 "client getpeername(c, server:*, [*]) = 0\n"
			 "server getsockname(x, server:8080) = 0\n"
			 "server getsockname(l, :8080) = 0\n"
			 "client connect(c, server:8080) = -1 EISCONN\n"
			 "server getpeername(l, ...) = -1 ENOTCONN\n");
	BOTH("client socket() = c\n"
	     "client bind(c, client:4000) = 0\n"
	     "client getsockname(c, client:4000, [*]) = 0\n"
	     "client connect(c, server:9) = -1 ECONNREFUSED\n"
	     "client connect(c, NULL, 0) = -1 EINVAL\n"
	     "client listen(c) = 0\n");
}

static void accept_calls(void **state)
{
	(void)state;
	BOTH(LISTENING "client socket() = c\n"
		       "client bind(c, client:4000) = 0\n"
		       "client connect(c, server:8080) = 0\n"
		       "server accept4(l, client:4000, [*], SOCK_NONBLOCK) = x\n"
		       "server fcntl(x, F_GETFL) = 2050 (O_RDWR|O_NONBLOCK)\n"
		       "server fcntl(x, F_SETFL, 0) = 0\n"
		       "server fcntl(x, F_GETFL) = 2 (O_RDWR)\n"
		       "server fcntl(l, F_SETFL, O_NONBLOCK) = 0\n"
		       "server accept(l, NULL, NULL) = -1 EAGAIN\n"
		       "server accept(x) = -1 EINVAL\n");
}

/* Between client and server, which are one host here: what a datagram loses, and what comes back.
 */
static void datagram_calls(void **state)
{
	(void)state;
	BOTH("server socket(..., SOCK_DGRAM) = s\n"
	     "server bind(s, server:5000) = 0\n"
	     "client socket(..., SOCK_DGRAM) = c\n"
	     "client bind(c, client:5001) = 0\n"
	     "client send(c, \"a\") = -1 EDESTADDRREQ\n"
	     "client sendto(c, \"hello\", 5, 0, server:5000) = 5\n"
	     "client sendto(c, \"hello\", 5, 0, server:5000) = 5\n"
	     "client sendto(c, \"hello\", 5, 0, server:5000) = 5\n"
	     "client sendto(c, \"\", 0, 0, server:5000) = 0\n"
	     "server recvfrom(s, \"hel\", 3, MSG_TRUNC|MSG_PEEK, client:5001) = 5\n"
	     "server recvfrom(s, \"hello\", 100, 0, client:5001) = 5\n"
	     "server recvfrom(s, \"he\", 2, 0, NULL, NULL) = 2\n"
	     "server recvmsg(s, {msg_name=client:5001, msg_iov=[{iov_base=\"hell\", iov_len=4}], "
	     "msg_flags=MSG_TRUNC}) = 4\n"
	     "server recv(s, \"\", 100) = 0\n"
	     "server listen(s, 5) = -1 EOPNOTSUPP\n"
	     "server close(s) = 0\n"
	     "client connect(c, server:5000) = 0\n"
	     "client send(c, \"hello\") = 5\n"
	     "client poll([{fd=c, events=0}], 1, 5000) = 1 ([{fd=c, revents=POLLERR}])\n"
	     "client recv(c, ..., 100) = -1 ECONNREFUSED\n");
	play(4, "client socket(AF_INET, SOCK_DGRAM) = c\n"
		"client getsockname(c, :0, [16]) = 0\n"
		"client setsockopt(c, IP_RECVERR, 1) = 0\n"
		"client sendto(c, \"hello\", 5, 0, server:5000) = 5\n"
		"client recvmsg(c, {msg_name=server:5000, msg_iov=[{iov_base=\"hello\"}], "
		"msg_control=[{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, ee_errno=ECONNREFUSED, "
		"ee_origin=SO_EE_ORIGIN_ICMP, ee_type=3, ee_code=3, ee_info=0, "
		"offender=server:0}], msg_flags=MSG_ERRQUEUE}, MSG_ERRQUEUE) = 5\n");
	play(6, "client socket(AF_INET6, SOCK_DGRAM) = c\n"
		"client getsockname(c, :0, [28]) = 0\n"
		"client setsockopt(c, IPV6_RECVERR, 1) = 0\n"
		"client sendto(c, \"hello\", 5, 0, server:5000) = 5\n"
		"client recvmsg(c, {msg_control=[{cmsg_level=SOL_IPV6, cmsg_type=IPV6_RECVERR, "
		"ee_errno=ECONNREFUSED, ee_origin=SO_EE_ORIGIN_ICMP6, ee_type=1, ee_code=4}]}, "
		"MSG_ERRQUEUE) = 5\n");
}

/* ICMP by its fields, and to oneself: a raw socket gets the request as well as the reply. */
static void icmp_calls(void **state)
{
	(void)state;
	play(4, "client socket(..., SOCK_RAW, IPPROTO_ICMP) = r\n"
		"client sendto(r, {id=7, sequence=2, data=\"ping\"}, ..., 0, server:0) = 12\n"
		"client recv(r, {type=ICMP_ECHO, code=0, id=7, sequence=2, data=\"ping\", "
		"checksum=0x1926}, 100) = 32\n"
		"client recv(r, {type=ICMP_ECHOREPLY, id=7, sequence=2, data=\"ping\"}, 100) = 32\n"
		"client sendto(r, {checksum=1}, 8, 0, server:0) = 8\n"
		"client recv(r, {type=ICMP_ECHO, id=0, sequence=0, checksum=1, data=\"\"}) = 28\n"
		"client recv(r, ..., 100, MSG_DONTWAIT) = -1 EAGAIN\n"
		"client sendto(r, {type=ICMP_DEST_UNREACH, code=3, id=258, sequence=772}, 10, 0, "
		"server:0) = 10\n"
		"client recv(r, \"E\"..., 100) = 30\n");
	play(6, "client socket(..., SOCK_RAW, IPPROTO_ICMPV6) = r\n"
		"client sendto(r, {id=7, sequence=2, data=\"ping\"}, ..., 0, server:0) = 12\n"
		"client recv(r, {type=ICMP6_ECHO_REQUEST, id=7, sequence=2, data=\"ping\"}) = 12\n"
		"client recv(r, {type=ICMP6_ECHO_REPLY, id=7, sequence=2, data=\"ping\"}) = 12\n");
}

static void data_calls(void **state)
{
	(void)state;
	BOTH(ESTABLISHED
	     "client send(c, \"hello\") = 5\n"
	     "server recv(x, \"hello\", 100, MSG_PEEK) = 5\n"
	     "server ioctl(x, SIOCINQ, [5]) = 0\n"
	     "server recv(x, \"he\", 2) = 2\n"
	     "server read(x, \"llo\", 100) = 3\n"
	     "client sendto(c, \"\\x00\\001\\n\\\"7\\xff\", 6, MSG_NOSIGNAL, server:8080) = 6\n"
	     "server recvfrom(x, \"\\x00\\001\\n\\\"7\\xff\", 100, 0, NULL, NULL) = 6\n"
	     "client write(c, \"abc\", 5) = 5\n"
	     "server recv(x, \"abc\\0\\0\", 5) = 5\n"
	     "client send(c, \"abcdef\", 3) = 3\n"
	     "server recv(x, \"abc\", 100) = 3\n"
	     "client send(c, ..., 30) = 30\n"
	     "server recv(x, \"abcdefghijklmnopqrstuvwxyz0123\", 30, MSG_WAITALL) = 30\n"
	     "client send(c, \"X\", 1, MSG_OOB) = 1\n"
	     "server recv(x, \"X\", 100, MSG_OOB) = 1\n"
	     "server recv(x, ..., 100, MSG_OOB) = -1 EINVAL\n"
	     "server recv(x, ..., 100, MSG_DONTWAIT) = -1 EWOULDBLOCK\n"
	     "client sendmsg(c, {msg_iov=[{iov_base=\"d\"}, {iov_base=\"ef\"}]}, 0) = 3\n"
	     "server recvmsg(x, {msg_iov=[{iov_base=\"de\", iov_len=2}, "
	     "{iov_base=\"f\"}], msg_flags=0}) = 3\n"
	     "client send(c, ..., 20000) = 20000\n"
	     "server recv(x, ..., 20000, MSG_WAITALL) = 20000\n"
	     "client shutdown(c, SHUT_WR) = 0\n"
	     "server recv(x, \"\", 100) = 0\n"
	     "client send(c, \"x\", 1, MSG_NOSIGNAL) = -1 EPIPE\n"
	     "server ioctl(x, SIOCOUTQ, [0]) = 0\n");
}

static void closing(void **state)
{
	(void)state;
	BOTH(ESTABLISHED
	     "server dup(x) = high\n"
	     "server fcntl(high, F_DUPFD, 100) = y\n"
	     "server fcntl(y, F_GETFD) = 0\n"
	     "server fcntl(high, F_DUPFD, -1) = -1 EINVAL\n" /* so its argument is passed on */
	     "server close(high) = 0\n"
	     "server close(x) = 0\n"
	     "server socket() = z\n" /* has the number that x had */
	     "server close(x) = -1 EBADF\n"
	     "server recv(x, ..., 10) = -1 EBADF\n"
	     "server poll([{fd=x, events=POLLIN}], 1, 0) = 1 ([{fd=x, revents=POLLNVAL}])\n"
	     "client send(c, \"a\") = 1\n"
	     "server recv(y, \"a\", 10) = 1\n"
	     "server close(y) = 0\n"
	     "client recv(c, \"\", 10) = 0\n"
	     "client close(-1) = -1 EBADF\n"
	     "client read(nosuch, ..., 1) = -1 EBADF\n"
	     "client socket() = x\n" /* a name may be bound again */
	     "client close(x) = 0\n");
}

static void option_calls(void **state)
{
	(void)state;
	BOTH(ESTABLISHED
	     "client setsockopt(c, SO_KEEPALIVE, 1) = 0\n"
	     "client getsockopt(c, SO_KEEPALIVE, [1]) = 0\n"
	     "client setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, [0], 4) = 0\n"
	     "client getsockopt(c, SOL_SOCKET, SO_KEEPALIVE, [0], [4]) = 0\n"
	     "client setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, NULL, 0) = -1 EINVAL\n"
	     "client setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, NULL, 4) = -1 EFAULT\n"
	     "client setsockopt(c, TCP_KEEPIDLE, 30) = 0\n"
	     "client getsockopt(c, IPPROTO_TCP, TCP_KEEPIDLE, [30], [4]) = 0\n"
	     "client setsockopt(c, SO_LINGER, {l_onoff=1, l_linger=3}) = 0\n"
	     "client getsockopt(c, SO_LINGER, {l_onoff=1, l_linger=3}) = 0\n"
	     "client setsockopt(c, SO_LINGER, {1, 0}) = 0\n"
	     "client getsockopt(c, SO_LINGER, {l_linger=0}) = 0\n"
	     "client setsockopt(c, SO_RCVTIMEO, {tv_sec=0, tv_usec=20000}) = 0\n"
	     "client getsockopt(c, SO_RCVTIMEO, {tv_sec=0, tv_usec=20000}) = 0\n"
	     "client recv(c, ..., 10) = -1 EAGAIN\n"
	     "client setsockopt(c, TCP_CONGESTION, \"reno\") = 0\n"
	     "client getsockopt(c, TCP_CONGESTION, \"reno\") = 0\n"
	     "client getsockopt(c, TCP_CONGESTION, [\"reno\"]) = 0\n"
	     "client setsockopt(c, TCP_CONGESTION, [\"reno\"]) = 0\n"
	     "client setsockopt(c, TCP_CONGESTION, \"no such\") = -1 ENOENT\n"
	     "client getsockopt(c, SO_TYPE, [SOCK_STREAM]) = 0\n"
	     "client getsockopt(c, SO_ERROR, [0]) = 0\n"
	     "server getsockopt(l, SO_ACCEPTCONN, [1]) = 0\n"
	     "client getsockopt(c, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_unacked=0}) = 0\n"
	     "client getsockopt(c, TCP_MAXSEG, [500..70000]) = 0\n"
	     "client getsockopt(c, SOL_SOCKET, 9999, [0]) = -1 ENOPROTOOPT\n");
	play(4, "client socket() = c\nclient getsockopt(c, SO_DOMAIN, [AF_INET]) = 0\n");
	play(6, "client socket() = c\nclient getsockopt(c, SO_DOMAIN, [AF_INET6]) = 0\n");
	BOTH("client socket(..., SOCK_STREAM|SOCK_NONBLOCK) = c\n"
	     "client connect(c, server:9) = -1 EINPROGRESS\n"
	     "client poll([{fd=c, events=POLLIN|POLLOUT|POLLRDHUP}], 1, -1) = 1 "
	     "([{fd=c, revents=POLLIN|POLLOUT|POLLERR|POLLHUP|POLLRDHUP}])\n"
	     "client getsockopt(c, SO_ERROR, [ECONNREFUSED]) = 0\n"
	     "client getsockopt(c, SO_ERROR, [0]) = 0\n"
	     "client connect(c, server:8080) = -1 ECONNABORTED\n");
}

/* A value that was set comes back as it was written, with or without a sign. */
static void option_numbers(void **state)
{
	(void)state;
	BOTH("client socket() = c\n"
	     "client setsockopt(c, SO_MARK, 0xffffffff) = 0\n"
	     "client getsockopt(c, SO_MARK, [0xffffffff]) = 0\n"
	     "client getsockopt(c, SO_MARK, [-1]) = 0\n"
	     "client getsockopt(c, SO_MARK, [>= 4294967295]) = 0\n"
	     "client getsockopt(c, SOL_SOCKET, SO_MARK, [4294967295], [4]) = 0\n"
	     "client setsockopt(c, SO_PRIORITY, 3000000000) = 0\n"
	     "client getsockopt(c, SO_PRIORITY, [3000000000..3000000001]) = 0\n"
	     "client setsockopt(c, TCP_NOTSENT_LOWAT, -1) = 0\n"
	     "client getsockopt(c, TCP_NOTSENT_LOWAT, [4294967295]) = 0\n"
	     "client setsockopt(c, TCP_USER_TIMEOUT, 0xffffffff) = -1 EINVAL\n"
	     "client setsockopt(c, TCP_USER_TIMEOUT, 2147483647) = 0\n"
	     "client getsockopt(c, TCP_USER_TIMEOUT, [2147483647]) = 0\n"
	     "client setsockopt(c, SO_PEEK_OFF, 0xffffffff) = 0\n"
	     "client getsockopt(c, SO_PEEK_OFF, [0xffffffff]) = 0\n"
	     "client getsockopt(c, SO_PEEK_OFF, [-2..-1]) = 0\n"
	     "client setsockopt(c, TCP_LINGER2, -1) = 0\n"
	     "client getsockopt(c, TCP_LINGER2, [-1]) = 0\n"
	     /* raw sequence numbers, of which half have the highest bit set */
	     "client setsockopt(c, TCP_REPAIR, 1) = 0\n"
	     "client setsockopt(c, TCP_REPAIR_QUEUE, 2) = 0\n"
	     "client setsockopt(c, TCP_QUEUE_SEQ, 0xfffffff0) = 0\n"
	     "client getsockopt(c, TCP_QUEUE_SEQ, [0xfffffff0]) = 0\n"
	     "client setsockopt(c, TCP_TIMESTAMP, 0xffff0000) = 0\n"
	     "client getsockopt(c, TCP_TIMESTAMP, [0xffff0000..0xffffffff]) = 0\n");
	/* 64 bits, of which the kernel also takes and gives 32: as many as it takes */
	BOTH("client socket() = c\n"
	     "client getsockopt(c, SO_MAX_PACING_RATE, [-1]) = 0\n"
	     "client getsockopt(c, SO_MAX_PACING_RATE, [0xffffffff]) = 0\n"
	     "client setsockopt(c, SO_MAX_PACING_RATE, 4000000000) = 0\n"
	     "client getsockopt(c, SO_MAX_PACING_RATE, [4000000000]) = 0\n"
	     "client setsockopt(c, SO_MAX_PACING_RATE, 5000000000) = 0\n"
	     "client getsockopt(c, SO_MAX_PACING_RATE, [5000000000]) = 0\n"
	     "client getsockopt(c, SOL_SOCKET, SO_MAX_PACING_RATE, [4294967295], [4]) = 0\n"
	     "client setsockopt(c, SOL_SOCKET, SO_MAX_PACING_RATE, [6000000000], 8) = 0\n"
	     "client getsockopt(c, SOL_SOCKET, SO_MAX_PACING_RATE, [6000000000], [8]) = 0\n"
	     "client setsockopt(c, SO_MAX_PACING_RATE, 0xffffffff) = 0\n"
	     "client getsockopt(c, SO_MAX_PACING_RATE, [-1]) = 0\n");
	play(4, "client socket() = c\n"
		"client setsockopt(c, IP_TOS, 0xfc) = 0\n"
		"client getsockopt(c, IP_TOS, [0xfc]) = 0\n"
		"client getsockopt(c, SOL_IP, IP_TOS, [252], [1]) = 0\n"
		"client setsockopt(c, SOL_IP, IP_TOS, [0x1fc], 1) = 0\n"
		"client getsockopt(c, IP_TOS, [252]) = 0\n");
	BOTH("client socket() = c\n"
	     "client epoll_create1() = e\n"
	     "client connect(c, server:9) = -1 ECONNREFUSED\n"
	     "client epoll_ctl(e, EPOLL_CTL_ADD, c, {events=EPOLLOUT, data=-1}) = 0\n"
	     "client epoll_wait(e, [{events=EPOLLOUT|EPOLLHUP, data=-1}], 8, 0) = 1\n");
}

/* Fields of 1, 2, 4 and 8 bytes, and parts of one; what a kernel does not return is not shown. */
static void test_whole_info(struct arena *a)
{
	unsigned char bytes[TCP_INFO_SIZE] = {0};
	const char *text;

	bytes[6] = 0xa7;   /* window scales */
	bytes[7] = 0x05;   /* limited, and 2 */
	bytes[240] = 0x34; /* total_rto */
	bytes[241] = 0x12;
	memset(bytes + 112, 0xff, 8); /* max_pacing_rate */
	bytes[279] = 0x01;
	text = struct_text(a, &struct_tcp_info, bytes, sizeof(bytes));
	assert_non_null(strstr(text, "tcpi_snd_wscale=7, tcpi_rcv_wscale=10, "));
	assert_non_null(
	    strstr(text, "tcpi_delivery_rate_app_limited=1, tcpi_fastopen_client_fail=2, "));
	assert_non_null(strstr(text, "tcpi_total_rto=4660, "));
	assert_non_null(strstr(text, "tcpi_max_pacing_rate=-1, "));
	assert_non_null(strstr(text, "tcpi_accecn_opt_seen=256}"));
	assert_null(strstr(struct_text(a, &struct_tcp_info, bytes, 278), "accecn_opt_seen"));
}

/* How each row's value is printed, whatever this machine's kernel has. */
static void option_texts(void **state)
{
	static const struct {
		const char *option;
		uint64_t value;
		size_t length;
		const char *text;
	} rows[] = {
	    {"SO_MARK", 0xffffffff, 4, "[4294967295]"},
	    {"SO_PRIORITY", 0x80000000, 4, "[2147483648]"},
	    {"SO_BUSY_POLL", 0x80000000, 4, "[2147483648]"},
	    {"TCP_WINDOW_CLAMP", 0xffffffff, 4, "[4294967295]"},
	    {"TCP_USER_TIMEOUT", 0x80000000, 4, "[2147483648]"},
	    {"TCP_NOTSENT_LOWAT", 0xffffffff, 4, "[4294967295]"},
	    {"TCP_QUEUE_SEQ", 0xdeadbeef, 4, "[3735928559]"},
	    {"TCP_TIMESTAMP", 0xdeadbeef, 4, "[3735928559]"},
	    {"TCP_TX_DELAY", 0xffffffff, 4, "[4294967295]"},
	    {"IP_LOCAL_PORT_RANGE", 0xfffe8000, 4, "[4294868992]"},
	    {"SO_INCOMING_CPU", 0xffffffff, 4, "[-1]"},
	    {"SO_PEEK_OFF", 0xffffffff, 4, "[-1]"},
	    {"TCP_LINGER2", 0xffffffff, 4, "[-1]"},
	    {"IP_TTL", 0xffffffff, 4, "[-1]"},
	    {"IP_TOS", 0xfc, 1, "[252]"},
	    {"SO_MAX_PACING_RATE", 5000000000, 8, "[5000000000]"},
	    {"SO_MAX_PACING_RATE", UINT64_MAX, 8, "[-1]"},
	    {"SO_MAX_PACING_RATE", UINT64_MAX, 4, "[4294967295]"},
	    {"SO_KEEPALIVE", 0, 0, "[]"},
	    {"SO_ERROR", 111, 4, "[ECONNREFUSED]"},
	};
	const struct tcp_info info = {
	    .tcpi_rto = 0xffffffff, .tcpi_retransmits = 255, .tcpi_snd_ssthresh = 1u << 31};
	const struct linger linger = {1, -1};
	struct arena a = {0};
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    sockopt_text(&a, sockopt_find(rows[i].option), &rows[i].value, rows[i].length),
		    rows[i].text);
	text = struct_text(&a, &struct_tcp_info, &info, sizeof(info));
	assert_non_null(strstr(text, "tcpi_rto=4294967295, "));
	assert_non_null(strstr(text, "tcpi_snd_ssthresh=2147483648, "));
	assert_non_null(strstr(text, "tcpi_retransmits=255, "));
	assert_null(strstr(text, "tcpi_pacing_rate")); /* the library's structure ends before it */
	test_whole_info(&a);
	assert_string_equal(struct_text(&a, &struct_linger, &linger, sizeof(linger)),
			    "{l_onoff=1, l_linger=-1}");
	arena_free(&a);
}

static void waiting_calls(void **state)
{
	(void)state;
	BOTH(ESTABLISHED
	     "server poll([{fd=x, events=POLLIN}], 1, 0) = 0 ([])\n"
	     "server poll([{fd=x, events=POLLIN}, {fd=l, events=POLLIN}, {x, POLLOUT}]) = 1 "
	     "([{fd=x, revents=POLLOUT}])\n"
	     "client send(c, \"hello\") = 5\n"
	     "server poll([{fd=l, events=POLLIN}, {fd=x, events=POLLIN}], 2, -1) = 1 "
	     "([{fd=x, revents=POLLIN}])\n"
	     "server select(..., [l x], NULL, NULL, NULL) = 1 (in [x])\n"
	     "server select(..., [l], [x], NULL, {tv_sec=1, tv_usec=0}) = 1 (out [x])\n"
	     "server select(..., [l], NULL, NULL, {tv_sec=0, tv_usec=1000}) = 0\n"
	     "server select(..., [l], [x], NULL, {tv_sec=9, tv_usec=0}) = 1 "
	     "(out [x], left {tv_sec=8, tv_usec=1..999999})\n"
	     "server select(..., [x], [x], NULL, {tv_sec=9, tv_usec=0}) = 2 (in [x], out [x])\n"
	     "server ppoll([{fd=x, events=POLLOUT}], 1, {tv_sec=9, tv_nsec=0}, [SIGUSR1]) = 1 "
	     "([{fd=x, revents=POLLOUT}])\n"
	     "server ppoll([{fd=l, events=POLLIN}], 1, {tv_sec=0, tv_nsec=1000000}) = 0\n"
	     "server pselect(..., [l], [x], NULL, {tv_sec=9, tv_nsec=0}, NULL) = 1 (out [x])\n"
	     "server select(..., [l], NULL, NULL, {tv_sec=-1, tv_usec=1001000}) = 0\n"
	     "server select(..., [l], NULL, NULL, {tv_sec=0, tv_usec=-1}) = -1 EINVAL\n"
	     "server pselect(..., [l], NULL, NULL, {tv_sec=0, tv_nsec=1000000000}, NULL) = -1 "
	     "EINVAL\n"
	     "server select(..., [nosuch], NULL, NULL, NULL) = -1 EBADF\n"
	     "server epoll_create() = e\n"
	     "server epoll_ctl(e, EPOLL_CTL_ADD, x, {events=EPOLLIN|EPOLLET}) = 0\n"
	     "server epoll_ctl(e, EPOLL_CTL_ADD, l, {events=EPOLLIN, data=17}) = 0\n"
	     "server epoll_ctl(e, EPOLL_CTL_ADD, x, {events=EPOLLIN}) = -1 EEXIST\n"
	     "server epoll_wait(e, [{events=EPOLLIN, data=x}], 8, 0) = 1\n"
	     "server epoll_wait(e, [], 8, 0) = 0\n"
	     "client socket() = d\n"
	     "client connect(d, server:8080) = 0\n"
	     "server epoll_wait(e, [{events=EPOLLIN, data=17}], 8, -1) = 1\n");
}

static void addresses(void **state)
{
	(void)state;
	BOTH("server socket() = l\n"
	     "server bind(l, localhost:0) = 0\n"
	     "server getsockname(l, localhost:1..65535) = 0\n"
	     "server bind(l, localhost:0) = -1 EINVAL\n"
	     "server socket() = m\n"
	     "server bind(m, server:8080, 4) = -1 EINVAL\n"
	     "server bind(m, {sa_family=AF_UNIX, server:8080}) = -1 EAFNOSUPPORT\n"
	     "server bind(m, NULL) = -1 EINVAL\n"
	     "server bind(m, {sa_family=AF_UNSPEC, server:80}) = -1 EAFNOSUPPORT\n");
	BOTH(ESTABLISHED "client connect(c, {sa_family=AF_UNSPEC}) = 0\n"
			 "client getpeername(c, ...) = -1 ENOTCONN\n"
			 "server recv(x, ..., 10) = -1 ECONNRESET\n"
			 "client connect(c, {AF_UNSPEC}) = 0\n");
	play(4, "server socket() = m\n"
		"server bind(m, {sa_family=AF_INET6, server:8080}) = -1 EAFNOSUPPORT\n"
		"server bind(m, {sa_family=AF_UNSPEC}) = 0\n");
	play(6, "server socket() = m\n"
		"server bind(m, {sa_family=AF_INET, server:8080}) = -1 EINVAL\n"
		"server bind(m, {sa_family=AF_UNSPEC}) = -1 EINVAL\n");
}

static void descriptor_calls(void **state)
{
	(void)state;
	BOTH(ESTABLISHED "server dup2(x, 1) = out\n"
			 "server close(x) = 0\n"
			 "server write(out, \"a\") = 1\n"
			 "client recv(c, \"a\", 10) = 1\n"
			 "server pipe([r w]) = 0\n"
			 "server read(w, ..., 1) = -1 EBADF\n"
			 "server setsockopt(w, SO_REUSEADDR, 1) = -1 ENOTSOCK\n"
			 "server dup2(out, w) = w\n"
			 "server read(r, \"\", 10) = 0\n"
			 "server dup2(w, w) = w\n"
			 "server dup2(r, nosuch) = -1 EBADF\n"
			 "server close(out) = 0\n"
			 "client recv(c, ..., 10, MSG_DONTWAIT) = -1 EAGAIN\n"
			 "server close(w) = 0\n"
			 "client recv(c, \"\", 10) = 0\n"
			 "server pipe2([p q], O_NONBLOCK) = 0\n"
			 "server read(p, ..., 10) = -1 EAGAIN\n"
			 "server socketpair(AF_UNIX, SOCK_STREAM, 0, [s t]) = 0\n"
			 "server write(s, \"ab\") = 2\n"
			 "server read(t, \"ab\", 10) = 2\n"
			 "server socketpair(AF_INET, SOCK_STREAM, 0, [u v]) = -1 EOPNOTSUPP\n"
			 "server read(u, ..., 10) = -1 EBADF\n");
	BOTH(ESTABLISHED
	     "client writev(c, [{iov_base=\"ab\"}, {iov_base=\"c\"}], 2) = 3\n"
	     "server readv(x, [{iov_base=\"a\", iov_len=1}, {iov_base=\"bc\"}], 2) = 3\n"
	     "client writev(c, [{iov_base=\"ab\"}, {iov_base=\"c\"}], 1) = 2\n"
	     "server recv(x, NULL, 1, MSG_TRUNC) = 1\n"
	     "server recv(x, \"b\", 10) = 1\n"
	     "client writev(c, [{iov_base=\"a\"}], -1) = -1 EINVAL\n"
	     "client writev(c, [{iov_base=\"a\"}], 1025) = -1 EINVAL\n"
	     "server readv(x, [{iov_base=...}], -1) = -1 EINVAL\n"
	     "client sendmsg(c, {msg_iov=[{iov_base=NULL, iov_len=3}]}) = -1 EFAULT\n"
	     "client send(c, NULL, 5) = -1 EFAULT\n"
	     "client send(c, \"a\") = 1\n"
	     "server read(x, NULL, 5) = -1 EFAULT\n"
	     "server setsockopt(x, SOL_SOCKET, SO_REUSEADDR, 0, 0) = -1 EINVAL\n"
	     "server setsockopt(x, SOL_SOCKET, SO_REUSEADDR, 0, 4) = -1 EFAULT\n");
}

/* As many as are written, in whatever list. */
static void long_lists(void **state)
{
	const char *pieces = "", *entries = "", *text;
	struct arena arena = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		pieces = arena_printf(&arena, "%s%s{iov_base=\"a\"}", pieces, i ? ", " : "");
		entries = arena_printf(&arena, "%s%s{fd=x, events=POLLIN}", entries, i ? ", " : "");
	}
	text = arena_printf(&arena,
			    ESTABLISHED "client writev(c, [%s], 100) = 100\n"
					"client sendmsg(c, {msg_iov=[%s]}) = 100\n"
					"server recv(x, ..., 200, MSG_WAITALL) = 200\n"
					"server poll([%s], 100, 0) = 0\n"
					"client send(c, \"a\") = 1\n"
					"server poll([%s], 100, 1000) = 100\n",
			    pieces, pieces, entries, entries);
	BOTH(text);
	arena_free(&arena);
}

static void limits(void **state)
{
	(void)state;
	BOTH("server prlimit(0, RLIMIT_NOFILE, {rlim_cur=6}, {rlim_cur=7..9999999}) = 0\n"
	     "server setrlimit(RLIMIT_NOFILE, {rlim_cur=4, rlim_max=6}) = 0\n"
	     "server getrlimit(RLIMIT_NOFILE, {rlim_cur=4, rlim_max=6}) = 0\n"
	     "server getrlimit(RLIMIT_NOFILE) = 0\n"
	     "server getrlimit(RLIMIT_NOFILE, NULL) = 0\n"
	     "server setrlimit(RLIMIT_NOFILE, {rlim_cur=7, rlim_max=6}) = -1 EINVAL\n"
	     "server setrlimit(RLIMIT_NOFILE, {4, 6}) = 0\n"
	     "server socket() = l\n"
	     "server socket() = -1 EMFILE\n"
	     "server dup(l) = -1 EMFILE\n"
	     "server close(l) = 0\n"
	     "server socket() = l\n"
	     "client socket() = c\n");
	BOTH("server capset(..., {effective=CAP_NET_RAW}) = 0\n"
	     "server capget(..., {effective=CAP_NET_RAW}) = 0\n"
	     "server socket() = l\n"
	     "server bind(l, :1023) = -1 EACCES\n"
	     "server bind(l, :1024) = 0\n"
	     "server capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, "
	     "{effective=CAP_NET_BIND_SERVICE|CAP_NET_RAW}) = 0\n"
	     "server socket() = m\n"
	     "server bind(m, :80) = 0\n"
	     "server capset(..., {effective=0, permitted=0}) = 0\n"
	     "server capget(..., {effective=0, permitted=0}) = 0\n"
	     "server capset(..., {effective=CAP_NET_RAW}) = -1 EPERM\n"
	     "server capset({version=0}, {effective=0}) = -1 EINVAL\n"
	     "client socket() = c\n"
	     "client bind(c, :1023) = 0\n");
}

/* The call as made names what the script left out, and no number that changes from run to run. */
static void signal_calls(void **state)
{
	(void)state;
	BOTH("client sigaction(SIGUSR1, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}) = 0\n"
	     "client sigaction(SIGUSR1, {sa_handler=handler, sa_mask=[SIGUSR2 SIGCHLD], "
	     "sa_flags=SA_RESTART|SA_RESETHAND}) = 0\n"
	     "client sigaction(SIGUSR1, {SIG_IGN}, {sa_handler=handler, "
	     "sa_mask=[SIGUSR2 SIGCHLD], sa_flags=SA_RESTART|SA_RESETHAND}) = 0\n"
	     "client sigaction(SIGUSR1, NULL, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}) = 0\n"
	     "client sigaction(SIGKILL, {sa_handler=SIG_IGN}) = -1 EINVAL\n"
	     "client raise(SIGUSR1) = 0\n"
	     "client signal(SIGPIPE, SIG_IGN) = handler\n"
	     "client signal(SIGPIPE, handler) = SIG_IGN\n"
	     "client signal(SIGHUP, SIG_DFL) = SIG_DFL\n"
	     "client signal(SIGSTOP, handler) = -1 EINVAL\n"
	     "client sigprocmask(SIG_BLOCK, [SIGTERM], []) = 0\n"
	     "client raise(SIGTERM) = 0\n"
	     "client sigprocmask(SIG_BLOCK, NULL, [SIGTERM]) = 0\n"
	     "client sigaction(SIGTERM, {sa_handler=SIG_IGN}) = 0\n"
	     "client sigprocmask(SIG_SETMASK, [], [SIGTERM]) = 0\n"
	     "client alarm(100) = 0\n"
	     "client alarm(0) = 100\n"
	     "client fork() = kid\n"
	     "client.kid alarm(0) = 0\n"
	     "client kill(kid, 0) = 0\n"
	     "client kill(kid, 77) = -1 EINVAL\n"
	     "client.kid kill(client, 0) = 0\n"
	     "client.kid signal(SIGPIPE, SIG_DFL) = handler\n"
	     "client signal(SIGPIPE, SIG_DFL) = handler\n");
}

static void texts(void **state)
{
	static const char *const expected[] = {
	    "socket(AF_INET, SOCK_STREAM, 0)",
	    "bind(l, :8080)",
	    "listen(l, 5)",
	    "socket(AF_INET, SOCK_STREAM, 0)",
	    "connect(c, server:8080)",
	    "setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, [1], 4)",
	    "getsockopt(c, SOL_SOCKET, SO_ERROR, [0], [4])",
	    "send(c, \"hello\", 5, 0)",
	    "recv(c, ..., 100, MSG_DONTWAIT)",
	    "setsockopt(c, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8)",
	    "poll([{fd=c, events=POLLIN}], 1, 0)",
	    "shutdown(c, SHUT_RDWR)",
	    "close(c)",
	};
	struct call_lab lab;

	(void)state;
	call_lab_open(&lab, 4,
		      "server socket() = l\n"
		      "server bind(l, :8080) = 0\n"
		      "server listen(l, 5) = 0\n"
		      "client socket() = c\n"
		      "client connect(c, server:8080) = 0\n"
		      "client setsockopt(c, SO_KEEPALIVE, 1) = 0\n"
		      "client getsockopt(c, SO_ERROR, [0]) = 0\n"
		      "client send(c, \"hello\") = 5\n"
		      "client recv(c, ..., 100, MSG_DONTWAIT) = -1 EAGAIN\n"
		      "client setsockopt(c, SO_LINGER, {l_onoff=1, l_linger=0}) = 0\n"
		      "client poll([{fd=c, events=POLLIN}], 1, 0) = 0\n"
		      "client shutdown(c, SHUT_RDWR) = 0\n"
		      "client close(c) = 0\n");
	for (int i = 0; i < (int)(sizeof(expected) / sizeof(expected[0])); i++)
		assert_string_equal(go(&lab, i).text, expected[i]);
	call_lab_close(&lab);
}

/* ---- constants ---- */

static void constants(void **state)
{
	int64_t value;

	(void)state;
	for (int e = 1; e < 134; e++) {
		const char *name = strerrorname_np(e);

		if (!name) /* 41 and 58 are no errors */
			continue;
		assert_true(constant_value(GROUP_errno, name, &value));
		assert_int_equal(value, e);
		assert_non_null(constant_name(GROUP_errno, e));
		assert_true(constant_value(GROUP_errno, constant_name(GROUP_errno, e), &value));
		assert_int_equal(value, e);
	}
	assert_string_equal(constant_name(GROUP_errno, EAGAIN), "EAGAIN");
	assert_true(constant_value(GROUP_errno, "EWOULDBLOCK", &value));
	assert_int_equal(value, EAGAIN);
	assert_string_equal(constant_name(GROUP_signal, SIGPIPE), "SIGPIPE");
	assert_false(constant_value(GROUP_errno, "SO_KEEPALIVE", &value));
	assert_true(constant_find("SO_KEEPALIVE", &value));
	assert_true(constant_value(GROUP_option, "TCP_KEEPIDLE", &value));
	assert_false(constant_find("EPIPES", &value));
	assert_null(constant_name(GROUP_errno, 12345));
	assert_int_equal(constant_group("POLLIN"), GROUP_poll);
	assert_int_equal(constant_group("TCP_NODELAY"), GROUP_option);
	assert_int_equal(constant_group("c"), NO_GROUP);
	assert_string_equal(nearest("ECONREFUSED", constant_names(GROUP_errno)), "ECONNREFUSED");
	assert_null(constant_names(NO_GROUP)[0]);
}

static void table(void **state)
{
	(void)state;
	for (const struct call_row *row = call_table; row->name; row++) {
		assert_ptr_equal(call_find(row->name), row);
		assert_ptr_equal(row, &call_table[row->id]);
	}
	assert_null(call_find("conect"));
	assert_string_equal(nearest("conect", call_names()), "connect");
	assert_non_null(call_find("vfork")->later);
	assert_true(call_find("close")->closes);
}

/* ---- comparison ---- */

static bool matches(const char *written, const char *seen)
{
	struct arena a = {0};
	struct arg *w = arg_parse(&a, written), *s = arg_parse(&a, seen);
	bool result;

	assert_non_null(w);
	assert_non_null(s);
	result = arg_matches(w, s, NULL, NULL);
	arena_free(&a);
	return result;
}

static void matching(void **state)
{
	(void)state;
	assert_true(matches("...", "\"hello\""));
	assert_true(matches("\"a\\n\"", "\"a\\012\""));
	assert_false(matches("\"a\"", "\"ab\""));
	assert_false(matches("\"\"", "\"a\""));
	assert_false(matches("\"1\"", "1"));
	assert_true(matches("5", "5"));
	assert_false(matches("5", "6"));
	assert_true(matches("*", "5"));
	assert_true(matches("4..6", "6"));
	assert_false(matches("4..6", "7"));
	assert_true(matches(">= 4", "9"));
	assert_false(matches(">= 4", "3"));
	assert_true(matches("$n", "3"));
	assert_true(matches("2 + 3", "5"));
	assert_true(matches("[ECONNREFUSED]", "[111]"));
	assert_true(matches("[111]", "[ECONNREFUSED]"));
	assert_true(matches("[EWOULDBLOCK]", "[EAGAIN]"));
	assert_false(matches("[0]", "[ECONNREFUSED]"));
	assert_false(matches("[ECONNREFUSED]", "[0]"));
	assert_true(matches("POLLIN|POLLHUP", "POLLHUP|POLLIN"));
	assert_false(matches("POLLIN", "POLLIN|POLLHUP"));
	assert_true(matches("POLLIN|POLLHUP", "POLLIN|16"));
	assert_false(matches("POLLIN", "POLLIN|1024"));
	assert_false(matches("POLLIN|POLLHUP", "POLLIN"));
	assert_true(matches("{fd=c}", "{fd=c, revents=POLLIN}"));
	assert_false(matches("{fd=c, revents=POLLIN}", "{fd=c}"));
	assert_false(matches("{fd=c}", "{fd=d}"));
	assert_false(matches("{fd=c}", "{fd=POLLIN}"));
	assert_true(matches("{1, 0}", "{l_onoff=1, l_linger=0}"));
	assert_true(matches("{1, ...}", "{l_onoff=1, l_linger=0}"));
	assert_false(matches("{1, 1}", "{l_onoff=1, l_linger=0}"));
	assert_true(matches("[]", "[]"));
	assert_false(matches("[]", "[1]"));
	assert_false(matches("[1]", "[]"));
	assert_false(matches("[1, 2]", "[1]"));
	assert_true(matches("[1, ...]", "[1, 2, 3]"));
	assert_true(matches("[...]", "[]"));
	assert_true(matches("server:8080", "server:8080"));
	assert_false(matches("server:8080", "client:8080"));
	assert_false(matches("server:8080", "server:8081"));
	assert_false(matches(":8080", "server:8080"));
	assert_true(matches("in [x]", "in [x]"));
	assert_false(matches("in [x]", "out [x]"));
	assert_false(matches("in [x]", "in [x, l]"));
	assert_false(matches("NULL", "server:8080"));
	assert_true(matches("[\"reno\"]", "\"reno\""));
	assert_false(matches("[\"reno\"]", "\"bbr\""));
	assert_false(matches("[1, 2]", "1"));
	/* 32 bits, with a sign or without one; but numbers are numbers */
	assert_true(matches("[-1]", "[4294967295]"));
	assert_true(matches("[4294967295]", "[-1]"));
	assert_true(matches("[0 - 1]", "[4294967295]"));
	assert_false(matches("[-2]", "[4294967295]"));
	assert_false(matches("[-1]", "[8589934591]"));
	assert_false(matches("[>= 0]", "[-1]"));
	assert_false(matches("-1", "4294967295"));
	assert_false(matches("{tv_sec=-1}", "{tv_sec=4294967295}"));
}

/* ---- diagnostics ---- */

/* The checker's diagnostic for a call, "" if there is none; `column`: its place. */
static void complains(const char *call, int column, const char *message)
{
	struct arena a = {0};
	struct diagnostics c = {.arena = &a};
	char text[256];
	struct source source = {"t", text, 0};
	struct script *script;

	source.length = (size_t)snprintf(text, sizeof(text), "client %s\n", call);
	script = script_parse(&a, &source, &c);
	diagnostics_print(stderr, &c);
	assert_non_null(script);
	assert_int_equal(c.count, 0);
	assert_int_equal(call_check(&script->lines[0].call, NULL, &c), !message);
	if (message) {
		assert_int_equal(c.count, 1);
		if (!strstr(c.list[0].message, message))
			fail_msg("'%s' is not in '%s'", message, c.list[0].message);
		assert_int_equal(c.list[0].place.column, column);
	} else if (c.count) {
		fail_msg("%s: %s", call, c.list[0].message);
	}
	arena_free(&a);
}

static void checking(void **state)
{
	(void)state;
	complains("conect(c, server:8080) = 0", 8, "unknown call 'conect'; did you mean connect?");
	complains("connect(c) = 0", 8, "too few arguments: connect(fd, address [, length])");
	complains("close(c, d) = 0", 17, "too many arguments: close(fd)");
	complains("connect(c, 8080) = 0", 19, "an address, such as server:8080");
	complains("connect(7, server:8080) = 0", 16, "the name of a descriptor");
	complains("connect(..., server:8080) = 0", 16, "the name of a descriptor");
	complains("shutdown(c, SHUT_WT) = 0", 20,
		  "unknown constant 'SHUT_WT'; did you mean SHUT_WR?");
	complains("shutdown(c, MSG_PEEK) = 0", 20, "'MSG_PEEK' is of another kind (msg), not how");
	complains("setsockopt(c, SO_KEEPALIV, 1) = 0", 22,
		  "unknown constant 'SO_KEEPALIV'; did you mean SO_KEEPALIVE?");
	complains("setsockopt(c, SOL_SOCKET, TCP_NODELAY, [1], 4) = 0", 34,
		  "TCP_NODELAY is an option of SOL_TCP, not of SOL_SOCKET");
	complains("setsockopt(c, SO_LINGER, {l_on=1}) = 0", 34,
		  "no field 'l_on' here; these are there: l_onoff, l_linger");
	complains("getsockopt(c, TCP_INFO, {state=1}) = 0", 33, "did you mean tcpi_state?");
	complains("setsockopt(c, SO_LINGER, {1, 2, 3}) = 0", 40,
		  "there are no more fields; these are there: l_onoff, l_linger");
	complains("setsockopt(c, TCP_CONGESTION, 1) = 0", 38, "a string");
	complains("setsockopt(c, SO_MARK, 4294967296) = 0", 31,
		  "SO_MARK cannot have that value: it has 32");
	complains("setsockopt(c, SO_MARK, -2147483649) = 0", 31, "it has 32 bits");
	complains("getsockopt(c, SO_MARK, [5000000000]) = 0", 32, "it has 32 bits");
	complains("setsockopt(c, SO_MARK, 4294967295) = 0", 0, NULL);
	complains("setsockopt(c, SOL_SOCKET, SO_MARK, [4294967296], 4) = 0", 0, NULL);
	complains("setsockopt(c, SO_MAX_PACING_RATE, 5000000000) = 0", 0, NULL);
	complains("setsockopt(c, SO_LINGER, {l_onoff=1, l_linger=4294967295}) = 0", 54,
		  "l_linger cannot have that value: it has 32 bits, and a sign");
	complains("getsockopt(c, TCP_INFO, {tcpi_retransmits=256}) = 0", 50,
		  "tcpi_retransmits cannot have that value: it has 8 bits, and no sign");
	complains("getsockopt(c, TCP_INFO, {tcpi_rto=4294967295}) = 0", 0, NULL);
	complains("getsockopt(c, TCP_INFO, {tcpi_rcv_wscale=15}) = 0", 0, NULL);
	complains("getsockopt(c, TCP_INFO, {tcpi_rcv_wscale=16}) = 0", 49, "it has 4 bits");
	complains("getsockopt(c, TCP_INFO, {tcpi_total_rto=65536}) = 0", 48, "it has 16 bits");
	complains("getsockopt(c, TCP_INFO, {tcpi_max_pacing_rate=-1}) = 0", 0, NULL);
	complains("getsockopt(c, TCP_INFO, {tcpi_rto=-1}) = 0", 42, "no sign");
	complains("getsockopt(c, SO_ERROR, [ECONREFUSED]) = 0", 33, "did you mean ECONNREFUSED?");
	complains("getsockopt(c, SO_ERROR, 0) = 0", 32, "[ECONNREFUSED]");
	complains("send(c, ...) = 5", 16, "needs a length");
	complains("send(c, 5) = 5", 16, "a string or ...");
	complains("send(c, \"a\", *) = 1", 21, "a number");
	complains("send(c, ..., 99999999999) = 5", 21, "0 to 67108864");
	complains("send(c, ..., -1) = -1 EFAULT", 21, "0 to 67108864");
	/* Numbers that would change before the kernel has them. */
	complains("listen(c, 4294967296) = 0", 18, "-2147483648 to 4294967295");
	complains("kill(client, 4294967305) = 0", 21, "kill()'s signal is");
	complains("send(c, \"a\", 1, 4294967296) = 1", 24, "send()'s flags is");
	complains("setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, [1], 4294967300) = 0", 53, "length is");
	complains("setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, [1], -1) = -1 EINVAL", 0, NULL);
	complains("connect(c, server:65536) = 0", 26, "a port is 0 to 65535");
	complains("bind(c, :-1) = 0", 17, "a port is 0 to 65535");
	complains("bind(c, {sa_family=AF_INET, server:65616}) = 0", 43, "a port is 0 to 65535");
	complains("getpeername(c, server:65616) = 0", 30, "a port is 0 to 65535");
	complains("sendmsg(c, {msg_iov=[{iov_base=\"a\"}], msg_name=server:65616}) = 1", 62,
		  "a port is 0 to 65535");
	complains("poll([{fd=c, events=POLLIN}], 2, 0) = 0", 38, "there is 1 in the list");
	complains("poll([{fd=c, events=POLLIN}], 0, 0) = 0", 0, NULL);
	complains("poll([{fd=c, events=65540}], 1, 0) = 0", 28, "events is -32768 to 65535");
	complains("poll([{fd=c, events=POLLIN}], 1, 0) = 1 ([{fd=c, revents=65537}])", 65,
		  "revents is -32768 to 65535");
	complains("epoll_ctl(e, EPOLL_CTL_ADD, c, {events=4294967297}) = 0", 47, "events is");
	complains("sendmsg(c, {msg_iov=[{iov_base=\"a\", iov_len=-1}]}) = 0", 52,
		  "iov_len is 0 to 67108864");
	complains("connect(c, {sa_family=65538, server:80}) = 0", 30, "sa_family is 0 to 65535");
	complains("sigaction(SIGUSR1, {sa_handler=handler, sa_flags=4294967296}) = 0", 57,
		  "sa_flags is");
	complains("waitpid(kid, [{WEXITSTATUS=259}]) = kid", 35, "WEXITSTATUS is 0 to 255");
	complains("send(r, {type=ICMP_ECHO, id=65543}) = 8", 36, "id is 0 to 65535");
	complains("writev(c, [{iov_base=\"a\"} {iov_base=\"b\"}], 3) = 2", 51,
		  "there are 2 in the list");
	complains("writev(c, [{iov_base=\"a\"}], 1025) = -1 EINVAL", 0, NULL);
	complains("poll([{fd=c, events=POLIN}], 1, 0) = 0", 21, "did you mean POLLIN?");
	complains("poll([{fd=c, event=POLLIN}], 1, 0) = 0", 21, "did you mean events?");
	complains("poll(c, 1, 0) = 0", 13, "a list such as");
	complains("poll([{fd=c, events=POLLIN}], 1, 0) = 1 ([{fd=c, revents=POLLIM}])", 57,
		  "did you mean POLLIN?");
	complains("getsockopt(c, TCP_CONGESTION, [1]) = 0", 38, "a string");
	complains("bind(c, {sa_family=AF_INT}) = 0", 17, "did you mean AF_INET?");
	complains("bind(c, {server:80}) = 0", 16, "{sa_family=AF_UNSPEC}");
	complains("bind(c, {sa_family=AF_INET, 80}) = 0", 36, "{sa_family=AF_UNSPEC}");
	complains("bind(c, {sa_family=AF_INET, server:*}) = 0", 36, "{sa_family=AF_UNSPEC}");
	complains("sendto(c, {typ=ICMP_ECHO}, ..., 0, server:0) = 8", 19, "no field 'typ' here");
	complains("sendto(c, {type=ICMP_ECO}, ..., 0, server:0) = 8", 19, "did you mean ICMP_ECHO");
	complains("recvmsg(c, {msg_iov=[{iov_bas=\"a\"}]}) = 0", 30, "did you mean iov_base?");
	complains("recvmsg(c, {msg_control=[{ee_errno=ECONNREFUSE}]}) = 0", 34,
		  "did you mean ECONNREFUSED?");
	complains("recvmsg(c, {msg_control=5}) = 0", 20, "[{ee_errno=ECONNREFUSED}]");
	complains("setrlimit(RLIMIT_NOFIL, {rlim_cur=5}) = 0", 18, "did you mean RLIMIT_NOFILE?");
	complains("setrlimit(RLIMIT_NOFILE, {rlim_curr=5}) = 0", 34, "did you mean rlim_cur?");
	complains("setrlimit(RLIMIT_NOFILE, 5) = 0", 33, "{rlim_cur=5, rlim_max=5}");
	complains("prlimit(1, RLIMIT_NOFILE, NULL, ...) = 0", 16, "the process itself");
	complains("capset(..., {effective=CAP_NET_RAWW}) = 0", 21, "did you mean CAP_NET_RAW?");
	complains("poll([{fd=c, events=POLLIN|16x}], 1, 0) = 0", 21, "'16x'");
	complains("ppoll([{fd=c, events=POLLIN}], 1, {tv_nsek=1}) = 0", 43,
		  "did you mean tv_nsec?");
	complains("pselect(..., [c], NULL, NULL, NULL, [SIGUSR]) = 0", 45, "did you mean SIGUSR1?");
	complains("ppoll([{fd=c, events=POLLIN}]) = 1 ([{fd=c}], left {tv_sec=1})", 0, NULL);
	complains("dup2(c, 3) = d", 16, "the name of a descriptor, or 0, 1 or 2");
	complains("pipe([r]) = 0", 13, "two new names, such as [r w]");
	complains("pipe(...) = 0", 13, "two new names, such as [r w]");
	complains("socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = 0", 44,
		  "two new names, such as [r w]");
	complains("pipe(r) = 0", 13, "two new names, such as [r w]");
	complains("writev(c, \"a\") = 1", 18, "a list such as [{iov_base=\"a\"}]");
	complains("poll([{fd=c, events=POLLIN}], 1, 0) = 0 (Timeout)", 0, NULL);
	complains("kill(5, SIGTERM) = 0", 13, "the name of a process");
	complains("kill(-1, SIGTERM) = 0", 13, "the name of a process");
	complains("waitpid(5) = kid", 16, "the name of a process, or -1,");
	complains("kill(kid, SIGTREM) = 0", 18, "did you mean SIGTERM?");
	complains("sigaction(SIGTERM, SIG_IGN) = 0", 27, "{sa_handler=handler");
	complains("sigaction(SIGTERM, {sa_handler=SIG_IG}) = 0", 28, "did you mean SIG_IGN?");
	complains("sigaction(SIGTERM, {sa_mask=[SIGUSR3]}) = 0", 37, "did you mean SIGUSR1?");
	complains("sigprocmask(SIG_BLOCK, SIGUSR1) = 0", 31, "[SIGUSR1 SIGCHLD]");
	complains("sigprocmask(SIG_BLOCK, [5]) = 0", 32, "[SIGUSR1 SIGCHLD]");
	complains("wait4(kid, {WEXITSTATUS=0}) = kid", 19, "[{WEXITSTATUS=0}]");
	complains("wait4(kid, [{WEXITSTATS=0}]) = kid", 21, "did you mean WEXITSTATUS?");
	complains("exit(0) = 0", 8, "'= ?' says so");
	complains("exit(0) ...", 8, "'= ?' says so");
	complains("thread() = 0", 8, "a new thread or process needs a name");

	complains("setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, NULL, 0) = -1 EINVAL", 0, NULL);
	complains("setsockopt(c, SO_LINGER, {1, 0}) = 0", 0, NULL);
	complains("setsockopt(c, SO_LINGER, 1) = -1 EINVAL", 0, NULL);
	complains("getsockopt(c, TCP_MAXSEG, [536]) = 0", 0, NULL);
	complains("socket(..., SOCK_STREAM|SOCK_NONBLOCK) = c", 0, NULL);
	complains("send(c, ..., 1000, MSG_DONTWAIT) = $n", 0, NULL);
	complains("listen(l, $backlog) = 0", 0, NULL);
	complains("listen(l, $backlog + 1) = 0", 0, NULL);
	complains("accept(l) = x", 0, NULL);
	complains("fork() = kid", 0, NULL);
	complains("thread() = t2", 0, NULL);
	complains("close(-1) = -1 EBADF", 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(connect_calls),  cmocka_unit_test(accept_calls),
	    cmocka_unit_test(datagram_calls), cmocka_unit_test(icmp_calls),
	    cmocka_unit_test(data_calls),     cmocka_unit_test(closing),
	    cmocka_unit_test(option_calls),   cmocka_unit_test(waiting_calls),
	    cmocka_unit_test(option_numbers), cmocka_unit_test(option_texts),
	    cmocka_unit_test(addresses),      cmocka_unit_test(descriptor_calls),
	    cmocka_unit_test(long_lists),     cmocka_unit_test(limits),
	    cmocka_unit_test(signal_calls),   cmocka_unit_test(texts),
	    cmocka_unit_test(constants),      cmocka_unit_test(table),
	    cmocka_unit_test(matching),	      cmocka_unit_test(checking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
