/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: in a guest a program's root is an overlay, whose upper layer has exactly
 * what the program has altered: new files, whole copies of altered ones, and a device 0:0 for each
 * that was removed.
 *
 * All of it was made by a stranger. Directories are opened one by one, and no link is followed, so
 * nothing is read that is not in that layer, and nothing is written elsewhere. Only the contents of
 * files are taken: no owners, no permissions, no links, no devices. Names are made printable
 * (shown.c). How deep, how many and how large all of it may be is limited; a file counts as large
 * as it says it is, since its holes would be filled by a copy. What is over a limit is named in a
 * list, and so is everything else that is not taken.
 */
#include "harness/run/kept_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"

#define MOST_BYTES   (256LL << 20)
#define MOST_ENTRIES 4000
#define MOST_DEPTH   20

struct taking {
	struct arena arena;
	FILE *list; /* of what is not taken */
	int64_t bytes;
	size_t entries, removed, left;
	bool done; /* no error so far, else `why` */
	int why;
};

static void fail(struct taking *t)
{
	t->why = errno ? errno : EIO;
	t->done = false;
}

static void leave(struct taking *t, const char *path, const char *why)
{
	fprintf(t->list, "%s: %s\n", path, why);
	t->left++;
}

/* ---- one entry ---- */

static bool copy_bytes(int from, int to, int64_t length)
{
	char part[1 << 16];

	while (length > 0) {
		size_t most = length < (int64_t)sizeof(part) ? (size_t)length : sizeof(part);
		ssize_t n = read(from, part, most);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		for (ssize_t at = 0, w; at < n; at += w)
			if ((w = write(to, part + at, (size_t)(n - at))) < 0)
				return false;
		length -= n;
	}
	return true;
}

static void close_both(int one, int other)
{
	if (one >= 0)
		close(one);
	if (other >= 0)
		close(other);
}

/* Two names of strangers can become the same when they are made printable, or too long. */
static bool is_name_trouble(int error)
{
	return error == EEXIST || error == ENAMETOOLONG || error == EILSEQ || error == EINVAL;
}

struct entry {
	int from, to;	  /* the directories */
	const char *name; /* in the first one */
	const char *path; /* of the whole, as it is shown */
	const char *made; /* its name in the second one */
	int depth;
	struct stat st;
};

static void take_file(struct taking *t, const struct entry *e)
{
	int in, out;

	if (e->st.st_size > MOST_BYTES - t->bytes) {
		leave(t, e->path,
		      arena_printf(&t->arena,
				   "%" PRId64 " bytes; no more than %lld in all are handed back",
				   (int64_t)e->st.st_size, MOST_BYTES));
		return;
	}
	t->bytes += e->st.st_size;
	in = openat(e->from, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return leave(t, e->path, strerror(errno));
	out = openat(e->to, e->made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (out < 0 && is_name_trouble(errno))
		leave(t, e->path, strerror(errno));
	else if (out < 0 || !copy_bytes(in, out, e->st.st_size))
		fail(t);
	close_both(in, out);
}

/* A new one, open; -1: errno says why not. */
static int make_directory(int at, const char *name)
{
	return mkdirat(at, name, 0777) < 0
		   ? -1
		   : openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void take_all(struct taking *t, int from, int to, const char *path, int depth);

static void take_directory(struct taking *t, const struct entry *e)
{
	int in, out;

	if (e->depth >= MOST_DEPTH)
		return leave(t, e->path, "a directory that is too deep");
	in = openat(e->from, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return leave(t, e->path, strerror(errno));
	out = make_directory(e->to, e->made);
	if (out < 0 && is_name_trouble(errno))
		leave(t, e->path, strerror(errno));
	else if (out < 0)
		fail(t);
	else
		take_all(t, in, out, e->path, e->depth + 1);
	close_both(in, out);
}

/* So the upper layer of an overlay shows that a file below it was removed. */
static bool is_removed(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static const char *kind_text(mode_t mode)
{
	static const struct {
		mode_t kind;
		const char *text;
	} kinds[] = {
	    {S_IFLNK, "a symbolic link"}, {S_IFIFO, "a pipe"},	 {S_IFSOCK, "a socket"},
	    {S_IFCHR, "a device"},	  {S_IFBLK, "a device"}, {0, "no file"},
	};
	size_t i = 0;

	while (kinds[i].kind && kinds[i].kind != (mode & S_IFMT))
		i++;
	return kinds[i].text;
}

static void take_entry(struct taking *t, struct entry *e)
{
	if (fstatat(e->from, e->name, &e->st, AT_SYMLINK_NOFOLLOW) < 0)
		leave(t, e->path, strerror(errno));
	else if (is_removed(&e->st))
		fprintf(t->list, "%s: removed\n", e->path), t->removed++;
	else if (S_ISREG(e->st.st_mode))
		take_file(t, e);
	else if (S_ISDIR(e->st.st_mode))
		take_directory(t, e);
	else
		leave(t, e->path, kind_text(e->st.st_mode));
}

static void take_all(struct taking *t, int from, int to, const char *path, int depth)
{
	int fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		fail(t);
		close_both(fd, -1);
		return;
	}
	while (t->done && (entry = readdir(d))) {
		struct entry e = {.from = from, .to = to, .name = entry->d_name, .depth = depth};

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (t->entries++ >= MOST_ENTRIES)
			break;
		e.made = shown(&t->arena, e.name);
		e.path = arena_printf(&t->arena, "%s%s%s", path, *path ? "/" : "", e.made);
		take_entry(t, &e);
	}
	closedir(d);
}

/* ---- all of it ---- */

/* The directory of that absolute path below a root; -1: there is none. */
static int open_below(int root, const char *path)
{
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct arena a = {0};

	while (fd >= 0 && *(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");
		int next = openat(fd, arena_strndup(&a, path, length),
				  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		close(fd);
		fd = next;
		path += length;
	}
	arena_free(&a);
	return fd;
}

static void take(struct taking *t, int from, int to, const char *name)
{
	int out = make_directory(to, name);

	if (out < 0)
		fail(t);
	else if (from >= 0)
		take_all(t, from, out, "", 0);
	close_both(out, -1);
	if (t->entries <= MOST_ENTRIES)
		return;
	fprintf(t->list, "and more: no more than %d files and directories are handed back\n",
		MOST_ENTRIES);
	t->left++;
}

/* The list as a file beside it, if it is not empty. */
static void write_list(struct taking *t, const char *list, int to, const char *name)
{
	int fd = openat(to, arena_printf(&t->arena, "%s.txt", name),
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		fail(t);
		close_both(fd, -1);
		return;
	}
	fputs(list, out);
	if (fclose(out) != 0)
		fail(t);
}

static bool finish(struct taking *t)
{
	arena_free(&t->arena);
	errno = t->why;
	return t->done;
}

bool kept_take(int upper, const char *directory, int to, const char *name, size_t *left)
{
	struct taking t = {.done = true};
	struct text list;
	int from = open_below(upper, directory);
	const char *written;

	t.list = text_open(&list);
	take(&t, from, to, name);
	written = text_close(&list, &t.arena);
	if (t.done && (t.left || t.removed))
		write_list(&t, written, to, name);
	close_both(from, -1);
	*left = t.left;
	return finish(&t);
}

bool kept_copy(int from, int to, const char *name)
{
	struct taking t = {.done = true};
	struct text list;
	int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (in < 0)
		return false;
	t.list = text_open(&list);
	take(&t, in, to, name);
	text_close(&list, &t.arena);
	close(in);
	if (t.done && (t.left || t.removed)) {
		errno = EFBIG;
		fail(&t);
	}
	return finish(&t);
}
