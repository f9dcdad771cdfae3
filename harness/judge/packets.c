/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets: what one host sent on one connection is compared with what is written about it.
 *
 * A stream is everything that one sender (an end, or the router with its ICMP errors and resets)
 * sends for one connection. Neighbour requests are a stream of their own for each host. In a stream
 * the segments have one order, and so have the lines; so one pass with a finger on each side
 * decides. It goes as far as the walk down the page needs it (page.c). The rule is strict: a
 * segment that no line asks for is an error. Three things relax it:
 *
 * - `...` between two lines lets any segments pass until the next line matches. That line does not
 *   take a segment that certainly came before something above it, or that its gap excludes.
 * - A plain ACK (plain_ack.c) that nobody wrote is no error. A written one is met as soon as the
 *   sender's acknowledgement has come so far, in an ACK of its own or in another segment: whether
 *   the kernel sends an ACK of its own depends on how soon a process makes its next call.
 * - `data (n)` takes as many new in-order segments as together carry n bytes.
 *
 * What was forged in a host's name is in no stream: that host knows nothing of it, and the forge
 * line answers for it (judge_forged.c).
 *
 * Nothing is decided about a segment as long as its fate is open and the line at the finger asks
 * for another fate.
 */
#include "harness/judge/page.h"
#include "harness/judge/plain_ack.h"
#include "harness/judge/trial.h"
#include "harness/timeline/notation.h"

#include <inttypes.h>

enum going {
	GOING,
	WAITING, /* for a fate, or for something above */
	ASTRAY,	 /* a segment came that does not belong here */
};

struct stream {
	struct trial *t;
	const struct page *page;
	int group;
	enum host sender;
	const char *connection; /* canonical name; NULL: neighbour requests */
	size_t *lines;		/* indices into the run, in order */
	size_t line_count;
	const size_t *anys; /* how many `...` stand above each line of the run, and in all */
	size_t *segments;   /* indices into the time line, in order of sending */
	size_t segment_count;

	/* The fingers on lines and segments, and what has been passed so far. */
	size_t at, next;
	enum going going;
	bool covered;	  /* the segment at the finger has already met a line below `...` */
	int64_t absorbed; /* bytes that the `data` line at the finger has taken .. */
	size_t begun;	  /* .. from this one of `segments` on */
	struct passage passed;
	int64_t line_acked;    /* how far it had come when the last line was met */
	int64_t written_acked; /* the highest one that a line has asked for */

	/* When the run is over: which segment the line at the finger takes, if it may choose. */
	bool has_chosen;
	int chosen; /* -1: none will do */
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

/* All streams. The number of a stream follows from its group and its sender. */
struct streams {
	struct page *page;
	struct trial *t;
	struct stream *list;  /* of each number; `t` NULL: there is none */
	size_t *order, count; /* the numbers of those that exist, in the order of their first use */
	size_t *busy, busy_count; /* of those that have something new to look at */
};

static size_t stream_number(int group, enum host sender)
{
	return (size_t)(group - GROUP_UNSEEN) * (HOST_COUNT + 1) +
	       (size_t)(sender == HOST_NONE ? HOST_COUNT : sender);
}

/* The stream, which the caller is about to alter. It is made if it does not exist yet. */
static struct stream *stream_open(struct streams *all, int group, enum host sender)
{
	size_t number = stream_number(group, sender);
	struct stream *s = &all->list[number];

