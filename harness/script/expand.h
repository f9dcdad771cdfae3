/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What expansion's files share: the names that have a value now, innermost last. */
#ifndef SCRIPT_EXPAND_H
#define SCRIPT_EXPAND_H

#include "harness/script/script.h"

struct scope {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct facts facts;
	struct binding *bindings; /* parameters, then the counters of the repeats around */
	size_t count;
};

/* NULL: the name has no value before the run. */
const struct binding *scope_find(const struct scope *s, const char *name);

/* The names in scope that may have been meant, as the tail of a diagnostic: "; did you mean $x?" or
 * "". */
const char *scope_meant(const struct scope *s, const char *name);

/* expand_copy.c: the line with every name that has a value replaced, sums of numbers folded. */
struct line line_substitute(struct scope *s, const struct line *line);
struct value *value_substitute(struct scope *s, const struct value *v);

/* expand_when.c: whether it holds; if that is not known, diagnoses it and returns false. */
bool condition_holds(struct scope *s, const struct condition *c);

/* Why a `needs` does not hold: "needs kernel >= 6.5; this is 6.1.0". */
const char *condition_unmet(struct scope *s, const struct condition *c);

#endif
