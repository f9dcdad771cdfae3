/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each cell becomes a text; what a script has chosen (names and words) is
 * already made printable in the row, or JSON would refuse it. A column is as wide as its widest
 * cell, numbers are aligned to the right, words to the left. A column that only some runs have
 * (`when`) is empty in the others; so is a $name that was never bound. Each cell is visited twice:
 * for its column's width, and to be printed.
 */
#include "harness/report/report_table.h"

#include <inttypes.h>
#include <string.h>

#include "harness/base/shown.h"

#define NOTHING "-"

static json_t *cell(struct arena *a, const struct judgement *j, const struct assignment *column)
{
	int64_t number;

	if (column->words[0])
		return json_string(shown(a, column->words[0]));
	if (j->lines && judge_value(j, column->values[0], &number))
		return json_integer(number);
	return json_null();
}

json_t *report_row(const struct observation *o)
{
	struct arena a = {0};
	json_t *row = NULL;

	for (size_t i = 0; i < o->run->line_count; i++) {
		const struct line *line = &o->run->lines[i];

		for (size_t k = 0; line->kind == LINE_TABLE && k < line->table.count; k++) {
			const struct assignment *column = &line->table.list[k];

			row = row ? row : json_object();
			json_object_set_new(row, shown(&a, column->name),
					    cell(&a, &o->judgement, column));
		}
	}
	arena_free(&a);
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

/* What is known of a column after a look at all its cells. */
struct column {
	const char *name;
	int width;
	bool has_words; /* else it is aligned to the right, and so is its name */
};

static void fit(struct column *column, const json_t *value)
{
	char buffer[32];
	int width = shown_width(cell_text(value, buffer));

	if (width > column->width)
		column->width = width;
	column->has_words |= json_is_string(value);
}

/* All columns, in the order in which the rows have them, each once. */
static struct column *columns_of(struct arena *a, const json_t *rows, size_t *count,
				 bool (*stop)(void))
{
	json_t *numbers = json_object(); /* of each name */
	struct column *columns = NULL;

	*count = 0;
	for (size_t i = 0; i < json_array_size(rows) && !(stop && stop()); i++) {
		json_t *row = json_array_get(rows, i);

		for (void *at = json_object_iter(row); at; at = json_object_iter_next(row, at)) {
			const char *name = json_object_iter_key(at);
			const json_t *number = json_object_get(numbers, name);
			size_t n = number ? (size_t)json_integer_value(number) : *count;

			if (!number) {
				json_object_set_new(numbers, name, json_integer((json_int_t)n));
				*arena_push(a, columns, *count) = (struct column){
				    .name = name, .width = *name ? shown_width(name) : 1};
			}
			fit(&columns[n], json_object_iter_value(at));
		}
	}
	json_decref(numbers);
	return columns;
}

/* `row` NULL: the names. */
static void print_line(FILE *out, const struct column *columns, size_t count, const json_t *row)
{
	char buffer[32];

	for (size_t i = 0; i < count; i++) {
		const struct column *c = &columns[i];
		const char *text = row ? cell_text(json_object_get(row, c->name), buffer) : c->name;
		int padding = c->width - shown_width(text);
		bool last = i + 1 == count;

		if (c->has_words)
			fprintf(out, "%s%*s", text, last ? 0 : padding, "");
		else
			fprintf(out, "%*s%s", padding, "", text);
		fputs(last ? "\n" : "  ", out);
	}
}

void report_table_print(FILE *out, const json_t *rows, bool (*stop)(void))
{
	struct arena a = {0};
	size_t count;
	struct column *columns = columns_of(&a, rows, &count, stop);

	print_line(out, columns, count, NULL);
	for (size_t i = 0; i < json_array_size(rows) && !(stop && stop()); i++)
		print_line(out, columns, count, json_array_get(rows, i));
	arena_free(&a);
}
