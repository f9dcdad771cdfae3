/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's timer wheel makes a timer late by up to one of its steps, which are coarser for
 * longer timers (kernel/time/timer.c). So for a measured time there is a range of possible
 * settings. The roundest one is likely, unless every such range has one as round. Otherwise the
 * setting is not known, and a time is chosen that will also hold when the next one comes later by a
 * step.
 */
#include "harness/bless/times.h"

#include "harness/base/text.h"
#include "harness/judge/questions.h"
#include "harness/script/script.h"

bool time_holds(ns_t t, const struct measured *m)
{
	const struct gap gap = {.min = t, .max = t};
	ns_t low, high;

	gap_bounds(&gap, m->tick, &low, &high);
	return m->most >= low && m->least <= high;
}

#define WHEEL_SLOTS 64 /* of each level of the timer wheel, and each is 8 times as coarse */

/* How late the wheel alone may make a timer of that length. */
static ns_t coarseness(ns_t t, ns_t tick)
{
	ns_t coarse = tick;

	for (ns_t reach = (WHEEL_SLOTS - 1) * tick; t >= reach; reach *= 8)
		coarse *= 8;
	return coarse;
}

/* Multiples of 1, 2 and 5, and of 10, 20, 50 .. of them; of minutes and hours first. */
static ns_t next_unit(ns_t unit)
{
	ns_t leading = unit;

	if (unit == 3600 * NS_PER_S)
		return 60 * NS_PER_S;
	if (unit == 60 * NS_PER_S)
		return 1000000 * NS_PER_S;
	while (leading >= 10)
		leading /= 10;
	return leading == 5 ? unit / 5 * 2 : unit / 2;
}

/* The roundest one from `least` to `most`; of several the longest. */
static ns_t round_between(ns_t least, ns_t most, ns_t *unit)
{
	for (*unit = 3600 * NS_PER_S; *unit >= NS_PER_MS; *unit = next_unit(*unit)) {
		ns_t high = most / *unit * *unit;

		if (high > 0 && high >= least)
			return high;
	}
	return most / NS_PER_MS * NS_PER_MS;
}

/* The likely setting of a timer that took so long, and how round it is. */
static ns_t likely(ns_t seen, ns_t tick, ns_t *unit)
{
	ns_t step = coarseness(seen, tick);
	ns_t set = seen - step - tick;
	ns_t holds = (seen - 2 * tick) * 8 / 9, again = (seen + step - tick) * 8 / 9;
	/* Two clock readings may be a little nearer than a timer's ticks. */
	ns_t most = seen + tick / 4, least = set > holds ? set : holds;
	ns_t t = round_between(least, most, unit);

	if (*unit >= 2 * (most - least))
		return t;
	return round_between(again < least ? again : least, most, unit);
}

ns_t time_roundest(const struct measured *m, ns_t before)
{
	ns_t least_unit, most_unit, from_least, from_most;

	if (before && time_holds(2 * before, m))
		return 2 * before;
	if (before && time_holds(before, m))
		return before;
	from_least = likely(m->least, m->tick, &least_unit);
	from_most = likely(m->most, m->tick, &most_unit);
	return least_unit > most_unit ? from_least : from_most;
}

const char *time_text(struct arena *a, ns_t t)
{
	struct text text;

	duration_print(text_open(&text), t);
	return text_close(&text, a);
}
