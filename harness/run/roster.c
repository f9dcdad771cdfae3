/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A roster is written before the first run, so it is there even if the machine is lost. (It is not
 * a hidden file: GitHub's action for artifacts leaves those out.)
 */
#include "harness/run/roster.h"

#include <string.h>

#include "harness/report/report_json.h"

#define BEFORE "shard-"
#define AFTER  ".json"

const char *roster_name(struct arena *a, int nth, int of)
{
	return arena_printf(a, BEFORE "%d-of-%d" AFTER, nth, of);
}

bool roster_is_name(const char *file)
{
	size_t length = strlen(file);

	return length > strlen(BEFORE AFTER) && !strncmp(file, BEFORE, strlen(BEFORE)) &&
	       !strcmp(file + length - strlen(AFTER), AFTER);
}

static json_t *names_json(const char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

static bool write_it(FILE *out, void *context)
{
	const struct roster *r = context;
	json_t *json =
	    json_pack("{si ss si si so so}", "format", REPORT_JSON_FORMAT, "kernel", r->kernel,
		      "shard", r->nth, "of", r->of, "runs", names_json(r->own, r->own_count), "all",
		      names_json(r->all, r->all_count));
	bool written = report_json_write(out, json);

	json_decref(json);
	return written;
}

bool roster_leave(struct arena *a, const char *directory, struct roster *r, const char **error)
{
	const struct result_file file = {roster_name(a, r->nth, r->of), write_it, NULL};

	return results_write_file(a, directory, &file, r, error);
}
