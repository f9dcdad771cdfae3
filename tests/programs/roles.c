/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program to be traced (tests/test_program.c): each role does one thing that tracing could get
 * wrong. It is linked statically, as programs of Go are. Nothing in it checks anything but what the
 * test cannot see.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in address_of(const char *ip, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int connect_to(int s, const char *ip, int port)
{
	struct sockaddr_in a = address_of(ip, port);

	return connect(s, (struct sockaddr *)&a, sizeof(a));
}

static int refused(int status)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	connect_to(s, "10.0.2.1", 80);
	close(s);
	return status;
}

/* ---- tasks ---- */

static void *refused_thread(void *arg)
{
	refused(0);
	return arg;
}

static int threads(int count)
{
	for (int i = 0; i < count; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, refused_thread, NULL) || pthread_join(t, NULL))
			return 1;
	}
	return 0;
}

static pthread_barrier_t together;

static void *together_thread(void *arg)
{
	pthread_barrier_wait(&together);
	return refused_thread(arg);
}

static int at_once(int count)
{
	pthread_t t[200];

	pthread_barrier_init(&together, NULL, (unsigned)count);
	for (int i = 0; i < count; i++)
		if (pthread_create(&t[i], NULL, together_thread, NULL))
			return 1;
	for (int i = 0; i < count; i++)
		pthread_join(t[i], NULL);
	return 0;
}

static int by_fork(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(refused(5));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) + 1;
}

static int by_vfork(char *self)
{
	char *const argv[] = {self, "refused", NULL};
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execv(self, argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) + 1;
}

/* Whether the first thread is asleep in that call. */
static int first_is_in(long number)
{
	char path[64], text[256] = "", state = 0;
	long seen = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	fd = open(path, O_RDONLY);
	if (read(fd, text, sizeof(text) - 1) > 0)
		state = strrchr(text, ')')[2];
	close(fd);
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", getpid());
	fd = open(path, O_RDONLY);
	if (read(fd, text, sizeof(text) - 1) > 0)
		seen = atol(text);
	close(fd);
	return state == 'S' && seen == number;
}

static void *exec_thread(void *self)
{
	char *const argv[] = {self, "refused", NULL};

	while (!first_is_in(SYS_recvfrom))
		usleep(1000);
	execv(self, argv);
	return NULL;
}

/* The first thread is in a call when another one takes its place. */
static int exec_by_thread(char *self)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_t t;
	char c;

	fcntl(s, F_SETFD, FD_CLOEXEC);
	pthread_create(&t, NULL, exec_thread, self);
	return (int)recv(s, &c, 1, 0);
}

static void *last_thread(void *arg)
{
	refused(0);
	exit(4);
	return arg;
}

static int first_ends_first(void)
{
	pthread_t t;

	pthread_create(&t, NULL, last_thread, NULL);
	pthread_exit(NULL);
}

/* ---- descriptors ---- */

static int by_dup2(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	dup2(s, 20);
	close(s);
	connect_to(20, "10.0.2.1", 80);
	return 0;
}

/* Files have the numbers below a socket's, and its own; what it writes to them is not told. */
static int amid_files(void)
{
	int file = open("/dev/null", O_RDWR), s = socket(AF_INET, SOCK_DGRAM, 0), read_from;
	struct sockaddr_in self = address_of("127.0.0.1", 7777);
	char byte;

	if (write(file, "x", 1) != 1 || write(1, "x", 1) != 1)
		return 1;
	bind(s, (struct sockaddr *)&self, sizeof(self));
	connect(s, (struct sockaddr *)&self, sizeof(self));
	if (write(s, "x", 1) != 1 || dup2(s, 1) != 1 || write(1, "y", 1) != 1)
		return 2;
	close(s);
	read_from = open("/dev/zero", O_RDONLY);
	return read(read_from, &byte, 1) == 1 && write(2, "x", 1) == 1 ? 0 : 3;
}

/* More than are seen by their numbers. */
static int many_sockets(void)
{
	int sockets[6];

	for (int i = 0; i < 6; i++) {
		sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
		connect_to(sockets[i], "10.0.2.1", 80);
	}
	for (int i = 0; i < 6; i++)
		if (write(sockets[i], "x", 1) != 1)
			return 1;
	return 0;
}

