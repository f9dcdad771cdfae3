/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker: it finds each kind of mistake, at its place, and none in correct scripts; to which
 * connection packet lines belong.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include "harness/calls/calls.h"
#include "harness/calls/sockopts.h"
#include "harness/packet/icmp.h"
#include "tests/scripts.h"

static struct run *run_of(const char *text)
{
	return expand_nth(parse_good(text), &facts_6_18, 0);
}

static struct run *checked(const char *text)
{
	struct run *run = run_of(text);

	if (!script_check(&arena, run, &diagnostics))
		fail_msg("%s", diagnosed());
	return run;
}

static void refused(const char *text, int line, int column, const char *what)
{
	assert_false(script_check(&arena, run_of(text), &diagnostics));
	expect_diagnostic(line, column, what);
	diagnostics.count = 0;
	diagnostics.list = NULL;
}

/* The beginning of most tests, in one line so that their own lines begin with line 2. */
#define CONNECTED "use established\n" /* client c <-> server l, x */
#define SOCKET	  "client  socket() = c\n"

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(data_names); i++) {
		struct script *s = load_data(data_names[i]);
		struct binding **sets;
		size_t count, n = script_combinations(&arena, s, &sets, &count, &diagnostics);

		for (size_t j = 0; j < n; j++) {
			struct run *run = expand_nth(s, &facts_6_18, j);

			if (!script_check(&arena, run, &diagnostics))
				fail_msg("%s", diagnosed());
		}
	}
}

static void test_words(void **state)
{
	(void)state;
	refused("clinet  socket() = c", 1, 1, "unknown host 'clinet'; did you mean client?");
	refused("qqq  socket() = c", 1, 1, "expected one of client router server");
	refused("nobody  socket() = c", 1, 1, "an address without a machine");
	refused("router  socket() = c", 1, 1, "the router makes no calls");
	refused("client  soket() = c", 1, 9, "unknown call 'soket'; did you mean socket?");
	refused(SOCKET "client  connect(c, serve:80) = 0", 2, 20, "did you mean server?");
	refused(SOCKET "client  connect(c, server:80) = -1 ECONREFUSED", 2, 36,
		"unknown errno 'ECONREFUSED'; did you mean ECONNREFUSED?");
	refused(SOCKET "client  bind(c, :80) = 0 EPIPE", 2, 24, "an errno follows only -1");
	refused(CONNECTED "client  send(c, \"a\") = ECONNRESET", 2, 24,
		"an errno follows -1; expected '-1 ECONNRESET'");
	refused("client  socket() = EMFILE", 1, 20, "expected '-1 EMFILE'");
	refused(CONNECTED "client  ss c ESTABLISHED", 2, 14, "did you mean ESTAB?");
	refused(CONNECTED "client  ss c TIMEWAIT", 2, 14, "did you mean TIME-WAIT?");
	refused(CONNECTED "client  ss c ESTAB timer:(keepaliv,1s,0)", 2, 26,
		"did you mean keepalive?");
	refused("client  signal SIGUSR", 1, 16, "did you mean SIGUSR1?");
	refused("client  nstat ListenDrops +1", 1, 15, "nstat's names begin with Tcp");
	refused("client  nstat Tcpretrans +1", 1, 15, "unknown counter");
	checked("client  nstat TcpExtTCPTimeouts +1 IpInReceives +0 Icmp6InMsgs +0 TcpOutRsts +0");
	refused("client  sysctl tcp_retries2 = 3", 1, 16, "did you mean net.ipv4.tcp_retries2?");
	refused("client  sysctl kernel.panic = 3", 1, 16, "must begin with net.");
	refused("client  sysctl net.ipv4..x = 3", 1, 16, "a part of it is empty");
	refused("client  sysctl net.a%b = 3", 1, 21, "'%' cannot be in");
	refused(CONNECTED "client> S lost at sever", 2, 19, "did you mean server?");
	refused(CONNECTED "client> S lost at nowhere", 2, 19, "an address without a machine");
	refused(CONNECTED "router> icmp host-unreach", 2, 14, "unknown ICMP message");
	refused(CONNECTED "router> icmp host-unrechable", 2, 14, "did you mean host-unreachable?");
	refused(CONNECTED "router> icmp ttl-exceeded (5)", 2, 9, "has no data of its own");
	refused(CONNECTED "server> icmp echo-reply [S]", 2, 9, "quotes nothing");
	refused(CONNECTED "router> icmp ttl-exceeded [icmp frag-needed]", 2, 9, "quotes another");
	refused(CONNECTED "router> icmp ttl-exceeded [icmp echo]", 2, 33, "unknown ICMP message");
	checked(CONNECTED "router> icmp ttl-exceeded [icmp echo-request (4)]");
	refused("router  reject client> udp with tcp-reset", 1, 33, "answers TCP only");
	refused("router  reject client> S with echo-reply", 1, 31, "unknown answer");
	refused("router  drop sever> S", 1, 14, "did you mean server?");
	refused("router  drop client> 1..5:6(5)", 1, 22, "expected that or '*'");
	refused("router  drop S (>= 5)", 1, 17, "compares with one number");
	refused("router  drop client> 1:6(4)", 1, 24, "1 and a length of 4 make 5");
	refused("router  drop client> 9223372036854775807:9(5)", 1, 22,
		"a sequence number is -2147483648");
	refused("router  drop 1:6(5)", 1, 14, "each side has its own numbers");
	refused("router  hold P. 1:6(5)", 1, 14, "each side has its own numbers");
	refused("router  drop client> *:6(*)", 1, 24, "by their end alone");
	refused("router  drop client> S 1:4(3)", 1, 24, "it begins at 0");
	checked("router  drop S 0:3(3)\nrouter  drop server> S. *:3(3)\nrouter  hold client>\n"
		"router  release 1:6(5)\nrouter  release *:6(*)");
	refused("router  drop udp (65508)", 1, 19, "a datagram's length is 0 to 65507");
	refused("router  hold S (-1)", 1, 17, "a segment's length is 0 to 65455");
	refused("router  drop skip 4294967294", 1, 19, "skip is 0 to 4294967293");
	refused("router  drop times 0", 1, 20, "times is 1 to");
	refused("router  drop times *", 1, 20, "expected a number");
	checked("router  drop client> *:*(5) skip 0 times 4294967293");
	refused("router  reject with tcp-rest", 1, 21, "did you mean tcp-reset?");
	checked("router  reject client> S with host-unreachable\nrouter drop ghost>");
	refused("server.t2 mute", 1, 1, "concerns the host");
	refused("router  reject S with 3", 1, 23, "an answer has a code, too; expected 3/0");
	refused("router  reject S with 13/0", 1, 23, "type 13 is no error of ICMP");
	refused("router  drop icmp 8", 1, 19, "that is an echo-request; expected this name");
	refused("router  drop icmp 3/256", 1, 21, "an ICMP code is 0 to 255, not 256");
	checked("router  drop icmp 3/7\nrouter  drop icmp 12");
	refused("router  forge client> udp (5)", 1, 23, "'forge client> udp' cannot be done");
	refused(CONNECTED "client  forge server> S", 2, 1, "expected router");
}

#define ADDRESSES                                                                                  \
	"expected one of client router server nobody nowhere ghost broadcast client2 server2"

/* Nobody can guess the addresses; and they are not numbers. */
static void test_unknown_addresses(void **state)
{
	(void)state;
	refused(SOCKET "client  connect(c, elsewhere:80) = 0", 2, 20,
		"unknown host 'elsewhere'; " ADDRESSES " localhost");
	refused(SOCKET "client  connect(c, server3:80) = 0", 2, 20,
		ADDRESSES " localhost; did you mean server?");
	refused(CONNECTED "client> S to elsewhere", 2, 14, ADDRESSES);
	refused("router  drop elsewhere>", 1, 14, ADDRESSES);
}

