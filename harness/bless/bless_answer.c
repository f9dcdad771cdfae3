/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and texts one after another, texts and lists after their length: both ends are the same
 * program on the same machine, so numbers are in the machine's format. A path may contain any
 * bytes, so this is not JSON. The last number shows that nothing is missing. But the run may be a
 * guest's, with a faulty kernel; so inconsistent data is not accepted as an answer.
 */
#include "harness/bless/bless_answer.h"

#include <limits.h>
#include <string.h>

#define THE_END 0x626c657373 /* bless */

/* ---- writing ---- */

static void put_number(FILE *out, int64_t number)
{
	fwrite(&number, sizeof(number), 1, out);
}

static void put_text(FILE *out, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	put_number(out, text ? (int64_t)length : -1);
	fwrite(text ? text : "", 1, length, out);
}

static void put_list(FILE *out, const int *list, size_t count)
{
	put_number(out, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		put_number(out, list[i]);
}

void bless_answer_write(FILE *out, const struct bless_answer *answer)
{
	const struct draft *d = &answer->draft;

	put_text(out, answer->path);
	put_number(out, answer->line);
	put_number(out, (int64_t)answer->from);
	put_text(out, answer->held);
	put_text(out, answer->message);
	put_number(out, answer->time);
	put_text(out, d->text);
	put_list(out, d->lines, d->line_count);
	put_list(out, d->changed, d->changed_count);
	put_number(out, THE_END);
}

/* ---- reading ---- */

struct bytes {
	struct arena *arena;
	const char *at;
	size_t left;
};

/* 0 beyond the end, which then is not THE_END. */
static int64_t get_number(struct bytes *b)
{
	int64_t number = 0;

	if (b->left < sizeof(number)) {
		b->left = 0;
		return 0;
	}
	memcpy(&number, b->at, sizeof(number));
	b->at += sizeof(number);
	b->left -= sizeof(number);
	return number;
}

static const char *get_text(struct bytes *b)
{
	int64_t length = get_number(b);
	const char *text;

	if (length < 0 || (uint64_t)length > b->left)
		return NULL;
	text = arena_strndup(b->arena, b->at, (size_t)length);
	b->at += length;
	b->left -= (size_t)length;
	return text;
}

static int *get_list(struct bytes *b, size_t *count)
{
	int64_t expected = get_number(b);
	int *list = NULL;

	for (*count = 0; (int64_t)*count < expected && b->left;)
		*arena_push(b->arena, list, *count) = (int)get_number(b);
	return list;
}

/* Each line of the text has its old number, and there are no other numbers. */
static bool is_of_text(const struct draft *d)
{
	size_t count = 0;

	for (const char *text = d->text ? d->text : ""; *text; count++)
		text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
	for (size_t i = 0; i < d->line_count; i++)
		if (d->lines[i] == INT_MIN)
			return false;
	return d->line_count == count;
}

bool bless_answer_read(struct arena *a, const char *bytes, size_t length,
		       struct bless_answer *answer)
{
	struct bytes b = {a, bytes, length};
	int64_t time;

	*answer = (struct bless_answer){.path = get_text(&b)};
	answer->line = (int)get_number(&b);
	answer->from = (size_t)get_number(&b);
	answer->held = get_text(&b);
	answer->message = get_text(&b);
	time = get_number(&b);
	answer->time = time >= 0 && time < BLESS_TIMES ? (enum bless_time)time : TIME_OTHER;
	answer->draft.text = get_text(&b);
	answer->draft.lines = get_list(&b, &answer->draft.line_count);
	answer->draft.changed = get_list(&b, &answer->draft.changed_count);
	return get_number(&b) == THE_END && is_of_text(&answer->draft) &&
	       !answer->line == !answer->path;
}
