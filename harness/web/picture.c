/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: ladder_svg() writes one element in a line. Each line must have one of the
 * forms below, or the whole picture is refused. Title and style are left away; the page has both.
 */
#include "harness/web/picture.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/web/page.h"

/* What a value in quotes may consist of: classes, coordinates, numbers. No colon: no address. */
static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || strchr(" .,-#%", c);
}

static bool take(const char **at, const char *what)
{
	size_t n = strlen(what);

	if (strncmp(*at, what, n) != 0)
		return false;
	*at += n;
	return true;
}

/* ' name="value"', as often as it is there. */
static bool take_attributes(const char **at)
{
	static const char *const names[] = {"class",  "d",	    "x",	  "y",	    "width",
					    "height", "textLength", "data-event", "viewBox"};

	while (**at == ' ') {
		const char *name = ++*at;
		size_t length = strcspn(name, "=\n"), i = 0;

		while (i < ARRAY_SIZE(names) &&
		       (strlen(names[i]) != length || strncmp(names[i], name, length) != 0))
			i++;
		*at += length;
		if (i == ARRAY_SIZE(names) || !take(at, "=\""))
			return false;
		while (**at && is_plain(**at))
			++*at;
		if (!take(at, "\""))
			return false;
	}
	return true;
}

/* Up to the next tag: shown text; & only where it begins one of our escapes. */
static bool take_text(const char **at)
{
	while (**at && **at != '<' && **at != '\n') {
		size_t length = **at == '&' ? 0 : shown_plain(*at, strlen(*at));

		if (!length && !take(at, "&lt;") && !take(at, "&gt;") && !take(at, "&amp;"))
			return false;
		*at += length;
	}
	return true;
}

/* One line; `depth`: of groups that are open. */
static bool take_line(const char **at, int *depth)
{
	if (take(at, "</g>"))
		return --*depth >= 0;
	if (take(at, "<g"))
		return ++*depth && take_attributes(at) && take(at, ">");
	if (take(at, "<path") || take(at, "<rect"))
		return take_attributes(at) && take(at, "/>");
	return take(at, "<text") && take_attributes(at) && take(at, ">") && take_text(at) &&
	       take(at, "</text>");
}

/* The picture's lines; NULL: it is not like ours. `size`: its view box. */
static const char *body_of(const char *text, const char **end, int size[2])
{
	const char *body = strstr(text, "</style>\n"), *at;
	int depth = 0;

	if (sscanf(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"",
		   &size[0], &size[1]) != 2 ||
	    !body)
		return NULL;
	at = body += strlen("</style>\n");
	while (*at == '<' && strncmp(at, "</svg>", strlen("</svg>")) != 0)
		if (!take_line(&at, &depth) || !take(&at, "\n"))
			return NULL;
	*end = at;
	return depth || !take(&at, "</svg>\n") || *at ? NULL : body;
}

bool picture_put(FILE *out, const char *text, const char *label)
{
	const char *end, *body;
	int size[2];

	body = body_of(text, &end, size);
	if (!body)
		return false;
	page_put(out,
		 "<svg class=\"ladder\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		 "role=\"group\" aria-label=\"%h\">\n",
		 (long long)size[0], (long long)size[1], (long long)size[0], (long long)size[1],
		 label);
	fwrite(body, 1, (size_t)(end - body), out);
	fputs("</svg>\n", out);
	return true;
}
