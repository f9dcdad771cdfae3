/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which runs are made, where that is not all that the names on the command line come to: those of a
 * topic, those that failed the last time, this machine's share.
 */
#ifndef CHOICE_H
#define CHOICE_H

#include "harness/cli/options.h"
#include "harness/run/plan.h"

extern const struct option_row choice_options[];

/* The scenarios that are meant. False: some are none, which has been said. */
bool choose_scenarios(const struct options *o, struct library *l, struct selection *chosen);

/* The families that are meant, as plan_add() takes them. */
unsigned choose_families(const struct options *o);

/*
 * Leave in the plan what is to be run; `results`: where earlier runs on this kernel have left
 * theirs. False: `error` says why that cannot be told.
 */
bool choose_runs(struct plan *plan, const char *results, const char **error);

/* Whether they are only to be listed, and that. */
bool choice_is_listed(void);
void choice_list(FILE *out, const struct plan *plan);

#endif
