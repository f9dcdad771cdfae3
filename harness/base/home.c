/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run.sh says in TCPLAB_HOME where the source tree is. Without it, the program
 * looks around itself: if it is PREFIX/bin/tcplab and PREFIX/share/tcplab has scenarios, it is
 * installed; otherwise the directory above its own is the source tree. Paths below the current
 * directory are given relative to it, as a user would name them and as messages and captures are
 * easiest to read.
 */
#include "harness/base/home.h"

#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct home {
	const char *own;   /* the directory of the program itself */
	const char *root;  /* the source tree, or PREFIX */
	bool is_installed; /* then it is PREFIX */
};

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

/* The directory of that path; "." if the path is only a name. */
static const char *above(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_printf(a, "%.*s", (int)(slash - path), path) : ".";
}

const char *home_program(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	return arena_strdup(a, path);
}

/* $name; NULL: it is not set, or empty, which is the same. */
static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* One that is to be a directory. A relative one must be ignored (XDG Base Directory Specification).
 */
static const char *directory_setting(const char *name)
{
	const char *value = setting(name);

	return value && *value == '/' ? value : NULL;
}

/* Not the current directory, where anybody may have left a kernel. */
static const char *home_of_user(void)
{
	const char *user = directory_setting("HOME");
	const struct passwd *entry = user ? NULL : getpwuid(geteuid());

	if (user)
		return user;
	return entry && *entry->pw_dir == '/' ? entry->pw_dir : "/nonexistent";
}

/* It does not change while the program runs, so it is found once. */
static const struct home *home_find(void)
{
	static struct arena lasting;
	static struct home home;
	struct arena *a = &lasting;
	const char *tree = setting("TCPLAB_HOME");

	if (home.own)
		return &home;
	home.own = above(a, home_program(a));
	home.root = tree ? tree : above(a, home.own);
	home.is_installed =
	    !tree && access(arena_printf(a, "%s/share/tcplab/scenarios", home.root), F_OK) == 0;
	return &home;
}

const char *home_library(struct arena *a)
{
	const struct home *home = home_find();

	if (home->is_installed)
		return arena_printf(a, "%s/share/tcplab/scenarios", home->root);
	return relative(a, arena_printf(a, "%s/scenarios", home->root));
}

const char *home_results(struct arena *a)
{
	const struct home *home = home_find();
	const char *state = directory_setting("XDG_STATE_HOME");

	if (!home->is_installed)
		return relative(a, arena_printf(a, "%s/results", home->root));
	return state ? arena_printf(a, "%s/tcplab", state) : "tcplab-results";
}

const char *home_kernels(struct arena *a)
{
	const struct home *home = home_find();
	const char *cache = directory_setting("XDG_CACHE_HOME");

	if (!home->is_installed)
		return arena_printf(a, "%s/build/kernels", home->root);
	if (cache)
		return arena_printf(a, "%s/tcplab/kernels", cache);
	return arena_printf(a, "%s/.cache/tcplab/kernels", home_of_user());
}

const char *home_preload(struct arena *a)
{
	const struct home *home = home_find();

	if (home->is_installed)
		return arena_printf(a, "%s/lib/tcplab/preload.so", home->root);
	return arena_printf(a, "%s/preload.so", home->own);
}

const char *home_kernel_script(struct arena *a, const char *name)
{
	const struct home *home = home_find();

	return arena_printf(a, "%s/%skernels/%s", home->root,
			    home->is_installed ? "share/tcplab/" : "", name);
}

bool home_is_installed(void)
{
	return home_find()->is_installed;
}

const char *home_command(void)
{
	return home_is_installed() ? "tcplab" : "./run.sh";
}
