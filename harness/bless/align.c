/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares the observed events of a stretch with its written lines.
 *
 * If the judge has found a line's event, that is its counterpart. The rest is where the run
 * differed, stream by stream (a stream is what one sender sends on one connection). There the
 * longest common subsequence of lines and segments that agree in kind, flags and fate is used. A
 * line whose numbers agree, too, has a higher value, and so has one whose time agrees: if one of
 * several similar packets has no line, the time decides which. Lines without a counterpart are
 * removed, and events without a line are added, except those covered by `...` and plain ACKs that
 * no line needs.
 */
#include "harness/bless/align.h"

#include <string.h>

#include "harness/base/text.h"

/* The value of a counterpart. */
#define EXACT	1000
#define RIDING	600
#define SIMILAR 400
#define TIMELY	100 /* in addition: at its time, and not before the lines above it */

struct work {
	struct judged *t;
	struct alignment *out;
	struct window window;
	bool acks;
};

/* ---- the stretch's events ---- */

static bool in_window(const struct work *w, int event)
{
	return window_has(&w->window, w->t->run, w->t->timeline, &w->t->timeline->events[event]);
}

static bool came_before(const struct work *w, int event, int other)
{
	const struct event *events = w->t->timeline->events;

	return event_before(&events[event], &events[other]);
}

static struct counterpart *counterpart(const struct work *w, size_t line)
{
	return &w->out->of[line - w->out->begin];
}

static void keep(const struct work *w, size_t line, int event, int segment)
{
	*counterpart(w, line) =
	    (struct counterpart){.kept = true, .event = event, .segment = segment};
}

/* The judge blames the silence, but that cannot be moved: so the line must be. */
static bool came_before_silence(const struct judged *t, size_t index)
{
	size_t above = stretch_begin(t->run, index);
	const struct line_judgement *j = &t->out->lines[index], *quiet = &t->out->lines[above];

	return t->run->lines[above].kind == LINE_QUIET && quiet->fate == LINE_FAILED &&
	       quiet->event >= 0 && j->fate == LINE_MET &&
	       j->to < t->timeline->events[quiet->event].to;
}

bool line_is_inverted(const struct judged *t, size_t index)
{
	const struct line_judgement *j = &t->out->lines[index];
	const struct gap *gap = &t->run->lines[index].gap;
	ns_t from, to, low, high;

	if (came_before_silence(t, index))
		return true;
	if (j->fate != LINE_FAILED || (j->event < 0 && j->segment < 0))
		return false;
	if (!gap->present || !judged_origin(t, index, j->to, &from, &to))
		return true;
	gap_bounds(gap, t->timeline->tick, &low, &high);
	return j->to - from >= low && j->from - to <= high;
}

/* The judge has matched the line with a segment that came at the wrong time, or in the wrong place.
 * */
static bool is_doubtful(const struct judged *t, size_t index)
{
	const struct line_judgement *j = &t->out->lines[index];

	return j->fate == LINE_FAILED && j->segment >= 0;
}

/* ---- times ---- */

static bool has_line(const struct judged *t, int segment)
{
	for (size_t i = 0; i < t->run->line_count; i++)
		if (t->out->lines[i].segment == segment)
			return true;
	return false;
}

/* A time can count from it in the new text: plain ACKs are not written. */
static bool is_origin(const struct judged *t, const struct event *e)
{
	if (e->kind == EVENT_RETURN)
		return e->blocked;
	return e->kind == EVENT_SENT && (!segment_is_bare_ack(&t->timeline->segments[e->segment]) ||
					 has_line(t, e->segment));
}

/* The origin of the time before an event, like judged_origin() for lines. */
static void origin_of(const struct judged *t, int event, ns_t *from, ns_t *to)
{
	const struct event *events = t->timeline->events;
	ns_t last_call = 0;

	for (int k = event; k-- > 0;) {
		bool is_call = events[k].kind == EVENT_CALL ||
			       (events[k].kind == EVENT_RETURN && !events[k].blocked);

		if (is_call && events[k].to > last_call)
			last_call = events[k].to;
		if (!is_origin(t, &events[k]))
			continue;
		*from = events[k].from;
		*to = last_call > events[k].to ? last_call : events[k].to;
		return;
	}
	*from = t->timeline->start;
	*to = last_call > *from ? last_call : *from;
}

