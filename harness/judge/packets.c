/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets: what one host sent on one connection, against what is written of it.
 *
 * A stream is all that one sender (an end, or the router with its ICMP errors and resets) sends for
 * one connection; neighbour requests are a stream of their own for each host. In a stream, segments
 * and lines stand in one order, so one pass with one finger on each side decides. Strictly: a
 * segment that no line asks for is an error. Three things loosen that:
 *
 * - `...` between two lines lets any segments pass until the next line matches;
 * - a plain ACK (see is_plain) that nobody wrote is no error, and a written one is met as soon as
 *   the sender's acknowledgement has come so far, alone or riding on another segment, for whether
 *   the kernel sends it alone depends on how soon a process calls;
 * - `data (n)` takes as many new in-order segments as together carry n bytes.
 *
 * What was forged in a host's name is in no stream: that host knows nothing of it, and the forge
 * line answers for it (forged.c).
 *
 * Nothing is decided about a segment while its fate is open and the line at the finger would have
 * it otherwise.
 */
#include "harness/judge/passage.h"
#include "harness/judge/trial.h"

#include <inttypes.h>
#include <string.h>

#include "harness/notation.h"

struct stream {
	struct trial *t;
	const char *connection; /* canonical name; NULL: neighbour requests */
	size_t *lines;		/* indices into the run, in order */
	size_t line_count;
	const size_t *anys; /* how many `...` stand above each line of the run, and in all */
	size_t *segments;   /* indices into the time line, in order of sending */
	size_t segment_count;

	/* The finger on the lines, and what has gone by so far. */
	size_t at;
	int64_t absorbed; /* by the `data` line at the finger */
	struct passage passed;
	int64_t line_acked;    /* what it was when the last line was met */
	int64_t written_acked; /* the highest one that a line has asked for */
};

/* ---- what is in a stream ---- */

const char *segment_connection(const struct timeline *t, const struct segment *segment)
{
	const struct connection *c;

	if (segment->connection < 0)
		return NULL;
	c = &t->connections[segment->connection];
	return c->name_count ? c->names[0] : "?"; /* a stranger: no line can name it */
}

/* All streams: the number of one is told by its group and who sends. */
struct streams {
	struct trial *t;
	struct stream *list;  /* of each number; `t` NULL: there is none */
	size_t *order, count; /* the numbers of those that there are, as they came up */
	size_t *anys;
};

static struct stream *stream_of(struct streams *all, int group, enum host sender)
{
	size_t number = (size_t)(group - GROUP_UNSEEN) * (HOST_COUNT + 1) +
			(size_t)(sender == HOST_NONE ? HOST_COUNT : sender);
	struct stream *s = &all->list[number];

	if (!s->t) {
		*s = (struct stream){
		    .t = all->t,
		    .connection = group < 0 ? NULL : all->t->lookup.group_name[group],
		    .anys = all->anys,
		    .passed = {.incarnation = -1},
		};
		*arena_push(all->t->arena, all->order, all->count) = number;
	}
	return s;
}

/* In the order of sending. */
static void add_segment(struct stream *s, size_t segment)
{
	const struct segment *all = s->t->timeline->segments;
	size_t k;

	arena_push(s->t->arena, s->segments, s->segment_count);
	for (k = s->segment_count - 1;
	     k > 0 && all[s->segments[k - 1]].sent_order > all[segment].sent_order; k--)
		s->segments[k] = s->segments[k - 1];
	s->segments[k] = segment;
}

static void gather(struct streams *all)
{
	struct trial *t = all->t;
	const struct run *run = t->run;

	all->list = arena_alloc(t->arena, (t->lookup.group_count + 1) * (HOST_COUNT + 1) *
					      sizeof(*all->list));
	all->anys = arena_alloc(t->arena, (run->line_count + 1) * sizeof(*all->anys));
	for (size_t i = 0; i < run->line_count; i++) {
		const struct line *line = &run->lines[i];
		struct stream *s;

		all->anys[i + 1] = all->anys[i] + (line->kind == LINE_ANY);
		if (line->kind != LINE_SENT)
			continue;
		s = stream_of(all, t->lookup.of_line[i], host_find(line->actor.host));
		*arena_push(t->arena, s->lines, s->line_count) = i;
	}
	for (size_t i = 0; i < t->timeline->segment_count; i++) {
		const struct segment *segment = &t->timeline->segments[i];

		if (segment->sent_order && !segment->forged)
			add_segment(stream_of(all, segment_group(t, segment), segment->from), i);
	}
}

