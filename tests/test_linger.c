/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is closed while another process holds it stays open until that process is released,
 * or until the process that it works for is killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/engine/state.h"

static bool is_closed(int fd, int milliseconds)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char none;

	return poll(&p, 1, milliseconds) == 1 && read(fd, &none, 1) == 0;
}

static void test_let_go(void **state)
{
	int ends[2], lingers, status;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	lingers = linger();
	assert_true(lingers >= 0);
	close(ends[1]);
	assert_false(is_closed(ends[0], 50));
	close(lingers);
	assert_true(is_closed(ends[0], 5000));
	assert_true(wait(&status) > 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(ends[0]);
}

static void test_killed(void **state)
{
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		if (linger() < 0)
			_exit(1);
		raise(SIGKILL);
	}
	close(ends[1]);
	assert_true(is_closed(ends[0], 5000));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_let_go),
	    cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
