/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a segment that is sent after a silence was sent by a timer, and its numbers
 * say by which one. They are compared with what this end had sent before. A loss probe sends the
 * newest data once more, and so does a retransmission timer, so after one such segment both are
 * possible; the next one of the same data can only be that of the retransmission timer.
 */
#include "harness/ladder/ladder.h"

struct before {
	bool sent;	   /* anything at all */
	int64_t next, ack; /* the highest numbers that it had used */
	int times;	   /* how often it had sent what this segment begins with */
	bool shut;	   /* the other end's last window was zero */
};

/* How much of the sequence it uses. */
static int64_t length_of(const struct segment *s)
{
	return (int64_t)s->packet->length + !!(s->packet->flags & FLAG_SYN) +
	       !!(s->packet->flags & FLAG_FIN);
}

static void add(struct before *b, const struct segment *s, const struct segment *other)
{
	int64_t end = other->seq + length_of(other);

	if (other->end != s->end) {
		b->shut = other->window == 0;
		return;
	}
	b->next = !b->sent || end > b->next ? end : b->next;
	b->ack = !b->sent || other->ack > b->ack ? other->ack : b->ack;
	b->times += other->seq <= s->seq && end > s->seq;
	b->sent = true;
}

static struct before what_was_before(const struct timeline *t, const struct segment *s)
{
	struct before b = {0};

	for (int i = 0; i < s->id; i++) {
		const struct segment *other = &t->segments[i];

		if (other->connection == s->connection && other->packet->kind == PACKET_TCP &&
		    !(other->packet->flags & FLAG_RST))
			add(&b, s, other);
	}
	return b;
}

const char *segment_timer(const struct timeline *t, const struct segment *s)
{
	struct before b;
	int64_t length;

	if (s->connection < 0 || s->packet->kind != PACKET_TCP || s->forged ||
	    (s->packet->flags & FLAG_RST))
		return NULL;
	b = what_was_before(t, s);
	length = length_of(s);
	if (!b.sent)
		return NULL;
	if (length && b.times)
		return b.times > 1 || (s->packet->flags & FLAG_SYN) ? "RTO" : "RTO or loss probe";
	if (!length && s->seq < b.next)
		return b.shut ? "window probe" : "keepalive";
	if (!length && s->ack > b.ack && !s->packet->options.sack_count)
		return "delayed ACK";
	return NULL;
}
