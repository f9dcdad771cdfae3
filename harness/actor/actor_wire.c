/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel between engine and actor is a socket pair that keeps message boundaries. Each message
 * begins with its length, which shows that it is whole. Both ends are one program on one machine:
 * numbers have the machine's format.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness/actor/actor_wire.h"
#include "harness/base/memory.h"

#define HEADER	    sizeof(uint32_t)
#define MAX_MESSAGE (1 << 20)
#define MAX_REQUEST (256 << 10)

static void put_bytes(struct message *m, const void *bytes, size_t length)
{
	if (!m->length)
		m->length = HEADER;
	if (m->length + length > m->room) {
		m->room = 2 * (m->length + length);
		m->bytes = memory_resize(m->bytes, m->room);
	}
	if (length)
		memcpy(m->bytes + m->length, bytes, length);
	m->length += length;
}

void put_number(struct message *m, int64_t number)
{
	put_bytes(m, &number, sizeof(number));
}

static void put_some(struct message *m, const char *text, size_t most)
{
	size_t length = text ? strlen(text) : 0;
	bool cut = length > most;

	if (!text) {
		put_number(m, -1);
		return;
	}
	length = cut ? most : length;
	put_number(m, (int64_t)length + (cut ? 3 : 0));
	put_bytes(m, text, length);
	if (cut)
		put_bytes(m, "...", 3);
}

void put_text(struct message *m, const char *text)
{
	put_some(m, text, WIRE_TEXT);
}

void put_compared(struct message *m, const char *text)
{
	put_some(m, text, WIRE_COMPARED);
}

int64_t get_number(struct message *m)
{
	int64_t number = 0;

	if (m->at + sizeof(number) <= m->length) {
		memcpy(&number, m->bytes + m->at, sizeof(number));
		m->at += sizeof(number);
	}
	return number;
}

const char *get_text(struct message *m, struct arena *a)
{
	int64_t length = get_number(m);
	const char *text;

	if (length < 0 || (uint64_t)length > m->length - m->at)
		return NULL;
	text = arena_strndup(a, (const char *)m->bytes + m->at, (size_t)length);
	m->at += (size_t)length;
	return text;
}

void message_free(struct message *m)
{
	free(m->bytes);
	memset(m, 0, sizeof(*m));
}

bool channel_make(int pair[2])
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;

	return !socketpair(AF_UNIX, type, 0, pair) &&
	       !setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
}

/* ---- sending ---- */

static bool send_all(int channel, const unsigned char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(channel, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = channel, .events = POLLOUT}, 1, -1);
		else if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
	return true;
}

bool message_send(int channel, const struct message *m)
{
	uint32_t length = (uint32_t)m->length;

	memcpy(m->bytes, &length, HEADER);
	return send_all(channel, m->bytes, m->length);
}

/* A descriptor, which may be followed by the sender's credentials. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

/*
 * All programs of a user without privileges together can have only a limited number of descriptors
 * sent and not received yet: the sender's limit (unix(7), ETOOMANYREFS). This is temporary: it ends
 * when another one is received.
 */
static bool is_crowded(int *tries)
{
	return errno == ETOOMANYREFS && (*tries)-- > 0 && !poll(NULL, 0, 1);
}

bool descriptor_send(int channel, int fd)
{
	int tries = 5000; /* one for each millisecond */
	union control control = {0};
	struct iovec byte = {.iov_base = "", .iov_len = 1};
	struct msghdr message = {
	    .msg_iov = &byte,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = CMSG_SPACE(sizeof(fd)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	do {
		n = sendmsg(channel, &message, MSG_NOSIGNAL);
	} while (n < 0 && (errno == EINTR || is_crowded(&tries)));
	return n == 1;
}

/* ---- receiving ---- */

/* The first descriptor that came; any others, which nobody has asked for, are closed. */
static int first_descriptor(const struct cmsghdr *header)
{
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int first = -1, fd;

	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
		if (i == 0)
			first = fd;
		else
			close(fd);
	}
	return first;
}

/*
 * Whether there is something to read, or the end of file, before that moment; else errno says why.
 */
static bool wait_until(int channel, ns_t until)
{
	struct pollfd fd = {.fd = channel, .events = POLLIN};
	int ready;

	do {
		ns_t left = until > now() ? until - now() : 0;

		ready = ppoll(
		    &fd, 1,
		    until == FOR_EVER ? NULL : &(struct timespec){left / NS_PER_S, left % NS_PER_S},
		    NULL);
	} while (ready < 0 && errno == EINTR);
	if (!ready)
		errno = ETIMEDOUT;
	return ready > 0;
}

int descriptor_receive(int channel, ns_t until)
{
	union control control = {0};
	char byte;
	struct iovec piece = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
	    .msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	int fd = -1;
	ssize_t n;

	do {
		if (!wait_until(channel, until))
			return -1;
		n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL; c;
	     c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			fd = first_descriptor(c); /* the kernel makes one list of all */
	if (fd < 0 && n > 0 && message.msg_flags & MSG_CTRUNC)
		errno = EMFILE; /* it was sent, and there was no room for it */
	return fd;
}

/*
 * A message is one packet of the channel, so one that is not whole never will be: there is nothing
 * to wait for.
 */
int message_take(int channel, struct message *m)
{
	uint32_t length = 0;
	ssize_t n;

	do {
		n = recv(channel, &length, HEADER, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (n == 0)
		return -1;
	if ((size_t)n < HEADER || length != (size_t)n || length > MAX_MESSAGE)
		return MESSAGE_GARBLED;
	m->bytes = memory_get(length);
	m->at = HEADER;
	m->length = length;
	return recv(channel, m->bytes, length, MSG_DONTWAIT) == n ? 1 : MESSAGE_GARBLED;
}

/* The sender of what was received with this control data; 0: the kernel does not say. */
static pid_t signer(struct msghdr *message)
{
	struct ucred who = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
	return who.pid;
}

/* Read once from the channel; returns what recvmsg() returns. `from`: who has sent it. */
static ssize_t read_piece(int channel, struct iovec *piece, pid_t *from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct msghdr message = {
	    .msg_iov = piece,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	ssize_t n;

	if (!from)
		return readv(channel, piece, 1);
	n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	if (n > 0)
		*from = signer(&message);
	return n;
}

static bool wait_message(int channel, struct message *m, ns_t until, pid_t *from)
{
	struct iovec piece;
	uint32_t length = 0;
	ssize_t n;

	m->room = MAX_REQUEST;
	m->bytes = memory_get(m->room);
	m->at = HEADER;
	piece = (struct iovec){m->bytes, m->room};
	do {
		if (until != FOR_EVER && !wait_until(channel, until))
			return false;
		n = read_piece(channel, &piece, from);
		if (n < 0 && errno == EAGAIN && !wait_until(channel, until))
			return false;
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n >= (ssize_t)HEADER)
		memcpy(&length, m->bytes, HEADER);
	if (n <= 0 || length < HEADER || length != (size_t)n)
		return false;
	m->length = length;
	return true;
}

bool message_wait(int channel, struct message *m)
{
	return wait_message(channel, m, FOR_EVER, NULL);
}

bool message_wait_until(int channel, struct message *m, ns_t until)
{
	return wait_message(channel, m, until, NULL);
}

pid_t message_wait_signed(int channel, struct message *m, ns_t until)
{
	pid_t from = 0;

	return wait_message(channel, m, until, &from) ? from : 0;
}