/* A value that is looked up in the table of another call's data need not be a name. */
static void test_closed_data(void **state)
{
	(void)state;
	refused(CONNECTED "client  epoll_create1() = e\nclient  close(c) = 0\n"
			  "client  epoll_wait(e, [{events=EPOLLIN, data=c}], 8, 0) = 1",
		4, 41,
		"closed above; as data of an event a number would do, here and in epoll_ctl()");
	checked(CONNECTED "client  epoll_create1() = e\n"
			  "client  epoll_ctl(e, EPOLL_CTL_ADD, c, {events=EPOLLIN, data=7}) = 0\n"
			  "client  close(c) = 0\n"
			  "client  epoll_wait(e, [{events=EPOLLIN, data=7}], 8, 0) = 1");
}

/* Among the arguments it would not be compared with anything. */
static void test_revents(void **state)
{
	(void)state;
	refused(CONNECTED "client  poll([{fd=c, events=POLLIN, revents=POLLIN}], 1, 0) = 1", 2, 37,
		"what poll() finds is written after its result");
	checked(CONNECTED
		"client  poll([{fd=c, events=POLLIN}], 1, 0) = 1 ([{fd=c, revents=POLLIN}])");
}

static void test_copies(void **state)
{
	(void)state;
	checked(CONNECTED "server  dup2(x, 1) = out\nserver  close(x) = 0\nserver  close(out) = 0\n"
			  "server:out> F.");
	checked(CONNECTED "server  pipe([r w]) = 0\nserver  dup2(x, w) = w\nserver:w> P.\n");
	checked(CONNECTED "server  socketpair(AF_UNIX, SOCK_STREAM, 0, [r w]) = 0\n"
			  "server  poll([{fd=r, events=POLLIN}], 1, 0) = 0\n");
	refused(CONNECTED "server  dup2(l, x) = x", 2, 17, "'x' is a connection already");
	refused(CONNECTED "server  dup2(x, w) = w", 2, 17, "'w' does not exist here");
	refused(CONNECTED "server  pipe([x w]) = 0", 2, 15,
		"'x' is in use since tests/data/established.tcp:8");
	refused(CONNECTED "server  pipe([r w]) = -1 EMFILE\nserver  close(r) = 0", 3, 15,
		"'r' does not exist here");
	refused(CONNECTED "client  setsockopt(c, SO_LINGER, {l_onoff=$n}) = 0", 2, 43,
		"$n has no value here");
}

static void test_tables(void **state)
{
	(void)state;
	checked(CONNECTED "server  ss l LISTEN 0 $n\ntable a=$n \"b c\"=$n+1\ntable d=word");
	refused(CONNECTED "table a=$n", 2, 9, "$n has no value here");
	refused(CONNECTED "table a=1 a=2", 2, 11, "a column 'a' already");
	refused(CONNECTED "table a=1\ntable \"a\"=2", 3, 7, "a column 'a' already");
	refused(CONNECTED "table a=*", 2, 9, "a number, $name or a word");
	refused(CONNECTED "server  ss l LISTEN 0 $n\ntable a=n", 3, 9, "did you mean $n?");
	checked(CONNECTED "server  ss l LISTEN 0 $n\ntable a=\"n\" n=a");
	refused(CONNECTED "server  ss l LISTEN 0 $n\nclient  recv(c, ..., n) = 1", 3, 22,
		"did you mean $n?");
	refused("server  socket() = s\nserver  getsockopt(s, SO_RCVBUF, [$backlog]) = 0\n"
		"server  listen(s, backlog) = 0",
		3, 19, "takes a constant or a number here (its backlog); did you mean $backlog?");
	checked("param SHUT_WR = 0 1\n" CONNECTED "client  shutdown(c, SHUT_WR) = 0\n");
}

static void test_addresses(void **state)
{
	(void)state;
	checked(SOCKET "client  connect(c, server2:80) = 0\nclient> S to server2:80\n");
	checked(SOCKET "client  connect(c, localhost:80) = 0\nclient  ss c ESTAB\n");
	checked("router  drop client2> S\nrouter  ip route add unreachable server2\n");
	checked("server  socket() = l\nserver  bind(l, :0) = 0\n"
		"server  getsockname(l, server:$p) = 0\n" SOCKET
		"client  connect(c, {sa_family=AF_INET, server:$p}) = 0\nclient> S\n");
	refused("client2  socket() = c", 1, 1, "an address of client; expected client");
	refused("client  socket() = server2", 1, 20, "cannot be the name of a descriptor");
	refused(SOCKET "client  connect(c, server:$p) = 0", 2, 27, "$p has no value here");
	refused(SOCKET "client  connect(c, server3:80) = 0", 2, 20, "did you mean server?");
	refused(SOCKET "client  connect(c, {sa_family=AF_INET, serve:80}) = 0", 2, 40,
		"did you mean server?");
	refused(SOCKET "client  connect(c, localhost:80) = 0\nclient> S", 3, 1,
		"the packets of 'c' stay in client");
	refused(SOCKET "client  connect(c, client2:80) = 0\nclient:c> S", 3, 1,
		"the packets of 'c' stay in client");
	refused("router  drop localhost> S", 1, 14, "no fault sees it");
	refused(CONNECTED "client> S to localhost", 2, 14, "no capture");
}

static void test_names(void **state)
{
	(void)state;
	refused("client  connect(c, server:80) = 0", 1, 17, "'c' does not exist here");
	refused("client  socket() = conn\nclient  connect(con, server:80) = 0", 2, 17,
		"did you mean conn?");
	/* one diagnostic, not one in every line */
	refused("client  connect(c, server:80) = 0\nclient> S\nclient  close(c) = 0", 1, 17, "");
	refused(SOCKET "server  connect(c, server:80) = 0", 2, 17,
		"a descriptor of client, not of server");
	refused(SOCKET "client  socket() = c", 2, 20, "'c' is in use since line 1");
	refused(SOCKET "server  socket() = c", 2, 20, "a name of client's since line 1");
	checked(SOCKET "client  close(c) = 0\nclient  socket() = c");
	refused(SOCKET "client  close(c) = 0\nclient  listen(c, 5) = 0", 3, 16,
		"it has been closed above");
	checked(SOCKET "client  close(c) = 0\nclient  close(c) = -1 EBADF");
	checked(SOCKET "client  close(c) = -1 EINTR\nclient  close(c) = 0");
	refused("client  socket() = server", 1, 20, "cannot be the name");
	refused("client  socket() = C", 1, 20, "cannot be the name");
	refused("client  socket() = 3", 1, 20, "expected a name for it");
	checked("client  socket() = -1 EMFILE");
	refused(SOCKET "client  bind(c, :80) = d", 2, 24, "makes nothing that could be called");
	refused("client  poll([{fd=c, events=POLLIN}], 1, 0) = 0", 1, 16,
		"'c' does not exist here");
	refused(SOCKET "client  close(c) = 0\nclient  poll([{fd=c, events=POLLIN}], 1, 0) = 0", 3,
		16, "closed");
	/* an option's list holds no descriptors */
	checked(CONNECTED "client  setsockopt(c, TCP_CONGESTION, \"reno\") = 0");
	/* its socket may still be asked for, and packets come */
	checked(CONNECTED "client  close(c) = 0\nclient> F.\nclient  ss c FIN-WAIT-2");
	refused("client  ss c ESTAB", 1, 12, "'c' does not exist here");
	checked(CONNECTED "server  ss c ESTAB\nclient ss x ESTAB"); /* a connection has two ends */
	refused(SOCKET "server  ss c UNCONN", 2, 12,
		"no connection that server could have an end of");
}

