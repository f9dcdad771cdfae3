/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes in JSON, which has UTF-8 and nothing else, while paths, comments and messages are bytes:
 * for what one process of this program tells another.
 */
#ifndef BASE_JSON_BYTES_H
#define BASE_JSON_BYTES_H

#include <jansson.h>

#include "harness/base/arena.h"

/* To be put into a JSON string. NULL stays NULL. */
const char *json_bytes(struct arena *a, const char *bytes);

/* What was put there; NULL: there is none of that key, or we have not written it. */
const char *json_bytes_at(struct arena *a, const json_t *json, const char *key);

#endif
