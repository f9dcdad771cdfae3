/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which runs are made, if not all that the command line names: those of a topic, those that failed
 * the last time, this machine's share.
 */
#ifndef CHOICE_H
#define CHOICE_H

#include "harness/options/options.h"
#include "harness/plan/plan.h"

extern const struct option_row choice_options[];

/* The scenarios that are meant. False: a name is not a scenario, which has been reported. */
bool choose_scenarios(const struct options *o, struct library *l, struct selection *chosen);

/* Whether these are all scenarios of the library, whatever their topic. */
bool choice_is_whole(const struct options *o);

/* The families that are meant, as plan_add() takes them. */
unsigned choose_families(const struct options *o);

/*
 * Leave in the plan what should be run; `results`: the results of earlier runs on this kernel.
 * False: `error` says why the choice cannot be made.
 */
bool choose_runs(struct plan *plan, const char *results, const char **error);

/*
 * If this is one machine's share: leave a list in the results of what it is to run, and what all
 * shares together are, so that `merge` can tell what is missing. False: `error` says why not.
 */
bool choice_leave_roster(const struct plan *plan, const char *results, const char *release,
			 const char **error);

/* Whether they should only be listed; and list them. */
bool choice_is_listed(void);
void choice_list(FILE *out, const struct plan *plan);

#endif
