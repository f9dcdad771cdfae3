/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor lets other machines run on a processor while this machine's CPU has work to do. The
 * kernel does not know of it until the CPU is back: every timer that was due meanwhile fires late.
 * The kernel then adds the time to a sum for each CPU, "steal" of /proc/stat, before it looks after
 * its timers. So two readings, one before and one after a timer, limit how late the machine can
 * have made it. Nobody knows which CPU had the timer. So the limit is the time of the CPU that was
 * away longest.
 *
 * Other measures of a busy machine do not show this. /proc/pressure/cpu is the time in which tasks
 * waited for a CPU. On a busy machine that is all the time, but timers do not wait for tasks. The
 * time for which ksoftirqd waits does not show it either: since 6.5 the kernel handles its timers
 * at the end of an interrupt, whether or not ksoftirqd waits for a CPU.
 *
 * The sums rarely change, so of readings that are the same only the first and the last are kept.
 */
#include "harness/timeline/withheld.h"

#include <string.h>

static bool same(const struct withheld *one, const struct withheld *other)
{
	return one->count == other->count &&
	       (!one->count || !memcmp(one->of, other->of, one->count * sizeof(*one->of)));
}

void withheld_add(struct arena *a, struct withheld_list *readings, const struct withheld *reading)
{
	struct withheld *last = readings->count ? &readings->list[readings->count - 1] : NULL;
	struct withheld *new;

	if (readings->count > 1 && same(last, reading) && same(last - 1, reading)) {
		last->at = reading->at;
		return;
	}
	new = arena_push(a, readings->list, readings->count);
	*new = *reading;
	new->of = arena_alloc(a, (reading->count + 1) * sizeof(*new->of));
	if (reading->count)
		memcpy(new->of, reading->of, reading->count * sizeof(*new->of));
}

ns_t withheld_most(const struct withheld *before, const struct withheld *after)
{
	ns_t most = 0;

	/* If the number of CPUs has changed, nobody can say which is which. */
	for (size_t i = 0; i < after->count && before->count == after->count; i++)
		if (after->of[i] - before->of[i] > most)
			most = after->of[i] - before->of[i];
	return most;
}

ns_t withheld_between(const struct withheld_list *readings, ns_t from, ns_t to)
{
	size_t first = 0, last = 0;

	if (!readings->count)
		return 0;
	while (first + 1 < readings->count && readings->list[first + 1].at <= from)
		first++;
	while (last + 1 < readings->count && readings->list[last].at < to)
		last++;
	return withheld_most(&readings->list[first], &readings->list[last]);
}
