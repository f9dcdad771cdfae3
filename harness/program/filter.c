/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters of system calls. They make a program stop at the calls of the table, and at no
 * others. The others cost nothing: the kernel knows in advance that they are allowed
 * (seccomp_cache_prepare() in its seccomp.c).
 *
 * A filter can never be taken away, only more can be added. So the first one has only the calls
 * that are made about sockets. Those that are made about any file are filtered when there is a
 * socket, and only with its number: a program that receives 20 MB writes them to a file in 2500
 * calls, of which each would stop it. A program with many sockets gets a filter for all numbers.
 *
 * One call is refused: setns() would be the way into a network that is not the lab's. And a program
 * stops when it sends SIGKILL: see trace.c.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/array.h"
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

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOWER_HALF sizeof(uint32_t)
#else
#define LOWER_HALF 0
#endif

#define LOAD(field)                                                                                \
	(struct sock_filter)                                                                       \
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Its lower half: a descriptor is an int. */
#define LOAD_ARGUMENT(place)                                                                       \
	(struct sock_filter)                                                                       \
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) +            \
						   (place) * sizeof(uint64_t) + LOWER_HALF)
#define ANSWER(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
/* If it is that number, skip `yes` instructions; else `no`. */
#define SKIP_IF(number, yes, no)                                                                   \
	(struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), yes, no)

/* What is written to standard output and error. */
static size_t watch_output(struct sock_filter *filter, size_t n)
{
	filter[n++] = SKIP_IF(SYS_write, 0, 5);
	filter[n++] = LOAD_ARGUMENT(0);
	filter[n++] = SKIP_IF(STDOUT_FILENO, 1, 0);
	filter[n++] = SKIP_IF(STDERR_FILENO, 0, 1);
	filter[n++] = ANSWER(SECCOMP_RET_TRACE);
	filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	return n;
}

/* The calls that send a signal, and which argument is its number. */
static const struct {
	long number;
	int place;
} sending[] = {
    {SYS_kill, 1},
    {SYS_tkill, 1},
    {SYS_tgkill, 2},
    {SYS_rt_sigqueueinfo, 1},
    {SYS_rt_tgsigqueueinfo, 2},
    {SYS_pidfd_send_signal, 1},
};

#define KILL_STEPS 5

static size_t watch_kills(struct sock_filter *filter, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(sending); i++) {
		filter[n++] = SKIP_IF(sending[i].number, 0, KILL_STEPS - 1);
		filter[n++] = LOAD_ARGUMENT(sending[i].place);
		filter[n++] = SKIP_IF(SIGKILL, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_TRACE);
		filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	}
	return n;
}

bool filter_is_kill(long number)
{
	for (size_t i = 0; i < ARRAY_SIZE(sending); i++)
		if (sending[i].number == number)
			return true;
	return false;
}

/* Which arguments are descriptors that the call is about; how many. 0: there is a list of them. */
static size_t descriptors_of(const struct traced *row, int places[2])
{
	places[0] = 0;
	places[1] = row->about == ABOUT_TWO ? 1 : 2;
	switch (row->about) {
	case ABOUT_FIRST:
		return 1;
	case ABOUT_TWO:
	case ABOUT_ENDS:
		return 2;
	default:
		return 0;
	}
}

/* A call, if one of its descriptors is that number. */
static size_t watch_call(struct sock_filter *filter, size_t n, const struct traced *row, int number)
{
	int places[2];
	size_t count = number < 0 ? 0 : descriptors_of(row, places);

	filter[n++] = SKIP_IF(row->number, 0, count ? 3 * count + 1 : 1);
	for (size_t i = 0; i < count; i++) {
		filter[n++] = LOAD_ARGUMENT(places[i]);
		filter[n++] = SKIP_IF(number, 0, 1);
		filter[n++] = ANSWER(SECCOMP_RET_TRACE);
	}
	filter[n++] = ANSWER(count ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRACE);
	return n;
}

#define MOST_STEPS 8 /* of watch_call() */

static size_t begin(struct sock_filter *filter)
{
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
	return n;
}

static size_t watch_table(struct sock_filter *filter, size_t n, bool any, int number)
{
	for (size_t i = 0; i < traced_count; i++)
		if (traced_table[i].any == any)
			n = watch_call(filter, n, &traced_table[i], number);
	return n;
}

static struct sock_filter *get_room(void)
{
	size_t most = MOST_STEPS * traced_count + KILL_STEPS * ARRAY_SIZE(sending) + 24;

	return memory_get(most * sizeof(struct sock_filter));
}

/* About sockets only. */
static size_t make_first(struct sock_filter **made, bool output)
{
	struct sock_filter *filter = get_room();
	size_t n = begin(filter);

	filter[n++] = SKIP_IF(SETNS_X32, 1, 0);
	filter[n++] = SKIP_IF(SYS_setns, 0, 1);
	filter[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
	n = watch_table(filter, n, false, ANY_NUMBER);
	n = watch_kills(filter, n);
	if (output)
		n = watch_output(filter, n);
	filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	*made = filter;
	return n;
}

size_t filter_make(struct sock_filter **made, int number)
{
	struct sock_filter *filter = get_room();
	size_t n = watch_table(filter, begin(filter), true, number);

	filter[n++] = ANSWER(SECCOMP_RET_ALLOW);
	*made = filter;
	return n;
}

static bool install(struct sock_filter *filter, size_t length)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};
	bool done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;

	free(filter);
	return done;
}

bool filter_install(bool output)
{
	struct sock_filter *filter;
	size_t length = make_first(&filter, output);

	if (!install(filter, length))
		return false;
	if (widen_is_known())
		return true;
	length = filter_make(&filter, ANY_NUMBER);
	return install(filter, length);
}
