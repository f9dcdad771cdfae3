/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one write(), whose error is the answer; close() may not replace it. */
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
