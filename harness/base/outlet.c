/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: both streams are replaced by ones that alter what they get, byte by byte; a
 * line may come in pieces, so it is remembered how the current one has begun. The second colon at
 * the beginning of a line, and a bracket after two number signs, are written as escapes: of the
 * language, or of JSON.
 *
 * The runner (actions/runner, ActionCommand.cs) ends lines at \r, too; it passes over blanks of all
 * kinds at their beginning, and compares as people read, so that some characters count as nothing.
 * So only a visible ASCII character counts as the beginning of something else.
 *
 * Standard output is written line by line, so that nothing on standard error, which may be the same
 * file, gets into a line and makes the rest of it the beginning of another.
 */
#include "harness/base/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/memory.h"

#define LONGEST_ESCAPE 6
#define LINE_BUFFER    65536

/* How the current line has begun. */
struct outlet {
	int fd;
	bool is_json;
	bool begun; /* with something that is no command */
	int colons; /* at its beginning */
	int signs;  /* number signs, immediately before */
};

static struct outlet outlets[] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};
static FILE *plain_output, *plain_errors; /* NULL: nothing is guarded */

static struct outlet *outlet_of(int fd)
{
	return &outlets[fd == STDERR_FILENO];
}

/* ---- bytes ---- */

static bool is_visible(unsigned char c)
{
	return c > 0x20 && c < 0x7f;
}

static bool would_command(const struct outlet *o, char c)
{
	return (c == ':' && !o->begun && o->colons) || (c == '[' && o->signs > 1);
}

static void follow(struct outlet *o, char c)
{
	if (c == '\n' || c == '\r') {
		o->begun = false;
		o->colons = o->signs = 0;
	} else if (c == ':') {
		o->begun |= o->colons > 0;
		o->colons = 1;
		o->signs = 0;
	} else if (is_visible((unsigned char)c)) {
		o->begun = true;
		o->signs = c == '#' ? o->signs + (o->signs < 2) : 0;
	} else if (c == ' ' || c == '\t') {
		o->signs = 0;
	}
}

char *outlet_safe(int fd, const char *bytes, size_t length, size_t *made)
{
	struct outlet *o = outlet_of(fd);
	char *safe, *at;

	if (!plain_output)
		return NULL;
	safe = at = memory_get(length * LONGEST_ESCAPE + 1);
	for (size_t i = 0; i < length; i++) {
		if (would_command(o, bytes[i]))
			at += sprintf(at, o->is_json ? "\\u%04x" : "\\x%02x",
				      (unsigned)(unsigned char)bytes[i]);
		else
			*at++ = bytes[i];
		follow(o, bytes[i]);
	}
	*made = (size_t)(at - safe);
	return safe;
}

/* It is not known where the line is now: as if it had begun like a command. */
void outlet_cut(int fd)
{
	struct outlet *o = outlet_of(fd);

	o->begun = false;
	o->colons = 1;
	o->signs = 2;
}

/* ---- streams ---- */

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno != EINTR)
			return false;
		bytes += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

static ssize_t write_guarded(void *context, const char *bytes, size_t length)
{
	const struct outlet *o = context;
	size_t made;
	char *safe = outlet_safe(o->fd, bytes, length, &made);
	bool written = write_all(o->fd, safe ? safe : bytes, safe ? made : length);
	int why = errno;

	free(safe);
	if (!written)
		outlet_cut(o->fd);
	errno = why;
	return written ? (ssize_t)length : 0;
}

/* Our own begin a line and end it. */
static ssize_t write_command(void *context, const char *bytes, size_t length)
{
	struct outlet *o = context;
	bool written = (!(o->begun || o->colons) || write_all(o->fd, "\n", 1)) &&
		       write_all(o->fd, bytes, length);

	o->begun = false;
	o->colons = o->signs = 0;
	return written ? (ssize_t)length : 0;
}

static FILE *guarded(struct outlet *o)
{
	FILE *stream = fopencookie(o, "w", (cookie_io_functions_t){.write = write_guarded});

	if (stream)
		setvbuf(stream, NULL, _IOLBF, LINE_BUFFER);
	else
		out_of_memory();
	return stream;
}

void outlet_guard(void)
{
	const char *inside = getenv("GITHUB_ACTIONS");

	if (!inside || !*inside || plain_output)
		return;
	plain_output = stdout;
	plain_errors = stderr;
	stdout = guarded(&outlets[0]);
	stderr = guarded(&outlets[1]);
}

void outlet_is_json(bool json)
{
	outlets[0].is_json = json;
}

void outlet_unguard(void)
{
	if (!plain_output)
		return;
	stdout = plain_output;
	stderr = plain_errors;
	plain_output = plain_errors = NULL;
}

FILE *outlet_commands(void)
{
	return fopencookie(outlet_of(STDERR_FILENO), "w",
			   (cookie_io_functions_t){.write = write_command});
}
