/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the observed events to the script's new text.
 *
 * Stretch by stretch: its first line gets its result or its reading; lines that are kept get the
 * observed values, in the written fields; lines without a counterpart are removed; events without a
 * line get one. On the way the list of facts grows: the events in the order of the new lines,
 * because gaps count from them.
 */
#include <string.h>

#include "harness/base/text.h"
#include "harness/bless/align.h"
#include "harness/bless/draft.h"
#include "harness/bless/lateness.h"
#include "harness/bless/line_fields.h"
#include "harness/bless/times.h"
#include "harness/calls/calls.h"
#include "harness/script/labels.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

#define PACKET_COLUMN 10
#define SMALLEST_GAP  (10 * NS_PER_MS) /* a shorter time is not a timer's */

struct fact {
	ns_t from, to;
	ns_t begun; /* of a call that has returned: it had been entered by then */
	bool is_origin, is_call, is_action, is_back;
};

struct rewriting {
	struct judged t;
	struct judgement judged; /* a copy: comparing binds names */
	struct edits edits;
	struct fields fields;
	const struct blessing *what;
	struct fact *facts;
	size_t fact_count;
	struct labels labels; /* of facts */
	const char *current;  /* the connection of a packet without a tag; NULL: none */
	bool tagged;	      /* an added line has changed that */
	ns_t last_gap;	      /* the time before the last line, if it has a single one; else 0 */
};

static const struct run *run_of(const struct rewriting *r)
{
	return r->t.run;
}

static const struct line *line_at(const struct rewriting *r, size_t index)
{
	return &r->t.run->lines[index];
}

/* It held in the usual run: it stays as it is. */
static bool is_held(const struct rewriting *r, size_t index)
{
	return bless_is_held(r->what->held, index);
}

/* ---- facts and gaps ---- */

static struct fact *add_fact(struct rewriting *r, ns_t from, ns_t to, const char *label)
{
	struct fact *f = arena_push(r->t.arena, r->facts, r->fact_count);

	*f = (struct fact){.from = from, .to = to};
	label_mark(r->t.arena, &r->labels, label, r->fact_count - 1);
	return f;
}

static void add_line_fact(struct rewriting *r, size_t line, ns_t from, ns_t to)
{
	const struct line *l = line_at(r, line);
	struct fact *f = add_fact(r, from, to, l->label);

	f->is_origin = line_is_origin(l);
	f->is_call = l->kind == LINE_CALL;
	f->is_action = line_role(l) == ROLE_ACTION;
}

/* The same for a call, with its event: where it was entered, or has returned. */
static void add_call_fact(struct rewriting *r, size_t line, const struct event *e)
{
	struct fact *f;

	add_line_fact(r, line, e->from, e->to);
	f = &r->facts[r->fact_count - 1];
	f->is_back = e->kind == EVENT_RETURN;
	f->begun = e->begun > e->from ? e->begun : e->from;
}

/*
 * The latest time at which the fact may have caused the event at `at`, as for the judge (gaps.c). A
 * call that returned only later (accept() waits for it) can only have caused it when it was
 * entered. One that was only seen asleep later may have waited for a CPU until then.
 */
static ns_t until(const struct fact *f, ns_t at)
{
	return f->is_call && f->is_back && f->to > at ? f->begun : f->to;
}

/*
 * Like judged_origin(), but for the new lines: the origin of the time before an event at `at`.
 */
static bool find_origin(const struct rewriting *r, const char *label, ns_t at, ns_t *from, ns_t *to)
{
	int labelled = label ? label_find(&r->labels, label) : -1;
	ns_t last_call = 0;

	if (labelled >= 0) {
		*from = r->facts[labelled].from;
		*to = r->facts[labelled].to;
		return true;
	}
	for (size_t i = r->fact_count; !label && i-- > 0;) {
		const struct fact *f = &r->facts[i];

		if (f->is_call && until(f, at) > last_call)
			last_call = until(f, at);
		if (!f->is_origin)
			continue;
		*from = f->from;
		*to = last_call > f->to ? last_call : f->to;
		return true;
	}
	*from = r->t.timeline->start;
	*to = last_call > *from ? last_call : *from;
	return !label;
}

