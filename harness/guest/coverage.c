/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coverage of the guest's kernel. A kernel with CONFIG_GCOV_KERNEL counts its own branches. It
 * shows the counters in debugfs, one file for each source file. At the end of a run they are copied
 * into the run's results. Other kernels have no such directory. (Documentation/dev-tools/gcov.rst.)
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/guest/guest.h"

#define DEBUGFS "/sys/kernel/debug"
#define ENDING	".gcda"

/* nftw() hands no context on. */
static struct {
	struct arena *arena;
	const char *to;
	const char *error;
} keeping;

static bool is_data(const char *name)
{
	size_t n = strlen(name), ending = strlen(ENDING);

	return n > ending && strcmp(name + n - ending, ENDING) == 0;
}

/* .../net/ipv4/tcp.gcda becomes ipv4-tcp.gcda, since IPv6 has a file syncookies.c, too. */
static int keep_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + ftw->base, *above = name - 1;
	const char *copy;
	FILE *out;
	bool done;
	int in;

	(void)st;
	if (type != FTW_F || !is_data(path))
		return 0;
	while (above > path && above[-1] != '/')
		above--;
	copy = arena_printf(keeping.arena, "%s/%.*s-%s", keeping.to, (int)(name - 1 - above), above,
			    name);
	errno = 0;
	in = open(path, O_RDONLY | O_CLOEXEC);
	out = in < 0 ? NULL : fopen(copy, "we");
	done = out && text_copy(out, in);
	if (in >= 0)
		close(in);
	if (out)
		done = !fclose(out) && done;
	if (!done)
		keeping.error =
		    arena_printf(keeping.arena, "%s: %s", copy, strerror(errno ? errno : EIO));
	return !done;
}

bool guest_keep_coverage(struct arena *a, const char *results, const char **error)
{
	struct stat st;

	/* A kernel with debugfs has a directory for it; the ordinary ones have neither. */
	if (stat(results, &st) < 0 || stat(DEBUGFS, &st) < 0)
		return true;
	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL) < 0 || stat(DEBUGFS "/gcov", &st) < 0)
		return true;
	keeping.arena = a;
	keeping.to = results;
	keeping.error = NULL;
	nftw(DEBUGFS "/gcov", keep_file, 16, FTW_PHYS);
	*error = keeping.error;
	return !keeping.error;
}
