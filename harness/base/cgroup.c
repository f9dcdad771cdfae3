/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: /proc/self/cgroup says which group this process is in, one line for each
 * hierarchy: of version 1 one for each controller, or several; of version 2 a single one without a
 * name. /proc/self/mountinfo says where that hierarchy is mounted, and which of its groups is at
 * the top of the mount: in a container that may be the container's own, or one that is not even
 * above the process. A limit holds for all groups below, so each group from the process's own up to
 * that top is read, and the smallest remainder counts.
 *
 * The file names of each version are a row of a table.
 */
#include "harness/base/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/array.h"

#define LINE_SIZE 4096

/* The names of a controller's files; `key` begins the line, "" for a file with one line. */
struct names {
	const char *type, *controller; /* of the file system, and a word in its options */
	const char *memory, *memory_used, *memory_file, *memory_key, *kills, *kills_key;
	const char *tasks, *tasks_used;
	const char *time, *period; /* NULL: the period is the second number of the first */
};

static const struct names versions[] = {
    {"cgroup2", "", "memory.max", "memory.current", "memory.stat", "inactive_file", "memory.events",
     "oom_kill", "pids.max", "pids.current", "cpu.max", NULL},
    {"cgroup", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat",
     "total_inactive_file", "memory.oom_control", "oom_kill", NULL, NULL, NULL, NULL},
    {"cgroup", "pids", NULL, NULL, NULL, NULL, NULL, NULL, "pids.max", "pids.current", NULL, NULL},
    {"cgroup", "cpu", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "cpu.cfs_quota_us",
     "cpu.cfs_period_us"},
};
#define VERSIONS ARRAY_SIZE(versions)

/* ---- numbers in files ---- */

/* The first two numbers behind `key` in the file; returns how many there are. "max" is not a
 * number. */
static int numbers_in(const char *directory, const char *name, const char *key, long long n[2])
{
	char path[PATH_MAX], line[LINE_SIZE];
	size_t length = strlen(key);
	int found = 0, size = snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *f = size > 0 && (size_t)size < sizeof(path) ? fopen(path, "re") : NULL;

	if (!f)
		return 0;
	while (!found && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, length) && (!length || line[length] == ' '))
			found = sscanf(line + length, "%lld %lld", &n[0], &n[1]);
	fclose(f);
	return found > 0 ? found : 0;
}

static int64_t number_in(const char *directory, const char *name, const char *key,
			 int64_t otherwise)
{
	long long n[2];

	return name && numbers_in(directory, name, key, n) ? n[0] : otherwise;
}