/*
 * Whether an event may have followed a death or a handler's run at once: the machine decides how
 * long those take, from their cause to the moment when they were noticed.
 */
static bool may_follow_at_once(const struct rewriting *r, int event)
{
	const struct timeline *t = r->t.timeline;
	ns_t at = t->events[event].from;

	for (size_t i = 0; i < t->event_count; i++) {
		const struct event *e = &t->events[i];
		bool happens = e->kind == EVENT_SIGNAL || e->kind == EVENT_DEATH;

		if ((int)i != event && happens && e->from <= at && at < e->to + SMALLEST_GAP)
			return true;
	}
	return false;
}

/*
 * When the last action ended that may have caused what came at `at`: also a fault, a setting or a
 * signal. Its line may be above that of the packet from which a time would count: so how late the
 * program was with it is no part of that time.
 */
static ns_t last_action(const struct rewriting *r, ns_t at)
{
	ns_t latest = r->t.timeline->start;

	for (size_t i = 0; i < r->fact_count; i++) {
		const struct fact *f = &r->facts[i];

		if (f->is_action && f->from <= at && until(f, at) > latest)
			latest = until(f, at);
	}
	return latest;
}

/* The time before an added event, 10 ms or more, if it cannot have come at once; else 0. */
static ns_t gap_before(struct rewriting *r, int event)
{
	const struct event *e = &r->t.timeline->events[event];
	ns_t from, to, begun = last_action(r, e->from);
	struct measured m;

	if (e->cause >= 0 || may_follow_at_once(r, event))
		return 0;
	find_origin(r, NULL, e->from, &from, &to);
	m = (struct measured){e->from - (begun > to ? begun : to), e->from - from,
			      r->t.timeline->tick};
	return m.least < SMALLEST_GAP ? 0 : time_roundest(&m, r->last_gap);
}

/*
 * A time that does not hold. One that is too short to be written is removed. `before`: the time
 * before the line above, of which it may be the double; 0: there is none.
 */
static void replace_gap(struct edits *e, size_t line, const struct measured *m, ns_t before)
{
	const struct line *l = &e->run->lines[line];
	const struct gap *gap = &l->gap;
	struct extent upto = {gap->time.from, l->actor.extent.from};
	int width = (int)(upto.to - upto.from) - 1; /* the following text stays in its column */

	if (m->least >= SMALLEST_GAP && l->kind != LINE_ARRIVAL)
		edits_set(e, line, upto,
			  arena_printf(e->arena, "%-*s ", width,
				       time_text(e->arena, time_roundest(m, before))));
	else if (m->least >= SMALLEST_GAP)
		edits_set(e, line, gap->time, time_text(e->arena, time_roundest(m, before)));
	else if (gap->from)
		edits_refuse(e, line, "it comes less than 10 ms after @%s", gap->from);
	else
		edits_set(
		    e, line, gap->extent,
		    arena_printf(e->arena, "%*s", (int)(gap->extent.to - gap->extent.from), ""));
}

/* The time before a kept line: changed only if it does not hold. */
static void set_gap(struct rewriting *r, size_t line, ns_t at_from, ns_t at_to)
{
	const struct gap *gap = &line_at(r, line)->gap;
	ns_t from, to, low, high;
	struct measured m;

	r->last_gap = 0;
	if (!gap->present)
		return;
	if (is_held(r, line)) {
		r->last_gap = gap->is_range || gap->from ? 0 : gap->min;
		return;
	}
	if (!find_origin(r, gap->from, INT64_MAX, &from, &to)) {
		edits_refuse(&r->edits, line, "@%s, from which its time counts, has not happened",
			     gap->from);
		return;
	}
	gap_bounds(gap, r->t.timeline->tick, &low, &high);
	m = (struct measured){at_from - to - own_time(&r->t, line, to, at_from), at_to - from,
			      r->t.timeline->tick};
	if (m.most >= low && m.least <= high) {
		edits_set(&r->edits, line, gap->time, NULL);
		r->last_gap = gap->is_range || gap->from ? 0 : gap->min;
	} else {
		find_origin(r, gap->from, at_from, &from, &to);
		m.least = at_from - to;
		if (m.most >= low) /* else it is too short, and not because of the program */
			m.least -= own_time(&r->t, line, to, at_from);
		replace_gap(&r->edits, line, &m, 0);
	}
}

