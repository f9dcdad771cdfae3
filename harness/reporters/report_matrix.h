/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A matrix of runs and kernels (run/merge.h), as text or as JSON (docs/merge.schema.json).
 */
#ifndef REPORT_MATRIX_H
#define REPORT_MATRIX_H

#include <stdio.h>

#include "harness/run/merge.h"

/* It grows when something is removed or changes its meaning, not when something is added. */
#define MATRIX_JSON_FORMAT 1

void matrix_print(FILE *out, const struct matrix *m);

/* False: errno says why it could not be written. */
bool matrix_print_json(FILE *out, const struct matrix *m);

#endif
