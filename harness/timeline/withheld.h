/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hypervisor has kept from the machine: readings of how long each CPU was not there.
 */
#ifndef WITHHELD_H
#define WITHHELD_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/arena.h"
#include "harness/base/clock.h"

/* One reading: how long each CPU has been away since the machine was started. */
struct withheld {
	ns_t at;
	ns_t *of;
	size_t count;
};

/* The readings of a run, in their order. */
struct withheld_list {
	struct withheld *list;
	size_t count;
};

/* The unit in which the kernel tells them (proc_stat(5)): two readings differ by less than one unit
 * more, or less, than what was withheld in between. */
#define WITHHELD_UNIT (10 * NS_PER_MS)

/* One more reading. What it points to is copied. */
void withheld_add(struct arena *a, struct withheld_list *readings, const struct withheld *reading);

/* Of the CPU that was away longest in between. */
ns_t withheld_most(const struct withheld *before, const struct withheld *after);

/* The same, between the readings that are nearest around these moments; 0: there are none. */
ns_t withheld_between(const struct withheld_list *readings, ns_t from, ns_t to);

#endif
