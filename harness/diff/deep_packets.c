/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every packet: which packets of the two runs belong together (streams.c), in which fields they
 * differ (packet_fields.c), and when each was sent. A time counts from the last event that happened
 * on both kernels: a packet of the same connection, or an action of the script.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/diff/sequence.h"
#include "harness/diff/streams.h"

/* ---- places ---- */

/* The line of a packet: the one that it met, or the last one that began before it. */
static int line_of(const struct half *half, const json_t *packet)
{
	const json_t *event, *segments = json_at(half->run, "segments");
	int line = -1, best = -1;
	size_t i, index = 0;

	json_array_foreach(segments, i, event)
		if (event == packet)
			index = i;
	json_array_foreach(json_at(half->run, "lines"), i, event)
		if (json_at(event, "segment") && (size_t)json_number(event, "segment") == index)
			return (int)i;
	json_array_foreach(json_at(half->run, "events"), i, event) {
		if (!json_at(event, "line") ||
		    json_number(event, "from") > json_number(packet, "sent"))
			continue;
		line = (int)json_number(event, "line");
		best = line > best ? line : best;
	}
	return best;
}

static const char *what_of(struct pair *p, const json_t *packet, const char *field)
{
	return arena_printf(p->arena, "packet %s> %s: %s", json_text(packet, "from"),
			    packet_sort(p->arena, packet), field);
}

static struct spot packet_place(struct pair *p, const struct half *half, const json_t *packet)
{
	return lines_place(p->arena, &half->lines, line_of(half, packet));
}

static void differs(struct pair *p, const json_t *packet, const struct field *field,
		    const json_t *old, const json_t *new)
{
	differ(p, what_of(p, packet, field->name), field, old, new,
	       packet_place(p, &p->old, packet));
}

static void unpaired(struct pair *p, const struct half *half, const json_t *packet)
{
	bool more = half == &p->new;

	kinds_add(p->kinds,
		  arena_printf(p->arena, "packet %s> %s: one %s", json_text(packet, "from"),
			       packet_sort(p->arena, packet), more ? "more" : "less"),
		  NULL, NULL, packet_place(p, half, packet));
}

/* ---- times ---- */

/* An event that happened on both kernels, and its times. */
struct mark {
	ns_t old, new;
	const json_t *packet; /* or an event that the script made */
	const struct stream *stream;
};

struct marks {
	struct mark *list;
	size_t count;
};

static int by_old(const void *left, const void *right)
{
	const struct mark *a = left, *b = right;

	if (a->old != b->old)
		return a->old < b->old ? -1 : 1;
	return (a->packet != NULL) - (b->packet != NULL);
}

static void mark(struct pair *p, struct marks *marks, const json_t *old, const json_t *new)
{
	if (old && new)
		*arena_push(p->arena, marks->list, marks->count) =
		    (struct mark){json_number(old, "from"), json_number(new, "from"), NULL, NULL};
}

/* The script's actions. */
static void mark_actions(struct pair *p, struct marks *marks)
{
	for (size_t i = 0; i < p->old.lines.count; i++) {
		int line = p->lines[i];

		if (line == UNPAIRED)
			continue;
		mark(p, marks, p->old.calls[i], p->new.calls[line]);
		mark(p, marks, p->old.actions[i], p->new.actions[line]);
	}
}

/*
 * From mark to mark: the time since the newest earlier one of the same connection, or of the
 * script, on both kernels.
 */
static void compare_times(struct pair *p, struct marks *marks)
{
	static const struct field gap = {"sent after", NULL, TIMER, 1, false};

	if (marks->count)
		qsort(marks->list, marks->count, sizeof(*marks->list), by_old);
	for (size_t i = 0; i < marks->count; i++) {
		const struct mark *m = &marks->list[i], *since = NULL;
		struct latitude latitude;
		json_t *old, *new;

		for (size_t j = i; m->packet && j-- > 0 && !since;) {
			const struct mark *before = &marks->list[j];

			if (before->new <= m->new &&
			    (!before->packet || !strcmp(before->stream->role, m->stream->role)))
				since = before;
		}
		if (!since)
			continue;
		latitude = latitude_of(p, m->stream->role);
		old = json_integer(m->old - since->old);
		new = json_integer(m->new - since->new);
		if (!values_same(&gap, old, new, &latitude))
			differs(p, m->packet, &gap, old, new);
		json_decref(old);
		json_decref(new);
	}
}

/* ---- all of them ---- */

static void compare_streams(struct pair *p, const struct stream *old, const struct stream *new,
			    struct marks *marks)
{
	int *pairs = streams_pair(p->arena, old, new);
	bool *taken = arena_alloc(p->arena, new->count + 1);

	for (size_t i = 0; i < old->count; i++) {
		if (pairs[i] == UNPAIRED) {
			unpaired(p, &p->old, old->packets[i]);
			continue;
		}
		taken[pairs[i]] = true;
		packet_compare(p, old, i, new, (size_t)pairs[i], differs);
		if (old->role)
			*arena_push(p->arena, marks->list, marks->count) = (struct mark){
			    json_number(old->packets[i], "sent"),
			    json_number(new->packets[pairs[i]], "sent"), old->packets[i], old};
	}
	for (size_t i = 0; i < new->count; i++)
		if (!taken[i])
			unpaired(p, &p->new, new->packets[i]);
}

void compare_packets(struct pair *p)
{
	struct streams old = streams_read(p->arena, &p->old);
	struct streams new = streams_read(p->arena, &p->new);
	const struct stream nothing = {.key = ""};
	struct marks marks = {0};

	mark_actions(p, &marks);
	for (size_t i = 0; i < old.count; i++) {
		const struct stream *other = streams_find(&new, old.list[i].key);

		compare_streams(p, &old.list[i], other ? other : &nothing, &marks);
	}
	for (size_t i = 0; i < new.count; i++)
		if (!streams_find(&old, new.list[i].key))
			compare_streams(p, &nothing, &new.list[i], &marks);
	compare_times(p, &marks);
}