/* How far an event is from the line's time: < 0: too early, > 0: too late. */
static ns_t off_time(const struct judged *t, size_t index, int event)
{
	const struct gap *gap = &t->run->lines[index].gap;
	const struct event *e = &t->timeline->events[event];
	ns_t from, to, low, high;

	if (!gap->present || (gap->from && !judged_origin(t, index, e->to, &from, &to)))
		return 0;
	if (!gap->from)
		origin_of(t, event, &from, &to);
	gap_bounds(gap, t->timeline->tick, &low, &high);
	if (e->to - from < low)
		return e->to - from - low;
	return e->from - to > high ? e->from - to - high : 0;
}

/* ---- a stream ---- */

struct seen {
	int event, segment;
	bool plain, after_syn;
	int64_t acked; /* before it */
	bool in_window, used;
};

struct stream {
	const char *connection;
	enum host sender;
	struct seen *seen; /* all of the stream, in order */
	size_t seen_count;
	size_t doubtful; /* from this line on the judge's matches do not count */
	size_t *lines;	 /* of the stretch, those without a counterpart so far */
	size_t line_count;
	size_t *left; /* of `seen`, those of the stretch without a line so far */
	size_t left_count;
};

/* Of a connection; NULL: of none. */
/* Whether the line is about packets of `sender` on that connection. */
static bool line_is_of(const struct timeline *t, const struct line *line, const char *connection,
		       enum host sender)
{
	const char *whose = line->connection ? canonical_name(t, line->connection) : NULL;

	return line->kind == LINE_SENT && line->actor.id == sender && text_same(whose, connection);
}

static bool is_of(const struct timeline *t, const struct segment *s, const char *connection,
		  enum host sender)
{
	return s->from == sender && s->sent_order && !s->forged &&
	       text_same(segment_connection(t, s), connection);
}

static void gather_seen(struct work *w, struct stream *s)
{
	const struct timeline *tl = w->t->timeline;
	struct passage passed = {.incarnation = -1};

	for (size_t i = 0; i < tl->event_count; i++) {
		const struct event *e = &tl->events[i];
		const struct segment *segment;
		struct seen *seen;

		if (e->kind != EVENT_SENT)
			continue;
		segment = &tl->segments[e->segment];
		if (!is_of(tl, segment, s->connection, s->sender))
			continue;
		seen = arena_push(w->t->arena, s->seen, s->seen_count);
		*seen = (struct seen){
		    .event = (int)i,
		    .segment = e->segment,
		    .plain = !w->t->run->acks_exact && is_plain_ack(&passed, segment),
		    .after_syn = passed.after_syn,
		    .acked = passed.incarnation == segment->connection ? passed.acked : 0,
		    .in_window = in_window(w, (int)i),
		};
		passage_note(&passed, segment);
	}
}

/* The segments of its sender on that connection before that segment. */
static struct passage passage_before(const struct timeline *t, const struct segment *segment)
{
	struct passage passed = {.incarnation = -1};
	const char *whose = segment_connection(t, segment);

	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];

		if (e->kind != EVENT_SENT)
			continue;
		if (e->segment == segment->id)
			break;
		if (is_of(t, &t->segments[e->segment], whose, segment->from))
			passage_note(&passed, &t->segments[e->segment]);
	}
	return passed;
}

int64_t segment_next(const struct timeline *t, const struct segment *segment)
{
	struct passage passed = passage_before(t, segment);

	return passed.incarnation == segment->connection ? passed.next : 0;
}

bool segment_is_plain_ack(const struct run *run, const struct timeline *t,
			  const struct segment *segment)
{
	struct passage passed = passage_before(t, segment);

	return !run->acks_exact && is_plain_ack(&passed, segment);
}

static struct seen *find_seen(const struct stream *s, int segment)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i].segment == segment)
			return &s->seen[i];
	return NULL;
}

/* `data (n)` ends with that segment; the others that it took in stand before it. */
static void use_absorbed(struct work *w, struct stream *s, const struct seen *last)
{
	for (size_t i = (size_t)(last - s->seen); i-- > 0 && !s->seen[i].used;) {
		const struct packet *p = w->t->timeline->segments[s->seen[i].segment].packet;

		if (p->length && !(p->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)))
			s->seen[i].used = true;
	}
}

/*
 * The first line of the stretch whose segment came at the wrong time or in the wrong place: perhaps
 * the segment belongs to another line, and then those of the lines below do so, too.
 */
static size_t first_doubtful(const struct work *w, const struct stream *s)
{
	const struct run *run = w->t->run;

	for (size_t i = w->out->begin; i < w->out->end; i++)
		if (is_doubtful(w->t, i) &&
		    line_is_of(w->t->timeline, &run->lines[i], s->connection, s->sender))
			return i;
	return w->out->end;
}

