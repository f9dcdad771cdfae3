/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a result is made in a hidden directory beside its place (base/scratch.h),
 * and put in place by one renameat2(): exchanged with the existing one or, if there is none, moved
 * without replacing. Both can lose a race against another process that does the same; then the
 * other way is tried. Every write is checked, down to fclose(), so that a full disk cannot leave
 * half a file; there is no fsync, because a result that is lost in a crash of the machine can be
 * made again.
 *
 * A process that was killed leaves its hidden directory behind, and a later one sweeps it away.
 */
#include "harness/run/results.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/scratch.h"
#include "harness/base/trust.h"
#include "harness/run/kept_files.h"
#include "harness/run/left_files.h"
#include "harness/run/results_read.h"

#define UNFINISHED ".tcplab-unfinished-"
#define MAX_TRIES  100
#define ELSEWHERE  "; --results DIR leaves them in another place"

static bool make_directory(struct arena *a, const char *path)
{
	const char *name;
	int parent = trust_open_parent(a, path, &name);
	bool made = parent >= 0 && (!*name || !mkdirat(parent, name, 0777) || errno == EEXIST);
	int why = errno;

	if (parent >= 0)
		close(parent);
	errno = why;
	return made;
}

/* Make each directory of the path that does not exist yet. */
static bool make_path(struct arena *a, const char *path)
{
	char *part = arena_strdup(a, path);

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!make_directory(a, part))
			return false;
		*slash = '/';
	}
	return make_directory(a, part);
}

void results_sweep(const char *directory)
{
	scratch_sweep(directory, UNFINISHED);
}

/* -1: errno says why not. */
static int open_directory(struct arena *a, const char *path)
{
	int fd = trust_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && make_path(a, path))
		fd = trust_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

static const char *why_not(struct arena *a, const char *directory)
{
	if (errno == EXDEV || errno == ENOTDIR || errno == EACCES || errno == EROFS)
		return arena_printf(a, "cannot write results to %s: %s" ELSEWHERE, directory,
				    trust_why(errno));
	return arena_printf(a, "cannot make the directory for the results, %s: %s" ELSEWHERE,
			    directory, strerror(errno));
}

const char *results_open(struct arena *a, const char *root, const char *kernel, const char **error)
{
	const char *directory = arena_printf(a, "%s/%s", root, kernel);
	int fd = open_directory(a, directory);

	if (fd < 0 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		*error = why_not(a, directory);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	close(fd);
	results_sweep(directory);
	return directory;
}

FILE *results_new_file(int directory, const char *name)
{
	int fd =
	    openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !out)
		close(fd);
	return out;
}

static bool write_file(int directory, const struct result_file *file, void *context)
{
	FILE *out = results_new_file(directory, file->name);
	int error = 0;

	if (!out)
		return false;
	errno = 0;
	if (!file->write(out, context) || fflush(out) != 0 || ferror(out))
		error = errno ? errno : EIO;
	if (fclose(out) != 0 && !error)
		error = errno;
	errno = error;
	return error == 0;
}

/*
 * The new file or directory and the place where it belongs, as names in the open directory. They
 * are not paths: with a path, somebody who can write to the directory above could lead this
 * elsewhere.
 */
struct placing {
	int directory;
	const char *made, *place;
};

/* Not every file system can exchange: then there is a moment without the old and the new. */
static bool replace_plainly(struct arena *a, const struct placing *p, const char *path)
{
	struct scratch aside;
	bool done;
	int why;

	if (!scratch_make(a, path, UNFINISHED, 0700, &aside))
		return false;
	done = renameat(p->directory, p->place, aside.fd, "old") == 0 || errno == ENOENT;
	if (done && renameat(p->directory, p->made, p->directory, p->place) < 0) {
		done = false;
		why = errno;
		renameat(aside.fd, "old", p->directory, p->place);
		errno = why;
	}
	why = errno;
	scratch_remove(&aside);
	errno = why;
	return done;
}

static bool rename_as(const struct placing *p, unsigned flags)
{
	return renameat2(p->directory, p->made, p->directory, p->place, flags) == 0;
}

/*
 * Afterwards the name `made` does not exist, or is the old directory. `path`: of the open
 * directory.
 */
static bool put(struct arena *a, const struct placing *p, const char *path)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		if (rename_as(p, RENAME_EXCHANGE))
			return true;
		if (errno == EINVAL || errno == ENOSYS)
			return replace_plainly(a, p, path);
		if (errno != ENOENT)
			return false;
		if (rename_as(p, RENAME_NOREPLACE))
			return true;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/* In a new place, which no earlier result has. */
