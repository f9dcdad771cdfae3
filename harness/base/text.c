/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory stream (open_memstream(3)) whose buffer is copied to an arena when it is closed; and
 * filler text.
 */
#include "harness/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/memory.h"

FILE *text_open(struct text *text)
{
	*text = (struct text){0};
	text->out = open_memstream(&text->buffer, &text->size);
	if (!text->out)
		out_of_memory();
	return text->out;
}

const char *text_close(struct text *text, struct arena *a)
{
	const char *copy;

	if (fclose(text->out))
		out_of_memory();
	copy = arena_strndup(a, text->buffer, text->size);
	free(text->buffer);
	return copy;
}

static const char pattern[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.\n";

#define PERIOD (sizeof(pattern) - 1)

char *text_pattern(struct arena *a, size_t length)
{
	char *bytes = arena_alloc(a, length + 1);

	for (size_t at = 0; at < length; at += PERIOD)
		memcpy(bytes + at, pattern, length - at < PERIOD ? length - at : PERIOD);
	return bytes;
}

bool text_copy(FILE *out, int fd)
{
	char buffer[16 * 1024];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			fwrite(buffer, 1, (size_t)n, out);
	}
	return !ferror(out);
}

bool text_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void string_print(FILE *out, const char *bytes, size_t length)
{
	static const char plain[] = "\r\n\t\"\\", letters[] = "rnt\"\\";

	putc_unlocked('"', out);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		const char *found = byte ? strchr(plain, byte) : NULL;
		bool digit_follows = i + 1 < length && isdigit((unsigned char)bytes[i + 1]);

		if (found)
			fprintf(out, "\\%c", letters[found - plain]);
		else if (!byte && !digit_follows)
			fputs("\\0", out);
		else if (byte < ' ' || byte >= 0x7f)
			fprintf(out, "\\x%02x", byte);
		else
			putc_unlocked(byte, out);
	}
	putc_unlocked('"', out);
}

const char *directory_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash ? "." : arena_printf(a, "%.*s", (int)(slash - path + (slash == path)), path);
}
