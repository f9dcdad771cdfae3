/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with AMX, as far as ptrace(2) shows it: the register set NT_X86_XSTATE has 11008 bytes;
 * a caller may read only the beginning, but must write all. Preloaded below the guests' own
 * library, so that both can be tested on any machine.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define SIZE 11008

typedef long ptrace_fn(enum __ptrace_request request, pid_t pid, void *addr, void *data);

long ptrace(enum __ptrace_request request, ...)
{
	static unsigned char set[SIZE];
	static ptrace_fn *next;
	struct iovec real = {set, sizeof(set)}, *area;
	void *address, *data;
	va_list rest;
	pid_t pid;

	va_start(rest, request);
	pid = va_arg(rest, pid_t);
	address = va_arg(rest, void *);
	data = va_arg(rest, void *);
	va_end(rest);
	if (!next)
		next = (ptrace_fn *)dlsym(RTLD_NEXT, "ptrace");
	if ((request != PTRACE_GETREGSET && request != PTRACE_SETREGSET) ||
	    address != (void *)NT_X86_XSTATE)
		return next(request, pid, address, data);
	area = data;
	if (area->iov_len > SIZE)
		area->iov_len = SIZE;
	if (request == PTRACE_SETREGSET) {
		if (area->iov_len != SIZE) {
			errno = EFAULT;
			return -1;
		}
		real.iov_base = area->iov_base;
		return next(request, pid, address, &real);
	}
	memset(set, 0, sizeof(set));
	if (next(request, pid, address, &real) < 0)
		return -1;
	memcpy(area->iov_base, set, area->iov_len);
	return 0;
}
