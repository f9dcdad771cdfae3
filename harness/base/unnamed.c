/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: memfd_create() needs no file system, no room in one and no permission there.
 * A filter of system calls may still refuse it (containers). Then a directory is used, and if its
 * file system has no files without a name (O_TMPFILE), the name is removed at once.
 */
#include "harness/base/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/shortage.h"

static int file_in(const char *directory)
{
	char path[PATH_MAX];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int n;

	if (fd >= 0 || is_shortage(errno))
		return fd;
	n = snprintf(path, sizeof(path), "%s/tcplab-XXXXXX", directory);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int unnamed_file(const char *name)
{
	const char *const directories[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};
	int fd = memfd_create(name, MFD_CLOEXEC);
	int why = errno;

	for (size_t i = 0; fd < 0 && i < ARRAY_SIZE(directories); i++) {
		if (is_shortage(errno))
			return -1;
		if (directories[i] && *directories[i])
			fd = file_in(directories[i]);
	}
	if (fd < 0 && !is_shortage(errno))
		errno = why;
	return fd;
}
