/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program has written to its standard output and error is a file in memory. A program can
 * make it longer in many ways (write() to any copy of the descriptor, sendfile(), ftruncate(), a
 * mapping), so its size is looked at, not the calls. It may also have room without being longer
 * (fallocate()).
 */
#include <sys/stat.h>

#include "harness/program/program.h"

bool output_is_too_long(int fd)
{
	struct stat st;

	if (fd <= 0 || fstat(fd, &st) < 0)
		return false;
	return st.st_size > OUTPUT_MOST || st.st_blocks * 512LL > OUTPUT_MOST;
}
