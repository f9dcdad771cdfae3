/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the filter of system calls that a host's processes live under, as C source on standard
 * output: the array `filter` (harness/actor/confine.c).
 *
 * It is a list of what is allowed: the calls of the table harness/calls/call_rows.h, any arguments
 * or those that a rule here says, and what the C library and the actors' loop need besides. The
 * kernel answers any other call like a kernel that does not have it. libseccomp does the work,
 * once, when the program is built: a filter is made for one architecture, and that is the one for
 * which the program is built.
 */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/array.h"

/* The system calls of scripts; -1: none. */
static const int script_calls[] = {
#define CALL(name, number, ...) number,
#include "harness/calls/call_rows.h"
};

/* Allowed whatever their arguments: descriptors, memory and processes of one's own. */
static const int free_calls[] = {
    /* what the functions of scripts' calls make besides (harness/actor/make_*.c) */
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(alarm),
    SCMP_SYS(setitimer),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    /* what the actors' loop and the C library need besides */
    SCMP_SYS(poll),
    SCMP_SYS(rt_sigpending), /* was the process stopped? */
    SCMP_SYS(pread64),	     /* how long a thread waited for a processor */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(futex),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(exit),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(getrandom), /* malloc() */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
#ifdef __SANITIZE_ADDRESS__
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getuid),
    SCMP_SYS(openat),
    SCMP_SYS(readlink),
#endif
};

/*
 * For the others one argument decides: `error` is the call's error if the argument is one of those
 * numbers (0: the call is allowed). Other numbers are refused like a call that does not exist.
 */
struct rule {
	int call;
	unsigned argument;
	uint32_t first, last; /* last: UINT32_MAX only where there is an error */
	int error;
};

static const struct rule rules[] = {
    /* Families that are separate in each network namespace; SECURITY.md says why these. */
    {SCMP_SYS(socket), 0, 0, 0, EAFNOSUPPORT},
    {SCMP_SYS(socket), 0, AF_UNIX, AF_INET, 0},
    {SCMP_SYS(socket), 0, AF_INET + 1, AF_INET6 - 1, EAFNOSUPPORT},
    {SCMP_SYS(socket), 0, AF_INET6, AF_INET6, 0},
    {SCMP_SYS(socket), 0, AF_INET6 + 1, AF_PACKET - 1, EAFNOSUPPORT},
    {SCMP_SYS(socket), 0, AF_PACKET, AF_PACKET, 0},
    {SCMP_SYS(socket), 0, AF_PACKET + 1, UINT32_MAX, EAFNOSUPPORT},
    {SCMP_SYS(socketpair), 0, AF_UNIX, AF_INET, 0},
    {SCMP_SYS(socketpair), 0, AF_INET6, AF_INET6, 0},
    {SCMP_SYS(prlimit64), 0, 0, 0, 0}, /* the process's own */
    {SCMP_SYS(prctl), 0, PR_SET_NAME, PR_SET_NAME, 0},
    {SCMP_SYS(prctl), 0, PR_SET_TIMERSLACK, PR_SET_TIMERSLACK, 0},
};

/* SO_PASSPIDFD and SO_PEERPIDFD in asm-generic/socket.h, which older headers do not have. */
#define PASSPIDFD 76
#define PEERPIDFD 77

#define HIGHEST_LEVEL 511 /* of options: the kernel's end at 287 */

/* Options of sockets, by level. The levels that are missing here are in the next table. */
static const struct rule levels[] = {
    {SCMP_SYS(setsockopt), 1, SOL_SOCKET + 1, IPPROTO_IPV6 - 1, 0},
    {SCMP_SYS(setsockopt), 1, IPPROTO_IPV6 + 1, HIGHEST_LEVEL, 0},
    {SCMP_SYS(setsockopt), 1, HIGHEST_LEVEL + 1, UINT32_MAX, ENOPROTOOPT},
    {SCMP_SYS(getsockopt), 1, 0, SOL_SOCKET - 1, 0},
    {SCMP_SYS(getsockopt), 1, SOL_SOCKET + 1, HIGHEST_LEVEL, 0},
    {SCMP_SYS(getsockopt), 1, HIGHEST_LEVEL + 1, UINT32_MAX, ENOPROTOOPT},
};

/*
 * The options of the missing levels, one by one. Two kinds are refused: Netfilter's options, which
 * are its whole old interface (iptables), and the two options that give a descriptor of the process
 * at the other end, which may be the engine.
 */
