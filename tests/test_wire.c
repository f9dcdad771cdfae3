/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel between engine and actor, when who is at the other end keeps to nothing.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/actor/actor_wire.h"

#define MANY 12

static int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void send_many(int channel, size_t count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(MANY * sizeof(int))] = {0};
	struct iovec byte = {.iov_base = "", .iov_len = 1};
	struct msghdr message = {
	    .msg_iov = &byte,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memset(CMSG_DATA(header), 0, count * sizeof(int)); /* standard input, again and again */
	assert_int_equal(sendmsg(channel, &message, 0), 1);
}

/* Either end of a channel: the engine's is also told who has sent. */
static void takes_one(void **state)
{
	int pair[2];

	(void)state;
	assert_true(channel_make(pair));
	for (int end = 0; end < 2; end++) {
		for (size_t count = 1; count <= MANY; count++) {
			int before = open_descriptors(), fd;

			send_many(pair[!end], count);
			fd = descriptor_receive(pair[end], FOR_EVER);
			assert_true(fd >= 0);
			assert_int_equal(open_descriptors(), before + 1);
			close(fd);
		}
	}
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
