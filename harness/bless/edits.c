/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits: bytes of the text that are replaced, and lines that come in.
 *
 * A line of the text is executed once for each turn of its repeat, and each turn requests a change,
 * or says that the line holds as it is. All turns must request the same. Only lines that are added
 * below the last turn alone have a separate place: after the block.
 */
#include "harness/bless/edits.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bless/draft.h"

bool edits_refuse(struct edits *e, size_t line, const char *fmt, ...)
{
	const struct place *at = &e->run->lines[line].place;
	const char *reason;
	va_list ap;

	if (e->why)
		return false;
	va_start(ap, fmt);
	reason = arena_vprintf(e->arena, fmt, ap);
	va_end(ap);
	e->why = arena_printf(e->arena, "%s:%d: %s", at->source->path, at->line, reason);
	return false;
}

bool line_is_own(const struct run *run, const struct line *line)
{
	return line->place.source == run->script->source;
}

const char *extent_text(struct arena *a, const struct line *line, struct extent at)
{
	return arena_strndup(a, line->place.source->text + at.from, at.to - at.from);
}

/* ---- collecting ---- */

/* "in turn 2 of the repeat at line 10", or "". */
static const char *turn_text(struct edits *e, size_t line)
{
	const struct line *l = &e->run->lines[line];

	return l->repeat_at.source ? arena_printf(e->arena, " in turn %d of the repeat of line %d",
						  l->iteration, l->repeat_at.line)
				   : "";
}

static bool is_foreign(struct edits *e, size_t line)
{
	const struct line *l = &e->run->lines[line];

	if (line_is_own(e->run, l))
		return false;
	edits_refuse(
	    e, line,
	    "the run differs from here on, but this line is another script's (used in line %d), so "
	    "it is not changed",
	    l->used_at.line);
	return true;
}

static const char *wish_text(struct edits *e, const struct edit *edit)
{
	if (edit->text && !*edit->text)
		return "nothing like it comes";
	return arena_printf(
	    e->arena, "it is '%s'",
	    edit->text ? edit->text : extent_text(e->arena, &e->run->lines[edit->line], edit->at));
}

static bool overlap(struct extent a, struct extent b)
{
	return (a.from < b.to && b.from < a.to) || (a.from == b.from && a.to == b.to);
}

static void set(struct edits *e, struct edit new)
{
	size_t line = new.line;

	if (!new.text && (!new.at.to || !line_is_own(e->run, &e->run->lines[line])))
		return;
	if (is_foreign(e, line))
		return;
	for (size_t i = 0; i < e->count; i++) {
		struct edit *other = &e->list[i];
		bool same = other->text && new.text ? !strcmp(other->text, new.text)
						    : !other->text && !new.text;

		if (!overlap(other->at, new.at))
			continue;
		if (same && other->at.from == new.at.from && other->at.to == new.at.to)
			return;
		if (other->line != line && (other->text || new.text))
			edits_refuse(e, line, "%s%s, and %s%s", wish_text(e, other),
				     turn_text(e, other->line), wish_text(e, &new),
				     turn_text(e, line));
	}
	*arena_push(e->arena, e->list, e->count) = new;
}

void edits_set(struct edits *e, size_t line, struct extent at, const char *text)
{
	if (!text || !bless_is_held(e->what->held, line))
		set(e, (struct edit){.at = at, .text = text, .line = line});
}

void edits_fill(struct edits *e, size_t line, struct extent at, const char *text)
{
	set(e, (struct edit){.at = at, .text = text, .line = line, .fills = true});
}

void edits_delete(struct edits *e, size_t line)
{
	edits_set(e, line, e->run->lines[line].extent, "");
}

/* Later events are further down. */
void edits_insert(struct edits *e, struct insertion insertion)
{
	size_t i;

	arena_push(e->arena, e->insertions, e->insertion_count);
	for (i = e->insertion_count - 1; i > 0; i--) {
		if (e->insertions[i - 1].below != insertion.below ||
		    !event_before(insertion.event, e->insertions[i - 1].event))
			break;
		e->insertions[i] = e->insertions[i - 1];
	}
	e->insertions[i] = insertion;
}

/* ---- where lines come in ---- */

