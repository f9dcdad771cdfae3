/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet says several things at once. Each is a clause, and a function; a clause about numbers
 * counts only if the packet says something new by them. What it is in the course of its connection,
 * and what becomes of it, is the story's.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/explain/explain.h"
#include "harness/packet/ip_fields.h"

/* The newest segment of the same end before it; NULL: it is the first one. */
static const struct segment *one_before(const struct timeline *t, const struct segment *s)
{
	for (int i = s->id - 1; i >= 0; i--) {
		const struct segment *other = &t->segments[i];

		if (other->connection == s->connection && other->end == s->end &&
		    other->packet->kind == PACKET_TCP)
			return other;
	}
	return NULL;
}

/* A reset that is all that this end has to say to a SYN. */
static bool is_refusal(const struct timeline *t, const struct segment *s)
{
	if (s->connection < 0 || one_before(t, s))
		return false;
	for (int i = 0; i < s->id; i++)
		if (t->segments[i].connection == s->connection &&
		    t->segments[i].packet->kind == PACKET_TCP)
			return t->segments[i].packet->flags & FLAG_SYN;
	return false;
}

/* ---- clauses ---- */

typedef const char *clause(struct arena *a, const struct timeline *t, const struct segment *s);

static const char *reset(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	if (!(s->packet->flags & FLAG_RST))
		return NULL;
	return is_refusal(t, s) ? "RST: it refuses the connection"
				: "RST: the connection is over, at once";
}

static const char *synchronize(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	(void)t;
	if (!(s->packet->flags & FLAG_SYN) || (s->packet->flags & FLAG_RST))
		return NULL;
	return s->packet->flags & FLAG_ACK ? "SYN and ACK: it accepts the connection"
					   : "SYN: it asks for a connection";
}

static const char *carry(struct arena *a, const struct timeline *t, const struct segment *s)
{
	uint32_t length = s->packet->length;

	(void)t;
	if (!length)
		return NULL;
	if (length == 1)
		return arena_printf(a, "one byte of data, number %" PRId64, s->seq);
	return arena_printf(a, "%" PRIu32 " bytes of data, numbers %" PRId64 " to %" PRId64, length,
			    s->seq, s->seq + length - 1);
}

static const char *finish(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	(void)t;
	return s->packet->flags & FLAG_FIN ? "FIN: it has no more to send" : NULL;
}

#define ALWAYS_ACKS (FLAG_SYN | FLAG_RST)

static const char *acknowledge(struct arena *a, const struct timeline *t, const struct segment *s)
{
	const struct segment *before = one_before(t, s);
	bool is_plain = !s->packet->length && !(s->packet->flags & (FLAG_FIN | ALWAYS_ACKS));

	if (!(s->packet->flags & FLAG_ACK) || (s->packet->flags & ALWAYS_ACKS))
		return NULL;
	if (!is_plain && before && before->ack >= s->ack)
		return NULL;
	if (before && before->ack == s->ack && !(before->packet->flags & FLAG_SYN))
		return arena_printf(a, "ACK, once more: it waits for number %" PRId64, s->ack);
	return arena_printf(a, "ACK: it has got everything before number %" PRId64, s->ack);
}

static const char *keep(struct arena *a, const struct timeline *t, const struct segment *s)
{
	const char *text = NULL;

	(void)t;
	for (int i = 0; i < s->packet->options.sack_count; i++)
		text = arena_printf(a, "%s %" PRId64 " to %" PRId64,
				    text ? arena_printf(a, "%s and", text)
					 : "SACK: it also has numbers",
				    s->sack[i][0], s->sack[i][1] - 1);
	return text;
}

static const char *shut(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	(void)t;
	if (s->window || (s->packet->flags & FLAG_RST))
		return NULL;
	return "its window is shut: no data may be sent to it";
}

static const char *mark(struct arena *a, const struct timeline *t, const struct segment *s)
{
	uint16_t flags = s->packet->flags;

	(void)a;
	(void)t;
	if (flags & FLAG_SYN)
		return flags & FLAG_ECE ? "it understands ECN" : NULL;
	if (flags & FLAG_ECE)
		return "ECE: a packet to it was marked, because a queue was long";
	return flags & FLAG_CWR ? "CWR: it sends more slowly now" : NULL;
}

static const char *congestion(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	(void)t;
	return ip_field_get(s->packet, HEADER_ECN) == ECN_BITS
		   ? "CE: a router has marked it, because its queue was long"
		   : NULL;
}

static const char *urge(struct arena *a, const struct timeline *t, const struct segment *s)
{
	(void)a;
	(void)t;
	return s->packet->flags & FLAG_URG ? "URG: some of its data are urgent" : NULL;
}

static clause *const clauses[] = {synchronize, reset, carry,	  finish, acknowledge, keep,
				  shut,	       mark,  congestion, urge,	  NULL};

static const char *segment_words(struct arena *a, const struct timeline *t, const struct segment *s)
{
	const char *words = "";

	for (size_t i = 0; clauses[i]; i++) {
		const char *text = clauses[i](a, t, s);

		if (text)
			words = arena_printf(a, "%s%s%s", words, *words ? "; " : "", text);
	}
	return words;
}

/* ---- what is not TCP ---- */

static const char *icmp_words(struct arena *a, const struct packet *p)
{
	char *word = arena_strdup(a, p->icmp_word ? p->icmp_word : "something else");

	for (char *at = word; (at = strchr(at, '-'));)
		*at = ' ';
	return arena_printf(a, "a message of ICMP: %s%s", word,
			    p->quoted ? ", about the packet that it quotes" : "");
}

const char *packet_words(struct arena *a, const struct timeline *t, const struct segment *s)
{
	const struct packet *p = s->packet;

	switch (p->kind) {
	case PACKET_TCP:
		return segment_words(a, t, s);
	case PACKET_UDP:
		return arena_printf(a, "a datagram with %" PRIu32 " bytes", p->length);
	case PACKET_ARP:
		return "it asks which host on the link has that address";
	case PACKET_ICMP:
	case PACKET_ECHO:
		return icmp_words(a, p);
	case PACKET_OTHER:
		break;
	}
	return "";
}
