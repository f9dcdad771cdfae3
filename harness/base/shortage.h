/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When there are no descriptors left, the code that needed one says so in the system's words, often
 * through a library. The limit is the reason, and the message gets the remedy.
 */
#ifndef BASE_SHORTAGE_H
#define BASE_SHORTAGE_H

#include <stdbool.h>

#include "harness/base/arena.h"

bool is_shortage(int error);

/* The message, followed by the remedy if it is about such a shortage. */
const char *shortage_mend(struct arena *a, const char *message);

#endif
