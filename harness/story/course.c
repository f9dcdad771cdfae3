/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a segment is in the course of its connection, as its sender knew it: which numbers it had
 * used, which were acknowledged, which window the other end had last shown. Only what follows from
 * the packets, or from a counter, is told: no timer is guessed.
 *
 * Wireshark sees the packets of one link and nothing else, so it calls some of them by other names.
 * Those are in the table of docs/traces.md; here is told which packets they are.
 */
#include <string.h>

#include "harness/story/story_parts.h"

/* What one end of a connection has sent and what has arrived there. */
struct end {
	bool began, heard;
	int64_t next;	/* one past the highest number that it has used */
	int64_t acked;	/* the highest acknowledgement that has arrived */
	int64_t window; /* the last one that has arrived */
	bool has_window;
	bool is_seen;	  /* something of it has arrived, .. */
	int64_t seen;	  /* .. up to this number */
	bool in_recovery; /* something was sent again since data were acknowledged last */
	struct sent {
		int64_t from, to;
		int segment;
	} * sent; /* what takes numbers, in order */
	size_t sent_count;
};

/* Segments that may be loss probes, since the counter was read last. */
struct suspects {
	int *segments;
	size_t count;
};

struct course {
	struct telling *s;
	struct end (*ends)[2]; /* of each connection */
	struct suspects suspects[LAB_HOSTS];
	bool *is_probe; /* of each segment: Wireshark's Keep-Alive */
	bool *is_again; /* .. it was sent again */
	int *newest;	/* of each connection: its newest segment; -1: none */
};

static void tell(struct course *c, const struct segment *s, enum note_kind kind, const char *text)
{
	const struct note note = {kind, NONE, NONE, text};

	story_note(c->s, c->s->met[s->id].out, note);
	if (c->s->met[s->id].in == NONE ||
	    (c->s->met[s->id].out != NONE && c->s->t->events[c->s->met[s->id].out].frame ==
						 c->s->t->events[c->s->met[s->id].in].frame))
		return;
	story_note(c->s, c->s->met[s->id].in, note);
}

#define ONLY_ACK(flags) (((flags) & ~FLAG_PSH) == FLAG_ACK)

/* ---- sent again ---- */

/* The first one that had any of these numbers; NULL: none. */
static const struct sent *first_with(const struct end *end, int64_t from, int64_t to)
{
	for (size_t i = 0; i < end->sent_count; i++)
		if (end->sent[i].from < to && from < end->sent[i].to)
			return &end->sent[i];
	return NULL;
}

static void tell_again(struct course *c, const struct segment *s, struct end *end, int64_t to)
{
	const struct sent *first = first_with(end, s->seq, to);
	const struct timeline *t = c->s->t;
	int frame = first ? t->events[c->s->met[first->segment].out].frame : 0;

	if (!frame)
		tell(c, s, NOTE_COURSE, "sent again");
	else if (first->from == s->seq && first->to == to)
		tell(c, s, NOTE_COURSE,
		     arena_printf(c->s->a, "sent again: first in frame %d of trace.pcapng", frame));
	else
		tell(c, s, NOTE_COURSE,
		     arena_printf(c->s->a,
				  "sent again, cut in another way: see frame %d of trace.pcapng",
				  frame));
}

/* On a link that has carried this byte as the last one, its repetition looks like a probe. */
static void tell_last_byte(struct course *c, const struct segment *s, int event, int64_t next)
{
	if (c->is_again[s->id] && ONLY_ACK(s->packet->flags) && s->packet->length == 1 &&
	    s->seq == next - 1)
		story_note(c->s, event,
			   (struct note){NOTE_LABEL, NONE, NONE,
					 "Wireshark calls this Keep-Alive: it is one byte, sent "
					 "again"});
}

/* ---- probes ---- */

/*
 * An empty segment that begins one before the next number, all of which is acknowledged: Linux asks
 * in this way whether the window is still shut, and whether the other end still exists.
 */
static bool is_probe(const struct segment *s, const struct end *end)
{
	return ONLY_ACK(s->packet->flags) && s->packet->length == 0 && end->heard &&
	       s->seq == end->acked - 1 && end->acked == end->next;
}

static void tell_probe(struct course *c, const struct segment *s, const struct end *end)
{
	c->is_probe[s->id] = true;
	if (end->has_window && end->window == 0) {
		tell(c, s, NOTE_COURSE, "window probe: is the window still shut?");
		tell(c, s, NOTE_LABEL, "Wireshark calls this Keep-Alive: it is a window probe");
	} else {
		tell(c, s, NOTE_COURSE, "keepalive probe: is the other end still there?");
	}
}

static bool is_answer(const struct course *c, const struct segment *s, const struct end *end)
{
	const struct segment *newest =
	    c->newest[s->connection] == NONE ? NULL : &c->s->t->segments[c->newest[s->connection]];

	return newest && newest->end != s->end && c->is_probe[newest->id] &&
	       ONLY_ACK(s->packet->flags) && s->packet->length == 0 && end->began &&
	       s->seq == end->next;
}

/* ---- the beginning of a connection ---- */

static bool same_ends(const struct connection *a, const struct connection *b)
{
	for (int flip = 0; flip < 2; flip++)
		if (a->end[0].port == b->end[flip].port && a->end[1].port == b->end[!flip].port &&
		    ip_equal(&a->end[0].ip, &b->end[flip].ip) &&
		    ip_equal(&a->end[1].ip, &b->end[!flip].ip))
			return true;
	return false;
}