/* For no limit, version 1 writes the largest number of whole pages. */
static int64_t limit_in(const char *directory, const char *name)
{
	int64_t limit = number_in(directory, name, "", UNLIMITED);

	return limit < 0 || limit >= INT64_MAX / 2 ? UNLIMITED : limit;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- one group ---- */

static void ask_memory(const char *directory, const struct names *v, struct cgroup *c)
{
	int64_t limit = limit_in(directory, v->memory), left;

	if (limit == UNLIMITED)
		return;
	left = limit - number_in(directory, v->memory_used, "", 0) +
	       number_in(directory, v->memory_file, v->memory_key, 0);
	c->memory = least(c->memory, limit);
	c->memory_left = least(c->memory_left, left > 0 ? left : 0);
}

static void ask_tasks(const char *directory, const struct names *v, struct cgroup *c)
{
	int64_t limit = limit_in(directory, v->tasks), left;

	if (limit == UNLIMITED)
		return;
	left = limit - number_in(directory, v->tasks_used, "", 0);
	c->tasks_left = least(c->tasks_left, left > 0 ? left : 0);
}

static void ask_time(const char *directory, const struct names *v, struct cgroup *c)
{
	long long n[2] = {0, 0};

	if (!v->time || !numbers_in(directory, v->time, "", n))
		return;
	if (v->period)
		n[1] = number_in(directory, v->period, "", 0);
	if (n[0] > 0 && n[1] > 0)
		c->processors = least(c->processors, (n[0] + n[1] - 1) / n[1]);
}

/* For the group at that directory; the groups above it end at the first `top` characters. */
typedef void ask_fn(char *directory, size_t top, const struct names *v, struct cgroup *c);

static void ask_kills(char *directory, size_t top, const struct names *v, struct cgroup *c)
{
	(void)top;
	c->killed += number_in(directory, v->kills, v->kills_key ? v->kills_key : "", 0);
}

static void ask_all(char *directory, size_t top, const struct names *v, struct cgroup *c)
{
	ask_kills(directory, top, v, c);
	for (;;) {
		char *slash = strrchr(directory, '/');

		ask_memory(directory, v, c);
		ask_tasks(directory, v, c);
		ask_time(directory, v, c);
		if (!slash || slash < directory + top)
			return;
		*slash = '\0';
	}
}

/* ---- which groups ---- */

static FILE *open_in_proc(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/self/%s", root, name);
	return fopen(path, "re");
}

/* Whether a word is in a list with commas; the empty word is only in an empty list. */
static bool is_in(const char *word, const char *list)
{
	size_t n = strlen(word);

	if (!n || !*list)
		return !n && !*list;
	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

/* For the hierarchy of a row of `versions`. */
struct place {
	bool has_group, is_mounted;
	char group[LINE_SIZE]; /* the path of this process's group */
	char top[LINE_SIZE];   /* of the group at the top of its mount, .. */
	char mount[LINE_SIZE]; /* .. which is here */
};

static void find_groups(const char *root, struct place places[VERSIONS])
{
	char line[LINE_SIZE];
	FILE *f = open_in_proc(root, "cgroup");

	while (f && fgets(line, sizeof(line), f)) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		for (size_t i = 0; i < VERSIONS; i++) {
			if (places[i].has_group || !is_in(versions[i].controller, list + 1))
				continue;
			places[i].has_group = true;
			snprintf(places[i].group, LINE_SIZE, "%s", path);
		}
	}
	if (f)
		fclose(f);
}

static void find_mounts(const char *root, struct place places[VERSIONS])
{
	char line[LINE_SIZE], type[64], options[LINE_SIZE];
	FILE *f = open_in_proc(root, "mountinfo");

	while (f && fgets(line, sizeof(line), f)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(rest, " - %63s %*s %4095s", type, options) != 2)
			continue;
		for (size_t i = 0; i < VERSIONS; i++) {
			const struct names *v = &versions[i];

			if (!places[i].is_mounted && !strcmp(type, v->type) &&
			    (!*v->controller || is_in(v->controller, options)))
				places[i].is_mounted = sscanf(line, "%*s %*s %*s %4095s %4095s",
							      places[i].top, places[i].mount) == 2;
		}
	}
	if (f)
		fclose(f);
}

/* The part of a group's path below another one; "": it is that one, or not below it. */
static const char *below(const char *group, const char *top)
{
	size_t n = strcmp(top, "/") ? strlen(top) : 0;

	if (strstr(group, "/..") || strncmp(group, top, n) || group[n] != '/' || !group[n + 1])
		return "";
	return group + n;
}

/* Call `ask` for this process's group in each hierarchy that there is. */
static void for_each_group(const char *root, ask_fn *ask, struct cgroup *c)
{
	struct place places[VERSIONS] = {0};

	find_groups(root, places);
	find_mounts(root, places);
	for (size_t i = 0; i < VERSIONS; i++) {
		const struct place *p = &places[i];
		char directory[3 * LINE_SIZE];

		if (!p->has_group || !p->is_mounted)
			continue;
		snprintf(directory, sizeof(directory), "%s%s%s", root, p->mount,
			 below(p->group, p->top));
		ask(directory, strlen(root) + strlen(p->mount), &versions[i], c);
	}
}

void cgroup_read(const char *root, struct cgroup *c)
{
	*c = (struct cgroup){UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED, 0};
	for_each_group(root, ask_all, c);
}

int64_t cgroup_killed(void)
{
	struct cgroup c = {0};

	for_each_group("", ask_kills, &c);
	return c.killed;
}

const char *cgroup_mend(struct arena *a, const char *message, int64_t before)
{
	struct cgroup c;

	cgroup_read("", &c);
	if (c.killed <= before)
		return message;
	if (c.memory == UNLIMITED)
		return arena_printf(a, "%s; the machine had no memory left: -j 1 needs the least",
				    message);
	return arena_printf(a,
			    "%s; the control group's memory ran out: %lld MB (docker run --memory "
			    "gives it more, -j 1 needs the least)",
			    message, (long long)(c.memory / (1024 * 1024)));
}
