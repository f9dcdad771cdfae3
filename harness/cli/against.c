/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The baseline is read before anything is run, so a fault in it costs nothing.
 */
#include "harness/cli/against.h"

#include <string.h>

#include "harness/base/shown.h"

#define MOST 100

/* In the order of the command line. */
static struct {
	const char *path;
	struct baseline baseline;
} asked[MOST];
static size_t asked_count;

static bool set_path(void *field, const char *text, unsigned value)
{
	(void)field, (void)value;
	if (!*text || asked_count == MOST)
		return false;
	asked[asked_count++].path = text;
	return true;
}

const struct option_row against_option = {
    .name = "against",
    .argument = "BASELINE",
    .expected = "a file that 'baseline write' has made",
    .set = set_path,
    .own = asked,
    .help = "failures that are known there do not count; new and vanished ones do",
};

static bool is_failure(const struct baseline_line *line)
{
	return line->verdict == VERDICT_FAIL || line->verdict == VERDICT_BROKEN;
}

/* Its name, and then family and parameters after commas. */
static bool is_run_of(const char *run, const char *scenario)
{
	size_t length = strlen(scenario);

	return !strncmp(run, scenario, length) && (!run[length] || run[length] == ',');
}

static bool is_there(const struct library *l, const char *run)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_run_of(run, l->list[i].name))
			return true;
	return false;
}

static void find_gone(struct library *l, const struct baseline *b, struct diagnostics *c)
{
	library_list(l);
	for (size_t i = 0; i < b->count; i++)
		if (is_failure(&b->lines[i]) && !is_there(l, b->lines[i].run))
			diagnose(c, b->lines[i].place,
				 "this failure has vanished: there is no such scenario any more");
}

static bool open_one(struct library *l, size_t i, bool whole)
{
	struct diagnostics c = {.arena = l->arena};
	struct baseline *b = &asked[i].baseline;
	const char *error = NULL;

	if (baseline_read(l->arena, asked[i].path, b, &c, &error) && whole)
		find_gone(l, b, &c);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, &c);
	return !error && !c.count;
}

bool against_open(struct library *l, bool whole)
{
	bool opened = true;

	for (size_t i = 0; i < asked_count; i++)
		opened &= open_one(l, i, whole);
	return opened;
}

bool against_is_one(void)
{
	if (asked_count <= 1)
		return true;
	say("--against: a run is compared with one baseline, and these are %zu: %s, %s",
	    asked_count, asked[0].path, asked[1].path);
	return false;
}

const char *against_path(void)
{
	return asked[0].path;
}

const struct baseline *against(void)
{
	return asked_count ? &asked[0].baseline : NULL;
}

/* How much of a release two kernels have in common: 2, all; 1, the version (6.12); 0, less. */
static int likeness(const char *left, const char *right)
{
	size_t same = 0;
	int dots = 0;

	while (left[same] && left[same] == right[same])
		dots += left[same++] == '.';
	if (left[same] == right[same])
		return 2;
	return dots >= 2 || (dots == 1 && strspn(left + same, "0123456789") == 0 &&
			     strspn(right + same, "0123456789") == 0);
}

/* NULL: none is. */
static const struct baseline *baseline_for(const char *release)
{
	const struct baseline *best = NULL, *any = NULL;
	int most = 0;

	for (size_t i = 0; i < asked_count; i++) {
		const struct baseline *b = &asked[i].baseline;
		int own = b->release ? likeness(b->release, release) : 0;

		if (!b->release && !any)
			any = b;
		if (own <= most)
			continue;
		most = own;
		best = b;
	}
	return best ? best : any;
}

const struct baseline **against_each(struct arena *a, const char *const *releases, size_t count)
{
	const struct baseline **list = arena_alloc(a, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[i] = count == 1 && asked_count == 1 ? against() : baseline_for(releases[i]);
		if (list[i])
			continue;
		say("--against: no baseline is of Linux %s; give one more --against for it, or "
		    "merge its directories by themselves",
		    releases[i]);
		return NULL;
	}
	return list;
}
