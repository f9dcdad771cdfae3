/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program itself, but as a guest's init it first tries to write to the machine's file system:
 * a file beside its program, on which the machine's permissions would allow it. What comes of it is
 * said on the console. For tests/attack.sh.
 */
#define main tcplab_main
#include "harness/main.c"
#undef main

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>

static void attack(void)
{
	char path[PATH_MAX + 16] = "";
	ssize_t n = readlink("/proc/self/cwd/init", path, PATH_MAX);
	int fd;

	if (n <= 0)
		return;
	strcpy(path + n, ".escaped");
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	dprintf(STDERR_FILENO, "attack: %s\n", fd < 0 ? strerror(errno) : "has succeeded");
}

int main(int argc, char **argv)
{
	if (guest_is_init())
		attack();
	return tcplab_main(argc, argv);
}
