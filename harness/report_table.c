/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each cell becomes a text; a column is as wide as its widest, numbers stand
 * at the right, words at the left. A column that only some runs have (`when`) is empty in the
 * others, as is what was never bound.
 */
#include "harness/report_table.h"

#include <inttypes.h>
#include <string.h>

#define NOTHING "-"

static json_t *cell(const struct judgement *j, const struct assignment *column)
{
	int64_t number;

	if (column->words[0])
		return json_string(column->words[0]);
	if (j->lines && judge_value(j, column->values[0], &number))
		return json_integer(number);
	return json_null();
}

json_t *report_row(const struct observation *o)
{
	json_t *row = NULL;

	for (size_t i = 0; i < o->run->line_count; i++) {
		const struct line *line = &o->run->lines[i];

		for (size_t k = 0; line->kind == LINE_TABLE && k < line->table.count; k++) {
			const struct assignment *column = &line->table.list[k];

			row = row ? row : json_object();
			json_object_set_new(row, column->name, cell(&o->judgement, column));
		}
	}
	return row;
}

/* ---- in columns ---- */

static const char *cell_text(const json_t *value, char buffer[32])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (!json_is_integer(value))
		return NOTHING;
	snprintf(buffer, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return buffer;
}

static int width_of(const json_t *rows, const char *column)
{
	size_t width = strlen(column);
	char buffer[32];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *value = json_object_get(json_array_get(rows, i), column);
		size_t length = strlen(cell_text(value, buffer));

		width = length > width ? length : width;
	}
	return (int)width;
}

/* Numbers stand at the right, and so does what stands above them. */
static bool is_at_right(const json_t *rows, const char *column)
{
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (json_is_string(json_object_get(json_array_get(rows, i), column)))
			return false;
	return true;
}

/* All columns, in the order in which the rows have them. */
static json_t *columns_of(const json_t *rows)
{
	json_t *columns = json_object();

	for (size_t i = 0; i < json_array_size(rows); i++)
		json_object_update_missing(columns, json_array_get(rows, i));
	return columns;
}

static void print_cell(FILE *out, const json_t *rows, const char *column, const char *text,
		       bool last)
{
	int width = width_of(rows, column);

	if (is_at_right(rows, column))
		fprintf(out, "%*s", width, text);
	else
		fprintf(out, "%-*s", last ? 0 : width, text);
	fputs(last ? "\n" : "  ", out);
}

/* `row` NULL: the names. */
static void print_line(FILE *out, const json_t *rows, json_t *columns, const json_t *row)
{
	char buffer[32];

	for (void *at = json_object_iter(columns); at; at = json_object_iter_next(columns, at)) {
		const char *column = json_object_iter_key(at);
		const char *text = row ? cell_text(json_object_get(row, column), buffer) : column;

		print_cell(out, rows, column, text, !json_object_iter_next(columns, at));
	}
}

void report_table_print(FILE *out, const json_t *rows)
{
	json_t *columns = columns_of(rows);

	print_line(out, rows, columns, NULL);
	for (size_t i = 0; i < json_array_size(rows); i++)
		print_line(out, rows, columns, json_array_get(rows, i));
	json_decref(columns);
}
