/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: results are written into a temporary directory by writers that succeed,
 * fail, or are killed in between; after each, the directory has all of the old or all of the new,
 * and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/scratch.h"
#include "harness/run/kept_files.h"
#include "harness/run/left_files.h"
#include "harness/run/results.h"

static struct arena a;
static char root[] = "/tmp/tcplab-test-XXXXXX";
static const char *directory; /* root/6.18 */

static int set_up(void **state)
{
	const char *error = NULL;

	(void)state;
	if (!mkdtemp(root))
		return -1;
	directory = results_open(&a, root, "6.18", &error);
	return directory ? 0 : -1;
}

static int tear_down(void **state)
{
	int status = system(arena_printf(&a, "rm -rf '%s'", root));

	(void)state;
	arena_free(&a);
	return status;
}

/* Before each test: an empty directory. */
static int empty(void **state)
{
	(void)state;
	return system(arena_printf(&a, "rm -rf '%s' && mkdir '%s'", directory, directory));
}

static bool write_text(FILE *out, void *context)
{
	return fputs(context, out) != EOF;
}

static bool fail_to_write(FILE *out, void *context)
{
	fputs(context, out);
	errno = ENOSPC;
	return false;
}

/* Goes unnoticed until the buffer is flushed. */
static bool write_too_much(FILE *out, void *context)
{
	FILE *full = freopen("/dev/full", "w", out);

	assert_ptr_equal(full, out);
	return fputs(context, out) != EOF;
}

/* What the directory's owner, somebody else, could do; `context` is where it leads. */
static bool be_led_elsewhere(FILE *out, void *context)
{
	const char *made = NULL;
	struct dirent *entry;
	DIR *d = opendir(directory);

	fputs("here", out);
	while (d && (entry = readdir(d)))
		if (!strncmp(entry->d_name, ".tcplab-unfinished-", 19))
			made = arena_printf(&a, "%s/%s", directory, entry->d_name);
	closedir(d);
	return made && !rename(made, arena_printf(&a, "%s/aside", directory)) &&
	       !symlink(context, made);
}

static bool be_killed(FILE *out, void *context)
{
	fputs(context, out);
	fflush(out);
	raise(SIGKILL);
	return false;
}

static const struct result_file good[] = {
    {"a.txt", write_text, NULL}, {"b.txt", write_text, NULL}, {NULL, NULL, NULL}};
static const struct result_file fewer[] = {{"b.txt", write_text, NULL}, {NULL, NULL, NULL}};
static const struct result_file bad[] = {
    {"a.txt", write_text, NULL}, {"b.txt", fail_to_write, NULL}, {NULL, NULL, NULL}};
static const struct result_file led[] = {
    {"a.txt", be_led_elsewhere, NULL}, {"b.txt", write_text, NULL}, {NULL, NULL, NULL}};
static const struct result_file late[] = {{"a.txt", write_too_much, NULL}, {NULL, NULL, NULL}};
static const struct result_file fatal[] = {
    {"a.txt", write_text, NULL}, {"b.txt", be_killed, NULL}, {NULL, NULL, NULL}};

static bool write_result(const struct result_file *files, const char *text, bool keep,
			 const char **error)
{
	return results_write(&a, directory, "some", keep, files, (void *)text, error);
}

