/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories for unfinished work, and their removal, while others interfere: somebody replaces a
 * directory by a symbolic link, and processes make and sweep at the same time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/scratch.h"
#include "harness/base/tree.h"

#define PREFIX "some-"

static struct arena a;
static char root[] = "/tmp/tcplab-test-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	tree_remove(AT_FDCWD, root);
	arena_free(&a);
	return access(root, F_OK) == 0 ? -1 : 0;
}

static const char *in_root(const char *name)
{
	return arena_printf(&a, "%s/%s", root, name);
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static size_t entries_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* ---- trees ---- */

static void removes_everything(void **state)
{
	const char *path = in_root("tree"), *deep = path;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(mkdir(deep, 0700), 0);
		touch(arena_printf(&a, "%s/file", deep));
		assert_int_equal(symlink("/", arena_printf(&a, "%s/link", deep)), 0);
		deep = arena_printf(&a, "%s/in", deep);
	}
	tree_remove(AT_FDCWD, path);
	assert_int_equal(access(path, F_OK), -1);
	touch(path);
	tree_remove(AT_FDCWD, path);
	assert_int_equal(access(path, F_OK), -1);
	tree_remove(AT_FDCWD, path);
}

/* Deeper than a process may have descriptors, with files on the way, names of ours, and a branch.
 */
static void has_an_end(void **state)
{
	struct rlimit before;
	int at = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(mkdirat(at, "deep", 0700), 0);
		next = openat(at, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		if (i % 3 == 0) {
			int fd = openat(next, "moved-up-0", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

			assert_true(fd >= 0);
			close(fd);
		}
		if (i % 5 == 0) {
			assert_int_equal(mkdirat(next, "moved-up-1", 0700), 0);
			assert_int_equal(mkdirat(next, "moved-up-1/x", 0700), 0);
		}
		/* A directory without permissions is removed, too. */
		assert_int_equal(fchmod(at, i % 7 && i ? 0700 : 0500), 0);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(chmod(root, 0700), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){100, before.rlim_max}), 0);
	tree_remove(AT_FDCWD, in_root("deep"));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(access(in_root("deep"), F_OK), -1);
}

/* A child that does not outlive this process, also when a test fails. */
static pid_t fork_tied(void)
{
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* A child that exchanges the one for the other until it is killed. */
static pid_t exchanging(const char *one, const char *other)
{
	pid_t pid = fork_tied();

	if (pid == 0)
		for (;;)
			renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
	return pid;
}

#define FILES 200

static void fill(const char *directory)
{
	assert_int_equal(mkdir(directory, 0700), 0);
	for (int i = 0; i < FILES; i++)
		touch(arena_printf(&a, "%s/%d", directory, i));
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/*
 * The files in `victim` belong to somebody else. A remover that uses paths is led there between
 * looking at a directory and removing its files.
 */
static void follows_nobody(void **state)
{
	const char *victim = in_root("victim"), *tree = in_root("tree");
	const char *sub = in_root("tree/sub"), *link = in_root("link");

	(void)state;
	fill(victim);
	for (int i = 0; i < 20; i++) {
		pid_t pid;

		assert_int_equal(mkdir(tree, 0700), 0);
		fill(sub);
		assert_int_equal(symlink(victim, link), 0);
		pid = exchanging(sub, link);
		while (!is_link(sub)) /* until it has begun */
			;
		tree_remove(AT_FDCWD, tree);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		tree_remove(AT_FDCWD, tree);
		tree_remove(AT_FDCWD, link);
		assert_int_equal(entries_in(victim), FILES);
	}
	tree_remove(AT_FDCWD, victim);
}

/* ---- unfinished work ---- */

static const char *place(void)
{
	const char *path = in_root("place");

	mkdir(path, 0700);
	return path;
}

static void makes_and_removes(void **state)
{
	struct scratch one, other;

	(void)state;
	assert_true(scratch_make(&a, place(), PREFIX, 0700, &one));
	assert_true(scratch_make(&a, place(), PREFIX, 0700, &other));
	assert_string_not_equal(one.path, other.path);
	touch(arena_printf(&a, "%s/file", one.path));
	assert_int_equal(entries_in(place()), 2);
	scratch_remove(&one);
	scratch_remove(&one);
	scratch_remove(&other);
	assert_int_equal(entries_in(place()), 0);
	assert_false(scratch_make(&a, in_root("nowhere"), PREFIX, 0700, &one));
	scratch_remove(&one);
}

static void sweeps_the_dead_only(void **state)
{
	struct scratch mine, other;
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		/* Its own child outlives it, and has the directory still. */
		if (!scratch_make(&a, place(), PREFIX, 0700, &other) || fork() != 0)
			_exit(0);
		assert_int_equal(write(ready[1], &(pid_t){getpid()}, sizeof(pid_t)), sizeof(pid_t));
		close(ready[1]);
		alarm(60); /* when the test fails it would stay for ever */
		pause();
	}
	close(ready[1]);
	waitpid(pid, NULL, 0);
	assert_int_equal(read(ready[0], &pid, sizeof(pid)), sizeof(pid));
	assert_true(scratch_make(&a, place(), PREFIX, 0700, &mine));
	assert_int_equal(mkdir(in_root("place/some-abcdefgh"), 0700), 0);
	assert_int_equal(mkdir(in_root("place/some-notes"), 0700), 0);
	assert_int_equal(symlink("/", in_root("place/some-linkedto")), 0);
	scratch_sweep(place(), PREFIX);
	assert_int_equal(access(in_root("place/some-abcdefgh"), F_OK), -1);
	assert_int_equal(entries_in(place()), 4);
	kill(pid, SIGKILL);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed: it is dead, or nearly */
	close(ready[0]);
	while (entries_in(place()) == 4)
		scratch_sweep(place(), PREFIX);
	assert_int_equal(entries_in(place()), 3);
	scratch_remove(&mine);
	tree_remove(AT_FDCWD, place());
}

static void sweeps_its_own_only(void **state)
{
	const char *theirs = arena_printf(&a, "%s/some-abcdefgh", place());

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(theirs, 0700), 0);
	assert_int_equal(chown(theirs, 65534, 65534), 0);
	scratch_sweep(place(), PREFIX);
	assert_int_equal(access(theirs, F_OK), 0);
	tree_remove(AT_FDCWD, place());
}