/* Its own is closed when the other process has it. */
static int by_message(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	char byte = 'x';
	struct iovec piece = {&byte, 1};
	struct msghdr m = {.msg_iov = &piece,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	int pair[2], s;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	pid = fork();
	if (pid == 0) {
		recvmsg(pair[1], &m, 0);
		memcpy(&s, CMSG_DATA(&control.header), sizeof(s));
		fcntl(s, F_GETFL); /* a call that is made about files, too */
		connect_to(s, "10.0.2.1", 80);
		_exit(0);
	}
	s = socket(AF_INET, SOCK_STREAM, 0);
	memcpy(CMSG_DATA(&control.header), &s, sizeof(s));
	sendmsg(pair[0], &m, 0);
	waitpid(pid, NULL, 0);
	return 0;
}

/* Nothing here is about the lab. */
static int elsewhere(void)
{
	char text[16];
	int f = open("/etc/hosts", O_RDONLY | O_CLOEXEC), u = socket(AF_UNIX, SOCK_DGRAM, 0), p[2];
	struct pollfd fd = {.fd = u, .events = POLLIN};

	if (read(f, text, sizeof(text)) <= 0 || pipe(p) || write(p[1], text, 1) != 1)
		return 1;
	poll(&fd, 1, 0);
	fcntl(u, F_GETFL);
	close(f);
	close(u);
	close(12345);
	return 0;
}

/* ---- waiting ---- */

static int waits(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), e = epoll_create1(0);
	struct pollfd fd = {.fd = s, .events = POLLIN | POLLOUT};
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 7};
	struct timeval none = {0, 0};
	fd_set set;

	connect_to(s, "10.0.2.1", 80);
	poll(&fd, 1, 0);
	FD_ZERO(&set);
	FD_SET(s, &set);
	select(s + 1, NULL, &set, NULL, &none);
	epoll_ctl(e, EPOLL_CTL_ADD, s, &event);
	epoll_wait(e, &event, 1, 0);
	return 0;
}

/* In vain, again and again; then something comes. */
static int idles(void)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd fd = {.fd = s, .events = POLLIN};
	struct timeval none;
	fd_set set;

	bind(s, (struct sockaddr *)&self, sizeof(self));
	for (int i = 0; i < 6; i++) {
		if (i == 4)
			sendto(s, "", 0, 0, (struct sockaddr *)&self, sizeof(self));
		fd.revents = (short)i;
		poll(&fd, 1, 1);
		none = (struct timeval){0};
		FD_ZERO(&set);
		FD_SET(s, &set);
		select(s + 1, &set, NULL, NULL, &none);
	}
	return 0;
}

/* Like curl's: the first few waits are of different lengths, then all are equal. */
static int settles(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd fd = {.fd = s, .events = POLLIN};

	for (int i = 0; i < 10; i++)
		poll(&fd, 1, i < 6 ? i : 6);
	return 0;
}

static int udp, signals_seen;

static void handle(int number)
{
	(void)number;
	signals_seen++;
}

/* A call of a handler, while one that it interrupts is not over. */
static void handle_and_send(int number)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777);

	(void)number;
	sendto(udp, "!", 1, 0, (struct sockaddr *)&self, sizeof(self));
}

static void open_udp(void)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777);

	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(udp, (struct sockaddr *)&self, sizeof(self)))
		exit(9);
}

static void alarm_soon(void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct itimerval soon = {.it_value = {.tv_usec = 30000}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
}

static int interrupted(void)
{
	char c;

	open_udp();
	alarm_soon(handle, 0);
	recv(udp, &c, 1, 0);
	return signals_seen;
}

/* poll() is not begun again, whatever the handler's flags are (signal(7)). */
static int poll_interrupted(void)
{
	struct pollfd fd;

	open_udp();
	fd = (struct pollfd){.fd = udp, .events = POLLIN};
	alarm_soon(handle, SA_RESTART);
	poll(&fd, 1, 10000);
	return signals_seen;
}

static int restarted(void)
{
	char c = 0;

	open_udp();
	alarm_soon(handle_and_send, SA_RESTART);
	recv(udp, &c, 1, 0);
	return c == '!' ? 0 : 1;
}

/* Stopped and continued in a call with a time-out, which then goes on. */
static int stopped(void)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777);
	struct pollfd fd;
	int status, ready[2];
	pid_t pid;
	char c;

	open_udp();
	if (pipe(ready))
		return 1;
	pid = fork();
	if (pid == 0) {
		fd = (struct pollfd){.fd = udp, .events = POLLIN};
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(poll(&fd, 1, 60000) == 1 ? 6 : 1);
	}
	if (read(ready[0], &c, 1) != 1)
		return 1;
	usleep(50000); /* now it waits, most likely; else it is stopped a little earlier */
	kill(pid, SIGSTOP);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGSTOP)
		return 2;
	/* What it waits for comes while it is stopped: so this call is over before its one is. */
	sendto(udp, "!", 1, 0, (struct sockaddr *)&self, sizeof(self));
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* ---- the rest ---- */

static int data(void)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777), from;
	struct iovec pieces[2] = {{"ab", 2}, {"c\n", 2}};
	struct msghdr m = {
	    .msg_name = &self, .msg_namelen = sizeof(self), .msg_iov = pieces, .msg_iovlen = 2};
	socklen_t length = sizeof(from);
	char text[10];
	int on = 1;

	open_udp();
	setsockopt(udp, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	getsockopt(udp, SOL_SOCKET, SO_ERROR, &on, &(socklen_t){sizeof(on)});
	setsockopt(udp, SOL_SOCKET, 9999, &on, sizeof(on));
	sendmsg(udp, &m, MSG_NOSIGNAL);
	recvfrom(udp, text, sizeof(text), MSG_DONTWAIT, (struct sockaddr *)&from, &length);
	getsockname(udp, (struct sockaddr *)&from, &length);
	recvfrom(udp, text, sizeof(text), MSG_DONTWAIT, NULL, NULL);
	fcntl(udp, F_SETFL, O_NONBLOCK);
	connect(udp, (struct sockaddr *)&self, sizeof(self));
	if (write(udp, text, 3) != 3 || read(udp, text, sizeof(text)) != 3)
		return 1;
	shutdown(udp, SHUT_RDWR);
	return 0;
}