/* Whether `...` stands right above the line at the finger, or below the last one. */
static bool is_loose(const struct stream *s)
{
	size_t above = s->at ? s->anys[s->lines[s->at - 1]] : 0;
	size_t at = s->at < s->line_count ? s->lines[s->at] : s->t->run->line_count;

	return s->anys[at] > above;
}

/* ---- plain ACKs ---- */

static bool is_plain(const struct stream *s, const struct segment *segment)
{
	return !s->t->run->acks_exact && passage_is_plain(&s->passed, segment);
}

bool line_asks_plainly(const struct trial *t, const struct line *line)
{
	const struct segment_pattern *p = &line->segment;
	int64_t number;

	if (t->run->acks_exact || p->kind != SEGMENT_TCP || p->flags != FLAG_ACK)
		return false;
	if (line->gap.present || line->label || p->window || p->urgent || p->has_options ||
	    p->has_payload || p->fate != FATE_ARRIVED)
		return false;
	return !p->length || (value_known(t, p->length, &number) && number == 0);
}

/* Whether the line at the finger asks for no more than that an acknowledgement comes so far. */
static bool asks_plainly(const struct stream *s, const struct line *line)
{
	const struct value *ack = line->segment.ack;
	int64_t number;

	return line_asks_plainly(s->t, line) && !s->passed.after_syn &&
	       (!ack || !value_known(s->t, ack, &number) || number > s->written_acked);
}

/* What acknowledgement number the line at the finger waits for; it says so, or any that is new. */
static int64_t asked_ack(const struct stream *s, const struct line *line)
{
	int64_t number;

	if (line->segment.ack && value_known(s->t, line->segment.ack, &number))
		return number;
	return s->line_acked + 1;
}

/* ---- one segment ---- */

static void pass_by(struct stream *s, const struct segment *segment)
{
	if (passage_note(&s->passed, segment))
		s->line_acked = s->written_acked = 0;
}

/* The line at the finger has been met by that segment. */
static void meet(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	size_t index = s->lines[s->at];
	const struct value *written = s->t->run->lines[index].segment.ack;
	int64_t number;

	line_met(s->t, index, s->t->lookup.sent[segment_index], (int)segment_index, segment->sent,
		 segment->sent);
	if (written && value_known(s->t, written, &number) && number > s->written_acked)
		s->written_acked = number;
	if (s->passed.after_syn && segment_is_bare_ack(segment))
		s->written_acked = segment->ack;
	if ((segment->packet->flags & FLAG_ACK) && segment->ack > s->line_acked)
		s->line_acked = segment->ack;
}

static void next_line(struct stream *s)
{
	s->at++;
	s->absorbed = 0;
}

/* In what a segment is another one than the line at the finger asks for; NULL: nothing to say. */
static const char *difference(struct stream *s, const struct segment *segment)
{
	const struct segment_pattern *p = &s->t->run->lines[s->lines[s->at]].segment;
	struct differences d;

	if (p->kind == SEGMENT_DATA && segment->packet->length && segment->seq < s->passed.next)
		return RETRANSMITTED;
	if (p->kind == SEGMENT_DATA && s->absorbed)
		return arena_printf(s->t->arena, "after %" PRId64 " bytes of them", s->absorbed);
	if (!segment_differences(s->t, p, segment, &d))
		return NULL;
	if (fate_matches(p, segment) == FATE_NO)
		differences_note(&d, "fate");
	return d.count ? differences_text(s->t->arena, &d) : NULL;
}

/*
 * A segment that does not belong at the finger. Which line it is blamed on is decided when all
 * else has been looked at (unasked.c): only then is it known which lines are met.
 */
static void mismatch(struct stream *s, size_t segment_index)
{
	struct trial *t = s->t;
	struct mismatch *m = arena_push(t->arena, t->mismatches, t->mismatch_count);

	m->event = t->lookup.sent[segment_index];
	m->line = s->at < s->line_count ? (int)s->lines[s->at] : -1;
	m->differ = m->line < 0 ? NULL : difference(s, &t->timeline->segments[segment_index]);
}