/* Each makes, looks whether it still has what it made, and removes; others sweep all the time. */
static void many_at_once(void **state)
{
	const char *where = place();
	pid_t sweepers[2], makers[8];
	int status;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sweepers[i] = fork_tied();
		if (sweepers[i] == 0)
			for (;;)
				scratch_sweep(where, PREFIX);
	}
	for (size_t i = 0; i < 8; i++) {
		makers[i] = fork_tied();
		if (makers[i] != 0)
			continue;
		for (int n = 0; n < 200; n++) {
			struct scratch s;

			if (!scratch_make(&a, where, PREFIX, 0700, &s) ||
			    mkdir(arena_printf(&a, "%s/in", s.path), 0700) < 0)
				_exit(1);
			scratch_remove(&s);
		}
		_exit(0);
	}
	for (size_t i = 0; i < 8; i++) {
		waitpid(makers[i], &status, 0);
		assert_int_equal(status, 0);
	}
	for (size_t i = 0; i < 2; i++) {
		kill(sweepers[i], SIGKILL);
		waitpid(sweepers[i], NULL, 0);
	}
	scratch_sweep(where, PREFIX);
	assert_int_equal(entries_in(where), 0);
}

/* ---- where ---- */

static const char *parent_for(const char *variable, const char *value, const char **error)
{
	const char *path;

	*error = NULL;
	unsetenv("TMPDIR");
	unsetenv("XDG_RUNTIME_DIR");
	setenv(variable, value, 1);
	path = scratch_parent(&a, error);
	unsetenv(variable);
	return path;
}

static void private_parents_only(void **state)
{
	const char *own = arena_printf(&a, "%s/tcplab-%u", root, (unsigned)geteuid());
	mode_t before = umask(0777); /* which is for what the user keeps, not for this */
	const char *error;

	(void)state;
	assert_string_equal(parent_for("TMPDIR", root, &error), own);
	umask(before);
	assert_string_equal(parent_for("TMPDIR", root, &error), own);
	assert_int_equal(chmod(own, 0300), 0); /* nobody could sweep it */
	assert_null(parent_for("TMPDIR", root, &error));
	assert_int_equal(chmod(own, 0770), 0);
	assert_null(parent_for("TMPDIR", root, &error));
	assert_non_null(strstr(error, own));
	assert_non_null(strstr(error, "set TMPDIR"));
	tree_remove(AT_FDCWD, own);
	assert_int_equal(symlink("/", own), 0);
	assert_null(parent_for("TMPDIR", root, &error));
	tree_remove(AT_FDCWD, own);
	if (geteuid() == 0) {
		assert_int_equal(mkdir(own, 0700), 0);
		assert_int_equal(chown(own, 65534, 65534), 0);
		assert_null(parent_for("TMPDIR", root, &error));
		tree_remove(AT_FDCWD, own);
		/* The owner of the directory could exchange whatever is in it. */
		assert_int_equal(chown(root, 1, 1), 0);
		assert_null(parent_for("TMPDIR", root, &error));
		assert_non_null(strstr(error, "belongs to another user"));
		assert_int_equal(chown(root, 0, 0), 0);
	}
	assert_null(parent_for("TMPDIR", in_root("nowhere"), &error));
	assert_non_null(strstr(error, "No such file"));
	assert_non_null(strstr(error, "set TMPDIR"));
	/* The directory of the session is private already. */
	assert_string_equal(parent_for("XDG_RUNTIME_DIR", root, &error), in_root("tcplab"));
	assert_int_equal(chmod(root, 0755), 0);
	assert_string_not_equal(parent_for("XDG_RUNTIME_DIR", root, &error), in_root("tcplab"));
	assert_int_equal(chmod(root, 0700), 0);
}