/* ---- connections of packets ---- */

/*
 * Below accept() a packet without a tag would belong to the connection that accept() takes. That is
 * not known before accept() has returned: so lines that are added there get a tag.
 */
#define TO_COME "" /* not the name of a connection */

static bool takes_connection(const struct line *l)
{
	return l->kind == LINE_CALL && l->call.row->accepts;
}

static const char *about(const struct rewriting *r, size_t line)
{
	const struct line *l = line_at(r, line);

	if (takes_connection(l))
		return TO_COME;
	return l->about_count == 1 ? canonical_name(r->t.timeline, l->about[0]) : NULL;
}

/* Whether the line sets the connection of the packets below it; if not, it stays. */
static bool sets_current(const struct rewriting *r, size_t line)
{
	return line == 0 || line_at(r, line)->about != line_at(r, line - 1)->about;
}

/* The connection of a packet without a tag, after a line that stays. */
static void pass_line(struct rewriting *r, size_t line)
{
	const struct line *l = line_at(r, line);
	const char *whose = l->connection ? canonical_name(r->t.timeline, l->connection) : NULL;
	bool is_packet = l->kind == LINE_SENT || l->kind == LINE_ARRIVAL;
	struct extent behind = {l->actor.extent.to, l->actor.extent.to};

	if (is_packet && !l->actor.connection) {
		if (whose && r->tagged && !text_same(whose, r->current))
			edits_fill(&r->edits, line, behind,
				   arena_printf(r->t.arena, ":%s", l->connection));
	} else if (sets_current(r, line)) {
		r->current = about(r, line);
		r->tagged = false;
	}
}

/* ---- added events ---- */

static bool is_own_packet(const struct rewriting *r, size_t line)
{
	return line_at(r, line)->kind == LINE_SENT && line_is_own(run_of(r), line_at(r, line));
}

/* The indentation of packets: in the same stretch, else nearby. */
static int column_near(const struct rewriting *r, size_t line)
{
	const struct run *run = run_of(r);
	size_t begin = stretch_begin(run, line), end = stretch_end(run, begin);

	for (size_t i = begin; i < end; i++)
		if (is_own_packet(r, i))
			return line_at(r, i)->actor.place.column - 1;
	for (size_t d = 1; d < run->line_count; d++) {
		if (line >= d && is_own_packet(r, line - d))
			return line_at(r, line - d)->actor.place.column - 1;
		if (line + d < run->line_count && is_own_packet(r, line + d))
			return line_at(r, line + d)->actor.place.column - 1;
	}
	return PACKET_COLUMN;
}

static const char *packet_body(struct rewriting *r, const struct event *e, size_t below)
{
	const struct segment *s = &r->t.timeline->segments[e->segment];
	const char *whose = segment_connection(r->t.timeline, s), *tag = "";
	struct segment arrived = *s;
	int64_t next = segment_next(r->t.timeline, s);

	if (whose && !strcmp(whose, "?")) {
		edits_refuse(&r->edits, below,
			     "'%s' comes below it, and no call of the script names its connection",
			     event_text(r->t.arena, r->t.timeline, e));
		return "";
	}
	if (whose && !text_same(whose, r->current)) {
		tag = arena_printf(r->t.arena, ":%s", whose);
		r->current = whose;
		r->tagged = true;
	}
	if (e->kind == EVENT_SENT)
		return arena_printf(r->t.arena, "%s%s> %s", host_name(s->from), tag,
				    segment_default(r->t.arena, s, next));
	arrived.fate = FATE_ARRIVED;
	arrived.held = false;
	return arena_printf(r->t.arena, ">%s%s %s", host_name(s->to), tag,
			    segment_default(r->t.arena, &arrived, next));
}