static void test_threads(void **state)
{
	(void)state;
	refused("server.t2  socket() = c", 1, 1, "server has no thread or process 't2'");
	refused("server  thread() = t1\nserver.t2  socket() = c", 2, 1, "did you mean t1?");
	refused("server  thread() = t1\nserver  thread() = t1", 2, 20,
		"'t1' is in use since line 1");
	refused("server  socket() = t1\nserver  thread() = t1", 2, 20,
		"'t1' is in use since line 1");
	checked(CONNECTED
		"server  thread() = t2\nserver.t2  recv(x, ..., 9) ...\nserver  close(x) = 0");
	refused(CONNECTED "server  recv(x, ..., 9) ...\nserver  close(x) = 0", 3, 1,
		"server is still in the recv() of line 2");
	checked(
	    CONNECTED
	    "server  recv(x, ..., 9) ...\nserver  ... recv(x, ..., 9) = 0\nserver  close(x) = 0");
	refused(CONNECTED "server  ... recv(x, ..., 9) = 0", 2, 1, "was not left in a call");
	refused(CONNECTED "server  recv(x, ..., 9) ...\nserver  ... send(x, \"a\", 1) = 1", 3, 13,
		"was left in the recv() of line 2");
	refused(CONNECTED "server  recv(x, ..., 9) ...\nserver  ... recv(l, ..., 9) = 1", 3, 13,
		"was left in the recv() of line 2");
	checked(CONNECTED "server  recv(x, ..., 9) ...\nserver  ... recv() = 0");
	/* threads share what is open */
	refused(CONNECTED
		"server  thread() = t2\nserver.t2  close(x) = 0\nserver  recv(x, ..., 9) = 0",
		4, 14, "closed above");
}

/* A value is written where a call fills something in, but none can come. */
static void test_filled_in(void **state)
{
	static const struct {
		const char *line;
		int column;
	} cases[] = {
	    {"server  recv(x, \"!\", 9) = -1 EAGAIN", 17},
	    {"server  recv(x, \"\", 9) = -1 EAGAIN", 17},
	    {"server  recvfrom(x, ..., 9, 0, client:*) = -1 EAGAIN", 32},
	    {"server  recvfrom(x, ..., 9, 0, ..., [16]) = -1 EAGAIN", 37},
	    {"server  recvmsg(x, {msg_iov=[{iov_base=\"a\", iov_len=9}]}) = -1 EAGAIN", 31},
	    {"server  recvmsg(x, {msg_name=client:1}) = -1 EAGAIN", 21},
	    {"server  recvmsg(x, {msg_flags=0}) = -1 EAGAIN", 21},
	    {"server  recvmsg(x, {msg_control=[{ee_errno=EPIPE}]}) = -1 EAGAIN", 35},
	    {"server  readv(x, [{iov_base=\"a\"}], 1) = -1 EAGAIN", 20},
	    {"server  getsockopt(x, SO_ERROR, [0]) = -1 ENOPROTOOPT", 33},
	    {"server  getpeername(x, client:*) = -1 ENOTCONN", 24},
	    {"server  accept(l, ..., [16]) = -1 EAGAIN", 24},
	    {"server  ioctl(x, SIOCINQ, [0]) = -1 EINVAL", 27},
	    {"server  epoll_wait(x, [], 1, 0) = -1 EINVAL", 23},
	    {"server  getrlimit(RLIMIT_NOFILE, {rlim_cur=1}) = -1 EINVAL", 35},
	    {"server  sigaction(SIGKILL, NULL, {sa_handler=SIG_DFL}) = -1 EINVAL", 35},
	    {"server  sigprocmask(SIG_BLOCK, NULL, [SIGHUP]) = -1 EINVAL", 38},
	    {"server  waitpid(-1, [{WEXITSTATUS=0}]) = -1 ECHILD", 23},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[512];

		snprintf(text, sizeof(text), CONNECTED "%s", cases[i].line);
		refused(text, 2, cases[i].column,
			"fails here, so it fills in nothing; expected ...");
	}
	checked(CONNECTED "server  recv(x, NULL, 9) = -1 EFAULT");
	checked(CONNECTED "server  recvmsg(x, {msg_iov=[{iov_base=..., iov_len=9}]}) = -1 EAGAIN");
	checked(CONNECTED "server  ioctl(x, FIONBIO, [1]) = -1 EINVAL");
	checked(CONNECTED "server  getsockopt(x, SOL_SOCKET, SO_ERROR, ..., [9]) = -1 EINVAL");
	checked(CONNECTED "server  accept(l, NULL, NULL) = -1 EAGAIN");
	refused(CONNECTED
		"server  fork() = kid\nserver  waitpid(-1, [{WEXITSTATUS=0}], WNOHANG) = 0",
		3, 23, "finds no process here");
	refused(CONNECTED "server  fork() = kid\nserver.kid  recv(x, \"a\", 9) = ?", 3, 21,
		"does not return, so it fills in nothing");
	refused(CONNECTED "server  recv(x, \"a\", 9) ...", 2, 17,
		"has not returned here, and what it fills in is compared where it returns");
	/* nobody says that much about it */
	refused(CONNECTED "server  fork() = kid\nserver  wait4(-1, ..., 0, [5]) = kid", 3, 27,
		"wait4() takes NULL here");
}

/* `data` is of however many segments. */
static void test_data_of_many(void **state)
{
	(void)state;
	refused(CONNECTED "client> data (5) \"hello\"", 2, 9,
		"data is any number of segments, a string belongs to one");
	refused(CONNECTED "client> data (1..5)", 2, 15, "data counts up to one number");
	refused(CONNECTED "client> data (>= 5)", 2, 15, "data counts up to one number");
	refused(CONNECTED "client> data ($n)", 2, 15, "$n has no value here");
	refused(CONNECTED "client> data 1:6(*)", 2, 16,
		"where data of any length ends is not known");
	checked(CONNECTED "client  send(c, \"hello\") = $n\nclient> data ($n) ack 1 <TS>");
	refused(CONNECTED ">server data (5)", 2, 9, "segments arrive one by one");
	checked(CONNECTED "client> data *:*(*)");
}

/* The line where a call returns repeats its arguments. */
static void test_given_again(void **state)
{
	(void)state;
	refused(CONNECTED "server  recv(x, ..., 9) ...\nserver  ... recv(x, \"a\", 8) = 1", 3, 26,
		"recv() was given another length in line 2; expected that, or ...");
	refused(CONNECTED "server  poll([{fd=x, events=POLLIN}], 1, -1) ...\n"
			  "server  ... poll([{fd=x, events=POLLOUT}], 1, -1) = 1",
		3, 18, "poll() was given another fds in line 2");
	checked(CONNECTED "server  recv(x) ...\nserver  ... recv(x, \"a\", 8) = 1");
	checked(CONNECTED
		"server  recv(x, ..., 9, MSG_PEEK) ...\nserver  ... recv(x, \"a\", ..., 2) = 1");
}

