/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the fuzz targets. Each target is one file with LLVMFuzzerTestOneInput(), which is
 * called with one input after another (https://llvm.org/docs/LibFuzzer.html): by libFuzzer, which
 * generates them and watches which code each one reaches, or by replay.c, which takes those of the
 * corpus. A target that finds a fault calls wrong(), which ends the process; the sanitizers find
 * faults of memory.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold does not. */
__attribute__((format(printf, 1, 2))) static inline _Noreturn void wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("WRONG: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

/* ---- an input, taken from the front; beyond its end there are zeros ---- */

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t take_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint32_t take_number(struct input *in, int bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | take_byte(in);
	return number;
}

/* At most this many bytes, in separate memory, so that a read beyond them is caught. */
static inline unsigned char *take_bytes(struct input *in, struct arena *a, size_t *count)
{
	unsigned char *bytes;

	if (*count > in->left)
		*count = in->left;
	bytes = arena_alloc(a, *count);
	if (*count)
		memcpy(bytes, in->at, *count);
	in->at += *count;
	in->left -= *count;
	return bytes;
}

/* Everything before the next zero, which is taken, too. */
static inline const char *take_text(struct input *in, struct arena *a)
{
	size_t length = in->left ? strnlen((const char *)in->at, in->left) : 0;
	const char *text = arena_strndup(a, (const char *)in->at, length);

	in->at += length;
	in->left -= length;
	take_byte(in);
	return text;
}

#endif
