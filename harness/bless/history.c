/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each draft records the origin of each of its lines in the draft before. Followed back to the
 * file, this shows what is left of each line there; a line that was changed and then changed back
 * counts as not changed.
 */
#include "harness/bless/history.h"

#include <string.h>

static const char **split(struct arena *a, const char *text, size_t *count)
{
	const char **lines = NULL;

	*count = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");

		*arena_push(a, lines, *count) = arena_strndup(a, text, length);
		text += length + (text[length] == '\n');
	}
	return lines;
}

void history_begin(struct history *h, struct arena *a, const struct draft *written)
{
	size_t count;
	const char **lines = split(a, written->text, &count);

	*h = (struct history){.arena = a, .text = written->text, .line_count = count};
	h->origin = arena_alloc(a, (count + 1) * sizeof(*h->origin));
	for (size_t i = 0; i < count; i++) {
		*arena_push(a, h->written, h->written_count) =
		    (struct written){.number = written->lines[i], .text = lines[i]};
		h->origin[i] = (int)i + 1;
	}
}

/* The written line that became the newest draft's line of that number; NULL: none. */
static struct written *written_at(const struct history *h, int number)
{
	int origin = number > 0 && (size_t)number <= h->line_count ? h->origin[number - 1] : 0;

	return origin ? &h->written[origin - 1] : NULL;
}

void history_take(struct history *h, const struct draft *draft)
{
	int *origin = arena_alloc(h->arena, (draft->line_count + 1) * sizeof(*origin));

	for (size_t i = 0; i < draft->line_count; i++) {
		int number = draft->lines[i];
		struct written *written = written_at(h, number < 0 ? -number : number);

		origin[i] = written ? (int)(written - h->written) + 1 : 0;
		if (written && number < 0)
			written->moved = true;
	}
	for (size_t i = 0; i < draft->changed_count; i++) {
		struct written *written = written_at(h, draft->changed[i]);

		if (written)
			written->touched = true;
	}
	h->text = draft->text;
	h->origin = origin;
	h->line_count = draft->line_count;
}

int history_number(const struct history *h, int number)
{
	const struct written *written = written_at(h, number);

	return written ? written->number : 0;
}

const char *history_line(const struct history *h, int number)
{
	size_t count;
	const char **lines = split(h->arena, h->text, &count);
	const char *line = number > 0 && (size_t)number <= count ? lines[number - 1] : NULL;

	return line ? line + strspn(line, " \t") : NULL;
}

/* Where the comment at the end of a line begins, or the line's end. A # in a string does not begin
 * a comment. */
static size_t comment_at(const char *line)
{
	bool in_string = false;
	size_t i;

	for (i = 0; line[i] && (in_string || line[i] != '#'); i++) {
		if (line[i] == '"')
			in_string = !in_string;
		else if (in_string && line[i] == '\\' && line[i + 1])
			i++;
	}
	return i;
}

/* The text of a line, without its indentation and its comment. */
static const char *trimmed(struct arena *a, const char *line)
{
	size_t length;

	line += strspn(line, " \t");
	length = comment_at(line);
	while (length && strchr(" \t\r", line[length - 1]))
		length--;
	return arena_strndup(a, line, length);
}

/* How long the time before a line is, which begins with '+' or '@'; 0: there is none. */
static size_t time_length(const char *line)
{
	return *line == '+' || *line == '@' ? strcspn(line, " \t") : 0;
}

bool history_has_new_time(const struct history *h, int number)
{
	const struct written *written = written_at(h, number);
	const char *line = history_line(h, number), *before = written ? written->text : "";
	size_t length = line ? time_length(line) : 0;

	before += strspn(before, " \t");
	return length && (length != time_length(before) || strncmp(line, before, length) != 0);
}

/* The place of that line in the newest draft, from 0; -1: nowhere. */
static int place_of(const struct history *h, const struct written *line)
{
	for (size_t i = 0; i < h->line_count; i++)
		if (h->origin[i] == (int)(line - h->written) + 1)
			return (int)i;
	return -1;
}

/* Some line that was never moved is on the other side of it now. */
static bool has_moved(const struct history *h, const struct written *line, int place)
{
	int which = (int)(line - h->written) + 1;

	for (int i = 0; (size_t)i < h->line_count && line->moved; i++)
		if (h->origin[i] && !h->written[h->origin[i] - 1].moved &&
		    (i < place) != (h->origin[i] < which))
			return true;
	return false;
}

size_t history_contradictions(const struct history *h, struct contradiction **list)
{
	size_t line_count, count = 0;
	const char **lines = split(h->arena, h->text, &line_count);

	*list = NULL;
	for (size_t i = 0; i < h->written_count; i++) {
		const struct written *line = &h->written[i];
		int place = place_of(h, line);
		struct contradiction c = {
		    .line = line->number,
		    .written = trimmed(h->arena, line->text),
		};

		if (!line->touched)
			continue;
		if (place >= 0) {
			c.seen = trimmed(h->arena, lines[place]);
			c.moved = has_moved(h, line, place);
			if (!strcmp(c.seen, c.written) && !c.moved)
				continue;
		}
		*arena_push(h->arena, *list, count) = c;
	}
	return count;
}

size_t history_added(const struct history *h)
{
	size_t count = 0;

	for (size_t i = 0; i < h->line_count; i++)
		count += !h->origin[i];
	return count;
}

size_t history_filled(const struct history *h)
{
	size_t line_count, count = 0;
	const char **lines = split(h->arena, h->text, &line_count);

	for (size_t i = 0; i < h->line_count; i++) {
		const struct written *written = written_at(h, (int)i + 1);

		count += written && !written->touched && strcmp(lines[i], written->text) != 0;
	}
	return count;
}
