/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root directory of a program in a guest: the machine's files, which are the guest's root, and
 * over them a file system in memory that takes all writes (overlayfs). When the guest ends, that is
 * gone. The rest comes from the guest's own kernel: /dev, /sys, /dev/pts ..
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/program/keeper.h"

/*
 * All of it is made here, since every machine has this directory. The real file system covers it
 * later.
 */
#define PLACE "/proc"
#define ROOT  PLACE "/root"

static bool fail(struct keeper *k, const char *what)
{
	snprintf(k->error, sizeof(k->error), "%s: %s", what, strerror(errno));
	return false;
}

static bool mount_overlay(void)
{
	static const char *const directories[] = {PLACE "/upper", PLACE "/work", ROOT};

	if (mount("tcplab", PLACE, "tmpfs", MS_NOSUID, "mode=755") < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (mkdir(directories[i], 0755) < 0)
			return false;
	return mount("tcplab", ROOT, "overlay", 0,
		     "lowerdir=/,upperdir=" PLACE "/upper,workdir=" PLACE "/work") == 0;
}

/* A kernel may have been built without one of them, and most programs do not need it. */
static void mount_kernels(void)
{
	static const struct {
		const char *type, *at, *options;
	} mounts[] = {
	    {"devtmpfs", ROOT "/dev", "mode=755"},
	    {"devpts", ROOT "/dev/pts", "mode=620,ptmxmode=666"},
	    {"tmpfs", ROOT "/dev/shm", "mode=1777"},
	    {"mqueue", ROOT "/dev/mqueue", NULL},
	    {"sysfs", ROOT "/sys", NULL},
	};
	static const char *const links[][2] = {
	    {"/proc/self/fd", ROOT "/dev/fd"},
	    {"/proc/self/fd/0", ROOT "/dev/stdin"},
	    {"/proc/self/fd/1", ROOT "/dev/stdout"},
	    {"/proc/self/fd/2", ROOT "/dev/stderr"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].at, 0755);
		mount("tcplab", mounts[i].at, mounts[i].type, MS_NOSUID, mounts[i].options);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i][0], links[i][1]) < 0)
			continue; /* it exists */
}

/* What is written there can be seen as long as somebody has it open. */
static bool keep_upper(void)
{
	int fd = open(PLACE "/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd == KEEPER_FILES || (fd >= 0 && dup3(fd, KEEPER_FILES, O_CLOEXEC) >= 0);

	if (fd >= 0 && fd != KEEPER_FILES)
		close(fd);
	return done;
}

bool root_make(struct keeper *k)
{
	char directory[PATH_MAX];

	if (!getcwd(directory, sizeof(directory)))
		return fail(k, "its directory");
	if (!mount_overlay())
		return fail(k, "a file system for what it writes (CONFIG_OVERLAY_FS)");
	if (!keep_upper())
		return fail(k, "what it writes");
	mount_kernels();
	if (chdir(ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		return fail(k, "a root directory of its own");
	return chdir(directory) == 0 || fail(k, "going back to its directory");
}
