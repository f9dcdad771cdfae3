/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short names for reading result.json.
 */
#ifndef DIFF_JSON_H
#define DIFF_JSON_H

#include <jansson.h>

/* A value in an object: NULL if it is missing; as a text, or "", as a number, or 0. */
static inline json_t *json_at(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static inline const char *json_text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static inline json_int_t json_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

#endif
