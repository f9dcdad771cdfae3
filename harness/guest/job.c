/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The job: a file, job.json, in a directory that host and guest both see. It names the run; the
 * guest plans it anew from the scenario's text, since `when` and `needs` are about the guest's
 * kernel.
 */
#include <jansson.h>

#include "harness/guest/guest.h"

static const char *path_in(struct arena *a, const char *directory)
{
	return arena_printf(a, "%s/job.json", directory);
}

bool job_write(const struct job *job)
{
	const struct options *o = &job->options;
	struct arena a = {0};
	json_t *json = json_pack(
	    "{ss ss ss si si si sb ss* ss sb sb sb sb sb sI sI ss* sb si sI ss* sb sI}", "cwd",
	    job->cwd, "scenario", job->scenario, "name", job->name, "index", (int)job->index,
	    "family", job->family, "attempt", job->attempt, "single", job->single, "results",
	    job->results, "library", o->library, "verbose", o->verbose, "quiet", o->quiet, "json",
	    o->json, "keep", o->keep, "record", o->record, "patience", (json_int_t)o->patience,
	    "limit", (json_int_t)o->limit, "text", job->text, "has_order", job->has_order, "order",
	    (int)job->order.what, "from", (json_int_t)job->order.from, "held", job->order.held,
	    "acks", job->order.acks, "until", (json_int_t)job->order.until);
	bool written = json && !json_dump_file(json, path_in(&a, job->directory), 0);

	json_decref(json);
	arena_free(&a);
	return written;
}

static bool flag(const json_t *json, const char *key)
{
	return json_is_true(json_object_get(json, key));
}

static json_int_t number(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static const char *text(struct arena *a, const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));

	return value ? arena_strdup(a, value) : NULL;
}

bool job_read(struct arena *a, const char *directory, struct job *job)
{
	json_t *json = json_load_file(path_in(a, directory), 0, NULL);

	*job = (struct job){
	    .directory = directory,
	    .cwd = text(a, json, "cwd"),
	    .scenario = text(a, json, "scenario"),
	    .name = text(a, json, "name"),
	    .index = (size_t)number(json, "index"),
	    .family = (int)number(json, "family"),
	    .attempt = (int)number(json, "attempt"),
	    .single = flag(json, "single"),
	    .results = text(a, json, "results"),
	    .text = text(a, json, "text"),
	    .has_order = flag(json, "has_order"),
	    .order =
		{
		    .what = (enum bless_what)number(json, "order"),
		    .from = (size_t)number(json, "from"),
		    .held = text(a, json, "held"),
		    .acks = flag(json, "acks"),
		    .until = number(json, "until"),
		},
	    .options =
		{
		    .library = text(a, json, "library"),
		    .verbose = flag(json, "verbose"),
		    .quiet = flag(json, "quiet"),
		    .json = flag(json, "json"),
		    .keep = flag(json, "keep"),
		    .record = flag(json, "record"),
		    .patience = number(json, "patience"),
		    .limit = number(json, "limit"),
		},
	};
	json_decref(json);
	return job->cwd && job->scenario && job->name && job->options.library;
}