static bool is_reused(const struct course *c, const struct segment *s)
{
	const struct connection *all = c->s->t->connections;

	for (int i = 0; i < s->connection; i++)
		if (all[i].kind == PACKET_TCP && same_ends(&all[i], &all[s->connection]))
			return true;
	return false;
}

static void tell_begin(struct course *c, const struct segment *s)
{
	const struct packet *p = s->packet;
	const struct connection *connection = &c->s->t->connections[s->connection];

	if ((p->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN && is_reused(c, s))
		tell(c, s, NOTE_LABEL,
		     "a new connection with the ports of an earlier one: Wireshark calls this Port "
		     "numbers reused");
	if ((p->flags & FLAG_RST) && !connection->end[s->end].has_isn && p->seq == 0)
		tell(c, s, NOTE_LABEL,
		     "its number on the wire is 0, because its sender has begun no connection: "
		     "Wireshark may show Seq=1");
}

/* ---- a segment is sent, and arrives ---- */

static void suspect(struct course *c, const struct segment *s, const struct end *end, int64_t to)
{
	struct suspects *of = s->from < LAB_HOSTS ? &c->suspects[s->from] : NULL;

	if (of && s->packet->length && to == end->next && !end->in_recovery)
		*arena_push(c->s->a, of->segments, of->count) = s->id;
}

static void sent(struct course *c, const struct segment *s)
{
	struct end *end = &c->ends[s->connection][s->end];
	int64_t to = s->seq + packet_space(s->packet);

	if (!end->began)
		tell_begin(c, s);
	if (s->packet->flags & FLAG_RST)
		return;
	if (is_answer(c, s, end))
		tell(c, s, NOTE_COURSE, "the answer to the probe");
	else if (end->began && is_probe(s, end))
		tell_probe(c, s, end);
	if (end->began && to > s->seq && s->seq < end->next) {
		c->is_again[s->id] = true;
		tell_again(c, s, end, to);
		tell_last_byte(c, s, c->s->met[s->id].out, end->next);
		suspect(c, s, end, to);
		end->in_recovery = true;
	}
	if (to > s->seq)
		*arena_push(c->s->a, end->sent, end->sent_count) = (struct sent){s->seq, to, s->id};
	if (!end->began || to > end->next)
		end->next = to;
	end->began = true;
}

/* Something that was sent later, perhaps its own repetition, has arrived before it. */
static void tell_overtaken(struct course *c, const struct segment *s, int event)
{
	struct end *end = &c->ends[s->connection][s->end];
	int64_t to = s->seq + packet_space(s->packet);

	if (to == s->seq || s->packet->flags & FLAG_RST)
		return;
	if (end->is_seen && s->seq < end->seen && !c->is_again[s->id] &&
	    event == c->s->met[s->id].in)
		story_note(c->s, event,
			   (struct note){NOTE_LABEL, NONE, NONE,
					 "late: overtaken by what was sent after it. Wireshark may "
					 "call this Retransmission or Out-Of-Order"});
	if (end->is_seen)
		tell_last_byte(c, s, event, end->seen);
	if (!end->is_seen || to > end->seen)
		end->seen = to;
	end->is_seen = true;
}

/* What it says about the other direction. */
static void arrived(struct course *c, const struct segment *s, int event)
{
	struct end *other = &c->ends[s->connection][!s->end];

	if (!s->forged)
		tell_overtaken(c, s, event);
	if (!(s->packet->flags & FLAG_ACK) || (s->packet->flags & FLAG_RST))
		return;
	if (!other->heard || s->ack > other->acked) {
		other->acked = s->ack;
		other->in_recovery = false;
	}
	other->heard = true;
	other->window = s->window;
	other->has_window = true;
}

/* ---- loss probes ---- */

/*
 * A loss probe looks like a retransmission after a timeout. The counter tells how many there were;
 * it tells which ones only if nothing else can be meant.
 */
static void read_counters(struct course *c, const struct event *e)
{
	for (size_t i = 0; i < e->counter_count; i++) {
		struct suspects *of = &c->suspects[e->host];

		if (strcmp(e->counters[i].name, "TcpExtTCPLossProbes") != 0)
			continue;
		for (size_t k = 0; e->counters[i].delta == (int64_t)of->count && k < of->count; k++)
			tell(c, &c->s->t->segments[of->segments[k]], NOTE_LABEL,
			     "loss probe, not a timeout: TcpExtTCPLossProbes has counted it; "
			     "Wireshark calls this Retransmission");
		of->count = 0;
	}
}

void story_course(struct telling *s)
{
	const struct timeline *t = s->t;
	struct course c = {
	    .s = s,
	    .ends = arena_alloc(s->a, (t->connection_count + 1) * sizeof(*c.ends)),
	    .is_probe = arena_alloc(s->a, (t->segment_count + 1) * sizeof(*c.is_probe)),
	    .is_again = arena_alloc(s->a, (t->segment_count + 1) * sizeof(*c.is_again)),
	    .newest = arena_alloc(s->a, (t->connection_count + 1) * sizeof(*c.newest)),
	};

	memset(c.newest, 0xff, (t->connection_count + 1) * sizeof(*c.newest)); /* NONE */
	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		const struct segment *segment = e->segment < 0 ? NULL : &t->segments[e->segment];

		if (e->kind == EVENT_READING && e->host >= 0 && e->host < LAB_HOSTS)
			read_counters(&c, e);
		if (!segment || segment->connection < 0 || segment->packet->kind != PACKET_TCP)
			continue;
		if (e->kind == EVENT_SENT && !segment->forged) {
			sent(&c, segment);
			c.newest[segment->connection] = segment->id;
		} else if (e->kind == EVENT_ARRIVED) {
			arrived(&c, segment, (int)i);
		}
	}
}
