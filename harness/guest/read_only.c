/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's files are read-only for a guest, whatever its kernel tries.
 *
 * A guest mounts its own root read-only (init.c), so its root user could mount it anew. Therefore
 * the process that becomes the kernel gets a mount namespace of its own. In it only the named
 * directories can be written. Each of them is mounted on itself, so that it has flags of its own.
 *
 * Some kernels do not load the preloaded library (kernels/preload), such as one that a script
 * starts. Such a kernel opens a file for its memory in /dev/shm. So it gets an empty /dev/shm of
 * its own, unless that would hide one of the named directories.
 *
 * A guest that root has started could undo all this, after it has taken over its own kernel. A
 * guest that an ordinary user has started cannot: at execve(2) the process loses its rights in its
 * user namespace, and in a further namespace these mounts are locked (mount_namespaces(7)).
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/guest/guest.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442 /* the same everywhere; since Linux 5.12 */
#endif

#define READ_ONLY 1	 /* MOUNT_ATTR_RDONLY; linux/mount.h and sys/mount.h do not get along */
#define BELOW	  0x8000 /* AT_RECURSIVE */

struct attributes {
	uint64_t set, clear, propagation, users;
};

static bool alter(const char *path, unsigned flags, struct attributes attributes)
{
	return !syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attributes, sizeof(attributes));
}

/* With whatever is mounted below, which else would be hidden. */
static bool mount_on_itself(const char *directory)
{
	return !mount(directory, directory, NULL, MS_BIND | MS_REC, NULL);
}

#define SHARED_MEMORY "/dev/shm"

static bool is_in_shared_memory(const char *directory)
{
	char real[PATH_MAX];
	size_t n = strlen(SHARED_MEMORY);

	return realpath(directory, real) && !strncmp(real, SHARED_MEMORY, n) &&
	       (!real[n] || real[n] == '/');
}

static bool any_is_in_shared_memory(const char *const *directories)
{
	while (*directories && !is_in_shared_memory(*directories))
		directories++;
	return *directories;
}

bool read_only_but(const char *const *directories)
{
	bool done;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		return false;
	for (const char *const *d = directories; *d; d++)
		if (!mount_on_itself(*d))
			return false;
	done = alter("/", BELOW, (struct attributes){.set = READ_ONLY});
	for (const char *const *d = directories; *d && done; d++)
		done = alter(*d, 0, (struct attributes){.clear = READ_ONLY});
	if (done && !any_is_in_shared_memory(directories))
		mount("memory", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	return done;
}
