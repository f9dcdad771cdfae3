/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: run after run is read from both documents, compared (pair.c) and freed; only
 * the kinds stay.
 *
 * A run should repeat to the byte, but another machine, or a changed kernel, may break this
 * promise. So each kind is verified before it is shown: one run that shows it is run a second time
 * on both kernels, and compared with the first time. This takes a fraction of the time of all runs,
 * because one cause has many effects in one run.
 */
#include "harness/diff/deep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/diff/pair.h"

/* ---- comparing ---- */

static void compare_ran(struct kinds *kinds, json_t *only, const struct side *old,
			const struct ran *from, const struct side *new, const struct ran *to)
{
	json_t *was = side_load(old, from), *is = side_load(new, to);

	kinds->nth++;
	kinds->scenario = from->scenario;
	kinds->run = from->name;
	pair_compare(kinds, only, was, is);
	json_decref(was);
	json_decref(is);
}

void deep_compare(struct deep *deep, const struct side *old, const struct side *new,
		  const struct ran *ran)
{
	compare_ran(&deep->kinds, deep->only, old, ran, new, side_find(new, ran->name));
	deep->runs++;
}

/* ---- verifying ---- */

static bool is_named(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* The runs that would be shown, each once; the names by which they can be run. */
static char **choose(struct arena *a, const struct deep *deep, const struct side *side,
		     size_t *count, unsigned *families)
{
	char **paths = NULL;

	*count = 0;
	*families = 0;
	for (size_t i = 0; i < deep->kinds.count; i++) {
		const struct ran *ran = side_find(side, deep->kinds.list[i].first->run);

		*families |= ran->family == 6 ? FAMILY_6 : FAMILY_4;
		if (!is_named(paths, *count, ran->path))
			*arena_push(a, paths, *count) = (char *)ran->path;
	}
	return paths;
}

static void mark_unsure(struct deep *deep, const struct kinds *within)
{
	for (size_t i = 0; i < within->count; i++) {
		struct kind *kind = kinds_find(&deep->kinds, within->list[i].what);

		if (kind)
			kind->unsure = true;
	}
}

/* The runs of `side` a second time. */
static int verify_side(struct deep *deep, const struct side *side, const struct errand *errand,
		       struct arena *a)
{
	struct side again = {.label = arena_printf(a, "%s-again", side->label),
			     .kernel = side->kernel};
	struct kinds within = {.arena = a};
	json_t *only = json_object();
	int status = side_run(&again, a, errand);

	for (size_t i = 0; status == EXIT_PASSED && i < again.count; i++) {
		const struct ran *second = &again.runs[i], *first = side_find(side, second->name);

		if (!first || !ran_through(first))
			continue;
		if (ran_through(second))
			compare_ran(&within, only, side, first, &again, second);
		else
			json_array_append_new(
			    deep->unverified,
			    json_pack("{ss ss ss}", "run", second->name, "kernel", side->kernel,
				      "why", second->why ? second->why : second->verdict));
	}
	mark_unsure(deep, &within);
	json_decref(only);
	side_close(&again);
	return status;
}

int deep_verify(struct deep *deep, const struct side *old, const struct side *new,
		const struct errand *errand, struct arena *a)
{
	struct errand again = *errand;
	int status = EXIT_PASSED;

	kinds_conclude(&deep->kinds);
	again.names = choose(a, deep, old, &again.name_count, &again.families);
	again.results = again.work;
	if (again.name_count)
		status = verify_side(deep, old, &again, a);
	if (again.name_count && status == EXIT_PASSED)
		status = verify_side(deep, new, &again, a);
	return status;
}

json_t *deep_different(const struct deep *deep)
{
	json_t *runs = json_object();

	for (size_t i = 0; i < deep->kinds.count; i++) {
		const struct kind *kind = &deep->kinds.list[i];

		for (size_t j = 0; j < kind->place_count && !kind->unsure; j++)
			json_object_set_new(runs, kind->places[j].run, json_true());
	}
	return runs;
}

/* ---- the report ---- */

#define WIDEST 60 /* longer names do not make the others' lines longer */

static const char *kind_text(struct arena *a, const struct kind *kind)
{
	const struct kind_place *first = kind->first;
	const char *text = kind->what;

	if (first->old)
		text = arena_printf(a, "%s %s -> %s", text, first->old, first->new);
	if (kind->others)
		text = arena_printf(a, "%s (and %zu other%s)", text, kind->others,
				    kind->others == 1 ? "" : "s");
	return text;
}

static int width_of(struct arena *a, const struct deep *deep)
{
	size_t width = 0;

	for (size_t i = 0; i < deep->kinds.count; i++) {
		size_t length = strlen(kind_text(a, &deep->kinds.list[i]));

		if (length <= WIDEST && length > width)
			width = length;
	}
	return (int)width;
}

static void print_places(FILE *out, const struct kind *kind)
{
	for (size_t i = 0; i < kind->place_count; i++) {
		const struct kind_place *place = &kind->places[i];

		fprintf(out, "        %s", place->place.text);
		if (place->old)
			fprintf(out, "  %s -> %s", place->old, place->new);
		fputc('\n', out);
	}
}

static void print_kinds(FILE *out, struct arena *a, const struct deep *deep, bool all)
{
	int width = width_of(a, deep);

	for (size_t i = 0; i < deep->kinds.count; i++) {
		const struct kind *kind = &deep->kinds.list[i];

		if (kind->unsure)
			continue;
		fprintf(out, "%-*s   %zu scenario%s, first %s\n", width, kind_text(a, kind),
			kind->scenarios, kind->scenarios == 1 ? "" : "s", kind->first->place.text);
		if (all)
			print_places(out, kind);
	}
}

/* Names of the things that only one kernel has, in lines of a readable length. */
static void print_only(FILE *out, const struct deep *deep, const struct side *side)
{
	const json_t *value;
	const char *name;
	int column = 0;

	json_object_foreach(deep->only, name, value) {
		if (strcmp(json_string_value(value), side->label) != 0)
			continue;
		if (!column)
			column = fprintf(out, "only %s has:", side->kernel);
		else
			column += fprintf(out, ",");
		if (column + strlen(name) > 98)
			column = fprintf(out, "\n   ") - 1;
		column += fprintf(out, " %s", name);
	}
	if (column)
		fputc('\n', out);
}

static void print_unsure(FILE *out, const struct deep *deep)
{
	const json_t *run;
	size_t at;

	json_array_foreach(deep->unverified, at, run)
		fprintf(out, "not verified, because the second run did not finish: %s (%s: %s)\n",
			json_string_value(json_object_get(run, "run")),
			json_string_value(json_object_get(run, "kernel")),
			json_string_value(json_object_get(run, "why")));
	for (size_t i = 0; i < deep->kinds.count; i++)
		if (deep->kinds.list[i].unsure)
			fprintf(
			    out,
			    "left out, since it differs between two runs on one kernel: %s, %s\n",
			    deep->kinds.list[i].what, deep->kinds.list[i].first->place.text);
}

void deep_print(FILE *out, const struct deep *deep, const struct side *old, const struct side *new,
		bool all)
{
	struct arena a = {0};

	print_kinds(out, &a, deep, all);
	if (deep->kinds.count && (json_object_size(deep->only)))
		fputc('\n', out);
	print_unsure(out, deep);
	print_only(out, deep, old);
	print_only(out, deep, new);
	arena_free(&a);
}

static json_t *place_json(const struct kind_place *place)
{
	json_t *json = json_pack("{ss ss}", "run", place->run, "place", place->place.text);

	if (place->old) {
		json_object_set_new(json, "old", json_string(place->old));
		json_object_set_new(json, "new", json_string(place->new));
	}
	return json;
}

static json_t *kind_json(const struct kind *kind)
{
	json_t *places = json_array();

	for (size_t i = 0; i < kind->place_count; i++)
		json_array_append_new(places, place_json(&kind->places[i]));
	return json_pack("{ss sI sb so so}", "kind", kind->what, "scenarios",
			 (json_int_t)kind->scenarios, "unsure", kind->unsure, "first",
			 place_json(kind->first), "places", places);
}

json_t *deep_json(const struct deep *deep)
{
	json_t *kinds = json_array();

	for (size_t i = 0; i < deep->kinds.count; i++)
		json_array_append_new(kinds, kind_json(&deep->kinds.list[i]));
	return json_pack("{so sO sO}", "kinds", kinds, "only", deep->only, "not_verified",
			 deep->unverified);
}
