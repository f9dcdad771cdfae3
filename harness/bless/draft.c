/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A draft knows the old number of each of its lines. So at the end, after any number of drafts, the
 * fate of each written line is known (history.c).
 */
#include "harness/bless/draft.h"

#include <string.h>

void draft_open(struct draft_writer *w, struct arena *a, const struct source *source)
{
	*w = (struct draft_writer){.arena = a, .source = source, .number = 1};
	w->out = text_open(&w->text);
}

static void begin_line(struct draft_writer *w, int number)
{
	*arena_push(w->arena, w->draft.lines, w->draft.line_count) = number;
	w->begun = true;
}

/* Without writing it. */
static void go_to(struct draft_writer *w, size_t at)
{
	for (; w->at < at; w->at++)
		w->number += w->source->text[w->at] == '\n';
}

void draft_copy(struct draft_writer *w, size_t from, size_t to)
{
	go_to(w, from);
	for (; w->at < to; w->at++) {
		char c = w->source->text[w->at];

		if (!w->begun)
			begin_line(w, w->number);
		putc(c, w->out);
		if (c != '\n')
			continue;
		w->number++;
		w->begun = false;
	}
}

void draft_put(struct draft_writer *w, size_t at, const char *text, const int *moved)
{
	go_to(w, at);
	for (; *text; text++) {
		if (!w->begun)
			begin_line(w, w->number);
		putc(*text, w->out);
		if (*text == '\n')
			begin_line(w, moved ? -*moved++ : 0);
	}
}

void draft_changed(struct draft_writer *w)
{
	struct draft *d = &w->draft;

	if (!d->changed_count || d->changed[d->changed_count - 1] != w->number)
		*arena_push(w->arena, d->changed, d->changed_count) = w->number;
}

struct draft draft_close(struct draft_writer *w)
{
	w->draft.text = text_close(&w->text, w->arena);
	return w->draft;
}
