/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sysctls of a host. /proc/sys/net shows the namespace of the process that reads it, so the caller
 * enters the host's for the time of the write. There the kernel hides sysctls that are not the
 * namespace's own, or shows them read-only, so no setting of the machine can be changed; the
 * message distinguishes the two cases.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netns/internal.h"

/* Writable from within a namespace, but for the whole machine. */
static const char *const shared[] = {
    "net.ipv4.tcp_allowed_congestion_control", /* before 5.12 */
    "net.netfilter.nf_hooks_lwtunnel",	       /* once switched on, it stays on */
    NULL,
};

bool lab_sysctl_is_shared(const char *name)
{
	for (const char *const *s = shared; *s; s++)
		if (strcmp(name, *s) == 0)
			return true;
	return false;
}

/* net.ipv4.tcp_syn_retries to /proc/sys/net/ipv4/tcp_syn_retries. False: not such a name. */
static bool sysctl_path(const char *name, char *path, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t length = strlen(name);
	int n;

	if (strncmp(name, "net.", 4) != 0 || strspn(name, letters) != length ||
	    strstr(name, "..") || name[length - 1] == '.')
		return false;
	n = snprintf(path, size, "/proc/sys/%s", name);
	if (n < 0 || (size_t)n >= size)
		return false;
	for (char *c = path + strlen("/proc/sys/"); *c; c++)
		if (*c == '.')
			*c = '/';
	return true;
}

static bool write_value(const char *name, const char *path, const char *value, char *error,
			size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0) {
		const char *why = strerror(errno);

		if (errno == ENOENT)
			why = "this kernel has no such sysctl, or it is the machine's and not a "
			      "namespace's own";
		else if (errno == EACCES || errno == EPERM)
			why = "read-only in a namespace: it is the machine's, or tells and does "
			      "not take";
		else if (errno == EISDIR)
			why = "that is a group of sysctls, not one";
		snprintf(error, size, "%s: %s", name, why);
		return false;
	}
	n = write(fd, value, strlen(value));
	if (n < 0 || (size_t)n != strlen(value))
		snprintf(error, size, "%s: the kernel does not take '%s': %s", name, value,
			 n < 0 ? strerror(errno) : "it took a part only");
	close(fd);
	return n >= 0 && (size_t)n == strlen(value);
}

bool lab_sysctl(struct lab *lab, enum host host, const char *name, const char *value, char *error,
		size_t size)
{
	char path[PATH_MAX];
	bool done;

	if (!sysctl_path(name, path, sizeof(path))) {
		snprintf(error, size, "%s: not a name of the form net.ipv4.tcp_syn_retries", name);
		return false;
	}
	if (lab_sysctl_is_shared(name)) {
		snprintf(error, size, "%s: it is the machine's, not a namespace's own", name);
		return false;
	}
	if (!*value) {
		snprintf(error, size, "%s: no value", name);
		return false;
	}
	if (!lab_enter(lab, host)) {
		snprintf(error, size, "%s: %s", name, lab->error);
		return false;
	}
	done = write_value(name, path, value, error, size);
	lab_leave(lab);
	return done;
}
