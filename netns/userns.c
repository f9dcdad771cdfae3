/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Into a network namespace of one's own. Whoever may make one (root) just does; for anybody else a
 * user namespace comes first, in which the process has every capability over what it makes there
 * and none over anything else. Where a machine forbids that, the message says which setting it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "netns/internal.h"

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int why;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	why = errno;
	close(fd);
	errno = why;
	return n == (ssize_t)strlen(text);
}

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
static const struct {
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

static bool explain(struct lab *lab, const char *step, int why)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (number(settings[i].path, -1) == settings[i].forbids)
			return lab_fail(lab,
					"%s: %s: %s on this machine; as root: %s (or run this as "
					"root)",
					step, strerror(why), settings[i].name, settings[i].mend);
	if (why == ENOSPC)
		return lab_fail(lab,
				"%s: %s: too many namespaces exist already; see "
				"user.max_net_namespaces and user.max_user_namespaces",
				step, strerror(why));
	if (why == EINVAL)
		return lab_fail(lab,
				"%s: %s: this kernel has no network or no user namespaces "
				"(CONFIG_NET_NS, CONFIG_USER_NS), or the process has more than "
				"one thread",
				step, strerror(why));
	return lab_fail(lab,
			"%s: %s: a container or a seccomp filter may forbid it; run this outside "
			"or as root",
			step, strerror(why));
}

/*
 * Some kernels show and set a network namespace's net.core sysctls only where the machine's first
 * user namespace owns it: 6.1 does, 6.12 no more. There root, who has them, keeps them.
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
	char map[64];

	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (errno != EPERM)
		return explain(lab, "making a network namespace", errno);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return explain(lab, "making a user namespace", errno);
	lab->has_users = true;

	/* An ordinary user may map only itself, and must give setgroups(2) up for it. */
	if (!put("/proc/self/setgroups", "deny"))
		return explain(lab, "writing /proc/self/setgroups", errno);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!put("/proc/self/uid_map", map))
		return explain(lab, "writing /proc/self/uid_map", errno);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (!put("/proc/self/gid_map", map))
		return explain(lab, "writing /proc/self/gid_map", errno);
	return true;
}