enum step {
	TAKEN,	   /* the segment belongs to the line */
	NEXT_LINE, /* the line is done with and the segment belongs to a later one */
	NO,	   /* it does not belong here */
	WAIT,	   /* that cannot be said until its fate is known */
};

/* `data (n)`: new, in order, and together no more than are wanted. */
static enum step try_data(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	const struct segment_pattern *pattern = &s->t->run->lines[s->lines[s->at]].segment;
	const struct packet *p = segment->packet;
	bool fits = p->kind == PACKET_TCP && p->length && segment->seq == s->passed.next &&
		    !(p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));
	int64_t wanted;

	if (!pattern->length || !value_known(s->t, pattern->length, &wanted))
		wanted = INT64_MAX;
	if (!fits || s->absorbed + p->length > wanted) {
		if (wanted != INT64_MAX || !s->absorbed)
			return NO;
		next_line(s);
		return NEXT_LINE;
	}
	if (fate_matches(pattern, segment) != FATE_YES)
		return fate_matches(pattern, segment) == FATE_OPEN ? WAIT : NO;
	s->absorbed += p->length;
	if (s->absorbed == wanted || wanted == INT64_MAX)
		meet(s, segment_index);
	if (s->absorbed == wanted)
		next_line(s);
	return TAKEN;
}

/* A line that only wants an acknowledgement to have come so far. */
static enum step try_plain(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	const struct line *line = &s->t->run->lines[s->lines[s->at]];
	const struct packet *p = segment->packet;
	bool whole = segment_is_bare_ack(segment) && segment_matches(s->t, &line->segment, segment);
	bool riding = p->kind == PACKET_TCP && (p->flags & FLAG_ACK) && !(p->flags & FLAG_RST) &&
		      segment->ack >= asked_ack(s, line);

	if ((!whole && !riding) || (segment->decided && segment_fate(segment) != FATE_ARRIVED))
		return NO;
	if (!segment->decided)
		return WAIT;
	meet(s, segment_index);
	next_line(s);
	return whole ? TAKEN : NEXT_LINE;
}

static enum step try_exactly(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	const struct segment_pattern *pattern = &s->t->run->lines[s->lines[s->at]].segment;
	size_t wanting = s->t->wanting;

	if (!segment_matches(s->t, pattern, segment))
		return s->t->wanting > wanting && !s->t->over ? WAIT : NO;
	switch (fate_matches(pattern, segment)) {
	case FATE_YES:
		meet(s, segment_index);
		next_line(s);
		return TAKEN;
	case FATE_OPEN:
		return WAIT;
	case FATE_NO:
		break;
	}
	return NO;
}

/* False: the stream can go no further, by a mismatch or because a fate is open. */
static bool take(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	enum step step = segment->packet->partial ? WAIT : NEXT_LINE;

	while (s->at < s->line_count && step == NEXT_LINE) {
		const struct line *line = &s->t->run->lines[s->lines[s->at]];

		if (line->segment.kind == SEGMENT_DATA)
			step = try_data(s, segment_index);
		else if (asks_plainly(s, line))
			step = try_plain(s, segment_index);
		else
			step = try_exactly(s, segment_index);
	}
	if (step == WAIT)
		return false;
	if (step == TAKEN || is_plain(s, segment) || is_loose(s)) {
		pass_by(s, segment);
		return true;
	}
	if (!segment->decided && segment_is_bare_ack(segment))
		return false; /* plain, if it arrives */
	mismatch(s, segment_index);
	return false;
}

static void judge_stream(struct stream *s)
{
	for (size_t i = 0; i < s->segment_count; i++)
		if (!take(s, s->segments[i]))
			return;
}

/* ---- arrivals ---- */

/* Of two arrivals that fit: what was held needs a line for its arrival; else the earlier one. */
static bool arrives_rather(const struct segment *a, const struct segment *b)
{
	if (a->held != b->held)
		return a->held;
	return a->arrived_order < b->arrived_order;
}

/*
 * Whether the segment arrived after what stands above line `index` and lies in the lane of that end
 * of its connection: what that end itself sent, and what else came to it.
 */
