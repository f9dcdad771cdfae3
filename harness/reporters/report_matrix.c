/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: first the matrix, a row for each run; then each cell that is not as it
 * should be, with the reason; the counts of each kernel last. What comes from the directories is
 * shown as everywhere (base/shown.h).
 */
#include "harness/reporters/report_matrix.h"

#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/version.h"

/* Of a kernel's column. */
struct counts {
	size_t pass, fail, skip, broken, differ, missing;
	size_t standing[STANDING_COUNT];
};

static void count(struct counts *c, const struct cell *cell)
{
	const struct {
		enum verdict verdict;
		size_t *count;
	} settled[] = {
	    {VERDICT_PASS, &c->pass},
	    {VERDICT_FAIL, &c->fail},
	    {VERDICT_SKIP, &c->skip},
	    {VERDICT_BROKEN, &c->broken},
	};

	c->standing[cell->standing]++;
	if (cell->state == CELL_MISSING)
		c->missing++;
	else if (cell->state == CELL_DIFFERS)
		c->differ++;
	for (size_t i = 0; cell->state == CELL_SETTLED && i < ARRAY_SIZE(settled); i++)
		if (settled[i].verdict == cell->worst->verdict)
			++*settled[i].count;
}

static struct counts counts_of(const struct matrix *m, size_t kernel)
{
	struct counts c = {0};

	for (size_t i = 0; i < m->run_count; i++)
		count(&c, matrix_cell(m, i, kernel));
	return c;
}

static bool is_noteworthy(const struct cell *cell)
{
	if (cell->state != CELL_SETTLED || cell->standing != STANDS_ALONE)
		return cell->state != CELL_SETTLED || cell->standing != STANDS_KNOWN;
	return cell->worst->verdict == VERDICT_FAIL || cell->worst->verdict == VERDICT_BROKEN;
}

/* ---- text ---- */

#define GAP 2

static void put_padded(FILE *out, struct arena *a, const char *text, int width)
{
	const char *is = shown(a, text);
	int space = width - shown_width(is);

	fprintf(out, "%s%*s", is, space > 0 ? space : 0, "");
}

static int widest(struct arena *a, const char *const *names, size_t number, int least)
{
	int width = least;

	for (size_t i = 0; i < number; i++) {
		int own = shown_width(shown(a, names[i]));

		if (own > width)
			width = own;
	}
	return width;
}

static int column_width(struct arena *a, const char *kernel)
{
	return widest(a, &kernel, 1, (int)strlen("missing")) + GAP;
}

/* Nothing behind the last column. */
static void put_row(FILE *out, struct arena *a, const struct matrix *m, size_t run, int width)
{
	put_padded(out, a, m->runs[run], width);
	for (size_t k = 0; k < m->kernel_count; k++)
		put_padded(out, a, cell_word(matrix_cell(m, run, k)),
			   k + 1 < m->kernel_count ? column_width(a, m->kernels[k]) : 0);
	putc('\n', out);
}

static void put_table(FILE *out, struct arena *a, const struct matrix *m)
{
	int width = widest(a, m->runs, m->run_count, (int)strlen("run")) + GAP;

	put_padded(out, a, "run", width);
	for (size_t k = 0; k < m->kernel_count; k++)
		put_padded(out, a, m->kernels[k],
			   k + 1 < m->kernel_count ? column_width(a, m->kernels[k]) : 0);
	putc('\n', out);
	for (size_t i = 0; i < m->run_count; i++)
		put_row(out, a, m, i, width);
}

/* pass in a/6.12/refused, fail in b/6.12/refused */
static void put_sides(FILE *out, const struct cell *cell)
{
	for (size_t i = 0; i < cell->count; i++) {
		fprintf(out, "%s%s in ", i ? ", " : "", verdict_names[cell->first[i].verdict]);
		shown_put(out, cell->first[i].place);
	}
}

static void put_noteworthy(FILE *out, struct arena *a, const struct cell *cell, const char *run,
			   const char *kernel)
{
	put_padded(out, a, cell_word(cell), (int)strlen("missing") + GAP);
	shown_put(out, run);
	fputs(" on ", out);
	shown_put(out, kernel);
	fputs("  (", out);
	if (cell->state == CELL_DIFFERS)
		put_sides(out, cell);
	else if (cell->state == CELL_MISSING)
		shown_put(out, cell->why);
	else if (cell->standing == STANDS_VANISHED)
		fputs("it is known to fail, and has passed", out);
	else if (cell->worst->reason)
		shown_put(out, cell->worst->reason);
	else
		fputs("no reason is known", out);
	fputs(")\n", out);
}

