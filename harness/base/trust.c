/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: whoever can write to a directory can put a link there, to any file that this
 * user can reach. The kernel's own protection (fs.protected_symlinks) is only for directories like
 * /tmp. So a path is walked name by name, each in the descriptor of the directory before it; what
 * is exchanged meanwhile cannot lead elsewhere. Links of /proc lead to what a process has open
 * already (/dev/stdin).
 *
 * Whose the directories and files on the way are does not matter: somebody else's directory can
 * hold nothing that this user has not put there, except by a link. The kernel has a rule for hard
 * links (fs.protected_hardlinks).
 */
#include "harness/base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness/base/text.h"

#define MAX_LINKS 40 /* as in the kernel */

/* What a user namespace shows as the owner, if that user is not mapped there. It may be root. */
#define NOBODY 65534

static bool all_are_mapped(void)
{
	FILE *in = fopen("/proc/self/uid_map", "re");
	unsigned count = 0;

	if (!in)
		return false;
	if (fscanf(in, "%*u %*u %u", &count) != 1)
		count = 0;
	fclose(in);
	return count == UINT32_MAX;
}

bool trust_owner(uid_t owner)
{
	return owner == 0 || owner == geteuid() || (owner == NOBODY && !all_are_mapped());
}

struct walk {
	int at;			 /* the directory so far */
	char left[2 * PATH_MAX]; /* of the path */
	int links;
};

static bool move_to(struct walk *w, int directory)
{
	if (directory < 0)
		return false;
	close(w->at);
	w->at = directory;
	return true;
}

/* The rest of the walk is now this path, and after it the former rest. */
static bool put_before(struct walk *w, const char *path)
{
	char left[2 * PATH_MAX];
	int n = snprintf(left, sizeof(left), "%s/%s", path, w->left);

	if (n < 0 || (size_t)n >= sizeof(left)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(w->left, left, (size_t)n + 1);
	return *path != '/' || move_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The next name; "": there is none. */
static void take_name(struct walk *w, char name[2 * PATH_MAX])
{
	const char *begin = w->left + strspn(w->left, "/");
	const char *end = begin + strcspn(begin, "/");

	memcpy(name, begin, (size_t)(end - begin));
	name[end - begin] = '\0';
	end += strspn(end, "/");
	memmove(w->left, end, strlen(end) + 1);
}

enum kind { MISSING, LINK, MAGIC_LINK, OTHER };

/* What has that name; of a link also where it leads, and whose it is. */
static enum kind look(int at, const char *name, char target[PATH_MAX], uid_t *owner)
{
	int fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), why;
	enum kind kind = MISSING;
	struct statfs fs;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return MISSING;
	if (fstat(fd, &st) == 0 && fstatfs(fd, &fs) == 0) {
		kind = fs.f_type == PROC_SUPER_MAGIC ? MAGIC_LINK : LINK;
		if (!S_ISLNK(st.st_mode))
			kind = OTHER;
	}
	*owner = st.st_uid;
	if (kind == LINK)
		n = readlinkat(fd, "", target, PATH_MAX - 1);
	if (n < 0)
		kind = MISSING;
	target[n < 0 ? 0 : n] = '\0';
	why = errno;
	close(fd);
	errno = why;
	return kind;
}

static bool follow(struct walk *w, const char *target, uid_t owner)
{
	if (!trust_owner(owner)) {
		errno = EXDEV;
		return false;
	}
	if (++w->links > MAX_LINKS) {
		errno = ELOOP;
		return false;
	}
	return put_before(w, target);
}

/* What is there; O_CREAT makes what is not there, but not in the place of what is there by now. */
static int open_last(const struct walk *w, enum kind kind, const char *name, int flags)
{
	if (kind == MISSING)
		return openat(w->at, name, flags | O_EXCL | O_NOFOLLOW, 0666);
	return openat(w->at, name, (flags & ~O_CREAT) | (kind == MAGIC_LINK ? 0 : O_NOFOLLOW));
}

static int walk(struct walk *w, int flags)
{
	char name[2 * PATH_MAX], target[PATH_MAX];
	uid_t owner;

	for (;;) {
		enum kind kind;
		bool is_made;

		take_name(w, name);
		if (!*name)
			return openat(w->at, ".", flags & ~O_CREAT);
		kind = look(w->at, name, target, &owner);
		is_made = flags & O_CREAT && !*w->left && kind == MISSING && errno == ENOENT;
		if ((kind == MISSING && !is_made) || (kind == LINK && !follow(w, target, owner)))
			return -1;
		if (kind == LINK)
			continue;
		if (!*w->left)
			return open_last(w, kind, name, flags);
		if (!move_to(w, open_last(w, kind, name, O_PATH | O_CLOEXEC)))
			return -1;
	}
}

int trust_open(const char *path, int flags)
{
	struct walk w = {.at = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	int found = -1, why;

	if (w.at < 0)
		return -1;
	if (!*path)
		errno = ENOENT;
	else if (put_before(&w, path))
		found = walk(&w, flags);
	why = errno;
	close(w.at);
	errno = why;
	return found;
}

int trust_open_parent(struct arena *a, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = arena_strdup(a, slash ? slash + 1 : path);
	return trust_open(directory_of(a, path), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

const char *trust_why(int error)
{
	return error == EXDEV ? "another user's link is on this path" : strerror(error);
}
