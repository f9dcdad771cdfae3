/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs under test have written.
 */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include <stdio.h>

#include "harness/engine/engine.h"

/* A file's whole contents, from its descriptor. False: errno says why not. */
bool output_copy(FILE *out, int fd);

/* The last line that it has written to standard error; NULL: there is none. */
const char *output_last_error(struct arena *a, const struct program_output *program);

/* Comments: the last line that each of them has written to standard error, or else at all. */
void output_print_last(FILE *out, const struct observation *o);

#endif