static void test_processes(void **state)
{
	(void)state;
	/* a child has its own copy of each descriptor */
	checked(CONNECTED
		"server  fork() = kid\nserver  close(x) = 0\nserver.kid  send(x, \"a\") = 1");
	refused(CONNECTED "server  fork() = kid\nserver  close(x) = 0\nserver  send(x, \"a\") = 1",
		4, 14, "'x' is not open in server; only another process has it");
	refused(CONNECTED "server  fork() = kid\nserver.kid  exit(0) = ?\nserver.kid  close(x) = 0",
		4, 1, "server.kid has ended");
	checked(CONNECTED "server  fork() = kid\nserver.kid  exit(0) = ?\n"
			  "server.kid +++ exited with 0 +++\nserver  wait4(kid, ...) = kid");
	refused(CONNECTED "server  fork() = kid\nserver  wait4(kd, ...) = kid", 3, 15,
		"'kd' does not exist");
	refused(CONNECTED "server  fork() = kid\nserver  wait4(-1, ...) = kd", 3, 26,
		"'kd' does not exist");
	refused(CONNECTED "server  wait4(x, ...) = -1 ECHILD", 2, 15,
		"'x' is a descriptor, not a process");
	refused(CONNECTED "server  fork() = kid\nclient  wait4(kid, ...) = -1 ECHILD", 3, 15,
		"'kid' is a process of server, not of client");
	refused(CONNECTED "server  thread() = t2\nserver  wait4(t2, ...) = -1 ECHILD", 3, 15,
		"'t2' is a thread, not a process");
	/* a process ends as a whole, and a thread not at all */
	refused(CONNECTED "server  thread() = t2\nserver.t2  exit(0) = ?\nserver  close(x) = 0", 4,
		1, "server has ended");
	refused(CONNECTED "server  thread() = t2\nserver.t2 +++ exited with 0 +++", 3, 1,
		"'t2' is a thread, and a process ends as a whole; expected server");
	checked(CONNECTED "server  thread() = t2\nserver  fork() = kid\nserver.t2  exit(0) = ?\n"
			  "server +++ exited with 0 +++\nserver.kid  close(x) = 0");
	/* the name is free when the process has ended */
	refused(CONNECTED "server  fork() = kid\nserver  fork() = kid", 3, 18, "'kid' is in use");
	checked(CONNECTED "server  fork() = kid\nserver.kid  exit(0) = ?\nserver  fork() = kid\n"
			  "server.kid  close(x) = 0");
	refused(CONNECTED
		"server  fork() = kid\nserver.kid  exit(0) = ?\nserver.kid  signal SIGHUP",
		4, 1, "server.kid has ended, no signal reaches it");
	refused("router  signal SIGHUP", 1, 1, "the router has no process");
	refused(CONNECTED "server  signal(SIGHUP, SIG_DFL) = x", 2, 35,
		"signal() returns what was done before: SIG_DFL, SIG_IGN or handler");
	refused(CONNECTED "server  ps x Z", 2, 12, "'x' is a descriptor, not a process");
	refused(CONNECTED "server  ps server zombie", 2, 19, "unknown state 'zombie'");
	/* a call that its process does not survive */
	refused(CONNECTED "server  send(x, \"a\") = ?\nserver  close(x) = 0", 3, 1,
		"server has ended");
	refused(CONNECTED "server +++ killed by SIGPIPE +++\nserver  close(x) = 0", 3, 1,
		"server has ended");
	/* a crash takes everything with it, and leaves the name of the connection */
	refused(CONNECTED "server  crash\nserver  close(x) = 0", 3, 1,
		"server has crashed; expected 'server boot' above this");
	refused(CONNECTED "server  thread() = t2\nserver  crash\nserver  boot\n"
			  "server.t2  close(x) = 0",
		5, 1, "server.t2 has crashed");
	refused(CONNECTED "server  crash\nserver  crash", 3, 1, "server has crashed already");
	refused(CONNECTED "server  boot", 2, 1, "server is running");
	refused("router  crash", 1, 1, "the router cannot crash");
	refused("router  boot", 1, 1, "the router cannot crash, so it needs no boot");
	refused(CONNECTED "server  crash\nserver  boot\nserver  close(x) = 0", 4, 15,
		"closed above");
	checked(CONNECTED "server  crash\nserver  boot\nclient  send(c, \"a\") = 1\nserver> R\n"
			  "server  socket() = l");
}

static const char *connection_of(const struct run *run, int place_line)
{
	for (size_t i = 0; i < run->line_count; i++) {
		if (run->lines[i].place.line == place_line && !run->lines[i].used_at.source)
			return run->lines[i].connection;
	}
	fail();
	return NULL;
}

#define expect_connection(text, line, name)                                                        \
	assert_string_equal(connection_of(checked(text), line), name)

static void test_connections(void **state)
{
	const struct run *run;

	(void)state;
	refused("client> S", 1, 1, "no call above has a connection");
	refused(SOCKET "client> S", 2, 1, "no call above has a connection");
	expect_connection(SOCKET "client  connect(c, server:1) = 0\nclient> S", 3, "c");
	expect_connection(SOCKET "client  connect(c, server:1) ...\nclient> S", 3, "c");
	expect_connection(
	    SOCKET "client  sendto(c, \"a\", 1, MSG_FASTOPEN, server:1) = 1\nclient> S", 3, "c");
	/* what a socket without connections sends is its own, from the beginning */
	expect_connection("client  socket(..., SOCK_DGRAM) = u\nclient> udp", 2, "u");
	expect_connection("client  socket(..., SOCK_RAW|SOCK_NONBLOCK) = u\nclient  dup(u) = v\n"
			  "client> icmp echo-request",
			  3, "v");
	/* of the host that sends it; what a kernel answers is about the other one's */
#define TWO_SOCKETS "client  socket(..., SOCK_DGRAM) = u\nserver  socket(..., SOCK_DGRAM) = s\n"
	expect_connection(TWO_SOCKETS "client> udp", 3, "u");
	expect_connection(TWO_SOCKETS "server> udp", 3, "s");
	expect_connection(TWO_SOCKETS ">server udp", 3, "u");
	expect_connection(TWO_SOCKETS "client> icmp echo-request", 3, "u");
	expect_connection(TWO_SOCKETS "server> icmp echo-reply", 3, "u");
	expect_connection(TWO_SOCKETS "client> icmp port-unreachable", 3, "s");
	expect_connection(TWO_SOCKETS ">server icmp port-unreachable", 3, "s");
	expect_connection(TWO_SOCKETS "router> icmp port-unreachable", 3, "s");
	expect_connection(TWO_SOCKETS "server:u> icmp port-unreachable", 3, "u");
	expect_connection(TWO_SOCKETS CONNECTED "client> icmp port-unreachable", 4, "x");
	expect_connection(TWO_SOCKETS CONNECTED "client> udp", 4, "u");
	run = checked(TWO_SOCKETS "client  ss u UNCONN");
	assert_int_equal(run->lines[2].kind, LINE_SS);
	assert_true(run->lines[2].ss.is_udp);
	run = checked(SOCKET "client  ss c UNCONN");
	assert_int_equal(run->lines[1].kind, LINE_SS);
	assert_false(run->lines[1].ss.is_udp);
	refused(TWO_SOCKETS "server  ss u UNCONN", 3, 12, "a descriptor of client");
	refused("client  socket(..., SOCK_DGRAM, IPPROTO_ICMP) = p\nclient  ss p UNCONN", 2, 12,
		"a socket for ICMP");
	refused("server  socket(..., SOCK_DGRAM) = s\nclient> udp", 2, 1,
		"no call of the client's");
	refused(SOCKET "client> udp (5)", 2, 1, "no call above has a connection");
	refused("client> icmp echo-request", 1, 1, "no call above has a connection");
	/* a listener and a plain socket are none: the one above them is */
	expect_connection(CONNECTED "server  close(l) = 0\nclient> S", 3, "x");
	expect_connection(CONNECTED "client  socket() = d\nclient  bind(d, :1) = 0\nclient> S", 4,
			  "x");
	expect_connection(CONNECTED "client  send(c, \"a\") = 1\nclient> P.", 3, "c");
	/* under the call that it is written under */
	run =
	    checked(CONNECTED "client  socket() = d\nclient  connect(d, server:1) = 0\nclient> S\n"
			      "client  close(c) = 0\nclient> F.\nclient:d> F.\nclient> R\n"
			      ">server:c F.\n>server F.\n");
	assert_string_equal(connection_of(run, 4), "d");
	assert_string_equal(connection_of(run, 6), "c");
	assert_string_equal(connection_of(run, 7), "d");
	assert_string_equal(connection_of(run, 8), "d"); /* below a tagged line */
	assert_string_equal(connection_of(run, 9), "c");
	assert_string_equal(connection_of(run, 10), "c");
	/* an accept that comes back names its connection; a reset of the listener does not */
	expect_connection(
	    "use listening\nserver  accept(l) ...\n" SOCKET
	    "client  connect(c, server:8080) = 0\nserver  ... accept(l) = x\nserver> F.",
	    6, "x");
	expect_connection(
	    "use listening\nserver  accept(l) ...\n" SOCKET
	    "client  connect(c, server:8080) = 0\nserver  ... accept() = x\nserver> F.",
	    6, "x");
	expect_connection(CONNECTED "client  dup(c) = d\nclient  close(d) = 0\nclient> F.", 4, "d");
	expect_connection(CONNECTED "client  recv(c, ..., 9) ...\nserver  send(x, \"a\") = 1\n"
				    "client  ... recv() = 1\nserver> P.",
			  5, "c");
	refused(CONNECTED "client:d> S", 2, 1, "'d' does not exist here");
	refused(CONNECTED "server:l> S", 2, 1, "'l' is no connection; it listens");
	refused(CONNECTED "client  socket() = d\nclient:d> S", 3, 1,
		"has not been connected above");
	/* ICMP and ARP need none */
	assert_null(
	    connection_of(checked("router> icmp host-unreachable\nclient> arp to nobody"), 1));
}

