/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enters a new network namespace. A process that may make one and do everything in it (root) just
 * does so. For others, and for root in a container with too few capabilities, a user namespace
 * comes first, in which the process has every capability over what it makes there and none over
 * anything else. If that is forbidden, the message says by what: a setting, a filter of system
 * calls, or an unknown cause.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/putfile.h"
#include "netns/internal.h"
#include "netns/proc.h"

/* The number in a file; `otherwise` when there is none. */
static long number(const char *path, long otherwise)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	ssize_t n;

	if (fd < 0)
		return otherwise;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : otherwise;
}

/* Settings with which a machine forbids namespaces; `forbids` is the value that does. */
static const struct setting {
	const char *path;
	long forbids;
	const char *name, *mend;
} settings[] = {
    {"/proc/sys/user/max_user_namespaces", 0, "user.max_user_namespaces is 0",
     "sysctl -w user.max_user_namespaces=10000"},
    {"/proc/sys/user/max_net_namespaces", 0, "user.max_net_namespaces is 0",
     "sysctl -w user.max_net_namespaces=10000"},
    {"/proc/sys/kernel/unprivileged_userns_clone", 0, "kernel.unprivileged_userns_clone is 0",
     "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
     "AppArmor restricts user namespaces",
     "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
};

/* A router needs these in its network namespace. */
static const struct {
	int number;
	const char *name;
} needed[] = {
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
    {CAP_NET_RAW, "CAP_NET_RAW"},
};

/* The names of the capabilities that the caller does not have; empty: it has them all. */
static void find_missing(char *names, size_t size)
{
	struct __user_cap_header_struct self = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2] = {0};
	size_t length = 0;

	syscall(SYS_capget, &self, sets); /* fails only for a bad pointer */
	names[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!(sets[0].effective & 1U << needed[i].number))
			length += (size_t)snprintf(names + length, size - length, "%s%s",
						   length ? ", " : "", needed[i].name);
}

static bool is_filtered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

/* A setting that forbids it; else NULL. */
static const struct setting *forbidding(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (number(settings[i].path, -1) == settings[i].forbids)
			return &settings[i];
	return NULL;
}

/* A further explanation of an errno, if there is one; else NULL. */
static const char *meaning(int why)
{
	if (why == ENOSPC)
		return "too many namespaces exist already; see user.max_net_namespaces and "
		       "user.max_user_namespaces";
	if (why == EINVAL)
		return "this kernel has no network or no user namespaces (CONFIG_NET_NS, "
		       "CONFIG_USER_NS), or the process has more than one thread";
	return NULL;
}

static bool explain(struct lab *lab, const char *step, int why)
{
	const struct setting *setting = forbidding();
	bool is_root = !geteuid();
	char missing[64];

	find_missing(missing, sizeof(missing));
	/* The machine's settings can be seen in a container, but need not be the cause there. */
	if (!meaning(why) && is_filtered())
		return lab_fail(
		    lab, "%s: %s: a filter of system calls (seccomp) is in force%s%s%s%s; %s", step,
		    strerror(why), is_root && *missing ? ", and root lacks " : "",
		    is_root ? missing : "", setting ? ", and " : "", setting ? setting->name : "",
		    CONTAINER_MEND);
	if (setting)
		return lab_fail(lab, "%s: %s: %s on this machine; as root: %s%s", step,
				strerror(why), setting->name, setting->mend,
				is_root ? "" : " (or run this as root)");
	if (meaning(why))
		return lab_fail(lab, "%s: %s: %s", step, strerror(why), meaning(why));
	if (is_root && *missing)
		return lab_fail(lab, "%s: %s: root lacks %s here; %s", step, strerror(why), missing,
				CONTAINER_MEND);
	return lab_fail(lab,
			"%s: %s: a chroot, a container or a security module may forbid it; run "
			"this outside or as root",
			step, strerror(why));
}

/*
 * Some kernels show and set a network namespace's net.core sysctls only if the machine's first user
 * namespace owns it: 6.1 does, 6.12 no longer. There root uses no user namespace, and so keeps
 * them.
 */
bool userns_suits_hosts(const struct lab *lab)
{
	struct utsname u;
	int major = 0, minor = 0;

	uname(&u); /* fails only for a bad pointer */
	sscanf(u.release, "%d.%d", &major, &minor);
	return lab->has_users || major > 6 || (major == 6 && minor >= 12);
}

bool userns_enter(struct lab *lab)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[64], missing[64];

	if (!proc_mend(lab->error, sizeof(lab->error)))
		return false;
	find_missing(missing, sizeof(missing));
	if (!*missing && unshare(CLONE_NEWNET) == 0)
		return true;
	if (!*missing && errno != EPERM)
		return explain(lab, "making a network namespace", errno);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return explain(lab, "making a user namespace", errno);
	lab->has_users = true;

	/* An ordinary user may map only itself, and must give up setgroups(2) for it. */
	if (!file_put("/proc/self/setgroups", "deny"))
		return explain(lab, "writing /proc/self/setgroups", errno);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!file_put("/proc/self/uid_map", map))
		return explain(lab, "writing /proc/self/uid_map", errno);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (!file_put("/proc/self/gid_map", map))
		return explain(lab, "writing /proc/self/gid_map", errno);
	return true;
}
