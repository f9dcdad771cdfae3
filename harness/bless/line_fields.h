/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares one line with its event, field by field: internal to bless/.
 */
#ifndef BLESS_LINE_FIELDS_H
#define BLESS_LINE_FIELDS_H

#include "harness/bless/edits.h"
#include "harness/judge/questions.h"

struct fields {
	struct judged *t;
	struct edits *edits;
};

/*
 * For each written field in line `line` of the run: that it holds, or its new text. Only written
 * fields are examined.
 */
void fields_of_segment(struct fields *f, size_t line, const struct segment *s);
/* For `data`: the fields that are written for each of its segments. */
void fields_of_part(struct fields *f, size_t line, const struct segment *s);
void fields_of_return(struct fields *f, size_t line, const struct event *e);
void fields_of_socket(struct fields *f, size_t line, const struct event *e);
void fields_of_process(struct fields *f, size_t line, const struct event *e);
void fields_of_counters(struct fields *f, size_t line, const struct event *e);
void fields_of_happening(struct fields *f, size_t line, const struct event *e);

/* The result of a call as it is written: 5, -1 EPIPE. */
const char *result_text(struct arena *a, const struct event *e);
/* The values that poll() and select() fill in, as written behind their result: " ([{fd=c, ..}])";
 * or "".
 */
const char *behind_text(struct arena *a, const struct call *call, const struct event *e);

/* Whether the call has filled in all values as they are written. */
bool args_hold(struct fields *f, const struct call *call, const struct event *e);

#endif
