/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what makes a run unsure is to wait for a processor, and a run waits as long
 * as all others that want the same processor take before it. /proc/loadavg says how many tasks of
 * the whole machine run or want to run at this moment, whoever started them. So one more run may
 * begin while they are few for each processor. Its first steps are then counted themselves, before
 * the next one is considered.
 *
 * In a container the machine's other tasks count, too. That errs on the safe side: fewer runs
 * begin.
 */
#include "harness/run/spare.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define WANTING 2 /* tasks for each processor, which then wait a few milliseconds at most */

long spare_wanting(const char *loadavg)
{
	long wanting;

	return sscanf(loadavg, "%*s %*s %*s %ld/", &wanting) == 1 ? wanting : -1;
}

bool has_spare_time(int processors)
{
	static int fd = -1;
	char text[128];
	ssize_t n;
	long wanting;

	if (fd < 0)
		fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return false;
	text[n] = '\0';
	wanting = spare_wanting(text) - 1; /* the caller is one of them */
	return wanting >= 0 && wanting < (long)WANTING * processors;
}
