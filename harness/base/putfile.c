/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one write(), whose error is the answer; close() may not replace it. A file
 * system may report only at close() that a new file could not be kept, so there it counts.
 */
#include "harness/base/putfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int why;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	why = errno;
	close(fd);
	errno = why;
	return n == (ssize_t)strlen(text);
}

bool file_make(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	size_t length = strlen(text), done = 0;
	ssize_t n = 0;
	bool made;
	int why;

	if (fd < 0)
		return false;
	while (done < length && (n = write(fd, text + done, length - done)) > 0)
		done += (size_t)n;
	made = done == length;
	why = errno;
	if (close(fd) < 0 && made) {
		made = false;
		why = errno;
	}
	if (!made)
		unlink(path);
	errno = why;
	return made;
}
