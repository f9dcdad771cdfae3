/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parser's files share. parse_file.c reads a file, parse.c its lines, the others the parts
 * of a line.
 *
 * An error is sticky: parse_error makes one diagnostic, and from then on the line looks as if it
 * had ended, so every function below simply returns. What they return after an error is not used,
 * but it is never NULL where the comment does not say so.
 */
#ifndef SCRIPT_PARSE_H
#define SCRIPT_PARSE_H

#include "harness/script/lex.h"
#include "harness/script/script.h"

struct parser {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct lexer lex;
	struct token token;	/* the one look-ahead */
	size_t end;		/* of what has been read: an offset in the text */
	bool failed;		/* this line is not right, and has been diagnosed */
	struct token failed_at; /* the token at which */
	const char *could;	/* what is expected at the end of the line */
	const char *const
	    *better; /* words of which a wrong one there may be a misspelling, or NULL */
};

/* parse.c */
void parse_next(struct parser *p);
/* From where a token began to the end of what has been read since. */
struct extent parse_extent(const struct parser *p, size_t from);
bool parse_accept(struct parser *p, int kind);
void parse_expect(struct parser *p, int kind, const char *could);
bool parse_is_word(const struct parser *p, const char *word);
bool parse_accept_word(struct parser *p, const char *word);
const char *parse_name(struct parser *p, const char *could);
/* A word of the language's own tables, or "$name" of the parameter that stands for it. */
const char *parse_word(struct parser *p, const char *could);
/* Whether one of the two could begin here. */
bool parse_at_word(const struct parser *p);
void parse_error(struct parser *p, struct place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * The token is not what is expected here; `words` are the expected words that it may be a
 * misspelling of, or NULL.
 */
void parse_unexpected(struct parser *p, const char *could, const char *const *words);
struct actor parse_actor(struct parser *p);
/* From the start of a line to its end, whether it is right or not. */
void parse_line(struct parser *p, struct line *line);

/* parse_value.c. `observed` also takes A..B and >= A; a term is a value without + - *. */
struct value *parse_term(struct parser *p); /* 5, -1, $n, * */
struct value *parse_value(struct parser *p);
struct value *parse_observed(struct parser *p);
struct value *parse_queue(struct parser *p); /* * is always "any" */
bool parse_at_value(const struct parser *p);
int64_t parse_integer(struct parser *p);
ns_t parse_duration(struct parser *p);
ns_t parse_ss_duration(struct parser *p);
bool parse_at_duration(const struct parser *p);
void parse_gap(struct parser *p, struct gap *gap);
void parse_condition(struct parser *p, struct condition *condition);
/* The values of `param` (many) and `table` (one each). */
void parse_param_values(struct parser *p, struct assignment *to);
void parse_column(struct parser *p, struct assignment *to); /* of a table */

/* parse_call.c. A call's name has been read, the parser stands on the bracket. */
void parse_call(struct parser *p, struct line *line, const char *name, struct place at);
void parse_resume(struct parser *p, struct line *line);
/* Its name and arguments. */
void parse_bare_call(struct parser *p, struct call *call);
struct arg *parse_arg(struct parser *p);
/*
 * An address that is written as a number: addresses must be written by name. `text` NULL: an IPv6
 * address.
 */
void parse_numeric_address(struct parser *p, struct place at, const char *text);
/* Whether the token is an IPv4 address. */
bool parse_at_ipv4(const struct parser *p);

/* parse_segment.c */
bool parse_at_flags(const struct parser *p);
uint16_t parse_flags(struct parser *p);
/* What stands behind `icmp`: a name, or numbers; `what`: as parse_word() says it. */
void parse_icmp(struct parser *p, const char **word, struct icmp_number *number, const char *what);
void parse_segment(struct parser *p, struct segment_pattern *s);
void parse_numbers(struct parser *p, struct value **seq, struct value **end, struct value **length);

/* parse_verb.c, parse_keyword.c: what follows the word of a row (line_rows.h). */
#define LINE(kind, word, role, by, parse, ...)                                                     \
	void parse_##parse(struct parser *p, struct line *line);
#include "harness/ast/line_rows.h"

/* parse_verb.c: H verb ... False: there is no such verb. */
bool parse_verb(struct parser *p, struct line *line, const char *verb);
/* parse_keyword.c: lines that begin with a word of the language. False: it is none. */
bool parse_keyword(struct parser *p, struct line *line);

#endif
