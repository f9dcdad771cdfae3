/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `try`: one program, or two, in every failure that applies; a row for each, sentences, and what is
 * expected of it.
 */
#ifndef TRY_TRY_H
#define TRY_TRY_H

#include <stdio.h>

#include "harness/base/diagnostic.h"
#include "harness/plan/library.h"
#include "harness/run/run_one.h"
#include "harness/try/measure.h"

/* A run that has ended. */
struct row {
	const char *name;     /* of the run: of its results */
	const char *failure;  /* its scenario */
	const char *title;    /* of that */
	const char *shown;    /* its name for people: cut-30s, idle */
	const char *moment;   /* of a failure between two programs: idle; or NULL */
	enum verdict verdict; /* of what is expected; SKIP and BROKEN: there is no measurement */
	const char *why;      /* .. why not; or the kernel's complaint */
	struct measured m;
	struct miss {
		struct place at; /* where it is written */
		const char *expected, *got;
	} * misses; /* FAIL: what is expected and does not hold */
	size_t miss_count;
};

struct rows {
	struct row *list;
	size_t count;
};

/* ---- choose.c: which failures ---- */

/*
 * The failures that apply to the programs of the command line, of those that its words name (none:
 * of all). False: a word means nothing, or nothing is left, which has been reported.
 */
bool try_choose(const struct options *o, struct library *l, struct selection *chosen);

/* ---- try_table.c ---- */

struct table_style {
	int name_width;
	bool is_colored;
};

/* A run's name for people: "cut-30s, ipv6, idle" is cut-30s,ipv6,moment=idle. */
const char *table_name(struct arena *a, const struct planned *planned);

/* How wide the names are. */
struct table_style table_style_of(const struct plan *plan, bool is_colored);
void table_head(FILE *out, const struct table_style *style);
void table_row(FILE *out, const struct table_style *style, const struct row *row);

/* 345 us, 1.2 s, 15 min 54 s */
const char *table_time(struct arena *a, ns_t time);
/* exited with 7, killed by SIGPIPE, still hanging */
const char *table_end(struct arena *a, const struct measured *m);

/* ---- sentences.c ---- */

/* What is worth knowing, in sentences, those that say the same of several failures together. */
void words_print(FILE *out, const struct rows *rows);
/* A text in lines of 100 columns, of which `used` are taken in the first, and as many as `indent`
 * are left empty in the others. */
void words_wrap(FILE *out, struct arena *a, const char *text, int used, int indent);
/* Those about one row; ends with NULL. */
const char **words_of(struct arena *a, const struct row *row);

/* ---- expect.c ---- */

struct expectations;

/*
 * A file of them; `failures`: the names of all that there are, which ends with NULL. NULL: the
 * complaints say why.
 */
struct expectations *expectations_parse(struct arena *a, const struct source *source,
					const char *const *failures, struct diagnostics *c);
/* Adds to the row's misses what is expected of it and does not hold. */
void expectations_ask(struct arena *a, const struct expectations *e, struct row *row);
/* Of a failure that is tried at several moments: it is another one than the first. */
bool row_is_later_moment(const struct row *row);

/* ---- reporter_try.c ---- */

/* What the reporter needs to know of this invocation. */
struct session {
	const struct invocation *inv;
	const struct expectations *expected; /* NULL: nothing is */
	const char *where;		     /* it is run, in words */
	bool is_json, is_colored;
	struct rows rows;
};

/* From now on `try` reports; NULL: it does not. */
void session_begin(struct session *s);

/*
 * A run has ended: add its row, and make its account that of what is expected (`context` is the
 * session): what a program does is no failure by itself.
 */
struct ended;
void session_take(void *context, struct ended *e);

#endif
