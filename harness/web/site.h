/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report of all runs below a directory of results, as a directory of pages beside them:
 * ROOT/report/index.html. It is complete, or not there at all, like a result.
 */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "harness/web/model.h"

#define SITE_NAME "report"
#define BOOK_NAME "book"

/* Replaces the report of before. False: `error` says why it could not be written. */
bool site_write(struct arena *a, const struct web_model *m, const char **error);

/* Likewise ROOT/book/index.html: the library as it is on that kernel. */
bool book_write(struct arena *a, const struct web_model *m, const char *kernel, const char **error);

#endif
