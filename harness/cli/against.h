/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `--against BASELINE`: which failures are known, and so do not count (run/baseline.h).
 */
#ifndef AGAINST_H
#define AGAINST_H

#include "harness/options/options.h"
#include "harness/plan/library.h"
#include "harness/run/baseline.h"

extern const struct option_row against_option;

/*
 * Read it, if it was asked for. `whole`: the whole library is to be run; then a known failure of a
 * scenario that is no longer there is reported, too. False: something is wrong, which has been
 * reported.
 */
bool against_open(struct library *l, bool whole);

/* Its path, read or not; NULL: it was not asked for. */
const char *against_path(void);

/* NULL: it was not asked for. */
const struct baseline *against(void);

#endif
