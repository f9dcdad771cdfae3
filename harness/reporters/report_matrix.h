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

/* The functions that print it, as text and, by --json, as JSON. False: it could not be written. */
extern bool (*const matrix_forms[2])(FILE *out, const struct matrix *m);

#endif
