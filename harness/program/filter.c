/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters of system calls. They make a program stop at the calls of the table, and at no
 * others. The others cost nothing: the kernel knows in advance that they are allowed
 * (seccomp_cache_prepare() in its seccomp.c).
 *
 * One call is refused: setns() would lead into a network that is not the lab's.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/memory.h"
#include "harness/program/keeper.h"
#include "harness/program/traced.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define SETNS_32     346		      /* int 0x80 */
#define SETNS_X32    (0x40000000 + SYS_setns) /* where the kernel has that */
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define SETNS_32     375 /* of Arm */
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0 /* unknown: not checked */
#endif

#ifndef SETNS_32
#define SETNS_32 SYS_setns
#endif
#ifndef SETNS_X32
#define SETNS_X32 SYS_setns
#endif

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
/* If it is that number, skip `yes` instructions; else `no`. */
#define SKIP_IF(number, yes, no)                                                                   \
	(struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), yes, no)

/*
 * Standard output and error are kept in memory, which is limited. So writes to them are always
 * seen.
 */
static size_t watch_output(struct sock_filter *filter, size_t n)
{
	const unsigned low = offsetof(struct seccomp_data, args[0]);

	filter[n++] = SKIP_IF(SYS_write, 0, 4);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low);
	filter[n++] = SKIP_IF(STDOUT_FILENO, 1, 0);
	filter[n++] = SKIP_IF(STDERR_FILENO, 0, 1);
	filter[n++] = ANSWER(SECCOMP_RET_TRACE);
	return n;
}

size_t filter_make(struct sock_filter **made, bool any)
{
	struct sock_filter *filter = memory_get((2 * traced_count + 24) * sizeof(*filter));
	size_t n = 0;

	if (ARCHITECTURE) {
		filter[n++] = LOAD(arch);
		filter[n++] = SKIP_IF(ARCHITECTURE, 4, 0);
		filter[n++] = LOAD(nr); /* 32-bit calls are not seen */
		filter[n++] = SKIP_IF(SETNS_32, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
		filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	}
	filter[n++] = LOAD(nr);
	if (!any) {
		filter[n++] = SKIP_IF(SETNS_X32, 1, 0);
		filter[n++] = SKIP_IF(SYS_setns, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
	}
	for (size_t i = 0; i < traced_count; i++) {
		if (traced_table[i].any != any)
			continue;
		filter[n++] = SKIP_IF(traced_table[i].number, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_TRACE);
	}
	if (!any)
		n = watch_output(filter, n);
	filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	*made = filter;
	return n;
}

static bool install(bool any)
{
	struct sock_fprog program;
	long done;

	program.len = (unsigned short)filter_make(&program.filter, any);
	done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	free(program.filter);
	return done == 0;
}

bool filter_install(void)
{
	return install(false) && (widen_is_known() || install(true));
}