/* Files that somebody has left in a directory, which lead out of it, or whose opening would block.
 * */
static void keeps_files_only(void **state)
{
	const char *left = in_root("left"), *inner = in_root("left/inner");
	const char *outside = in_root("outside"), *victim = in_root("outside/victim");

	(void)state;
	assert_int_equal(mkdir(left, 0700) | mkdir(inner, 0700) | mkdir(outside, 0700), 0);
	touch(in_root("left/file"));
	touch(in_root("left/inner/file"));
	touch(victim);
	assert_int_equal(symlink("../outside/victim", in_root("left/link")), 0);
	assert_int_equal(symlink("/", in_root("left/root")), 0);
	assert_int_equal(symlink("file", in_root("left/inner/near")), 0);
	assert_int_equal(symlink("../../outside", in_root("left/inner/out")), 0);
	assert_int_equal(link(victim, in_root("left/inner/hard")), 0);
	assert_int_equal(mkfifo(in_root("left/pipe"), 0600), 0);
	assert_int_equal(symlink("left", in_root("way")), 0);

	tree_keep_files(AT_FDCWD, in_root("way"));
	assert_int_equal(entries_in(left), 5); /* it is not asked to follow one itself */
	tree_keep_files(AT_FDCWD, left);
	assert_int_equal(entries_in(left), 2);
	assert_int_equal(entries_in(inner), 1);
	assert_int_equal(access(in_root("left/inner/file"), F_OK), 0);
	assert_int_equal(entries_in(outside), 1);
	tree_remove(AT_FDCWD, left);
	tree_remove(AT_FDCWD, outside);
	tree_remove(AT_FDCWD, in_root("way"));
}

/* In a child that is an ordinary user: root may enter whatever it likes. */
static int as_a_user(void (*what)(void))
{
	int status = -1;
	pid_t pid = fork_tied();

	if (pid == 0) {
		if (!geteuid() &&
		    (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
			_exit(77);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Modes that keep an owner from looking, from removing, from both, and from all. */
static const mode_t modes[] = {0300, 0500, 0100, 0000};
#define MODES (sizeof(modes) / sizeof(*modes))

static const char *locked(const char *what, size_t i)
{
	return arena_printf(&a, "%s/user/%zu%s", root, i, what);
}

/* What a guest may leave: links that its directory, or one below, does not let go. */
static void lock_links_up(void)
{
	for (size_t i = 0; i < MODES; i++) {
		if (mkdir(locked("", i), 0700) || mkdir(locked("/in", i), 0700) ||
		    symlink("/etc/passwd", locked("/output", i)) ||
		    symlink("/etc/passwd", locked("/in/output", i)) ||
		    chmod(locked("/in", i), modes[i]) || chmod(locked("", i), modes[i]))
			_exit(1);
	}
}

static void keep_files_of_locked(void)
{
	lock_links_up();
	for (size_t i = 0; i < MODES; i++)
		tree_keep_files(AT_FDCWD, locked("", i));
}

static void remove_locked(void)
{
	for (size_t i = 0; i < MODES; i++)
		if (chmod(locked("/in", i), modes[i]) || chmod(locked("", i), modes[i]))
			_exit(1);
	for (size_t i = 0; i < MODES; i++)
		tree_remove(AT_FDCWD, locked("", i));
}

static void permissions_hide_nothing(void **state)
{
	const char *user = in_root("user");
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(user, 0700), 0);
	if (!geteuid())
		assert_int_equal(chown(user, 65534, 65534), 0);
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(as_a_user(keep_files_of_locked), 0);
	for (size_t i = 0; i < MODES; i++) {
		assert_int_equal(chmod(locked("", i), 0700), 0);
		assert_int_equal(chmod(locked("/in", i), 0700), 0);
		assert_int_equal(lstat(locked("/output", i), &st), -1);
		assert_int_equal(lstat(locked("/in/output", i), &st), -1);
	}
	assert_int_equal(as_a_user(remove_locked), 0);
	assert_int_equal(entries_in(user), 0);
	assert_int_equal(chmod(root, 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(permissions_hide_nothing),
	    cmocka_unit_test(keeps_files_only),
	    cmocka_unit_test(removes_everything),
	    cmocka_unit_test(has_an_end),
	    cmocka_unit_test(follows_nobody),
	    cmocka_unit_test(makes_and_removes),
	    cmocka_unit_test(sweeps_the_dead_only),
	    cmocka_unit_test(sweeps_its_own_only),
	    cmocka_unit_test(many_at_once),
	    cmocka_unit_test(private_parents_only),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
