/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page: packets and readings are judged in one walk through the lines, from above.
 *
 * What meets a line can depend on what has met the lines above it, never on the lines below. A line
 * that may choose (one under `...`, an arrival, a plain ACK) takes the first packet that fits, but
 * not one that certainly came before something above it, nor one that its gap excludes. So for each
 * end of a connection the walk keeps what has been written of it so far.
 *
 * As long as a line above is not met, later events may still change the choice.
 */
#include "harness/judge/page.h"

struct end_above *page_above(const struct page *page, int group, enum host host)
{
	struct end_above *a =
	    &page->above[(size_t)(group - GROUP_UNSEEN) * HOST_COUNT + (size_t)host];

	will_alter(page->t, a, sizeof(*a));
	return a;
}

/* ---- what would fit ---- */

struct fit page_fit(const struct page *page, size_t index, const struct segment *s)
{
	int group = segment_group(page->t, s);
	struct fit fit = {.off = gap_off(page->t, index, s->sent)};

	for (enum host h = 0; h < HOST_COUNT && !fit.older; h++) {
		struct position p;

		if (!segment_place(s, h, &p) || (p.as == LANE_IMPLIED && s->held))
			continue;
		fit.older = marks_forbid(&page_above(page, group, h)->marks, &p) ||
			    marks_forbid(&page->readings[h], &p);
	}
	return fit;
}

bool fits(const struct fit *fit)
{
	return !fit->older && !fit->off;
}

static ns_t distance(ns_t off)
{
	return off < 0 ? -off : off;
}

bool fits_rather(const struct fit *a, const struct fit *b)
{
	if (a->older != b->older)
		return b->older;
	return distance(a->off) < distance(b->off);
}

/* ---- what stands above ---- */

static bool is_tcp(const struct line *line)
{
	return line->segment.kind == SEGMENT_TCP || line->segment.kind == SEGMENT_DATA;
}

/* Whether the line is about something that comes to a host. */
static bool is_to_arrive(const struct line *line)
{
	enum fate fate = line->segment.fate;

	return is_tcp(line) && (fate == FATE_ARRIVED || fate == FATE_TWICE);
}

/* Whether the line, not yet met, may be about an ACK that nobody would answer. */
static bool may_be_unanswered(const struct trial *t, const struct line *line)
{
	return line->kind != LINE_FORGE && line_asks_plain_ack(t, line);
}

static void raise_to(int *order, int to)
{
	if (to > *order)
		*order = to;
}

/*
 * The segment that the line is about came to its host, as far as that is this line's business, and
 * is something that calls for an acknowledgement.
 */
static void note_heard(struct page *page, size_t index)
{
	struct trial *t = page->t;
	const struct line *line = &t->run->lines[index];
	const struct segment *s = &t->timeline->segments[t->out->lines[index].segment];
	bool by_itself = line->kind != LINE_SENT;
	struct end_above *a;

	if (!s->arrived_order || (s->held && !by_itself) || s->to == HOST_NONE)
		return;
	a = page_above(page, segment_group(t, s), s->to);
	if (is_to_arrive(line) && !t->unanswered[index] &&
	    (by_itself || !s->delayed || !arrival_below(t, index, s))) {
		raise_to(by_itself ? &a->told : &a->said,
			 by_itself ? s->arrived_order : s->sent_order);
		raise_to(&a->heard, s->arrived_order);
	}
	if (!s->delayed)
		raise_to(&a->prompt, s->arrived_order);
}

/* Whether each host that the line's segment may reach already has a segment to come. */
static bool is_expected(const struct page *page, size_t index)
{
	const struct line_key *key = &page->t->index->keys[index];
	int group = page->t->lookup.of_line[index];

	if (key->kind == LINE_FORGE || (key->kind == LINE_SENT && streams_wait(page, index)))
		return false;
	for (enum host h = 0; h < LAB_HOSTS; h++)
		if ((key->host == h) == (key->kind == LINE_ARRIVAL) &&
		    !page_above(page, group, h)->coming)
			return false;
	return true;
}

/* A segment that the line speaks of has not come (yet), to whomever it is for. */
static void note_missing(struct page *page, size_t index)
{
	const struct line *line = &page->t->run->lines[index];
	int group = page->t->lookup.of_line[index];
	enum host host;
	bool open;

	if (is_expected(page, index) || !is_to_arrive(line) || may_be_unanswered(page->t, line))
		return;
	host = line->kind == LINE_FORGE ? line->forged.id : line->actor.id;
	open = line->kind == LINE_SENT && streams_wait(page, index);
	for (enum host h = 0; h < LAB_HOSTS; h++) {
		struct end_above *a = page_above(page, group, h);

		if ((host == h) != (line->kind == LINE_ARRIVAL))
			continue;
		if (!a->open && !a->coming)
			*arena_push(page->t->arena, page->expecting, page->expecting_count) = a;
		a->open = a->open || open;
		a->coming = a->coming || !open;
	}
}