/* On a connection with itself: TCP's simultaneous open. */
static int serves(void)
{
	struct sockaddr_in self = address_of("127.0.0.1", 7777);
	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	bind(l, (struct sockaddr *)&self, sizeof(self));
	listen(l, 5);
	connect(c, (struct sockaddr *)&self, sizeof(self));
	close(accept4(l, NULL, NULL, SOCK_CLOEXEC));
	return 0;
}

static int ring(void)
{
	struct io_uring_params p = {0};

	syscall(SYS_io_uring_setup, 1, &p);
	return 0;
}

/* Until somebody ends it. */
static int hangs(void)
{
	socket(AF_INET, SOCK_DGRAM, 0);
	return pause();
}

static int kills_itself(void)
{
	kill(getpid(), SIGKILL);
	return 1;
}

static int killed(void)
{
	raise(SIGTERM);
	return 1;
}

/* It cannot get a privilege back before it makes its first socket. */
static int unprivileged(void)
{
	if (geteuid() == 0 && setresuid(65534, 65534, 65534))
		return 1;
	return refused(0);
}

/* From now on any other call than these kills the calling process, as in a server's sandbox. */
static void confine(void)
{
	static const uint32_t allowed[] = {SYS_socket, SYS_connect, SYS_sendto, SYS_close,
					   SYS_exit_group};
	enum { COUNT = sizeof(allowed) / sizeof(*allowed) };
	struct sock_filter filter[2 * COUNT + 2] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {2 * COUNT + 2, filter};

	for (size_t i = 0; i < COUNT; i++) {
		filter[1 + 2 * i] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		filter[2 + 2 * i] =
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[1 + 2 * COUNT] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(98);
}

static int confined(void)
{
	confine();
	return refused(4);
}

/* A process of its own serves the connection, in a sandbox. */
static int by_confined_child(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), status;
	pid_t pid = fork();

	if (pid == 0) {
		confine();
		connect_to(s, "10.0.2.1", 80);
		close(s);
		syscall(SYS_exit_group, 5);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) + 1 : 97;
}

/* It could see or leave the lab's network in other ways. */
static int enters(void)
{
	int ns = open("/proc/self/ns/net", O_RDONLY);

	return syscall(SYS_setns, ns, 0) == -1 && errno == EPERM ? 0 : 1;
}

/* .. and as a 32-bit program does it. A kernel may not have such calls, or crash who makes them. */
static int enters_by_32_bits(void)
{
#ifdef __x86_64__
	int ns = open("/proc/self/ns/net", O_RDONLY), status;
	pid_t child = fork();

	if (child == 0) {
		long result = 346; /* setns */

		__asm__ volatile("int $0x80" : "+a"(result) : "b"(ns), "c"(0) : "memory");
		_exit(result == -EPERM || result == -ENOSYS ? 0 : 1);
	}
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		return status != 0;
#endif
	return 0;
}

/* More output than there is room for, without a write(). */
static int stretches(void)
{
	if (ftruncate(STDOUT_FILENO, 1LL << 50))
		return 1;
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0;

#define ROLE(name, call)                                                                           \
	if (!strcmp(role, name))                                                                   \
	return call
	ROLE("refused", refused(3));
	ROLE("threads", threads(count));
	ROLE("at-once", at_once(count));
	ROLE("fork", by_fork());
	ROLE("vfork", by_vfork(argv[0]));
	ROLE("exec-by-thread", exec_by_thread(argv[0]));
	ROLE("first-ends-first", first_ends_first());
	ROLE("dup2", by_dup2());
	ROLE("amid-files", amid_files());
	ROLE("many-sockets", many_sockets());
	ROLE("message", by_message());
	ROLE("elsewhere", elsewhere());
	ROLE("waits", waits());
	ROLE("idles", idles());
	ROLE("settles", settles());
	ROLE("interrupted", interrupted());
	ROLE("poll-interrupted", poll_interrupted());
	ROLE("restarted", restarted());
	ROLE("stopped", stopped());
	ROLE("data", data());
	ROLE("serves", serves());
	ROLE("ring", ring());
	ROLE("killed", killed());
	ROLE("kills-itself", kills_itself());
	ROLE("hangs", hangs());
	ROLE("unprivileged", unprivileged());
	ROLE("confined", confined());
	ROLE("confined-child", by_confined_child());
	ROLE("enters", enters());
	ROLE("enters-by-32-bits", enters_by_32_bits());
	ROLE("stretches", stretches());
	return 99;
}
