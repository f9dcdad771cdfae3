/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that talk to each other, as their first argument says, for the failures that are tried
 * between two programs, and for those of servers.
 *
 * 	serve              a server on port 8080 that answers each request, as HTTP has it, with
 * 	                   100000 bytes, and leaves the connection open; a process for each
 * 	                   connection
 * 	ask N PAUSE LIMIT  a client that asks N times on one connection, with a pause of so many
 * 	                   seconds in between, and waits for an answer at most so many
 *
 * A request ends with an empty line. The exit status of `ask` is 0, or its errno; 255: the
 * connection has ended without an answer.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT   8080
#define BODY   100000
#define HEAD   "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
#define ANSWER (sizeof(HEAD) - 1 + BODY)

static char buffer[ANSWER] = HEAD;

/* The errno, or 255: the peer has closed. */
static int why(ssize_t result)
{
	return result < 0 ? errno : 255;
}

static int read_all(int s, size_t length)
{
	while (length) {
		ssize_t n = recv(s, buffer, length, 0);

		if (n <= 0)
			return why(n);
		length -= (size_t)n;
	}
	return 0;
}

static int write_all(int s, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(s, bytes, length, MSG_NOSIGNAL);

		if (n < 0)
			return errno;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Until the peer says no more. */
static void serve_one(int s)
{
	char asked[4096];
	size_t length = 0;
	ssize_t n;

	while ((n = recv(s, asked + length, sizeof(asked) - 1 - length, 0)) > 0) {
		length += (size_t)n;
		asked[length] = '\0';
		if (!strstr(asked, "\r\n\r\n"))
			continue;
		length = 0;
		if (write_all(s, buffer, ANSWER))
			return;
	}
}

static int serve(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	int l = socket(AF_INET6, SOCK_STREAM, 0), yes = 1;

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	signal(SIGCHLD, SIG_IGN);
	if (bind(l, (struct sockaddr *)&any, sizeof(any)) || listen(l, 100))
		return errno;
	for (;;) {
		int s = accept(l, NULL, NULL);

		if (s < 0)
			return errno;
		if (fork() == 0) {
			close(l);
			serve_one(s);
			_exit(0);
		}
		close(s);
	}
}

static int connect_to(const char *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	int s;

	if (getaddrinfo(host, "8080", &hints, &found) != 0)
		exit(254);
	s = socket(found->ai_family, SOCK_STREAM, 0);
	if (connect(s, found->ai_addr, found->ai_addrlen))
		exit(errno);
	freeaddrinfo(found);
	return s;
}

static int ask(int count, int pause, int limit)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: server\r\n\r\n";
	struct timeval time = {.tv_sec = limit};
	int s = connect_to("server"), status = 0;

	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	for (int i = 0; i < count && !status; i++) {
		if (i)
			sleep((unsigned int)pause);
		status = write_all(s, request, sizeof(request) - 1);
		if (!status)
			status = read_all(s, ANSWER);
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	if (argc == 5 && strcmp(argv[1], "ask") == 0)
		return ask(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	return 99;
}
