/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs to what: found once at the beginning of each judgement, by passes over events, lines
 * and connections, so that none of the judge's parts has to search. A flood has a thousand lines
 * and connections, and is judged anew after each of them.
 *
 * Names are gathered into groups: all connections that go by one name (that of the first descriptor
 * that took part, in whichever incarnation) are one, and a line about any of their names is about
 * it.
 */
#include "harness/judge/trial.h"

#include <stdlib.h>
#include <string.h>

#include "harness/script/script.h"

/* A name of a connection; of several that have it, the newest one's. */
struct known_name {
	const char *name;
	int connection;
	int group; /* whose canonical name it is; GROUP_UNSEEN: nobody's so far */
};

static int *numbers(struct trial *t, size_t count, int value)
{
	int *list = arena_alloc(t->arena, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = value;
	return list;
}

/* ---- names and groups ---- */

/* Equal names: the newest first. */
static int by_name(const void *left, const void *right)
{
	const struct known_name *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : b->connection - a->connection;
}

static int same_name(const void *left, const void *right)
{
	const struct known_name *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void list_names(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct known_name *list = NULL;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < tl->connection_count; i++)
		for (int n = 0; n < tl->connections[i].name_count; n++)
			*arena_push(t->arena, list, count) =
			    (struct known_name){tl->connections[i].names[n], (int)i, GROUP_UNSEEN};
	if (count)
		qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count; i++)
		if (!kept || same_name(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	t->lookup.names = list;
	t->lookup.name_count = kept;
}

static struct known_name *find(const struct lookup *l, const char *name)
{
	const struct known_name wanted = {.name = name};

	return l->name_count ? bsearch(&wanted, l->names, l->name_count, sizeof(wanted), same_name)
			     : NULL;
}

static void group_connections(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;

	l->group_name =
	    arena_alloc(t->arena, (GROUP_FIRST + tl->connection_count) * sizeof(*l->group_name));
	l->group_name[GROUP_NONE] = NULL;
	l->group_name[GROUP_STRANGERS] = "?";
	l->group_count = GROUP_FIRST;
	l->of_connection = numbers(t, tl->connection_count, GROUP_STRANGERS);
	for (size_t i = 0; i < tl->connection_count; i++) {
		const struct connection *c = &tl->connections[i];
		struct known_name *name = c->name_count ? find(l, c->names[0]) : NULL;

		if (!name)
			continue;
		if (name->group == GROUP_UNSEEN) {
			name->group = (int)l->group_count;
			l->group_name[l->group_count++] = name->name;
		}
		l->of_connection[i] = name->group;
	}
}

int lookup_group(const struct trial *t, const char *name)
{
	const struct known_name *known = name ? find(&t->lookup, name) : NULL;

	if (!name)
		return GROUP_NONE;
	return known ? t->lookup.of_connection[known->connection] : GROUP_UNSEEN;
}

int segment_group(const struct trial *t, const struct segment *s)
{
	return s->connection < 0 ? GROUP_NONE : t->lookup.of_connection[s->connection];
}

static void group_lines(struct trial *t)
{
	t->lookup.of_line = numbers(t, t->run->line_count, GROUP_NONE);
	for (size_t i = 0; i < t->run->line_count; i++)
		t->lookup.of_line[i] = lookup_group(t, t->run->lines[i].connection);
}

/* ---- events ---- */

static void list_events(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;

	l->first = numbers(t, t->run->line_count, -1);
	l->next = numbers(t, tl->event_count, -1);
	l->sent = numbers(t, tl->segment_count, -1);
	l->arrived = numbers(t, tl->segment_count, -1);
	for (size_t i = tl->event_count; i-- > 0;) {
		const struct event *e = &tl->events[i];

		if (e->line >= 0 && (size_t)e->line < t->run->line_count) {
			l->next[i] = l->first[e->line];
			l->first[e->line] = (int)i;
		}
		if (e->kind == EVENT_SENT)
			l->sent[e->segment] = (int)i;
		if (e->kind == EVENT_ARRIVED)
			l->arrived[e->segment] = (int)i;
	}
}

int lookup_event(const struct trial *t, enum event_kind kind, size_t index)
{
	int e = t->lookup.first[index];

	while (e >= 0 && t->timeline->events[e].kind != kind)
		e = t->lookup.next[e];
	return e;
}

/* ---- calls that come back ---- */

/* An open call and the line that resumes it: the first below, before its actor's next one. */
static void pair_calls(struct trial *t)
{
	const struct run *run = t->run;
	size_t *open = NULL, count = 0;

	t->lookup.resuming = numbers(t, run->line_count, -1);
	t->lookup.resumed = numbers(t, run->line_count, -1);
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		bool opens = line->kind == LINE_CALL && line->call.open;
		size_t k = 0;

		if (!opens && line->kind != LINE_RESUME)
			continue;
		while (k < count && !same_actor(&run->lines[open[k]], host_find(line->actor.host),
						line->actor.part))
			k++;
		if (opens && k < count)
			open[k] = i;
		else if (opens)
			*arena_push(t->arena, open, count) = i;
		if (opens || k == count)
			continue;
		t->lookup.resumed[i] = (int)open[k];
		if (t->lookup.resuming[open[k]] < 0)
			t->lookup.resuming[open[k]] = (int)i;
	}
}

void lookup_all(struct trial *t)
{
	list_events(t);
	list_names(t);
	group_connections(t);
	group_lines(t);
	pair_calls(t);
}