static bool put_beside(struct arena *a, const struct placing *p)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		struct timespec t;
		struct tm tm;
		char day[32];

		clock_gettime(CLOCK_REALTIME, &t);
		localtime_r(&t.tv_sec, &tm);
		strftime(day, sizeof(day), "%Y%m%dT%H%M%S", &tm);
		/* rename(2) replaces an empty directory only; ours never is one */
		if (renameat(p->directory, p->made, p->directory,
			     arena_printf(a, "%s@%s.%06ld", p->place, day, t.tv_nsec / 1000)) == 0)
			return true;
		if (errno != EEXIST && errno != ENOTEMPTY)
			return false;
	}
	return false;
}

/* ---- making one ---- */

struct making {
	struct arena *a;
	const char *directory, *name, *place; /* its final place */
	struct scratch made;		      /* where it is made */
	const char *doing; /* the file that is being written, by its name in the place */
	bool done;	   /* no error so far, else errno says why not */
};

static struct making begin(struct arena *a, const char *directory, const char *name)
{
	struct making m = {
	    .a = a,
	    .directory = directory,
	    .name = name,
	    .place = arena_printf(a, "%s/%s", directory, name),
	};

	m.doing = m.place;
	m.done = scratch_make(a, directory, UNFINISHED, 0777, &m.made);
	return m;
}

static void add(struct making *m, const struct result_file *file, void *context)
{
	if (!m->done)
		return;
	m->doing = arena_printf(m->a, "%s/%s", m->place, file->name);
	m->done = file->make ? file->make(m->made.fd, file->name, context)
			     : write_file(m->made.fd, file, context);
}

static bool finish(struct making *m, bool keep, const char **error)
{
	int why;

	if (m->done) {
		const struct placing p = {m->made.parent, m->made.name, m->name};

		m->doing = m->place;
		m->done = keep ? put_beside(m->a, &p) : put(m->a, &p, m->directory);
	}
	why = errno;
	scratch_remove(&m->made);
	if (!m->done)
		*error = arena_printf(m->a, "%s: %s", m->doing, trust_why(why));
	return m->done;
}

bool results_write(struct arena *a, const char *directory, const char *name, bool keep,
		   const struct result_file *files, void *context, const char **error)
{
	struct making m = begin(a, directory, name);

	for (; files->name; files++)
		add(&m, files, context);
	return finish(&m, keep, error);
}

static void close_quietly(int fd)
{
	int why = errno;

	close(fd);
	errno = why;
}

/* ---- of another directory ---- */

/* A regular file; the descriptor is at its beginning. */
struct copied {
	int in;
	int64_t most; /* bytes */
};

static bool copy(FILE *out, void *context)
{
	const struct copied *c = context;
	int64_t length = 0;
	char part[65536];
	ssize_t n;

	while ((n = read(c->in, part, sizeof(part))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		length += n;
		if (length > c->most)
			errno = EFBIG;
		if (n < 0 || length > c->most || fwrite(part, 1, (size_t)n, out) != (size_t)n)
			return false;
	}
	return true;
}

static bool copy_kept(int directory, const char *name, void *context)
{
	return kept_copy(*(int *)context, directory, name);
}

/* What is there under that name, if anything is. */
static void take(struct making *m, int from, const struct left_name *left, int64_t most)
{
	const struct result_file file = {left->name, copy, NULL};
	const struct result_file directory = {left->name, NULL, copy_kept};
	struct copied copied = {.in = -1, .most = most};
	struct stat st;

	m->doing = arena_printf(m->a, "%s/%s", m->place, left->name);
	if (fstatat(from, left->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		m->done = errno == ENOENT;
	else if (left->is_directory)
		add(m, &directory, &from);
	else if ((copied.in = left_open_file(from, left->name)) >= 0)
		add(m, &file, &copied);
	else
		m->done = false;
	if (copied.in >= 0)
		close_quietly(copied.in);
}

bool results_copy(struct arena *a, const char *directory, const char *name, bool keep, int from,
		  int64_t most, const char **error)
{
	struct making m = begin(a, directory, name);

	for (size_t i = 0; m.done && i < LEFT_COUNT; i++)
		take(&m, from, &left_files[i], most);
	return finish(&m, keep, error);
}

bool results_write_file(struct arena *a, const char *directory, const struct result_file *file,
			void *context, const char **error)
{
	struct scratch made;
	int why;
	bool done = scratch_make(a, directory, UNFINISHED, 0700, &made);

	if (done)
		done = write_file(made.fd, file, context) &&
		       renameat(made.fd, file->name, made.parent, file->name) == 0;
	why = errno;
	scratch_remove(&made);
	if (!done)
		*error = arena_printf(a, "%s/%s: %s", directory, file->name, trust_why(why));
	return done;
}
