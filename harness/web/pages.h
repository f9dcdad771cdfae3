/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages of a report, each a function of the model; a run's page also of its result.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "harness/web/model.h"

/* All scenarios, with search. */
void put_index(FILE *out, const struct web_model *m);

/* One run. `directory`: its results, open. */
void put_run(FILE *out, const struct web_model *m, const struct web_run *run, const json_t *result,
	     int directory);

/* A link to a run's page, from a page that lies `up`; its text is "IPv6, peer=silent: pass". */
void put_run_link(FILE *out, const struct web_run *run, const char *up);

#endif
