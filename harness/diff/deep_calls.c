/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results of calls, the values that they filled in and their times; signals, and how processes
 * ended.
 *
 * A return is identified by its line. Its text includes the filled-in values; ports that the kernel
 * has chosen are removed. TCP_INFO is left out, because it is compared field by field (steps.c).
 * The data of a raw socket is left out, too, because it begins with an IP header with random
 * numbers, and was compared as a packet.
 *
 * Signals and deaths are counted: the order in which a process gets two of them depends on small
 * delays.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/diff/json.h"
#include "harness/diff/pair.h"
#include "harness/diff/sequence.h"

static const struct field result = {"result", "result", EXACT, 0, false};
static const struct field error = {"error", "error", EXACT, 0, false};
static const struct field took = {"took", NULL, TIMER, 1, false};

static bool is_kind(const json_t *event, const char *kind)
{
	return !strcmp(json_text(event, "kind"), kind);
}

/* ---- returns ---- */

/* The text without the ports that the kernel has chosen; other ports stay. */
static const char *without_ports(struct arena *a, const char *from)
{
	struct text text;
	FILE *out = text_open(&text);
	char before = ' ';

	while (*from) {
		char *end = (char *)from;
		long port =
		    before == ':' && isdigit((unsigned char)*from) ? strtol(from, &end, 10) : 0;

		if (port >= DRAWN_PORTS) {
			fputs("PORT", out);
			from = end;
		} else {
			fputc(*from++, out);
		}
		before = from[-1];
	}
	return text_close(&text, a);
}

/* Values that cannot be compared as a text. */
static bool is_compared_elsewhere(const char *whole)
{
	return strstr(whole, "tcpi_") || strstr(whole, "\"E\\0");
}

static const char *seen(struct pair *p, const json_t *event)
{
	const char *whole = json_text(event, "text");

	return is_compared_elsewhere(whole) ? "" : without_ports(p->arena, whole);
}

#define CONTEXT 12

/* The place where `text` differs from `other`, with a little context. */
static const char *around(struct arena *a, const char *text, const char *other)
{
	size_t length = strlen(text), rest = strlen(other), first = 0, last = 0;

	while (first < length && first < rest && text[first] == other[first])
		first++;
	while (last < length - first && last < rest - first &&
	       text[length - 1 - last] == other[rest - 1 - last])
		last++;
	first = first > CONTEXT ? first - CONTEXT : 0;
	last = last > CONTEXT ? last - CONTEXT : 0;
	return arena_printf(a, "%s%.*s%s", first ? "..." : "", (int)(length - first - last),
			    text + first, last ? "..." : "");
}

static json_t *duration(const struct half *half, const json_t *event)
{
	const json_t *call = half->calls[json_number(event, "line")];

	return call ? json_integer(json_number(event, "to") - json_number(call, "from")) : NULL;
}

static void compare_returns(struct pair *p, const json_t *old, const json_t *new)
{
	const char *call = json_text(old, "call");
	struct spot place = place_of(p, (int)json_number(old, "line"), NULL);
	struct latitude latitude = latitude_of(p, NULL);
	const json_t *was = json_at(old, "result"), *is = json_at(new, "result");
	const json_t *failed = json_at(old, "error"), *fails = json_at(new, "error");
	const char *from = seen(p, old), *to = seen(p, new);
	json_t *a, *b;

	if (!values_same(&error, failed, fails, &latitude)) {
		differ(p, arena_printf(p->arena, "call %s: error", call), &error, failed, fails,
		       place);
	} else if (!*json_text(old, "bound") && !values_same(&result, was, is, &latitude)) {
		differ(p, arena_printf(p->arena, "call %s: result", call), &result, was, is, place);
	} else if (strcmp(from, to) != 0) {
		kinds_add(p->kinds, arena_printf(p->arena, "call %s: filled in", call),
			  around(p->arena, from, to), around(p->arena, to, from), place);
	}
	a = duration(&p->old, old);
	b = duration(&p->new, new);
	if (!values_same(&took, a, b, &latitude))
		differ(p, arena_printf(p->arena, "call %s: took", call), &took, a, b, place);
	json_decref(a);
	json_decref(b);
}

/* It returned only on that kernel. */
static void alone(struct pair *p, const struct half *half, const json_t *event)
{
	const char *got = json_text(event, "text");

	if (p->whole)
		kinds_add(p->kinds,
			  arena_printf(p->arena, "call %s: returned", json_text(event, "call")),
			  half == &p->old ? got : "never", half == &p->old ? "never" : got,
			  lines_place(p->arena, &half->lines, (int)json_number(event, "line")));
}

static void compare_all_returns(struct pair *p)
{
	for (size_t i = 0; i < p->old.lines.count; i++) {
		const json_t *old = p->old.returns[i], *new;

		if (p->lines[i] == UNPAIRED)
			continue;
		new = p->new.returns[p->lines[i]];
		if (old && new &&json_number(old, "to") <= p->old.until &&
		    json_number(new, "to") <= p->new.until)
			compare_returns(p, old, new);
		else if (old && !new)
			alone(p, &p->old, old);
		else if (new && !old)
			alone(p, &p->new, new);
	}
}

/* ---- signals and deaths ---- */

static json_t *count_happenings(const struct half *half)
{
	json_t *counts = json_object();
	const json_t *event;
	size_t i;

	json_array_foreach(json_at(half->run, "events"), i, event) {
		const char *what = json_text(event, "text");

		if ((is_kind(event, "signal") || is_kind(event, "death")) &&
		    json_number(event, "to") <= half->until)
			json_object_set_new(counts, what,
					    json_integer(json_number(counts, what) + 1));
	}
	return counts;
}

static void compare_counts(struct pair *p, const json_t *counts, const json_t *old,
			   const json_t *new)
{
	const json_t *value;
	const char *what;

	json_object_foreach((json_t *)counts, what, value) {
		json_int_t was = json_number(old, what), is = json_number(new, what);

		if (was != is)
			kinds_add(p->kinds, arena_printf(p->arena, "%s: times", what),
				  arena_printf(p->arena, "%lld", (long long)was),
				  arena_printf(p->arena, "%lld", (long long)is),
				  place_of(p, -1, NULL));
	}
}

void compare_calls(struct pair *p)
{
	json_t *old = count_happenings(&p->old), *new = count_happenings(&p->new);
	json_t *all = json_copy(old);

	compare_all_returns(p);
	json_object_update_missing(all, new);
	compare_counts(p, all, old, new);
	json_decref(all);
	json_decref(old);
	json_decref(new);
}