static bool arrives_below(const struct trial *t, size_t index, const struct segment *s)
{
	const struct segment *all = t->timeline->segments;

	for (size_t i = 0; i < index; i++) {
		const struct line_judgement *j = &t->out->lines[i];
		const struct segment *above = j->segment < 0 ? NULL : &all[j->segment];

		if (!above || above == s || above->connection != s->connection)
			continue;
		if (above->from == s->to && !above->forged && above->sent_order > s->arrived_order)
			return false;
		if (above->to == s->to && above->arrived_order > s->arrived_order &&
		    !(t->run->lines[i].kind == LINE_SENT && (above->held || above->delayed)))
			return false;
	}
	return true;
}

/* `>host S`: written where sending and arriving are told apart; each takes the next that fits. */
static void judge_arrivals(struct trial *t)
{
	const struct timeline *tl = t->timeline;
	bool *taken = arena_alloc(t->arena, tl->segment_count + 1);

	for (size_t i = 0; i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];
		int best = -1;

		if (line->kind != LINE_ARRIVAL)
			continue;
		for (size_t k = 0; k < tl->segment_count; k++) {
			const struct segment *s = &tl->segments[k];
			if (taken[k] || !s->arrived_order || s->to != host_find(line->actor.host) ||
			    (line->connection && segment_group(t, s) != t->lookup.of_line[i]) ||
			    !segment_matches(t, &line->segment, s) || !arrives_below(t, i, s))
				continue;
			if (best < 0 || arrives_rather(s, &tl->segments[best]))
				best = (int)k;
		}
		if (best < 0)
			continue;
		taken[best] = true;
		line_met(t, i, -1, best, tl->segments[best].arrived, tl->segments[best].arrived);
	}
}

/* ---- who sent it ---- */

/* A segment of that connection that the line would be about, had the other side sent it. */
static int sent_by_another(struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	ns_t since = expected_since(t, index);

	for (size_t i = 0; line->connection && i < t->timeline->segment_count; i++) {
		const struct segment *s = &t->timeline->segments[i];
		const char *whose = segment_connection(t->timeline, s);

		if (!s->forged && s->from != host_find(line->actor.host) && whose &&
		    s->sent >= since &&
		    (segment_group(t, s) == t->lookup.of_line[index] ||
		     both_datagrams(t, line, whose)) &&
		    segment_matches(t, &line->segment, s) &&
		    fate_matches(&line->segment, s) == FATE_YES)
			return (int)i;
	}
	return -1;
}

/* The datagram that came, when the line, too, is about one of that host's, but of another flow. */
static int of_another_flow(const struct trial *t, size_t index, const struct problem *p)
{
	const struct line *line = &t->run->lines[index];
	const struct event *e = p->event < 0 ? NULL : &t->timeline->events[p->event];
	const struct segment *s;
	const char *whose;

	if (!e || e->kind != EVENT_SENT)
		return -1;
	s = &t->timeline->segments[e->segment];
	whose = segment_connection(t->timeline, s);
	return whose && s->from == host_find(line->actor.host) && both_datagrams(t, line, whose)
		   ? e->segment
		   : -1;
}

/*
 * A packet that nobody expects from where it came may be the one that a line above expects from the
 * other side, or as another socket's. Each stream by itself cannot see that; then that line is the
 * one to name.
 */
static void name_other_sender(struct trial *t, struct problem *p)
{
	int end = p->unasked ? (int)t->done : p->line + 1;

	for (int i = 0; i < end; i++) {
		int segment;

		if (t->run->lines[i].kind != LINE_SENT || t->out->lines[i].fate == LINE_MET)
			continue;
		segment = sent_by_another(t, (size_t)i);
		if (segment < 0)
			segment = of_another_flow(t, (size_t)i, p);
		if (segment < 0)
			continue;
		p->line = i;
		p->expected = line_text(t->arena, &t->run->lines[i]);
		p->got = event_text(t->arena, t->timeline,
				    &t->timeline->events[t->lookup.sent[segment]]);
		p->differ = NULL;
		p->timing = p->unasked = false;
		return;
	}
}

void judge_senders(struct trial *t)
{
	for (size_t i = 0; i < t->out->problem_count; i++)
		name_other_sender(t, &t->out->problems[i]);
}

/* ---- all streams ---- */

void judge_packets(struct trial *t)
{
	struct streams all = {.t = t};

	gather(&all);
	for (size_t i = 0; i < all.count; i++)
		judge_stream(&all.list[all.order[i]]);
	judge_arrivals(t);
}
