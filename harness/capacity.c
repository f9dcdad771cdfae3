/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each row says where a limit of the machine stands and how much of it one run
 * takes; the scarcest one decides. A run mostly waits, so the processors bear many more than one
 * each; but each that is runnable delays the others, and what a run gains by starting earlier it
 * loses by waiting.
 */
#include "harness/capacity.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/options.h"

#define PER_PROCESSOR 16
#define MEMORY_OF_RUN (16LL * 1024 * 1024)

static const struct {
	const char *path;
	const char *key; /* what stands before the number */
	int64_t unit, of_run;
} limits[] = {
    {"/proc/meminfo", "MemAvailable:", 1024, MEMORY_OF_RUN},
    {"/sys/fs/cgroup/memory.max", "", 1, MEMORY_OF_RUN},
    /* Three namespaces; those of runs that have just ended go away a little later. */
    {"/proc/sys/user/max_net_namespaces", "", 1, 9},
    {"/proc/sys/user/max_user_namespaces", "", 1, 3},
    {"/sys/fs/cgroup/pids.max", "", 1, 16},
};

/* The number behind `key` in the file, or -1: no such file, or no number there ("max"). */
static int64_t number_in(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	long long n = -1;
	char line[256];

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) == 0) {
			if (sscanf(line + strlen(key), "%lld", &n) != 1)
				n = -1;
			break;
		}
	}
	fclose(f);
	return n;
}

static int64_t resource(int which, int of_run)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return MAX_AT_ONCE;
	return limit.rlim_cur / of_run;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

int capacity(void)
{
	int64_t n = least(MAX_AT_ONCE, PER_PROCESSOR * processors());
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		int64_t have = number_in(limits[i].path, limits[i].key);

		if (have >= 0)
			n = least(n, have * limits[i].unit / limits[i].of_run);
	}
	n = least(n, resource(RLIMIT_NOFILE, 4));
	n = least(n, resource(RLIMIT_NPROC, 8));
	return n > 0 ? n : 1;
}
