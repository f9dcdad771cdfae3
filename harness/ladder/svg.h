/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pictures of a run have in common. Each text says how long it is, so it keeps its place
 * with any font.
 */
#ifndef SVG_H
#define SVG_H

#include <stdio.h>

#define SVG_CELL 8 /* pixels: the width of a character */

void svg_escaped(FILE *out, const char *text); /* of shown text: without control characters */

/* `style`: rules besides those of all pictures; or NULL. */
void svg_begin(FILE *out, int width, int height, const char *title, const char *style);
void svg_end(FILE *out);

/* `class` may be NULL. */
void svg_text(FILE *out, int x, int y, const char *class, const char *text);

#endif
