/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program to be tried (tests/try.sh, docs/try.md): a small client, or a small server, in several
 * characters. It is linked statically and asks no clock (but for one), so what it does takes the
 * same virtual time everywhere. It has IPv4 only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WHOLE 100000 /* bytes that an answer has at least */

enum {
	NOT_CONNECTED = 7,
	INCOMPLETE = 18,
	TOO_LATE = 28,
	LOST = 56,
};

static int ready = -1; /* where it is told that the server listens; -1: nowhere */
static int limit = -1; /* for each wait, in ms; -1: none */

static int say(const char *what, int status)
{
	fprintf(stderr, "fetch: %s: %s\n", what, strerror(errno));
	return status;
}

static struct sockaddr_in address_of(const char *ip)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(8080)};

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int connected(void)
{
	struct sockaddr_in a = address_of("10.0.2.1");
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (!connect(s, (struct sockaddr *)&a, sizeof(a)))
		return s;
	close(s);
	return -1;
}

/* One question, and all of its answer. */
static int fetch_on(int s)
{
	static const char question[] = "GET / HTTP/1.1\r\nHost: server\r\n\r\n";
	static char text[65536];
	ssize_t n, got = 0;

	if (send(s, question, strlen(question), MSG_NOSIGNAL) < 0)
		return say("send", LOST);
	while (got < WHOLE) {
		struct pollfd fd = {.fd = s, .events = POLLIN};

		if (limit >= 0 && poll(&fd, 1, limit) == 0) {
			fprintf(stderr, "fetch: nothing came within %d s\n", limit / 1000);
			return TOO_LATE;
		}
		n = recv(s, text, sizeof(text), 0);
		if (n < 0)
			return say("recv", LOST);
		if (n == 0) {
			fprintf(stderr, "fetch: %zd bytes of %d are missing\n", WHOLE - got, WHOLE);
			return INCOMPLETE;
		}
		got += n;
	}
	return 0;
}

static int fetch(void)
{
	int s = connected();

	return s < 0 ? say("connect", NOT_CONNECTED) : fetch_on(s);
}

static int fetch_within(int seconds)
{
	limit = 1000 * seconds;
	return fetch();
}

/* Whatever comes is taken for an answer. */
static int naive(void)
{
	fetch();
	return 0;
}

/* Keepalive ends its waits, if the peer is gone. */
static int cautious(int idle)
{
	int on = 1, s;
	struct sockaddr_in a = address_of("10.0.2.1");

	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(s, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	setsockopt(s, IPPROTO_TCP, TCP_KEEPCNT, &(int){2}, sizeof(int));
	if (connect(s, (struct sockaddr *)&a, sizeof(a)))
		return say("connect", NOT_CONNECTED);
	return fetch_on(s);
}

/* The rest of what keepalive does is the system's. */
static int alive(void)
{
	struct sockaddr_in a = address_of("10.0.2.1");
	int s = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
	if (connect(s, (struct sockaddr *)&a, sizeof(a)))
		return say("connect", NOT_CONNECTED);
	return fetch_on(s);
}

/* It tries again and again, without a pause. */
static int storm(int times)
{
	for (int i = 0; i < times; i++) {
		int s = connected();

		if (s >= 0 && !fetch_on(s))
			return 0;
		if (s >= 0)
			close(s);
	}
	return say("connect", NOT_CONNECTED);
}

/* It looks again and again whether something has come. */
static int poller(int time)
{
	int s = connected();
	struct pollfd fd = {.fd = s, .events = POLLIN};

	if (s < 0)
		return say("connect", NOT_CONNECTED);
	send(s, "?", 1, 0);
	while (!poll(&fd, 1, time))
		;
	return 0;
}

/* A part of it wakes again and again, as Java's does, without a call that is seen. */
static int waker(int time)
{
	if (!fork())
		while (!usleep((useconds_t)time * 1000))
			;
	return fetch();
}

/* It asks the clock again and again. */
static int spinner(void)
{
	struct timespec t;
	int s = connected();

	if (s < 0)
		return say("connect", NOT_CONNECTED);
	send(s, "?", 1, 0);
	while (!clock_gettime(CLOCK_MONOTONIC, &t))
		;
	return 0;
}

/* It sends on a connection whose end it has been told. */
static int heedless(void)
{
	int s = connected();
	char text[16];

	if (s < 0)
		return say("connect", NOT_CONNECTED);
	while (recv(s, text, sizeof(text), 0) > 0)
		;
	for (int i = 0; i < 3; i++)
		if (write(s, "x", 1) < 0)
			return say("write", LOST);
	return 0;
}

/* Forever; or, if it is fragile, until a connection has an error. */
static int serve(int fragile)
{
	struct sockaddr_in any = address_of("0.0.0.0");
	int l = socket(AF_INET, SOCK_STREAM, 0), on = 1, s;
	static char text[WHOLE];

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(l, (struct sockaddr *)&any, sizeof(any)) || listen(l, 10))
		return say("listen", 1);
	if (ready >= 0 && write(ready, "x", 1) == 1)
		close(ready);
	while ((s = accept(l, NULL, NULL)) >= 0) {
		ssize_t n = recv(s, text, sizeof(text), 0);

		if (n < 0 && fragile)
			return say("recv", 1);
		if (n > 0)
			send(s, text, sizeof(text), MSG_NOSIGNAL);
		close(s);
	}
	return say("accept", 1);
}

/* In the background, without the terminal: the parent knows that it listens, and ends. */
static int go_into_background(void)
{
	int listens[2];
	char go;

	if (pipe(listens))
		return 1;
	if (fork()) {
		close(listens[1]);
		return read(listens[0], &go, 1) == 1 ? 0 : 1;
	}
	setsid();
	if (fork())
		_exit(0);
	ready = listens[1];
	return serve(0);
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "fetch";
	int number = argc > 2 ? atoi(argv[2]) : 0;

#define ROLE(name, call)                                                                           \
	if (!strcmp(role, name))                                                                   \
	return call
	ROLE("fetch", fetch());
	ROLE("fetch-within", fetch_within(number));
	ROLE("naive", naive());
	ROLE("cautious", cautious(number ? number : 10));
	ROLE("alive", alive());
	ROLE("storm", storm(number));
	ROLE("poller", poller(number));
	ROLE("waker", waker(number));
	ROLE("spinner", spinner());
	ROLE("heedless", heedless());
	ROLE("serve", serve(0));
	ROLE("fragile", serve(1));
	ROLE("daemon", go_into_background());
	ROLE("nothing", 3);
	return 99;
}