static const struct {
	uint32_t level;
	struct rule options;
} level_options[] = {
    {IPPROTO_IP, {SCMP_SYS(setsockopt), 2, 0, 63, 0}},
    /* iptables, arptables, ebtables */
    {IPPROTO_IP, {SCMP_SYS(setsockopt), 2, 64, UINT32_MAX, ENOPROTOOPT}},
    {IPPROTO_IPV6, {SCMP_SYS(setsockopt), 2, 0, 63, 0}},
    {IPPROTO_IPV6, {SCMP_SYS(setsockopt), 2, 64, 65, ENOPROTOOPT}}, /* ip6tables */
    {IPPROTO_IPV6, {SCMP_SYS(setsockopt), 2, 66, 127, 0}},
    {IPPROTO_IPV6, {SCMP_SYS(setsockopt), 2, 128, UINT32_MAX, ENOPROTOOPT}}, /* there are none */
    {SOL_SOCKET, {SCMP_SYS(setsockopt), 2, 0, PASSPIDFD - 1, 0}},
    {SOL_SOCKET, {SCMP_SYS(setsockopt), 2, PASSPIDFD, PASSPIDFD, ENOPROTOOPT}},
    {SOL_SOCKET, {SCMP_SYS(setsockopt), 2, PASSPIDFD + 1, 127, 0}},
    {SOL_SOCKET, {SCMP_SYS(setsockopt), 2, 128, UINT32_MAX, ENOPROTOOPT}},
    {SOL_SOCKET, {SCMP_SYS(getsockopt), 2, 0, PEERPIDFD - 1, 0}},
    {SOL_SOCKET, {SCMP_SYS(getsockopt), 2, PEERPIDFD, PEERPIDFD, ENOPROTOOPT}},
    {SOL_SOCKET, {SCMP_SYS(getsockopt), 2, PEERPIDFD + 1, 127, 0}},
    {SOL_SOCKET, {SCMP_SYS(getsockopt), 2, 128, UINT32_MAX, ENOPROTOOPT}},
};

/* Allowed if none of these bits is there. */
static const struct {
	int call;
	unsigned argument;
	uint32_t bits;
} lacks[] = {
    {SCMP_SYS(clone), 0,
     CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
	 CLONE_NEWNET},
    {SCMP_SYS(mmap), 2, PROT_EXEC},
    {SCMP_SYS(mprotect), 2, PROT_EXEC},
};

static void need(int error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "filter: %s: %s\n", what, strerror(-error));
	exit(EXIT_FAILURE);
}

/*
 * Adds a rule for a range of numbers. The range is split into blocks. A block's size is a power of
 * two, and it begins at a multiple of its size, so one comparison with a mask tests it. The mask
 * covers only 32 bits, because the kernel ignores the upper half of these arguments. libseccomp can
 * ignore the upper half in no other comparison. So only a refusal may reach to the end of all
 * numbers: there an upper half does no harm. If there is a `level`, the argument before must be
 * equal to it.
 */
static void add_range(scmp_filter_ctx filter, int call, const struct rule *rule,
		      const uint32_t *level)
{
	uint32_t action = rule->error ? SCMP_ACT_ERRNO((uint32_t)rule->error) : SCMP_ACT_ALLOW;
	struct scmp_arg_cmp compared[2] = {
	    {rule->argument, SCMP_CMP_GE, rule->first, 0},
	    {rule->argument - 1, SCMP_CMP_MASKED_EQ, UINT32_MAX, level ? *level : 0},
	};
	uint64_t at = rule->first, end = (uint64_t)rule->last + 1;

	if (rule->last == UINT32_MAX) {
		need(rule->error ? 0 : -EINVAL, "only refusals have no end");
		need(seccomp_rule_add_array(filter, action, call, level ? 2 : 1, compared),
		     "a range without end");
		return;
	}
	while (at < end) {
		uint64_t size = at ? at & -at : UINT64_C(1) << 32;

		while (at + size > end)
			size /= 2;
		compared[0] = (struct scmp_arg_cmp){rule->argument, SCMP_CMP_MASKED_EQ,
						    UINT32_MAX & ~(size - 1), at};
		need(seccomp_rule_add_array(filter, action, call, level ? 2 : 1, compared),
		     "a range");
		at += size;
	}
}

/* Whether its arguments decide. */
static bool has_rules(int call)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].call == call)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (levels[i].call == call)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		if (lacks[i].call == call)
			return true;
	return false;
}

static void add_script_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(script_calls); i++) {
		bool known = script_calls[i] < 0 || has_rules(script_calls[i]);

		for (size_t k = 0; k < i && !known; k++)
			known = script_calls[k] == script_calls[i];
		if (!known)
			need(seccomp_rule_add(filter, SCMP_ACT_ALLOW, script_calls[i], 0),
			     "a script's call");
	}
}

static void add_rules(scmp_filter_ctx filter)
{
	add_script_calls(filter);
	for (size_t i = 0; i < ARRAY_SIZE(free_calls); i++)
		need(seccomp_rule_add(filter, SCMP_ACT_ALLOW, free_calls[i], 0), "a call");
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		add_range(filter, rules[i].call, &rules[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		add_range(filter, levels[i].call, &levels[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(level_options); i++)
		add_range(filter, level_options[i].options.call, &level_options[i].options,
			  &level_options[i].level);
	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		need(seccomp_rule_add(
			 filter, SCMP_ACT_ALLOW, lacks[i].call, 1,
			 SCMP_CMP64(lacks[i].argument, SCMP_CMP_MASKED_EQ, lacks[i].bits, 0)),
		     "bits");
}

static void print(int fd)
{
	struct sock_filter step;

	lseek(fd, 0, SEEK_SET);
	printf("static const struct sock_filter filter[] = {\n");
	while (read(fd, &step, sizeof(step)) == sizeof(step))
		printf("\t{0x%x, %u, %u, 0x%x},\n", step.code, step.jt, step.jf, step.k);
	printf("};\n");
}

int main(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	FILE *file = tmpfile();

	if (!filter || !file)
		need(-ENOMEM, "beginning");
	/* As a tree: the kernel walks it for each call that it knows when it takes the filter. */
	need(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "a tree");
	add_rules(filter);
	need(seccomp_export_bpf(filter, fileno(file)), "the program");
	print(fileno(file));
	seccomp_release(filter);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
