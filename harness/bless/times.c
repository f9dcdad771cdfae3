/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timer goes off up to 1/8 after the time that it was set to, never before. So what was measured
 * leaves a range of times that it may have been set to, and of these the roundest one is the likely
 * one. When a time that has held before turns out to be too short, the shortest round one that
 * holds is taken: it leaves the most room for what was measured before.
 */
#include "harness/bless/times.h"

#include "harness/base/text.h"
#include "harness/judge/trial.h"
#include "harness/script/script.h"

bool time_holds(ns_t t, const struct measured *m)
{
	const struct gap gap = {.min = t, .max = t};
	ns_t low, high;

	gap_bounds(&gap, m->tick, &low, &high);
	return m->most >= low && m->least <= high;
}

/* The smallest time that holds for one measure. */
static ns_t shortest(ns_t seen, ns_t tick)
{
	return seen > 2 * tick ? (seen - 2 * tick) * 8 / 9 : 1;
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

/* The shortest one of two digits, or of as many as it takes. */
static ns_t shortest_round(ns_t least, ns_t most)
{
	ns_t unit = NS_PER_MS;

	while (unit <= least / 100)
		unit *= 10;
	for (; unit >= NS_PER_MS; unit /= 10) {
		ns_t low = (least + unit - 1) / unit * unit;

		if (low <= most)
			return low;
	}
	return most;
}

ns_t time_roundest(const struct measured *m, ns_t before)
{
	ns_t least_unit, most_unit, from_least, from_most;
	ns_t slack =
	    m->tick / 4; /* two clock readings may be a little nearer than a timer's ticks */

	if (before && time_holds(2 * before, m))
		return 2 * before;
	if (before && time_holds(before, m))
		return before;
	from_least = round_between(shortest(m->least, m->tick), m->least + slack, &least_unit);
	from_most = round_between(shortest(m->most, m->tick), m->most + slack, &most_unit);
	return least_unit > most_unit ? from_least : from_most;
}

ns_t time_mended(const struct gap *written, const struct measured *m)
{
	if (!written->is_range && m->least > written->min)
		return shortest_round(shortest(m->least, m->tick), m->least);
	return time_roundest(m, 0);
}

const char *time_text(struct arena *a, ns_t t)
{
	struct text text;

	duration_print(text_open(&text), t);
	return text_close(&text, a);
}
