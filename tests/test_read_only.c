/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest/read_only.c: a process can write only below the directories that it has named. Each test
 * forks a child, which gives up its right to write elsewhere, and then tries to make files in
 * several places. The test is skipped if this machine does not let the child mount.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base/tree.h"
#include "harness/guest/guest.h"

static char root[] = "/tmp/test_read_only-XXXXXX";
static char in_shared[] = "/dev/shm/tcplab-test-XXXXXX";
static char inner[sizeof(root) + 8], beside[sizeof(root) + 8];

/* 0: a file can be made there; else errno. */
static int try(const char *directory)
{
	char path[sizeof(root) + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/file", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	unlink(path);
	return 0;
}

/* What of it fails; 0: nothing, 77: mounting is not to be had here. */
typedef int in_child_fn(void);

static bool put(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	if (!out)
		return false;
	fputs(text, out);
	return fclose(out) == 0;
}

/* As guest/cage.c does, else nobody could make a file in a file system of that namespace. */
static bool enter_user_namespace(void)
{
	unsigned user = geteuid(), group = getegid();
	char users[32], groups[32];

	snprintf(users, sizeof(users), "%u %u 1", user, user);
	snprintf(groups, sizeof(groups), "%u %u 1", group, group);
	return !unshare(CLONE_NEWUSER) && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/uid_map", users) && put("/proc/self/gid_map", groups);
}

static int in_child(in_child_fn *what)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(geteuid() && !enter_user_namespace() ? 77 : what());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int expect(int number, const char *directory, int wanted)
{
	int came = try(directory);

	if (came == wanted)
		return 0;
	fprintf(stderr, "%s: %s, expected %s\n", directory, strerror(came), strerror(wanted));
	return number;
}

static int one_directory(void)
{
	const char *const list[] = {inner, NULL};

	if (expect(1, inner, 0) || expect(2, beside, 0) || expect(3, root, 0))
		return 1;
	if (!read_only_but(list))
		return 77;
	return expect(4, inner, 0) + expect(5, beside, EROFS) + expect(6, root, EROFS) +
	       expect(7, "/tmp", EROFS);
}

/* The child has a /dev/shm of its own: the machine's one does not get the file. */
static int own_memory(void)
{
	const char *const list[] = {inner, NULL};

	if (try("/dev/shm") || !read_only_but(list))
		return 77;
	close(open("/dev/shm/test_read_only", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	return access("/dev/shm/test_read_only", F_OK) != 0;
}

/* A directory in there is not hidden (TMPDIR=/dev/shm). */
static int in_memory(void)
{
	const char *const list[] = {in_shared, NULL};

	if (!read_only_but(list))
		return 77;
	return expect(1, in_shared, 0) + expect(2, "/dev/shm", EROFS);
}

/* One of them below the other, in either order. */
static int two_directories(void)
{
	const char *const inner_first[] = {inner, root, NULL};

	if (!read_only_but(inner_first))
		return 77;
	return expect(1, inner, 0) + expect(2, root, 0) + expect(3, "/tmp", EROFS);
}

static int two_the_other_way(void)
{
	const char *const root_first[] = {root, inner, NULL};

	if (!read_only_but(root_first))
		return 77;
	return expect(1, inner, 0) + expect(2, root, 0) + expect(3, "/tmp", EROFS);
}

/* A further user namespace, in which one can mount, gives nothing back. */
static int a_further_namespace(void)
{
	const char *const list[] = {inner, NULL};

	if (!read_only_but(list) || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return 77;
	if (!mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL))
		return 1;
	return expect(2, beside, EROFS) + expect(3, inner, 0);
}

static void holds(in_child_fn *what)
{
	int status = in_child(what);

	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	/* Nobody else has noticed. */
	assert_int_equal(try(beside), 0);
}

static void all_but_one(void **state)
{
	(void)state;
	holds(one_directory);
}

static void but_an_own_dev_shm(void **state)
{
	(void)state;
	holds(own_memory);
	assert_int_equal(access("/dev/shm/test_read_only", F_OK), -1);
}

static void but_one_in_dev_shm(void **state)
{
	int status;

	(void)state;
	if (!mkdtemp(in_shared))
		skip();
	status = in_child(in_memory);
	assert_int_equal(rmdir(in_shared), 0);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

static void all_but_two(void **state)
{
	(void)state;
	holds(two_directories);
	holds(two_the_other_way);
}

static void for_good(void **state)
{
	(void)state;
	holds(a_further_namespace);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(inner, sizeof(inner), "%s/inner", root);
	snprintf(beside, sizeof(beside), "%s/beside", root);
	return mkdir(inner, 0700) || mkdir(beside, 0700);
}

static int unmake(void **state)
{
	(void)state;
	tree_remove(AT_FDCWD, root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_but_one),	  cmocka_unit_test(but_an_own_dev_shm),
	    cmocka_unit_test(but_one_in_dev_shm), cmocka_unit_test(all_but_two),
	    cmocka_unit_test(for_good),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