static int entries(void)
{
	DIR *d = opendir(directory);
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void has(const char *file, const char *text)
{
	FILE *f = fopen(arena_printf(&a, "%s/some/%s", directory, file), "r");
	char line[64] = "";

	if (!text) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_string_equal(line, text);
}

static void replaces(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_true(write_result(good, "old", false, &error));
	has("a.txt", "old");
	has("b.txt", "old");
	assert_true(write_result(fewer, "new", false, &error));
	has("a.txt", NULL);
	has("b.txt", "new");
	assert_int_equal(entries(), 1);
}

static void replaces_whatever_is_there(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_int_equal(system(arena_printf(&a, "echo file >%s/some", directory)), 0);
	assert_true(write_result(good, "new", false, &error));
	has("a.txt", "new");
	assert_int_equal(entries(), 1);
	/* With something in it that we never made, and a link that must not be followed. */
	assert_int_equal(
	    system(arena_printf(
		&a,
		"mkdir -p %s/some/x/y; ln -s %s/keep %s/some/link; mkdir %s/keep; touch %s/keep/k",
		directory, root, directory, root, root)),
	    0);
	assert_true(write_result(good, "newer", false, &error));
	has("a.txt", "newer");
	assert_int_equal(entries(), 1);
	assert_int_equal(access(arena_printf(&a, "%s/keep/k", root), F_OK), 0);
}

/* Root may have been told to leave its results in somebody else's directory. */
static void is_not_led_elsewhere(void **state)
{
	const char *elsewhere = arena_printf(&a, "%s/elsewhere", root), *error = NULL;

	(void)state;
	assert_int_equal(
	    system(arena_printf(&a, "mkdir %s; printf dear >%s/b.txt", elsewhere, elsewhere)), 0);
	write_result(led, elsewhere, false, &error);
	assert_int_equal(system(arena_printf(&a, "grep -qx dear %s/b.txt", elsewhere)), 0);
	assert_int_equal(system(arena_printf(&a, "grep -q elsewhere %s/aside/b.txt", directory)),
			 0);
	assert_int_equal(system(arena_printf(&a, "rm -r %s", elsewhere)), 0);
}

static void keeps(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_true(write_result(good, "plain", false, &error));
	for (int i = 0; i < 3; i++)
		assert_true(write_result(good, "kept", true, &error));
	assert_int_equal(entries(), 4);
	has("a.txt", "plain");
}

static void leaves_the_old_when_it_fails(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_true(write_result(good, "old", false, &error));
	assert_false(write_result(bad, "new", false, &error));
	assert_non_null(strstr(error, "some/b.txt: No space left on device"));
	has("a.txt", "old");
	has("b.txt", "old");
	assert_int_equal(entries(), 1);
	assert_false(write_result(late, "new", false, &error));
	assert_non_null(strstr(error, "some/a.txt: No space left on device"));
	has("a.txt", "old");
	assert_int_equal(entries(), 1);
}

/* Files that something else has made. */
static bool copies_from(const char *made, bool keep, int64_t most, const char **error)
{
	int from = open(made, O_RDONLY | O_DIRECTORY);
	bool copied = results_copy(&a, directory, "some", keep, from, most, error);

	close(from);
	return copied;
}

static void copies_what_a_run_leaves(void **state)
{
	const char *made = arena_printf(&a, "%s/made", root), *error = NULL;

	(void)state;
	assert_int_equal(mkdir(made, 0777), 0);
	for (size_t i = 0; i < LEFT_COUNT; i++)
		assert_int_equal(
		    system(arena_printf(&a, "cd %s; %s %s", made,
					left_files[i].is_directory ? "mkdir" : "echo is >",
					left_files[i].name)),
		    0);
	assert_int_equal(system(arena_printf(&a, "echo x >%s/files.client/x", made)), 0);
	assert_true(write_result(good, "before", false, &error));
	assert_true(copies_from(made, false, 3, &error));
	assert_int_equal(system(arena_printf(&a, "diff -r %s %s/some", made, directory)), 0);
	assert_int_equal(entries(), 1);
	/* Nothing else. */
	assert_int_equal(system(arena_printf(&a, "cd %s; >.x; >a.txt; mkdir b", made)), 0);
	assert_true(copies_from(made, true, INT64_MAX, &error));
	assert_int_equal(entries(), 2);
	assert_int_equal(system(arena_printf(&a,
					     "cd %s/some@*; ! ls -d .x a.txt b 2>&- && "
					     "test $(ls | wc -l) = %d",
					     directory, LEFT_COUNT)),
			 0);
	assert_int_equal(system(arena_printf(&a, "rm -r %s", made)), 0);
}

/* What is not as a run leaves it, is not copied, and the old result stays. */
static void copies_nothing_strange(void **state)
{
	static const struct {
		const char *commands, *message;
	} rows[] = {
	    {"mkdir verbose.txt", "some/verbose.txt: Invalid argument"},
	    {"ln -s /etc/passwd hosts", "some/hosts: Too many levels"},
	    {"mkfifo table.txt", "some/table.txt: Invalid argument"},
	    {"echo more >console.log", "some/console.log: File too large"},
	    {">files.client", "some/files.client: Not a directory"},
	    {"ln -s /etc files.server", "some/files.server: "},
	    {"mkdir files.client; ln -s /etc files.client/etc", "some/files.client: File too"},
	};
	const char *made = arena_printf(&a, "%s/made", root), *error = NULL;

	(void)state;
	assert_true(write_result(good, "before", false, &error));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(system(arena_printf(&a, "rm -rf %s; mkdir %s; cd %s; %s", made,
						     made, made, rows[i].commands)),
				 0);
		assert_false(copies_from(made, false, 3, &error));
		if (!strstr(error, rows[i].message))
			fail_msg("%s: %s", rows[i].commands, error);
		has("a.txt", "before");
		assert_int_equal(entries(), 1);
	}
	assert_int_equal(system(arena_printf(&a, "rm -r %s", made)), 0);
}

