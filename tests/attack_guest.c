/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program itself, with an attack added for tests/attack.sh. As a guest's init it first tries to
 * write to the machine's file system, to a file beside its program, where the machine's permissions
 * would allow it. A process that is confined like a host's, except for the filter of system calls,
 * tries the same, and tries to mount the file system again. Then init, which is root, mounts it
 * again and tries to write. The results are printed on the console.
 */
#define main tcplab_main
#include "harness/main.c"
#undef main

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "harness/actor/confine.h"

static void tell(int console, const char *who, bool done)
{
	dprintf(console, "attack: %s: %s\n", who, done ? "has succeeded" : strerror(errno));
}

static void try_mounts(const char *path)
{
	int console = dup(STDERR_FILENO);

	/* Each step has to hold without the filter, which would end this process at its first
	 * attempt. */
	for (int step = 0; step < CONFINE_CALLS; step++)
		if (!confine_step(step)) {
			dprintf(console, "attack: not confined: step %d\n", step);
			return;
		}
	tell(console, "a host that writes", open(path, O_CREAT | O_WRONLY, 0600) >= 0);
	tell(console, "a host that mounts anew", !mount("none", "/", NULL, MS_REMOUNT, NULL));
	tell(console, "a host that mounts once more", !mount("none", "/", "hostfs", 0, "/"));
}

static void attack(void)
{
	char path[PATH_MAX + 16] = "";
	ssize_t n = readlink("/proc/self/cwd/init", path, PATH_MAX);
	pid_t host;

	if (n <= 0)
		return;
	strcpy(path + n, ".escaped");
	tell(STDERR_FILENO, "init", open(path, O_CREAT | O_WRONLY, 0600) >= 0);
	host = fork();
	if (host == 0) {
		try_mounts(path);
		_exit(0);
	}
	waitpid(host, NULL, 0);
	if (mount("none", "/", NULL, MS_REMOUNT, NULL))
		tell(STDERR_FILENO, "init that mounts anew", false);
	else
		tell(STDERR_FILENO, "init that has mounted anew",
		     open(path, O_CREAT | O_WRONLY, 0600) >= 0);
}

int main(int argc, char **argv)
{
	if (guest_is_init())
		attack();
	return tcplab_main(argc, argv);
}