/* The judge's matches. */
static void take_judged(struct work *w, struct stream *s)
{
	const struct run *run = w->t->run;

	s->doubtful = first_doubtful(w, s);
	for (size_t i = 0; i < w->out->end; i++) {
		int segment = w->t->out->lines[i].segment;
		struct seen *seen = segment < 0 ? NULL : find_seen(s, segment);

		if (run->lines[i].kind != LINE_SENT || !seen)
			continue;
		if (i < s->doubtful && run->lines[i].segment.kind == SEGMENT_DATA)
			use_absorbed(w, s, seen);
		if (i >= s->doubtful || (i >= w->out->begin && line_is_inverted(w->t, i))) {
			counterpart(w, i)->event = seen->event; /* it may have to move */
			continue;
		}
		seen->used = true;
		if (i >= w->out->begin) {
			keep(w, i, seen->event, segment);
			counterpart(w, i)->riding = judged_asks_plain_ack(w->t, &run->lines[i]);
		}
	}
}

static void gather_left(struct work *w, struct stream *s)
{
	const struct run *run = w->t->run;

	for (size_t i = w->out->begin; i < w->out->end; i++)
		if (line_is_of(w->t->timeline, &run->lines[i], s->connection, s->sender) &&
		    (w->t->out->lines[i].segment < 0 || i >= s->doubtful))
			*arena_push(w->t->arena, s->lines, s->line_count) = i;
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i].in_window && !s->seen[i].used)
			*arena_push(w->t->arena, s->left, s->left_count) = i;
}

/* ---- the longest common subsequence ---- */

/* Variables that were bound by a trial comparison are free again. */
static bool would_match(struct judged *t, const struct segment_pattern *p, const struct segment *s)
{
	size_t bound = t->out->variable_count;
	bool matches = judged_segment(t, p, s);

	t->out->variable_count = bound;
	return matches;
}

static bool is_similar(const struct segment_pattern *p, const struct segment *s)
{
	static const enum packet_kind kinds[] = {
	    [SEGMENT_TCP] = PACKET_TCP, [SEGMENT_DATA] = PACKET_TCP, [SEGMENT_ICMP] = PACKET_ICMP,
	    [SEGMENT_ARP] = PACKET_ARP, [SEGMENT_UDP] = PACKET_UDP,
	};

	if (p->has_to && p->to.host && host_find(p->to.host) != s->to)
		return false;
	if (p->kind == SEGMENT_ICMP)
		return packet_is_message(s->packet, p->icmp);
	return s->packet->kind == kinds[p->kind] &&
	       (p->kind != SEGMENT_TCP || p->flags == s->packet->flags);
}

static bool holds(struct judged *t, const struct value *written, int64_t seen)
{
	size_t bound = t->out->variable_count;
	bool matches = written && judged_value(t, written, seen);

	t->out->variable_count = bound;
	return matches;
}

static bool option_holds(struct judged *t, const struct option_pattern *o, const struct segment *s)
{
	size_t bound = t->out->variable_count;
	bool matches = judged_option(t, o, s);

	t->out->variable_count = bound;
	return matches;
}

/* How many fields of the line are as the segment has them, when not all are. */
static int agreement(struct judged *t, const struct segment_pattern *p, const struct segment *s)
{
	int count = holds(t, p->seq, s->seq) + holds(t, p->end, s->seq + s->packet->length) +
		    holds(t, p->length, s->packet->length) + holds(t, p->ack, s->ack) +
		    holds(t, p->window, s->window);

	for (size_t i = 0; i < p->option_count; i++) {
		count += option_holds(t, &p->options[i], s);
		/* An acknowledgement with SACK blocks is about these blocks. */
		if (p->options[i].kind == OPTION_SACK)
			count += 10 * (s->packet->options.sack_count > 0);
	}
	return count;
}

/* The event that the judge has found for the line; -1: none. */
static int taken_event(const struct judged *t, size_t index)
{
	const struct line_judgement *j = &t->out->lines[index];

	if (j->fate != LINE_MET)
		return -1;
	if (j->event < 0 && j->segment >= 0 && t->run->lines[index].kind == LINE_ARRIVAL)
		return judged_arrived(t, j->segment);
	return j->event;
}

/* It came before a packet that the judge has found for a line above, in the same stretch. */
static bool comes_too_soon(const struct work *w, size_t index, int event)
{
	for (size_t i = w->out->begin; i < index; i++) {
		int above = w->t->out->lines[i].segment < 0 ? -1 : taken_event(w->t, i);

		if (above >= 0 && came_before(w, event, above))
			return true;
	}
	return false;
}