#define TWO                                                                                        \
	CONNECTED SOCKET2 "client  poll([{fd=c, events=POLLIN}, {fd=d, events=POLLIN}], 2, 0) = "  \
			  "0\n"
#define SOCKET2 "client  socket() = d\nclient  connect(d, server:1) = 0\n"

static void test_several(void **state)
{
	(void)state;
	checked(TWO); /* no packet relies on it */
	refused(TWO "client> P.", 5, 1, "this packet could be of c or d; 'client:c' says of which");
	checked(TWO "client:c> P.\nclient> P.");
	checked(TWO "client  send(c, \"a\") = 1\nclient> P.");
	expect_connection(CONNECTED
			  "server  select(..., [l x], NULL, NULL, NULL) = 1 (in [x])\nserver> F.",
			  3, "x");
}

static void test_forged(void **state)
{
	(void)state;
	expect_connection(CONNECTED "router  forge server> R 1:1(0)\nclient> R", 3, "x");
	expect_connection("router  forge ghost:g> S 0:0(0) to server:80\nserver> S.", 2, "g");
	checked("router  forge ghost:g> S 0:0(0) to server:80\nserver ss g SYN-RECV");
	refused("router  forge ghost> S 0:0(0) to server:80", 1, 15,
		"no call above has a connection");
	refused(TWO "router  forge server> R", 5, 15,
		"could be of c or d; 'server:c' says of which");
	checked(TWO "router  forge server:d> R\nclient> R");
	refused("router  forge ghost:g> S", 1, 24, "it must say where it goes");
	refused("router  forge ghost:g> S to server", 1, 24, "it must say where it goes");
	refused("router  forge ghost:g> S to ghost:1", 1, 29, "goes to client or server");
	refused("router  forge client:g> S to client:1", 1, 30, "goes to another host");
	refused("router  forge client:g> S to server:65536", 1, 37, "a port is 0 to 65535");
	refused("router  forge ghost:server> S to server:1", 1, 15, "are no host's");
	refused("router  forge ghost:g> S to server:1\nrouter  forge ghost:g> . to server:1", 2, 29,
		"it belongs to 'g', which began above");
	refused("router  forge ghost:g> S to server:1\nrouter  forge client:g> .", 2, 15,
		"'g' is a connection between ghost and server");
	refused(CONNECTED "router  forge router> R", 2, 15, "the router makes no connections");
	refused(CONNECTED "router  forge server.t> R", 2, 15, "not to one process");
	refused(CONNECTED "router  mute", 2, 1, "expected client or server");
}

/* A value that no kernel could show: one diagnostic, at the number. */
static const struct {
	const char *text;
	int column;
	const char *what;
} impossible[] = {
    {"client  ss c ESTAB -1 0", 20, "a queue is 0 to 4294967295, not -1"},
    {"client  ss c ESTAB 0 >= -1", 25, "a queue is 0 to 4294967295, not -1"},
    {"client  ss c ESTAB 0..4294967296 0", 23, "a queue is 0 to 4294967295, not 4294967296"},
    {"client  ss c ESTAB timer:(on,1s,-1)", 33, "a timer's count is 0 to 255, not -1"},
    {"client  nstat TcpOutSegs -1", 26, "what a counter grows by is 0 or more, not -1"},
    {"client  nstat TcpOutSegs +-1..0", 27, "what a counter grows by is 0 or more, not -1"},
    {"client  +++ exited with 256 +++", 25, "an exit status is 0 to 255, not 256"},
    {"client  +++ exited with -1 +++", 25, "an exit status is 0 to 255, not -1"},
    {"client  send(c, \"a\") = -2", 24, "what a call returns is -1 or more, not -2"},
    {"client> P. (-1)", 13, "a length is 0 or more, not -1"},
    {"client> data (-1)", 15, "a length is 0 or more, not -1"},
    {"client> . ack 1 win >= -1", 24, "a window is 0 to 1073725440, not -1"},
    {"client> S win 65536", 15, "the window of a SYN is 0 to 65535, not 65536"},
    {"client> . urg -1", 15, "an urgent pointer is 0 to 65535, not -1"},
    {"client> . ttl 256", 15, "ttl is 0 to 255, not 256"},
    {"client> . tos 0x100", 15, "tos is 0 to 255, not 256"},
    {"client> . ect0 tos 2", 11, "tos has the ECN bits, too (its last two); expected one of both"},
    {"client> . flowlabel 1", 21, "IPv4 has no flowlabel; expected it below `when family = 6`"},
    {"client> S <mss 1400..65536>", 22, "mss is 0 to 65535, not 65536"},
    {"client> S <wscale -1>", 19, "wscale is 0 to 255, not -1"},
    {"client> . <TS 1 ecr -2147483649>", 21, "a time stamp is -2147483648 to 4294967295"},
    {"client> . <sack 1:4294967296>", 19, "a sequence number is -2147483648 to 4294967295"},
    {"server> icmp frag-needed mtu -1", 30, "an mtu is 0 to 4294967295, not -1"},
    {"server> icmp frag-needed [P. (-1)]", 31, "a length is 0 or more, not -1"},
    {"client  getsockname(c, client:0..65536) = 0", 34, "a port is 0 to 65535, not 65536"},
    {"client  getsockopt(c, SO_MARK, [0..4294967296]) = 0", 33, "SO_MARK cannot have that value"},
    {"client  getsockopt(c, TCP_INFO, {tcpi_probes=>= 256}) = 0", 46,
     "tcpi_probes cannot have that value"},
    {"router  drop client> P. 1:0(-1)", 29, "a segment's length is 0 to 65455, not -1"},
};

