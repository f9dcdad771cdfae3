/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is printed of a tally. The tables are Markdown, so that docs/coverage.md can hold them as
 * they are.
 */
#include <stdlib.h>
#include <string.h>

#include "kernels/coverage/coverage.h"

/* ---- counting ---- */

static bool is_reached(const struct reached *r)
{
	return r->scenario >= 0;
}

static void count(struct share *s, const struct reached *r)
{
	s->all++;
	s->reached += is_reached(r);
}

struct shares {
	struct share lines, branches, functions;
};

/* Of these lines of a file, both included. */
static void count_lines(struct shares *s, const struct source_file *f, size_t first, size_t last)
{
	for (size_t n = first; n < f->line_count && n <= last; n++) {
		const struct code_line *l = &f->lines[n];

		if (l->is_code)
			count(&s->lines, &l->by);
		for (size_t i = 0; i < l->branch_count; i++)
			count(&s->branches, &l->branches[i]);
	}
}

static void count_file(struct shares *s, const struct source_file *f)
{
	count_lines(s, f, 0, f->line_count);
	for (size_t i = 0; i < f->function_count; i++)
		count(&s->functions, &f->functions[i].by);
}

/* ---- by file ---- */

static void print_share(FILE *out, const struct share *s)
{
	fprintf(out, " %5.1f %% of %5zu |",
		s->all ? 100.0 * (double)s->reached / (double)s->all : 0, s->all);
}

static void print_row(FILE *out, const char *name, const struct shares *s)
{
	fprintf(out, "| %-31s |", name);
	print_share(out, &s->lines);
	print_share(out, &s->branches);
	print_share(out, &s->functions);
	putc('\n', out);
}

void report_files(FILE *out, const struct tally *t)
{
	struct shares all = {0};

	fprintf(out, "| %-31s | %-16s | %-16s | %-16s |\n|%.33s|%.18s|%.18s|%.18s|\n", "file",
		"lines", "branches", "functions", "---------------------------------",
		"------------------", "------------------", "------------------");
	for (size_t i = 0; i < t->file_count; i++) {
		struct shares one = {0};

		count_file(&one, &t->files[i]);
		count_file(&all, &t->files[i]);
		print_row(out, t->files[i].path, &one);
	}
	print_row(out, "all", &all);
}

/* ---- by function ---- */

struct missing {
	const struct source_file *file;
	const struct function *function;
	size_t lines, reached;
};

/* Those never entered first, and of these the largest. */
static int compare_missing(const void *left, const void *right)
{
	const struct missing *a = left, *b = right;
	size_t not_a = a->lines - a->reached, not_b = b->lines - b->reached;

	if (not_a != not_b)
		return not_a < not_b ? 1 : -1;
	return strcmp(a->function->name, b->function->name);
}

void report_missing(FILE *out, const struct tally *t)
{
	struct missing *list = NULL;
	size_t count = 0;

	fprintf(out, "| lines not reached | of | function | in |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->file_count; i++) {
		const struct source_file *f = &t->files[i];

		for (size_t k = 0; k < f->function_count; k++) {
			const struct function *u = &f->functions[k];
			struct shares s = {0};

			count_lines(&s, f, (size_t)u->first, (size_t)u->last);
			if (s.lines.reached < s.lines.all)
				*(struct missing *)arena_push(t->arena, list, count) =
				    (struct missing){f, u, s.lines.all, s.lines.reached};
		}
	}
	if (count)
		qsort(list, count, sizeof(*list), compare_missing);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "| %zu | %zu | %s | %s:%d |\n", list[i].lines - list[i].reached,
			list[i].lines, list[i].function->name, list[i].file->path,
			list[i].function->first);
}

/* ---- by scenario ---- */

struct lonely {
	int scenario;
	size_t lines, branches;
	const char *functions; /* those that nobody else enters */
};

static int compare_lonely(const void *left, const void *right)
{
	const struct lonely *a = left, *b = right;

	if (a->lines != b->lines)
		return a->lines < b->lines ? 1 : -1;
	if (a->branches != b->branches)
		return a->branches < b->branches ? 1 : -1;
	return a->scenario - b->scenario;
}

static struct lonely *owner(struct lonely *list, const struct reached *r)
{
	return is_reached(r) && !r->shared ? &list[r->scenario] : NULL;
}

static void add_lonely(const struct tally *t, struct lonely *list, const struct source_file *f)
{
	struct lonely *one;

	for (size_t n = 0; n < f->line_count; n++) {
		const struct code_line *l = &f->lines[n];

		one = owner(list, &l->by);
		if (one)
			one->lines++;
		for (size_t i = 0; i < l->branch_count; i++) {
			one = owner(list, &l->branches[i]);
			if (one)
				one->branches++;
		}
	}
	for (size_t i = 0; i < f->function_count; i++) {
		one = owner(list, &f->functions[i].by);
		if (one)
			one->functions =
			    arena_printf(t->arena, "%s %s", one->functions, f->functions[i].name);
	}
}

void report_alone(FILE *out, const struct tally *t, const char *const *scenarios, size_t count)
{
	struct lonely *list = arena_alloc(t->arena, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct lonely){.scenario = (int)i, .functions = ""};
	for (size_t i = 0; i < t->file_count; i++)
		add_lonely(t, list, &t->files[i]);
	qsort(list, count, sizeof(*list), compare_lonely);
	fprintf(out, "| scenario | lines | branches | functions |\n|---|---|---|---|\n");
	for (size_t i = 0; i < count && (list[i].lines || list[i].branches); i++)
		fprintf(out, "| %s | %zu | %zu |%s |\n", scenarios[list[i].scenario], list[i].lines,
			list[i].branches, list[i].functions);
}

/* ---- for lcov ---- */

void report_tracefile(FILE *out, const struct tally *t, const char *tree)
{
	for (size_t i = 0; i < t->file_count; i++) {
		const struct source_file *f = &t->files[i];

		fprintf(out, "TN:\nSF:%s/%s\n", tree, f->path);
		for (size_t k = 0; k < f->function_count; k++)
			fprintf(out, "FN:%d,%s\nFNDA:%d,%s\n", f->functions[k].first,
				f->functions[k].name, is_reached(&f->functions[k].by),
				f->functions[k].name);
		for (size_t n = 0; n < f->line_count; n++) {
			const struct code_line *l = &f->lines[n];

			for (size_t k = 0; k < l->branch_count; k++)
				fprintf(out, "BRDA:%zu,0,%zu,%d\n", n, k,
					is_reached(&l->branches[k]));
			if (l->is_code)
				fprintf(out, "DA:%zu,%d\n", n, is_reached(&l->by));
		}
		fputs("end_of_record\n", out);
	}
}