	will_alter(all->t, s, sizeof(*s));
	if (!s->t) {
		*s = (struct stream){
		    .t = all->t,
		    .page = all->page,
		    .group = group,
		    .sender = sender,
		    .connection = group < 0 ? NULL : all->t->lookup.group_name[group],
		    .anys = all->t->index->anys,
		    .passed = {.incarnation = -1},
		};
		*arena_push(all->t->lasting, all->order, all->count) = number;
	}
	return s;
}

/* In the order of sending. */
static void add_segment(struct stream *s, size_t segment)
{
	const struct segment *all = s->t->timeline->segments;
	size_t k;

	arena_push(s->t->lasting, s->segments, s->segment_count);
	for (k = s->segment_count - 1;
	     k > 0 && all[s->segments[k - 1]].sent_order > all[segment].sent_order; k--)
		s->segments[k] = s->segments[k - 1];
	s->segments[k] = segment;
	if (k < s->next) /* it has been passed already */
		s->t->doubtful = true;
}

static void list_lines(struct streams *all)
{
	struct trial *t = all->t;
	const struct line_list *lines = &t->index->of_kind[LINE_SENT];

	all->list = arena_alloc(t->lasting, (t->lookup.group_count + 1) * (HOST_COUNT + 1) *
						sizeof(*all->list));
	for (size_t i = 0; i < lines->count; i++) {
		size_t index = lines->list[i];
		struct stream *s =
		    stream_open(all, t->lookup.of_line[index], t->index->keys[index].host);

		*arena_push(t->lasting, s->lines, s->line_count) = index;
	}
}

static void gather_in(struct streams *all, int group, size_t segment)
{
	struct trial *t = all->t;
	struct stream *s = stream_open(all, group, t->timeline->segments[segment].from);

	if (s->next == s->segment_count)
		*arena_push(t->arena, all->busy, all->busy_count) = (size_t)(s - all->list);
	add_segment(s, segment);
}

void streams_gather(struct page *page)
{
	struct streams *all = page->streams;
	struct trial *t = page->t;

	will_alter(t, all, sizeof(*all));
	all->busy = NULL;
	all->busy_count = 0;
	for (size_t i = t->settled.segments; i < t->timeline->segment_count; i++) {
		const struct segment *segment = &t->timeline->segments[i];

		if (!segment->sent_order || segment->forged)
			continue;
		gather_in(all, segment_group(t, segment), i);
		if (t->lookup.program_group >= 0 && segment->connection >= 0 &&
		    is_of_program(&t->timeline->connections[segment->connection]))
			gather_in(all, t->lookup.program_group, i);
	}
}

/* The line of the run at the finger; the number of all lines: none is left. */
static size_t line_at(const struct stream *s)
{
	return s->at < s->line_count ? s->lines[s->at] : s->t->run->line_count;
}

/* Whether `...` is written right above the line at the finger, or below the last line. */
static bool is_loose(const struct stream *s)
{
	size_t above = s->at ? s->anys[s->lines[s->at - 1]] : 0;

	return s->anys[line_at(s)] > above;
}

/* ---- plain ACKs ---- */

static bool needs_no_line(const struct stream *s, const struct segment *segment)
{
	return !s->t->run->acks_exact && is_plain_ack(&s->passed, segment);
}

/*
 * Whether the line at the finger asks for no more than that an acknowledgement comes so far. If its
 * sequence number is lower than what has been sent, it is about a probe.
 */
static bool asks_plainly(const struct stream *s, const struct line *line)
{
	const struct value *ack = line->segment.ack, *seq = line->segment.seq;
	int64_t number;

	return line_asks_plain_ack(s->t, line) && !s->passed.after_syn &&
	       (!ack || !value_known(s->t, ack, &number) || number > s->written_acked) &&
	       (!seq || !value_known(s->t, seq, &number) || number >= s->passed.next);
}

/*
 * How far the acknowledgement must have come for the line at the finger: the number that is
 * written, or any new one.
 */
static int64_t asked_ack(const struct stream *s, const struct line *line)
{
	const struct value *ack = line->segment.ack;
	int64_t number;

	if (ack && (ack->kind == VALUE_RANGE || ack->kind == VALUE_AT_LEAST))
		ack = ack->left;
	return ack && value_known(s->t, ack, &number) ? number : s->line_acked + 1;
}

/* ---- a segment and a line ---- */

static void pass_by(struct stream *s, const struct segment *segment)
{
	if (passage_note(&s->passed, segment))
		s->line_acked = s->written_acked = 0;
}

/* That segment meets the line at the finger, at that time. */
static void meet(struct stream *s, size_t segment_index, ns_t at)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	size_t index = s->lines[s->at];
	const struct value *written = s->t->run->lines[index].segment.ack;
	int64_t number;