static int worth(struct work *w, const struct stream *s, size_t line, size_t left)
{
	const struct seen *seen = &s->seen[s->left[left]];
	const struct segment *segment = &w->t->timeline->segments[seen->segment];
	size_t index = s->lines[line];
	const struct segment_pattern *p = &w->t->run->lines[index].segment;
	int value;

	if (p->kind == SEGMENT_DATA || !judged_fate(p, segment) || !is_similar(p, segment))
		return 0;
	if (w->t->out->lines[index].segment == seen->segment && line_is_inverted(w->t, index))
		return 0; /* not here */
	value = would_match(w->t, p, segment) ? EXACT : SIMILAR + agreement(w->t, p, segment);
	if (comes_too_soon(w, index, seen->event))
		return value - TIMELY;
	return off_time(w->t, index, seen->event) ? value : value + TIMELY;
}

/*
 * Whether an acknowledgement for this line came with another packet ("rode" on it), at the latest
 * with segment number `left` of those that remain.
 */
static bool has_ridden(struct work *w, const struct stream *s, size_t line, size_t left)
{
	const struct line *written = &w->t->run->lines[s->lines[line]];
	size_t upto = left < s->left_count ? s->left[left] : s->seen_count - 1;
	int64_t number;
	bool known = written->segment.ack && judged_known(w->t, written->segment.ack, &number);

	if (!judged_asks_plain_ack(w->t, written))
		return false;
	for (size_t i = 0; i <= upto && i < s->seen_count; i++) {
		const struct segment *segment = &w->t->timeline->segments[s->seen[i].segment];

		if (s->seen[i].in_window && !s->seen[i].after_syn &&
		    segment->fate == FATE_ARRIVED && segment->packet->kind == PACKET_TCP &&
		    (segment->packet->flags & FLAG_ACK) && !(segment->packet->flags & FLAG_RST) &&
		    segment->ack >= (known ? number : s->seen[i].acked + 1))
			return true;
	}
	return false;
}

/* How many of the remaining segments, from `left` on, `data (n)` would take; `*value`: the value of
 * that. */
static size_t absorbs(struct work *w, const struct stream *s, size_t line, size_t left, int *value)
{
	const struct segment_pattern *p = &w->t->run->lines[s->lines[line]].segment;
	int64_t expected = INT64_MAX, total = 0;
	size_t count = 0, best = 0;

	if (p->kind != SEGMENT_DATA)
		return 0;
	if (p->length)
		judged_known(w->t, p->length, &expected);
	while (left + count < s->left_count) {
		const struct seen *seen = &s->seen[s->left[left + count]];
		const struct segment *segment = &w->t->timeline->segments[seen->segment];
		const struct packet *packet = segment->packet;
		bool is_data = packet->kind == PACKET_TCP && packet->length &&
			       !(packet->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) &&
			       judged_fate(p, segment) &&
			       segment->seq == segment_next(w->t->timeline, segment);

		if (!is_data && !(seen->plain && best))
			break;
		count++;
		if (!is_data)
			continue;
		total += packet->length;
		best = count;
		if (total == expected)
			break;
	}
	*value = total == expected || expected == INT64_MAX ? EXACT : SIMILAR;
	return best;
}

enum choice { SKIP_SEEN, SKIP_LINE, PAIR, RIDE, ABSORB };

struct cell {
	int value;
	enum choice choice;
	size_t count; /* ABSORB: of how many */
};

static void consider(struct cell *cell, int value, enum choice choice, size_t count)
{
	if (value > cell->value || (value == cell->value && choice > cell->choice))
		*cell = (struct cell){value, choice, count};
}

static void fill_cell(struct work *w, const struct stream *s, struct cell *cells, size_t i,
		      size_t j)
{
	size_t width = s->left_count + 1, count;
	struct cell *cell = &cells[i * width + j];
	int value;

	*cell = (struct cell){.value = -1};
	if (j < s->left_count)
		consider(cell, cells[i * width + j + 1].value, SKIP_SEEN, 0);
	if (i < s->line_count)
		consider(cell, cells[(i + 1) * width + j].value, SKIP_LINE, 0);
	if (i == s->line_count)
		return;
	if (has_ridden(w, s, i, j))
		consider(cell, cells[(i + 1) * width + j].value + RIDING, RIDE, 0);
	if (j == s->left_count)
		return;
	value = worth(w, s, i, j);
	if (value)
		consider(cell, cells[(i + 1) * width + j + 1].value + value, PAIR, 0);
	count = absorbs(w, s, i, j, &value);
	if (count)
		consider(cell, cells[(i + 1) * width + j + count].value + value, ABSORB, count);
}

