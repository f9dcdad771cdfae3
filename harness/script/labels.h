/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labels, @name at the end of a line: which line above a gap means. Whoever goes through lines asks
 * of each gap first, and then marks the line's own label; so the nearest line above is meant (in a
 * `repeat` each round has its own).
 */
#ifndef SCRIPT_LABELS_H
#define SCRIPT_LABELS_H

#include <stddef.h>

#include "harness/base/numbering.h"

struct labels {
	struct numbering names;
	size_t *at; /* of each name */
	size_t count;
};

/* The label, if it is not NULL, is now that of `at`: a line, or what else the caller counts. */
void label_mark(struct arena *a, struct labels *l, const char *label, size_t at);

/* What it is the label of; -1: of nothing so far. */
int label_find(const struct labels *l, const char *label);

#endif