static void put_counts(FILE *out, const char *kernel, const struct baseline *against,
		       const struct counts *c)
{
	shown_put(out, kernel);
	fprintf(out, ": %zu passed, %zu failed, %zu skipped", c->pass, c->fail + c->broken,
		c->skip);
	if (c->broken)
		fprintf(out, ", %zu of the failed could not be run", c->broken);
	if (c->differ)
		fprintf(out, ", %zu with different verdicts", c->differ);
	if (c->missing)
		fprintf(out, ", %zu missing", c->missing);
	if (against) {
		fputs("; against ", out);
		shown_put(out, against->path);
		fprintf(out, ": %zu known, %zu new, %zu vanished", c->standing[STANDS_KNOWN],
			c->standing[STANDS_NEW], c->standing[STANDS_VANISHED]);
	}
	putc('\n', out);
}

static bool print_text(FILE *out, const struct matrix *m)
{
	struct arena a = {0};
	bool any = false;

	put_table(out, &a, m);
	for (size_t k = 0; k < m->kernel_count; k++) {
		for (size_t i = 0; i < m->run_count; i++) {
			const struct cell *cell = matrix_cell(m, i, k);

			if (!is_noteworthy(cell))
				continue;
			if (!any)
				putc('\n', out);
			any = true;
			put_noteworthy(out, &a, cell, m->runs[i], m->kernels[k]);
		}
	}
	putc('\n', out);
	for (size_t k = 0; k < m->kernel_count; k++) {
		const struct counts c = counts_of(m, k);

		put_counts(out, m->kernels[k], m->against ? m->against[k] : NULL, &c);
	}
	arena_free(&a);
	return !ferror(out);
}

/* ---- JSON ---- */

/* Bytes that are not UTF-8 (names of directories) are shown. */
static json_t *string(struct arena *a, const char *text)
{
	return json_string(is_utf8(text) ? text : shown(a, text));
}

static json_t *result_json(struct arena *a, const struct left *left)
{
	json_t *json = json_pack("{ss so}", "verdict", verdict_names[left->verdict], "place",
				 string(a, left->place));

	if (left->reason)
		json_object_set_new(json, "reason", string(a, left->reason));
	return json;
}

static json_t *cell_json(struct arena *a, const struct cell *cell, const char *kernel)
{
	json_t *results = json_array();
	json_t *json = json_pack("{so ss so}", "kernel", string(a, kernel), "verdict",
				 cell_name(cell), "results", results);

	for (size_t i = 0; i < cell->count; i++)
		json_array_append_new(results, result_json(a, &cell->first[i]));
	if (cell->why)
		json_object_set_new(json, "why", string(a, cell->why));
	if (standing_names[cell->standing])
		json_object_set_new(json, "against", json_string(standing_names[cell->standing]));
	return json;
}

static json_t *run_json(struct arena *a, const struct matrix *m, size_t run)
{
	json_t *cells = json_array();

	for (size_t k = 0; k < m->kernel_count; k++)
		json_array_append_new(cells, cell_json(a, matrix_cell(m, run, k), m->kernels[k]));
	return json_pack("{so so}", "name", string(a, m->runs[run]), "on", cells);
}

static json_t *kernel_json(struct arena *a, const struct matrix *m, size_t kernel)
{
	const struct counts c = counts_of(m, kernel);
	json_t *json = json_pack("{so sI sI sI sI sI sI}", "kernel", string(a, m->kernels[kernel]),
				 "passed", (json_int_t)c.pass, "failed", (json_int_t)c.fail,
				 "skipped", (json_int_t)c.skip, "broken", (json_int_t)c.broken,
				 "differ", (json_int_t)c.differ, "missing", (json_int_t)c.missing);

	if (!m->against)
		return json;
	json_object_set_new(json, "baseline", string(a, m->against[kernel]->path));
	for (enum standing s = STANDS_KNOWN; s < STANDING_COUNT; s++)
		json_object_set_new(json, standing_names[s],
				    json_integer((json_int_t)c.standing[s]));
	return json;
}

static bool print_json(FILE *out, const struct matrix *m)
{
	struct arena a = {0};
	json_t *runs = json_array(), *kernels = json_array(), *json;
	bool written;

	for (size_t i = 0; i < m->run_count; i++)
		json_array_append_new(runs, run_json(&a, m, i));
	for (size_t k = 0; k < m->kernel_count; k++)
		json_array_append_new(kernels, kernel_json(&a, m, k));
	json = json_pack("{si ss si so so}", "format", MATRIX_JSON_FORMAT, "tcplab", TCPLAB_VERSION,
			 "status", matrix_status(m), "kernels", kernels, "runs", runs);
	written = json && json_dumpf(json, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
		  putc('\n', out) != EOF;
	json_decref(json);
	arena_free(&a);
	return written;
}

bool (*const matrix_forms[2])(FILE *out, const struct matrix *m) = {
    [false] = print_text,
    [true] = print_json,
};
