/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of programs under test: what each did, against what is written of it.
 *
 * The program is traced, so its calls come in one order, that of their returns. Each call meets the
 * first line that no call has met: one of its host, without a part or with its task's. Strictly: a
 * call that is not what that line says is an error, and so is one for which no line is left. `...`
 * between two lines lets calls pass until the next line matches; but a call that was over before an
 * action above that line began does not match. A line with `...` at its end is met when the call
 * begins; the return of that call belongs to the line that resumes it.
 *
 * Descriptors are numbers here. A line such as `socket() = c` names one, for lines below it: `c`
 * then means that number, and packets of `c` are those of the connection that has it. The latter
 * must be known before anything else is judged (lookup.c). So calls are matched once without
 * noting anything, only to find the names.
 */
#include "harness/judge/trial.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/calls.h"
#include "harness/script/script.h"
#include "harness/timeline/notation.h"

/* A call that a line with `...` has begun. */
struct begun {
	enum host host;
	const char *part;
	size_t line;
};

/* One pass over the calls. */
struct pass {
	struct trial *t;
	bool dry;      /* only to find names */
	int *event_of; /* dry: which event has met each line, -1: none */
	ns_t *begins;  /* dry: when each line was begun, INT64_MIN: it was not */
	bool *taken;   /* of the list of observing lines, from `first` on */
	size_t first;
	struct begun *open;
	size_t open_count;
};

static const struct line_list *observing(const struct trial *t)
{
	return &t->index->of_kind[LINE_OBSERVED];
}

/* ---- the text of a call ---- */

/* recv() is recvfrom() for the kernel, which is what is traced. */
static bool is_same_call(const struct call_row *written, const struct call_row *seen)
{
	return written && seen &&
	       (written == seen || (seen->number >= 0 && seen->number == written->number));
}

/* In the full form of setsockopt() an argument has another place: 2 is shown as 1. */
static size_t shown_place(const struct call *call, size_t i)
{
	return call_is_full(call) && i > 1 ? i - 1 : i;
}

/* What no trace shows: the level, which the option says, and a length. */
static bool is_unshown(const struct call *call, size_t i)
{
	return call_is_full(call) && (i == 1 || i == 4);
}

static bool is_null(const struct arg *arg)
{
	return arg->kind == ARG_NAMES && arg->name_count == 1 && !strcmp(arg->names[0], "NULL");
}

/* ---- names of descriptors ---- */

static int event_of(const struct pass *p, size_t line)
{
	const struct line_judgement *j = &p->t->out->lines[line];

	if (p->dry)
		return p->event_of[line];
	return j->fate == LINE_MET ? j->event : -1;
}

/* The number of the descriptor that a line above `index` has named so; false: none has. */
static bool named_number(const struct pass *p, const char *name, size_t index, int64_t *number)
{
	const struct run *run = p->t->run;

	while (index-- > 0) {
		const struct line *line = &run->lines[index];
		int event;

		if ((line->kind != LINE_OBSERVED && line->kind != LINE_RETURNED) ||
		    line->call.result.kind != RESULT_NAME || strcmp(line->call.result.name, name))
			continue;
		event = event_of(p, index);
		*number = event < 0 ? 0 : p->t->timeline->events[event].result;
		return event >= 0;
	}
	return false;
}

/* The argument with numbers in the place of names that lines above have given. */
static const struct arg *by_number(const struct pass *p, const struct arg *arg, size_t index)
{
	struct arena *a = p->t->arena;
	struct arg *copy;
	int64_t number;

	if (arg->kind == ARG_NAMES && arg->name_count == 1 &&
	    islower((unsigned char)arg->names[0][0]) &&
	    named_number(p, arg->names[0], index, &number)) {
		copy = arena_new(a, struct arg);
		*copy = *arg;
		copy->kind = ARG_VALUE;
		copy->value = arena_new(a, struct value);
		*copy->value = (struct value){.kind = VALUE_INT, .number = number};
		return copy;
	}
	if (!arg->item_count)
		return arg;
	copy = arena_new(a, struct arg);
	*copy = *arg;
	copy->items = arena_alloc(a, arg->item_count * sizeof(*copy->items));
	for (size_t i = 0; i < arg->item_count; i++)
		copy->items[i] = (struct arg *)by_number(p, arg->items[i], index);
	return copy;
}

/* ---- a call and a line ---- */

