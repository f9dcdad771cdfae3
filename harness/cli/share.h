/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of several shares of all runs. They take about the same time, and together they are
 * everything.
 */
#ifndef SHARE_H
#define SHARE_H

#include "harness/plan/plan.h"

struct share {
	int nth, of; /* the first one is 1 */
};

/*
 * Leave that share in the plan. `times`: results that say how long runs take; NULL: there are none.
 * False: `error` says which of them cannot be used.
 */
bool share_keep(struct plan *plan, const struct share *share, const char *times,
		const char **error);

#endif
