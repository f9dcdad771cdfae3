/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: there is no way to put a text into a page as it is, so none can bring markup
 * along. Besides, each page forbids all scripts and addresses but the report's own (its Content
 * Security Policy).
 */
#include "harness/web/page.h"

#include <stdarg.h>
#include <string.h>

#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"

static void put_text(FILE *out, const char *text, size_t length)
{
	static const char *const escapes[256] = {['<'] = "&lt;", ['&'] = "&amp;", ['"'] = "&quot;"};

	for (size_t left = length, n; left; text += n, left -= n) {
		const char *escape = escapes[(unsigned char)*text];

		n = 1;
		if (escape)
			fputs(escape, out);
		else
			n = shown_one(out, text, left);
	}
}

static void put_name(FILE *out, const char *name)
{
	for (; *name; name++) {
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
			   *name))
			fputc(*name, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*name);
	}
}

void page_put(FILE *out, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			fputc(*fmt, out);
			continue;
		}
		switch (*++fmt) {
		case 'h':
			text = va_arg(ap, const char *);
			put_text(out, text, text ? strlen(text) : 0);
			break;
		case 'u':
			put_name(out, va_arg(ap, const char *));
			break;
		case 'd':
			fprintf(out, "%lld", va_arg(ap, long long));
			break;
		default:
			fputc(*fmt, out);
		}
	}
	va_end(ap);
}

void page_put_lines(FILE *out, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		put_text(out, text, length);
		fputc('\n', out);
		text += length + (text[length] == '\n');
	}
}

/* A file's origin is not 'self' in every browser, and a server's is not file:. */
#define POLICY                                                                                     \
	"default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' "     \
	"file:; base-uri 'none'; form-action 'none'"

void page_begin(FILE *out, const char *title, const char *up)
{
	page_put(out,
		 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n"
		 "<title>%h</title>\n<link rel=stylesheet href=\"%hreport.css\">\n"
		 "<script defer src=\"%hreport.js\"></script>\n</head>\n<body>\n"
		 "<a class=\"jump\" href=\"#main\">To the contents</a>\n",
		 title, up, up);
}

void page_main(FILE *out, const char *title)
{
	page_put(out, "<main id=\"main\">\n<h1>%h</h1>\n", title);
}

void page_end(FILE *out)
{
	fputs("</main>\n</body>\n</html>\n", out);
}

/* ---- embedded files ---- */

/* As a string. */
#define EMBED(name, file)                                                                          \
	__asm__(".pushsection .rodata\n" #name ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n"); \
	extern const char name[]

EMBED(page_css, "harness/web/page.css");
EMBED(page_js, "harness/web/page.js");

void page_put_style(FILE *out)
{
	fputs(page_css, out);
	fputs(ladder_style, out);
}

void page_put_script(FILE *out)
{
	fputs(page_js, out);
}
