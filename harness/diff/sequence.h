/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The alignment of two sequences: which elements belong together.
 */
#ifndef DIFF_SEQUENCE_H
#define DIFF_SEQUENCE_H

#include <jansson.h>
#include <stddef.h>

#include "harness/base/arena.h"

#define UNPAIRED (-1)

/* Elements are numbers: equal texts have equal ones. `words` is an object that remembers them. */
int sequence_word(json_t *words, const char *text);

/*
 * For each element of `old` its counterpart's index in `new`, UNPAIRED where it has none. As many
 * as possible have one, without changing the order; if the sequences have very little in common,
 * only those at both ends.
 */
int *sequence_align(struct arena *a, const int *old, size_t old_count, const int *new,
		    size_t new_count);

#endif