/* The line of the text below which it belongs; 0: refused. */
static int anchor_line(struct edits *e, size_t below)
{
	const struct line *line = &e->run->lines[below];
	const struct line *next = below + 1 < e->run->line_count ? &e->run->lines[below + 1] : NULL;

	if (line_is_own(e->run, line))
		return line->place.line;
	/* The last line of a `use`: then the line belongs to this script. */
	if (!next || !next->used_at.source || next->used_at.line != line->used_at.line)
		return line->used_at.line;
	is_foreign(e, below);
	return 0;
}

static const struct line *script_line(const struct edits *e, int number, size_t *index)
{
	const struct script *s = e->run->script;

	for (*index = 0; *index < s->line_count; ++*index)
		if (s->lines[*index].place.line == number)
			return &s->lines[*index];
	return NULL;
}

/* The line of the `end` of the block that begins in line `opener`. */
static int end_of_block(const struct edits *e, int opener)
{
	const struct script *s = e->run->script;
	size_t i, depth = 0;

	script_line(e, opener, &i);
	for (; i < s->line_count; i++) {
		depth += s->lines[i].kind == LINE_REPEAT || s->lines[i].kind == LINE_WHEN;
		if (s->lines[i].kind == LINE_END && --depth == 0)
			return s->lines[i].place.line;
	}
	return opener;
}

/*
 * After the line, and after the comments below it that are indented like the packets. A comment at
 * the margin is about the following lines.
 */
static size_t offset_below(const struct edits *e, int number)
{
	const struct script *s = e->run->script;
	size_t i, to;

	script_line(e, number, &i);
	to = s->lines[i].extent.to;
	while (++i < s->line_count && s->lines[i].kind == LINE_NOTE && s->lines[i].comment &&
	       strspn(s->lines[i].text, " ") + 8 * strspn(s->lines[i].text, "\t") >= 8)
		to = s->lines[i].extent.to;
	return to + strspn(s->source->text + to, " \t"); /* which are that line's */
}

/* "\n", or "\r\n": the end of the line with `offset`; the last line may have none: then as the
 * first.
 */
static const char *line_end(struct arena *a, const struct source *source, size_t offset)
{
	const char *end = strchr(source->text + offset, '\n'), *text;

	if (!end)
		end = strchr(source->text, '\n');
	if (!end)
		return "\n";
	for (text = end; text > source->text && text[-1] == '\r'; text--)
		;
	return arena_strndup(a, text, (size_t)(end - text) + 1);
}

/* The lines that are added below one line in one turn. */
struct turn {
	size_t line; /* of the run */
	const struct insertion **list;
	size_t count;
};

static bool same_turn(const struct turn *a, const struct turn *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->list[i]->body, b->list[i]->body) != 0)
			return false;
	return true;
}

/* All turns of that line, with the lines added below it in each. */
static struct turn *turns_of(struct edits *e, int anchor, size_t *count)
{
	struct turn *turns = NULL;

	*count = 0;
	for (size_t i = 0; i < e->what->done; i++) {
		struct turn *turn = NULL;

		/* Several lines of one `use` have the same anchor. */
		if (!line_is_own(e->run, &e->run->lines[i])
			? e->run->lines[i].used_at.line == anchor &&
			      (i + 1 == e->run->line_count || !e->run->lines[i + 1].used_at.source)
			: e->run->lines[i].place.line == anchor)
			turn = arena_push(e->arena, turns, *count);
		if (!turn)
			continue;
		turn->line = i;
		for (size_t k = 0; k < e->insertion_count; k++)
			if (e->insertions[k].below == i)
				*arena_push(e->arena, turn->list, turn->count) = &e->insertions[k];
	}
	return turns;
}

static const char *turn_bodies(struct edits *e, const struct turn *turn)
{
	const char *text = "";

	for (size_t i = 0; i < turn->count; i++)
		text = arena_printf(e->arena, "%s%s'%s'", text, i ? ", " : "", turn->list[i]->body);
	return turn->count ? text : "nothing more";
}

