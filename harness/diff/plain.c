/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the transcript of a run that passed contains nothing that differs from run
 * to run (no address, port, initial number; a time that holds is printed as written). So a
 * difference is behaviour: a branch of a `when`, or a line marked because it did not hold.
 *
 * A failed run ends there. The lines that it did not reach are not a difference of behaviour: both
 * transcripts are cut off before them (lines.c). For that each line of a transcript is matched with
 * a line of the run: they are in the same order, as they are written, each perhaps followed by
 * marks `#+`.
 *
 * A kernel's warning (WARNING, BUG) is in no transcript; it is added at the end.
 */
#include "harness/diff/plain.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/linediff.h"
#include "harness/base/text.h"
#include "harness/diff/lines.h"

#define NOT_REACHED "(rest not reached)\n"

/* A setting that only one kernel has, made so that both behave alike, is not behaviour. */
static bool is_setting(const char *line)
{
	const char *word = strpbrk(line, " \t");

	return word && !strncmp(word + strspn(word, " \t"), "sysctl ", 7);
}

static bool is_remark(const char *text)
{
	return !strncmp(text + strspn(text, " \t"), "#+ ", 3);
}

/* The verdict and its message, at the end of a transcript. */
static bool is_message(const char *line)
{
	return !strncmp(line, "# fail: ", 8) || !strncmp(line, "# unsure: ", 10);
}

/*
 * Whether it only repeats its marked line (transcript.c): every message except the nearest miss of
 * a line that nothing met.
 */
static bool is_repetition(const json_t *run)
{
	const json_t *problem = json_array_get(json_object_get(run, "problems"), 0);
	const char *got = json_string_value(json_object_get(problem, "got"));

	return json_object_get(problem, "event") || json_object_get(problem, "timing") ||
	       (got && !strncmp(got, "nothing", strlen("nothing")));
}

/* How many lines of a transcript it takes: as many as in the script (transcript.c). */
static size_t span(const char *text)
{
	size_t count = 1;

	if (strchr(text, '$')) /* printed again, with the value */
		return 1;
	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* The part that is compared: the lines of the run before `cut`. */
static const char *shorten(struct arena *a, const struct transcript *t, const struct lines *lines,
			   size_t cut)
{
	size_t index = 0, left = 0;	  /* the run's next line; this much of the line before it */
	bool all = cut >= lines->reached; /* it ends there anyway */
	const char *text = t->text;
	struct text result;
	FILE *out = text_open(&result);

	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_strndup(a, text, length);

		text += length + (text[length] == '\n');
		if (!*text && lines->failed && is_message(line) && is_repetition(t->run))
			break;
		if (left) {
			left--;
		} else if (index < lines->count &&
			   (!is_remark(line) || is_remark(lines->texts[index]))) {
			left = span(lines->texts[index]) - 1;
			index++;
		}
		if ((all || index <= cut) && !is_setting(line))
			fprintf(out, "%s\n", line);
	}
	return text_close(&result, a);
}

static void add_diagnostic(struct arena *a, struct transcript *t, const struct lines *lines)
{
	if (lines->diagnostic)
		t->text = arena_printf(a, "%s(the kernel said: %s)\n", t->text, lines->diagnostic);
}

void plain_prepare(struct arena *a, struct transcript *old, struct transcript *new)
{
	struct lines from, to;
	size_t old_cut, new_cut;

	lines_read(a, old->run, &from);
	lines_read(a, new->run, &to);
	lines_cut(&from, &to, lines_pair(a, &from, &to), &old_cut, &new_cut);
	old->text = shorten(a, old, &from, old_cut);
	new->text = shorten(a, new, &to, new_cut);
	/* If both ended in the same way, later observations of one of them do not matter. */
	if (strcmp(old->text, new->text) != 0) {
		if (from.rest && old_cut == from.reached)
			old->text = arena_printf(a, "%s" NOT_REACHED, old->text);
		if (to.rest && new_cut == to.reached)
			new->text = arena_printf(a, "%s" NOT_REACHED, new->text);
	}
	add_diagnostic(a, old, &from);
	add_diagnostic(a, new, &to);
}

static const char *read_transcript(struct arena *a, const struct side *side, const char *name)
{
	FILE *in = fopen(arena_printf(a, "%s/%s/transcript.txt", side->results, name), "re");
	struct text text;
	FILE *out;
	int c;

	if (!in)
		return NULL;
	out = text_open(&text);
	while ((c = fgetc(in)) != EOF)
		fputc(c, out);
	fclose(in);
	return text_close(&text, a);
}

int plain_compare(FILE *out, const struct side *old, const struct side *new, const char *name)
{
	struct arena a = {0};
	json_t *old_run = side_load(old, side_find(old, name));
	json_t *new_run = side_load(new, side_find(new, name));
	struct transcript from = {read_transcript(&a, old, name), old_run};
	struct transcript to = {read_transcript(&a, new, name), new_run};
	int result = -1;

	if (from.text && to.text && old_run && new_run) {
		plain_prepare(&a, &from, &to);
		result =
		    linediff_print(out, &a, arena_printf(&a, "%s/%s", old->kernel, name), from.text,
				   arena_printf(&a, "%s/%s", new->kernel, name), to.text);
	}
	json_decref(old_run);
	json_decref(new_run);
	arena_free(&a);
	return result;
}
