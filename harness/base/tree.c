/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a path may lead elsewhere from one moment to the next, as soon as one of its
 * directories can be written to by somebody else, who exchanges it for a symbolic link. So nothing
 * here goes by paths: each directory is opened by its name in the one above, O_NOFOLLOW, and what
 * is in it is removed by its name in that descriptor. Each step that goes down holds a descriptor,
 * and so there is a limit to how deep it goes; what is ours is never deep.
 */
#include "harness/base/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 32

static void remove_at(int at, const char *name, int depth);

static bool on_same_file_system(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev;
}

/* The descriptor is closed. */
static void remove_contents(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		close(fd);
		return;
	}
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_at(dirfd(d), entry->d_name, depth);
	closedir(d);
}

static void remove_at(int at, const char *name, int depth)
{
	int fd;

	if (unlinkat(at, name, 0) == 0 || depth == MAX_DEPTH)
		return;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (depth == 0 || on_same_file_system(at, fd)))
		remove_contents(fd, depth + 1);
	else if (fd >= 0)
		close(fd);
	unlinkat(at, name, AT_REMOVEDIR);
}

void tree_remove(int at, const char *name)
{
	remove_at(at, name, 0);
}
