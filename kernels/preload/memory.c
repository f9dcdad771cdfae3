/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a guest's memory where there is room for it.
 *
 * A User-Mode Linux keeps its memory in a file without a name, which it opens (O_TMPFILE) in TMPDIR
 * or /dev/shm and maps executable. In a container /dev/shm is often small, so that SIGBUS kills the
 * guest at some moment, or mounted noexec, so that the guest does not begin. This library is
 * preloaded into the kernel's process. Its open64() takes a file from memfd_create(), which is in
 * no file system with a size or options; only the limits of all processes' memory apply. Where that
 * is forbidden, the file is opened as requested; harness/guest/guest_memory.c has chosen the
 * directory.
 *
 * User-Mode Linux opens nothing else in that way (arch/um/os-Linux/mem.c).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

typedef int open_fn(const char *path, int flags, ...);

static open_fn *c_library;

__attribute__((constructor)) static void find_c_library(void)
{
	/* Through a union: ISO C has no cast from a pointer to data to one to a function. */
	union {
		void *data;
		open_fn *function;
	} next = {.data = dlsym(RTLD_NEXT, "open64")};

	c_library = next.function;
}

/* vm.memfd_noexec may demand the seal, which forbids execve() and no mapping. */
static int memory_file(void)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	return fd < 0 && errno == EACCES ? memfd_create("guest", MFD_CLOEXEC | MFD_NOEXEC_SEAL)
					 : fd;
}

int open64(const char *path, int flags, ...)
{
	mode_t mode;
	va_list rest;
	int fd = (flags & O_TMPFILE) == O_TMPFILE ? memory_file() : -1;

	va_start(rest, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return fd >= 0 ? fd : c_library(path, flags, mode);
}
