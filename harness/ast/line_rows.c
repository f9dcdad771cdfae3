/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of line_rows.h that are data.
 */
#include <string.h>

#include "harness/ast/ast.h"

const struct line_row line_rows[LINE_KINDS] = {
#define LINE(kind, word, role, by, ...) [LINE_##kind] = {word, ROLE_##role, BY_##by},
#include "harness/ast/line_rows.h"
};

const struct fault_row fault_rows[VERB_COUNT] = {
#define FAULT(verb, name, hold, ...) [VERB_##verb] = {.word = name, __VA_ARGS__},
#include "harness/ast/line_rows.h"
};

const char *const verb_names[] = {
#define VERB(kind, word, ...)  word,
#define FAULT(verb, word, ...) word,
#include "harness/ast/line_rows.h"
    NULL};

const char *const keyword_names[] = {
#define KEYWORD(kind, word, ...) word,
#include "harness/ast/line_rows.h"
    NULL};

enum fault_verb fault_find(const char *word)
{
	int verb = VERB_COUNT - 1;

	while (verb > VERB_NONE && strcmp(fault_rows[verb].word, word) != 0)
		verb--;
	return (enum fault_verb)verb;
}

enum line_role line_role(const struct line *line)
{
	return line_rows[line->kind].role;
}

bool line_is_reading(const struct line *line)
{
	return line_role(line) == ROLE_READING;
}
