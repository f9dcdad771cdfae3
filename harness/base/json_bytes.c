/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each byte of a string becomes the character with the same number. In UTF-8 a character below 0x80
 * has one byte, the others here have two.
 */
#include "harness/base/json_bytes.h"

#include <string.h>

const char *json_bytes(struct arena *a, const char *bytes)
{
	char *text, *to;

	if (!bytes)
		return NULL;
	text = to = arena_alloc(a, 2 * strlen(bytes) + 1);
	for (; *bytes; bytes++) {
		unsigned char byte = (unsigned char)*bytes;

		if (byte >= 0x80)
			*to++ = (char)(0xc0 | byte >> 6);
		*to++ = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
	}
	*to = '\0';
	return text;
}

const char *json_bytes_at(struct arena *a, const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	char *bytes, *to;

	if (!text)
		return NULL;
	bytes = to = arena_alloc(a, strlen(text) + 1);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte > 0xc3) /* a character that is no byte's number: not written by us */
			return NULL;
		*to++ = (char)(byte < 0x80 ? byte : byte << 6 | (*++text & 0x3f));
	}
	*to = '\0';
	return bytes;
}