/* Of data that was too long to be shown, only the beginning is known. */
static bool begins_alike(const struct arg *written, const struct arg *seen)
{
	size_t length = written->length < seen->length ? written->length : seen->length;

	return written->kind == ARG_STRING && seen->kind == ARG_STRING && seen->cut &&
	       (written->cut || written->length >= seen->length) &&
	       !memcmp(written->bytes, seen->bytes, length);
}

static bool arg_fits(const struct pass *p, size_t index, const struct arg *written,
		     const struct arg *seen)
{
	return begins_alike(written, seen) ||
	       filled_matches(p->t, by_number(p, written, index), seen);
}

/* The arguments, those that are filled in too if it has returned. */
static bool args_fit(const struct pass *p, size_t index, const struct event *e)
{
	const struct call *written = &p->t->run->lines[index].call;
	const struct call *seen = NULL;
	unsigned filled = p->t->index->keys[index].filled;

	if (!is_same_call(written->row, e->call))
		return false;
	for (size_t i = 0; i < written->arg_count; i++) {
		const struct arg *arg = written->args[i], *other;
		size_t at = shown_place(written, i);

		if (arg->kind == ARG_ANY || is_unshown(written, i))
			continue;
		if (i < SEEN_COUNT && filled >> i & 1) {
			if (e->kind != EVENT_RETURN)
				continue;
			if (!e->seen[at] && call_expectation(written, i))
				return false;
			other = e->seen[at] ? arg_parse(p->t->arena, e->seen[at]) : NULL;
			if (e->seen[at] && (!other || !arg_fits(p, index, arg, other)))
				return false;
			continue;
		}
		if (!seen)
			seen = call_parse(p->t->arena, e->text);
		other = seen && at < seen->arg_count ? seen->args[at] : NULL;
		if (other ? !arg_fits(p, index, arg, other) : !is_null(arg))
			return false;
	}
	return true;
}

static bool beside_fits(const struct pass *p, size_t index, const struct event *e)
{
	const struct result *r = &p->t->run->lines[index].call.result;

	for (size_t i = 0; i < r->seen_count; i++) {
		bool found = arg_is_timeout(r->seen[i]) && e->result == 0;

		for (size_t k = 0; k < SHOWN_COUNT && !found; k++) {
			const char *text = e->seen[shown_at(k)];
			const struct arg *shown = text ? arg_parse(p->t->arena, text) : NULL;

			found = shown && arg_fits(p, index, r->seen[i], shown);
		}
		if (!found)
			return false;
	}
	return true;
}

static bool result_fits(const struct pass *p, size_t index, const struct event *e)
{
	const struct result *r = &p->t->run->lines[index].call.result;

	if (e->kind == EVENT_CALL) /* it has been left with its process */
		return e->abandoned && r->kind == RESULT_UNKNOWN;
	if (r->kind == RESULT_NAME)
		return e->result >= 0;
	return result_matches(p->t, r, e) && beside_fits(p, index, e);
}

/* Whether the whole call, or only its beginning, is what the line says. */
static bool call_fits(const struct pass *p, size_t index, const struct event *e, bool whole)
{
	size_t bound = p->t->out->variable_count;

	p->t->out->steps++;
	if (args_fit(p, index, e) && (!whole || result_fits(p, index, e)))
		return true;
	p->t->out->variable_count = bound; /* what was bound in vain is free again */
	return false;
}

/* ---- which line ---- */

static bool is_of_task(const struct line *line, const struct event *e)
{
	return line->actor.host && line->actor.id == e->host &&
	       (!line->actor.part || text_same(line->actor.part, e->part));
}

static bool is_about_program(const struct line *line)
{
	return line->kind == LINE_OBSERVED || line->kind == LINE_RETURNED ||
	       line->kind == LINE_PROGRAM;
}

/* Whether `...` stands above the line `index`, below the last one about that task. */
static bool is_loose(const struct trial *t, size_t index, const struct event *e)
{
	size_t above = index;

	while (above-- > 0)
		if (is_about_program(&t->run->lines[above]) && is_of_task(&t->run->lines[above], e))
			break;
	return t->index->anys[index] > t->index->anys[above == SIZE_MAX ? 0 : above];
}

bool observed_ends_loosely(const struct trial *t, enum host host)
{
	const struct event any = {.host = host};

	return is_loose(t, t->run->line_count, &any);
}

