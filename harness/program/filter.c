/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filter of system calls that makes a program stop at those of the table, and at no others:
 * these cost it nothing (the kernel knows in advance that they are allowed, see seccomp.c there,
 * seccomp_cache_prepare()).
 *
 * One call is refused: setns() would be the way into a network that is not the lab's.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/program/keeper.h"
#include "harness/program/traced.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "which architecture is this?"
#endif

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
/* If it is that number, skip so many; else so many. */
#define SKIP_IF(number, yes, no)                                                                   \
	(struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), yes, no)

bool filter_install(void)
{
	struct sock_filter *filter = calloc(2 * traced_count + 8, sizeof(*filter));
	struct sock_fprog program = {.filter = filter};
	size_t n = 0;
	long done;

	if (!filter)
		return false;
	filter[n++] = LOAD(arch);
	filter[n++] = SKIP_IF(ARCHITECTURE, 1, 0);
	filter[n++] = ANSWER(SECCOMP_RET_ALLOW); /* 32-bit calls are not seen */
	filter[n++] = LOAD(nr);
	filter[n++] = SKIP_IF(SYS_setns, 0, 1);
	filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
	for (size_t i = 0; i < traced_count; i++) {
		filter[n++] = SKIP_IF(traced_table[i].number, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_TRACE);
	}
	filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	free(filter);
	return done == 0;
}