static void test_impossible(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++)
		refused(arena_printf(&arena, CONNECTED "%s", impossible[i].text), 2,
			impossible[i].column, impossible[i].what);
	checked(CONNECTED "client  nstat TcpCurrEstab -1\nclient> . 0:0(0) ack -1 <TS -5 ecr -5>");
}

static void test_twice(void **state)
{
	(void)state;
	refused(CONNECTED "client  nstat TcpOutSegs +0 TcpInSegs * TcpOutSegs +1", 2, 41,
		"TcpOutSegs is written twice");
	refused(CONNECTED "client> S <mss 1,TS,mss *>", 2, 21, "'mss' is written twice");
	refused(CONNECTED "client> S <!TS,!TS>", 2, 17, "'TS' is written twice");
	refused(CONNECTED "client> S <!TS,TS>", 2, 16, "'TS' cannot be there and not be there");
	refused(CONNECTED "client> S <sackOK,!sackOK>", 2, 20, "'sackOK' cannot be there and not");
	refused(CONNECTED "client> S <!TS val 1>", 2, 13, "not there, so it has no value");
	refused(CONNECTED "client  setsockopt(c, SO_LINGER, {l_onoff=1, l_onoff=0}) = 0", 2, 46,
		"l_onoff is written twice");
	refused(CONNECTED "client  setsockopt(c, SO_LINGER, {1, l_onoff=0}) = 0", 2, 38,
		"l_onoff is written twice");
	refused(CONNECTED "client  send(c, \"a\", 1, MSG_MORE|MSG_OOB|MSG_MORE) = 1", 2, 25,
		"MSG_MORE is written twice");
	refused(CONNECTED "client  sigprocmask(SIG_BLOCK, [SIGUSR1 SIGINT SIGUSR1]) = 0", 2, 48,
		"SIGUSR1 is written twice");
	refused(CONNECTED "server  select(..., [l x l], NULL, NULL, NULL) = 1", 2, 26,
		"l is written twice");
	checked(CONNECTED
		"server  poll([{fd=x, events=POLLIN}, {fd=x, events=POLLOUT}], 2, 0) = 1");
}

static void test_kept(void **state)
{
	(void)state;
	checked("router  hold client> S\nrouter  dup\nrouter  corrupt P.\nrouter  delay 20ms\n"
		"router  release client>\nrouter  heal hold client> S");
	refused("client  hold server>", 1, 1, "'hold' is done on the way");
	refused("server  release", 1, 1, "'release' is done on the way");
	refused("router  delay 20ms router>", 1, 20, "what the router itself sends cannot be held");
	refused(CONNECTED ">server P. lost", 2, 12, "what arrives has arrived");
}

static void test_forged_parts(void **state)
{
#define FORGE "router  forge client> " /* 22 characters */
	(void)state;
	checked(CONNECTED FORGE "P.U 1:6(5) ack 1 win 100 urg 2 <TS 1 ecr 0,sack 1:9> \"hello\"");
	checked(CONNECTED FORGE "P. (5)\n" FORGE "P. \"hello\"\n" FORGE "- (0)");
	checked(CONNECTED "client> . ack $a\n" FORGE ". ack $a + 1");
	checked(CONNECTED FORGE "P. (5) lost at server\n" FORGE "P. rejected at server");
	refused(CONNECTED FORGE ". ack $a", 2, 29, "$a has no value here");
	refused(CONNECTED FORGE ". ack *", 2, 29, "needs a number here");
	refused(CONNECTED FORGE ". ack 1..2", 2, 29, "needs a number here");
	refused(CONNECTED FORGE ". win >= 1", 2, 29, "needs a number here");
	refused(CONNECTED FORGE "R ack 1", 2, 29, "without the flag '.'");
	refused(CONNECTED FORGE ". urg 1", 2, 29, "without the flag 'U'");
	refused(CONNECTED FORGE "P. 1:5(5)", 2, 28, "1 and a length of 5 make 6");
	refused(CONNECTED FORGE "P. (5) \"four\"", 2, 27, "the data are 4 bytes long");
	refused(CONNECTED FORGE "P. (70000)", 2, 27, "0 to 65000");
	refused(CONNECTED FORGE "P. (-1)", 2, 27, "0 to 65000");
	refused(CONNECTED FORGE "S win 70000", 2, 29, "the window of a SYN is 0 to 65535");
	refused(CONNECTED FORGE ". win -1", 2, 29, "a window is 0 to");
	refused(CONNECTED FORGE "S <!TS>", 2, 27, "leave it out");
	refused(CONNECTED FORGE "S <mss>", 2, 26, "needs a number behind 'mss'");
	refused(CONNECTED FORGE "S <mss 1,mss 2>", 2, 32, "'mss' is written twice");
	refused(CONNECTED FORGE "S <mss 65536>", 2, 30, "mss is 0 to 65535");
	refused(CONNECTED FORGE "S <tfo>", 2, 26, "'tfo cookiereq' can");
	refused(CONNECTED FORGE "S <md5>", 2, 26, "'md5' cannot be forged");
	refused(CONNECTED FORGE ". <TS 1,sackOK,sack 1:2 3:4 5:6 7:8>", 2, 26,
		"these options take 48 bytes, and a header has room for 40");
	refused(CONNECTED FORGE "P. (5) lost", 2, 30, "it can only be lost or rejected at");
	refused(CONNECTED FORGE "P. (5) lost at client", 2, 38, "at the host that it reaches");
	refused(CONNECTED FORGE "data (5)", 2, 23, "a forged one has flags");
	refused("client  socket(..., SOCK_DGRAM) = c\n" FORGE "R", 2, 15, "'c' is of datagrams");
#undef FORGE
}

static void test_forged_errors(void **state)
{
#define FORGE "router  forge router> icmp " /* 27 characters */
	(void)state;
	checked(CONNECTED FORGE "3/7 [P. 1:6(5)] to client\n" FORGE "12 [S] ttl 9 to server");
	checked(CONNECTED FORGE "frag-needed mtu 68 [P. 1:6(5)] to client lost at client");
	checked(CONNECTED "router  forge ghost:c> icmp 4/0 [P. 1:6(5)] to client");
	refused(CONNECTED FORGE "host-unreachable to client", 2, 23, "quotes a TCP segment");
	refused(CONNECTED FORGE "host-unreachable [udp] to client", 2, 23, "quotes a TCP segment");
	refused(CONNECTED FORGE "host-unreachable [P.]", 2, 23, "must say whom it reaches");
	refused(CONNECTED FORGE "host-unreachable [P.] to ghost", 2, 53,
		"must say whom it reaches");
	refused(CONNECTED FORGE "host-unreachable [P.] to client:80", 2, 60, "ICMP has no ports");
	refused(CONNECTED FORGE "host-unreachable mtu 5 [P.] to client", 2, 49,
		"'host-unreachable' reports no mtu; frag-needed does");
	refused(CONNECTED FORGE "frag-needed mtu 65536 [P.] to client", 2, 44,
		"an mtu is 0 to 65535");
	refused(CONNECTED FORGE "3/* [P. 1..2:6(5)] to client", 2, 36, "needs a number here");
	refused(CONNECTED FORGE "echo-request to client", 2, 28, "only errors can be forged");
	refused(CONNECTED FORGE "8/0 [P.] to client", 2, 28, "that is an echo-request");
	refused(CONNECTED FORGE "3/$n [P.] to client", 2, 30, "must be known before the run");
	refused(FORGE "3/1 [P.] to client", 1, 15, "no call above has a connection");
	refused("client  socket(..., SOCK_DGRAM) = c\n" FORGE "3/1 [P.] to client", 2, 15,
		"'c' is of datagrams");
#undef FORGE
}

