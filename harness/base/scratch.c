/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a process that works in a directory holds a lock on it (flock(2)), which the
 * kernel releases when the last process that has the descriptor ends, however it ends. So a
 * directory without a lock belongs to nobody. A process's number would not be enough: another PID
 * namespace that has the same /tmp has other numbers.
 *
 * Between making a directory and locking it, another process may take it for abandoned. So when its
 * maker has the lock, it checks whether the directory still exists, and makes another one if not.
 */
#include "harness/base/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/tree.h"
#include "harness/base/trust.h"

#define RANDOM_CHARACTERS 8
#define MAX_TRIES	  100
#define MAX_REMOVALS	  100 /* 10 ms apart */

/* ---- one of them ---- */

static void put_random(char *to)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: no remainder */
	unsigned char bytes[RANDOM_CHARACTERS];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < RANDOM_CHARACTERS; i++)
		to[i] = characters[bytes[i] % 32];
	to[RANDOM_CHARACTERS] = '\0';
}

static bool is_still_there(int parent, const char *name, int fd)
{
	struct stat there, held;

	return fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &held) == 0 &&
	       there.st_dev == held.st_dev && there.st_ino == held.st_ino;
}

/* False: errno is EAGAIN if another try, with another name, may work. */
static bool make_one(struct scratch *s, mode_t mode)
{
	if (mkdirat(s->parent, s->name, mode) < 0) {
		if (errno == EEXIST)
			errno = EAGAIN;
		return false;
	}
	s->fd = openat(s->parent, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0) {
		if (errno == ENOENT)
			errno = EAGAIN;
		return false;
	}
	/* Without locks (some network file systems) nothing is swept either. */
	while (flock(s->fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return true;
	if (is_still_there(s->parent, s->name, s->fd))
		return true;
	close(s->fd);
	s->fd = -1;
	errno = EAGAIN;
	return false;
}

bool scratch_make(struct arena *a, const char *parent, const char *prefix, mode_t mode,
		  struct scratch *s)
{
	char *name = arena_printf(a, "%s%*s", prefix, RANDOM_CHARACTERS, "");
	bool made = false;

	*s = (struct scratch){.fd = -1, .name = name};
	s->parent = trust_open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->parent < 0)
		return false;
	errno = EAGAIN;
	for (int i = 0; i < MAX_TRIES && !made && errno == EAGAIN; i++) {
		put_random(name + strlen(prefix));
		made = make_one(s, mode);
	}
	if (!made) {
		int why = errno;

		close(s->parent);
		errno = why;
		return false;
	}
	s->path = arena_printf(a, "%s/%s", parent, name);
	return true;
}

void scratch_remove(struct scratch *s)
{
	if (s->fd < 0)
		return;
	/* Who has been killed, and not yet died, may make another file meanwhile. */
	for (int i = 0; i < MAX_REMOVALS; i++) {
		tree_remove(s->parent, s->name);
		if (faccessat(s->parent, s->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	}
	close(s->fd);
	close(s->parent);
	s->fd = -1;
}

/* ---- remains ---- */

static void remove_if_abandoned(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0)
		tree_remove(parent, name);
	close(fd);
}

void scratch_sweep(const char *parent, const char *prefix)
{
	int fd = trust_open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t n = strlen(prefix);
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(d)))
		if (strncmp(entry->d_name, prefix, n) == 0 &&
		    strlen(entry->d_name) == n + RANDOM_CHARACTERS)
			remove_if_abandoned(dirfd(d), entry->d_name);
	closedir(d);
}

/* ---- where ---- */

/*
 * The owner of a directory can exchange whatever is in it. If TMPDIR comes from another user's
 * environment, root must not work there.
 */
static bool is_somebody_elses(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !trust_owner(st.st_uid);
}

/* It belongs to this user, and only this user can enter it. */
static bool is_private(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 0777) == 0700;
}

/* It stays for later runs, so this run's umask must not decide who can enter it. */
static bool make_private(const char *path)
{
	mode_t before = umask(0);
	bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
	int why = errno;

	umask(before);
	errno = why;
	return made;
}

static const char *private_directory(struct arena *a, const char *path, const char **error)
{
	char real[PATH_MAX];

	if (!make_private(path)) {
		*error = arena_printf(a,
				      "cannot make the directory for temporary files, %s: %s (set "
				      "TMPDIR to a directory that you can write to)",
				      path, strerror(errno));
		return NULL;
	}
	if (is_private(path) && realpath(path, real))
		return arena_strdup(a, real);
	*error = arena_printf(a,
			      "%s is not a directory that only you can enter (remove it, or set "
			      "TMPDIR to a directory of your own)",
			      path);
	return NULL;
}

const char *scratch_parent(struct arena *a, const char **error)
{
	const char *chosen = getenv("TMPDIR"), *runtime = getenv("XDG_RUNTIME_DIR");

	if (!(chosen && *chosen) && runtime && runtime[0] == '/' && is_private(runtime) &&
	    access(runtime, W_OK) == 0)
		return private_directory(a, arena_printf(a, "%s/tcplab", runtime), error);
	if (!chosen || !*chosen)
		chosen = "/tmp";
	if (is_somebody_elses(chosen)) {
		*error = arena_printf(a,
				      "%s belongs to another user, who could change what is "
				      "kept there (set TMPDIR to a directory of your own)",
				      chosen);
		return NULL;
	}
	return private_directory(a, arena_printf(a, "%s/tcplab-%u", chosen, (unsigned)geteuid()),
				 error);
}

bool scratch_open(struct arena *a, const char *prefix, struct scratch *s, const char **error)
{
	const char *parent = scratch_parent(a, error);

	if (!parent)
		return false;
	scratch_sweep(parent, prefix);
	if (scratch_make(a, parent, prefix, 0700, s))
		return true;
	*error = arena_printf(a, "no directory can be made in %s: %s", parent, strerror(errno));
	return false;
}
