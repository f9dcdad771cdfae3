/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs to what: found once at the beginning of each judgement, by one pass over events and
 * one over connections, so that none of the judge's parts has to search. What lines alone tell is
 * found once for the whole run (script/index.c). A flood has a thousand lines and connections, and
 * is judged anew after each of them.
 *
 * Names are gathered into groups: all connections that go by one name (that of the first descriptor
 * that took part, in whichever incarnation) are one, and a line about any of their names is about
 * it.
 */
#include "harness/judge/trial.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/numbering.h"

/* All of them -1, GROUP_UNSEEN, `no such thing`. */
static int *numbers(struct trial *t, size_t count)
{
	int *list = arena_alloc(t->arena, (count + 1) * sizeof(*list));

	memset(list, -1, (count + 1) * sizeof(*list));
	return list;
}

/* ---- names and groups ---- */

/* A name of several connections is that of the newest one. */
static void list_names(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;
	size_t count = 0;

	for (size_t i = 0; i < tl->connection_count; i++)
		count += (size_t)tl->connections[i].name_count;
	l->newest = numbers(t, count);
	for (size_t i = 0; i < tl->connection_count; i++)
		for (int n = 0; n < tl->connections[i].name_count; n++)
			l->newest[number_give(t->arena, &l->names, tl->connections[i].names[n])] =
			    (int)i;
}

static void group_connections(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;
	int *groups = numbers(t, l->names.count); /* whose canonical name each is */

	l->group_name =
	    arena_alloc(t->arena, (GROUP_FIRST + tl->connection_count) * sizeof(*l->group_name));
	l->group_name[GROUP_NONE] = NULL;
	l->group_name[GROUP_STRANGERS] = "?";
	l->group_count = GROUP_FIRST;
	l->of_connection = numbers(t, tl->connection_count);
	for (size_t i = 0; i < tl->connection_count; i++) {
		const struct connection *c = &tl->connections[i];
		int *group = c->name_count ? &groups[number_find(&l->names, c->names[0])] : NULL;

		if (group && *group == GROUP_UNSEEN) {
			*group = (int)l->group_count;
			l->group_name[l->group_count++] = c->names[0];
		}
		l->of_connection[i] = group ? *group : GROUP_STRANGERS;
	}
}

int lookup_group(const struct trial *t, const char *name)
{
	int number = name ? number_find(&t->lookup.names, name) : -1;

	if (!name)
		return GROUP_NONE;
	return number < 0 ? GROUP_UNSEEN : t->lookup.of_connection[t->lookup.newest[number]];
}

int segment_group(const struct trial *t, const struct segment *s)
{
	return s->connection < 0 ? GROUP_NONE : t->lookup.of_connection[s->connection];
}

int event_group(const struct trial *t, const struct event *e)
{
	int name = e->descriptor && e->line >= 0 ? t->index->keys[e->line].descriptor : -1;

	return name < 0 ? lookup_group(t, e->descriptor) : t->lookup.of_name[name];
}

static void group_lines(struct trial *t)
{
	const struct run_index *index = t->index;
	struct lookup *l = &t->lookup;

	l->of_name = numbers(t, index->name_count);
	for (size_t i = 0; i < index->name_count; i++)
		l->of_name[i] = lookup_group(t, index->names[i]);
	l->of_line = numbers(t, t->run->line_count);
	for (size_t i = 0; i < t->run->line_count; i++)
		l->of_line[i] =
		    index->keys[i].name < 0 ? GROUP_NONE : l->of_name[index->keys[i].name];
}

/* ---- events ---- */

/* Whether `quiet` hears it. */
static bool is_heard(enum event_kind kind)
{
	return kind == EVENT_SENT || kind == EVENT_ARRIVED || kind == EVENT_LOST ||
	       kind == EVENT_RETURN || kind == EVENT_SIGNAL || kind == EVENT_DEATH;
}

static void list_events(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;

	l->first = numbers(t, t->run->line_count);
	l->next = numbers(t, tl->event_count);
	l->sent = numbers(t, tl->segment_count);
	l->arrived = numbers(t, tl->segment_count);
	l->disturbed = -1;
	for (size_t i = tl->event_count; i-- > 0;) {
		const struct event *e = &tl->events[i];

		if (e->line >= 0 && (size_t)e->line < t->run->line_count) {
			l->next[i] = l->first[e->line];
			l->first[e->line] = (int)i;
		}
		if (e->kind == EVENT_SENT)
			l->sent[e->segment] = (int)i;
		else if (e->kind == EVENT_ARRIVED)
			l->arrived[e->segment] = (int)i;
		else if (e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH)
			l->happened = true;
		else if (e->kind == EVENT_DISTURBED)
			l->disturbed = (int)i;
	}
}

int lookup_event(const struct trial *t, enum event_kind kind, size_t index)
{
	int e = t->lookup.first[index];

	while (e >= 0 && t->timeline->events[e].kind != kind)
		e = t->lookup.next[e];
	return e;
}

/* ---- silence ---- */

static int by_time(const void *left, const void *right)
{
	const ns_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* When anything that `quiet` hears was over, in the order of time. */
static void list_heard(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;
	bool sorted = true;

	l->heard = arena_alloc(t->arena, (tl->event_count + 1) * sizeof(*l->heard));
	for (size_t i = 0; i < tl->event_count; i++) {
		if (!is_heard(tl->events[i].kind))
			continue;
		sorted =
		    sorted && (!l->heard_count || tl->events[i].to >= l->heard[l->heard_count - 1]);
		l->heard[l->heard_count++] = tl->events[i].to;
	}
	if (!sorted)
		qsort(l->heard, l->heard_count, sizeof(*l->heard), by_time);
}

bool lookup_heard(struct trial *t, ns_t after, ns_t until)
{
	size_t low = 0, high;

	if (!t->lookup.heard)
		list_heard(t);
	high = t->lookup.heard_count;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->lookup.heard[middle] > after)
			high = middle;
		else
			low = middle + 1;
	}
	return low < t->lookup.heard_count && t->lookup.heard[low] <= until;
}

void lookup_all(struct trial *t)
{
	if (!t->index)
		t->index = t->run->index;
	t->lookup.resuming = t->index->resuming;
	t->lookup.resumed = t->index->resumed;
	list_events(t);
	list_names(t);
	group_connections(t);
	group_lines(t);
}
