/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each row says where to read a limit of the machine and how much of it one
 * run takes; the scarcest one decides. A run mostly waits, so a processor can serve many runs; but
 * each runnable one delays the others, and a run that starts earlier then waits longer. So there
 * are two numbers for a processor: how many may run in any case, and how many at most while the
 * processors have time for them.
 */
#include "harness/run/capacity.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/base/array.h"
#include "harness/base/cgroup.h"
#include "harness/options/options.h"

#define MAX_PROCESSORS (64 * 1024)
#define PER_PROCESSOR  16
#define MOST	       64 /* for each processor */
#define MEMORY_OF_RUN  (16LL * 1024 * 1024)
#define TASKS_OF_RUN   16

static const struct {
	const char *path;
	int64_t of_run;
} limits[] = {
    /* Three namespaces; those of runs that have just ended vanish a little later. */
    {"/proc/sys/user/max_net_namespaces", 9},
    {"/proc/sys/user/max_user_namespaces", 3},
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

/* The remaining memory of the whole machine, or of a control group (a container). */
static int64_t memory_left(const struct cgroup *group)
{
	int64_t kilobytes = number_in("/proc/meminfo", "MemAvailable:");

	return least(kilobytes < 0 ? UNLIMITED : kilobytes * 1024, group->memory_left);
}

/* A cpu_set_t has 1024; the kernel refuses one that has fewer than it could have (EINVAL). */
static int64_t processors_allowed(void)
{
	int64_t count = 1;

	for (size_t most = CPU_SETSIZE; most <= MAX_PROCESSORS; most *= 2) {
		cpu_set_t *set = CPU_ALLOC(most);
		bool fits = set && sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0;
		bool larger = set && !fits && errno == EINVAL;

		if (fits)
			count = CPU_COUNT_S(CPU_ALLOC_SIZE(most), set);
		if (set)
			CPU_FREE(set);
		if (!larger)
			break;
	}
	return count;
}

static int64_t processors_in(const struct cgroup *group)
{
	return least(processors_allowed(), group->processors);
}

int processors(void)
{
	struct cgroup group;

	cgroup_read("", &group);
	return (int)processors_in(&group);
}

static int64_t fit(const struct cgroup *group, int64_t memory)
{
	return least(MAX_AT_ONCE, memory_left(group) / memory);
}

int capacity_for(int64_t memory)
{
	struct cgroup group;
	int64_t n;

	cgroup_read("", &group);
	n = fit(&group, memory);
	return n > 0 ? (int)n : 1;
}

struct capacity capacity(void)
{
	struct cgroup group;
	int64_t n, processors;

	cgroup_read("", &group);
	processors = processors_in(&group);
	n = fit(&group, MEMORY_OF_RUN);
	n = least(n, MOST * processors);
	n = least(n, group.tasks_left / TASKS_OF_RUN);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		int64_t have = number_in(limits[i].path, "");

		if (have >= 0)
			n = least(n, have / limits[i].of_run);
	}
	n = least(n, resource(RLIMIT_NOFILE, 4));
	n = least(n, resource(RLIMIT_NPROC, 8));
	n = n > 0 ? n : 1;
	return (struct capacity){(int)least(n, PER_PROCESSOR * processors), (int)n};
}
