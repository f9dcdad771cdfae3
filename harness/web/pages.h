/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages of a report, each a function of the model; a run's page also of its result.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "harness/web/model.h"

/* The pages that all others lead to. */
struct web_page {
	const char *file, *title;
	void (*put)(FILE *out, const struct web_model *m);
};
extern const struct web_page web_pages[]; /* ends with file NULL */

/* A page's beginning, with links to those. */
void put_head(FILE *out, const char *title, const char *up);

void put_index(FILE *out, const struct web_model *m);  /* all scenarios, with search */
void put_matrix(FILE *out, const struct web_model *m); /* runs x kernels */
void put_errnos(FILE *out, const struct web_model *m); /* who gets it, and when; .. */
void put_states(FILE *out, const struct web_model *m); /* .. and so on */
void put_counters(FILE *out, const struct web_model *m);
void put_options(FILE *out, const struct web_model *m);
void put_flags(FILE *out, const struct web_model *m);
void put_file_names(FILE *out, const struct web_model *m); /* what runs leave, and what that is */

/* One run. `directory`: its results, open. */
void put_run(FILE *out, const struct web_model *m, const struct web_run *run, const json_t *result,
	     int directory);

/* The library as one document, of what has happened on that kernel. */
void put_book(FILE *out, const struct web_model *m, const char *kernel);

/*
 * A link to a run's page, from a page that lies `up`: "pass", or `with_variant` "IPv6, peer=silent:
 * pass".
 */
void put_run_link(FILE *out, const struct web_run *run, const char *up, bool with_variant);

/* chart.c: on the page of kernels. */
void put_charts(FILE *out, const struct web_model *m);

/* Of a run's page, and of the book. */
void put_prose(FILE *out, const char *prose);

/* run_script.c: the lines of the script, and what happened. */
void put_script(FILE *out, const json_t *result);

#endif