	line_met(s->t, index, s->t->lookup.sent[segment_index], (int)segment_index, at, at);
	will_alter(s->t, &s->t->unanswered[index], sizeof(bool));
	s->t->unanswered[index] = s->t->plainly[index] ||
				  (segment_is_bare_ack(segment) && segment->seq >= s->passed.next);
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
	s->has_chosen = false;
}

/* How a segment differs from the line at the finger; NULL: nothing to say. */
static const char *difference(struct stream *s, const struct segment *segment)
{
	const struct segment_pattern *p = &s->t->run->lines[s->lines[s->at]].segment;
	struct segment_pattern each = pattern_of_each(p);
	struct differences d;

	if (p->kind == SEGMENT_DATA && segment->packet->length && segment->seq < s->passed.next)
		return RETRANSMITTED;
	if (p->kind == SEGMENT_DATA && segment->packet->length &&
	    segment_differences(s->t, &each, segment, &d) && d.count)
		return differences_text(s->t->arena, &d);
	if (p->kind == SEGMENT_DATA && s->absorbed)
		return arena_printf(s->t->arena, "after %" PRId64 " bytes of them", s->absorbed);
	if (!segment_differences(s->t, p, segment, &d))
		return NULL;
	if (fate_matches(p, segment) != FATE_NO)
		return d.count ? differences_text(s->t->arena, &d) : NULL;
	differences_note(&d, "fate");
	return arena_printf(s->t->arena, "%s: %s", differences_text(s->t->arena, &d),
			    fate_text(s->t->arena, segment));
}

/*
 * A segment that does not belong at the finger. Which line is blamed for it is decided later
 * (unasked.c), when it is known which lines are met.
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
	NEXT_LINE, /* the line is complete, and the segment belongs to a later one */
	NO,	   /* it does not belong here */
	WAIT,	   /* this cannot be decided yet */
};

/* `data (n)`, not `data`. */
static bool is_limited(const struct segment_pattern *data)
{
	return data->length && data->length->kind != VALUE_ANY;
}

/* What a `data` line is about: new, and in order. */
static bool is_new_data(const struct stream *s, const struct segment *segment)
{
	const struct packet *p = segment->packet;

	return p->kind == PACKET_TCP && p->length && segment->seq == s->passed.next &&
	       !(p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));
}

/*
 * Below `...` the first segments that the line has taken may belong to what `...` allows. The first
 * ones are given back until there is room for `length` more bytes. What the line has taken are
 * segments whose numbers follow each other.
 */
static void make_room(struct stream *s, int64_t length, int64_t most)
{
	const struct segment *all = s->t->timeline->segments;

	for (size_t k = s->begun; k < s->next && s->absorbed + length > most; k++) {
		const struct segment *first = &all[s->segments[k]];
		int64_t begin = s->passed.next - s->absorbed;

		if (first->packet->kind == PACKET_TCP && first->packet->length &&
		    first->seq == begin)
			s->absorbed -= first->packet->length;
		s->begun = k + 1;
	}
}

/* Whether the segment is as the line says of each of its segments, apart from its numbers. */
static enum step is_each(const struct stream *s, const struct segment_pattern *data,
			 const struct segment *segment)
{
	const struct segment_pattern each = pattern_of_each(data);
	size_t bound = s->t->out->variable_count, wanting = s->t->wanting;

	if (segment_matches(s->t, &each, segment)) {
		if (fate_matches(data, segment) == FATE_OPEN)
			return WAIT;
		return fate_matches(data, segment) == FATE_YES ? TAKEN : NO;
	}
	s->t->out->variable_count = bound; /* forget what was bound, since nothing was met */
	return s->t->wanting > wanting && !s->t->over ? WAIT : NO;
}

/*
 * Whether the segments of the line begin where it says and, if that is the last one, also end where
 * it says.
 */
