/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the files have no names, so they are read from their descriptors, and from
 * the beginning whoever has read them before.
 */
#include "harness/report/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/program/program.h"

/* Of what has ended the run because it was too long; nobody reads all of that. */
#define BEGINNING (1 << 20)

bool output_copy(FILE *out, int fd)
{
	const off_t most = output_is_too_long(fd) ? BEGINNING : OUTPUT_MOST;
	char buffer[1 << 16];
	off_t at = 0;
	ssize_t n = 0;

	while (at < most && (n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		if (fwrite(buffer, 1, (size_t)n, out) != (size_t)n)
			return false;
		at += n;
	}
	return n >= 0;
}

#define LONGEST_LINE 300

/* The last line of a file that is not empty; NULL: there is none. */
static const char *last_line(int fd, char buffer[LONGEST_LINE + 1])
{
	struct stat st;
	off_t from;
	ssize_t n;
	char *line;

	if (fd <= 0 || fstat(fd, &st) < 0)
		return NULL;
	from = st.st_size > LONGEST_LINE ? st.st_size - LONGEST_LINE : 0;
	n = pread(fd, buffer, LONGEST_LINE, from);
	while (n > 0 && (buffer[n - 1] == '\n' || buffer[n - 1] == '\r'))
		n--;
	if (n <= 0)
		return NULL;
	buffer[n] = '\0';
	line = strrchr(buffer, '\n');
	return line ? line + 1 : buffer;
}

const char *output_last_error(struct arena *a, const struct program_output *program)
{
	char buffer[LONGEST_LINE + 1];
	const char *line = last_line(program->errors, buffer);

	return line ? arena_strdup(a, line) : NULL;
}

void output_print_last(FILE *out, const struct observation *o)
{
	char buffer[LONGEST_LINE + 1];

	for (int h = 0; h < LAB_HOSTS; h++) {
		const char *line = last_line(o->program[h].errors, buffer);

		if (!line)
			line = last_line(o->program[h].output, buffer);
		if (!line)
			continue;
		fprintf(out, "# the %s's program: ", host_name(h));
		shown_put(out, line);
		fputc('\n', out);
	}
}
