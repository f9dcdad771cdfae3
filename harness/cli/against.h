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
 * Read it, or all of them, if it was asked for. `whole`: the whole library is to be run; then a
 * known failure of a scenario that is no longer there is reported, too. False: something is wrong,
 * which has been reported.
 */
bool against_open(struct library *l, bool whole);

/* Whether there is at most one; it has been reported if not. */
bool against_is_one(void);

/* Its path, read or not; NULL: it was not asked for. */
const char *against_path(void);

/*
 * Several, each of a kernel: a baseline for each of these releases, in their order. One baseline
 * and one kernel belong together; otherwise a baseline is for the version that it names (6.12 for
 * 6.12.117), and one that names none is for all. NULL: something is wrong, which has been reported.
 */
const struct baseline **against_each(struct arena *a, const char *const *releases, size_t count);

/* NULL: it was not asked for. */
const struct baseline *against(void);

#endif