/* The first line that the call of that task may meet; its place in the list, or the list's end. */
static size_t candidate(const struct pass *p, const struct event *e)
{
	const struct line_list *lines = observing(p->t);
	size_t i = p->first;

	while (i < lines->count &&
	       (p->taken[i - p->first] || !is_of_task(&p->t->run->lines[lines->list[i]], e)))
		i++;
	return i;
}

static ns_t begun_at(const struct pass *p, size_t index)
{
	const struct trial *t = p->t;
	ns_t at = INT64_MIN;

	if (p->dry)
		return p->begins[index];
	for (int k = t->lookup.first[index]; k >= 0; k = t->lookup.next[k])
		if (at == INT64_MIN || t->timeline->events[k].from < at)
			at = t->timeline->events[k].from;
	return at;
}

/* Whether the call was over before the last action above the line began, if that has begun. */
static bool is_too_old(const struct pass *p, size_t index, const struct event *e)
{
	ns_t began;

	while (index > 0 && line_role(&p->t->run->lines[index - 1]) != ROLE_ACTION)
		index--;
	if (!index)
		return false;
	began = begun_at(p, index - 1);
	return began == INT64_MIN || e->to < began;
}

/* ---- what follows from it ---- */

static void take(struct pass *p, size_t place, int event)
{
	size_t index = observing(p->t)->list[place];
	const struct event *e = &p->t->timeline->events[event];

	p->taken[place - p->first] = true;
	if (p->dry)
		p->event_of[index] = event;
	else
		line_met(p->t, index, event, -1, e->from, e->to);
}

/* The line that the call should have met is named, if it was expected by then. */
static void blame(struct pass *p, size_t index, int event)
{
	struct trial *t = p->t;
	const struct event *e = &t->timeline->events[event];

	if (p->dry)
		return;
	if (index < t->run->line_count && index < spot_of(t, event).limit)
		problem_add(t, index, event, event_text(t->arena, t->timeline, e), NULL);
	else
		problem_unasked(t, event);
}

static struct begun *find_begun(struct pass *p, const struct event *e)
{
	for (size_t i = 0; i < p->open_count; i++)
		if (p->open[i].host == e->host && text_same(p->open[i].part, e->part))
			return &p->open[i];
	return NULL;
}

/* A call that a line has begun returns: what is written of that? */
static void resume(struct pass *p, struct begun *begun, int event)
{
	struct trial *t = p->t;
	const struct event *e = &t->timeline->events[event];
	int index = t->index->resuming[begun->line];

	if (index >= 0 && call_fits(p, (size_t)index, e, true)) {
		if (p->dry)
			p->event_of[index] = event;
		else
			line_met(t, (size_t)index, event, -1, e->from, e->to);
	} else if (!p->dry) {
		problem_add(t, index < 0 ? begun->line : (size_t)index, event,
			    event_text(t->arena, t->timeline, e), NULL);
	}
	*begun = p->open[--p->open_count];
}

static void begin_call(struct pass *p, int event)
{
	const struct event *e = &p->t->timeline->events[event];
	const struct line_list *lines = observing(p->t);
	size_t place = candidate(p, e), index;
	bool open;

	if (place == lines->count)
		return;
	index = lines->list[place];
	open = p->t->run->lines[index].call.open;
	if ((!open && !e->abandoned) || !call_fits(p, index, e, !open) ||
	    (is_loose(p->t, index, e) && is_too_old(p, index, e)))
		return;
	take(p, place, event);
	if (open)
		*arena_push(p->t->arena, p->open, p->open_count) =
		    (struct begun){e->host, e->part, index};
}

static void end_call(struct pass *p, int event)
{
	const struct event *e = &p->t->timeline->events[event];
	const struct line_list *lines = observing(p->t);
	struct begun *begun = find_begun(p, e);
	size_t place, index;
	bool loose;

	if (begun) {
		resume(p, begun, event);
		return;
	}
	place = candidate(p, e);
	index = place < lines->count ? lines->list[place] : p->t->run->line_count;
	loose = is_loose(p->t, index, e);
	if (place < lines->count && !p->t->run->lines[index].call.open &&
	    !(loose && is_too_old(p, index, e)) && call_fits(p, index, e, true))
		take(p, place, event);
	else if (!loose)
		blame(p, index, event);
}

static void go_through(struct pass *p, size_t first_event)
{
	const struct timeline *tl = p->t->timeline;

	p->taken = arena_alloc(p->t->arena, observing(p->t)->count - p->first + 1);
	for (size_t k = first_event; k < tl->event_count; k++) {
		if (!tl->events[k].program)
			continue;
		if (tl->events[k].kind == EVENT_CALL)
			begin_call(p, (int)k);
		else if (tl->events[k].kind == EVENT_RETURN)
			end_call(p, (int)k);
	}
}

