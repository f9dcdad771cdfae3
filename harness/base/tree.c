/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a path may suddenly lead elsewhere, if somebody else can write to one of its
 * directories and replaces it by a symbolic link. So nothing here uses paths: each directory is
 * opened by its name in the one above, O_NOFOLLOW, and its entries are removed by their names in
 * that descriptor. Each level holds a descriptor, so the depth is limited. Our directories are
 * never deep, but a guest can make some: a directory that is too deep is moved up into the top one,
 * under a name of ours, and its turn comes there.
 *
 * A process that could write there may have taken away the owner's permission to read a directory
 * or to remove its entries. The owner is this user, who can give it back.
 */
#include "harness/base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 32

static bool on_same_file_system(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev;
}

/* Without following a link, nor asking for a permission; fchmod(2) does not take what that opens.
 */
static void permit_all(int at, const char *name)
{
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[64];
	struct stat st;

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IRWXU) != S_IRWXU)
		chmod(path, (st.st_mode & 07777) | S_IRWXU);
	close(fd);
}

/* A directory whose entries are to be removed; -1: it is none, or cannot be opened. */
static int open_directory(int at, const char *name)
{
	permit_all(at, name);
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What is being removed. */
struct removal {
	int top;  /* its directory, once that is open */
	int next; /* number of the next name for what is moved there */
	bool moved;
};

typedef void each_fn(int at, const char *name, int depth, struct removal *r);

/* Each entry but . and .. ; the descriptor is closed. */
static void each_entry(int fd, each_fn *each, int depth, struct removal *r)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		close(fd);
		return;
	}
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			each(dirfd(d), entry->d_name, depth, r);
	closedir(d);
}

/* If something there has that name already, the next one is tried. */
static void move_up(int at, const char *name, struct removal *r)
{
	char new_name[32];

	permit_all(at, name); /* a directory must be writable to get another parent */
	do {
		snprintf(new_name, sizeof(new_name), "moved-up-%d", r->next++);
		if (renameat(at, name, r->top, new_name) == 0) {
			r->moved = true;
			return;
		}
	} while (r->next < INT_MAX && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR));
}

static void remove_at(int at, const char *name, int depth, struct removal *r)
{
	int fd;

	if (unlinkat(at, name, 0) == 0)
		return;
	if (depth == MAX_DEPTH) {
		if (unlinkat(at, name, AT_REMOVEDIR) < 0)
			move_up(at, name, r);
		return;
	}
	fd = open_directory(at, name);
	if (depth == 0)
		r->top = fd;
	if (fd >= 0 && (depth == 0 || on_same_file_system(at, fd)))
		each_entry(fd, remove_at, depth + 1, r);
	else if (fd >= 0)
		close(fd);
	unlinkat(at, name, AT_REMOVEDIR);
}

/* What is moved while the top directory is read may not be seen there until it is read again. */
void tree_remove(int at, const char *name)
{
	struct removal r = {0};

	do {
		r.moved = false;
		remove_at(at, name, 0, &r);
	} while (r.moved);
}

/* ---- entries that are neither files nor directories ---- */

static bool is_file(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink == 1;
}

static void keep_file(int at, const char *name, int depth, struct removal *none)
{
	int fd;

	if (is_file(at, name))
		return;
	fd = depth < MAX_DEPTH ? open_directory(at, name) : -1;
	if (fd >= 0)
		each_entry(fd, keep_file, depth + 1, none);
	else
		tree_remove(at, name);
}

void tree_keep_files(int at, const char *name)
{
	int fd = open_directory(at, name);

	if (fd >= 0)
		each_entry(fd, keep_file, 0, NULL);
}
