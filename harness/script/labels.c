/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A label's number finds where it was marked last. */
#include "harness/script/labels.h"

void label_mark(struct arena *a, struct labels *l, const char *label, size_t at)
{
	size_t number;

	if (!label)
		return;
	number = (size_t)number_give(a, &l->names, label);
	if (number == l->count)
		arena_push(a, l->at, l->count);
	l->at[number] = at;
}

int label_find(const struct labels *l, const char *label)
{
	int number = number_find(&l->names, label);

	return number < 0 ? -1 : (int)l->at[number];
}
