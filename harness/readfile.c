/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what a path names is looked at before it is opened (opening a FIFO or a
 * device can block or have effects) and again afterwards, on the descriptor, in case that it
 * changed in between. The size decides before a byte is read. A script is text: UTF-8 without
 * control characters, so that an error message that quotes a line cannot command the terminal.
 */
#include "harness/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *unfit(struct arena *a, const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return arena_printf(a, "%s is a directory, not a scenario", path);
	if (!S_ISREG(st->st_mode))
		return arena_printf(a, "%s is not a regular file", path);
	if (st->st_size > MAX_SCRIPT_SIZE)
		return arena_printf(a, "%s is too large for a scenario: %lld bytes, at most %d",
				    path, (long long)st->st_size, MAX_SCRIPT_SIZE);
	if (st->st_size == 0)
		return arena_printf(a, "%s is empty", path);
	return NULL;
}

/* Length of the UTF-8 sequence at s, 0: it is none. Overlong forms are of no harm to a script. */
static size_t utf8(const unsigned char *s, size_t left)
{
	size_t n = *s < 0x80   ? 1
		   : *s < 0xc2 ? 0
		   : *s < 0xe0 ? 2
		   : *s < 0xf0 ? 3
		   : *s < 0xf5 ? 4
			       : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

static const char *not_text(struct arena *a, const char *path, const unsigned char *s,
			    size_t length)
{
	size_t line = 1, line_start = 0;

	for (size_t i = 0; i < length;) {
		size_t n = utf8(s + i, length - i);

		if (n == 0 || (s[i] < 0x20 && !strchr("\t\n\r", s[i])) || s[i] == 0 || s[i] == 0x7f)
			return arena_printf(a, "%s:%zu:%zu: this is not text: a byte 0x%02x", path,
					    line, i - line_start + 1, s[i]);
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

struct source *source_read(struct arena *a, const char *path, const char **error)
{
	struct source *source;
	struct stat st;
	ssize_t length = 0;
	char *text = NULL;
	int fd = -1;

	if (stat(path, &st) == 0) {
		*error = unfit(a, path, &st);
		if (*error)
			return NULL;
		fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		*error = arena_printf(a, "cannot read %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*error = unfit(a, path, &st);
	if (!*error) {
		text = arena_alloc(a, st.st_size + 1);
		length = read_all(fd, text, st.st_size);
		if (length < 0)
			*error = arena_printf(a, "cannot read %s: %s", path, strerror(errno));
		else
			*error = not_text(a, path, (const unsigned char *)text, length);
	}
	close(fd);
	if (*error)
		return NULL;
	source = arena_new(a, struct source);
	*source = (struct source){arena_strdup(a, path), text, length};
	return source;
}
