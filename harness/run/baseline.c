/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a baseline is read line by line, and each fault is reported with its place.
 * The first line has the version of the format. A name is everything after the verdict and a blank,
 * since names of files have blanks, too. Lines may stand in any order (somebody may have merged two
 * versions of the file), but no run may be there twice.
 */
#include "harness/run/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/readfile.h"
#include "harness/base/shown.h"

#define HEAD  "tcplab baseline "
#define LINUX "# Linux "

/* ---- reading ---- */

struct text_line {
	const char *text; /* without what ends it */
	struct place place;
};

static bool next_line(struct arena *a, const struct source *source, size_t *at,
		      struct text_line *line)
{
	const char *text = source->text + *at, *newline;
	size_t left = source->length - *at, length;

	if (!left)
		return false;
	newline = memchr(text, '\n', left);
	length = newline ? (size_t)(newline - text) : left;
	*at += length + (newline != NULL);
	if (length && text[length - 1] == '\r')
		length--;
	line->text = arena_strndup(a, text, length);
	line->place.line++;
	return true;
}

static bool read_head(struct diagnostics *c, const struct text_line *line)
{
	char *end;
	long format;

	if (strncmp(line->text, HEAD, strlen(HEAD)) != 0) {
		diagnose(c, line->place, "a baseline begins with '" HEAD "%d'", BASELINE_FORMAT);
		return false;
	}
	format = strtol(line->text + strlen(HEAD), &end, 10);
	if (!*end && format == BASELINE_FORMAT)
		return true;
	diagnose(c, line->place, "this is a baseline of format %s; this program reads %d",
		 line->text + strlen(HEAD), BASELINE_FORMAT);
	return false;
}

static bool verdict_of(const char *word, size_t length, enum verdict *v)
{
	for (*v = VERDICT_PASS; *v < VERDICT_COUNT; ++*v)
		if (*v != VERDICT_UNSURE && strlen(verdict_names[*v]) == length &&
		    !strncmp(word, verdict_names[*v], length))
			return true;
	return false;
}

static void read_run(struct arena *a, struct baseline *b, struct diagnostics *c,
		     const struct text_line *line)
{
	size_t length = strcspn(line->text, " ");
	struct baseline_line read = {.place = line->place};

	if (!b->release && !strncmp(line->text, LINUX, strlen(LINUX)))
		b->release = line->text + strlen(LINUX);
	if (!*line->text || *line->text == '#')
		return;
	if (!verdict_of(line->text, length, &read.verdict)) {
		diagnose(c, line->place, "not a verdict: pass, fail, skip or broken, and a run");
		return;
	}
	read.place.column += (int)length + 1;
	if (!line->text[length] || !line->text[length + 1]) {
		diagnose(c, read.place, "the name of a run is missing");
		return;
	}
	read.run = line->text + length + 1;
	*arena_push(a, b->lines, b->count) = read;
}

/* The first of two that are the same comes first. */
static int by_name(const void *left, const void *right)
{
	const struct baseline_line *a = left, *b = right;
	int order = strcmp(a->run, b->run);

	return order ? order : a->place.line - b->place.line;
}

static void sort(struct baseline *b)
{
	if (b->count)
		qsort(b->lines, b->count, sizeof(*b->lines), by_name);
}

bool baseline_read(struct arena *a, const char *path, struct baseline *b, struct diagnostics *c,
		   const char **error)
{
	const struct source *source = source_read_other(a, path, "a baseline", error);
	struct text_line line = {.place = {.source = source, .column = 1}};
	size_t at = 0;

	*b = (struct baseline){.path = path};
	if (!source)
		return false;
	if (next_line(a, source, &at, &line) && read_head(c, &line))
		while (diagnostics_wanted(c) && next_line(a, source, &at, &line))
			read_run(a, b, c, &line);
	sort(b);
	for (size_t i = 1; i < b->count; i++)
		if (!strcmp(b->lines[i - 1].run, b->lines[i].run))
			diagnose(c, b->lines[i].place, "this run is in line %d already",
				 b->lines[i - 1].place.line);
	return !c->count;
}

static int by_key(const void *key, const void *line)
{
	return strcmp(key, ((const struct baseline_line *)line)->run);
}

const struct baseline_line *baseline_find(const struct baseline *b, const char *run)
{
	return b->count ? bsearch(run, b->lines, b->count, sizeof(*b->lines), by_key) : NULL;
}

/* ---- writing ---- */

void baseline_print(FILE *out, struct arena *a, struct baseline *b, const char *release)
{
	sort(b);
	fprintf(out, HEAD "%d\n" LINUX, BASELINE_FORMAT);
	shown_put(out, release);
	putc('\n', out);
	for (size_t i = 0; i < b->count; i++)
		fprintf(out, "%s %s\n", verdict_names[b->lines[i].verdict],
			shown(a, b->lines[i].run));
}

/* ---- comparing ---- */

const char *const standing_names[STANDING_COUNT] = {
    [STANDS_KNOWN] = "known",
    [STANDS_NEW] = "new",
    [STANDS_VANISHED] = "vanished",
};

enum standing baseline_standing(const struct baseline *b, const char *run, enum verdict v,
				bool by_kernel)
{
	const struct baseline_line *line = baseline_find(b, run);
	bool known = line && (line->verdict == VERDICT_FAIL || line->verdict == VERDICT_BROKEN);

	if (v == VERDICT_PASS)
		return known ? STANDS_VANISHED : STANDS_ALONE;
	if (v == VERDICT_FAIL || (v == VERDICT_BROKEN && by_kernel))
		return known ? STANDS_KNOWN : STANDS_NEW;
	return STANDS_ALONE;
}
