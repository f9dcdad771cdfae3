/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: lines are broken at blanks, but not at those within a quantity. Its numbers
 * and units alternate ("15 min 54 s"), so only the words beside a blank have to be looked at, and
 * what follows them.
 */
#include "harness/base/wrap.h"

#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"

#define WIDTH 100

static size_t word_length(const char *word)
{
	return strcspn(word, " ");
}

/* "60", "0.5", and at the beginning of a parenthesis, too. */
static bool is_number(const char *word)
{
	word += *word == '(';
	return word_length(word) > 0 && strspn(word, "0123456789.") == word_length(word);
}

/* Of a unit, without what may follow it in a sentence; 0: it is none. */
static size_t unit_length(const char *word)
{
	static const char *const units[] = {"ns", "us", "ms",	"s",	 "min",	 "h",
					    "kB", "MB", "byte", "bytes", "times"};
	size_t length = word_length(word);

	while (length && strchr(",;:.)", word[length - 1]))
		length--;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (length == strlen(units[i]) && !strncmp(word, units[i], length))
			return length;
	return 0;
}

/* The word after this one; "": there is none. */
static const char *next_word(const char *word)
{
	word += word_length(word);
	return word + (*word == ' ');
}

static bool is_quantity(const char *word)
{
	return is_number(word) && unit_length(next_word(word));
}

/* Of a word, or of a quantity in one or more units. */
static size_t piece_length(const char *text)
{
	const char *last = text, *next = text;

	while (is_quantity(next)) {
		last = next_word(next);
		if (unit_length(last) < word_length(last)) /* its sentence goes on with a comma */
			break;
		next = next_word(last);
	}
	return (size_t)(last - text) + word_length(last);
}

void words_wrap(FILE *out, struct arena *a, const char *text, int used, int indent)
{
	const char *rest = shown(a, text);
	bool is_first = true;

	while (*rest) {
		size_t length = piece_length(rest);
		const char *piece = arena_strndup(a, rest, length);
		int width = shown_width(piece);

		if (!is_first && used + 1 + width > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			used = indent;
		} else if (!is_first) {
			putc(' ', out);
			used++;
		}
		fputs(piece, out);
		used += width;
		is_first = false;
		rest += length + (rest[length] == ' ');
	}
	putc('\n', out);
}
