/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Near misses: what was nearly what a packet line says.
 *
 * "It never came" helps little if it came with one field different, and a `...` took it, or it
 * passed as a plain ACK. So look at what the sender has sent since its last line was met, and what
 * no line has met, and take the segment that differs in the fewest fields; of two, the one whose
 * numbers are nearer. A segment with other flags is hardly what was meant, unless it carries what
 * the line says.
 *
 * Nothing here decides whether a line is met. It is asked only when one is not.
 */
#include "harness/judge/trial.h"

#include <stdlib.h>
#include <string.h>

#include "harness/timeline/notation.h"

/* A search through the segments of one sender. */
struct search {
	struct trial *t;
	size_t index;
	const struct line *line;
	bool *met; /* of each segment: a line has met it */

	/* The best so far. */
	const struct segment *best;
	struct differences best_differ;
	uint64_t best_distance;
};

static bool is_arrival(const struct search *f)
{
	return f->line->kind == LINE_ARRIVAL;
}

/* ---- how near ---- */

static uint64_t apart(const struct trial *t, const struct value *written, int64_t seen)
{
	int64_t number;

	if (!written || !value_known(t, written, &number))
		return 0;
	return number > seen ? (uint64_t)number - (uint64_t)seen
			     : (uint64_t)seen - (uint64_t)number;
}

static uint64_t bytes_apart(const struct segment_pattern *p, const struct packet *packet)
{
	uint64_t count = 0;

	if (!p->has_payload || !packet->data)
		return 0;
	for (size_t i = 0; i < p->payload_length && i < packet->length; i++)
		count += packet->data[i] != (unsigned char)p->payload[i];
	return count + (uint64_t)llabs((long long)packet->length - (long long)p->payload_length);
}

/* Of two with equally many differing fields: which has the nearer numbers and data. */
static uint64_t distance(const struct search *f, const struct segment *s)
{
	const struct segment_pattern *p = &f->line->segment;

	return apart(f->t, p->seq, s->seq) + apart(f->t, p->ack, s->ack) +
	       apart(f->t, p->length, s->packet->length) + bytes_apart(p, s->packet);
}

static bool says_data(const struct segment_pattern *p)
{
	return p->has_payload || p->seq;
}

/* Whether anybody could have meant this one: it is of the same kind, or carries the same. */
static bool is_like(const struct search *f, const struct segment *s, const struct differences *d)
{
	const struct segment_pattern *p = &f->line->segment;

	if (p->kind != SEGMENT_TCP || s->packet->flags == p->flags)
		return true;
	return d->count == 1 && says_data(p) && packet_space(s->packet) > 0;
}

/* ---- the search ---- */

static bool is_candidate(const struct search *f, const struct segment *s)
{
	enum host host = f->line->actor.id;

	if (f->met[s->id])
		return false;
	if (is_arrival(f))
		return s->to == host;
	return s->from == host && s->sent_order && !s->forged;
}

/* Whether it is of the connection that the line is about. */
static bool is_own(const struct search *f, const struct segment *s)
{
	return !f->line->connection || f->t->lookup.of_line[f->index] == segment_group(f->t, s);
}

static void look_at(struct search *f, const struct segment *s)
{
	const struct segment_pattern *p = &f->line->segment;
	struct differences d;
	uint64_t far;

	if (!segment_differences(f->t, p, s, &d))
		return;
	if (is_arrival(f) ? !s->arrived_order : fate_matches(p, s) != FATE_YES)
		differences_note(&d, "fate");
	/* A segment of another connection must be the same in all else: the tag may be wrong. */
	if (!is_own(f, s) && d.count)
		return;
	if (!is_own(f, s))
		differences_note(&d, "connection");
	if (!is_like(f, s, &d))
		return;
	far = distance(f, s);
	if (f->best && (d.count > f->best_differ.count ||
			(d.count == f->best_differ.count && far >= f->best_distance)))
		return;
	f->best = s;
	f->best_differ = d;
	f->best_distance = far;
}

