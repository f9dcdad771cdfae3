/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The baseline is read before anything is run, so a fault in it costs nothing.
 */
#include "harness/cli/against.h"

#include <string.h>

#include "harness/base/shown.h"

static const char *path;
static struct baseline baseline;

const struct option_row against_option = {
    .name = "against",
    .argument = "BASELINE",
    .expected = "a file that 'baseline write' has made",
    .set = option_text,
    .own = &path,
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

static void find_gone(struct library *l, struct diagnostics *c)
{
	library_list(l);
	for (size_t i = 0; i < baseline.count; i++)
		if (is_failure(&baseline.lines[i]) && !is_there(l, baseline.lines[i].run))
			diagnose(c, baseline.lines[i].place,
				 "this failure has vanished: there is no such scenario any more");
}

bool against_open(struct library *l, bool whole)
{
	struct diagnostics c = {.arena = l->arena};
	const char *error = NULL;

	if (!path)
		return true;
	if (baseline_read(l->arena, path, &baseline, &c, &error) && whole)
		find_gone(l, &c);
	if (error)
		say("%s", error);
	diagnostics_print(stderr, &c);
	return !error && !c.count;
}

const char *against_path(void)
{
	return path;
}

const struct baseline *against(void)
{
	return path ? &baseline : NULL;
}