static const char *actor_text(struct rewriting *r, const struct event *e)
{
	return arena_printf(r->t.arena, "%s%s%s", host_name(e->host), e->part ? "." : "",
			    e->part ? e->part : "");
}

/* The call as it is written, unless a part of that does not hold. */
static const char *resumed_args(struct rewriting *r, const struct event *e)
{
	const struct line *l = line_at(r, (size_t)e->line);
	const char *text = extent_text(r->t.arena, l, l->call.args_extent);

	return strpbrk(text, "\n$#") || !args_hold(&r->fields, &l->call, e) ? "()" : text;
}

static const char *return_body(struct rewriting *r, const struct event *e, size_t below)
{
	const struct line *l = line_at(r, (size_t)e->line);
	const struct call_row *row = l->call.row;

	if (e->result >= 0 && row && row->returns == RETURNS_DESCRIPTOR) {
		edits_refuse(&r->edits, (size_t)e->line,
			     "it blocks and returns a descriptor, which needs a name that only you "
			     "can give: '%s ... %s() = NAME' below line %d",
			     actor_text(r, e), l->call.name, line_at(r, below)->place.line);
		return "";
	}
	if (sets_current(r, (size_t)e->line))
		r->current = about(r, (size_t)e->line);
	return arena_printf(r->t.arena, "%s ... %s%s = %s%s", actor_text(r, e), l->call.name,
			    resumed_args(r, e), result_text(r->t.arena, e),
			    behind_text(r->t.arena, &l->call, e));
}

static const char *happening_body(struct rewriting *r, const struct event *e)
{
	struct arena *a = r->t.arena;
	char signal[SIGNAL_TEXT];

	signal_text(e->signal, signal);
	if (e->kind == EVENT_SIGNAL)
		return arena_printf(a, "%s --- %s ---", actor_text(r, e), signal);
	if (e->signal)
		return arena_printf(a, "%s +++ killed by %s +++", actor_text(r, e), signal);
	return arena_printf(a, "%s +++ exited with %d +++", actor_text(r, e), e->status);
}

/* An existing line for it in the wrong place is moved as it is. */
static const char *moved_body(struct rewriting *r, size_t line)
{
	const struct line *l = line_at(r, line);

	edits_delete(&r->edits, line);
	return extent_text(r->t.arena, l, (struct extent){l->actor.extent.from, l->extent.to});
}

static void insert(struct rewriting *r, const struct addition *added)
{
	const struct event *e = &r->t.timeline->events[added->event];
	bool is_packet = e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED;
	ns_t at = e->from;
	ns_t gap = added->plain ? 0 : gap_before(r, added->event);
	struct insertion i = {
	    .below = added->after,
	    .event = e,
	    .gap = gap ? arena_printf(r->t.arena, "+%s", time_text(r->t.arena, gap)) : "",
	    .column = column_near(r, added->after),
	};
	const struct line *moved = added->moved >= 0 ? line_at(r, (size_t)added->moved) : NULL;

	if (moved && is_held(r, (size_t)added->moved))
		return;
	if (moved) {
		i.moved = moved->place.line;
		i.body = moved_body(r, (size_t)added->moved);
	} else if (is_packet)
		i.body = packet_body(r, e, added->after);
	else if (e->kind == EVENT_RETURN)
		i.body = return_body(r, e, added->after);
	else
		i.body = happening_body(r, e);
	r->last_gap = gap;
	edits_insert(&r->edits, i);
	add_fact(r, at, is_packet ? at : e->to, moved ? moved->label : NULL)->is_origin =
	    is_packet || e->kind == EVENT_RETURN || gap;
}

/* ---- the first line of a stretch ---- */

static const struct event *event_of(const struct rewriting *r, size_t line, enum event_kind kind)
{
	int event = judged_event(&r->t, kind, line);

	return event < 0 ? NULL : &r->t.timeline->events[event];
}

