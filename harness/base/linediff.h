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
 * Print the difference from `old` to `new`, with three lines of context; nothing if they are equal.
 * The names are in the heading. Returns whether they differ. The time is at most the product of the
 * numbers of lines that differ, 10,000 times 10,000 of them being some tenths of a second.
 */
bool linediff_print(FILE *out, struct arena *a, const char *old_name, const char *old,
		    const char *new_name, const char *new);

#endif