/* In the lane of that host, if it lies there. */
static void mark(struct page *page, size_t index, int group, enum host host)
{
	const struct lane lane = {.host = host};
	bool reads = page->t->index->keys[index].reads;
	struct position p;

	if (host != HOST_NONE && lane_place(page->t, index, &lane, &p))
		marks_add(reads ? &page->readings[host] : &page_above(page, group, host)->marks,
			  &p);
}

static void note_packet(struct page *page, size_t index)
{
	const struct trial *t = page->t;
	int segment = t->out->lines[index].segment;
	const struct segment *s = segment < 0 ? NULL : &t->timeline->segments[segment];

	if (!s) {
		note_missing(page, index);
		return;
	}
	mark(page, index, segment_group(t, s), s->from);
	mark(page, index, segment_group(t, s), s->to);
	note_heard(page, index);
}

static void note_call(struct page *page, size_t index)
{
	struct trial *t = page->t;
	int event = t->out->lines[index].event;

	if (event < 0)
		return;
	will_alter(t, &t->of_call[index], sizeof(*t->of_call));
	t->of_call[index] = event_group(t, &t->timeline->events[event]);
	if (t->of_call[index] > GROUP_NONE)
		mark(page, index, t->of_call[index], t->timeline->events[event].host);
}

static void note_reading(struct page *page, size_t index)
{
	const struct line_key *key = &page->t->index->keys[index];

	for (enum host h = 0; h < LAB_HOSTS; h++)
		if (key->kind == LINE_QUIET || key->host == h)
			mark(page, index, GROUP_NONE, h);
}

/* ---- the walk ---- */

static void read_it(struct page *page, size_t index)
{
	judge_reading(page->t, index, page->latest);
}

/* Judge the line, if it is of a kind judged here, and keep what lines further down must know. */
static const struct {
	void (*judge)(struct page *page, size_t index);
	void (*note)(struct page *page, size_t index);
} walk_table[LINE_KINDS] = {
    [LINE_SENT] = {streams_reach, note_packet}, [LINE_ARRIVAL] = {judge_arrival, note_packet},
    [LINE_FORGE] = {NULL, note_packet},		[LINE_CALL] = {NULL, note_call},
    [LINE_RESUME] = {NULL, note_call},		[LINE_OBSERVED] = {NULL, note_call},
    [LINE_RETURNED] = {NULL, note_call},	[LINE_SS] = {read_it, note_reading},
    [LINE_NSTAT] = {read_it, note_reading},	[LINE_PS] = {read_it, note_reading},
    [LINE_QUIET] = {read_it, note_reading},
};

static void look_at(struct page *page, size_t index)
{
	const struct line_judgement *j = &page->t->out->lines[index];
	enum line_kind kind = page->t->index->keys[index].kind;

	page->t->out->steps++;
	if (walk_table[kind].judge)
		walk_table[kind].judge(page, index);
	if (walk_table[kind].note)
		walk_table[kind].note(page, index);
	page->pending = page->pending || j->fate == LINE_PENDING;
	if (j->fate == LINE_MET && j->from > page->latest)
		page->latest = j->from;
}

void page_open(struct trial *t)
{
	struct page *page = arena_new(t->lasting, struct page);
	size_t lines = t->run->line_count + 1;

	*page = (struct page){.t = t, .latest = t->timeline->start};
	page->above = arena_alloc(t->lasting,
				  (t->lookup.group_count + 1) * HOST_COUNT * sizeof(*page->above));
	t->page = page;
	t->of_call = arena_alloc(t->lasting, lines * sizeof(*t->of_call));
	t->unanswered = arena_alloc(t->lasting, lines);
	t->plainly = arena_alloc(t->lasting, lines);
	streams_open(page);
	arrivals_open(page);
}

/*
 * Lines that have not been begun can also be met, by what has come too early for them. A judgement
 * from the beginning looks at all of them; one that goes on, only as far as something is left for
 * them.
 */
static bool goes_on(struct page *page, size_t index)
{
	return !page->t->undo || index < page->t->done || streams_go_on(page) ||
	       arrivals_go_on(page, index);
}

void judge_page(struct trial *t)
{
	struct page *page = t->page;

	will_alter(t, page, sizeof(*page));
	streams_gather(page);
	arrivals_gather(page);
	for (size_t i = t->settled.lines; i < t->run->line_count && goes_on(page, i); i++)
		look_at(page, i);
	streams_finish(page);
}

bool page_settle(struct trial *t)
{
	struct page *page = t->page;

	if (!streams_settled(page))
		return false;
	for (size_t i = 0; i < page->expecting_count; i++)
		page->expecting[i]->coming = page->expecting[i]->open = false;
	page->expecting = NULL;
	page->expecting_count = 0;
	page->pending = false;
	arrivals_settle(page);
	return true;
}
