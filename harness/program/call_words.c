/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the functions of the row put the arguments into words, one after the other.
 * What the kernel fills in is `...` until the call has returned.
 */
#include "harness/program/call_words.h"

#include <string.h>

#include "harness/actor/making.h"
#include "harness/program/show.h"

uint64_t argument(const struct decoding *d, int at)
{
	return d->registers->args[at];
}

bool decode_is_null(const struct decoding *d, int at)
{
	return !argument(d, at);
}

bool read_memory(const struct decoding *d, uint64_t address, void *to, size_t length)
{
	return address && d->memory->read(d->memory->context, address, to, length);
}

void show(struct decoding *d, const char *text)
{
	size_t i = d->arg_count;

	if (i == SHOWN_ARGS)
		return;
	if (d->before && d->before[i] && !strcmp(text, "..."))
		text = d->before[i];
	d->args[d->arg_count++] = text;
}

void show_filled(struct decoding *d, const char *text)
{
	if (d->returned && d->result >= 0 && d->arg_count < SEEN_COUNT)
		d->seen[d->arg_count] = text;
	show(d, text);
}

void show_beside(struct decoding *d, size_t place, const char *text)
{
	while (place < SHOWN_COUNT && d->seen[shown_at(place)])
		place++;
	if (place < SHOWN_COUNT)
		d->seen[shown_at(place)] = text;
}

void decode_call(struct decoding *d)
{
	const struct traced *row = d->row;
	const char *list = "";
	bool is_bare = row->bare && decode_is_null(d, row->optional);

	d->name = is_bare ? row->bare : row->name;
	d->arg_count = 0;
	for (const struct shown *s = row->args; s->show; s++)
		if (!is_bare || s->at < row->optional)
			s->show(d, s);
	for (size_t i = 0; i < d->arg_count; i++)
		list = joined_text(d->arena, list, d->args[i]);
	d->text = arena_printf(d->arena, "%s(%s)", d->name, list);
}