void judge_observed(struct trial *t)
{
	struct pass p = {.t = t, .first = first_unsettled(t, observing(t))};

	if (t->lookup.has_program)
		go_through(&p, t->settled.events);
}

/* ---- names for connections ---- */

/* For a pass that only looks: when each line was begun. */
static ns_t *beginnings(const struct trial *t)
{
	const struct timeline *tl = t->timeline;
	ns_t *list = arena_alloc(t->arena, (t->run->line_count + 1) * sizeof(*list));

	for (size_t i = 0; i < t->run->line_count; i++)
		list[i] = INT64_MIN;
	for (size_t k = 0; k < tl->event_count; k++) {
		const struct event *e = &tl->events[k];

		if (e->line >= 0 && (size_t)e->line < t->run->line_count &&
		    (list[e->line] == INT64_MIN || e->from < list[e->line]))
			list[e->line] = e->from;
	}
	return list;
}

static bool names_descriptor(const struct line *line)
{
	return (line->kind == LINE_OBSERVED || line->kind == LINE_RETURNED) &&
	       line->call.result.kind == RESULT_NAME;
}

static bool has_names(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (names_descriptor(&run->lines[i]))
			return true;
	return false;
}

/* Which event has met each line; NULL: no line names a descriptor. */
static const int *find_names(struct trial *t)
{
	struct pass p = {.t = t, .dry = true};
	size_t bound = t->out->variable_count, wanting = t->wanting;

	if (!has_names(t->run))
		return NULL;
	p.event_of = arena_alloc(t->arena, (t->run->line_count + 1) * sizeof(*p.event_of));
	memset(p.event_of, -1, (t->run->line_count + 1) * sizeof(*p.event_of));
	p.begins = beginnings(t);
	go_through(&p, 0);
	t->out->variable_count = bound;
	t->wanting = wanting;
	return p.event_of;
}

void observed_open(struct trial *t)
{
	const int *met = find_names(t);
	struct lookup *l = &t->lookup;

	l->given = NULL;
	l->given_count = 0;
	for (size_t i = 0; met && i < t->run->line_count; i++) {
		const struct line *line = &t->run->lines[i];
		const struct event *e;

		if (!names_descriptor(line) || met[i] < 0)
			continue;
		e = &t->timeline->events[met[i]];
		*arena_push(t->lasting, l->given, l->given_count) =
		    (struct given_name){line->call.result.name, e->host, e->result, e->from};
	}
}

bool is_descriptor_number(const char *name)
{
	return isdigit((unsigned char)*name);
}

const char *observed_name(const struct trial *t, const char *descriptor, ns_t since)
{
	const struct lookup *l = &t->lookup;
	const char *name = NULL;

	for (size_t i = 0; i < l->given_count; i++) {
		char number[24];

		snprintf(number, sizeof(number), "%lld", (long long)l->given[i].number);
		if (!strcmp(number, descriptor) && (!name || l->given[i].at <= since))
			name = l->given[i].name;
	}
	return name;
}

/* ---- what is not met ---- */

const struct event *observed_unreturned(const struct trial *t, enum host host)
{
	const struct timeline *tl = t->timeline;
	const struct event *last = NULL;

	for (size_t k = 0; k < tl->event_count; k++) {
		const struct event *e = &tl->events[k];

		if (!e->program || e->host != host)
			continue;
		if (e->kind == EVENT_CALL && !e->abandoned)
			last = e;
		else if (e->kind == EVENT_RETURN && last && text_same(last->part, e->part))
			last = NULL;
		else if (e->kind == EVENT_DEATH)
			last = NULL;
	}
	return last;
}

const char *observed_absence(struct trial *t, size_t index)
{
	const struct line *line = &t->run->lines[index];
	const struct event *in = observed_unreturned(t, line->actor.id);

	for (size_t k = 0; k < t->timeline->event_count; k++) {
		const struct event *e = &t->timeline->events[k];

		if (e->program && e->kind == EVENT_DEATH && e->host == line->actor.id && !e->part)
			return "no such call before the program ended";
	}
	if (in)
		return arena_printf(t->arena, "no such call; the program is in %s", in->text);
	return "no such call of the program";
}
