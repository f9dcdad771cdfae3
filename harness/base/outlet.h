/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is printed where a machine reads it and obeys: GitHub's runner takes a line that begins with
 * two colons, or has two number signs and a bracket anywhere, for a command (to annotate a change,
 * to set a variable, to hide a word). Scripts, names of files and results are data that people send
 * each other, and are printed in many places. So there, all that goes to standard output and
 * standard error passes through here, and what would be a command is written with an escape.
 */
#ifndef BASE_OUTLET_H
#define BASE_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

/* Where GITHUB_ACTIONS is set: guard both streams. */
void outlet_guard(void);

/* Whether standard output is a JSON document, where an escape is another one. */
void outlet_is_json(bool json);

/* In a child whose output is read by this program: the streams as they were. */
void outlet_unguard(void);

/*
 * The same bytes without commands, as they follow what that descriptor (1 or 2) has got before; to
 * be freed. NULL: nothing is guarded.
 */
char *outlet_safe(int fd, const char *bytes, size_t length, size_t *made);

/* They could not be written, or not all of them. */
void outlet_cut(int fd);

/* A stream to standard error for the program's own commands. NULL: errno says why not. */
FILE *outlet_commands(void);

#endif
