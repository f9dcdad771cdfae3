/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many runs at once the machine bears.
 */
#ifndef CAPACITY_H
#define CAPACITY_H

/* At least 1, at most MAX_AT_ONCE. */
int capacity(void);

/* The processors that this process may use. */
int processors(void);

#endif
