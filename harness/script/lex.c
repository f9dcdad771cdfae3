/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexer: bytes to tokens, one line at a time.
 *
 * A newline ends the line unless a bracket is open; then it is a space. Nothing is diagnosed here:
 * what cannot be read becomes a TOKEN_BAD that carries the diagnostic, because the parser may read
 * the same bytes in another way (a sysctl's value, an address in an `ip` line).
 */
#include "harness/script/lex.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/packet/packet.h"

/* The byte at `offset`, 0 beyond the end: scripts hold no NULs. */
static char byte_at(const struct lexer *lex, size_t offset)
{
	return offset < lex->source->length ? lex->source->text[offset] : '\0';
}

#define LONGEST_WORD 255

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_byte(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *slice(struct lexer *lex, size_t from, size_t to)
{
	return arena_strndup(lex->arena, lex->source->text + from, to - from);
}

void lex_init(struct lexer *lex, struct arena *a, const struct source *source)
{
	*lex = (struct lexer){.arena = a, .source = source, .line = 1};
	if (source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0)
		lex->position = lex->line_start = 3; /* a byte order mark */
}

bool lex_line(struct lexer *lex)
{
	const char *text = lex->source->text;
	const char *newline =
	    memchr(text + lex->position, '\n', lex->source->length - lex->position);

	lex->depth = 0;
	lex->comment = NULL;
	if (!newline || newline + 1 == text + lex->source->length)
		return false;
	lex->position = lex->line_start = (size_t)(newline + 1 - text);
	lex->line++;
	return true;
}

void lex_restart_line(struct lexer *lex, const struct token *token)
{
	lex->position = lex->line_start = token->start - (size_t)(token->place.column - 1);
	lex->line = token->place.line;
	lex->depth = 0;
	lex->comment = NULL;
}

/* Spaces, comments and, within brackets, newlines. */
static void skip_space(struct lexer *lex)
{
	for (;;) {
		char c = byte_at(lex, lex->position);

		if (is_space(c)) {
			lex->position++;
		} else if (c == '#') {
			size_t from = lex->position, to;

			while (lex->position < lex->source->length &&
			       lex->source->text[lex->position] != '\n')
				lex->position++;
			for (to = lex->position; is_space(lex->source->text[to - 1]); to--)
				;
			lex->comment = slice(lex, from, to);
			lex->comment_from = from;
			lex->comment_to = to;
		} else if (c == '\n' && lex->depth > 0) {
			lex->position++;
			lex->line++;
			lex->line_start = lex->position;
		} else {
			return;
		}
	}
}

static void bad(struct lexer *lex, struct token *token, const char *what)
{
	token->kind = TOKEN_BAD;
	token->text = what;
	if (lex->position == token->start && lex->position < lex->source->length)
		lex->position++;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The character of an escape, with the position after the backslash. -1: no such escape. */
static int escape(struct lexer *lex)
{
	static const char letters[] = "rntabfve\"\\'", bytes[] = "\r\n\t\a\b\f\v\033\"\\'";
	char c = byte_at(lex, lex->position);
	const char *found = c ? strchr(letters, c) : NULL;
	int value = 0;

	if (found) {
		lex->position++;
		return (unsigned char)bytes[found - letters];
	}
	if (c == 'x') {
		int high = hex_digit(byte_at(lex, lex->position + 1));
		int low = high < 0 ? -1 : hex_digit(byte_at(lex, lex->position + 2));

		if (low < 0)
			return -1;
		lex->position += 3;
		return high * 16 + low;
	}
	if (c < '0' || c > '7')
		return -1;
	/* Octal, up to three digits: C's \0, and what strace prints. */
	for (int i = 0; i < 3 && c >= '0' && c <= '7'; i++) {
		value = value * 8 + (c - '0');
		c = byte_at(lex, ++lex->position);
	}
	return value < 256 ? value : -1;
}

static void string(struct lexer *lex, struct token *token)
{
	size_t close = ++lex->position;
	char *bytes;

	/* No string is longer unescaped than it is written. */
	while (close < lex->source->length && byte_at(lex, close) != '"' &&
	       byte_at(lex, close) != '\n')
		close += byte_at(lex, close) == '\\' && byte_at(lex, close + 1) != '\n' ? 2 : 1;
	if (byte_at(lex, close) != '"') {
		bad(lex, token, "this string has no closing '\"' on its line");
		return;
	}
	bytes = arena_alloc(lex->arena, close - lex->position + 1);
	while (lex->position < close) {
		char c = lex->source->text[lex->position++];

		if (c == '\\') {
			size_t backslash = lex->position - 1;
			int value = escape(lex);

			if (value < 0) {
				token->place.column = (int)(backslash - lex->line_start) + 1;
				bad(lex, token,
				    "no such escape; expected one of \\r \\n \\t \\0 \\xNN "
				    "\\\" \\\\");
				return;
			}
			c = (char)value;
		}
		bytes[token->length++] = c;
	}
	lex->position++;
	token->kind = TOKEN_STRING;
	token->text = bytes;
}

static void word(struct lexer *lex, struct token *token)
{
	for (;;) {
		char c = byte_at(lex, lex->position), next = byte_at(lex, lex->position + 1);

		if (is_word_byte(c) || (c == '-' && is_word_byte(next)) ||
		    (c == '$' && is_letter(next)))
			lex->position++;
		else
			break;
	}
	if (lex->position - token->start > LONGEST_WORD) {
		bad(lex, token, "a word has at most 255 characters");
		return;
	}
	token->kind = TOKEN_WORD;
	token->text = slice(lex, token->start, lex->position);
	if (strcmp(token->text, "____") == 0)
		bad(lex, token,
		    "____ is a blank of an exercise, which begins with: exercise NAME LEVEL");
}

static void number(struct lexer *lex, struct token *token)
{
	for (;;) {
		char c = byte_at(lex, lex->position), next = byte_at(lex, lex->position + 1);

		if (is_word_byte(c) || (c == '.' && is_digit(next)))
			lex->position++;
		else
			break;
	}
	token->kind = TOKEN_NUMBER;
	token->text = slice(lex, token->start, lex->position);
}

static void variable(struct lexer *lex, struct token *token)
{
	lex->position++;
	while (is_word_byte(byte_at(lex, lex->position)))
		lex->position++;
	token->kind = TOKEN_VARIABLE;
	token->text = slice(lex, token->start + 1, lex->position);
}

static void bracket(struct lexer *lex, struct token *token, char c)
{
	if (strchr(")]}", c)) {
		if (lex->depth > 0)
			lex->depth--;
	} else if (lex->depth == MAX_DEPTH) {
		bad(lex, token, "brackets are nested too deeply");
		return;
	} else {
		lex->openers[lex->depth++] = token->place;
	}
	lex->position++;
	token->kind = c;
}

static const struct {
	const char *text;
	enum token_kind kind;
} long_tokens[] = {
    {"...", TOKEN_ELLIPSIS}, {"---", TOKEN_DASHES}, {"+++", TOKEN_PLUSES},   {"..", TOKEN_RANGE},
    {">=", TOKEN_AT_LEAST},  {"<=", TOKEN_AT_MOST}, {"!=", TOKEN_NOT_EQUAL},
};

static bool long_token(struct lexer *lex, struct token *token)
{
	for (size_t i = 0; i < ARRAY_SIZE(long_tokens); i++) {
		size_t length = strlen(long_tokens[i].text);

		if (lex->source->length - lex->position >= length &&
		    memcmp(lex->source->text + lex->position, long_tokens[i].text, length) == 0) {
			lex->position += length;
			token->kind = long_tokens[i].kind;
			return true;
		}
	}
	return false;
}

void lex_token(struct lexer *lex, struct token *token)
{
	char c;

	skip_space(lex);
	c = byte_at(lex, lex->position);
	*token = (struct token){
	    .kind = TOKEN_END,
	    .place = {lex->source, lex->line, (int)(lex->position - lex->line_start) + 1},
	    .start = lex->position,
	    .depth = lex->depth,
	};
	if (lex->position == lex->source->length || c == '\n') {
		token->end = lex->position;
		return;
	}

	if (is_letter(c) || c == '_')
		word(lex, token);
	else if (is_digit(c))
		number(lex, token);
	else if (c == '$' && is_letter(byte_at(lex, lex->position + 1)))
		variable(lex, token);
	else if (c == '"')
		string(lex, token);
	else if (c && strchr("()[]{}", c))
		bracket(lex, token, c);
	else if (long_token(lex, token))
		;
	else if (c && strchr("+-*/=<>!:,.|?@", c))
		token->kind = lex->source->text[lex->position++];
	else if (isprint((unsigned char)c))
		bad(lex, token, arena_printf(lex->arena, "'%c' has no meaning here", c));
	else
		bad(lex, token,
		    arena_printf(lex->arena,
				 "byte 0x%02x; only strings and comments may hold such bytes",
				 (unsigned char)c));
	token->end = lex->position;
}

static const char *again(struct lexer *lex, const struct token *token, size_t to)
{
	lex->position = to;
	lex->depth = token->depth;
	return slice(lex, token->start, to);
}

const char *lex_flags(struct lexer *lex, const struct token *token)
{
	size_t to = token->start;

	if (byte_at(lex, to) == '-' && !is_word_byte(byte_at(lex, to + 1)) &&
	    byte_at(lex, to + 1) != '-')
		return again(lex, token, to + 1);
	while (byte_at(lex, to) && strchr(FLAG_LETTERS, byte_at(lex, to)))
		to++;
	if (is_word_byte(byte_at(lex, to)) || byte_at(lex, to) == '-')
		return ""; /* a word that only begins like flags */
	if (to - token->start == 3 && token->kind == TOKEN_ELLIPSIS)
		return "";
	return to == token->start ? "" : again(lex, token, to);
}

const char *lex_chunk(struct lexer *lex, const struct token *token, const char *stop)
{
	size_t to = token->start;

	while (to < lex->source->length && !is_space(byte_at(lex, to)) &&
	       byte_at(lex, to) != '\n' && byte_at(lex, to) != '#' &&
	       !strchr(stop, byte_at(lex, to)))
		to++;
	return to == token->start ? "" : again(lex, token, to);
}

const char *lex_rest(struct lexer *lex, const struct token *token)
{
	size_t to = token->start;

	while (to < lex->source->length && !strchr("\n#@", byte_at(lex, to)))
		to++;
	while (to > token->start && is_space(byte_at(lex, to - 1)))
		to--;
	return to == token->start ? "" : again(lex, token, to);
}
