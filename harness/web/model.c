/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: of each run and kernel the result that counts (merge.c) is read, and only
 * what all pages together need is kept, so that the memory does not grow with the events. A run's
 * own page reads its result again.
 */
#include "harness/web/model.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/calls/sockopts.h"
#include "harness/run/merge.h"

const char *const subject_words[SUBJECTS] = {
    [SUBJECT_ERRNO] = "errno",	   [SUBJECT_FLAG] = "flag",	[SUBJECT_STATE] = "state",
    [SUBJECT_COUNTER] = "counter", [SUBJECT_OPTION] = "option",
};

struct reading {
	struct arena *a;
	struct web_run *run;
	size_t event; /* that is being read */
	const char *text;
};

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static const char *kept(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

/* ---- what is mentioned ---- */

static void mention(struct reading *r, enum subject subject, const char *name)
{
	if (name)
		*arena_push(r->a, r->run->mentions, r->run->mention_count) = (struct mention){
		    subject, arena_strdup(r->a, name), kept(r->a, r->text), r->event};
}

static void mention_flags(struct reading *r, const char *flags)
{
	static const char *const names[256] = {
	    ['S'] = "SYN", ['F'] = "FIN", ['R'] = "RST", ['P'] = "PSH",
	    ['U'] = "URG", ['E'] = "ECE", ['W'] = "CWR", ['.'] = "ACK"};

	for (; flags && *flags; flags++)
		mention(r, SUBJECT_FLAG, names[(unsigned char)*flags]);
}

/* getsockopt(c, SOL_SOCKET, SO_ERROR, [0]): an argument that is an option's name. */
static void mention_option(struct reading *r, const char *call)
{
	const char *at = r->text && call && strstr(call, "sockopt") ? r->text : NULL;

	for (at = at ? strstr(at, ", ") : NULL; at; at = strstr(at, ", ")) {
		const char *name;

		at += strlen(", ");
		name = arena_strndup(r->a, at, strcspn(at, ",)"));
		if (sockopt_find(name)) {
			mention(r, SUBJECT_OPTION, name);
			return;
		}
	}
}

static void mention_counters(struct reading *r, json_t *counters)
{
	const char *name;
	json_t *delta;

	json_object_foreach(counters, name, delta) {
		if (json_integer_value(delta) != 0)
			mention(r, SUBJECT_COUNTER, name);
	}
}

static void read_events(struct reading *r, const json_t *json)
{
	const json_t *event;

	json_array_foreach(json_object_get(json, "events"), r->event, event) {
		const char *kind = text_of(event, "kind");

		r->text = text_of(event, "text");
		mention(r, SUBJECT_ERRNO, text_of(event, "error"));
		if (kind && !strcmp(kind, "return"))
			mention_option(r, text_of(event, "call"));
		mention_counters(r, json_object_get(event, "counters"));
		if (kind && !strcmp(kind, "reading") && !text_of(event, "process"))
			mention(r, SUBJECT_STATE, text_of(event, "state"));
	}
}

static void read_segments(struct reading *r, const json_t *json)
{
	const json_t *segment;
	size_t i;

	r->text = NULL;
	r->event = 0;
	json_array_foreach(json_object_get(json, "segments"), i, segment)
		mention_flags(r, text_of(segment, "flags"));
}

static int by_name(const struct mention *a, const struct mention *b)
{
	int order = (int)a->subject - (int)b->subject;

	return order ? order : strcmp(a->name, b->name);
}

static int by_event(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = by_name(a, b);

	return order ? order : (a->event > b->event) - (a->event < b->event);
}

static int by_text(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = by_name(a, b);

	if (!order)
		order = strcmp(a->text ? a->text : "", b->text ? b->text : "");
	return order ? order : by_event(a, b);
}

/* Of the same words only the first stay, in the order of the events. */
static void sort_mentions(struct web_run *run)
{
	struct mention *list = run->mentions;
	size_t kept = 0;

	if (!run->mention_count)
		return;
	qsort(list, run->mention_count, sizeof(*list), by_text);
	for (size_t i = 0; i < run->mention_count; i++)
		if (!kept || by_name(&list[kept - 1], &list[i]) != 0 ||
		    !text_same(list[kept - 1].text, list[i].text))
			list[kept++] = list[i];
	run->mention_count = kept;
	qsort(list, kept, sizeof(*list), by_event);
}

/* ---- the script ---- */

/* The comment at its head, without the title; paragraphs end with a newline, and have none. */
static const char *prose_of(struct arena *a, const json_t *json)
{
	const json_t *line;
	struct text prose;
	const char *between = "";
	FILE *out = text_open(&prose);
	size_t i;

	json_array_foreach(json_object_get(json, "lines"), i, line) {
		const char *text = text_of(line, "text");

		if (!text || *text != '#' || json_object_get(line, "file"))
			break;
		if (i)
			fprintf(out, "%s%s", between, text + (text[1] == ' ' ? 2 : 1));
		between = !i ? "" : text[1] ? " " : "\n";
	}
	return text_close(&prose, a);
}

/* FNV-1a. */
static uint64_t add_text(uint64_t sum, const char *text)
{
	for (text = text ? text : ""; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
	return (sum ^ 0xff) * 0x100000001b3;
}

static uint64_t behaviour_of(const json_t *json)
{
	uint64_t sum = add_text(0xcbf29ce484222325, text_of(json, "verdict"));
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "lines"), i, item) {
		sum = add_text(sum, text_of(item, "text"));
		sum = add_text(sum, text_of(item, "fate"));
	}
	json_array_foreach(json_object_get(json, "problems"), i, item)
		sum = add_text(sum, text_of(item, "message"));
	return sum;
}

