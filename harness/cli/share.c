/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a share must be the same on every machine, so that together they run
 * everything once. It follows from the plan, from the times in the scripts, and from measured
 * times, if all machines are given the same results of an earlier run (--times). The results that
 * this machine happens to have are not used. The runs of one table stay together. They are dealt
 * out as parcels, the longest first, each to the share that has the least so far. Sums of times are
 * of type double: these files may say anything, and no sum of that overflows.
 */
#include "harness/cli/share.h"

#include <stdlib.h>
#include <string.h>

#include "harness/run/results_read.h"

/* Runs that stay together: neighbours in the plan. */
struct parcel {
	size_t first, count;
	double time; /* ns */
	bool is_mine;
};

static ns_t time_of(const struct plan *plan, const struct planned *planned, const char *times,
		    const char **error)
{
	json_t *json;
	json_int_t took;

	if (planned->skip || *error)
		return 0;
	json = times ? result_read(plan->arena, times, planned->name, error) : NULL;
	took = json_integer_value(json_object_get(json, "duration"));
	json_decref(json);
	return took > 0 ? took : planned_time(planned);
}

static struct parcel *parcels_of(const struct plan *plan, const char *times, size_t *count,
				 const char **error)
{
	struct parcel *list = NULL, *last = NULL;

	*count = 0;
	*error = NULL;
	for (size_t i = 0; i < plan->count; i++) {
		if (!last || strcmp(plan->list[i].group, plan->list[i - 1].group) != 0) {
			last = arena_push(plan->arena, list, *count);
			*last = (struct parcel){.first = i};
		}
		last->count++;
		last->time += (double)time_of(plan, &plan->list[i], times, error);
	}
	return list;
}

/* The longest first; else in their order. */
static int by_time(const void *left, const void *right)
{
	const struct parcel *a = *(struct parcel *const *)left, *b = *(struct parcel *const *)right;

	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return a->first < b->first ? -1 : 1;
}

static void deal(struct arena *a, const struct share *share, struct parcel *list, size_t count)
{
	struct parcel **order = arena_alloc(a, (count + 1) * sizeof(struct parcel *));
	double *loads = arena_alloc(a, (size_t)share->of * sizeof(*loads));

	for (size_t i = 0; i < count; i++)
		order[i] = &list[i];
	qsort(order, count, sizeof(struct parcel *), by_time);
	for (size_t i = 0; i < count; i++) {
		int least = 0;

		for (int k = 1; k < share->of; k++)
			if (loads[k] < loads[least])
				least = k;
		loads[least] += order[i]->time;
		order[i]->is_mine = least == share->nth - 1;
	}
}

bool share_keep(struct plan *plan, const struct share *share, const char *times, const char **error)
{
	size_t count, kept = 0;
	struct parcel *list = parcels_of(plan, times, &count, error);

	if (*error)
		return false;
	deal(plan->arena, share, list, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; list[i].is_mine && k < list[i].count; k++)
			plan->list[kept++] = plan->list[list[i].first + k];
	plan->count = kept;
	return true;
}