static void test_ss_connection(void **state)
{
	const struct run *run = checked(CONNECTED "server  ss x ESTAB\nserver  ss l LISTEN");

	(void)state;
	assert_string_equal(connection_of(run, 2), "x");
	assert_null(connection_of(run, 3));
}

static void test_variables(void **state)
{
	(void)state;
	refused(CONNECTED "client  send(c, ..., $n) = 1", 2, 22, "$n has no value here");
	checked(CONNECTED "client  send(c, ..., 9) = $n\nserver  recv(x, ..., $n) = $n");
	refused(CONNECTED "client  send(c, ..., 9) = $num\nserver  recv(x, ..., $nun) = 1", 3, 22,
		"did you mean $num?");
	checked(CONNECTED "server  ss x ESTAB $q 0\ntable q=$q");
	refused("table q=$q", 1, 9, "$q has no value here");
	checked(CONNECTED "client> . ack $a\nclient> . ack $a + 1");
	refused(CONNECTED "client> . ack $a + 1", 2, 15, "$a has no value here");
	refused("router  drop times $n", 1, 20, "$n has no value here");
	checked(CONNECTED "client  getsockopt(c, TCP_MAXSEG, [$m]) = 0\nrouter drop times $m");
}

static void test_labels(void **state)
{
	(void)state;
	checked("client mute @a\n@a+1s client mute");
	refused("@a+1s client mute", 1, 1, "no line above is marked @a");
	refused("client mute @idle\n@idel+1s client mute", 2, 1, "did you mean @idle?");
	refused("@a+1s client mute @a", 1, 1, "no line above is marked @a");
	refused("@a+1s client mute\nserver mute @a", 1, 1, "no line above is marked @a");
	refused("client mute @a\nserver mute @a", 2, 1, "line 1 is marked @a already");
	checked("repeat 2\nclient mute @a\n@a+1s server mute\nend");
}

static void test_quiet(void **state)
{
	(void)state;
	checked("quiet 1us");
	refused("client mute\nquiet 0", 2, 1,
		"a silence of no length asserts nothing; 'quiet 100ms'");
	refused("quiet 0ms", 1, 1, "a silence of no length asserts nothing");
	refused("+1s quiet 0", 1, 1, "a silence of no length asserts nothing");
}

static void test_roles(void **state)
{
	const struct run *run =
	    checked("# t\n" SOCKET "client  connect(c, server:1) ...\nclient> S\n"
		    "client  ... connect() = 0\nserver  ss c none\nrouter  drop\n...\n"
		    "quiet 1s\nclient  close(c) = 0\n");
	static const bool actions[] = {false, true, true,  false, false,
				       false, true, false, false, true};

	(void)state;
	assert_int_equal(run->line_count, ARRAY_SIZE(actions));
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		assert_int_equal(line_role(&run->lines[i]) == ROLE_ACTION, actions[i]);
	assert_int_equal(line_role(&run->lines[0]), ROLE_NOTE);
	assert_int_equal(line_role(&run->lines[1]), ROLE_ACTION);
	assert_int_equal(line_role(&run->lines[4]), ROLE_OBSERVATION);
}

static void test_repeated(void **state)
{
	(void)state;
	refused("repeat 9 as i\nclient  soket() = c$i\nend", 2, 9, "unknown call");
}

/* The diagnostic of a line from `use` names the line with the `use`. */
static void test_used_at(void **state)
{
	(void)state;
	assert_false(
	    script_check(&arena, run_of("client  socket() = l\nuse listening"), &diagnostics));
	assert_non_null(
	    strstr(diagnosed(), "tests/data/listening.tcp:2:20: 'l' is a name of client's"));
	assert_non_null(strstr(diagnosed(), "test.tcp:2:1: that came in by this line"));
}

/* A line that takes several of the text is one line all the same. */
static void test_long_line(void **state)
{
	(void)state;
	refused("client  socket() = x\nclient  poll([{fd=x,\n    events=POLLIM}], 1, 0) = 0", 3, 5,
		"POLLIN");
	assert_null(strstr(diagnosed(), "that came in"));
}

/* Only the branch that is kept is looked at. */
/* A call without a result: bless writes it; but the author must give a name. */
static void test_to_come(void **state)
{
	struct run *run;

	(void)state;
	run =
	    expand_nth(parse_good("use listening\nserver  close(l)    # so far\n"), &facts_6_18, 0);
	assert_false(script_check(&arena, run, &diagnostics));
	expect_diagnostic(2, 17, "what close() returns is not written");
	diagnostics.count = 0;
	run = expand_nth(parse_good("use listening\nserver  close(l)\n"), &facts_6_18, 0);
	run->to_bless = true;
	assert_true(script_check(&arena, run, &diagnostics));
	run = expand_nth(parse_good("client  socket()\n"), &facts_6_18, 0);
	run->to_bless = true;
	assert_false(script_check(&arena, run, &diagnostics));
	expect_diagnostic(1, 17, "expected '= NAME'");
	diagnostics.count = 0;
	/* What must still be written is reported once. */
	refused("client  fork()", 1, 9, "a new thread or process needs a name: fork() = kid");
	refused("client  thread()", 1, 9, "thread() = t2");
	refused("client  _exit(0)", 1, 9, "'= ?' says so");
}

/* Calls that would reach beyond the lab: sockets by their family, addresses that are paths. */
static void test_families(void **state)
{
#define UNIX "client  socket(AF_UNIX, SOCK_DGRAM) = u\n"
	(void)state;
	refused("client  socket(AF_NETLINK, SOCK_RAW) = n", 1, 16,
		"family AF_NETLINK reaches beyond the lab, so a scenario cannot use it; expected "
		"AF_INET,");
	refused("client  socket(40, SOCK_STREAM) = -1 EPERM", 1, 16, "family 40 reaches beyond");
	refused("client  socket(AF_VSOCK, SOCK_STREAM) = v", 1, 16, "unknown constant");
	refused("client  socket(AF_INET|AF_UNIX, SOCK_RAW) = m", 1, 16, "family 3 reaches beyond");
	refused("client  socket(4294967312, SOCK_RAW) = -1 EPERM", 1, 16, "socket()'s domain is");
	refused(SOCKET "client  getsockname(c, client:$p) = 0\nclient  socket($p) = m", 3, 16,
		"a family must be known before the run");
	refused("client  socketpair(38, SOCK_RAW, 0, [a b]) = -1 EPERM", 1, 20,
		"family 38 reaches beyond");
	refused(SOCKET "client  getsockopt(c, SOL_SOCKET, 77, [4], [4]) = 0", 2, 35,
		"socket option 77 gives a descriptor of another process, so a scenario cannot have "
		"it");
	refused(SOCKET "client  setsockopt(c, 1, 76, [1], 4) = 0", 2, 26, "socket option 76 gives");
	checked(SOCKET "client  getsockopt(c, SOL_IP, 77, ..., [4]) = -1 ENOPROTOOPT");
	refused(SOCKET "client  connect(c, {sa_family=40, :1}) = -1 EINVAL", 2, 21,
		"family 40 reaches beyond");
	refused(SOCKET "client  connect(c, {sa_family=65576, :1}) = 0", 2, 31, "is 0 to 65535");
	refused(UNIX "client  bind(u, {sa_family=AF_UNIX, :12122}) = 0", 2, 18,
		"'u' is a socket of AF_UNIX, whose addresses are paths");
	refused(UNIX "client  bind(u, {1, :12122}) = 0", 2, 18, "whose addresses are paths");
	refused("client  socket(1, SOCK_DGRAM) = u\n"
		"client  connect(u, {sa_family=1, :12122}) = 0",
		2, 21, "whose addresses are paths");
	refused(UNIX "client  dup(u) = d\n"
		     "client  sendto(d, \"x\", 1, 0, {sa_family=AF_UNIX, :1}, 4) = 1",
		3, 31, "'d' is a socket of AF_UNIX");
	refused("client  socketpair(AF_UNIX, SOCK_DGRAM, 0, [d e]) = 0\n"
		"client  sendmsg(e, {msg_iov=[{iov_base=\"a\"}], "
		"msg_name={sa_family=AF_UNIX, :1}}) = 1",
		2, 57, "'e' is a socket of AF_UNIX");
	checked(UNIX "client  socket(99, SOCK_STREAM) = -1 EAFNOSUPPORT\n"
		     "client  socket(AF_UNSPEC, SOCK_STREAM) = -1 EAFNOSUPPORT\n"
		     "client  socket(AF_PACKET, SOCK_RAW) = k\n" SOCKET
		     "client  connect(c, {sa_family=AF_UNIX, :1}) = -1 EAFNOSUPPORT\n"
		     "client  connect(c, {sa_family=99, :1}) = -1 EAFNOSUPPORT\n");
#undef UNIX
}

