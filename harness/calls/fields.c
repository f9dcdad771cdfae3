/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields' names. */
#include <string.h>

#include "harness/calls/fields.h"

const char *const field_names[FIELD_COUNT] = {
#define FIELD(name) [FIELD_##name] = #name,
    FIELD_NAMES(FIELD)
#undef FIELD
};

enum field_id field_find(const char *name)
{
	for (int i = NO_FIELD + 1; i < FIELD_COUNT; i++)
		if (!strcmp(name, field_names[i]))
			return (enum field_id)i;
	return NO_FIELD;
}
