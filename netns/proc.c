/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc as a lab needs it: present, and with writable sysctls of the network.
 *
 * In a container /proc/sys is often read-only, by a mount on top of it. A process that may mount
 * (CAP_SYS_ADMIN) mounts /proc/sys/net once more, writable, in a mount namespace of its own, which
 * nobody else sees. The kernel still decides which of these sysctls belong to the namespace.
 *
 * A user namespace does not help: outside mounts stay as they are in it, and a /proc can be mounted
 * in it only if a whole /proc is visible already (mount_too_revealing() in fs/namespace.c), and
 * such containers prevent that.
 */
#include "netns/proc.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SYSCTLS "/proc/sys/net"

static bool is_there(void)
{
	return access("/proc/thread-self/ns/net", F_OK) == 0;
}

static bool is_writable(void)
{
	struct statvfs st;

	return statvfs(SYSCTLS, &st) < 0 || !(st.f_flag & ST_RDONLY);
}

/* The first time only: otherwise the whole container would see the following mounts. */
static bool own_mounts(void)
{
	static pid_t owner;

	if (owner == getpid())
		return true;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return false;
	owner = getpid();
	return true;
}

static bool mount_proc(void)
{
	return own_mounts() &&
	       mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

static bool mount_sysctls(void)
{
	return own_mounts() && mount(SYSCTLS, SYSCTLS, NULL, MS_BIND, NULL) == 0 &&
	       mount(NULL, SYSCTLS, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		     NULL) == 0;
}

bool proc_mend(char *error, size_t size)
{
	if (!is_there() && !mount_proc()) {
		snprintf(error, size,
			 "there is no /proc, and it cannot be mounted: %s; as root: mount -t proc "
			 "proc /proc",
			 strerror(errno));
		return false;
	}
	if (!is_writable() && !mount_sysctls()) {
		snprintf(error, size,
			 SYSCTLS " is read-only, and mounting it writable is refused: %s; %s",
			 strerror(errno), CONTAINER_MEND);
		return false;
	}
	return true;
}

bool proc_find(char *error, size_t size)
{
	return is_there() || proc_mend(error, size) || is_there();
}
