/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each line is drawn into an array of cells, and then printed.
 */
#include <stdint.h>
#include <string.h>

#include "harness/base/shown.h"
#include "harness/ladder/ladder.h"

enum look { PLAIN, DIM, BAD, LISTENS, OPENS, IS_OPEN, CLOSES, LEFT_BEHIND, WAITS, LOOKS };

static const char *const looks[LOOKS] = {
    [DIM] = "\033[2m",	    [BAD] = "\033[31m",	   [LISTENS] = "\033[34m",     [OPENS] = "\033[33m",
    [IS_OPEN] = "\033[32m", [CLOSES] = "\033[36m", [LEFT_BEHIND] = "\033[35m", [WAITS] = "\033[90m",
};
static const enum look tint_looks[TINTS] = {
    [TINT_NONE] = DIM,	    [TINT_LISTEN] = LISTENS, [TINT_OPENING] = OPENS,
    [TINT_OPEN] = IS_OPEN,  [TINT_CLOSING] = CLOSES, [TINT_LEFT] = LEFT_BEHIND,
    [TINT_WAITING] = WAITS,
};
static const char plain[] = "\033[m";

enum sign {
	IDLE,
	BUSY,
	BUSIER,
	ACROSS,
	FORGED,
	MANY,
	RIGHT,
	LEFT,
	LOST,
	FOLDED,
	SPAN,
	SPAN_END,
	SIGNS
};

static const char *const signs[SIGNS][2] = {
    [IDLE] = {"│", "|"},   [BUSY] = {"┃", "#"},	  [BUSIER] = {"║", "H"}, [ACROSS] = {"─", "-"},
    [FORGED] = {"╌", "."}, [MANY] = {"═", "="},	  [RIGHT] = {"▶", ">"},	 [LEFT] = {"◀", "<"},
    [LOST] = {"✕", "X"},   [FOLDED] = {"┊", ":"}, [SPAN] = {"╎", ":"},	 [SPAN_END] = {"◆", "*"},
};

static const enum sign life_signs[] = {
    [LIFE_IDLE] = IDLE, [LIFE_BUSY] = BUSY, [LIFE_BUSIER] = BUSIER, [LIFE_DEAD] = SIGNS};

struct drawing {
	enum look look; /* of what is put now */
	struct cell {
		char bytes[5]; /* one character */
		enum look look;
	} cells[LADDER_COLUMNS];
};

static void put(struct drawing *d, int column, const char *bytes, size_t length)
{
	struct cell *cell;

	if (column < 0 || column >= LADDER_COLUMNS || length >= sizeof(cell->bytes))
		return;
	cell = &d->cells[column];
	memcpy(cell->bytes, bytes, length);
	cell->bytes[length] = '\0';
	cell->look = d->look;
}

static void put_sign(struct drawing *d, int column, enum sign which)
{
	put(d, column, signs[which][0], strlen(signs[which][0]));
}

static void put_text(struct drawing *d, int column, const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = shown_plain(text, strlen(text));
		n = n ? n : 1;
		put(d, column++, text, n);
	}
}

static void clear(struct drawing *d)
{
	d->look = PLAIN;
	for (int i = 0; i < LADDER_COLUMNS; i++)
		put(d, i, " ", 1);
}

static void print_cells(FILE *out, const struct drawing *d)
{
	int end = LADDER_COLUMNS;
	enum look before = PLAIN;

	while (end && strcmp(d->cells[end - 1].bytes, " ") == 0)
		end--;
	for (int i = 0; i < end; i++) {
		const struct cell *cell = &d->cells[i];

		if (cell->look != before) {
			fputs(before ? plain : "", out);
			fputs(cell->look ? looks[cell->look] : "", out);
		}
		before = cell->look;
		fputs(cell->bytes, out);
	}
	fputs(before ? plain : "", out);
	fputc('\n', out);
}

/* ---- what a line has ---- */

static void put_lives(struct drawing *d, const struct ladder_layout *layout,
		      const struct ladder_line *line)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		enum sign sign = life_signs[line->rung->life[h]];

		d->look = tint_looks[state_tint(line->rung->state[h].state)];
		if (sign < SIGNS)
			put_sign(d, layout->line[h], line->folded ? FOLDED : sign);
	}
	d->look = PLAIN;
}

