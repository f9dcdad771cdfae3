/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that is put together with stdio and ends up in an arena.
 *
 *     struct text text;
 *     FILE *out = text_open(&text);
 *     fprintf(out, ...);
 *     return text_close(&text, arena);
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"

struct text {
	FILE *out;
	char *buffer;
	size_t size;
};

/* Never NULL: out of memory ends the process with a message, as for an arena. */
FILE *text_open(struct text *text);
const char *text_close(struct text *text, struct arena *a);

/* Whether both are the same, or both NULL. */
bool text_same(const char *a, const char *b);

/* In quotes, escaped as in C. */
void string_print(FILE *out, const char *bytes, size_t length);

/*
 * `length` bytes whose value does not matter to a script: a readable pattern, so that a capture
 * shows which of them are missing.
 */
char *text_pattern(struct arena *a, size_t length);

/* The directory in which the path's last name is, by its path. */
const char *directory_of(struct arena *a, const char *path);

/* All that can be read there, to `out`. False: errno says why not. */
bool text_copy(FILE *out, int fd);

#endif
