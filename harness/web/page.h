/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing HTML. All that is not a literal of this program is a stranger's: it is shown text
 * (base/shown.h) with HTML's own characters escaped.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stdio.h>

/*
 * Like fprintf, with only these:
 *
 *     %h  const char *: text, or an attribute's value in double quotes; NULL: nothing
 *     %u  const char *: one name of a path, in an address
 *     %d  long long
 *     %%
 */
void page_put(FILE *out, const char *fmt, ...);

/* A text of several lines, as shown text. */
void page_put_lines(FILE *out, const char *text);

/*
 * `up`: the way from the page to report.css and report.js, "" or "../../". Between the two come
 * links to other pages, if there are any, then page_main().
 */
void page_begin(FILE *out, const char *title, const char *up);
void page_main(FILE *out, const char *title);
void page_end(FILE *out);

/* What all pages share, as files of their own: from page.css, page.js. */
void page_put_style(FILE *out);
void page_put_script(FILE *out);

#endif
