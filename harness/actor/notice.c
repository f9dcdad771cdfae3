/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each notice is a packet of a SOCK_SEQPACKET pair, so notices of several processes cannot mix.
 */
#include "harness/actor/notice.h"

#include <errno.h>
#include <sys/socket.h>

void notice_send(int fd, enum notice_kind kind, pid_t who, int value)
{
	struct notice notice = {.kind = kind, .who = who, .value = value, .at = now()};
	int error = errno;

	send(fd, &notice, sizeof(notice), MSG_NOSIGNAL | MSG_DONTWAIT);
	errno = error;
}

int notice_take(int fd, struct notice *notice)
{
	ssize_t n;

	do {
		n = recv(fd, notice, sizeof(*notice), MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return 0;
	return n == sizeof(*notice) ? 1 : -1;
}
