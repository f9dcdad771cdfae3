/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each thing of the source keeps which scenario was the first to reach it, and whether another one
 * has: so what one alone reaches is known at the end, whatever the order of the runs.
 */
#include <stdlib.h>
#include <string.h>

#include "kernels/coverage/coverage.h"

static const struct reached nobody = {.scenario = -1};

static void mark(struct reached *r, int scenario)
{
	if (r->scenario < 0)
		r->scenario = scenario;
	else
		r->shared |= r->scenario != scenario;
}

static struct source_file *file_of(struct tally *t, const char *path)
{
	struct source_file *f;

	for (size_t i = 0; i < t->file_count; i++)
		if (!strcmp(t->files[i].path, path))
			return &t->files[i];
	f = arena_push(t->arena, t->files, t->file_count);
	*f = (struct source_file){.path = arena_strdup(t->arena, path)};
	return f;
}

static struct function *function_of(struct tally *t, struct source_file *f, const char *name)
{
	struct function *u;

	for (size_t i = 0; i < f->function_count; i++)
		if (!strcmp(f->functions[i].name, name))
			return &f->functions[i];
	u = arena_push(t->arena, f->functions, f->function_count);
	*u = (struct function){.name = arena_strdup(t->arena, name), .by = nobody};
	return u;
}

static struct code_line *line_of(struct tally *t, struct source_file *f, size_t number)
{
	while (f->line_count <= number)
		*(struct code_line *)arena_push(t->arena, f->lines, f->line_count) =
		    (struct code_line){.by = nobody};
	return &f->lines[number];
}

/* "1043 1100 1 tcp_sendmsg" */
static void add_function(struct tally *t, struct source_file *f, int scenario, char *text)
{
	int first = (int)strtol(text, &text, 10), last = (int)strtol(text, &text, 10);
	bool entered = strtol(text, &text, 10);
	struct function *u = function_of(t, f, text + strspn(text, " "));

	u->first = first;
	u->last = last;
	if (entered)
		mark(&u->by, scenario);
}

/* "1050 1 0110": a line of an inlined function is told once for each copy; their branches line up.
 */
static void add_line(struct tally *t, struct source_file *f, int scenario, char *text)
{
	struct code_line *l = line_of(t, f, (size_t)strtol(text, &text, 10));

	l->is_code = true;
	if (strtol(text, &text, 10))
		mark(&l->by, scenario);
	text += strspn(text, " ");
	for (size_t i = 0; text[i]; i++) {
		if (i == l->branch_count)
			*(struct reached *)arena_push(t->arena, l->branches, l->branch_count) =
			    nobody;
		if (text[i] == '1')
			mark(&l->branches[i], scenario);
	}
}

void tally_add(struct tally *t, int scenario, const char *told)
{
	char *text = strdup(told), *rest = text, *line;
	struct source_file *f = NULL;

	while ((line = strsep(&rest, "\n"))) {
		char kind = line[0], *what = kind ? line + 2 : line;

		if (kind == 'F')
			f = file_of(t, what);
		else if (kind == 'U' && f)
			add_function(t, f, scenario, what);
		else if (kind == 'L' && f)
			add_line(t, f, scenario, what);
	}
	free(text);
}
