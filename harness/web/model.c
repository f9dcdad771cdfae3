/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: of each run and kernel the result that counts (merge.c) is read, and only
 * what all pages together need is kept, so that the memory does not grow with the events. A run's
 * own page reads its result again.
 */
#include "harness/web/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/home.h"
#include "harness/base/linediff.h"
#include "harness/base/text.h"
#include "harness/calls/sockopts.h"
#include "harness/diff/plain.h"
#include "harness/packet/flags.h"
#include "harness/packet/hosts.h"
#include "harness/run/left_files.h"
#include "harness/run/merge.h"

const char *const subject_words[SUBJECTS] = {
    [SUBJECT_ERRNO] = "errno",	   [SUBJECT_FLAG] = "flag",	[SUBJECT_STATE] = "state",
    [SUBJECT_COUNTER] = "counter", [SUBJECT_OPTION] = "option",
};

struct reading {
	struct arena *a;
	struct web_run *run;
	size_t event; /* that is being read */
	const char *text, *host;
	const char *arrived[LAB_HOSTS]; /* the newest event of that kind */
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
	enum host host = r->host ? host_find(r->host) : HOST_NONE;

	if (name)
		*arena_push(r->a, r->run->mentions, r->run->mention_count) = (struct mention){
		    .subject = subject,
		    .name = arena_strdup(r->a, name),
		    .text = kept(r->a, r->text),
		    .after = host >= 0 && host < LAB_HOSTS ? r->arrived[host] : NULL,
		    .event = r->event,
		};
}

/* Of a packet's text only what it is: with its window each would be another text. */
static void mention_flags(struct reading *r, const char *flags)
{
	const char *end = r->text ? strstr(r->text, " win ") : NULL;

	if (end)
		r->text = arena_strndup(r->a, r->text, (size_t)(end - r->text));
	for (size_t i = 0; flags && i < TCP_FLAGS; i++) {
		if (strchr(flags, tcp_flags[i].letter))
			mention(r, SUBJECT_FLAG, tcp_flags[i].name);
	}
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

static void note_arrival(struct reading *r, const char *kind)
{
	enum host host = r->host ? host_find(r->host) : HOST_NONE;

	if (kind && !strcmp(kind, "arrived") && host >= 0 && host < LAB_HOSTS)
		r->arrived[host] = kept(r->a, r->text);
}

static const json_t *packet_of(const json_t *segments, const json_t *event)
{
	const json_t *index = json_object_get(event, "segment");
	json_int_t i = json_is_integer(index) ? json_integer_value(index) : -1;

	return i < 0 ? NULL : json_array_get(segments, (size_t)i);
}

/* Only the chart of timers needs them: packets, errors, and sockets that were looked at. */
static void note_moment(struct reading *r, const json_t *event, const char *kind)
{
	bool is_sent = kind && !strcmp(kind, "sent"), is_reading = kind && !strcmp(kind, "reading");
	json_int_t at = json_integer_value(json_object_get(event, "from"));

	if (strcmp(r->run->topic, TIMERS_TOPIC) != 0 || at < 0)
		return;
	if (is_sent || json_object_get(event, "error") ||
	    (is_reading && !json_object_get(event, "counters")))
		*arena_push(r->a, r->run->moments, r->run->moment_count) =
		    (struct web_moment){is_sent	     ? MOMENT_SENT
					: is_reading ? MOMENT_LOOKED
						     : MOMENT_FAILED,
					at};
}

static void read_events(struct reading *r, const json_t *json)
{
	const json_t *segments = json_object_get(json, "segments"), *event;

	json_array_foreach(json_object_get(json, "events"), r->event, event) {
		const char *kind = text_of(event, "kind");

		r->text = text_of(event, "text");
		r->host = text_of(event, "host");
		note_arrival(r, kind);
		mention(r, SUBJECT_ERRNO, text_of(event, "error"));
		if (kind && !strcmp(kind, "return"))
			mention_option(r, text_of(event, "call"));
		mention_counters(r, json_object_get(event, "counters"));
		if (kind && !strcmp(kind, "reading") && !text_of(event, "process"))
			mention(r, SUBJECT_STATE, text_of(event, "state"));
		if (kind && !strcmp(kind, "sent"))
			mention_flags(r, text_of(packet_of(segments, event), "flags"));
		note_moment(r, event, kind);
	}
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

	if (!order && a->subject != SUBJECT_FLAG)
		order = strcmp(a->text ? a->text : "", b->text ? b->text : "");
	return order ? order : by_event(a, b);
}

/*
 * Of the same words only the first stay, in the order of the events; of each flag only the first
 * packet.
 */
static void sort_mentions(struct web_run *run)
{
	struct mention *list = run->mentions;
	size_t kept = 0;

	if (!run->mention_count)
		return;
	qsort(list, run->mention_count, sizeof(*list), by_text);
	for (size_t i = 0; i < run->mention_count; i++)
		if (!kept || by_name(&list[kept - 1], &list[i]) != 0 ||
		    (list[i].subject != SUBJECT_FLAG &&
		     !text_same(list[kept - 1].text, list[i].text)))
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

/* Its row of the scenario's table, if that is all numbers. */
static void read_table(struct arena *a, struct web_run *run, const json_t *json)
{
	json_t *table = json_object_get(json, "table"), *value;
	const char *name;

	json_object_foreach(table, name, value) {
		if (!json_is_integer(value)) {
			run->cell_count = 0;
			return;
		}
		*arena_push(a, run->cells, run->cell_count) =
		    (struct web_cell){arena_strdup(a, name), json_integer_value(value)};
	}
}

static void read_run(struct arena *a, struct web_run *run, const json_t *json)
{
	struct reading r = {.a = a, .run = run};
	const char *title = text_of(json, "title"), *topic = text_of(json, "topic");
	const char *scenario = text_of(json, "scenario");

	run->scenario = kept(a, scenario ? scenario : run->left->run);
	run->topic = kept(a, topic ? topic : "files");
	run->title = kept(a, title ? title : run->scenario);
	run->prose = prose_of(a, json);
	run->variant = variant_of(a, json);
	run->has_happened = json_array_size(json_object_get(json, "events"));
	read_events(&r, json);
	read_table(a, run, json);
	sort_mentions(run);
}

/* ---- one run on all kernels ---- */

#define LARGEST_TRANSCRIPT (1024 * 1024)

struct outcome_read {
	const struct web_run *run;
	json_t *json;
	const char *transcript; /* NULL: there is none */
};

/* Whoever compares counts on it. */
static bool has_lines(const json_t *json)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(json, "lines"), i, line)
		if (!text_of(line, "text"))
			return false;
	return true;
}

