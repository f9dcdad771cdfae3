/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens of the language. Only script_parse's files use this.
 *
 * The grammar needs only one token of look-ahead. Three things do not fit into tokens that mean the
 * same everywhere: flags ("P.U"), sysctl names with dots, and the bare words of `ip` lines. For
 * these the parser reads the text again from the current token.
 */
#ifndef SCRIPT_LEX_H
#define SCRIPT_LEX_H

#include "harness/base/diagnostic.h"

/* Kinds below 256 are the character itself. */
enum token_kind {
	TOKEN_END = 256, /* of the line or of the file */
	TOKEN_WORD,	 /* client, FIN-WAIT-2, c$i */
	TOKEN_NUMBER,	 /* begins with a digit: 17, 0x10, 200ms, 6.5, 1min30sec */
	TOKEN_VARIABLE,	 /* $n; text is without the $ */
	TOKEN_STRING,
	TOKEN_ELLIPSIS,	 /* ... */
	TOKEN_RANGE,	 /* .. */
	TOKEN_DASHES,	 /* --- */
	TOKEN_PLUSES,	 /* +++ */
	TOKEN_AT_LEAST,	 /* >= */
	TOKEN_AT_MOST,	 /* <= */
	TOKEN_NOT_EQUAL, /* != */
	TOKEN_BAD,	 /* nothing that can be read; text says what is wrong with it */
};

struct token {
	int kind;
	struct place place;
	size_t start, end; /* offsets in the text */
	int depth;	   /* brackets that were open before it */
	const char
	    *text; /* WORD, NUMBER, VARIABLE; STRING: its bytes, unescaped; BAD: the diagnostic */
	size_t length; /* STRING: number of bytes */
};

#define MAX_DEPTH 32 /* of brackets */

struct lexer {
	struct arena *arena;
	const struct source *source;
	size_t position;
	size_t line_start;
	int line;
	int depth;
	struct place openers[MAX_DEPTH]; /* where the brackets that are open were opened */
	const char *comment;		 /* the last one seen since lex_line, from # on, or NULL */
	size_t comment_from, comment_to; /* where it is */
};

void lex_init(struct lexer *lex, struct arena *a, const struct source *source);

/* Go to the next line (from anywhere in this one). False: there is none. */
bool lex_line(struct lexer *lex);

/* Go back to the start of the line that contains `token`. */
void lex_restart_line(struct lexer *lex, const struct token *token);

void lex_token(struct lexer *lex, struct token *token);

/*
 * Read `token` again: as a run of the letters FSRPUEW and dots, or a single dash; as the text up to
 * the next space, comment or (with `stop`) character of that set; as all the rest of the line, up
 * to a comment or a label. They return an empty string if nothing of that kind is there. Afterwards
 * lex_token reads what follows.
 */
const char *lex_flags(struct lexer *lex, const struct token *token);
const char *lex_chunk(struct lexer *lex, const struct token *token, const char *stop);
const char *lex_rest(struct lexer *lex, const struct token *token);

#endif