static void put_time(struct drawing *d, const char *time)
{
	d->look = DIM;
	put_text(d, 0, time);
	d->look = PLAIN;
}

static void put_flight(struct drawing *d, const struct ladder_line *line)
{
	int step = line->is_rightward ? 1 : -1;
	const struct rung *r = line->rung;
	bool is_lost = r->end == FLIGHT_LOST;
	enum sign shaft = r->is_many ? MANY : r->segment->forged ? FORGED : ACROSS;

	for (int i = line->from; i != line->to; i += step)
		put_sign(d, i, shaft);
	d->look = is_lost ? BAD : PLAIN;
	put_sign(d, line->to, is_lost ? LOST : line->is_rightward ? RIGHT : LEFT);
	d->look = PLAIN;
}

static void put_words(struct drawing *d, const struct ladder_line *line)
{
	int end = line->column + shown_width(line->text);

	if (line->has_flight || line->folded) {
		put(d, line->column - 1, " ", 1);
		put(d, end, " ", 1);
	}
	d->look = line->rung->is_bad ? BAD : PLAIN;
	put_text(d, line->column, line->text);
	d->look = PLAIN;
}

static void put_beside(struct drawing *d, const struct ladder_layout *layout,
		       const struct ladder_line *line)
{
	for (int h = 0; h < LAB_HOSTS; h++) {
		d->look = DIM;
		if (line->spans[h])
			put_sign(d, span_column(layout, h),
				 line->spans[h] == SPAN_ENDS ? SPAN_END : SPAN);
		if (line->timers[h].text)
			put_text(d, line->timers[h].column, line->timers[h].text);
		d->look = tint_looks[state_tint(line->rung->state[h].state)];
		if (line->states[h].text)
			put_text(d, line->states[h].column, line->states[h].text);
	}
	d->look = PLAIN;
}

static void print_names(FILE *out, const struct ladder_layout *layout)
{
	struct drawing d;

	clear(&d);
	for (int h = 0; h < LAB_HOSTS; h++)
		put_text(&d, layout->line[h] - 2, host_name(h));
	print_cells(out, &d);
}

void ladder_print(FILE *out, const struct ladder_layout *layout)
{
	print_names(out, layout);
	for (size_t i = 0; i < layout->count; i++) {
		const struct ladder_line *line = &layout->lines[i];
		struct drawing d;

		clear(&d);
		put_lives(&d, layout, line);
		if (line->time)
			put_time(&d, line->time);
		if (line->has_flight)
			put_flight(&d, line);
		put_beside(&d, layout, line);
		if (line->text)
			put_words(&d, line);
		print_cells(out, &d);
	}
	print_names(out, layout);
}

/* ---- on a terminal that has less ---- */

static const char *ascii_of(const char *at, size_t n)
{
	for (size_t i = 0; i < SIGNS; i++)
		if (strlen(signs[i][0]) == n && memcmp(signs[i][0], at, n) == 0)
			return signs[i][1];
	return n == 1 ? NULL : "?";
}

static size_t length_at(const char *look, const char *bytes, size_t left)
{
	size_t length = strlen(look);

	return length <= left && !memcmp(bytes, look, length) ? length : 0;
}

size_t ladder_look(const char *bytes, size_t left)
{
	size_t found = *bytes == *plain ? length_at(plain, bytes, left) : 0;

	for (size_t i = 0; *bytes == *plain && !found && i < LOOKS; i++)
		if (looks[i])
			found = length_at(looks[i], bytes, left);
	return found;
}

void ladder_adapt(FILE *out, const char *bytes, size_t length, bool colored, bool utf8)
{
	const char *at = bytes, *end = bytes + length;

	while (at < end) {
		size_t look = ladder_look(at, (size_t)(end - at));
		size_t n = look ? look : shown_plain(at, (size_t)(end - at));
		const char *ascii;

		n = n ? n : 1;
		ascii = look || utf8 ? NULL : ascii_of(at, n);
		if (ascii)
			fputs(ascii, out);
		else if (!look || colored)
			fwrite(at, 1, n, out);
		at += n;
	}
}
