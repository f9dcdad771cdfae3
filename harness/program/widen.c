/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program reads and closes hundreds of files before it makes its first socket; Python's does so
 * for each module. To stop at each of these calls would double the time that it takes to start. So
 * calls that may be about any file are filtered only once a process has a socket (filter.c).
 *
 * Only a process itself can add a filter to itself. So its tracer makes it do that: at the end of
 * the call that has made the socket, before the program continues. The registers are set so that it
 * executes the same instruction once more, but with another call: mmap() for the filter's memory,
 * seccomp(), munmap(). Then the registers get their old values. All threads get the filter at once,
 * and children inherit it.
 *
 * If a signal or a stop comes meanwhile, it comes before such a call is made. Then nothing of this
 * is done, and it is tried again at the end of the next call.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "harness/program/keeper.h"

#ifdef __x86_64__

#define SYSCALL_STOP   (SIGTRAP | 0x80)
#define SYSCALL_LENGTH 2 /* of the instruction */
#define PLACE	       4096

bool widen_is_known(void)
{
	return true;
}

struct injection {
	pid_t tid;
	struct user_regs_struct before; /* at the end of its own call */
	int status;			/* how it has stopped instead; 0: it has not */
};

/*
 * The task continues until it enters or leaves a call. False: it has stopped otherwise, or ended.
 */
static bool step(struct injection *in)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, in->tid, 0UL, 0UL) < 0)
		return false;
	while (waitpid(in->tid, &status, __WALL) < 0)
		if (errno != EINTR)
			return false;
	if (WIFSTOPPED(status) && status >> 8 == SYSCALL_STOP)
		return true;
	in->status = status;
	return false;
}

/* Its result; -EINTR: the call was not made. */
static int64_t call(struct injection *in, long number, uint64_t a, uint64_t b, uint64_t c,
		    uint64_t d, uint64_t e)
{
	struct user_regs_struct r = in->before;

	if (in->status) /* to continue would lose the signal */
		return -EINTR;
	r.rip -= SYSCALL_LENGTH;
	r.rax = (unsigned long long)number;
	r.orig_rax = (unsigned long long)-1; /* so no call can begin again */
	r.rdi = a;
	r.rsi = b;
	r.rdx = c;
	r.r10 = d;
	r.r8 = e;
	r.r9 = 0;
	if (ptrace(PTRACE_SETREGS, in->tid, 0UL, &r) < 0 || !step(in) || !step(in) ||
	    ptrace(PTRACE_GETREGS, in->tid, 0UL, &r) < 0)
		return -EINTR;
	return (int64_t)r.rax;
}

static bool write_there(pid_t tid, uint64_t address, const void *bytes, size_t length)
{
	struct iovec here = {(void *)bytes, length};
	struct iovec there = {(void *)(uintptr_t)address, length};

	return process_vm_writev(tid, &here, 1, &there, 1, 0) == (ssize_t)length;
}

/* The filter behind its header, at that address of the task. */
static bool put_filter(pid_t tid, uint64_t address, int number)
{
	struct sock_filter *filter;
	struct sock_fprog program = {.len = (unsigned short)filter_make(&filter, number)};
	bool done;

	program.filter = (struct sock_filter *)(uintptr_t)(address + sizeof(program));
	done = write_there(tid, address, &program, sizeof(program)) &&
	       write_there(tid, address + sizeof(program), filter, program.len * sizeof(*filter));
	free(filter);
	return done;
}

/* A task that has given up its privileges may filter only if it can never get any again. */
static int64_t filter(struct injection *in, uint64_t address, uint64_t flags)
{
	int64_t done = call(in, SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, address, 0, 0);

	if (done == -EACCES && !call(in, SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		done = call(in, SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, address, 0, 0);
	return done;
}

static bool inject(struct injection *in, int number)
{
	int64_t address = call(in, SYS_mmap, 0, PLACE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1);
	bool done;

	if (address < 0)
		return false;
	done = put_filter(in->tid, (uint64_t)address, number) &&
	       /* Not all threads can have it if one has another filter of its own. */
	       (!filter(in, (uint64_t)address, SECCOMP_FILTER_FLAG_TSYNC) ||
		!filter(in, (uint64_t)address, 0));
	call(in, SYS_munmap, (uint64_t)address, PLACE, 0, 0, 0);
	return done;
}

bool widen(pid_t tid, int number, int *status)
{
	struct injection in = {.tid = tid};
	bool done;

	*status = 0;
	if (ptrace(PTRACE_GETREGS, tid, 0UL, &in.before) < 0)
		return false;
	done = inject(&in, number);
	ptrace(PTRACE_SETREGS, tid, 0UL, &in.before);
	*status = in.status;
	return done;
}

#else

bool widen_is_known(void)
{
	return false;
}

bool widen(pid_t tid, int number, int *status)
{
	(void)tid;
	(void)number;
	*status = 0;
	return false;
}

#endif
