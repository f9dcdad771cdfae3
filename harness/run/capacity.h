/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many runs at once the machine, or a container's limits, can support.
 */
#ifndef CAPACITY_H
#define CAPACITY_H

#include <stdint.h>

/*
 * So many in any case, and so many at most while they leave processors idle (spare.h). At least 1,
 * at most MAX_AT_ONCE.
 */
struct capacity {
	int at_once, most;
};
struct capacity capacity(void);

/* The same for something else than runs, which mostly computes: only memory counts (bytes of each).
 * */
int capacity_for(int64_t memory);

/* The processors that this process may fill. */
int processors(void);

#endif
