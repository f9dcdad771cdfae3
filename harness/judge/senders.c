/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet from the wrong sender. Each stream is judged by itself (packets.c). So the judge of a
 * stream cannot see that a packet, unexpected there, is expected from the other side or in another
 * connection. When everything else has been judged, such problems are found here, and their
 * messages name the sender.
 */
#include "harness/judge/trial.h"

#include "harness/script/script.h"
#include "harness/timeline/notation.h"

/* Whether the line speaks of such a segment; `data (n)` of one that is no more than a part. */
static bool speaks_of(struct trial *t, const struct segment_pattern *written,
		      const struct segment *s)
{
	const struct segment_pattern p =
	    written->kind == SEGMENT_DATA ? pattern_of_each(written) : *written;

	if (p.kind == SEGMENT_DATA && !s->packet->length)
		return false;
	return segment_matches(t, &p, s) && fate_matches(&p, s) == FATE_YES;
}

/* A segment of that connection that the line would be about if the other side had sent it. */
static int sent_by_another(struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	ns_t since = expected_since(t, index);

	for (size_t i = 0; line->connection && i < t->timeline->segment_count; i++) {
		const struct segment *s = &t->timeline->segments[i];
		const char *whose = segment_connection(t->timeline, s);

		if (!s->forged && s->from != line->actor.id && whose && s->sent >= since &&
		    (segment_group(t, s) == t->lookup.of_line[index] ||
		     both_datagrams(t, line, whose)) &&
		    speaks_of(t, &line->segment, s))
			return (int)i;
	}
	return -1;
}

/*
 * Whether the line, which is about another connection of that sender, describes just this segment.
 */
static bool has_wrong_tag(struct trial *t, size_t index, const struct segment *s)
{
	return s->packet->kind == PACKET_TCP && t->run->lines[index].connection &&
	       s->sent >= expected_since(t, index) &&
	       speaks_of(t, &t->run->lines[index].segment, s);
}

/*
 * The packet that came, if the line is also about a packet of that host, but of another connection.
 * Datagrams of other sockets are hardly ever written: any of them may be meant.
 */
static int of_another_connection(struct trial *t, size_t index, const struct problem *p)
{
	const struct line *line = &t->run->lines[index];
	const struct event *e = p->event < 0 ? NULL : &t->timeline->events[p->event];
	const struct segment *s;
	const char *whose;

	if (!e || e->kind != EVENT_SENT)
		return -1;
	s = &t->timeline->segments[e->segment];
	whose = segment_connection(t->timeline, s);
	if (!whose || s->from != line->actor.id || segment_group(t, s) == t->lookup.of_line[index])
		return -1;
	return both_datagrams(t, line, whose) || has_wrong_tag(t, index, s) ? e->segment : -1;
}

#define ANOTHER "connection differs"

/* Whether the texts alone show that what came is not what the line asks for. */
static bool is_told_apart(const struct line *line, bool is_of_another)
{
	return !is_of_another || line->actor.connection || line->segment.kind == SEGMENT_UDP ||
	       line->segment.kind == SEGMENT_ICMP;
}

/*
 * A packet that nobody expects from its sender may be what a line above expects from the other
 * side, or of another socket or connection. A single stream cannot see that; then that line is the
 * one to name.
 */
static void name_other_sender(struct trial *t, struct problem *p)
{
	/* What came at the wrong time is what its own line expects. */
	int end = p->unasked ? (int)t->done : p->line + !p->timing;
	bool from_other;

	for (int i = 0; i < end; i++) {
		int segment;

		if (t->run->lines[i].kind != LINE_SENT || t->out->lines[i].fate == LINE_MET)
			continue;
		segment = sent_by_another(t, (size_t)i);
		from_other = segment < 0;
		if (segment < 0)
			segment = of_another_connection(t, (size_t)i, p);
		if (segment < 0)
			continue;
		p->line = i;
		p->expected = line_bare_text(t->arena, &t->run->lines[i]);
		p->got = event_text(t->arena, t->timeline,
				    &t->timeline->events[t->lookup.sent[segment]]);
		p->differ = is_told_apart(&t->run->lines[i], from_other) ? NULL : ANOTHER;
		p->timing = p->unasked = false;
		return;
	}
}

void judge_senders(struct trial *t)
{
	for (size_t i = 0; i < t->out->problem_count; i++)
		name_other_sender(t, &t->out->problems[i]);
}
