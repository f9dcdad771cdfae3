/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences in lines. */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stdio.h>

#include "harness/base/arena.h"

/*
 * A text in lines of 100 columns. In the first line, `used` of them are taken; in the others, the
 * first `indent` stay empty. A quantity ("15 min 54 s") stays in one line.
 */
void words_wrap(FILE *out, struct arena *a, const char *text, int used, int indent);

#endif
