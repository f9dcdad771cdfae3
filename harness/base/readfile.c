/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the file of a path is examined before it is opened (opening a FIFO or a
 * device can block or have effects) and again afterwards, on the descriptor, in case that it
 * changed in between. The size is checked before a byte is read. A script is text: UTF-8 without
 * control characters, so that an error message that quotes a line cannot send commands to the
 * terminal.
 */
#include "harness/base/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/base/trust.h"

/* `kind`: what it should be; NULL: a scenario. */
static const char *unfit(struct arena *a, const char *path, const char *kind, const struct stat *st)
{
	if (S_ISDIR(st->st_mode) && kind)
		return arena_printf(a, "%s is a directory, not %s", path, kind);
	if (S_ISDIR(st->st_mode))
		return arena_printf(a, "%s is a directory, not a scenario; those in it: %s%s*.tcp",
				    path, path, path[strlen(path) - 1] == '/' ? "" : "/");
	if (!S_ISREG(st->st_mode))
		return arena_printf(a, "%s is not a regular file", path);
	if (st->st_size > MAX_SCRIPT_SIZE)
		return arena_printf(a, "%s is too large for %s: %lld bytes, at most %d", path,
				    kind ? kind : "a scenario", (long long)st->st_size,
				    MAX_SCRIPT_SIZE);
	if (st->st_size == 0)
		return arena_printf(a, "%s is empty", path);
	return NULL;
}

static const char *not_text(struct arena *a, const char *path, const char *s, size_t length)
{
	size_t line = 1, line_start = 0;

	for (size_t i = 0; i < length;) {
		bool is_blank = s[i] == '\t' || s[i] == '\n' || s[i] == '\r';
		size_t n = is_blank ? 1 : shown_plain(s + i, length - i);

		if (n == 0)
			return arena_printf(a, "%s:%zu:%zu: this is not text: a byte 0x%02x", path,
					    line, i - line_start + 1, (unsigned char)s[i]);
		if (s[i] == '\n') {
			line++;
			line_start = i + 1;
		}
		i += n;
	}
	return NULL;
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, text + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += n;
	}
	return have;
}

/*
 * openat2(2) stays in the directory whatever is moved or linked meanwhile. Without it (some
 * containers forbid it), at least the file is not a link.
 */
static int open_within(const char *within, const char *path, int flags)
{
	struct open_how how = {
	    .flags = (unsigned)flags,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int directory, fd, why;

	if (!within)
		return open(path, flags);
	directory = open(*within ? within : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -1;
	path += strlen(within);
	fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		fd = openat(directory, path, flags | O_NOFOLLOW);
		if (fd < 0 && errno == ELOOP)
			errno = EXDEV;
	}
	why = errno;
	close(directory);
	errno = why;
	return fd;
}

/*
 * Messages quote lines of a file. If root checks a script that is another user's link to a secret
 * file, that user may see the messages, and with them the file's lines. So if not everybody may
 * read a file, the path must lead to it through links of this user and root alone.
 */
static bool is_secret(const char *within, const char *path, const struct stat *st)
{
	struct stat trusted;
	int fd;
	bool same;

	if (within || st->st_mode & S_IROTH)
		return false;
	fd = trust_open(path, O_PATH | O_CLOEXEC);
	same = fd >= 0 && fstat(fd, &trusted) == 0 && trusted.st_dev == st->st_dev &&
	       trusted.st_ino == st->st_ino;
	if (fd >= 0)
		close(fd);
	return !same;
}

/* The file's data; without opening it, because opening can have effects. */
static bool look(const char *within, const char *path, struct stat *st)
{
	int fd = open_within(within, path, O_PATH | O_CLOEXEC), why;
	bool seen = fd >= 0 && fstat(fd, st) == 0;

	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return seen;
}

static struct source *read_source(struct arena *a, const char *within, const char *path,
				  const char *kind, const char **error)
{
	struct source *source;
	struct stat st;
	ssize_t length = 0;
	char *text = NULL;
	int fd = -1;

	if (look(within, path, &st)) {
		*error = unfit(a, path, kind, &st);
		if (*error)
			return NULL;
		fd = open_within(within, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		*error = errno == EXDEV
			     ? arena_printf(a,
					    "%s is a link to elsewhere; a used file must itself be "
					    "in the library or beside the script",
					    path)
			     : arena_printf(a, "cannot read %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*error = unfit(a, path, kind, &st);
	if (!*error && is_secret(within, path, &st))
		*error = arena_printf(a,
				      "%s: another user's link leads to this file, which not "
				      "everybody may read; name the file itself",
				      path);
	if (!*error) {
		text = arena_alloc(a, st.st_size + 1);
		length = read_all(fd, text, st.st_size);
		if (length < 0)
			*error = arena_printf(a, "cannot read %s: %s", path, strerror(errno));
		else
			*error = not_text(a, path, text, (size_t)length);
	}
	close(fd);
	if (*error)
		return NULL;
	source = arena_new(a, struct source);
	*source = (struct source){arena_strdup(a, shown(a, path)), text, length};
	return source;
}

struct source *source_read_within(struct arena *a, const char *within, const char *path,
				  const char **error)
{
	return read_source(a, within, path, NULL, error);
}

struct source *source_read(struct arena *a, const char *path, const char **error)
{
	return read_source(a, NULL, path, NULL, error);
}

struct source *source_read_other(struct arena *a, const char *path, const char *kind,
				 const char **error)
{
	return read_source(a, NULL, path, kind, error);
}
