/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A script, from its text to the lines of its runs: any script is read, expanded and checked
 * without harm, as in `check`; each refusal has a place and a reason; and the printed script, or
 * one of its runs, parses to the same.
 *
 * The input is the text. After a zero there may be another script: the one that `use` finds by the
 * name `own`; all others are from the library.
 */
#include "harness/options/options.h"
#include "harness/plan/plan.h"
#include "tests/fuzz/fuzz.h"

#define LOOKED_AT  3	/* runs, at most */
#define MOST_LINES 4000 /* of all runs; `check` takes more, which takes too long here */

static struct library library;
static struct arena lasting;

/* ---- what must hold ---- */

static void explained(bool fine, const struct diagnostics *c, const char *text)
{
	struct text shown;

	if (fine != !c->count)
		wrong("%zu diagnostics, and yet it is %s:\n%s", c->count,
		      fine ? "taken" : "refused", text);
	for (size_t i = 0; i < c->count; i++)
		if (!c->list[i].place.source || c->list[i].place.line < 1 ||
		    c->list[i].place.column < 1 || !*c->list[i].message)
			wrong("'%s' has no place:\n%s", c->list[i].message, text);
	diagnostics_print(text_open(&shown), c);
	text_close(&shown, c->arena);
}

static const char *printed(struct arena *a, const struct line *lines, size_t count)
{
	struct text text;
	FILE *out = text_open(&text);

	for (size_t i = 0; i < count; i++) {
		line_print(out, &lines[i]);
		fputc('\n', out);
	}
	return text_close(&text, a);
}

static struct script *parse(struct arena *a, const char *text, struct diagnostics *c)
{
	struct source *source = arena_new(a, struct source);

	*source = (struct source){"fuzz.tcp", text, strlen(text)};
	return script_parse(a, source, c);
}

static void printed_is_the_same(struct arena *a, const struct line *lines, size_t count,
				const char *text)
{
	const char *once = printed(a, lines, count);
	struct diagnostics c = {.arena = a};
	const struct script *again = parse(a, once, &c);

	if (!again || c.count) {
		diagnostics_print(stderr, &c);
		wrong("what is printed is not read again:\n%s\nof\n%s", once, text);
	}
	if (strcmp(once, printed(a, again->lines, again->line_count)) != 0)
		wrong("what is printed is another one when it is read again:\n%s\nof\n%s", once,
		      text);
}

/* ---- one input ---- */

/* What the file scenarios/beginnings/own.tcp would be. */
static void set_own(struct library *l, const char *text)
{
	struct scenario *own = &l->list[l->count - 1];

	*own = (struct scenario){.name = "own",
				 .topic = "beginnings",
				 .path = "own.tcp",
				 .text = text,
				 .is_beginning = true};
}

/* Of all its combinations, each with the repeats unrolled. */
static bool is_short(struct arena *a, const struct script *script, struct library_use *use,
		     const struct facts *facts)
{
	struct diagnostics c = {.arena = a};
	struct binding **sets;
	size_t count, total = 0, lines = 0;
	size_t n = script_combinations(a, script, &sets, &count, &c);

	for (size_t i = 0; i < n && total <= MOST_LINES; i++) {
		if (!script_count(a, script, facts, sets[i], count, library_use, use, &lines, &c))
			return true; /* it is to be refused */
		total += lines;
	}
	return total <= MOST_LINES;
}

static void plan(struct arena *a, const struct script *script, const char *text, const char *own)
{
	static const struct facts facts = {.kernel = {6, 12, 0}, .family = 4, .is_elsewhere = true};
	const struct scenario scenario = {
	    .name = "fuzz", .topic = "fuzz", .path = "fuzz.tcp", .text = text};
	struct diagnostics c = {.arena = a};
	struct plan p = {.arena = a, .slow = true};
	const char *error = NULL;
	struct library l = library;
	struct library_use use = {&l, &scenario};
	bool planned;

	l.arena = a;
	l.used = NULL;
	l.used_count = 0;
	set_own(&l, own);
	if (!is_short(a, script, &use, &facts))
		return;
	planned = plan_add(&p, &l, &scenario, &facts, FAMILY_4 | FAMILY_6, &c, &error);
	if (error && !c.count)
		return;
	explained(planned, &c, text);
	for (size_t i = 0; i < p.count && i < LOOKED_AT; i++) {
		const struct run *run = plan_run(&p, &p.list[i]);

		if (!run->skip)
			printed_is_the_same(a, run->lines, run->line_count, text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct arena a = {0};
	const char *text = take_text(&in, &a), *own = take_text(&in, &a);
	struct diagnostics c = {.arena = &a};
	struct script *script;

	if (!library.is_listed) {
		library_open(&library, &lasting, "scenarios");
		library_list(&library);
		arena_push(&lasting, library.list, library.count); /* set_own */
	}
	script = parse(&a, text, &c);
	explained(script != NULL, &c, text);
	if (script) {
		printed_is_the_same(&a, script->lines, script->line_count, text);
		plan(&a, script, text, own);
	}
	arena_free(&a);
	return 0;
}