static void sweeps_what_the_dead_left(void **state)
{
	const char *error = NULL;
	struct scratch alive;
	pid_t pid;

	(void)state;
	assert_true(write_result(good, "old", false, &error));
	pid = fork();
	if (pid == 0) {
		write_result(fatal, "new", false, &error);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	assert_int_equal(entries(), 2);
	/* Not directories in which living processes work, nor somebody else's. */
	assert_true(scratch_make(&a, directory, ".tcplab-unfinished-", 0700, &alive));
	assert_int_equal(mkdir(arena_printf(&a, "%s/.tcplab-unfinished-notes", directory), 0777),
			 0);
	results_sweep(directory);
	has("a.txt", "old");
	assert_int_equal(entries(), 3);
	scratch_remove(&alive);
	assert_int_equal(entries(), 2);
}

static void many_at_the_same_place(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++) {
		if (fork() == 0) {
			const char *error = NULL;
			bool done = true;

			for (int n = 0; n < 50; n++)
				done &= write_result(good, arena_printf(&a, "writer %d", i), false,
						     &error);
			_exit(done ? 0 : 1);
		}
	}
	for (int i = 0; i < 16; i++) {
		int status;

		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(entries(), 1);
	assert_int_equal(
	    system(arena_printf(&a, "cmp -s %s/some/a.txt %s/some/b.txt", directory, directory)),
	    0);
}

static void says_where_it_cannot_write(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_null(results_open(&a, "/proc/nowhere", "6.18", &error));
	assert_non_null(strstr(error, "/proc/nowhere/6.18"));
	assert_int_equal(system(arena_printf(&a, "echo >%s/file", root)), 0);
	assert_null(results_open(&a, arena_printf(&a, "%s/file", root), "6.18", &error));
	assert_non_null(strstr(error, "Not a directory"));
	assert_null(results_open(&a, root, "file", &error));
	assert_non_null(strstr(error, "cannot"));
	assert_null(results_open(&a, "/proc", "sys", &error));
	assert_non_null(strstr(error, "cannot write"));
	/* Made with the directories that lead to it; an existing one is used as it is. */
	assert_non_null(results_open(&a, arena_printf(&a, "%s/x/y/z/", root), "6.18", &error));
	assert_non_null(results_open(&a, arena_printf(&a, "%s/x/y/z/", root), "6.18", &error));
	assert_false(results_write(&a, "/nonexistent", "some", false, good, (void *)"x", &error));
	assert_non_null(strstr(error, "No such file"));
}

/* ---- what a program has written ---- */

#define UPPER  arena_printf(&a, "%s/upper", directory)
#define TAKEN  "files.client"
#define PLACE  arena_printf(&a, "%s/results", directory)
#define COPIED arena_printf(&a, "%s/copied", directory)

static bool shell(const char *in, const char *commands)
{
	return !system(arena_printf(&a, "mkdir -p '%s' && cd '%s' && { %s; }", in, in, commands));
}

/* It is written by such commands in a directory, and taken from there. */
static size_t take(const char *commands)
{
	size_t left;
	int upper, to;

	assert_true(shell(arena_printf(&a, "%s/home/me", UPPER), commands));
	assert_true(shell(PLACE, "true"));
	upper = open(UPPER, O_RDONLY | O_DIRECTORY);
	to = open(PLACE, O_RDONLY | O_DIRECTORY);
	assert_true(kept_take(upper, "/home/me", to, TAKEN, &left));
	close(upper);
	close(to);
	return left;
}

static bool copies(void)
{
	int from = open(PLACE, O_RDONLY | O_DIRECTORY), to;
	bool copied;

	assert_true(shell(COPIED, "rm -rf *"));
	to = open(COPIED, O_RDONLY | O_DIRECTORY);
	copied = kept_copy(from, to, TAKEN);
	close(from);
	close(to);
	return copied;
}

static void takes_contents(void **state)
{
	(void)state;
	assert_int_equal(
	    take("mkdir d; echo one >d/one; echo two >..two; echo h >.h; ln d/one hard;"
		 "chmod 0 d/one; echo no >../no; printf x >$(printf 'esc\\033'); "
		 "printf x >$(printf 'tab\\t')"),
	    0);
	assert_true(shell(PLACE,
			  "test $(cat files.client/d/one) = one -a $(cat files.client/..two) "
			  "= two -a -f files.client/.h -a -f files.client/hard"));
	assert_true(shell(PLACE, "test -f 'files.client/esc\\x1b' -a -f 'files.client/tab\\t'"));
	assert_true(shell(PLACE, "test $(find . -type f | wc -l) = 6 -a ! -e files.client.txt"));
	assert_true(copies());
	assert_true(shell(COPIED, "diff -r . ../results"));
}

/* Neither what leads elsewhere, nor what is no file, nor what is too much. */
static void leaves_the_rest(void **state)
{
	(void)state;
	assert_int_equal(take("ln -s /etc/passwd link; ln -s .. up; mkfifo pipe; "
			      "truncate -s 10G big; truncate -s 200M half; truncate -s 100M half2; "
			      "mkdir -p $(yes d | head -n 30 | tr '\\n' /); "
			      "echo x >\"$(printf '\\033')\"; echo y >'\\x1b'"),
			 7);
	assert_true(shell(PLACE,
			  "grep -qx 'link: a symbolic link' files.client.txt && "
			  "grep -qx 'up: a symbolic link' files.client.txt && "
			  "grep -qx 'pipe: a pipe' files.client.txt && "
			  "grep -q '^big: 10737418240 bytes; no more than' files.client.txt &&"
			  "grep -q '^half2*: .* bytes; no more than' files.client.txt &&"
			  "grep -q '^d/d/d.*: a directory that is too deep' files.client.txt &&"
			  "grep -q '^.x1b: File exists' files.client.txt"));
	assert_true(shell(PLACE, "test -z \"$(find files.client ! -type f ! -type d)\""));
	assert_true(copies());
}

static void takes_so_many(void **state)
{
	(void)state;
	assert_int_equal(take("mkdir d; cd d; seq 4100 | xargs touch"), 1);
	assert_true(shell(PLACE, "test $(find files.client -type f | wc -l) = 3999 && "
				 "grep -q '^and more: no more than 4000' files.client.txt"));
}

/* A directory above it that leads elsewhere; nothing was written below it at all. */
static void is_not_led_to_other_files(void **state)
{
	(void)state;
	assert_true(shell(arena_printf(&a, "%s/elsewhere", directory), "echo x >x"));
	assert_true(shell(UPPER, "mkdir home; ln -s ../../elsewhere home/me"));
	assert_int_equal(take("true"), 0);
	assert_true(shell(PLACE, "test -z \"$(ls -A files.client)\""));
}

/* A guest that was taken over has made something else. */
static void copies_only_what_was_taken(void **state)
{
	(void)state;
	take("echo x >x");
	assert_true(shell(PLACE, "ln -s /etc/passwd files.client/link"));
	assert_false(copies());
	assert_int_equal(errno, EFBIG);
	assert_true(shell(PLACE, "rm files.client/link && truncate -s 10G files.client/big"));
	assert_false(copies());
	assert_true(shell(PLACE, "rm -r files.client && ln -s /etc files.client"));
	assert_false(copies());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(replaces, empty),
	    cmocka_unit_test_setup(replaces_whatever_is_there, empty),
	    cmocka_unit_test_setup(is_not_led_elsewhere, empty),
	    cmocka_unit_test_setup(keeps, empty),
	    cmocka_unit_test_setup(leaves_the_old_when_it_fails, empty),
	    cmocka_unit_test_setup(copies_what_a_run_leaves, empty),
	    cmocka_unit_test_setup(copies_nothing_strange, empty),
	    cmocka_unit_test_setup(sweeps_what_the_dead_left, empty),
	    cmocka_unit_test_setup(many_at_the_same_place, empty),
	    cmocka_unit_test_setup(says_where_it_cannot_write, empty),
	    cmocka_unit_test_setup(takes_contents, empty),
	    cmocka_unit_test_setup(leaves_the_rest, empty),
	    cmocka_unit_test_setup(takes_so_many, empty),
	    cmocka_unit_test_setup(is_not_led_to_other_files, empty),
	    cmocka_unit_test_setup(copies_only_what_was_taken, empty),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