static void absorb(struct work *w, struct stream *s, size_t line, size_t left, size_t count)
{
	int64_t bytes = 0;

	for (size_t k = left; k < left + count; k++) {
		struct seen *seen = &s->seen[s->left[k]];

		seen->used = true;
		bytes += w->t->timeline->segments[seen->segment].packet->length;
		keep(w, line, seen->event, seen->segment);
	}
	counterpart(w, line)->absorbed = bytes;
}

static void follow_cells(struct work *w, struct stream *s, const struct cell *cells)
{
	size_t i = 0, j = 0, width = s->left_count + 1;

	while (i < s->line_count || j < s->left_count) {
		const struct cell *cell = &cells[i * width + j];
		struct seen *seen = j < s->left_count ? &s->seen[s->left[j]] : NULL;

		switch (cell->choice) {
		case SKIP_SEEN:
			j++;
			break;
		case SKIP_LINE:
			i++;
			break;
		case RIDE:
			keep(w, s->lines[i], -1, -1);
			counterpart(w, s->lines[i])->riding = true;
			i++;
			break;
		case PAIR:
			seen->used = true;
			keep(w, s->lines[i], seen->event, seen->segment);
			counterpart(w, s->lines[i])->differs = worth(w, s, i, j) < EXACT - TIMELY;
			i++;
			j++;
			break;
		case ABSORB:
			absorb(w, s, s->lines[i], j, cell->count);
			i++;
			j += cell->count;
			break;
		}
	}
}

static void align_left(struct work *w, struct stream *s)
{
	size_t width = s->left_count + 1;
	struct cell *cells = arena_alloc(w->t->arena, (s->line_count + 1) * width * sizeof(*cells));

	for (size_t i = s->line_count + 1; i-- > 0;)
		for (size_t j = width; j-- > 0;)
			if (i < s->line_count || j < s->left_count)
				fill_cell(w, s, cells, i, j);
	follow_cells(w, s, cells);
}

/* ---- events without a line ---- */

/* Between which lines of its stream it came: the last one above, the first one below. */
static void neighbours(const struct work *w, const struct stream *s, int event, size_t *above,
		       size_t *below)
{
	const struct run *run = w->t->run;

	*above = 0;
	*below = run->line_count;
	for (size_t i = 0; i < run->line_count && *below == run->line_count; i++) {
		bool inside = i >= w->out->begin && i < w->out->end;

		if (!line_is_of(w->t->timeline, &run->lines[i], s->connection, s->sender) ||
		    (inside && !counterpart(w, i)->kept))
			continue;
		if (i < w->out->begin || (inside && counterpart(w, i)->event < event))
			*above = i;
		else
			*below = i;
	}
}

static bool is_allowed(const struct work *w, size_t above, size_t below)
{
	for (size_t i = above + 1; i < below; i++)
		if (w->t->run->lines[i].kind == LINE_ANY)
			return true;
	return false;
}

int reading_answer(const struct judged *t, size_t index)
{
	const struct line_judgement *j = &t->out->lines[index];
	bool too_late = j->fate == LINE_FAILED && j->event >= 0;
	int answer = -1;

	if (t->run->lines[index].kind == LINE_QUIET || (j->event >= 0 && !too_late))
		return j->event;
	for (int k = -1; (k = judged_next_event(t, index, k)) >= 0;) {
		if (t->timeline->events[k].kind != EVENT_READING)
			continue;
		answer = k;
		if (too_late)
			break; /* the first one */
	}
	return answer;
}

/* An event known to have happened at that line; -1: none. */
static int event_of_line(const struct work *w, size_t i)
{
	/* For some kinds of lines the counterparts are taken from the judge later. */
	if (i >= w->out->begin && i < w->out->end && counterpart(w, i)->kept)
		return counterpart(w, i)->event;
	return taken_event(w->t, i);
}

/*
 * The line below which an event belongs that came in the stretch that begins with `begin`, after
 * line `above` and before line `below`. A reading is repeated: events before the final answer
 * belong above it.
 */
