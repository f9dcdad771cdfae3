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

#include "harness/base/shortage.h"
#include "harness/base/shown.h"
#include "harness/engine/engine.h"
#include "harness/ladder/ladder.h"
#include "harness/ladder/plot.h"
#include "harness/report/output.h"
#include "harness/report/report_json.h"
#include "harness/report/report_table.h"
#include "harness/report/trace_file.h"
#include "harness/report/transcript.h"
#include "harness/run/bless_one.h"
#include "harness/run/kept_files.h"
#include "harness/run/left_files.h"
#include "harness/run/pool.h"
#include "harness/run/results.h"

struct ending {
	struct outcome outcome;
	int attempt;
	FILE *out, *aside;
	struct arena arena;
	struct observation seen;
	int status; /* the value to return */
};

/* ---- the files ---- */

static bool write_transcript(FILE *out, void *context)
{
	struct ending *e = context;

	transcript_print(out, &e->seen);
	broken_print(out, &e->seen);
	return !ferror(out);
}

static bool write_verbose(FILE *out, void *context)
{
	struct ending *e = context;

	transcript_print_verbose(out, &e->seen);
	broken_print(out, &e->seen);
	return !ferror(out);
}

static bool write_client(FILE *out, void *context)
{
	struct ending *e = context;

	return capture_write(&e->seen.capture, HOST_CLIENT, out);
}

static bool write_server(FILE *out, void *context)
{
	struct ending *e = context;

	return capture_write(&e->seen.capture, HOST_SERVER, out);
}

static bool write_trace(FILE *out, void *context)
{
	struct ending *e = context;

	return trace_write(out, e->outcome.planned, e->outcome.inv->release, &e->seen,
			   &e->outcome.story);
}

static bool write_hosts(FILE *out, void *context)
{
	(void)context;
	return hosts_write(out);
}

static bool write_ladder(FILE *out, void *context)
{
	struct ending *e = context;
	struct ladder_layout layout;

	ladder_lay_out_run(&e->arena, &e->seen, &layout);
	ladder_svg(out, &layout, e->outcome.planned->name);
	return !ferror(out);
}

static bool write_sequence(FILE *out, void *context)
{
	struct ending *e = context;

	plot_sequence(out, &e->arena, &e->seen, e->outcome.planned->name);
	return !ferror(out);
}

static bool write_timers(FILE *out, void *context)
{
	struct ending *e = context;

	plot_timers(out, &e->arena, &e->seen, e->outcome.planned->name);
	return !ferror(out);
}

static bool write_json(FILE *out, void *context)
{
	struct ending *e = context;
	json_t *json = report_json_of(e->outcome.planned, e->outcome.inv->release, &e->seen,
				      &e->outcome.story);
	bool written = report_json_write(out, json);
	int error = errno;

	json_decref(json);
	errno = error;
	return written;
}

static bool write_table(FILE *out, void *context)
{
	struct ending *e = context;
	json_t *rows = json_pack("[O]", e->outcome.account.row);

	report_table_print(out, rows, NULL);
	json_decref(rows);
	return !ferror(out);
}

static bool write_client_output(FILE *out, void *context)
{
	struct ending *e = context;

	return output_copy(out, e->seen.program[HOST_CLIENT].output);
}

static bool write_client_errors(FILE *out, void *context)
{
	struct ending *e = context;

	return output_copy(out, e->seen.program[HOST_CLIENT].errors);
}

static bool write_server_output(FILE *out, void *context)
{
	struct ending *e = context;

	return output_copy(out, e->seen.program[HOST_SERVER].output);
}

static bool write_server_errors(FILE *out, void *context)
{
	struct ending *e = context;

	return output_copy(out, e->seen.program[HOST_SERVER].errors);
}

/* The files that a program has written, which has ended. */
static bool keep_files(struct ending *e, enum host host, int directory, const char *name)
{
	size_t left = 0;

	if (!kept_take(e->seen.program[host].files, e->outcome.inv->cwd, directory, name, &left))
		return false;
	if (left)
		say("%s: %zu of the things that the %s's program has written are not handed back, "
		    "see %s.txt in the results",
		    e->outcome.planned->name, left, host_name(host), name);
	return true;
}

static bool keep_client_files(int directory, const char *name, void *context)
{
	return keep_files(context, HOST_CLIENT, directory, name);
}

static bool keep_server_files(int directory, const char *name, void *context)
{
	return keep_files(context, HOST_SERVER, directory, name);
}

static bool has_happened_at_all(const struct ending *e)
{
	return has_happened(&e->seen);
}

static bool has_table(const struct ending *e)
{
	return has_happened_at_all(e) && e->outcome.account.row;
}

static bool has_client_program(const struct ending *e)
{
	return e->seen.program[HOST_CLIENT].output > 0;
}

static bool has_server_program(const struct ending *e)
{
	return e->seen.program[HOST_SERVER].output > 0;
}

static bool has_client_files(const struct ending *e)
{
	return e->seen.program[HOST_CLIENT].files > 0;
}

static bool has_server_files(const struct ending *e)
{
	return e->seen.program[HOST_SERVER].files > 0;
}

static bool has_plot(const struct ending *e,
		     bool (*has)(struct arena *, const struct observation *))
{
	struct arena passing = {0};
	bool is_there = has_happened_at_all(e) && has(&passing, &e->seen);

	arena_free(&passing);
	return is_there;
}

