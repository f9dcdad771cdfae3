/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How late the program was: internal to bless/.
 */
#ifndef BLESS_LATENESS_H
#define BLESS_LATENESS_H

#include "harness/judge/questions.h"

/*
 * How much of the time from `from` to `to` the program itself has taken to begin the actions and
 * readings above line `index`. `t` has judged all events.
 */
ns_t own_time(const struct judged *t, size_t index, ns_t from, ns_t to);

/*
 * Since when everything is known for which a run waits in the stretch from line `begin` to `end`;
 * INT64_MAX: it waits for something that has not come.
 */
ns_t stretch_known(struct arena *a, const struct run *run, const struct timeline *timeline,
		   const struct judgement *j, size_t begin, size_t end);

/*
 * When it had been quiet for this long, counted from `known` on. Returns the first event that
 * surely came only after that; NULL: none did.
 */
const struct event *first_after_quiet(const struct timeline *t, ns_t known, ns_t quiet,
				      ns_t *silent);

/*
 * Why nothing can be concluded from a run; NULL: it can. From line `from` on it has waited for
 * silence before each step.
 */
const char *why_doubtful(struct arena *a, const struct run *run, const struct timeline *timeline,
			 const struct judgement *j, size_t from);

#endif