static enum step is_where_written(const struct stream *s, const struct segment_pattern *data,
				  const struct segment *segment, bool is_last)
{
	size_t bound = s->t->out->variable_count, wanting = s->t->wanting;
	/* Below `...` the first segment is known only when the last one is. */
	bool begins = is_loose(s) && is_limited(data) ? is_last : !s->absorbed;

	if ((!begins || value_matches(s->t, data->seq, segment->seq - s->absorbed)) &&
	    (!is_last || value_matches(s->t, data->end, segment->seq + segment->packet->length)))
		return TAKEN;
	s->t->out->variable_count = bound;
	return s->t->wanting > wanting && !s->t->over ? WAIT : NO;
}

/*
 * `data (n)`: takes segments that are new, in order, each as it is written, and together no more
 * than n bytes. *done: these are all.
 */
static enum step absorb(struct stream *s, const struct segment *segment, bool *done)
{
	const struct segment_pattern *pattern = &s->t->run->lines[s->lines[s->at]].segment;
	int64_t most, length = segment->packet->length;
	bool slides = is_loose(s) && is_limited(pattern);
	enum step step;

	if (!pattern->length || !value_known(s->t, pattern->length, &most))
		most = INT64_MAX;
	if (!is_new_data(s, segment))
		return most == INT64_MAX && s->absorbed ? NEXT_LINE : NO;
	if (is_loose(s))
		make_room(s, length, most);
	else if (s->absorbed + length > most)
		return NO;
	step = is_each(s, pattern, segment);
	if (step == TAKEN && s->absorbed + length > most)
		step = NO;
	if (step == NO && slides)
		s->absorbed = 0; /* what follows no longer continues it */
	if (step != TAKEN)
		return step;
	step = is_where_written(s, pattern, segment, s->absorbed + length == most);
	if (step == WAIT || (step == NO && !slides))
		return step;
	if (!s->absorbed)
		s->begun = s->next;
	s->absorbed += length;
	/* If they are not where it says, they may be without the first and with the next one. */
	*done = step == TAKEN && s->absorbed == most;
	return TAKEN;
}

static enum step match_exactly(struct stream *s, const struct segment *segment)
{
	const struct segment_pattern *pattern = &s->t->run->lines[s->lines[s->at]].segment;
	size_t wanting = s->t->wanting;

	if (!segment_matches(s->t, pattern, segment))
		return s->t->wanting > wanting && !s->t->over ? WAIT : NO;
	switch (fate_matches(pattern, segment)) {
	case FATE_YES:
		return TAKEN;
	case FATE_OPEN:
		return WAIT;
	case FATE_NO:
		break;
	}
	return NO;
}

/* ---- a line that may choose ---- */

/*
 * The run is over: which of the segments from the finger on the line takes. It is the first one
 * that fits; if none does, the one that is nearest to it, so that a message can say what was wrong.
 */
static int choose(const struct stream *s)
{
	struct stream probe = *s;
	size_t bound = s->t->out->variable_count;
	bool is_data = s->t->run->lines[s->lines[s->at]].segment.kind == SEGMENT_DATA;
	struct fit best = {0};
	int chosen = -1;

	for (size_t k = s->next; k < s->segment_count; k++) {
		const struct segment *segment = &s->t->timeline->segments[s->segments[k]];
		bool done = true;
		enum step step;
		struct fit fit;

		probe.next = k;
		step = is_data ? absorb(&probe, segment, &done) : match_exactly(&probe, segment);
		s->t->out->variable_count = bound; /* this is only a question */
		pass_by(&probe, segment);
		if (step != TAKEN || !done)
			continue;
		probe.absorbed = 0;
		fit = page_fit(s->page, s->lines[s->at], segment);
		if (chosen < 0 || fits_rather(&fit, &best)) {
			best = fit;
			chosen = (int)s->segments[k];
		}
		if (fits(&fit))
			break;
	}
	return chosen;
}

/*
 * Whether the line at the finger, below `...`, takes that segment, which is as it is written. A
 * segment that came too late is taken: later ones cannot be in time either.
 */
