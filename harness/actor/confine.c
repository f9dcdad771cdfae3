/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls of a script are made by processes that have no access to the machine.
 *
 * They are already in namespaces of their own (netns/lab.c); here the rest is taken from them in
 * steps, each a row of the table below. The order matters: a step that needs a privilege comes
 * before that privilege is given up, and the filter, which forbids all these steps, comes last.
 *
 * Their root directory is an empty file system in memory to which nobody can write. It is mounted
 * in a mount namespace of their own, on the directory that is there on every machine that can run a
 * lab; nothing is unmounted, and the old root is not released, since both would wait for all
 * processors (RCU): no process there has a descriptor, a path or a privilege to reach it. Where
 * mounting is forbidden (AppArmor's profile of Docker) the root is a directory of /proc that has
 * only the process itself in it, and to which nobody can write either.
 *
 * Of the capabilities three are left, over their own network namespace: see `needed`.
 *
 * The filter of system calls is made when the program is built (filter/make.c), since to make it
 * takes longer than the rest of a run.
 */
#include "harness/actor/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/array.h"

#include "filter.h" /* filter[]: what filter/make.c has made */

/* ---- files ---- */

/*
 * Standard input, output and error, which are shared with whoever started the program. The
 * sanitizers report on them.
 */
static bool let_output_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int last = STDERR_FILENO;

#ifdef __SANITIZE_ADDRESS__
	last = STDOUT_FILENO;
#endif
	if (null < 0)
		return false;
	for (int fd = STDIN_FILENO; fd <= last; fd++)
		if (fd != null && dup2(null, fd) < 0)
			return false;
	if (null > STDERR_FILENO)
		close(null);
	return true;
}

static bool own_mounts; /* nothing is ever mounted where the machine could see it */

/* EINVAL: this kernel has no IPC, so there is nothing to separate. */
static bool part_from_machine(void)
{
	const int parts = CLONE_NEWNS | CLONE_NEWUTS;

	own_mounts = !unshare(parts | CLONE_NEWIPC) || (errno == EINVAL && !unshare(parts));
	return own_mounts;
}

/* This works whether or not the machine's mounts are shared with other namespaces. */
static bool mount_nothing(void)
{
	return own_mounts && !mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) &&
	       !mount("nothing", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		      "size=4k,nr_inodes=1,mode=555") &&
	       !chdir("/proc");
}

static bool leave_files(void)
{
	return (mount_nothing() || !chdir("/proc/self/fdinfo")) && !chroot(".");
}

/* ---- privileges ---- */

/*
 * Otherwise an executed program could regain what is given up here. (The bounding set of
 * capabilities would do the same; to empty it takes a system call for each.) And a filter requires
 * this.
 */
static bool gain_nothing(void)
{
	return !prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL);
}

static const int needed[] = {
    CAP_NET_ADMIN,	  /* SO_MARK, SO_PRIORITY, congestion controls that need a privilege */
    CAP_NET_RAW,	  /* SOCK_RAW, AF_PACKET */
    CAP_NET_BIND_SERVICE, /* ports below 1024 */
};

static uint64_t needed_set(void)
{
	uint64_t set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		set |= UINT64_C(1) << needed[i];
	return set;
}

static bool lower_capabilities(void)
{
	struct __user_cap_header_struct self = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL) < 0 ||
	    syscall(SYS_capget, &self, sets) < 0)
		return false;
	/* The process cannot keep one of them that it does not have itself. */
	for (int i = 0; i < 2; i++) {
		sets[i].permitted &= (uint32_t)(needed_set() >> (32 * i));
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	return !syscall(SYS_capset, &self, sets);
}

/* ---- system calls ---- */

static bool filter_calls(void)
{
	struct sock_fprog program = {ARRAY_SIZE(filter), (struct sock_filter *)filter};

	return !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			&program);
}

static const struct {
	bool (*take)(void);
	const char *what;
} steps[CONFINE_STEPS] = {
    [CONFINE_OUTPUT] = {let_output_go, "opening /dev/null"},
    [CONFINE_NAMESPACES] = {part_from_machine, "making namespaces for mounts, IPC and names"},
    [CONFINE_FILES] = {leave_files, "leaving the machine's file system"},
    [CONFINE_PROGRAMS] = {gain_nothing, "giving up what programs could give back"},
    [CONFINE_CAPABILITIES] = {lower_capabilities, "giving up capabilities"},
    [CONFINE_CALLS] = {filter_calls, "filtering system calls (CONFIG_SECCOMP_FILTER)"},
};

bool confine_step(enum confine_step step)
{
	return steps[step].take();
}

bool confine(bool has_filter, const char **what)
{
	for (int step = 0; step < CONFINE_STEPS; step++) {
		*what = steps[step].what;
		/* A kernel without seccomp, or without filters. */
		if (!confine_step(step) &&
		    !(step == CONFINE_CALLS && !has_filter && (errno == EINVAL || errno == ENOSYS)))
			return false;
	}
	return true;
}