/* The text behind a call: nothing yet, or text that does not hold. */
static void set_tail(struct rewriting *r, size_t line, const char *text)
{
	const struct call *call = &line_at(r, line)->call;

	if (call->result.kind == RESULT_TO_COME)
		edits_fill(&r->edits, line, call->tail, text);
	else
		edits_set(&r->edits, line, call->tail, text);
}

static void set_call(struct rewriting *r, size_t line)
{
	const struct call *call = &line_at(r, line)->call;
	const struct event *e = event_of(r, line, EVENT_CALL);
	const struct event *back = event_of(r, line, EVENT_RETURN);
	bool is_back = !call->open && back && !back->blocked;

	if (!e)
		return; /* an actor that is gone: the run is broken */
	add_call_fact(r, line, is_back ? back : e);
	if (is_held(r, line) || call->open)
		return;
	if (is_back) {
		fields_of_return(&r->fields, line, back);
	} else if (e->abandoned) { /* its process has ended in it */
		if (call->result.kind != RESULT_UNKNOWN)
			set_tail(r, line, " = ?");
	} else if (e->blocked) {
		set_tail(r, line, " ...");
	} else if (call->result.kind != RESULT_UNKNOWN) {
		edits_refuse(&r->edits, line, "it neither comes back nor sleeps in the kernel");
	}
}

static void set_reading(struct rewriting *r, size_t line)
{
	const struct line *l = line_at(r, line);
	int answer = reading_answer(&r->t, line);
	const struct event *e = answer < 0 ? NULL : &r->t.timeline->events[answer];

	if (e)
		add_line_fact(r, line, e->from, e->to);
	if (is_held(r, line))
		return;
	if (l->kind == LINE_QUIET && !e)
		edits_delete(&r->edits, line);
	else if (e && l->kind == LINE_SS)
		fields_of_socket(&r->fields, line, e);
	else if (e && l->kind == LINE_PS)
		fields_of_process(&r->fields, line, e);
	else if (e && l->kind == LINE_NSTAT)
		fields_of_counters(&r->fields, line, e);
}

static void set_beginning(struct rewriting *r, size_t line)
{
	const struct line *l = line_at(r, line);
	const struct line_judgement *j = &r->t.out->lines[line];

	if (l->kind == LINE_CALL)
		set_call(r, line);
	else if (line_is_reading(l))
		set_reading(r, line);
	else if (j->fate == LINE_MET)
		add_line_fact(r, line, j->from, j->to);
}

/* ---- a stretch ---- */

/* The values of a kept line; those of a line that held are known to be as written. */
static void set_counterpart(struct rewriting *r, size_t line, const struct counterpart *c)
{
	const struct line *l = line_at(r, line);
	const struct timeline *t = r->t.timeline;
	const struct event *e = c->event >= 0 ? &t->events[c->event] : NULL;

	if (c->segment >= 0) {
		const struct segment *s = &t->segments[c->segment];
		ns_t at = l->kind == LINE_ARRIVAL ? s->arrived : s->sent;

		if (c->riding) {
			add_line_fact(r, line, at, at);
			return;
		}
		set_gap(r, line, at, at);
		if (l->segment.kind == SEGMENT_DATA && !is_held(r, line))
			fields_of_part(&r->fields, line, s);
		else if (!is_held(r, line))
			fields_of_segment(&r->fields, line, s);
		add_line_fact(r, line, at, at);
	} else if (e) {
		set_gap(r, line, e->from, e->to);
		if (l->kind == LINE_RESUME && !is_held(r, line))
			fields_of_return(&r->fields, line, e);
		else if (!is_held(r, line))
			fields_of_happening(&r->fields, line, e);
		add_line_fact(r, line, e->from, e->to);
	}
}

/* `data (n)` takes all that there is. */
static void set_absorbed(struct rewriting *r, size_t line, const struct counterpart *c)
{
	const struct value *length = line_at(r, line)->segment.length;

	if (length && c->absorbed && !judged_value(&r->t, length, c->absorbed))
		edits_set(&r->edits, line, length->extent,
			  arena_printf(r->t.arena, "%lld", (long long)c->absorbed));
}

