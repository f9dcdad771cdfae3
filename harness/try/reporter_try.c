/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports of `try`: a table, and below it what is worth knowing; or one JSON document
 * (docs/try.schema.json). A run's process, perhaps in a guest, writes its row as JSON. The process
 * that reports reads it again.
 */
#include <string.h>

#include "harness/base/version.h"
#include "harness/report/output.h"
#include "harness/report/report_json.h"
#include "harness/reporters/reporter.h"
#include "harness/run/results.h"
#include "harness/try/try.h"

#define TRY_JSON_FORMAT 1

static struct session *session;
static struct table_style style;

void session_begin(struct session *s)
{
	session = s;
}

static bool text_wanted(const struct options *o)
{
	(void)o;
	return session && !session->is_json;
}

static bool json_wanted(const struct options *o)
{
	(void)o;
	return session && session->is_json;
}

/* ---- in the run's process ---- */

static struct measured measured_of(struct arena *a, const struct observation *seen, enum host whose)
{
	struct measured m = measure(a, seen->run, &seen->timeline, &seen->judgement, whose);

	m.last = output_last_error(a, &seen->program[whose]);
	return m;
}

#define SERVER "server" /* the same of the server's program, if there are two */

static void body(FILE *out, struct outcome *o)
{
	const struct observation *seen = o->seen;
	struct measured m;
	struct arena a = {0};
	const enum host whose = seen->run->subject;
	json_t *json;

	if (!has_happened(seen) || seen->judgement.verdict == VERDICT_BROKEN)
		return;
	m = measured_of(&a, seen, whose);
	json = measured_json(&m);
	if (whose != HOST_SERVER && seen->program[HOST_SERVER].output > 0) {
		m = measured_of(&a, seen, HOST_SERVER);
		json_object_set_new(json, SERVER, measured_json(&m));
	}
	json_dumpf(json, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(json);
	arena_free(&a);
}

/* ---- in the process that reports ---- */

static json_t *row_json(const struct row *row)
{
	struct arena a = {0};
	json_t *json = measured_json(&row->m), *list = json_array();

	if (row->verdict == VERDICT_BROKEN || row->verdict == VERDICT_SKIP) {
		json_object_clear(json);
		json_object_set_new(json, "why", json_string(row->why ? row->why : ""));
	} else if (row->has_server)
		json_object_set_new(json, SERVER, measured_json(&row->server));
	json_object_set_new(json, "name", json_string(row->name));
	json_object_set_new(json, "failure", json_string(row->failure));
	if (row->moment)
		json_object_set_new(json, "moment", json_string(row->moment));
	json_object_set_new(json, "title", json_string(row->title));
	json_object_set_new(json, "verdict", json_string(verdict_names[row->verdict]));
	for (const char **text = words_of(&a, row); *text; text++)
		json_array_append_new(list, json_string(*text));
	json_object_set_new(json, "words", list);
	list = json_array();
	for (size_t i = 0; i < row->miss_count; i++)
		json_array_append_new(
		    list, json_pack("{ss si ss ss}", "file", row->misses[i].at.source->path, "line",
				    row->misses[i].at.line, "expected", row->misses[i].expected,
				    "got", row->misses[i].got));
	json_object_set_new(json, "misses", list);
	arena_free(&a);
	return json;
}

static size_t count_misses(void)
{
	size_t misses = 0;

	for (size_t i = 0; i < session->rows.count; i++)
		misses += session->rows.list[i].miss_count > 0;
	return misses;
}

static const struct row *newest_row(void)
{
	return &session->rows.list[session->rows.count - 1];
}

/* ---- as JSON ---- */

static void json_begin(FILE *out, const struct reporting *r)
{
	fprintf(out,
		"{\"format\": %d, \"tcplab\": \"" TCPLAB_VERSION
		"\", \"kernel\": \"%s\", \"virtual_time\": %s, \"failures\": [\n",
		TRY_JSON_FORMAT, r->inv->release, r->inv->guest ? "true" : "false");
}

static void json_ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	json_t *json = row_json(newest_row());

	(void)e;
	fputs(r->done ? ",\n" : "", out);
	json_dumpf(json, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(json);
}

static void json_end(FILE *out, const struct reporting *r)
{
	fprintf(out, "\n],\n\"failed\": %zu, \"broken\": %zu, \"skipped\": %zu}\n", count_misses(),
		r->count[VERDICT_BROKEN], r->count[VERDICT_SKIP]);
}

/* ---- as text ---- */

static void text_begin(FILE *out, const struct reporting *r)
{
	style = table_style_of(r->inv->plan, session->is_colored);
	fprintf(out, "%s\n\n", session->where);
	table_head(out, &style);
}

static void text_ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	(void)r, (void)e;
	table_row(out, &style, newest_row());
}