/* What other lines have met; for the line's own sender also what came before the last of those. */
static void find_met(struct search *f)
{
	const struct timeline *tl = f->t->timeline;
	int last = 0;

	f->met = arena_alloc(f->t->arena, tl->segment_count + 1);
	for (size_t i = 0; i < f->t->run->line_count; i++) {
		const struct line_judgement *j = &f->t->out->lines[i];
		const struct line *line = &f->t->run->lines[i];

		if (j->fate != LINE_MET || j->segment < 0 || line->kind != f->line->kind)
			continue;
		f->met[j->segment] = true;
		if (i < f->index && line->kind == LINE_SENT &&
		    f->t->lookup.of_line[i] == f->t->lookup.of_line[f->index] &&
		    line->actor.id == f->line->actor.id &&
		    tl->segments[j->segment].sent_order > last)
			last = tl->segments[j->segment].sent_order;
	}
	for (size_t k = 0; k < tl->segment_count; k++)
		f->met[k] = f->met[k] || (!is_arrival(f) && tl->segments[k].sent_order <= last);
}

static bool open_search(struct search *f, struct trial *t, size_t index)
{
	*f = (struct search){
	    .t = t,
	    .index = index,
	    .line = &t->run->lines[index],
	};
	return f->line->kind == LINE_SENT || f->line->kind == LINE_ARRIVAL;
}

/* ---- data lines ---- */

/* Which numbers are new data, as the segments go by. */
struct progress {
	int connection;
	int64_t next;
};

static bool is_new(struct progress *p, const struct segment *s)
{
	int64_t end = s->seq + packet_space(s->packet);
	bool new;

	if (s->connection != p->connection)
		*p = (struct progress){.connection = s->connection};
	new = s->seq >= p->next;
	if (end > p->next)
		p->next = end;
	return new;
}

/* `data (n)` is about new data: how much of them came, and whether old ones came again. */
static bool find_data(struct search *f, struct near *n)
{
	const struct timeline *tl = f->t->timeline;
	struct progress progress = {.connection = -1};
	const struct segment *again = NULL;
	const struct segment *last = NULL;
	int64_t got = 0;

	for (size_t k = 0; k < tl->segment_count; k++) {
		const struct segment *s = &tl->segments[k];
		bool of_sender = s->from == f->line->actor.id && !s->forged &&
				 segment_group(f->t, s) == f->t->lookup.of_line[f->index];
		bool new;

		if (!of_sender || s->packet->kind != PACKET_TCP)
			continue;
		new = is_new(&progress, s);
		if (!is_candidate(f, s) || !s->packet->length)
			continue;
		if (!new)
			again = s;
		else
			last = s;
		got += new ? s->packet->length : 0;
	}
	if (!again && !last)
		return false;
	n->event = f->t->lookup.sent[(again ? again : last)->id];
	n->text = event_text(f->t->arena, tl, &tl->events[n->event]);
	n->differ =
	    again ? RETRANSMITTED : arena_printf(f->t->arena, "%lld bytes in all", (long long)got);
	return true;
}

/* ---- what others ask for ---- */

bool near_find(struct trial *t, size_t index, struct near *n)
{
	const struct timeline *tl = t->timeline;
	struct search f;

	if (!open_search(&f, t, index))
		return false;
	find_met(&f);
	if (f.line->segment.kind == SEGMENT_DATA)
		return find_data(&f, n);
	for (size_t k = 0; k < tl->segment_count; k++)
		if (is_candidate(&f, &tl->segments[k]))
			look_at(&f, &tl->segments[k]);
	if (!f.best)
		return false;
	n->event = is_arrival(&f) && f.best->arrived_order ? t->lookup.arrived[f.best->id]
							   : t->lookup.sent[f.best->id];
	n->text = event_text(t->arena, tl, &tl->events[n->event]);
	n->differ = f.best_differ.count ? differences_text(t->arena, &f.best_differ) : NULL;
	if (n->differ && !is_arrival(&f) && fate_matches(&f.line->segment, f.best) == FATE_NO)
		n->differ =
		    arena_printf(t->arena, "%s: %s", n->differ, fate_text(t->arena, f.best));
	return true;
}

const char *near_arrival(struct trial *t, size_t index, const struct segment *s)
{
	const struct line *line = &t->run->lines[index];
	const char *whose = segment_connection(t->timeline, s);
	struct differences d;

	if (line->connection && t->lookup.of_line[index] != segment_group(t, s) &&
	    !(whose && both_datagrams(t, line, whose)))
		return NULL;
	if (!segment_differences(t, &line->segment, s, &d))
		return NULL;
	if (s->to != line->actor.id)
		differences_note(&d, "host");
	return d.count == 1 ? differences_text(t->arena, &d) : NULL;
}