static bool has_sequence(const struct ending *e)
{
	return has_plot(e, plot_has_sequence);
}

static bool has_timers(const struct ending *e)
{
	return has_plot(e, plot_has_timers);
}

/* How each is made, and the question whether this run leaves it. */
static const struct {
	bool (*write)(FILE *out, void *context);
	bool (*make)(int directory, const char *name, void *context);
	bool (*is_left)(const struct ending *e);
} makers[LEFT_COUNT] = {
    [LEFT_TRANSCRIPT] = {write_transcript, NULL, has_happened_at_all},
    [LEFT_VERBOSE] = {write_verbose, NULL, has_happened_at_all},
    [LEFT_CLIENT_CAPTURE] = {write_client, NULL, has_happened_at_all},
    [LEFT_SERVER_CAPTURE] = {write_server, NULL, has_happened_at_all},
    [LEFT_TRACE] = {write_trace, NULL, has_happened_at_all},
    [LEFT_HOSTS] = {write_hosts, NULL, has_happened_at_all},
    [LEFT_LADDER] = {write_ladder, NULL, has_happened_at_all},
    [LEFT_SEQUENCE] = {write_sequence, NULL, has_sequence},
    [LEFT_TIMERS] = {write_timers, NULL, has_timers},
    [LEFT_RESULT] = {write_json, NULL, NULL},
    [LEFT_TABLE] = {write_table, NULL, has_table},
    [LEFT_CLIENT_OUTPUT] = {write_client_output, NULL, has_client_program},
    [LEFT_CLIENT_ERRORS] = {write_client_errors, NULL, has_client_program},
    [LEFT_SERVER_OUTPUT] = {write_server_output, NULL, has_server_program},
    [LEFT_SERVER_ERRORS] = {write_server_errors, NULL, has_server_program},
    [LEFT_CLIENT_FILES] = {NULL, keep_client_files, has_client_files},
    [LEFT_SERVER_FILES] = {NULL, keep_server_files, has_server_files},
};

static bool is_left(const struct ending *e, enum left_file file)
{
	return (makers[file].write || makers[file].make) &&
	       (!makers[file].is_left || makers[file].is_left(e));
}

static bool leave_results(struct ending *e)
{
	const struct outcome *o = &e->outcome;
	struct result_file files[LEFT_COUNT + 1] = {{NULL, NULL, NULL}};
	const char *error = NULL;
	size_t count = 0;

	for (enum left_file i = 0; i < LEFT_COUNT; i++)
		if (is_left(e, i))
			files[count++] = (struct result_file){left_files[i].name, makers[i].write,
							      makers[i].make};
	if (!o->inv->results || results_write(&e->arena, o->inv->results, o->planned->name,
					      o->inv->options->keep, files, e, &error))
		return true;
	say("the results could not be written: %s", shortage_mend(&e->arena, error));
	return false;
}

/* The result is complete; the lab still exists, but nobody has to wait for its removal. */
static void tell(void *context)
{
	struct ending *e = context;
	struct outcome *o = &e->outcome;
	enum verdict *verdict = &e->seen.judgement.verdict;

	if (*verdict == VERDICT_UNSURE && e->attempt < UNSURE_REPEATS) {
		e->status = VERDICT_UNSURE;
		return;
	}
	unsure_conclude(&e->arena, &e->seen, e->attempt);
	o->story = story_tell(&e->arena, e->seen.run, &e->seen.timeline, &e->seen.judgement);
	o->account = account_of(&e->arena, &e->seen, o->planned->skip);
	o->account.row = has_happened(&e->seen) ? report_row(&e->seen) : NULL;
	e->status = *verdict;
	if (!leave_results(e))
		e->status |= RESULTS_UNWRITTEN;
	if (o->inv->voice.body)
		o->inv->voice.body(e->out, o);
	account_write(e->aside, &o->account);
	pool_say(e->status);
}

int run_one(const struct invocation *inv, size_t job, int attempt, FILE *out, FILE *aside)
{
	struct planned *planned = &inv->plan->list[job];
	const struct run *run = plan_run(inv->plan, planned);
	struct ending e = {
	    .outcome = {.inv = inv, .planned = planned, .seen = &e.seen},
	    .attempt = attempt,
	    .out = out,
	    .aside = aside,
	    .seen = {.run = run},
	};
	struct program programs[LAB_HOSTS] = {0};
	struct engine_options options = {
	    .timeout = inv->options->timeout,
	    .limit = inv->options->limit ? inv->options->limit : planned->limit,
	    .hang = planned->hang,
	    .memory = inv->options->memory,
	    .captured = inv->options->captured,
	    .spool = inv->results,
	    .record = inv->options->record,
	    .over = tell,
	    .context = &e,
	    .user = inv->user,
	    .last_call = inv->last_call,
	    .keep_files = inv->options->keep_files,
	};
	const char *error;

	if (inv->order)
		return bless_one(inv, job, attempt, out);
	/* They were there when the run was planned. */
	for (int h = 0; h < LAB_HOSTS; h++)
		if (inv->options->program[h] &&
		    program_find(&e.arena, &inv->user, h, inv->options->program[h], &programs[h],
				 &error))
			options.program[h] = &programs[h];
	engine_run(run, &options, &e.arena, &e.seen);
	json_decref(e.outcome.account.row);
	arena_free(&e.arena);
	return e.status;
}