/* The lines added above the stretch that begins with `begin`: packets below it keep their names. */
static void insert_above(struct rewriting *r, const struct addition *added, size_t begin)
{
	r->current = about(r, added->after);
	r->tagged = false;
	insert(r, added);
	for (size_t i = added->after + 1; i < begin; i++)
		pass_line(r, i);
}

static void rewrite_stretch(struct rewriting *r, size_t begin, size_t end)
{
	bool acks = r->what->acks && line_is_own(run_of(r), line_at(r, begin));
	struct alignment aligned = align_stretch(&r->t, begin, end, r->what->left_off, acks);
	size_t next = 0;

	for (; next < aligned.added_count && aligned.added[next].after < begin; next++)
		insert_above(r, &aligned.added[next], begin);
	set_beginning(r, begin);
	for (size_t i = begin; i < end && !r->edits.why; i++) {
		const struct counterpart *c = &aligned.of[i - begin];

		if (!c->kept && !is_held(r, i)) {
			edits_delete(&r->edits, i);
		} else {
			edits_set(&r->edits, i, line_at(r, i)->actor.extent, NULL);
			pass_line(r, i);
			if (i > begin || !line_role(line_at(r, i))) {
				set_counterpart(r, i, c);
				set_absorbed(r, i, c);
			}
		}
		for (; next < aligned.added_count && aligned.added[next].after <= i; next++)
			insert(r, &aligned.added[next]);
	}
}

/* Lines above the first examined stretch, as the judge has found them. */
static void take_facts(struct rewriting *r, size_t upto)
{
	for (size_t i = 0; i < upto; i++) {
		const struct line_judgement *j = &r->t.out->lines[i];

		if (j->fate == LINE_MET && line_at(r, i)->kind == LINE_CALL && j->event >= 0)
			add_call_fact(r, i, &r->t.timeline->events[j->event]);
		else if (j->fate == LINE_MET)
			add_line_fact(r, i, j->from, j->to);
	}
	if (upto > 0)
		r->current = about(r, upto - 1);
}

/* Lines that were not reached, but for which an untagged line above changes the connection. */
static void repair_tags(struct rewriting *r)
{
	for (size_t i = r->what->done; i < run_of(r)->line_count && r->tagged; i++)
		pass_line(r, i);
}

/* A line that held in one turn cannot change in the next. */
static void guard_held(struct rewriting *r)
{
	const struct run *run = run_of(r);

	for (size_t i = 0; i < run->line_count; i++)
		if ((i < r->what->from || is_held(r, i)) && line_role(line_at(r, i)) != ROLE_NOTE &&
		    line_is_own(run, line_at(r, i)) && line_at(r, i)->repeat_at.source)
			edits_set(&r->edits, i, line_at(r, i)->extent, NULL);
}

/* Something else went wrong during the reading: that was the end of the run. */
static bool is_cut_short(const struct run *run, const struct judgement *j, size_t index)
{
	const struct problem *own = NULL;

	if (!line_is_reading(&run->lines[index]))
		return false;
	for (size_t i = 0; i < j->problem_count; i++) {
		if (j->problems[i].line == (int)index)
			own = &j->problems[i];
		else if (own && own->event >= 0 && j->problems[i].event > own->event)
			return true;
	}
	return false;
}

const char *bless_held(struct arena *a, const struct run *run, const struct judgement *j)
{
	char *held = arena_alloc(a, run->line_count + 1);

	for (size_t i = 0; i < run->line_count; i++) {
		if (j->lines[i].fate == LINE_MET)
			held[i] = '+';
		else
			held[i] = is_cut_short(run, j, i) ? '?' : '-';
	}
	return held;
}

bool bless_is_held(const char *held, size_t index)
{
	return held && held[index] == '+';
}

bool bless_may_hold(const char *held, size_t index)
{
	return held && held[index] != '-';
}

/* With every '?' decided. */
static const char *decide_held(struct arena *a, const struct run *run, const struct judgement *j,
			       const char *held)
{
	char *decided = held ? arena_strdup(a, held) : NULL;

	for (size_t i = 0; decided && i < run->line_count; i++)
		if (decided[i] == '?')
			decided[i] = is_cut_short(run, j, i) ? '+' : '-';
	return decided;
}