/* The inserted line. A time that is not the same in all turns is left out. */
static const char *inserted_text(struct edits *e, const struct turn *turns, size_t count, size_t k)
{
	const struct insertion *first = turns[count - 1].list[k];
	const char *gap = first->gap;

	for (size_t i = 0; i < count; i++)
		if (turns[i].count > k && strcmp(turns[i].list[k]->gap, gap) != 0)
			gap = "";
	if (!*gap)
		return arena_printf(e->arena, "%*s%s", first->column, "", first->body);
	return arena_printf(e->arena, "  %-*s %s", first->column > 3 ? first->column - 3 : 0, gap,
			    first->body);
}

static void insert_below(struct edits *e, int anchor, size_t line)
{
	size_t count;
	const struct turn *turns = turns_of(e, anchor, &count), *last = &turns[count - 1];
	bool all_same = true, only_last = count > 1;
	int *moved = arena_alloc(e->arena, (last->count + 1) * sizeof(*moved));
	const char *text = "";
	size_t offset;

	for (size_t i = 0; i + 1 < count; i++) {
		all_same = all_same && same_turn(&turns[i], last);
		only_last = only_last && !turns[i].count;
	}
	if (all_same)
		offset = offset_below(e, anchor);
	else if (only_last && e->run->lines[line].repeat_at.source)
		offset = offset_below(e, end_of_block(e, e->run->lines[line].repeat_at.line));
	else {
		edits_refuse(e, line, "below it comes %s%s, and %s%s", turn_bodies(e, &turns[0]),
			     turn_text(e, turns[0].line), turn_bodies(e, last),
			     turn_text(e, last->line));
		return;
	}
	for (size_t k = 0; k < last->count; k++) {
		text = arena_printf(
		    e->arena, "%s%s%s", text, line_end(e->arena, e->run->script->source, offset),
		    inserted_text(e, only_last ? last : turns, only_last ? 1 : count, k));
		moved[k] = last->list[k]->moved;
	}
	*arena_push(e->arena, e->list, e->count) = (struct edit){
	    .at = {offset, offset},
	    .text = text,
	    .line = line,
	    .fills = true,
	    .moved = moved,
	};
}

/* Turn insertions into edits, once for each line of the text that has any. */
static void place_insertions(struct edits *e)
{
	int *anchors = NULL;
	size_t count = 0;

	for (size_t i = 0; i < e->insertion_count && !e->why; i++) {
		int anchor = anchor_line(e, e->insertions[i].below);
		bool known = false;

		for (size_t k = 0; k < count; k++)
			known = known || anchors[k] == anchor;
		if (known || !anchor)
			continue;
		*arena_push(e->arena, anchors, count) = anchor;
		insert_below(e, anchor, e->insertions[i].below);
	}
}

/* ---- the text ---- */

static int by_place(const void *left, const void *right)
{
	const struct edit *a = left, *b = right;

	if (a->at.from != b->at.from)
		return a->at.from < b->at.from ? -1 : 1;
	if (a->at.to != b->at.to)
		return a->at.to < b->at.to ? -1 : 1;
	return 0;
}

static bool is_whole_line(const struct edits *e, const struct edit *edit)
{
	const struct line *line = &e->run->lines[edit->line];

	return edit->text && !*edit->text && edit->at.from == line->extent.from &&
	       edit->at.to == line->extent.to;
}

bool edits_apply(struct edits *e, struct draft *draft)
{
	const struct source *source = e->run->script->source;
	struct draft_writer w;
	size_t at = 0;

	if (!e->why)
		place_insertions(e);
	if (e->why)
		return false;
	if (e->count)
		qsort(e->list, e->count, sizeof(*e->list), by_place);
	draft_open(&w, e->arena, source);
	for (size_t i = 0; i < e->count; i++) {
		const struct edit *edit = &e->list[i];

		if (!edit->text || edit->at.from < at)
			continue;
		draft_copy(&w, at, edit->at.from);
		draft_put(&w, edit->at.from, edit->text, edit->moved);
		if (!edit->fills)
			draft_changed(&w);
		at = edit->at.to;
		if (!is_whole_line(e, edit))
			continue;
		while (at < source->length && source->text[at] == '\r')
			at++;
		if (at < source->length && source->text[at] == '\n')
			at++;
	}
	draft_copy(&w, at, source->length);
	*draft = draft_close(&w);
	return true;
}
