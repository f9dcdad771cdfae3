/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the engine makes an observation; everything after that is reports, each a
 * function of the observation alone. The files are a table. A run that was skipped, or that broke
 * before anything happened, leaves only result.json: there is nothing for a transcript or a
 * capture.
 */
#include "harness/run/run_one.h"

#include <errno.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shortage.h"
#include "harness/base/shown.h"
#include "harness/bless/bless_one.h"
#include "harness/engine/engine.h"
#include "harness/report/report_json.h"
#include "harness/report/report_table.h"
#include "harness/report/transcript.h"
#include "harness/run/pool.h"
#include "harness/run/results.h"

struct outcome {
	const struct invocation *inv;
	const struct planned *planned;
	int attempt;
	FILE *out, *aside;
	struct arena arena;
	struct observation seen;
	json_t *row; /* of the scenario's table, or NULL */
	int status;  /* the value to return */
};

/* ---- the files ---- */

static bool write_transcript(FILE *out, void *context)
{
	struct outcome *o = context;

	transcript_print(out, &o->seen);
	broken_print(out, &o->seen);
	return !ferror(out);
}

static bool write_client(FILE *out, void *context)
{
	struct outcome *o = context;

	return capture_write(&o->seen.capture, HOST_CLIENT, out);
}

static bool write_server(FILE *out, void *context)
{
	struct outcome *o = context;

	return capture_write(&o->seen.capture, HOST_SERVER, out);
}

static bool write_json(FILE *out, void *context)
{
	struct outcome *o = context;
	json_t *json = o->seen.too_much ? report_json_broken(o->planned, o->inv->release,
							     broken_reason(&o->arena, &o->seen))
					: report_json(o->planned, o->inv->release, &o->seen);
	bool written = report_json_write(out, json);
	int error = errno;

	json_decref(json);
	errno = error;
	return written;
}

static bool write_table(FILE *out, void *context)
{
	struct outcome *o = context;
	json_t *rows = json_pack("[O]", o->row);

	report_table_print(out, rows, NULL);
	json_decref(rows);
	return !ferror(out);
}

static const struct result_file all_files[] = {
    {"transcript.txt", write_transcript},
    {"client.pcap", write_client},
    {"server.pcap", write_server},
    {"result.json", write_json},
    {"table.txt", write_table}, /* the last one: not every scenario has a table */
    {NULL, NULL},
};
#define WITHOUT_TABLE (ARRAY_SIZE(all_files) - 2)

static const struct result_file verdict_only[] = {
    {"result.json", write_json},
    {NULL, NULL},
};

static bool has_happened(const struct outcome *o)
{
	return o->seen.judgement.verdict != VERDICT_SKIP && o->seen.judgement.lines &&
	       o->seen.timeline.event_count > 0 && !o->seen.too_much;
}

static bool leave_results(struct outcome *o, struct arena *a)
{
	struct result_file files[ARRAY_SIZE(all_files)];
	const char *error = NULL;

	memcpy(files, all_files, sizeof(files));
	if (!o->row)
		files[WITHOUT_TABLE] = (struct result_file){NULL, NULL};
	if (!o->inv->results ||
	    results_write(a, o->inv->results, o->planned->name, o->inv->options->keep,
			  has_happened(o) ? files : verdict_only, o, &error))
		return true;
	say("the results could not be written: %s", shortage_mend(a, error));
	return false;
}

/* ---- the text ---- */

static void print_verdict(FILE *out, const struct outcome *o)
{
	enum verdict v = o->seen.judgement.verdict;
	const char *name = o->planned->name;
	ns_t took = o->seen.ended - o->seen.began;
	struct arena a = {0};

	if (v == VERDICT_SKIP)
		verdict_print(out, v, name, "%s", o->planned->skip);
	else if (v == VERDICT_BROKEN)
		verdict_print(out, v, name, "%s", broken_reason(&a, &o->seen));
	else if (took < NS_PER_S)
		verdict_print(out, v, name, "%d ms", (int)((took + NS_PER_MS / 2) / NS_PER_MS));
	else
		verdict_print(out, v, name, "%.1f s", (double)took / NS_PER_S);
	arena_free(&a);
}

/* The part of the events that is shown. */
static void print_transcript(FILE *out, const struct outcome *o)
{
	const struct observation *seen = &o->seen;

	if (o->inv->options->verbose)
		transcript_print_verbose(out, seen);
	else
		transcript_print(out, seen);
	/* The file has them only if there is something to investigate. */
	if (!o->inv->options->verbose && !seen->judgement.problem_count)
		values_print(out, seen);
	fputc('\n', out);
}

static void print(FILE *out, const struct outcome *o)
{
	const struct options *options = o->inv->options;
	const struct observation *seen = &o->seen;
	bool single = o->inv->single, loud = !options->quiet && has_happened(o);
	bool transcript = loud && (single || options->verbose);

	if (transcript)
		print_transcript(out, o);
	if (single && o->row && loud) {
		write_table(out, (void *)o);
		fputc('\n', out);
	}
	if (!single)
		print_verdict(out, o);
	if (loud && seen->judgement.problem_count) {
		failure_print(out, seen);
		fputc('\n', out);
	} else if (has_happened(o)) {
		reason_print(out, seen);
	}
	if (single)
		print_verdict(out, o);
}

/* The result is complete; the lab still exists, but nobody has to wait for its removal. */
static void tell(void *context)
{
	struct outcome *o = context;
	enum verdict *verdict = &o->seen.judgement.verdict;

	if (*verdict == VERDICT_UNSURE && o->attempt < UNSURE_REPEATS) {
		o->status = VERDICT_UNSURE;
		return;
	}
	unsure_conclude(&o->arena, &o->seen, o->attempt);
	o->row = report_row(&o->seen);
	if (o->row && has_happened(o))
		json_dumpf(o->row, o->aside, JSON_PRESERVE_ORDER);
	o->status = *verdict;
	if (!leave_results(o, &o->arena))
		o->status |= RESULTS_UNWRITTEN;
	if (o->inv->options->json)
		write_json(o->out, o);
	else
		print(o->out, o);
	pool_say(o->status);
}

int run_one(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct planned *planned = &inv->plan->list[job];
	const struct run *run = plan_run(inv->plan, planned);
	struct outcome o = {
	    .inv = inv,
	    .planned = planned,
	    .attempt = attempt,
	    .out = out,
	    .aside = aside,
	    .seen = {.run = run},
	};
	const struct engine_options options = {
	    .patience = inv->options->patience,
	    .limit = inv->options->limit ? inv->options->limit : planned->limit,
	    .memory = inv->options->memory,
	    .captured = inv->options->captured,
	    .spool = inv->results,
	    .record = inv->options->record,
	    .over = tell,
	    .context = &o,
	};

	if (inv->order)
		return bless_one(inv, job, attempt, out);
	engine_run(run, &options, &o.arena, &o.seen);
	json_decref(o.row);
	arena_free(&o.arena);
	return o.status;
}