static void text_end(FILE *out, const struct reporting *r)
{
	words_print(out, &session->rows);
	fprintf(out, "\n%zu failure%s tried", r->done, r->done == 1 ? "" : "s");
	if (session->expected)
		fprintf(out, ", %zu not as expected", count_misses());
	if (r->count[VERDICT_BROKEN])
		fprintf(out, ", %zu could not be run", r->count[VERDICT_BROKEN]);
	if (r->count[VERDICT_SKIP])
		fprintf(out, ", %zu skipped", r->count[VERDICT_SKIP]);
	putc('\n', out);
}

/* ---- rows ---- */

/* The value of its parameter `moment`; NULL: it has none. */
static const char *moment_of(const struct planned *planned)
{
	for (size_t i = 0; i < planned->binding_count; i++)
		if (!strcmp(planned->bindings[i].name, "moment"))
			return planned->bindings[i].text;
	return NULL;
}

/* A miss is reported at the place in the file where it is expected. */
static void tell_misses(struct arena *a, const struct row *row, struct account *account)
{
	const struct miss *first = row->misses;

	account->file = first->at.source->path;
	account->line = first->at.line;
	account->expected = first->expected;
	account->got = first->got;
	account->reason = arena_printf(a, "%s:%d: expected: %s; got: %s", account->file,
				       account->line, first->expected, first->got);
}

void session_take(void *context, struct ended *e)
{
	struct session *s = context;
	struct arena *a = s->inv->plan->arena;
	struct row *row = arena_push(a, s->rows.list, s->rows.count);
	json_t *json = e->length ? json_loadb(e->body, e->length, 0, NULL) : NULL;
	struct account *account = &e->account;

	*row = (struct row){
	    .name = e->name,
	    .failure = e->planned->scenario->name,
	    .title = e->planned->title,
	    .shown = table_name(a, e->planned),
	    .moment = moment_of(e->planned),
	    .verdict = account->verdict,
	    .why = account->why,
	};
	if (account->verdict == VERDICT_SKIP || account->verdict == VERDICT_BROKEN) {
		json_decref(json);
		return;
	}
	if (account->diagnostic || !measured_read(a, json, &row->m)) {
		row->verdict = account->verdict = VERDICT_BROKEN;
		row->why = account->why =
		    account->diagnostic ? account->diagnostic : "its run has left no measurement";
		json_decref(json);
		return;
	}
	row->has_server = measured_read(a, json_object_get(json, SERVER), &row->server);
	json_decref(json);
	account->summary = table_summary(a, row);
	account->reason = account->expected = account->got = account->differ = account->file = NULL;
	account->why = row->why = NULL;
	if (s->expected)
		expectations_ask(a, s->expected, row);
	row->verdict = row->why ? VERDICT_BROKEN : VERDICT_PASS;
	if (row->miss_count) {
		row->verdict = VERDICT_FAIL;
		tell_misses(a, row, account);
	}
	account->why = row->why;
	account->verdict = row->verdict;
}

const struct reporter reporter_try = {
    .name = "try",
    .is_voice = true,
    .wanted = text_wanted,
    .body = body,
    .begin = text_begin,
    .ended = text_ended,
    .end = text_end,
};

const struct reporter reporter_try_json = {
    .name = "try-json",
    .is_voice = true,
    .wanted = json_wanted,
    .body = body,
    .begin = json_begin,
    .ended = json_ended,
    .end = json_end,
};
