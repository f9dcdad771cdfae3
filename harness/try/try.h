/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `try`: one program, or two, in every failure that applies: a row for each, sentences, and what is
 * expected.
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
	const char *name;     /* of the run, and of its results */
	const char *failure;  /* its scenario */
	const char *title;    /* the scenario's */
	const char *shown;    /* its name for people: cut-30s, idle */
	const char *moment;   /* of a failure between two programs: idle; or NULL */
	enum verdict verdict; /* of what is expected; SKIP and BROKEN: there is no measurement */
	const char *why;      /* .. why not; or the kernel's warning */
	struct measured m;
	bool has_server;	/* the other side is a program, too; .. */
	struct measured server; /* .. what came of that one */
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
 * The failures that apply to the programs of the command line, among those that its words name (no
 * words: among all). False: a word means nothing, or none applies; this has been reported.
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
/* exited with 7, killed by SIGPIPE, still hanging, still at work */
const char *table_end(struct arena *a, const struct measured *m);
/* "client: ETIMEDOUT after 9.0 s, exited with 7 after 9.1 s; server: .." */
const char *table_summary(struct arena *a, const struct row *row);

/* ---- sentences.c ---- */

/* What is worth knowing, in sentences. Equal sentences about several failures are joined. */
void words_print(FILE *out, const struct rows *rows);
/* Those about one row; ends with NULL. */
const char **words_of(struct arena *a, const struct row *row);

/* ---- expect.c ---- */

struct expectations;

/*
 * Read a file of them. `failures`: the names of all failures; ends with NULL. `has`: on which hosts
 * there is a program. NULL: the diagnostics say why.
 */
struct expectations *expectations_parse(struct arena *a, const struct source *source,
					const char *const *failures, const bool *has,
					struct diagnostics *c);
/* How long a program has to be watched to know all that. */
ns_t expectations_patience(const struct expectations *e);
/*
 * Add to the row's misses what is expected of it and does not hold. Of what cannot be known, the
 * row's `why` says why not.
 */
void expectations_ask(struct arena *a, const struct expectations *e, struct row *row);
/* The failure is tried at several moments, and this is not the first one. */
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
 * A run has ended: add its row, and give it the account by what is expected (`context` is the
 * session). What a program does is no failure by itself.
 */
struct ended;
void session_take(void *context, struct ended *e);

#endif
