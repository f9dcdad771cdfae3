/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs to what: found once at the beginning of each judgement, by one pass over events and
 * one over connections, so that none of the judge's parts has to search. What lines alone tell is
 * found once for the whole run (script/index.c). A flood has a thousand lines and connections, and
 * is judged again after each of them.
 *
 * Connections are gathered into groups: all connections with the same first descriptor, in any
 * incarnation, are one group, and a line about any of their names is about that group.
 */
#include "harness/judge/trial.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/numbering.h"
#include "harness/script/script.h"

/* All of them -1, GROUP_UNSEEN, `no such thing`. */
static int *numbers(struct trial *t, size_t count)
{
	int *list = arena_alloc(t->lasting, (count + 1) * sizeof(*list));

	memset(list, -1, (count + 1) * sizeof(*list));
	return list;
}

/* ---- names and groups ---- */

/* When the first of what was seen of the connection was sent. */
static ns_t began(const struct timeline *tl, size_t connection)
{
	for (size_t i = 0; i < tl->segment_count; i++)
		if (tl->segments[i].connection == (int)connection)
			return tl->segments[i].sent;
	return INT64_MAX;
}

/*
 * The n-th name of a connection, for lines. A program's descriptors are known by their numbers;
 * those that no line has named go by one name, unless the script is a failure: there any line may
 * be about any of them (packets.c).
 */
static const char *name_of(const struct trial *t, size_t connection, int n)
{
	const char *name = t->timeline->connections[connection].names[n], *given;

	if (!is_descriptor_number(name))
		return name;
	given =
	    t->lookup.given_count ? observed_name(t, name, began(t->timeline, connection)) : NULL;
	if (given)
		return given;
	return t->run->failure ? name : PROGRAM_CONNECTIONS;
}

/* The name under which all names of a connection go. */
static const char *first_name(const struct trial *t, size_t connection)
{
	const struct connection *c = &t->timeline->connections[connection];

	for (int n = 0; n < c->name_count; n++)
		if (!is_descriptor_number(name_of(t, connection, n)))
			return name_of(t, connection, n);
	return name_of(t, connection, 0);
}

/* If several connections have a name, it means the newest one. */
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
			l->newest[number_give(t->lasting, &l->names, name_of(t, i, n))] = (int)i;
}

/* Between two programs. */
static bool is_all_numbers(const struct connection *c)
{
	for (int n = 0; n < c->name_count; n++)
		if (!is_descriptor_number(c->names[n]))
			return false;
	return true;
}

bool is_of_program(const struct connection *c)
{
	for (int n = 0; n < c->name_count; n++)
		if (is_descriptor_number(c->names[n]))
			return true;
	return false;
}

/* In a failure: beside its own group, each connection of a program belongs to one more. */
static void add_program_group(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;

	l->program_group = -1;
	for (size_t i = 0; t->run->failure && i < tl->connection_count; i++) {
		if (!is_of_program(&tl->connections[i]))
			continue;
		l->program_group = (int)l->group_count;
		l->group_name[l->group_count++] = PROGRAM_CONNECTIONS;
		return;
	}
}

static void group_connections(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;
	int *groups = numbers(t, l->names.count); /* whose canonical name each is */

	l->group_name = arena_alloc(t->lasting, (GROUP_FIRST + tl->connection_count + 1) *
						    sizeof(*l->group_name));
	l->group_name[GROUP_NONE] = NULL;
	l->group_name[GROUP_STRANGERS] = "?";
	l->group_count = GROUP_FIRST;
	l->of_connection = numbers(t, tl->connection_count);
	for (size_t i = 0; i < tl->connection_count; i++) {
		const struct connection *c = &tl->connections[i];
		const char *first = c->name_count ? first_name(t, i) : NULL;
		int *group = first ? &groups[number_find(&l->names, first)] : NULL;

		if (group && *group == GROUP_UNSEEN) {
			*group = (int)l->group_count;
			l->group_name[l->group_count++] = first;
		}
		l->of_connection[i] = group ? *group : GROUP_STRANGERS;
	}
	add_program_group(t);
}

/* The group of the newest connection that has the name, GROUP_NONE for NULL. */
static int lookup_group(const struct trial *t, const char *name)
{
	int number = name ? number_find(&t->lookup.names, name) : -1;

	if (!name)
		return GROUP_NONE;
	if (t->run->failure && !strcmp(name, PROGRAM_CONNECTIONS))
		return t->lookup.program_group;
	return number < 0 ? GROUP_UNSEEN : t->lookup.of_connection[t->lookup.newest[number]];
}

int segment_group(const struct trial *t, const struct segment *s)
{
	return s->connection < 0 ? GROUP_NONE : t->lookup.of_connection[s->connection];
}

