/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes in JSON. A JSON string is UTF-8, but paths, comments and messages may have any bytes. In
 * this form one process of this program can send them to another.
 */
#ifndef BASE_JSON_BYTES_H
#define BASE_JSON_BYTES_H

#include <jansson.h>

#include "harness/base/arena.h"

/* To be put into a JSON string. NULL stays NULL. */
const char *json_bytes(struct arena *a, const char *bytes);

/*
 * The bytes that were put there. NULL: the key is missing, or its string was not made by
 * json_bytes().
 */
const char *json_bytes_at(struct arena *a, const json_t *json, const char *key);

#endif
