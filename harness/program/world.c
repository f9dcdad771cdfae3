/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program sees of the machine: everything that its user would see, except
 *
 *   - /etc/hosts, which has the lab's names only;
 *   - /etc/resolv.conf, which is empty, and /etc/nsswitch.conf, by which only /etc/hosts is asked,
 *     so that no question leaves the lab; nscd's socket is hidden;
 *   - /proc, which has only its own processes.
 *
 * These files are in memory, in a mount namespace of the keeper. They are written to a file system
 * that is mounted on /proc for a moment. From there they are mounted on the files that they
 * replace, and then the real /proc covers it. A file that does not exist on the machine needs no
 * replacement, except /etc/hosts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/putfile.h"
#include "harness/program/keeper.h"
#include "netns/proc.h"

static bool fail(struct keeper *k, const char *what)
{
	snprintf(k->error, sizeof(k->error), "%s: %s", what, strerror(errno));
	return false;
}

/* ---- users ---- */

/*
 * The user outside is number 0 in the engine's namespace, and has his own number again in this one.
 */
static bool map_user(const struct program_user *user)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "%u 0 1", user->uid);
	snprintf(gids, sizeof(gids), "%u 0 1", user->gid);
	return file_put("/proc/self/uid_map", uids) && file_put("/proc/self/gid_map", gids);
}

/* ---- files ---- */

static void write_hosts(FILE *out, int family)
{
	fputs("127.0.0.1 localhost\n::1 localhost\n", out);
	for (const char *const *name = address_names(); *name; name++) {
		const struct address_row *row = address_find(*name);
		struct ip ip = row_ip(row, family);
		char text[64];

		if (row->host != HOST_NONE && row->host != HOST_BROADCAST)
			fprintf(out, "%s %s\n", ip_text(&ip, text), *name);
	}
}

static void write_nothing(FILE *out, int family)
{
	(void)out;
	(void)family;
}

static void write_switch(FILE *out, int family)
{
	(void)family;
	fputs("passwd: files\ngroup: files\nshadow: files\nhosts: files\nnetworks: files\n"
	      "protocols: files\nservices: files\nethers: files\nrpc: files\n",
	      out);
}

static const struct replacement {
	const char *path, *made;
	void (*write)(FILE *out, int family);
	bool must;
} replacements[] = {
    {"/etc/hosts", "/proc/hosts", write_hosts, true},
    {"/etc/resolv.conf", "/proc/resolv.conf", write_nothing, false},
    {"/etc/nsswitch.conf", "/proc/nsswitch.conf", write_switch, false},
};

static bool replace(const struct replacement *r, int family)
{
	FILE *out = fopen(r->made, "we");

	if (!out)
		return false;
	r->write(out, family);
	if (fchmod(fileno(out), 0644) < 0 || fclose(out) != 0)
		return false;
	return !mount(r->made, r->path, NULL, MS_BIND, NULL) || (!r->must && errno == ENOENT);
}

/* The places where the machine's name services listen. */
static const char *const hidden[] = {"/run/nscd", "/var/run/nscd"};

static bool make_files(struct keeper *k)
{
	if (mount("tcplab", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "size=64k,mode=755") < 0)
		return fail(k, "mounting a file system of its own");
	for (size_t i = 0; i < ARRAY_SIZE(replacements); i++)
		if (!replace(&replacements[i], k->family))
			return fail(k, replacements[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (mount("tcplab", hidden[i], "tmpfs", MS_RDONLY, "size=4k") < 0 &&
		    errno != ENOENT)
			return fail(k, hidden[i]);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		snprintf(k->error, sizeof(k->error), "mounting its /proc: %s; %s", strerror(errno),
			 CONTAINER_MEND);
		return false;
	}
	return true;
}

bool world_make(struct keeper *k)
{
	const char *name = host_name(k->host);

	if (k->has_users && !map_user(k->user))
		return fail(k, "mapping its user");
	/* A kernel without UTS namespaces has only one host name. */
	sethostname(name, strlen(name));
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(k, "keeping its mounts to itself");
	return (!k->is_virtual || root_make(k)) && make_files(k);
}
