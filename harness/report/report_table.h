/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table over the runs of a scenario: what its `table` lines say, one row for each run.
 *
 * A row is a JSON object, with the columns in the order of the script: a number, a word, or null
 * for what had no value when the run ended.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "harness/engine/engine.h"

/* The row of one run; NULL: its script has no table. Must be released with json_decref. */
json_t *report_row(const struct observation *o);

/*
 * Print the rows of an array, in columns, below a line of their names. Before each row the function
 * is asked whether to stop (unless it is NULL): then only a part is printed.
 */
void report_table_print(FILE *out, const json_t *rows, bool (*stop)(void));

#endif
