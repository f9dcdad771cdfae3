/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One JSON document: a head, then each run as in its result.json, then the counts. A run is printed
 * when it has ended, so the document is put together by hand around them.
 */
#include "harness/base/version.h"
#include "harness/report/report_json.h"
#include "harness/report/transcript.h"
#include "harness/reporters/reporter.h"

static bool wanted(const struct options *o)
{
	return o->json;
}

static void body(FILE *out, struct outcome *o)
{
	json_t *json = report_json_of(o->planned, o->inv->release, o->seen, &o->story);

	report_json_write(out, json);
	json_decref(json);
}

static void begin(FILE *out, const struct reporting *r)
{
	fprintf(out,
		"{\"format\": %d, \"tcplab\": \"" TCPLAB_VERSION
		"\", \"kernel\": \"%s\", \"runs\": [\n",
		REPORT_JSON_FORMAT, r->inv->release);
}

/*
 * Prints the run's JSON with what its own process could not know: that the kernel's diagnostic has
 * altered the verdict, how it compares with a baseline, where the trace of a failure is, how often
 * the run was repeated. If the process could not write its JSON, the run is broken.
 */
static void put_with_more(FILE *out, const struct reporting *r, const struct ended *e)
{
	const struct account *a = &e->account;
	json_t *json = e->length ? json_loadb(e->body, e->length, 0, NULL) : NULL;

	if (!json)
		json = report_json_broken(e->planned, r->inv->release,
					  a->diagnostic ? a->diagnostic : a->why);
	if (a->by_kernel)
		report_json_by_kernel(json);
	if (a->diagnostic)
		report_json_alter(json, a->verdict, a->diagnostic);
	if (standing_names[e->standing])
		report_json_against(json, standing_names[e->standing]);
	if (e->trace && a->verdict == VERDICT_FAIL)
		report_json_trace(json, e->trace);
	if (e->repeats)
		report_json_repeats(json, e->repeats);
	report_json_write(out, json);
	json_decref(json);
}

/* A guest may have printed anything. On the running kernel the run's own process has printed it. */
static bool is_as_written(const struct reporting *r, const struct ended *e)
{
	json_t *json;
	bool is_json;

	if (!e->length || e->repeats || e->standing != STANDS_ALONE || e->account.diagnostic ||
	    e->account.verdict == VERDICT_FAIL)
		return false;
	if (!r->inv->guest)
		return true;
	json = json_loadb(e->body, e->length, 0, NULL);
	is_json = json_is_object(json);
	json_decref(json);
	return is_json;
}

static void ended(FILE *out, const struct reporting *r, const struct ended *e)
{
	if (r->done)
		fputs(",\n", out);
	if (is_as_written(r, e))
		fwrite(e->body, 1, e->length, out);
	else
		put_with_more(out, r, e);
}

static void end(FILE *out, const struct reporting *r)
{
	fputs("],\n", out);
	if (r->against)
		fprintf(out, "\"known\": %zu, \"new\": %zu, \"vanished\": %zu, ",
			r->standing[STANDS_KNOWN], r->standing[STANDS_NEW],
			r->standing[STANDS_VANISHED]);
	fprintf(out,
		"\"passed\": %zu, \"failed\": %zu, \"skipped\": %zu, \"broken\": %zu, "
		"\"unsure\": %zu}\n",
		r->count[VERDICT_PASS], r->count[VERDICT_FAIL], r->count[VERDICT_SKIP],
		r->count[VERDICT_BROKEN], r->unsure);
}

const struct reporter reporter_json = {
    .name = "json",
    .is_voice = true,
    .wanted = wanted,
    .body = body,
    .begin = begin,
    .ended = ended,
    .end = end,
};
