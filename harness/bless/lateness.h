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
 * Why nothing can be concluded from a run; NULL: it can. From line `from` on it has waited for
 * silence before each step.
 */
const char *why_doubtful(struct arena *a, const struct run *run, const struct timeline *timeline,
			 const struct judgement *j, size_t from);

#endif