static void test_cut_branch(void **state)
{
	(void)state;
	checked("client mute\nwhen kernel < 6\nclinet mute\nend");
}

/* What the lab and the engine need to know of a script as a whole. */
static void test_mentions(void **state)
{
	static const struct {
		const char *text;
		struct mentions m;
	} rows[] = {
	    {SOCKET "client  send(c, \"SIGSTOP ghost\", 13, MSG_NOSIGNAL) = -1 EPIPE", {0}},
	    {"client  socket()  = c  # not SIGCONT, ghost or SOCK_RAW", {0}},
	    {"client  signal SIGUSR1", {.signals = true}},
	    {"client  signal SIGSTOP", {.signals = true, .stops = true}},
	    {"client  signal(SIGCONT, SIG_IGN) = SIG_DFL", {.signals = true, .stops = true}},
	    {"client  sigprocmask(SIG_BLOCK, [SIGUSR1 SIGTSTP]) = 0",
	     {.signals = true, .stops = true}},
	    {"client  alarm(1) = 0", {.signals = true}},
	    {"client  raise(19) = 0", {.signals = true, .stops = true}},
	    {"client  +++ killed by SIGKILL +++", {.signals = true}},
	    {SOCKET "client  connect(c, ghost:80) = -1 EPIPE", {.ghost = true}},
	    {"router  ip route add unreachable ghost", {.ghost = true}},
	    {"router  drop ghost>", {.ghost = true}},
	    {"client  socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK) = c", {.datagrams = true}},
	    {"client  socket(AF_INET, 2050) = c", {.datagrams = true}},
	    {"client  socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) = c", {.datagrams = true}},
	    {SOCKET "client  setsockopt(c, IP_MTU_DISCOVER, IP_PMTUDISC_DO) = 0",
	     {.mtu_discovery = true}},
	    {"client  sysctl net.ipv4.ip_no_pmtu_disc=1", {.mtu_discovery = true}},
	    {"client  setrlimit(RLIMIT_NOFILE, {rlim_cur=5}) = 0", {.descriptor_limit = true}},
	    {"client  setrlimit(RLIMIT_NPROC, {rlim_cur=5}) = 0", {0}},
	    {"client  socket(AF_INET6, SOCK_STREAM) = c", {.ipv6 = true}},
	    {"client  program\n...", {.program = true, .ghost = true, .datagrams = true}},
	    {"client  program\nclient  socket(AF_INET6, SOCK_STREAM) = c\n...",
	     {.program = true, .ghost = true, .datagrams = true, .ipv6 = true}},
	    {SOCKET "client  setsockopt(c, IPV6_V6ONLY, 1) = 0", {.ipv6 = true}},
	    {SOCKET "client  setsockopt(c, SOL_IPV6, 26, [1], 4) = 0", {.ipv6 = true}},
	    {"client  sysctl net.ipv6.conf.all.forwarding=1", {.ipv6 = true}},
	    {"client  nstat Udp6InErrors +0", {.ipv6 = true}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct mentions m = script_mentions(run_of(rows[i].text)), *e = &rows[i].m;

		if (m.ipv6 != e->ipv6 || m.signals != e->signals || m.stops != e->stops ||
		    m.ghost != e->ghost || m.datagrams != e->datagrams ||
		    m.mtu_discovery != e->mtu_discovery ||
		    m.descriptor_limit != e->descriptor_limit || m.program != e->program)
			fail_msg("%s", rows[i].text);
	}
}

/* Names become what they mean once, whatever word of a parameter they came from. */
static void test_resolved(void **state)
{
	const struct run *run =
	    run_of("param s = SIGUSR1\nparam e = EWOULDBLOCK\nparam st = LAST-ACK\n"
		   "param f = MSG_PEEK\n"
		   "client  signal $s\n"
		   "client  recv(c, ..., 1, $f) = -1 $e\n"
		   "client  ss c $st timer:(persist,1s,0)\n"
		   "router  reject with tcp-reset\nrouter  reject with host-unreachable\n"
		   "client  ps client T\n"
		   "client  getsockopt(c, TCP_INFO, {tcpi_state=TCP_CLOSE}) = 0\n"
		   "client  drop skip 1\nclient  heal drop\nclient  heal\nclient  drop client>\n");
	const struct arg *flags = run->lines[1].call.args[3], *option = run->lines[6].call.args[1];
	const struct run_index *index = script_index(&arena, run);

	(void)state;
	assert_int_equal(run->lines[0].signal.number, SIGUSR1);
	assert_int_equal(run->lines[1].call.result.error_number, EAGAIN);
	assert_true(arg_is_of(flags, GROUP_msg));
	assert_false(arg_is_of(flags, GROUP_open));
	assert_int_equal(flags->number, MSG_PEEK);
	assert_int_equal(run->lines[2].ss.state_id, TCP_LAST_ACK);
	assert_int_equal(run->lines[2].ss.timer, SS_TIMER_PERSIST);
	assert_true(run->lines[3].fault.resets);
	assert_string_equal(run->lines[4].fault.answer->word, "host-unreachable");
	assert_int_equal(run->lines[5].ps.letter, 'T');
	assert_int_equal(option->option->number, TCP_INFO);
	assert_int_equal(run->lines[6].call.args[2]->items[0]->field_id, FIELD_tcpi_state);
	assert_true(index->fault[7] >= 0);
	assert_int_equal(index->fault[7], index->fault[8]);
	assert_int_equal(index->fault[9], -1);
	assert_true(index->fault[7] != index->fault[10]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    script_test(test_scenarios),
	    script_test(test_mentions),
	    script_test(test_resolved),
	    script_test(test_words),
	    script_test(test_addresses),
	    script_test(test_tables),
	    script_test(test_unknown_addresses),
	    script_test(test_closed_data),
	    script_test(test_revents),
	    script_test(test_copies),
	    script_test(test_names),
	    script_test(test_threads),
	    script_test(test_processes),
	    script_test(test_filled_in),
	    script_test(test_given_again),
	    script_test(test_data_of_many),
	    script_test(test_connections),
	    script_test(test_several),
	    script_test(test_forged),
	    script_test(test_ss_connection),
	    script_test(test_variables),
	    script_test(test_labels),
	    script_test(test_quiet),
	    script_test(test_roles),
	    script_test(test_used_at),
	    script_test(test_long_line),
	    script_test(test_repeated),
	    script_test(test_to_come),
	    script_test(test_cut_branch),
	    script_test(test_families),
	    script_test(test_forged_parts),
	    script_test(test_forged_errors),
	    script_test(test_kept),
	    script_test(test_impossible),
	    script_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
