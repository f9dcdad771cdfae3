/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One character after the other is checked: it must be UTF-8 (RFC 3629: not overlong, no surrogate,
 * nothing beyond U+10FFFF), and neither a control character nor one that changes the order of what
 * is around it. Anything else is shown byte by byte.
 */
#include "harness/base/shown.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/text.h"

/* Sequences by their first byte: the length, the bits that belong to the character, and the
 * smallest character of this length. */
static const struct {
	unsigned char mask, begins;
	size_t length;
	uint32_t least;
} sequences[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Marks, embeddings, overrides and isolates that turn what follows around (Unicode's UAX #9), and
 * the separators of lines and paragraphs. */
static bool is_layout(uint32_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static bool is_character(uint32_t c, uint32_t least)
{
	return c >= least && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* The character that begins there; false: none does. */
static bool character(const char *bytes, size_t left, uint32_t *c, size_t *length)
{
	const unsigned char *b = (const unsigned char *)bytes;

	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		if ((b[0] & sequences[i].mask) != sequences[i].begins)
			continue;
		*length = sequences[i].length;
		*c = b[0] & (unsigned char)~sequences[i].mask;
		if (*length > left)
			return false;
		for (size_t k = 1; k < *length; k++) {
			if ((b[k] & 0xc0) != 0x80)
				return false;
			*c = *c << 6 | (b[k] & 0x3f);
		}
		return is_character(*c, sequences[i].least);
	}
	return false;
}

size_t shown_plain(const char *bytes, size_t left)
{
	size_t length;
	uint32_t c;

	return character(bytes, left, &c, &length) && !is_control(c) && !is_layout(c) ? length : 0;
}

bool is_utf8(const char *text)
{
	size_t left = strlen(text), length;
	uint32_t c;

	for (; left; text += length, left -= length)
		if (!character(text, left, &c, &length))
			return false;
	return true;
}

size_t shown_one(FILE *out, const char *bytes, size_t left)
{
	static const char named[] = "\n\r\t", names[] = "nrt";
	size_t length = shown_plain(bytes, left);
	const char *name = *bytes ? strchr(named, *bytes) : NULL;

	if (length)
		fwrite(bytes, 1, length, out);
	else if (name)
		fprintf(out, "\\%c", names[name - named]);
	else
		fprintf(out, "\\x%02x", (unsigned char)*bytes);
	return length ? length : 1;
}

void shown_put(FILE *out, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;)
		i += shown_one(out, text + i, length - i);
}

const char *shown(struct arena *a, const char *text)
{
	size_t length = strlen(text), i = 0;
	struct text altered;

	while (i < length && shown_plain(text + i, length - i))
		i += shown_plain(text + i, length - i);
	if (i == length)
		return text;
	shown_put(text_open(&altered), text);
	return text_close(&altered, a);
}

int shown_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void say(const char *fmt, ...)
{
	struct arena a = {0};
	va_list ap;

	va_start(ap, fmt);
	fputs("tcplab: ", stderr);
	shown_put(stderr, arena_vprintf(&a, fmt, ap));
	fputc('\n', stderr);
	va_end(ap);
	arena_free(&a);
}
