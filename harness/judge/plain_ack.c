/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets count as plain ACKs, and which lines ask for no more than such a one. This depends
 * on what the same end has sent before, so a passage keeps what is needed of that.
 */
#include "harness/judge/plain_ack.h"

#include "harness/judge/trial.h"

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

bool is_plain_ack(const struct passage *p, const struct segment *segment)
{
	return segment_is_bare_ack(segment) && !segment->packet->options.sack_count &&
	       segment->ack > p->acked && !p->after_syn && segment->window != 0 &&
	       !p->window_shut && segment_fate(segment) == FATE_ARRIVED;
}

/* An acknowledgement inside another segment has no IP header of its own. */
static bool asks_ip_field(const struct segment_pattern *p)
{
	for (int i = 0; i < IP_FIELDS; i++)
		if (p->ip[i])
			return true;
	return false;
}

bool line_asks_plain_ack(const struct trial *t, const struct line *line)
{
	const struct segment_pattern *p = &line->segment;
	int64_t number;

	if (t->run->acks_exact || p->kind != SEGMENT_TCP || p->flags != FLAG_ACK)
		return false;
	if (line->gap.present || line->label || p->window || p->urgent || p->has_options ||
	    p->has_payload || p->fate != FATE_ARRIVED || asks_ip_field(p))
		return false;
	return !p->length || (value_known(t, p->length, &number) && number == 0);
}
