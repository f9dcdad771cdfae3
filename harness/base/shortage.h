/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When there are no descriptors left, whoever needed one says so in the system's words, often
 * through a library. That is nobody's fault but the limit's, and what mends it is said beside it.
 */
#ifndef BASE_SHORTAGE_H
#define BASE_SHORTAGE_H

#include <stdbool.h>

#include "harness/base/arena.h"

bool is_shortage(int error);

/* The message, with what mends it behind it if it speaks of such a shortage. */
const char *shortage_mend(struct arena *a, const char *message);

#endif
