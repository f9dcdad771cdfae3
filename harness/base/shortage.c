/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message is recognized by the words of strerror(3), which are the same in all programs. Those of
 * ENFILE are those of EMFILE and two more ("in system"), so they are searched first.
 */
#include "harness/base/shortage.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE;
}

/* The number of descriptors that a process may have: ulimit -n. */
static long descriptor_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > LONG_MAX
		   ? LONG_MAX
		   : (long)limit.rlim_cur;
}

const char *shortage_mend(struct arena *a, const char *message)
{
	if (strstr(message, strerror(ENFILE)))
		return arena_printf(a,
				    "%s; that is the whole machine's limit (fs.file-max), none of "
				    "ulimit -n",
				    message);
	if (strstr(message, strerror(EMFILE)))
		return arena_printf(a, "%s; a process may have %ld here, which ulimit -n can raise",
				    message, descriptor_limit());
	return message;
}
