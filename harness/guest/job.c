/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The job: a file, job.json, in a directory that host and guest both see. It names the run; the
 * guest plans it again from the scenario's text, because `when` and `needs` are about the guest's
 * kernel. The text is the one from which the host has planned: the file may have changed since.
 */
#include <jansson.h>
#include <string.h>

#include "harness/base/json_bytes.h"
#include "harness/guest/guest.h"

static const char *path_in(struct arena *a, const char *directory)
{
	return arena_printf(a, "%s/job.json", directory);
}

/* ---- the job ---- */

static json_t *option_json(struct arena *a, const struct option_row *row, const void *field)
{
	if (row->set == option_flag)
		return json_boolean(*(const bool *)field);
	if (row->set == option_text)
		return json_string(json_bytes(a, *(const char *const *)field));
	return json_integer(*(const int64_t *)field);
}

/* Options that mean something to a run, whatever kernel it is on: as their rows say. */
static json_t *options_json(struct arena *a, const struct options *o)
{
	json_t *json = json_object();

	for (const struct option_row *const *row = options_all(); *row; row++) {
		const void *field = (const char *)o + (*row)->field;

		if ((*row)->to_guest)
			json_object_set_new(json, (*row)->name, option_json(a, *row, field));
	}
	return json;
}

static void options_from(struct arena *a, struct options *o, const json_t *json)
{
	for (const struct option_row *const *row = options_all(); *row; row++) {
		const json_t *value = json_object_get(json, (*row)->name);
		void *field = (char *)o + (*row)->field;

		if (!(*row)->to_guest)
			continue;
		if ((*row)->set == option_flag)
			*(bool *)field = json_is_true(value);
		else if ((*row)->set == option_text)
			*(const char **)field = json_bytes_at(a, json, (*row)->name);
		else
			*(int64_t *)field = json_integer_value(value);
	}
}

static json_t *environment_json(struct arena *a, char *const *environment)
{
	json_t *json = json_array();

	for (; environment && *environment; environment++)
		json_array_append_new(json, json_string(json_bytes(a, *environment)));
	return json;
}

static char *const *environment_from(struct arena *a, const json_t *json)
{
	size_t count = json_array_size(json);
	char **environment = arena_alloc(a, (count + 1) * sizeof(*environment));

	for (size_t i = 0; i < count; i++) {
		json_t *one = json_pack("{sO}", "one", json_array_get(json, i));
		const char *text = json_bytes_at(a, one, "one");

		environment[i] = arena_strdup(a, text ? text : "");
		json_decref(one);
	}
	return environment;
}

bool job_write(const struct job *job)
{
	struct arena a = {0};
	json_t *json = json_pack(
	    "{ss ss* ss* ss* ss* ss* ss* ss* ss* si si si sb sb sb si sI ss* sb sI ss* so so sI "
	    "sI}",
	    "cwd", json_bytes(&a, job->cwd), "kernel", json_bytes(&a, job->kernel), "path",
	    json_bytes(&a, job->scenario.path), "scenario", json_bytes(&a, job->scenario.name),
	    "topic", json_bytes(&a, job->scenario.topic), "text",
	    json_bytes(&a, job->scenario.text), "name", json_bytes(&a, job->name), "results",
	    json_bytes(&a, job->results), "library", json_bytes(&a, job->options.library), "index",
	    (int)job->index, "family", job->family, "attempt", job->attempt, "single", job->single,
	    "beginning", job->scenario.is_beginning, "has_order", job->has_order, "order",
	    (int)job->order.what, "from", (json_int_t)job->order.from, "held",
	    json_bytes(&a, job->order.held), "acks", job->order.acks, "until",
	    (json_int_t)job->order.until, "voice", json_bytes(&a, job->voice), "options",
	    options_json(&a, &job->options), "environment",
	    environment_json(&a, job->user.environment), "uid", (json_int_t)job->user.uid, "gid",
	    (json_int_t)job->user.gid);
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

bool job_read(struct arena *a, const char *directory, struct job *job)
{
	json_t *json = json_load_file(path_in(a, directory), 0, NULL);

	*job = (struct job){
	    .directory = directory,
	    .kernel = json_bytes_at(a, json, "kernel"),
	    .cwd = json_bytes_at(a, json, "cwd"),
	    .scenario =
		{
		    .name = json_bytes_at(a, json, "scenario"),
		    .topic = json_bytes_at(a, json, "topic"),
		    .path = json_bytes_at(a, json, "path"),
		    .text = json_bytes_at(a, json, "text"),
		    .is_beginning = flag(json, "beginning"),
		},
	    .name = json_bytes_at(a, json, "name"),
	    .index = (size_t)number(json, "index"),
	    .family = (int)number(json, "family"),
	    .attempt = (int)number(json, "attempt"),
	    .single = flag(json, "single"),
	    .results = json_bytes_at(a, json, "results"),
	    .has_order = flag(json, "has_order"),
	    .order =
		{
		    .what = (enum bless_what)number(json, "order"),
		    .from = (size_t)number(json, "from"),
		    .held = json_bytes_at(a, json, "held"),
		    .acks = flag(json, "acks"),
		    .until = number(json, "until"),
		},
	    .voice = json_bytes_at(a, json, "voice"),
	    .options = {.library = json_bytes_at(a, json, "library")},
	};
	options_from(a, &job->options, json_object_get(json, "options"));
	job->user = (struct program_user){
	    .uid = (uid_t)number(json, "uid"),
	    .gid = (gid_t)number(json, "gid"),
	    .environment = environment_from(a, json_object_get(json, "environment")),
	    .input = job->options.input,
	};
	json_decref(json);
	return job->cwd && job->scenario.name && job->scenario.path && job->scenario.text &&
	       job->name && job->options.library;
}