/* ---- one run ---- */

/* IPv6, peer=silent: the run's name has the same, but for IPv4. */
static const char *variant_of(struct arena *a, const json_t *json)
{
	const char *variant =
	    json_integer_value(json_object_get(json, "family")) == 6 ? "IPv6" : "IPv4";
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(json, "parameters"), name, value) {
		variant = json_is_integer(value)
			      ? arena_printf(a, "%s, %s=%lld", variant, name,
					     (long long)json_integer_value(value))
			      : arena_printf(a, "%s, %s=%s", variant, name,
					     json_is_string(value) ? json_string_value(value) : "");
	}
	return variant;
}

#define LONGEST_NAME 240 /* bytes, of a file: with .html it has at most 255 */

/* Names that are too long for a page are cut off, and have their number in the place of the rest.
 */
static const char *page_of(struct arena *a, const char *entry, size_t number)
{
	if (strlen(entry) <= LONGEST_NAME)
		return arena_printf(a, "%s.html", entry);
	return arena_printf(a, "%.*s~%zu.html", LONGEST_NAME - 20, entry, number);
}

json_t *model_result(struct arena *a, const struct web_model *m, const struct web_run *run,
		     const char **error)
{
	json_t *json =
	    result_read(a, arena_printf(a, "%s/%s", m->root, run->left->kernel), run->entry, error);

	if (!json && !*error)
		*error = arena_printf(a, "%s: it is not there any more", run->left->place);
	return json;
}

static bool add_run(struct arena *a, struct web_model *m, const struct left *left,
		    const char **error)
{
	struct web_run *run = arena_push(a, m->runs, m->run_count);
	struct reading r = {.a = a, .run = run};
	json_t *json;

	*run = (struct web_run){.left = left, .entry = strrchr(left->place, '/') + 1};
	run->page = page_of(a, run->entry, m->run_count);
	json = model_result(a, m, run, error);
	if (!json)
		return false;
	run->scenario = kept(a, text_of(json, "scenario"));
	run->topic = kept(a, text_of(json, "topic"));
	run->title = kept(a, text_of(json, "title"));
	run->prose = prose_of(a, json);
	run->variant = variant_of(a, json);
	run->behaviour = behaviour_of(json);
	read_events(&r, json);
	read_segments(&r, json);
	sort_mentions(run);
	json_decref(json);
	if (!run->scenario)
		run->scenario = left->run;
	if (!run->topic)
		run->topic = "files";
	if (!run->title)
		run->title = run->scenario;
	return true;
}

/* ---- all of them ---- */

static int by_place(const void *left, const void *right)
{
	const struct web_run *a = left, *b = right;
	int order = strcmp(a->topic, b->topic);

	if (!order)
		order = strcmp(a->scenario, b->scenario);
	if (!order)
		order = strcmp(a->variant, b->variant);
	if (!order)
		order = strcmp(a->left->run, b->left->run);
	return order ? order : strverscmp(a->left->kernel, b->left->kernel);
}

bool same_scenario(const struct web_run *a, const struct web_run *b)
{
	return !strcmp(a->topic, b->topic) && !strcmp(a->scenario, b->scenario);
}

bool model_read(struct arena *a, const char *root, struct remains *remains, struct web_model *model,
		const char **error)
{
	const struct matrix *matrix = merge(a, remains);

	*model = (struct web_model){
	    .root = root, .kernels = matrix->kernels, .kernel_count = matrix->kernel_count};
	for (size_t i = 0; i < matrix->run_count; i++)
		for (size_t k = 0; k < matrix->kernel_count; k++) {
			const struct left *left = matrix_cell(matrix, i, k)->worst;

			if (left && !add_run(a, model, left, error))
				return false;
		}
	if (model->run_count)
		qsort(model->runs, model->run_count, sizeof(*model->runs), by_place);
	return true;
}