static enum step take_chosen(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	struct fit fit;

	if (s->t->over)
		return s->chosen == (int)segment_index ? TAKEN : NO;
	if (s->page->pending)
		return WAIT;
	fit = page_fit(s->page, s->lines[s->at], segment);
	if (!fit.older && fit.off < 0) /* as far as the origin of the gap is known */
		s->t->tentative = true;
	return fit.older || fit.off < 0 ? NO : TAKEN;
}

/* ---- the kinds of lines ---- */

static enum step try_data(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	int64_t before = s->absorbed;
	bool done = false;
	enum step step = absorb(s, segment, &done);
	bool limited = is_limited(&s->t->run->lines[s->lines[s->at]].segment);

	if (step == NEXT_LINE)
		next_line(s);
	if (step != TAKEN)
		return step;
	if (done && is_loose(s)) {
		step = take_chosen(s, segment_index);
		if (step != TAKEN) {
			s->absorbed = step == WAIT ? before : 0; /* others must follow */
			return step;
		}
	}
	if (done || !limited)
		meet(s, segment_index, segment->sent);
	if (done)
		next_line(s);
	return TAKEN;
}

/*
 * Whether that acknowledgement is not older than what the lines above say of the other end. If the
 * line gives a number, the two may have crossed. Without a number the line means an acknowledgement
 * of just that, so it must have reached the sender before.
 */
static enum step is_due(const struct stream *s, const struct line *line,
			const struct segment *segment)
{
	const struct end_above *above = page_above(s->page, s->group, s->sender);
	bool older = line->segment.ack
			 ? segment->sent_order < above->told || segment->arrived_order < above->said
			 : segment->sent_order < above->heard;

	if (older)
		return NO;
	if (above->coming && !s->t->over) { /* that has not been sent yet */
		s->t->tentative = true;
		return NO;
	}
	return above->open ? WAIT : TAKEN;
}

/*
 * From when on the line counts as met. The acknowledgement may have come so far before a call that
 * is written above; then the line counts from its own place, not from that earlier time.
 */
static ns_t plain_since(const struct stream *s, const struct segment *segment)
{
	ns_t since = segment->sent;

	for (enum host h = 0; h < HOST_COUNT; h++) {
		struct marks lanes[] = {page_above(s->page, s->group, h)->marks,
					s->page->readings[h]};
		struct position p;

		if (!segment_place(segment, h, &p))
			continue;
		for (size_t i = 0; i < 2; i++)
			if (marks_forbid(&lanes[i], &p) && marks_latest(&lanes[i]) > since)
				since = marks_latest(&lanes[i]);
	}
	return since;
}

/* A line that asks only that an acknowledgement has come so far. */
static enum step try_plain(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	const struct line *line = &s->t->run->lines[s->lines[s->at]];
	const struct packet *p = segment->packet;
	size_t bound = s->t->out->variable_count;
	bool whole = segment_is_bare_ack(segment) && segment_matches(s->t, &line->segment, segment);
	bool riding = p->kind == PACKET_TCP && (p->flags & FLAG_ACK) && !(p->flags & FLAG_RST) &&
		      segment->ack >= asked_ack(s, line);
	enum step step = WAIT;

	if ((!whole && !riding) || (segment->decided && segment_fate(segment) != FATE_ARRIVED))
		step = NO;
	else if (segment->decided)
		step = is_due(s, line, segment);
	if (step != TAKEN) {
		s->t->out->variable_count =
		    bound; /* forget what was bound, since nothing was met */
		return step;
	}
	will_alter(s->t, &s->t->plainly[s->lines[s->at]], sizeof(bool));
	s->t->plainly[s->lines[s->at]] = true;
	s->covered = s->covered || is_loose(s);
	meet(s, segment_index, plain_since(s, segment));
	next_line(s);
	return whole ? TAKEN : NEXT_LINE;
}

static enum step try_exactly(struct stream *s, size_t segment_index)
{
	const struct segment *segment = &s->t->timeline->segments[segment_index];
	size_t bound = s->t->out->variable_count;
	enum step step = match_exactly(s, segment);

