/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame and the texts of a picture. */
#include "harness/ladder/svg.h"

#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"

void svg_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

void svg_begin(FILE *out, int width, int height, const char *title, const char *style)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\">\n<title>",
		width, height, width, height);
	svg_escaped(out, title);
	fprintf(out, "</title>\n<style>\n%s%s</style>\n", ladder_style, style ? style : "");
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void svg_text(FILE *out, int x, int y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\"", x, y,
		shown_width(text) * SVG_CELL);
	if (class)
		fprintf(out, " class=\"%s\"", class);
	fputc('>', out);
	svg_escaped(out, text);
	fputs("</text>\n", out);
}
