/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two texts, line by line, in the unified format of diff -u.
 */
#ifndef BASE_LINEDIFF_H
#define BASE_LINEDIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"

/*
 * Print what turns `old` into `new`, with three lines of context; nothing if they are equal. The
 * names stand in the heading. Returns whether they differ. Meant for texts of some hundred lines:
 * it takes time and memory by the product of their lengths.
 */
bool linediff_print(FILE *out, struct arena *a, const char *old_name, const char *old,
		    const char *new_name, const char *new);

#endif
