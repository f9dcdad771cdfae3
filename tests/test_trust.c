/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another user's links: for which purposes they are not followed, wherever they are on a path. Only
 * root can make such links here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/readfile.h"
#include "harness/base/tree.h"
#include "harness/base/trust.h"
#include "harness/run/results.h"

#define STRANGER 4711

static struct arena a;
static char root[] = "/tmp/tcplab-test-XXXXXX";

static void put_file(const char *name, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_int_equal(write(fd, "# x\n", 4), 4);
	close(fd);
}

static void put_link(const char *name, const char *to, bool own)
{
	unlink(name);
	assert_int_equal(symlink(to, name), 0);
	if (!own)
		assert_int_equal(lchown(name, STRANGER, STRANGER), 0);
}

/* In a directory with a file, a directory with a file, and links to both, own and not. */
static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root) || chdir(root) || mkdir("directory", 0755))
		return -1;
	put_file("file", 0644);
	put_file("directory/file", 0644);
	put_link("own", "file", true);
	put_link("own-directory", "directory", true);
	if (geteuid() != 0)
		return 0;
	put_link("foreign", "file", false);
	put_link("foreign-directory", "directory", false);
	put_link("own-to-foreign", "foreign", true);
	put_link("directory/foreign", "../file", false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	tree_remove(AT_FDCWD, root);
	arena_free(&a);
	return access(root, F_OK) == 0 ? -1 : 0;
}

/* It leads to the same file as without all that. */
static void leads(const char *path)
{
	int fd = trust_open(path, O_PATH | O_CLOEXEC);
	struct stat found, there;

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(stat(path, &there), 0);
	assert_int_equal(found.st_ino, there.st_ino);
	close(fd);
}

