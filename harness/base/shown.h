/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside (names of files, above all), as it is shown: on a terminal, in a transcript, in
 * a run's name.
 *
 * Control characters (C0, DEL, C1), those that change the direction of writing, and bytes that are
 * not UTF-8 are written as in a string of the
 * language: \n \r \t, \x1b. So shown text stays on its line, and contains no terminal commands.
 */
#ifndef BASE_SHOWN_H
#define BASE_SHOWN_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/arena.h"

/*
 * The length of the first character of `left` > 0 bytes, if it is shown as it is; 0: it is a
 * control character, or not a character.
 */
size_t shown_plain(const char *bytes, size_t left);

/* Print one character, or one byte in its stead; returns how many bytes it was. */
size_t shown_one(FILE *out, const char *bytes, size_t left);

void shown_put(FILE *out, const char *text);

/* The same as a text: `text` itself, if nothing must be changed. */
const char *shown(struct arena *a, const char *text);

/* How many characters it has, if it is UTF-8: its width in a column. */
int shown_width(const char *text);

/* Whether it is UTF-8, with control characters or without. */
bool is_utf8(const char *text);

/* "tcplab: ", the message as it is shown, and a newline, to standard error. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
