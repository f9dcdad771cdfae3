/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The place of guests' memory, and the number of guests for which there is room.
 *
 * It is a file that a User-Mode Linux opens and maps, executable. kernels/preload/memory.c gives it
 * one of memfd_create(), which no file system limits. That does not work if the call is forbidden,
 * or for a statically linked kernel. Then it is a file in a directory in which programs may be
 * executed: the first that has room for a guest on each processor, else the one with the most room.
 * A guest that finds no room during its work is killed by SIGBUS, so no more of them are started
 * than fit.
 */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/guest/guest.h"
#include "harness/run/capacity.h"

#define MEBI	    (1024 * 1024)
#define FILE_OF_ONE (64LL * MEBI) /* a guest has written to some 50 MB of it when it ends */
#define ALL_OF_ONE  (96LL * MEBI) /* with its processes */

/* Whether it uses the preloaded library. For a file that is not a program (a script) this is not
 * known. */
static bool is_static(const char *program)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	const Elf64_Ehdr *head;
	const Elf64_Phdr *part;
	_Alignas(Elf64_Ehdr) char bytes[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	bool is_static = false;

	if (fd >= 0)
		close(fd);
	head = (const Elf64_Ehdr *)bytes;
	if (n < (ssize_t)sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_phentsize != sizeof(*part) ||
	    head->e_phoff % 8 || head->e_phoff > (size_t)n ||
	    head->e_phnum > ((size_t)n - head->e_phoff) / sizeof(*part))
		return false;
	part = (const Elf64_Phdr *)(bytes + head->e_phoff);
	is_static = head->e_phnum > 0;
	for (int i = 0; i < head->e_phnum; i++)
		if (part[i].p_type == PT_INTERP)
			is_static = false;
	return is_static;
}

static bool has_memfd(void)
{
	int fd = memfd_create("tcplab", MFD_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* For how many a directory has room; and its room in words, for a message. */
static int room_in(struct arena *a, const char *directory, const char **words)
{
	struct statvfs st;
	long long room;

	*words = arena_printf(a, "%s cannot be written", directory);
	if (statvfs(directory, &st) < 0 || access(directory, W_OK | X_OK) < 0)
		return 0;
	*words = arena_printf(a, "in %s nothing may be executed", directory);
	if (st.f_flag & ST_NOEXEC)
		return 0;
	room = (long long)st.f_bavail * (long long)st.f_frsize;
	*words = arena_printf(a, "%s has %lld MB left", directory, room / MEBI);
	return room / FILE_OF_ONE > MAX_AT_ONCE ? MAX_AT_ONCE : (int)(room / FILE_OF_ONE);
}

bool guest_memory(struct arena *a, struct guest_kernel *kernel, const char **error)
{
	const char *const directories[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};
	const char *all = "";
	const char *why = is_static(kernel->program) ? "the kernel is linked statically"
						     : "memfd_create() is forbidden";

	kernel->memory = NULL;
	kernel->room = MAX_AT_ONCE;
	if (!is_static(kernel->program) && has_memfd())
		return true;
	kernel->room = 0;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		const char *words = NULL;
		int room = 0;

		if (kernel->room >= processors())
			return true;
		if (!directories[i] || !*directories[i])
			continue;
		room = room_in(a, directories[i], &words);
		all = arena_printf(a, "%s%s%s", all, *all ? ", " : "", words);
		if (room > kernel->room) {
			kernel->room = room;
			kernel->memory = directories[i];
		}
	}
	kernel->why_room =
	    arena_printf(a, "a guest needs a file of %lld MB for its memory, since %s; %s",
			 FILE_OF_ONE / MEBI, why, all);
	if (kernel->room)
		return true;
	*error = arena_printf(a, "%s: let TMPDIR name a directory with more, on a tmpfs",
			      kernel->why_room);
	return false;
}

int guest_capacity(const struct guest_kernel *kernel, int wanted)
{
	int bears = capacity_for(ALL_OF_ONE);
	int n = processors() < bears ? processors() : bears;

	if (wanted)
		n = wanted;
	if (n <= kernel->room)
		return n;
	say("at most %d at once: %s", kernel->room, kernel->why_room);
	return kernel->room;
}