	if (step == TAKEN && is_loose(s))
		step = take_chosen(s, segment_index);
	if (step != TAKEN) {
		s->t->out->variable_count =
		    bound; /* forget what was bound, since nothing was met */
		return step;
	}
	meet(s, segment_index, segment->sent);
	next_line(s);
	return TAKEN;
}

static enum step try_line(struct stream *s, size_t segment_index)
{
	const struct line *line = &s->t->run->lines[s->lines[s->at]];
	bool is_data = line->segment.kind == SEGMENT_DATA;

	/* A $name may get its number before the line is begun. */
	if (s->lines[s->at] >= s->t->done && s->t->index->keys[s->lines[s->at]].named)
		s->t->tentative = true;
	if (!is_data && asks_plainly(s, line))
		return try_plain(s, segment_index);
	if (s->t->over && is_loose(s) && !s->has_chosen) {
		s->chosen = choose(s);
		s->has_chosen = true;
	}
	return is_data ? try_data(s, segment_index) : try_exactly(s, segment_index);
}

/* Compare the segment at the finger with the line at the finger. */
static void go_on(struct stream *s)
{
	size_t index = s->segments[s->next];
	const struct segment *segment = &s->t->timeline->segments[index];
	enum step step = NO;

	if (segment->packet->partial)
		step = WAIT;
	else if (s->at < s->line_count)
		step = try_line(s, index);
	s->t->out->steps++;
	if (step == NEXT_LINE)
		return;
	if (step == TAKEN ||
	    (step == NO && (s->covered || needs_no_line(s, segment) || is_loose(s)))) {
		pass_by(s, segment);
		s->covered = false;
		s->next++;
		return;
	}
	/* A bare ACK is a plain one if it arrives, which is not known yet. */
	s->going = step == WAIT || (!segment->decided && segment_is_bare_ack(segment)) ||
			   promised_to(s->t, s->group, LINE_SENT, s->sender, line_at(s))
		       ? WAITING
		       : ASTRAY;
	if (s->going == ASTRAY)
		mismatch(s, index);
}

static bool has_more(const struct stream *s)
{
	return s->going == GOING && s->next < s->segment_count;
}

/* As far as it takes to say what meets that line of the run. */
static void go_up_to(struct stream *s, size_t index)
{
	while (has_more(s) && s->at < s->line_count && s->lines[s->at] <= index)
		go_on(s);
}

/* ---- all streams ---- */

void streams_open(struct page *page)
{
	struct streams *all = arena_new(page->t->lasting, struct streams);

	*all = (struct streams){.page = page, .t = page->t};
	page->streams = all;
	list_lines(all);
}

void streams_reach(struct page *page, size_t index)
{
	const struct trial *t = page->t;

	go_up_to(stream_open(page->streams, t->lookup.of_line[index], t->index->keys[index].host),
		 index);
}

bool streams_wait(const struct page *page, size_t index)
{
	const struct trial *t = page->t;
	size_t number = stream_number(t->lookup.of_line[index], t->index->keys[index].host);

	return page->streams->list[number].going == WAITING;
}

bool streams_go_on(struct page *page)
{
	struct streams *all = page->streams;

	while (all->busy_count) {
		const struct stream *s = &all->list[all->busy[all->busy_count - 1]];

		if (has_more(s) && s->at < s->line_count)
			return true;
		all->busy_count--;
	}
	return false;
}

bool streams_settled(const struct page *page)
{
	const struct streams *all = page->streams;

	for (size_t i = 0; i < all->count; i++) {
		const struct stream *s = &all->list[all->order[i]];

		if (s->going != GOING || s->next < s->segment_count || s->absorbed || s->covered)
			return false;
	}
	return true;
}

void streams_finish(struct page *page)
{
	struct streams *all = page->streams;

	for (size_t i = 0; i < all->count; i++) {
		struct stream *s = &all->list[all->order[i]];

		while (has_more(s))
			go_on(s);
	}
}