static const char *read_transcript(struct arena *a, const struct web_model *m,
				   const struct web_run *run, const json_t *json)
{
	int directory = left_open(m->root, run->left->kernel, run->entry);
	const char *text =
	    directory < 0 || !has_lines(json)
		? NULL
		: left_text(a, directory, left_files[LEFT_TRANSCRIPT].name, LARGEST_TRANSCRIPT);

	if (directory >= 0)
		close(directory);
	return text;
}

/* As `diff` compares them. */
static const char *change_of(struct arena *a, const struct outcome_read *old,
			     const struct outcome_read *new)
{
	struct transcript from = {old->transcript, old->json}, to = {new->transcript, new->json};
	struct arena loose = {0};
	const char *change = NULL;
	struct text text;
	FILE *out;

	if (!from.text || !to.text)
		return NULL;
	out = text_open(&text);
	plain_prepare(&loose, &from, &to);
	if (linediff_print(out, &loose, new->run->since, from.text, new->run->left->kernel,
			   to.text))
		change = text_close(&text, a);
	else
		text_close(&text, &loose);
	arena_free(&loose);
	return change;
}

static bool read_outcome(struct arena *a, struct web_model *m, const struct left *left,
			 struct outcome_read *before, const char **error)
{
	struct web_run *run = arena_push(a, m->runs, m->run_count);
	struct outcome_read now = {.run = run};

	*run = (struct web_run){.left = left, .entry = strrchr(left->place, '/') + 1};
	run->page = page_of(a, run->entry, m->run_count);
	now.json = model_result(a, m, run, error);
	if (!now.json)
		return false;
	read_run(a, run, now.json);
	now.transcript = read_transcript(a, m, run, now.json);
	if (before->json) {
		run->since = before->run->left->kernel;
		run->change = change_of(a, before, &now);
	}
	if (!now.transcript) {
		json_decref(now.json);
		return true;
	}
	json_decref(before->json);
	*before = now;
	return true;
}

static bool read_row(struct arena *a, struct web_model *m, const struct matrix *matrix, size_t row,
		     const char **error)
{
	struct outcome_read before = {0}; /* its run stays as it was, if the array moves */
	bool read = true;

	for (size_t k = 0; read && k < matrix->kernel_count; k++) {
		const struct left *left = matrix_cell(matrix, row, k)->worst;

		if (left)
			read = read_outcome(a, m, left, &before, error);
	}
	json_decref(before.json);
	return read;
}

/* ---- all of them ---- */

static int by_variant(const struct web_run *a, const struct web_run *b)
{
	int order = strcmp(a->topic, b->topic);

	if (!order)
		order = strcmp(a->scenario, b->scenario);
	if (!order)
		order = strcmp(a->variant, b->variant);
	return order ? order : strcmp(a->left->run, b->left->run);
}

static int by_place(const void *left, const void *right)
{
	const struct web_run *a = left, *b = right;
	int order = by_variant(a, b);

	return order ? order : strverscmp(a->left->kernel, b->left->kernel);
}

static bool is_same_scenario(const struct web_run *a, const struct web_run *b)
{
	return !strcmp(a->topic, b->topic) && !strcmp(a->scenario, b->scenario);
}

size_t scenario_first(const struct web_model *m, size_t run)
{
	while (run && is_same_scenario(&m->runs[run - 1], &m->runs[run]))
		run--;
	return run;
}

size_t scenario_length(const struct web_model *m, size_t first)
{
	size_t end = first;

	while (end < m->run_count && is_same_scenario(&m->runs[first], &m->runs[end]))
		end++;
	return end - first;
}

size_t variant_length(const struct web_model *m, size_t first)
{
	size_t end = first;

	while (end < m->run_count && !by_variant(&m->runs[first], &m->runs[end]))
		end++;
	return end - first;
}

bool model_read(struct arena *a, const char *root, struct web_model *model, const char **error)
{
	struct remains remains = {0};
	const struct matrix *matrix;

	if (!remains_read(a, root, NULL, &remains, error))
		return false;
	if (!remains.run_count) {
		*error = arena_printf(a, "%s: no results are in it; '%s all' makes some", root,
				      home_command());
		return false;
	}
	matrix = merge(a, &remains);
	*model = (struct web_model){
	    .root = root, .kernels = matrix->kernels, .kernel_count = matrix->kernel_count};
	for (size_t i = 0; i < matrix->run_count; i++)
		if (!read_row(a, model, matrix, i, error))
			return false;
	qsort(model->runs, model->run_count, sizeof(*model->runs), by_place);
	return true;
}