static size_t place_in(const struct work *w, int event, size_t begin, size_t above, size_t below)
{
	const struct run *run = w->t->run;
	size_t end, place;
	int answer;

	/* A later packet of its sender is written further up. */
	if (below < run->line_count && below <= begin)
		begin = below ? stretch_begin(run, below - 1) : 0;
	end = stretch_end(run, begin);
	answer = line_is_reading(&run->lines[begin]) ? reading_answer(w->t, begin) : -1;

	/* A packet that was sent further up was still in flight when the reading was over. */
	if (begin > 0 && answer >= 0 && came_before(w, event, answer) &&
	    stretch_of_event(run, w->t->timeline, event) >= begin) {
		end = begin;
		begin = stretch_begin(run, begin - 1);
	}
	place = above > begin && above < end ? above : begin;
	for (size_t i = place + 1; i < below && i < end; i++) {
		int other = event_of_line(w, i);

		if (other >= 0 && came_before(w, other, event))
			place = i;
	}
	return place;
}

static struct addition *add_to(struct work *w, size_t begin, int event, size_t above, size_t below,
			       int moved)
{
	struct alignment *out = w->out;
	size_t i = out->added_count;

	arena_push(w->t->arena, out->added, out->added_count);
	for (; i > 0 && came_before(w, event, out->added[i - 1].event); i--)
		out->added[i] = out->added[i - 1];
	out->added[i] = (struct addition){
	    .event = event, .after = place_in(w, event, begin, above, below), .moved = moved};
	return &out->added[i];
}

static struct addition *add(struct work *w, int event, size_t above, size_t below, int moved)
{
	return add_to(w, w->out->begin, event, above, below, moved);
}

/* There is, or may be, a segment of the stream for that line at its own place, too. */
static bool finds_another(const struct work *w, const struct stream *s, size_t index)
{
	const struct run *run = w->t->run;
	size_t begin = stretch_begin(run, index);
	struct window window;

	if (index >= w->out->begin && index < w->out->end)
		return counterpart(w, index)->kept;
	/* The run has not reached it; or it has another time. */
	if (index >= w->t->done ||
	    off_time(w->t, index, judged_sent(w->t, w->t->out->lines[index].segment)))
		return true;
	window = stretch_window(run, w->t->timeline, begin, stretch_end(run, begin));
	for (size_t i = 0; i < s->seen_count; i++) {
		const struct seen *seen = &s->seen[i];
		const struct segment_pattern *p = &run->lines[index].segment;
		const struct segment *segment = &w->t->timeline->segments[seen->segment];

		if (seen->segment != w->t->out->lines[index].segment && !seen->used &&
		    window_has(&window, run, w->t->timeline,
			       &w->t->timeline->events[seen->event]) &&
		    judged_fate(p, segment) && would_match(w->t, p, segment))
			return true;
	}
	return false;
}

/* The line for that segment that is in the wrong place; -1: none. */
static int misplaced(const struct work *w, const struct stream *s, int segment)
{
	for (size_t i = 0; i < w->t->run->line_count; i++)
		if (w->t->run->lines[i].kind == LINE_SENT &&
		    w->t->out->lines[i].segment == segment && line_is_inverted(w->t, i) &&
		    !finds_another(w, s, i))
			return (int)i;
	return -1;
}

/*
 * A duplicate of an acknowledgement can be distinguished only if the first one is written, too
 * (then a line expects it, judge/packets.c): so the first one is added as well.
 */
static void add_original(struct work *w, struct stream *s, const struct seen *copy)
{
	const struct segment *segments = w->t->timeline->segments;

	if (!segment_is_bare_ack(&segments[copy->segment]))
		return;
	for (struct seen *seen = s->seen; seen < copy; seen++) {
		size_t begin = w->out->begin, above = 0, below = w->t->run->line_count;

		if (!seen->plain || seen->used ||
		    segments[seen->segment].ack != segments[copy->segment].ack)
			continue;
		seen->used = true;
		if (seen->in_window)
			neighbours(w, s, seen->event, &above, &below);
		else
			begin = stretch_of_event(w->t->run, w->t->timeline, seen->event);
		add_to(w, begin, seen->event, above, below, -1)->plain = true;
	}
}

static void add_left(struct work *w, struct stream *s)
{
	for (size_t i = 0; i < s->left_count; i++) {
		const struct seen *seen = &s->seen[s->left[i]];
		size_t above, below;
		int moved = misplaced(w, s, seen->segment);

		if (seen->used || (seen->plain && !w->acks && moved < 0))
			continue;
		neighbours(w, s, seen->event, &above, &below);
		if (is_allowed(w, above, below))
			continue;
		if (!seen->plain)
			add_original(w, s, seen);
		add(w, seen->event, above, below, moved)->plain = seen->plain;
	}
}

/* ---- streams ---- */

static bool is_known(const struct stream *streams, size_t count, const char *connection,
		     enum host sender)
{
	for (size_t i = 0; i < count; i++)
		if (streams[i].sender == sender && text_same(streams[i].connection, connection))
			return true;
	return false;
}

