/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutants are made on the parsed lines, not on the text: the altered copy of a line is printed in
 * place of the original, all other lines stay as they were written. So line numbers stay.
 */
#include <string.h>

#include "harness/base/text.h"
#include "harness/script/script.h"
#include "tests/mutants/mutate.h"

static const char *text_with(struct arena *a, const struct script *script,
			     const struct line *altered)
{
	struct text text;
	FILE *out = text_open(&text);

	for (size_t i = 0; i < script->line_count; i++) {
		const struct line *line = &script->lines[i];

		/* Whatever was altered stands in the same line as before. */
		if (line->place.line == altered->place.line && line->kind == altered->kind)
			line_print(out, altered);
		else
			fputs(line->text, out);
		fputc('\n', out);
	}
	return text_close(&text, a);
}

struct mutant *mutants_of(struct arena *a, const struct script *script, size_t *count)
{
	struct mutant *list = NULL;

	*count = 0;
	for (size_t i = 0; i < script->line_count; i++)
		for (size_t k = 0; k < mutation_count; k++) {
			struct line altered = script->lines[i];
			struct mutant *m;
			struct text text;

			if (!mutation_alter(a, k, &altered))
				continue;
			m = arena_push(a, list, *count);
			*m = (struct mutant){.line = i, .mutation = k};
			line_print(text_open(&text), &altered);
			m->altered = text_close(&text, a);
			m->text = text_with(a, script, &altered);
		}
	return list;
}

/* The lines of `when` branches that this kernel does not execute are left out. */
static bool takes_place(const struct run *run, const struct line *line)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].place.source == line->place.source &&
		    run->lines[i].place.line == line->place.line)
			return true;
	return false;
}

bool mutant_counts(const struct mutant *m, const struct run *run)
{
	const struct line *line = &run->script->lines[m->line];

	/* Of a `repeat` only the repeated lines are left. */
	return !run->skip && takes_place(run, line->kind == LINE_REPEAT ? line + 1 : line);
}

/* An altered `repeat` shows at a line within it, or at the first line after its end. */
static int last_line(const struct script *script, const struct run *run, size_t index)
{
	int depth = 0;

	if (script->lines[index].kind != LINE_REPEAT)
		return script->lines[index].place.line;
	for (size_t i = index; i < script->line_count; i++) {
		enum line_kind kind = script->lines[i].kind;

		if (depth == 0 && i > index && kind != LINE_NOTE &&
		    takes_place(run, &script->lines[i]))
			return script->lines[i].place.line;
		depth += kind == LINE_REPEAT || kind == LINE_WHEN;
		depth -= kind == LINE_END && depth > 0;
	}
	return script->lines[script->line_count - 1].place.line;
}

void mutant_place(const struct mutant *m, const struct run *run, int *first, int *last)
{
	*first = run->script->lines[m->line].place.line;
	*last = last_line(run->script, run, m->line);
}
