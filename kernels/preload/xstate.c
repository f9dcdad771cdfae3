/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest starts on every processor, however large its register state is.
 *
 * A User-Mode Linux reads and writes the registers of its processes with ptrace(2), the extended
 * ones as the register set NT_X86_XSTATE. The size of that set depends on the processor: 832 bytes
 * with AVX, 2688 with AVX-512, 11008 with AMX. User-Mode Linux 6.1 and 6.12 keep an area of 2696
 * bytes for it (HOST_FP_SIZE). If the caller asks for less, the kernel outside returns the
 * beginning of the set (PTRACE_GETREGSET), but it accepts only the whole set back: xstateregs_set()
 * in arch/x86/kernel/fpu/regset.c refuses anything shorter with EFAULT. Then no program can run in
 * the guest, not even init.
 *
 * Preloaded into the kernel's process, this ptrace() completes a set that is too short: it reads
 * the whole set, replaces the beginning with the caller's bytes, and writes the whole back. So
 * PTRACE_SETREGSET accepts what PTRACE_GETREGSET gives. The part beyond the caller's area stays as
 * it is in the process. A guest cannot use that part, because a process must request it (AMX:
 * arch_prctl(2), ARCH_REQ_XCOMP_PERM), and a guest's kernel does not pass the request on.
 *
 * No other set grows with the processor. NT_PRFPREG is refused, too, when it is not whole, but is
 * 512 bytes on every x86-64 processor; NT_PRSTATUS may be written in part.
 *
 * It also leaves out what alters nothing. A User-Mode Linux reads the set when a process has
 * stopped and writes it back before that goes on, for each system call. The kernel outside takes
 * memory from vmalloc() for each such writing, so that it takes 2 of the 11 us that all these
 * requests take. As long as a process has not gone on since its set was read or written, and is to
 * get the same bytes, there is nothing to be written.
 *
 * The kernel outside is asked for the size of the set (once): CPUID says what the processor could
 * do, which is more than the kernel uses. A guest calls ptrace() several times for each system call
 * of its programs, so all other requests go on to the C library at once.
 */
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long ptrace_fn(enum __ptrace_request request, pid_t pid, void *addr, void *data);

static ptrace_fn *c_library;
static size_t whole; /* size of the set; 0: not asked yet */

/*
 * Not on the stack, which may belong to a guest's task and be small. User-Mode Linux calls ptrace()
 * from one thread.
 */
static _Alignas(64) unsigned char state[64 * 1024];

/* What the sets of stopped processes begin with; found by their numbers. */
#define KNOWN_SETS  64
#define KNOWN_BYTES 4096

static struct known_set {
	pid_t pid;
	size_t length;	  /* 0: nothing is known */
	bool is_complete; /* there is no more of it */
	unsigned char bytes[KNOWN_BYTES];
} known_sets[KNOWN_SETS];

__attribute__((constructor)) static void find_c_library(void)
{
	/* Through a union: ISO C has no cast from a pointer to data to one to a function. */
	union {
		void *data;
		ptrace_fn *function;
	} next = {.data = dlsym(RTLD_NEXT, "ptrace")};

	c_library = next.function;
}

/* The set of that process, in `state`. False: it is not available, or larger than `state`. */
static bool read_set(pid_t pid, void *type)
{
	struct iovec all = {state, sizeof(state)};

	if (c_library(PTRACE_GETREGSET, pid, type, &all) < 0 || all.iov_len == sizeof(state))
		return false;
	whole = all.iov_len;
	return true;
}

/* If a set cannot be completed, or is not a multiple of 8 bytes, the kernel outside must decide. */
static long write_set(pid_t pid, void *type, struct iovec *area)
{
	struct iovec all = {state, 0};

	if ((whole && area->iov_len >= whole) || area->iov_len % sizeof(uint64_t) ||
	    !read_set(pid, type) || area->iov_len >= whole)
		return c_library(PTRACE_SETREGSET, pid, type, area);
	memcpy(state, area->iov_base, area->iov_len);
	all.iov_len = whole;
	return c_library(PTRACE_SETREGSET, pid, type, &all);
}

/* Its set begins with these bytes, and stays so until it goes on. */
static void know(pid_t pid, const struct iovec *area, bool is_complete)
{
	struct known_set *k = &known_sets[(unsigned)pid % KNOWN_SETS];

	k->pid = pid;
	k->is_complete = is_complete;
	k->length = area->iov_len <= KNOWN_BYTES ? area->iov_len : 0;
	memcpy(k->bytes, area->iov_base, k->length);
}

static bool is_known(pid_t pid, const struct iovec *area)
{
	const struct known_set *k = &known_sets[(unsigned)pid % KNOWN_SETS];

	return k->pid == pid && k->length &&
	       (k->length == area->iov_len || (k->is_complete && k->length < area->iov_len)) &&
	       !memcmp(k->bytes, area->iov_base, k->length);
}

static void forget(pid_t pid)
{
	struct known_set *k = &known_sets[(unsigned)pid % KNOWN_SETS];

	if (k->pid == pid)
		k->length = 0;
}

static long access_set(enum __ptrace_request request, pid_t pid, void *type, struct iovec *area)
{
	size_t asked = area->iov_len;
	long result;

	if (request == PTRACE_SETREGSET && is_known(pid, area))
		return 0;
	forget(pid);
	result = request == PTRACE_SETREGSET ? write_set(pid, type, area)
					     : c_library(request, pid, type, area);
	if (result == 0)
		know(pid, area, request == PTRACE_GETREGSET && area->iov_len < asked);
	return result;
}

/* Whether the process stays where it is, with its extended registers. */
static bool leaves_set(enum __ptrace_request request)
{
	return request == PTRACE_GETREGS || request == PTRACE_SETREGS ||
	       request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	       request == PTRACE_PEEKUSER || request == PTRACE_GETSIGINFO;
}

long ptrace(enum __ptrace_request request, ...)
{
	pid_t pid;
	void *address, *data;
	va_list rest;

	va_start(rest, request);
	pid = va_arg(rest, pid_t);
	address = va_arg(rest, void *);
	data = va_arg(rest, void *);
	va_end(rest);
	if ((request == PTRACE_SETREGSET || request == PTRACE_GETREGSET) &&
	    address == (void *)NT_X86_XSTATE)
		return access_set(request, pid, address, data);
	if (!leaves_set(request))
		forget(pid);
	return c_library(request, pid, address, data);
}