bool bless_rewrite(struct arena *a, const struct run *run, const struct timeline *t,
		   const struct judgement *j, const struct blessing *what, struct draft *draft,
		   const char **why)
{
	struct blessing decided = *what;
	struct rewriting r = {
	    .judged = *j,
	    .edits = {.arena = a, .run = run, .what = &decided},
	    .what = &decided,
	};
	bool done;

	decided.held = decide_held(a, run, j, what->held);

	r.t = judged_open(a, run, t, &r.judged, what->done, true);
	r.fields = (struct fields){&r.t, &r.edits};
	guard_held(&r);
	take_facts(&r, what->from);
	for (size_t begin = what->from; begin < what->done && !r.edits.why;
	     begin = stretch_end(run, begin))
		rewrite_stretch(&r, begin, stretch_end(run, begin));
	repair_tags(&r);
	done = edits_apply(&r.edits, draft);
	*why = r.edits.why;
	return done;
}

/* The time before the line that the time of line `index` counts from, as timers double; 0: none. */
static ns_t time_above(const struct judged *t, size_t index)
{
	const struct run *run = t->run;

	while (!run->lines[index].gap.from && index-- > 0) {
		const struct gap *gap = &run->lines[index].gap;

		if (line_is_origin(&run->lines[index]) && t->out->lines[index].fate == LINE_MET)
			return gap->present && !gap->is_range && !gap->from ? gap->min : 0;
	}
	return 0;
}

enum bless_time bless_gap(struct arena *a, const struct run *run, const struct timeline *t,
			  const struct judgement *j, struct draft *draft)
{
	const struct problem *p = j->problems;
	const struct blessing what = {.done = run->line_count};
	struct judgement copy = *j;
	struct judged judged = judged_open(a, run, t, &copy, 0, true);
	struct edits edits = {.arena = a, .run = run, .what = &what};
	const struct line_judgement *where;
	ns_t from, to, low, high, late;
	struct measured m;
	size_t line;

	if (!j->problem_count || !p->timing || !run->lines[p->line].gap.present)
		return TIME_OTHER;
	line = (size_t)p->line;
	where = &j->lines[line];
	if (line_is_inverted(&judged, line) || (where->event < 0 && where->segment < 0) ||
	    !judged_origin(&judged, line, where->from, &from, &to))
		return TIME_OTHER;
	if (to > where->from) /* a call that was not known yet to be asleep has not begun it */
		to = from;
	gap_bounds(&run->lines[line].gap, t->tick, &low, &high);
	late = where->from - to - high;
	m = (struct measured){where->from - to, where->to - from, t->tick};
	if (late > 0)
		m.least -= own_time(&judged, line, to, where->from);
	if (late > 0 && m.least <= high)
		return TIME_LATE_ITSELF;
	replace_gap(&edits, line, &m, time_above(&judged, line));
	if (!edits_apply(&edits, draft))
		return TIME_OTHER;
	if (late > 0)
		return TIME_LATE;
	return run->lines[line].kind == LINE_SENT && m.most < low ? TIME_MAY_COME : TIME_EARLY;
}

struct draft bless_unmark(struct arena *a, const struct script *script)
{
	const struct source *source = script->source;
	struct draft_writer w;
	size_t at = 0;

	draft_open(&w, a, source);
	for (size_t i = 0; i < script->mark_count; i++) {
		size_t from = script->marks[i].from, to = script->marks[i].to;

		while (from > at &&
		       (source->text[from - 1] == ' ' || source->text[from - 1] == '\t'))
			from--;
		/* Nothing else is in that line: then the whole line is removed. */
		while ((from == 0 || source->text[from - 1] == '\n') && to < source->length &&
		       source->text[to++] != '\n')
			;
		draft_copy(&w, at, from);
		at = to;
	}
	draft_copy(&w, at, source->length);
	return draft_close(&w);
}
