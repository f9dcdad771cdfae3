/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: lines are paired by their text and the file that they are from. The
 * transcript of a failed run ends with the last line of which something was seen (transcript.c);
 * here the same is computed from result.json. The other kernel's run goes on. It is cut off before
 * the first line whose counterpart the failed run did not reach.
 */
#include "harness/diff/lines.h"

#include <string.h>

#include "harness/diff/json.h"
#include "harness/diff/sequence.h"

static bool is(const json_t *object, const char *key, const char *text)
{
	const char *value = json_string_value(json_at(object, key));

	return value && !strcmp(value, text);
}

static bool was_seen(const json_t *line)
{
	return json_at(line, "event") || json_at(line, "segment") || is(line, "fate", "failed");
}

static void find_reached(struct lines *out)
{
	const json_t *lines = json_at(out->run, "lines");
	const json_t *problems = json_at(out->run, "problems");
	const json_t *element;
	size_t i;

	out->reached = 0;
	json_array_foreach(lines, i, element)
		if (was_seen(element))
			out->reached = i + 1;
	json_array_foreach(problems, i, element) {
		const json_t *line = json_at(element, "line");

		if (line && (size_t)json_integer_value(line) >= out->reached)
			out->reached = (size_t)json_integer_value(line) + 1;
	}
	json_array_foreach(lines, i, element)
		out->rest |= i >= out->reached && is(element, "fate", "missing");
}

const char *lines_diagnostic(const json_t *run)
{
	static const char said[] = " said: ";
	const char *diagnostic = json_string_value(json_at(run, "diagnostic"));
	const char *what = diagnostic ? strstr(diagnostic, said) : NULL;

	return what ? what + strlen(said) : diagnostic;
}

void lines_read(struct arena *a, const json_t *run, struct lines *out)
{
	const json_t *line;
	size_t i;

	*out = (struct lines){.run = run, .diagnostic = lines_diagnostic(run)};
	json_array_foreach(json_at(run, "lines"), i, line)
		*arena_push(a, out->texts, out->count) = json_string_value(json_at(line, "text"));
	out->reached = out->count;
	/* If only the kernel has warned, the script reached its end. */
	out->failed = !is(run, "verdict", "pass") &&
		      (!out->diagnostic || json_array_size(json_at(run, "problems")));
	if (out->failed)
		find_reached(out);
}

static const char *file_of(const struct lines *lines, size_t line)
{
	const json_t *array = json_at(lines->run, "lines");

	return json_string_value(json_at(json_array_get(array, line), "file"));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int *words_of(struct arena *a, json_t *words, const struct lines *lines)
{
	int *list = arena_alloc(a, (lines->count + 1) * sizeof(*list));

	for (size_t i = 0; i < lines->count; i++) {
		const char *file = file_of(lines, i);

		list[i] = sequence_word(
		    words, arena_printf(a, "%s\n%s", file ? file : "", lines->texts[i]));
	}
	return list;
}

int *lines_pair(struct arena *a, const struct lines *old, const struct lines *new)
{
	json_t *words = json_object();
	const int *from = words_of(a, words, old), *to = words_of(a, words, new);
	int *pairs = sequence_align(a, from, old->count, to, new->count);

	json_decref(words);
	return pairs;
}

void lines_cut(const struct lines *old, const struct lines *new, const int *pairs, size_t *old_cut,
	       size_t *new_cut)
{
	*old_cut = old->reached;
	*new_cut = new->reached;
	for (size_t i = 0; i < old->count; i++) {
		if (pairs[i] == UNPAIRED)
			continue;
		if (i < *old_cut && (size_t)pairs[i] >= new->reached)
			*old_cut = i;
		if (i >= old->reached && (size_t)pairs[i] < *new_cut)
			*new_cut = (size_t)pairs[i];
	}
}

struct spot lines_place(struct arena *a, const struct lines *lines, int line)
{
	const char *name = json_string_value(json_at(lines->run, "name"));
	const json_t *json = json_array_get(json_at(lines->run, "lines"), (size_t)line);
	long long number = json_number(json, "file_line");
	const char *file = line >= 0 ? file_of(lines, (size_t)line) : NULL;

	if (file)
		name = arena_printf(a, "%s (%s:%lld)", name, base_name(file), number);
	else if (line >= 0)
		name = arena_printf(a, "%s:%lld", name, number);
	return (struct spot){line, name};
}
