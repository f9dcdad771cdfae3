/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file to a struct script, line by line: what surrounds the lines (the comment at the head, the
 * blocks, text that is none).
 *
 * After an error the parser goes on at the next line; when the error shows in a later line than the
 * one that was begun (a bracket was left open), that later line is read again for itself, because
 * it is probably innocent.
 */
#include <string.h>

#include "harness/script/parse.h"

/* Marks that a transcript leaves (#! #+ #-) are not the author's words. */
static bool is_mark(const char *comment)
{
	return comment && comment[1] && strchr("!+-", comment[1]) &&
	       (comment[2] == ' ' || comment[2] == '\0');
}

/* ---- blocks: repeat .. end, when .. else .. end ---- */

struct block {
	const struct line *opener;
	bool has_else;
};

static void check_blocks(struct arena *a, const struct script *s, struct diagnostics *c)
{
	struct block *stack = NULL;
	size_t depth = 0;

	for (size_t i = 0; i < s->line_count; i++) {
		const struct line *line = &s->lines[i];

		if (line->kind == LINE_REPEAT || line->kind == LINE_WHEN) {
			/* Not arena_push: the array also shrinks. */
			stack = arena_grow(a, stack, depth, sizeof(*stack));
			stack[depth++] = (struct block){.opener = line};
		} else if (line->kind == LINE_ELSE) {
			if (!depth || stack[depth - 1].opener->kind != LINE_WHEN)
				diagnose(c, line->place, "'else' without a 'when' above it");
			else if (stack[depth - 1].has_else)
				diagnose(c, line->place,
					 "a second 'else' for the 'when' of line %d",
					 stack[depth - 1].opener->place.line);
			else
				stack[depth - 1].has_else = true;
		} else if (line->kind == LINE_END) {
			if (depth)
				depth--;
			else
				diagnose(c, line->place,
					 "'end' without a 'repeat' or 'when' above it");
		}
	}
	while (depth--)
		diagnose(c, stack[depth].opener->place, "this has no 'end'");
}

/* ---- failures ---- */

/* What a file is comes first in it. */
static void check_failure(const struct script *s, struct diagnostics *c)
{
	bool is_first = true;

	for (size_t i = 0; i < s->line_count; i++) {
		const struct line *line = &s->lines[i];

		if (line->kind == LINE_FAILURE && !is_first)
			diagnose(c, line->place,
				 "'failure' is the first line of a file that is a failure");
		is_first = is_first && line->kind == LINE_NOTE;
	}
}

/* ---- the file ---- */

/*
 * The comment at the head: title and prose. A licence tag is for machines, and so is not part of
 * it.
 */
static void take_head(struct arena *a, struct script *s)
{
	const char *prose = "";

	for (size_t i = 0; i < s->line_count; i++) {
		const struct line *line = &s->lines[i];
		const char *text = line->comment;

		if (line->kind != LINE_NOTE || !text) {
			if (!s->title && line->kind == LINE_NOTE)
				continue; /* empty lines above it */
			break;
		}
		text += strspn(text, "#");
		text += *text == ' ';
		if (strncmp(text, "SPDX-", 5) == 0)
			continue;
		if (!s->title)
			s->title = text;
		else if (*prose || *text)
			prose = arena_printf(a, "%s%s%s", prose, *prose ? "\n" : "", text);
	}
	if (!s->title)
		s->title = "";
	s->prose = prose;
}

/* The line's text up to its end, and its place. */
static const char *line_text(struct parser *p, size_t from, struct extent *extent)
{
	size_t to = p->lex.position;

	while (to < p->lex.source->length && p->lex.source->text[to] != '\n')
		to++;
	while (to > from && p->lex.source->text[to - 1] == '\r')
		to--;
	*extent = (struct extent){from, to};
	return arena_strndup(p->arena, p->lex.source->text + from, to - from);
}

/* Whether the text can be read at all. */
static bool check_text(const struct source *source, struct diagnostics *c)
{
	struct place at = {source, 1, 1};
	const char *text = source->text, *nul;

	if (!source->length) {
		diagnose(c, at, "the file is empty");
		return false;
	}
	nul = memchr(text, '\0', source->length);
	if (!nul)
		return true;
	for (; text < nul; text++) {
		at.column++;
		if (*text == '\n') {
			at.line++;
			at.column = 1;
		}
	}
	diagnose(c, at, "a NUL byte; this is not a text file");
	return false;
}

struct script *script_parse(struct arena *a, const struct source *source, struct diagnostics *c)
{
	struct parser p = {.arena = a, .diagnostics = c};
	struct script *script = arena_new(a, struct script);
	size_t diagnostics_before = c->count, told = 0;

	if (!check_text(source, c))
		return NULL;
	script->source = source;
	lex_init(&p.lex, a, source);
	do {
		size_t from = p.lex.position;
		struct line line = {0};
		int first = p.lex.line;
		bool only_mark;

		p.failed = false;
		parse_line(&p, &line);
		while (p.failed && p.failed_at.place.line > first) {
			lex_restart_line(&p.lex, &p.failed_at);
			from = p.lex.position;
			first = p.lex.line;
			line = (struct line){0};
			p.failed = false;
			parse_line(&p, &line);
		}
		only_mark = line.kind == LINE_NOTE && is_mark(p.lex.comment);
		line.text = line_text(&p, from, &line.extent);
		line.comment = is_mark(p.lex.comment) ? NULL : p.lex.comment;
		told += line.kind != LINE_NOTE;
		if (is_mark(p.lex.comment))
			*arena_push(a, script->marks, script->mark_count) =
			    (struct extent){p.lex.comment_from, p.lex.comment_to};
		if (!only_mark)
			*arena_push(a, script->lines, script->line_count) = line;
	} while (lex_line(&p.lex));

	if (c->count == diagnostics_before)
		check_blocks(a, script, c);
	if (c->count == diagnostics_before)
		check_failure(script, c);
	if (c->count == diagnostics_before && !told)
		diagnose(c, (struct place){source, 1, 1},
			 "the file says nothing: it has only comments");
	take_head(a, script);
	return c->count == diagnostics_before ? script : NULL;
}

const struct call *call_parse(struct arena *a, const char *text)
{
	struct diagnostics diagnostics = {.arena = a};
	struct source *source = arena_new(a, struct source);
	struct parser p = {.arena = a, .diagnostics = &diagnostics};
	struct call *call = arena_new(a, struct call);

	*source = (struct source){"", arena_strdup(a, text), strlen(text)};
	lex_init(&p.lex, a, source);
	parse_next(&p);
	parse_bare_call(&p, call);
	return p.failed || p.token.kind != TOKEN_END ? NULL : call;
}

struct arg *arg_parse(struct arena *a, const char *text)
{
	struct diagnostics diagnostics = {.arena = a};
	struct source *source = arena_new(a, struct source); /* the argument's places point to it */
	struct parser p = {.arena = a, .diagnostics = &diagnostics};
	struct arg *arg;

	*source = (struct source){"", arena_strdup(a, text), strlen(text)};
	lex_init(&p.lex, a, source);
	parse_next(&p);
	arg = parse_arg(&p);
	return p.failed || p.token.kind != TOKEN_END ? NULL : arg;
}
