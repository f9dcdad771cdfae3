/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the parser knows where each value stands in the text, so a blank is an
 * extent. Only what is written exactly can be asked for: not a range, not `*`, no $name. Lines in
 * a `when` stay as they are: if no run executes them, nobody could say what is right there.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/exercise/exercise.h"

struct making {
	struct arena *a;
	const struct script *s;
	struct blank *list;
	size_t count;
};

static void add(struct making *m, enum blank_kind kind, const char *what, struct extent at)
{
	const char *answer;

	if (at.to <= at.from)
		return;
	answer = arena_strndup(m->a, m->s->source->text + at.from, at.to - at.from);
	if (strpbrk(answer, "*$?\n") || strstr(answer, "..") || strstr(answer, ">="))
		return;
	*arena_push(m->a, m->list, m->count) =
	    (struct blank){.at = at, .kind = kind, .what = what, .answer = answer};
}

static void add_value(struct making *m, const char *what, const struct value *v)
{
	if (v && v->kind == VALUE_INT)
		add(m, BLANK_NUMBER, what, v->extent);
}

/* ---- errnos ---- */

/* getsockopt(c, SO_ERROR, [ECONNREFUSED]) */
static void add_pending_error(struct making *m, const struct call *call)
{
	const struct arg *list = call->arg_count > 2 ? call->args[2] : NULL;
	const struct arg *option = list ? call->args[1] : NULL;

	if (strcmp(call->name, "getsockopt") != 0 || !list || list->kind != ARG_LIST ||
	    list->item_count != 1 || option->name_count != 1 ||
	    strcmp(option->names[0], "SO_ERROR") != 0)
		return;
	add(m, BLANK_RESULT, "the pending error", list->items[0]->extent);
}

static void add_results(struct making *m, const struct line *line)
{
	const struct call *call = &line->call;
	const struct result *r = &call->result;

	if (line->kind == LINE_SIGNALLED || line->kind == LINE_DEATH) {
		add(m, line->kind == LINE_DEATH ? BLANK_RESULT : BLANK_WORD,
		    line->kind == LINE_DEATH ? "how it ended" : "the signal", line->signal.extent);
		return;
	}
	if (line->kind != LINE_CALL && line->kind != LINE_RESUME)
		return;
	add_pending_error(m, call);
	if (r->kind == RESULT_VALUE && r->value && r->value->kind == VALUE_INT)
		add(m, BLANK_RESULT, "the result", (struct extent){r->extent.from, call->tail.to});
}

/* ---- flags ---- */

/* The offset of a place. */
static size_t offset_of(const struct source *source, struct place place)
{
	const char *at = source->text;

	for (int i = 1; i < place.line; i++)
		at = strchr(at, '\n') + 1;
	return (size_t)(at - source->text) + (size_t)place.column - 1;
}

static void add_flags(struct making *m, const struct line *line)
{
	size_t from;

	if (line->kind == LINE_SS)
		add(m, BLANK_WORD, "the state", line->ss.state_extent);
	if ((line->kind != LINE_SENT && line->kind != LINE_ARRIVAL) ||
	    line->segment.kind != SEGMENT_TCP)
		return;
	from = offset_of(m->s->source, line->segment.place);
	add(m, BLANK_FLAGS, "the flags",
	    (struct extent){from, from + strspn(m->s->source->text + from, FLAG_LETTERS "-")});
}

/* ---- numbers ---- */

static void add_packet_numbers(struct making *m, const struct segment_pattern *p)
{
	add_value(m, "the first number", p->seq);
	add_value(m, "the number behind the colon", p->end);
	add_value(m, "the length", p->length);
	add_value(m, "the number behind ack", p->ack);
	add_value(m, "the window", p->window);
}

static void add_numbers(struct making *m, const struct line *line)
{
	if (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL)
		add_packet_numbers(m, &line->segment);
	if (line->kind == LINE_SS) {
		add_value(m, "the receive queue", line->ss.recv_q);
		add_value(m, "the send queue", line->ss.send_q);
	}
	for (size_t i = 0; line->kind == LINE_NSTAT && i < line->nstat.count; i++)
		if (line->nstat.list[i].delta->kind == VALUE_INT)
			add(m, BLANK_NUMBER,
			    arena_printf(m->a, "the number of %s", line->nstat.list[i].name),
			    line->nstat.list[i].extent);
}

/* ---- the whole ---- */

static void (*const of_level[])(struct making *, const struct line *) = {
    [LEVEL_ERRNOS] = add_results,
    [LEVEL_FLAGS] = add_flags,
    [LEVEL_NUMBERS] = add_numbers,
};

/* Which lines stand in a `when`; of_repeat: or in a `repeat`. */
static bool *inside(struct arena *a, const struct script *s, bool of_repeat)
{
	bool *is_inside = arena_alloc(a, s->line_count + 1);
	enum line_kind *open = arena_alloc(a, (s->line_count + 1) * sizeof(*open));
	size_t depth = 0, wanted = 0;

	for (size_t i = 0; i < s->line_count; i++) {
		enum line_kind kind = s->lines[i].kind;

		if (kind == LINE_END && depth)
			wanted -= open[--depth] == LINE_WHEN || of_repeat;
		is_inside[i] = wanted > 0;
		if (kind != LINE_WHEN && kind != LINE_REPEAT)
			continue;
		open[depth++] = kind;
		wanted += kind == LINE_WHEN || of_repeat;
	}
	return is_inside;
}

static int by_place(const void *left, const void *right)
{
	const struct blank *a = left, *b = right;

	return a->at.from < b->at.from ? -1 : a->at.from > b->at.from;
}

struct blank *exercise_blanks(struct arena *a, const struct script *origin,
			      enum exercise_level level, size_t *count)
{
	struct making m = {.a = a, .s = origin};
	const bool *is_inside = inside(a, origin, false);

	for (size_t i = 0; i < origin->line_count && level != LEVEL_ORDER; i++)
		for (int k = 0; k <= (int)level && !is_inside[i]; k++)
			of_level[k](&m, &origin->lines[i]);
	if (m.count)
		qsort(m.list, m.count, sizeof(*m.list), by_place);
	*count = m.count;
	return m.list;
}

bool *exercise_free(struct arena *a, const struct script *origin)
{
	bool *is_free = inside(a, origin, true);

	for (size_t i = 0; i < origin->line_count; i++) {
		const struct line *line = &origin->lines[i];

		is_free[i] = !is_free[i] && !strchr(line->text, '\n') &&
			     (line->kind == LINE_SENT || line->kind == LINE_ARRIVAL ||
			      line->kind == LINE_SIGNALLED || line->kind == LINE_DEATH ||
			      line->kind == LINE_RESUME);
	}
	return is_free;
}
