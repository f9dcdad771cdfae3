/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream as it goes by: how far its numbers have come, and whether the next segment is a plain
 * ACK.
 */
#include "harness/judge/passage.h"

bool passage_note(struct passage *p, const struct segment *segment)
{
	const struct packet *packet = segment->packet;
	int64_t end = segment->seq + packet_space(packet);
	bool begins = segment->connection != p->incarnation;

	if (packet->kind != PACKET_TCP)
		return false;
	if (begins)
		*p = (struct passage){.incarnation = segment->connection};
	if (end > p->next)
		p->next = end;
	if ((packet->flags & FLAG_ACK) && segment->ack > p->acked)
		p->acked = segment->ack;
	p->after_syn = (packet->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
	p->window_shut = segment->window == 0 && !(packet->flags & (FLAG_SYN | FLAG_RST));
	return begins;
}

bool segment_is_bare_ack(const struct segment *segment)
{
	const struct packet *p = segment->packet;

	return p->kind == PACKET_TCP && p->flags == FLAG_ACK && !p->length;
}

bool passage_is_plain(const struct passage *p, const struct segment *segment)
{
	return segment_is_bare_ack(segment) && !segment->packet->options.sack_count &&
	       segment->ack > p->acked && !p->after_syn && segment->window != 0 &&
	       !p->window_shut && segment_fate(segment) == FATE_ARRIVED;
}