static void fails(const char *path, int error)
{
	assert_int_equal(trust_open(path, O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(errno, error);
}

static void follows_own(void **state)
{
	(void)state;
	leads("file");
	leads("own");
	leads(".");
	leads("/");
	leads("//");
	leads("..");
	leads("own-directory/");
	leads("own-directory//file");
	leads("./directory/../own");
	leads(arena_printf(&a, "%s/own-directory/file", root));
	put_link("absolute", arena_printf(&a, "%s/own", root), true);
	leads("absolute");
	put_link("top", "/", true);
	leads("top");
	leads("top/..");
	leads("/proc/self/cwd/own");
	assert_int_equal(dup2(open("file", O_RDONLY | O_CLOEXEC), 77), 77);
	leads("/proc/self/fd/77");
	close(77);
}

static void finds_nothing(void **state)
{
	char *longest = arena_alloc(&a, 3 * PATH_MAX);

	(void)state;
	fails("", ENOENT);
	fails("nowhere", ENOENT);
	fails("own/x", ENOTDIR);
	put_link("round", "round", true);
	fails("round", ELOOP);
	put_link("longer", "longer/x", true);
	fails("longer", ELOOP);
	memset(longest, '/', 3 * PATH_MAX - 1);
	fails(longest, ENAMETOOLONG);
	memset(longest, 'x', PATH_MAX);
	longest[PATH_MAX] = '\0';
	fails(longest, ENAMETOOLONG);
}

static void refuses_those_of_others(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	fails("foreign", EXDEV);
	fails("foreign-directory/file", EXDEV);
	fails("own-to-foreign", EXDEV);
	fails("own-directory/foreign", EXDEV);
	fails("directory/foreign", EXDEV);
	/* A directory of others is no link. */
	assert_int_equal(chown("directory", STRANGER, STRANGER), 0);
	leads("directory/file");
	assert_int_equal(chown("directory", 0, 0), 0);
}

/* What is made is where the links lead, and nowhere else. */
static void makes_files(void **state)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	const char *const paths[] = {"new", "own-new", "own-directory/new", "new"};
	const char *name;
	struct stat st;
	int fd;

	(void)state;
	put_link("own-new", "directory/by-link", true);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		fd = trust_open(paths[i], flags);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(access("new", F_OK) | access("directory/by-link", F_OK) |
			     access("directory/new", F_OK),
			 0);
	assert_int_equal(trust_open("directory", flags), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(trust_open("nowhere/new", flags), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(stat("file", &st), 0);
	assert_true(st.st_size > 0);
	fd = trust_open_parent(&a, "own-directory/newer", &name);
	assert_string_equal(name, "newer");
	assert_int_equal(faccessat(fd, "by-link", F_OK, 0), 0);
	close(fd);
	if (geteuid() != 0)
		return;
	put_link("foreign-new", "directory/by-foreign", false);
	assert_int_equal(trust_open("foreign-new", flags), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(trust_open("foreign", flags), -1);
	assert_int_equal(trust_open("foreign-directory/by-foreign", flags), -1);
	assert_int_equal(trust_open_parent(&a, "foreign-directory/x", &name), -1);
	assert_string_equal(trust_why(errno), "another user's link is on this path");
	assert_int_equal(access("directory/by-foreign", F_OK), -1);
	assert_int_equal(stat("file", &st), 0);
	assert_true(st.st_size > 0);
}

/* For the user `nobody` that is so, too, unless it stands for all who are not mapped. */
static void knows_owners(void **state)
{
	(void)state;
	assert_true(trust_owner(0));
	assert_true(trust_owner(geteuid()));
	assert_false(trust_owner(STRANGER));
	if (geteuid() != 65534 && system("grep -q '^ *0 *0 *4294967295$' /proc/self/uid_map") == 0)
		assert_false(trust_owner(65534));
}

/* A file whose lines a message could quote. */
static void reads_no_secrets(void **state)
{
	const char *error = NULL;

	(void)state;
	put_file("secret", 0600);
	put_link("own-secret", "secret", true);
	assert_non_null(source_read(&a, "secret", &error));
	assert_non_null(source_read(&a, "own-secret", &error));
	if (geteuid() != 0)
		return;
	put_link("foreign-secret", "secret", false);
	assert_non_null(source_read(&a, "foreign", &error));
	assert_null(source_read(&a, "foreign-secret", &error));
	assert_string_equal(error, "foreign-secret: another user's link leads to this file, "
				   "which not everybody may read; name the file itself");
}

static bool put_x(FILE *out, void *context)
{
	(void)context;
	return fputs("x", out) >= 0;
}

static void leaves_results_nowhere_else(void **state)
{
	static const struct result_file files[] = {{"x", put_x, NULL}, {NULL, NULL, NULL}};
	const char *error = NULL;

	(void)state;
	put_link("6.1", "directory", true);
	assert_non_null(results_open(&a, ".", "6.1", &error));
	assert_true(results_write(&a, "./6.1", "some", false, files, NULL, &error));
	assert_int_equal(access("directory/some/x", F_OK), 0);
	if (geteuid() != 0)
		return;
	put_link("6.2", "directory", false);
	assert_null(results_open(&a, ".", "6.2", &error));
	assert_string_equal(error, "cannot write results to ./6.2: another user's link is on "
				   "this path; --results DIR leaves them in another place");
	assert_null(results_open(&a, "foreign-directory", "6.3", &error));
	assert_int_equal(access("directory/6.3", F_OK), -1);
	assert_null(results_open(&a, "missing/../foreign-directory/newest", "6.3", &error));
	assert_int_equal(access("directory/newest", F_OK), -1);
	/* The link may appear later. */
	assert_false(results_write(&a, "./6.2", "other", false, files, NULL, &error));
	assert_int_equal(access("directory/other", F_OK), -1);
	/* A link in the place of a result is replaced. */
	assert_int_equal(mkdir("6.4", 0755), 0);
	put_link("6.4/some", "../directory", false);
	assert_true(results_write(&a, "./6.4", "some", false, files, NULL, &error));
	assert_int_equal(access("6.4/some/x", F_OK), 0);
	assert_int_equal(access("directory/x", F_OK), -1);
	assert_int_equal(access("directory/file", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_own),
	    cmocka_unit_test(finds_nothing),
	    cmocka_unit_test(refuses_those_of_others),
	    cmocka_unit_test(makes_files),
	    cmocka_unit_test(knows_owners),
	    cmocka_unit_test(reads_no_secrets),
	    cmocka_unit_test(leaves_results_nowhere_else),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
