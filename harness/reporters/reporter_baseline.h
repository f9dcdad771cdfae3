/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reporter that makes a baseline (run/baseline.h) of all runs: for `baseline write`, which asks
 * for it before the runs, and takes the text after them.
 */
#ifndef REPORTER_BASELINE_H
#define REPORTER_BASELINE_H

#include <stddef.h>

void reporter_baseline_ask(void);

/*
 * Its text. NULL: the runs were not completed. `left_out`: so many were prevented by the machine,
 * and are not in it.
 */
const char *reporter_baseline_text(size_t *length, size_t *left_out);

#endif
