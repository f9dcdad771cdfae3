/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `param` and `table` give: names and values.
 *
 *     param   n = 0..3 SA_RESTART
 *     param   n square = (0 0) (1 1) (2 4)
 *     table   n=$n "n squared"=$square
 */
#include "harness/script/parse.h"

/*
 * Values are written side by side there, so none of them is a sum: -1 is a number, not a
 * subtraction.
 */
static struct value *parse_listed(struct parser *p)
{
	struct value *v = parse_term(p), *range;

	if (!parse_accept(p, TOKEN_RANGE))
		return v;
	range = arena_new(p->arena, struct value);
	range->kind = VALUE_RANGE;
	range->place = v->place;
	range->left = v;
	range->right = parse_term(p);
	return range;
}

static void push_value(struct parser *p, struct assignment *to, struct place at, const char *word,
		       struct value *value)
{
	size_t words = to->count;
	size_t places = words;

	*arena_push(p->arena, to->places, places) = at;
	*arena_push(p->arena, to->words, words) = word;
	*arena_push(p->arena, to->values, to->count) = value;
}

/* A number or a word; `read` reads a number. */
static void parse_one(struct parser *p, struct assignment *to,
		      struct value *(*read)(struct parser *p))
{
	struct place at = p->token.place;

	if (p->token.kind == TOKEN_WORD)
		push_value(p, to, at, parse_name(p, ""), NULL);
	else if (parse_at_value(p))
		push_value(p, to, at, NULL, read(p));
	else
		parse_unexpected(p, "a number or a word", NULL);
}

/* (0 1 SA_RESTART): one for each name */
static void parse_tuple(struct parser *p, struct assignment *to)
{
	struct place at = p->token.place;
	size_t before = to->count, names = 1 + to->more_count;

	parse_expect(p, '(', "'(' and a value for each name");
	while (!p->failed && p->token.kind != ')')
		parse_one(p, to, parse_term);
	parse_expect(p, ')', "another value or ')'");
	if (!p->failed && to->count - before != names)
		parse_error(p, at, "%zu values for %zu names", to->count - before, names);
}

static void parse_tuples(struct parser *p, struct assignment *to)
{
	/* In brackets they may be on several lines. */
	bool in_brackets = parse_accept(p, '[');

	do {
		parse_tuple(p, to);
	} while (!p->failed && p->token.kind == '(');
	if (in_brackets)
		parse_expect(p, ']', "another '(' or ']'");
}

void parse_param_values(struct parser *p, struct assignment *to)
{
	to->place = p->token.place;
	to->name = parse_name(p, "a name");
	while (p->token.kind == TOKEN_WORD)
		*arena_push(p->arena, to->more, to->more_count) = parse_name(p, "");
	parse_expect(p, '=', "'=' and a value");
	if (to->more_count) {
		parse_tuples(p, to);
		p->could = "another (..) or the end of the line";
		return;
	}
	do {
		parse_one(p, to, parse_listed);
	} while (!p->failed && (p->token.kind == TOKEN_WORD || parse_at_value(p)));
	p->could = "another value or the end of the line";
}

void parse_column(struct parser *p, struct assignment *to)
{
	to->place = p->token.place;
	to->quoted = p->token.kind == TOKEN_STRING;
	if (to->quoted) {
		to->name = p->token.text;
		parse_next(p);
	} else {
		to->name = parse_name(p, "a name, or a string");
	}
	parse_expect(p, '=', "'=' and a value");
	to->bare = p->token.kind == TOKEN_WORD;
	to->in_quotes = p->token.kind == TOKEN_STRING;
	if (to->in_quotes) {
		push_value(p, to, p->token.place, p->token.text, NULL);
		parse_next(p);
	} else {
		parse_one(p, to, parse_value);
	}
}
