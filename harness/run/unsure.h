/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fate of an unsure run: something mismatched, and the run was disturbed. It is repeated. If it
 * was disturbed each time, nobody knows whether the kernel caused the mismatch. So it has not
 * failed: it is broken, and reports both. A run whose lab could not be built, since the machine had
 * too much to do, is repeated in the same way; at last it is broken, for that reason.
 */
#ifndef UNSURE_H
#define UNSURE_H

#include "harness/engine/engine.h"

#define UNSURE_REPEATS 3

/* Sets the observation's verdict, if this attempt (from 0) is the last one. */
void unsure_conclude(struct arena *a, struct observation *o, int attempt);

#endif