/* Both ends may have programs, whose descriptors have the same numbers. */
static int program_group(const struct trial *t, const struct event *e)
{
	const struct timeline *tl = t->timeline;

	for (size_t i = tl->connection_count; e->descriptor && i-- > 0;) {
		const struct connection *c = &tl->connections[i];
		int found = 0;

		for (int n = 0; n < c->name_count; n++)
			found += !strcmp(c->names[n], e->descriptor);
		if (found)
			return is_of_program(c) && c->name_count > 1 && is_all_numbers(c)
				   ? GROUP_UNSEEN
				   : t->lookup.of_connection[i];
	}
	return GROUP_UNSEEN;
}

int event_group(const struct trial *t, const struct event *e)
{
	if (e->program)
		return program_group(t, e);

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
	promised_open(t);
	l->of_line = numbers(t, t->run->line_count);
	for (size_t i = 0; i < t->run->line_count; i++)
		l->of_line[i] =
		    index->keys[i].name < 0 ? GROUP_NONE : l->of_name[index->keys[i].name];
}

/* ---- events ---- */

bool event_is_heard(const struct event *e)
{
	return e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED || e->kind == EVENT_LOST ||
	       e->kind == EVENT_RETURN || e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH;
}

static void make_room(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	struct lookup *l = &t->lookup;

	if (tl->event_count > t->room_events) {
		t->room_events = tl->event_count * (t->undo ? 2 : 1);
		l->next = more_room(t, l->next, t->settled.events, t->room_events, sizeof(int));
	}
	if (tl->segment_count > t->room_segments) {
		t->room_segments = tl->segment_count * (t->undo ? 2 : 1);
		l->sent = more_room(t, l->sent, t->settled.segments, t->room_segments, sizeof(int));
		l->arrived =
		    more_room(t, l->arrived, t->settled.segments, t->room_segments, sizeof(int));
		t->arrival_written = more_room(t, t->arrival_written, t->settled.segments,
					       t->room_segments, sizeof(bool));
		t->taken =
		    more_room(t, t->taken, t->settled.segments, t->room_segments, sizeof(bool));
	}
	for (size_t i = t->settled.segments; i < tl->segment_count; i++) {
		const struct segment *s = &tl->segments[i];

		/* It may come back at any time, and any line above may be about it. */
		t->doubtful = t->doubtful || (t->undo && (s->held || s->delayed || s->due));
		l->sent[i] = l->arrived[i] = -1;
		t->arrival_written[i] = t->taken[i] = false;
	}
}

/* Whether it alters what is settled, which then must be judged again. */
static bool comes_late(const struct trial *t, const struct event *e)
{
	return (e->line >= 0 && (size_t)e->line < t->settled.lines) ||
	       (e->segment >= 0 && (size_t)e->segment < t->settled.segments) ||
	       (event_is_heard(e) && e->to <= t->settled.quiet);
}

static void list_event(struct trial *t, size_t i)
{
	const struct event *e = &t->timeline->events[i];
	struct lookup *l = &t->lookup;

	l->next[i] = -1;
	if (e->line >= 0 && (size_t)e->line < t->run->line_count) {
		will_alter(t, &l->first[e->line], sizeof(*l->first));
		l->next[i] = l->first[e->line];
		l->first[e->line] = (int)i;
	}
	if (e->kind == EVENT_SENT)
		l->sent[e->segment] = (int)i;
	else if (e->kind == EVENT_ARRIVED)
		l->arrived[e->segment] = (int)i;
	else if (e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH)
		l->happened = true;
	else if (e->program)
		l->has_program = true;
	else if (e->kind == EVENT_DISTURBED && (l->disturbed < 0 || l->disturbed > (int)i))
		l->disturbed = (int)i;
}

void lookup_events(struct trial *t)
{
	t->lookup.heard = NULL;
	t->lookup.heard_count = 0;
	make_room(t);
	for (size_t i = t->timeline->event_count; i-- > t->settled.events;) {
		t->out->steps++;
		if (comes_late(t, &t->timeline->events[i])) {
			t->doubtful = true;
			return;
		}
		list_event(t, i);
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

	l->heard =
	    arena_alloc(t->arena, (tl->event_count - t->settled.events + 1) * sizeof(*l->heard));
	for (size_t i = t->settled.events; i < tl->event_count; i++) {
		t->out->steps++;
		if (!event_is_heard(&tl->events[i]))
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

	t->doubtful = t->doubtful || t->settled.heard > after;
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

void lookup_open(struct trial *t)
{
	t->lookup.resuming = t->index->resuming;
	t->lookup.resumed = t->index->resumed;
	t->lookup.first = numbers(t, t->run->line_count);
	t->lookup.disturbed = -1;
	observed_open(t);
	list_names(t);
	group_connections(t);
	group_lines(t);
}

void lookup_all(struct trial *t)
{
	t->index = t->run->index;
	t->lasting = t->rooms = t->arena;
	lookup_open(t);
	lookup_events(t);
}
