/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many runs at once the machine bears, or what a container leaves of it.
 */
#ifndef CAPACITY_H
#define CAPACITY_H

#include <stdint.h>

/* At least 1, at most MAX_AT_ONCE. */
int capacity(void);

/* The same of something else than runs, that mostly computes: as to memory (bytes of each) only. */
int capacity_for(int64_t memory);

/* The processors that this process may fill. */
int processors(void);

#endif