static struct stream *align_streams(struct work *w, size_t *stream_count)
{
	const struct timeline *tl = w->t->timeline;
	const struct run *run = w->t->run;
	struct stream *streams = NULL;
	size_t count = 0;

	for (size_t i = w->out->begin; i < w->out->end; i++) {
		const struct line *line = &run->lines[i];
		const char *whose = line->connection ? canonical_name(tl, line->connection) : NULL;

		if (line->kind == LINE_SENT && !is_known(streams, count, whose, line->actor.id))
			*arena_push(w->t->arena, streams, count) =
			    (struct stream){.connection = whose, .sender = line->actor.id};
	}
	for (int i = 0; i < (int)tl->event_count; i++) {
		const struct segment *s;

		if (tl->events[i].kind != EVENT_SENT || !in_window(w, i))
			continue;
		s = &tl->segments[tl->events[i].segment];
		if (!s->forged && !is_known(streams, count, segment_connection(tl, s), s->from))
			*arena_push(w->t->arena, streams, count) = (struct stream){
			    .connection = segment_connection(tl, s), .sender = s->from};
	}
	for (size_t i = 0; i < count; i++) {
		gather_seen(w, &streams[i]);
		take_judged(w, &streams[i]);
		gather_left(w, &streams[i]);
		align_left(w, &streams[i]);
	}
	*stream_count = count;
	return streams;
}

/* ---- arrivals ---- */

/* The event of the stretch that could meet the line; -1: none. */
static int find_arrival(const struct work *w, const struct line *line, const bool *taken)
{
	const struct timeline *tl = w->t->timeline;

	for (int k = 0; k < (int)tl->event_count; k++) {
		const struct event *e = &tl->events[k];
		const struct segment *s;
		const char *whose;

		if (e->kind != EVENT_ARRIVED || !in_window(w, k) || taken[e->segment])
			continue;
		s = &tl->segments[e->segment];
		whose = segment_connection(tl, s);
		if (s->to == line->actor.id && is_similar(&line->segment, s) &&
		    (!line->connection ||
		     (whose && !strcmp(whose, canonical_name(tl, line->connection)))))
			return k;
	}
	return -1;
}

/* The line that the segment met at its sending has a `...` below it. */
static bool arrival_is_allowed(const struct work *w, int segment)
{
	const struct run *run = w->t->run;

	for (size_t i = w->out->end; i-- > 0;) {
		if (run->lines[i].kind == LINE_ANY)
			return true;
		if (w->t->out->lines[i].segment == segment)
			break;
	}
	return false;
}

/* A held packet needs a line for its arrival; other packets do not. */
static void align_arrivals(struct work *w)
{
	const struct timeline *tl = w->t->timeline;
	bool *taken = arena_alloc(w->t->arena, tl->segment_count + 1);

	for (size_t i = 0; i < w->t->run->line_count; i++) {
		const struct line *line = &w->t->run->lines[i];
		bool inside = i >= w->out->begin && i < w->out->end;
		int segment = w->t->out->lines[i].segment, event;

		if (line->kind != LINE_ARRIVAL)
			continue;
		if (segment >= 0)
			event = judged_arrived(w->t, segment);
		else
			event = inside ? find_arrival(w, line, taken) : -1;
		if (event < 0)
			continue;
		taken[tl->events[event].segment] = true;
		if (inside)
			keep(w, i, event, tl->events[event].segment);
	}
	for (int k = 0; k < (int)tl->event_count; k++) {
		const struct event *e = &tl->events[k];

		if (e->kind == EVENT_ARRIVED && in_window(w, k) && tl->segments[e->segment].held &&
		    !taken[e->segment] && !arrival_is_allowed(w, e->segment))
			add(w, k, w->out->begin, w->out->end, -1);
	}
}

/* ---- returns, signals, deaths ---- */

static void align_returns(struct work *w)
{
	const struct timeline *tl = w->t->timeline;
	const struct run *run = w->t->run;

	for (size_t i = w->out->begin; i < w->out->end; i++) {
		int call, event;

		if (run->lines[i].kind != LINE_RESUME)
			continue;
		call = w->t->run->index->resumed[i];
		event = call < 0 ? -1 : judged_event(w->t, EVENT_RETURN, (size_t)call);
		if (event >= 0 && (in_window(w, event) || w->t->out->lines[i].fate == LINE_MET))
			keep(w, i, event, -1);
	}
	for (int i = 0; i < (int)tl->event_count; i++) {
		int resume;

		if (tl->events[i].kind != EVENT_RETURN || !tl->events[i].blocked ||
		    !in_window(w, i))
			continue;
		resume = w->t->run->index->resuming[tl->events[i].line];
		if (resume < 0 ||
		    ((size_t)resume >= w->out->end && w->t->out->lines[resume].fate != LINE_MET) ||
		    (size_t)resume < w->out->begin)
			add(w, i, w->out->begin, w->out->end, resume);
	}
}

