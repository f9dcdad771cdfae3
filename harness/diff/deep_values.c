/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: in virtual time everything repeats to the byte, and most values are simply
 * the same or not. Times are the exception, because they depend on two things: what a kernel does,
 * and how often it reads the clock on the way, which costs 256 ns each time. So times are the same
 * if their difference is too small for a timer. (Random numbers are not values here: ports, initial
 * numbers and so on are compared relative to the first, see packets.c.)
 *
 * A number of ticks may differ by one: a few more clock readings can move an event over the edge of
 * a tick.
 */
#include "harness/diff/deep_values.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ABOUT	   (1 * NS_PER_MS)    /* timers' steps are ten times that, or more */
#define CLOCKED	   (20 * NS_PER_US)   /* the sum of the clock's readings in a round trip */
#define FAR	   (INT64_C(1) << 61) /* differences of two such still are numbers */
#define LATE_SHARE 8		      /* a timer may be late by an eighth (docs/kernels.md) */

static bool within(int64_t a, int64_t b, int64_t margin)
{
	return llabs(a - b) <= margin;
}

/* The possible difference of a timer that was started in another tick. */
static int64_t late(int64_t a, int64_t b, const struct latitude *l)
{
	return 2 * l->tick + (a > b ? a : b) / LATE_SHARE;
}

static bool same_timer(int64_t a, int64_t b, const struct latitude *l)
{
	return within(a, b, l->loose ? late(a, b, l) : ABOUT);
}

static bool same_ticking(int64_t a, int64_t b, const struct latitude *l)
{
	return within(a, b, l->loose ? late(a, b, l) : l->tick);
}

static bool same_measured(int64_t a, int64_t b, const struct latitude *l)
{
	return l->loose || within(a, b, CLOCKED);
}

static bool same_left(int64_t a, int64_t b, const struct latitude *l)
{
	return l->loose || within(a, b, l->tick);
}

/* As exact as its time of measurement, whose smallest unit is a microsecond. */
static bool same_rate(int64_t a, int64_t b, const struct latitude *l)
{
	ns_t least = l->old_rtt < l->new_rtt ? l->old_rtt : l->new_rtt;
	ns_t error = llabs(l->old_rtt - l->new_rtt) + NS_PER_US;
	double rate = (double)(a > b ? a : b);

	return l->loose || error >= least ||
	       (double)llabs(a - b) <= rate / 64 + rate * (double)error / (double)least;
}

static bool same_rto(int64_t a, int64_t b, const struct latitude *l)
{
	return a == b || (l->loose && within(a, b, late(a, b, l)));
}

static bool same_never(int64_t a, int64_t b, const struct latitude *l)
{
	(void)a, (void)b, (void)l;
	return true;
}

static bool (*const same_numbers[])(int64_t, int64_t, const struct latitude *) = {
    [TIMER] = same_timer,	[TICKING] = same_ticking, [LEFT] = same_left,
    [MEASURED] = same_measured, [RATE] = same_rate,	  [RTO] = same_rto,
    [IGNORED] = same_never,
};

int64_t value_times(int64_t number, ns_t unit)
{
	int64_t result;

	if (__builtin_mul_overflow(number, unit, &result) || result > FAR || result < -FAR)
		return number < 0 ? -FAR : FAR;
	return result;
}

bool values_same(const struct field *field, const json_t *old, const json_t *new,
		 const struct latitude *latitude)
{
	ns_t unit = field->unit ? field->unit : 1;

	if (field->sort == EXACT || (!json_is_integer(old) && !json_is_integer(new)))
		return field->sort == IGNORED || (!old && !new) ||
		       json_equal((json_t *)old, (json_t *)new);
	return same_numbers[field->sort](value_times(json_integer_value(old), unit),
					 value_times(json_integer_value(new), unit), latitude);
}

static const char *list_text(struct arena *a, const json_t *list)
{
	char *text = json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *copy = arena_strdup(a, text ? text : "?");

	free(text);
	return copy;
}

static const char *time_text(struct arena *a, ns_t time)
{
	return time < NS_PER_S ? arena_printf(a, "%.0f ms", (double)time / NS_PER_MS)
			       : arena_printf(a, "%.2f s", (double)time / NS_PER_S);
}

const char *value_text(struct arena *a, const struct field *field, const json_t *value)
{
	if (!value || json_is_null(value))
		return field->zeros ? "0" : "none";
	if (json_is_true(value))
		return "yes";
	if (json_is_string(value))
		return arena_strdup(a, json_string_value(value));
	if (!json_is_integer(value))
		return list_text(a, value);
	if (field->sort == TIMER || field->sort == LEFT)
		return time_text(
		    a, value_times(json_integer_value(value), field->unit ? field->unit : 1));
	return arena_printf(a, "%" PRId64, (int64_t)json_integer_value(value));
}
