/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a run that is unsure: something mismatched, and the run was disturbed. It is
 * repeated; and when it was disturbed each time, then nobody can say whether what mismatched is the
 * kernel's doing. So it has not failed: it is broken, and says both.
 */
#ifndef UNSURE_H
#define UNSURE_H

#include "harness/engine/engine.h"

#define UNSURE_REPEATS 3

/* The observation's verdict, if this attempt, which counts from 0, is not repeated for it. */
void unsure_conclude(struct arena *a, struct observation *o, int attempt);

#endif