/* Each line takes the next event of its kind in its actor. */
static void align_happenings(struct work *w, enum line_kind kind, enum event_kind events)
{
	const struct timeline *tl = w->t->timeline;
	const struct run *run = w->t->run;
	bool *taken = arena_alloc(w->t->arena, tl->event_count + 1);

	for (size_t i = 0; i < w->out->end; i++) {
		int event = w->t->out->lines[i].event;

		if (run->lines[i].kind != kind || event < 0)
			continue;
		taken[event] = true;
		if (i >= w->out->begin)
			keep(w, i, event, -1);
	}
	for (int k = 0; k < (int)tl->event_count; k++) {
		const struct event *e = &tl->events[k];
		size_t i = w->out->begin;

		if (e->kind != events || !in_window(w, k) || taken[k])
			continue;
		while (i < w->out->end && (run->lines[i].kind != kind || counterpart(w, i)->kept ||
					   !same_actor(&run->lines[i], e->host, e->part)))
			i++;
		if (i < w->out->end)
			keep(w, i, k, -1);
		else
			add(w, k, w->out->begin, w->out->end, -1);
	}
}

/* ---- all of it ---- */

/* Notes, `...`, and the first line of the stretch need no counterpart. */
static bool needs_counterpart(const struct line *line)
{
	return line_role(line) == ROLE_OBSERVATION && line->kind != LINE_ANY;
}

struct alignment align_stretch(struct judged *t, size_t begin, size_t end, ns_t left_off, bool acks)
{
	struct alignment out = {.begin = begin, .end = end};
	struct work w = {.t = t, .out = &out, .acks = acks};
	struct stream *streams;
	size_t count;

	out.of = arena_alloc(t->arena, (end - begin + 1) * sizeof(*out.of));
	for (size_t i = begin; i < end; i++)
		out.of[i - begin] = (struct counterpart){
		    .kept = !needs_counterpart(&t->run->lines[i]),
		    .event = -1,
		    .segment = -1,
		};
	w.window = stretch_window(t->run, t->timeline, begin, end);
	if (left_off && left_off < w.window.to)
		w.window.to = left_off;
	streams = align_streams(&w, &count);
	align_arrivals(&w);
	align_returns(&w);
	align_happenings(&w, LINE_SIGNALLED, EVENT_SIGNAL);
	align_happenings(&w, LINE_DEATH, EVENT_DEATH);
	/* Last, because then the arrivals and returns before each are known. */
	for (size_t i = 0; i < count; i++)
		add_left(&w, &streams[i]);
	return out;
}

/* At the line's own time its sender has sent something else. */
static bool is_replaced(const struct judged *t, const struct alignment *aligned, size_t index)
{
	const struct line *line = &t->run->lines[index];

	for (size_t k = 0; line->kind == LINE_SENT && k < aligned->added_count; k++) {
		int event = aligned->added[k].event;
		const struct event *e = &t->timeline->events[event];

		if (e->kind == EVENT_SENT && line->gap.present &&
		    t->timeline->segments[e->segment].from == line->actor.id &&
		    !off_time(t, index, event))
			return true;
	}
	return false;
}

/* It has no counterpart; or one that is too early, which may be another one of its kind. */
static bool is_to_come(const struct judged *t, const struct alignment *aligned, size_t index)
{
	const struct counterpart *c = &aligned->of[index - aligned->begin];

	if (!c->kept)
		return !is_replaced(t, aligned, index);
	return c->segment >= 0 && !c->riding && off_time(t, index, c->event) < 0;
}

int bless_complete(const struct run *run, const struct timeline *timeline,
		   const struct judgement *j, size_t begin, size_t end)
{
	struct arena a = {0};
	struct judgement copy = *j;
	struct judged t = judged_open(&a, run, timeline, &copy, 0, false);
	struct alignment aligned;
	int differing = 0;

	aligned = align_stretch(&t, begin, end, 0, false);
	for (size_t i = begin; i < end && differing >= 0; i++) {
		const struct counterpart *c = &aligned.of[i - begin];

		if (is_to_come(&t, &aligned, i))
			differing = -1;
		else
			differing += c->differs || !c->kept;
	}
	arena_free(&a);
	return differing;
}
