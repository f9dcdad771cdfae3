/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See unsure.h.
 */
#include "harness/run/unsure.h"

void unsure_conclude(struct arena *a, struct observation *o, int attempt)
{
	struct judgement *j = &o->judgement;

	if (j->verdict != VERDICT_UNSURE || attempt < UNSURE_REPEATS)
		return;
	j->verdict = VERDICT_BROKEN;
	if (o->may_pass)
		return;
	o->broken = arena_printf(a,
				 "it was disturbed in each of %d attempts, so nobody can say "
				 "whether the kernel is to blame; this time: %s",
				 attempt + 1, j->disturbed ? j->disturbed : j->late);
}
