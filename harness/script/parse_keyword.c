/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that begin with a word of the language instead of a host: what the script says about
 * itself, and `quiet`. One row each.
 */
#include "harness/script/parse.h"

#include <string.h>

static void parse_use(struct parser *p, struct line *line)
{
	line->kind = LINE_USE;
	line->use = parse_name(p, "the name of a beginning (established)");
}

static void parse_needs(struct parser *p, struct line *line)
{
	line->kind = LINE_NEEDS;
	parse_condition(p, &line->condition);
}

static void parse_acks(struct parser *p, struct line *line)
{
	static const char *const words[] = {"exact", NULL};

	line->kind = LINE_ACKS;
	if (!parse_accept_word(p, "exact"))
		parse_unexpected(p, "'exact'", words);
}

static void parse_capture(struct parser *p, struct line *line)
{
	static const char *const words[] = {"headers", NULL};

	line->kind = LINE_CAPTURE;
	if (!parse_accept_word(p, "headers"))
		parse_unexpected(p, "'headers'", words);
}

static void parse_table(struct parser *p, struct line *line)
{
	line->kind = LINE_TABLE;
	do {
		parse_column(p, arena_push(p->arena, line->table.list, line->table.count));
	} while (!p->failed && (p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_STRING));
	p->could = "another NAME=VALUE or the end of the line";
}

static void parse_param(struct parser *p, struct line *line)
{
	line->kind = LINE_PARAM;
	parse_param_values(p, &line->assignment);
}

static void parse_repeat(struct parser *p, struct line *line)
{
	static const char *const words[] = {"as", NULL};

	line->kind = LINE_REPEAT;
	line->repeat.count = parse_value(p);
	p->could = "'as' and a name, or the end of the line";
	p->better = words;
	if (parse_accept_word(p, "as"))
		line->repeat.as = parse_name(p, "the name of the counter");
}

static void parse_when(struct parser *p, struct line *line)
{
	line->kind = LINE_WHEN;
	parse_condition(p, &line->condition);
}

static void parse_else(struct parser *p, struct line *line)
{
	(void)p;
	line->kind = LINE_ELSE;
}

static void parse_end(struct parser *p, struct line *line)
{
	(void)p;
	line->kind = LINE_END;
}

static void parse_quiet(struct parser *p, struct line *line)
{
	line->kind = LINE_QUIET;
	line->quiet = parse_duration(p);
}

static const struct {
	const char *name;
	void (*parse)(struct parser *p, struct line *line);
} keywords[] = {
    {"use", parse_use},	    {"needs", parse_needs},	{"acks", parse_acks},
    {"table", parse_table}, {"param", parse_param},	{"repeat", parse_repeat},
    {"when", parse_when},   {"else", parse_else},	{"end", parse_end},
    {"quiet", parse_quiet}, {"capture", parse_capture},
};

const char *const keyword_names[] = {"use",  "needs", "acks", "table", "param",	  "repeat",
				     "when", "else",  "end",  "quiet", "capture", NULL};

bool parse_keyword(struct parser *p, struct line *line)
{
	for (size_t i = 0; i < LENGTH(keywords); i++) {
		if (parse_accept_word(p, keywords[i].name)) {
			keywords[i].parse(p, line);
			return true;
		}
	}
	return false;
}
