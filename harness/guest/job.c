/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The job: a file, job.json, in a directory that host and guest both see. It names the run; the
 * guest plans it again from the scenario's text, because `when` and `needs` are about the guest's
 * kernel. The text is the one from which the host has planned: the file may have changed since.
 *
 * JSON has only UTF-8, but paths and comments are bytes. So each byte of a string is written as the
 * character with its number.
 */
#include <jansson.h>
#include <string.h>

#include "harness/guest/guest.h"

static const char *path_in(struct arena *a, const char *directory)
{
	return arena_printf(a, "%s/job.json", directory);
}

/* ---- strings ---- */

/* NULL stays NULL. */
static const char *bytes_to_json(struct arena *a, const char *bytes)
{
	char *text, *to;

	if (!bytes)
		return NULL;
	text = to = arena_alloc(a, 2 * strlen(bytes) + 1);
	for (; *bytes; bytes++) {
		unsigned char byte = (unsigned char)*bytes;

		if (byte >= 0x80)
			*to++ = (char)(0xc0 | byte >> 6);
		*to++ = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
	}
	*to = '\0';
	return text;
}

static const char *bytes_from_json(struct arena *a, const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	char *bytes, *to;

	if (!text)
		return NULL;
	bytes = to = arena_alloc(a, strlen(text) + 1);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte > 0xc3) /* not the number of a byte: not written by us */
			return NULL;
		*to++ = (char)(byte < 0x80 ? byte : byte << 6 | (*++text & 0x3f));
	}
	*to = '\0';
	return bytes;
}

/* ---- the job ---- */

bool job_write(const struct job *job)
{
	const struct options *o = &job->options;
	struct arena a = {0};
	json_t *json = json_pack(
	    "{ss ss* ss* ss* ss* ss* ss* ss* si si si sb sb sb sb sb sb sI sI sb si sI ss* sb sI "
	    "sI sI}",
	    "cwd", bytes_to_json(&a, job->cwd), "path", bytes_to_json(&a, job->scenario.path),
	    "scenario", bytes_to_json(&a, job->scenario.name), "topic",
	    bytes_to_json(&a, job->scenario.topic), "text", bytes_to_json(&a, job->scenario.text),
	    "name", bytes_to_json(&a, job->name), "results", bytes_to_json(&a, job->results),
	    "library", bytes_to_json(&a, o->library), "index", (int)job->index, "family",
	    job->family, "attempt", job->attempt, "single", job->single, "verbose", o->verbose,
	    "quiet", o->quiet, "json", o->json, "record", o->record, "beginning",
	    job->scenario.is_beginning, "patience", (json_int_t)o->patience, "limit",
	    (json_int_t)o->limit, "has_order", job->has_order, "order", (int)job->order.what,
	    "from", (json_int_t)job->order.from, "held", bytes_to_json(&a, job->order.held), "acks",
	    job->order.acks, "until", (json_int_t)job->order.until, "memory", (json_int_t)o->memory,
	    "captured", (json_int_t)o->captured);
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
	    .cwd = bytes_from_json(a, json, "cwd"),
	    .scenario =
		{
		    .name = bytes_from_json(a, json, "scenario"),
		    .topic = bytes_from_json(a, json, "topic"),
		    .path = bytes_from_json(a, json, "path"),
		    .text = bytes_from_json(a, json, "text"),
		    .is_beginning = flag(json, "beginning"),
		},
	    .name = bytes_from_json(a, json, "name"),
	    .index = (size_t)number(json, "index"),
	    .family = (int)number(json, "family"),
	    .attempt = (int)number(json, "attempt"),
	    .single = flag(json, "single"),
	    .results = bytes_from_json(a, json, "results"),
	    .has_order = flag(json, "has_order"),
	    .order =
		{
		    .what = (enum bless_what)number(json, "order"),
		    .from = (size_t)number(json, "from"),
		    .held = bytes_from_json(a, json, "held"),
		    .acks = flag(json, "acks"),
		    .until = number(json, "until"),
		},
	    .options =
		{
		    .library = bytes_from_json(a, json, "library"),
		    .verbose = flag(json, "verbose"),
		    .quiet = flag(json, "quiet"),
		    .json = flag(json, "json"),
		    .record = flag(json, "record"),
		    .patience = number(json, "patience"),
		    .limit = number(json, "limit"),
		    .memory = number(json, "memory"),
		    .captured = number(json, "captured"),
		},
	};
	json_decref(json);
	return job->cwd && job->scenario.name && job->scenario.path && job->scenario.text &&
	       job->name && job->options.library;
}
