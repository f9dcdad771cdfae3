/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that begin with a word of the language instead of a host: what the script says about
 * itself, and `quiet`. Their words are KEYWORDs of line_rows.h.
 */
#include "harness/script/parse.h"

#include "harness/base/array.h"

void parse_use(struct parser *p, struct line *line)
{
	line->use = parse_word(p, "the name of a beginning (established)");
}

void parse_needs(struct parser *p, struct line *line)
{
	parse_condition(p, &line->condition);
}

const char *const failure_words[] = {
    [OF_CLIENT] = "client", [OF_SERVER] = "server", [OF_NETWORK] = "network", [FAILURES] = NULL};

void parse_failure(struct parser *p, struct line *line)
{
	line->failure.place = p->token.place;
	for (int of = 0; of < FAILURES; of++) {
		line->failure.of = (enum failure_of)of;
		if (parse_accept_word(p, failure_words[of]))
			return;
	}
	parse_unexpected(p, "'client', 'server' or 'network'", failure_words);
}

/* Its blanks are no part of the language. */
void parse_exercise(struct parser *p, struct line *line)
{
	parse_error(p, line->place,
		    "this is an exercise: only 'run' reads it, and judges what is filled in");
}

void parse_acks(struct parser *p, struct line *line)
{
	static const char *const words[] = {"exact", NULL};

	(void)line;
	if (!parse_accept_word(p, "exact"))
		parse_unexpected(p, "'exact'", words);
}

void parse_capture(struct parser *p, struct line *line)
{
	static const char *const words[] = {"headers", NULL};

	(void)line;
	if (!parse_accept_word(p, "headers"))
		parse_unexpected(p, "'headers'", words);
}

void parse_table(struct parser *p, struct line *line)
{
	do {
		parse_column(p, arena_push(p->arena, line->table.list, line->table.count));
	} while (!p->failed && (p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_STRING));
	p->could = "another NAME=VALUE or the end of the line";
}

void parse_param(struct parser *p, struct line *line)
{
	parse_param_values(p, &line->assignment);
}

void parse_repeat(struct parser *p, struct line *line)
{
	static const char *const words[] = {"as", NULL};

	line->repeat.count = parse_value(p);
	p->could = "'as' and a name, or the end of the line";
	p->better = words;
	if (parse_accept_word(p, "as"))
		line->repeat.as = parse_name(p, "the name of the counter");
}

void parse_when(struct parser *p, struct line *line)
{
	parse_condition(p, &line->condition);
}

void parse_quiet(struct parser *p, struct line *line)
{
	line->quiet = parse_duration(p);
}

bool parse_keyword(struct parser *p, struct line *line)
{
	static void (*const parse[])(struct parser *, struct line *) = {
#define KEYWORD(kind, word, role, by, parse, ...) [LINE_##kind] = parse_##parse,
#include "harness/ast/line_rows.h"
	};

	for (size_t kind = 0; kind < ARRAY_SIZE(parse); kind++) {
		if (parse[kind] && parse_accept_word(p, line_rows[kind].word)) {
			line->kind = (enum line_kind)kind;
			parse[kind](p, line);
			return true;
		}
	}
	return false;
}
