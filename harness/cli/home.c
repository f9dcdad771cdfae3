/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run.sh says where the project is in TCPLAB_HOME. Without it, the program
 * looks around itself: build/tcplab has scenarios/ as its directory's neighbour, an installed one
 * has ../share/tcplab. Paths below the current directory are given relative to it, as a user would
 * name them and as messages and captures are easiest to read.
 */
#include "harness/cli/home.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *relative(struct arena *a, const char *path)
{
	char here[PATH_MAX];
	size_t n;

	if (!getcwd(here, sizeof(here)))
		return path;
	n = strlen(here);
	if (n > 1 && strncmp(path, here, n) == 0 && path[n] == '/')
		return arena_strdup(a, path + n + 1);
	return path;
}

/* The directory that holds the one in which the program is; NULL: not to be found out. */
static char *around_program(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return NULL;
		*slash = '\0';
	}
	return arena_strdup(a, path);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

const char *home_file(struct arena *a, const char *name)
{
	const char *home = getenv("TCPLAB_HOME");
	const char *around = home && *home ? home : around_program(a);

	return arena_printf(a, "%s/%s", around ? around : ".", name);
}

const char *home_beside(struct arena *a, const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	*(strrchr(path, '/') ? strrchr(path, '/') : path) = '\0';
	return arena_printf(a, "%s/%s", path, name);
}

const char *home_library(struct arena *a)
{
	const char *home = getenv("TCPLAB_HOME");
	const char *around, *path;

	if (home && *home)
		return relative(a, arena_printf(a, "%s/scenarios", home));
	around = around_program(a);
	if (!around)
		return "scenarios";
	path = arena_printf(a, "%s/share/tcplab/scenarios", around);
	if (exists(path))
		return path;
	return relative(a, arena_printf(a, "%s/scenarios", around));
}

const char *home_results(struct arena *a)
{
	const char *home = getenv("TCPLAB_HOME");
	const char *around;

	if (home && *home)
		return relative(a, arena_printf(a, "%s/results", home));
	around = around_program(a);
	if (around && exists(arena_printf(a, "%s/scenarios", around)))
		return relative(a, arena_printf(a, "%s/results", around));
	return "results";
}
