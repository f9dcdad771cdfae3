/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The document of a run on another kernel comes from its guest, and so from a kernel that may be
 * faulty in any way, or that somebody has taken over. So before it is compared, each reference in
 * it must be valid, its name must be the name of a directory, and its numbers must be small enough
 * for calculations. The types of the other fields are checked where they are read: a field that is
 * missing, or of another type, is no number and no text.
 */
#include "harness/diff/sound.h"

#include <stdint.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/diff/json.h"

#define MOST   (INT64_C(1) << 53) /* in ns, 104 days */
#define A_TICK (INT64_C(1) << 30) /* ns; the longest has 10 ms */

/* ---- references ---- */

static const struct {
	const char *of, *key, *to; /* run[of][..][key] is an index of run[to] */
	bool or_none;		   /* may be -1 */
} references[] = {
    {"events", "line", "lines", false},
    {"problems", "line", "lines", false},
    {"record", "line", "lines", true},
    {"segments", "connection", "connections", false},
};

static bool is_reference(const json_t *index, size_t count, bool or_none)
{
	json_int_t i = json_integer_value(index);

	return !index ||
	       (json_is_integer(index) && i >= (or_none ? -1 : 0) && i < (json_int_t)count);
}

static bool all_references(const json_t *run)
{
	for (size_t r = 0; r < ARRAY_SIZE(references); r++) {
		size_t i, count = json_array_size(json_at(run, references[r].to));
		const json_t *element;

		json_array_foreach(json_at(run, references[r].of), i, element)
			if (!is_reference(json_at(element, references[r].key), count,
					  references[r].or_none))
				return false;
	}
	return true;
}

/* ---- numbers ---- */

static bool all_numbers(const json_t *value)
{
	const json_t *element;
	const char *key;
	size_t i;

	if (json_is_integer(value))
		return json_integer_value(value) <= MOST && json_integer_value(value) >= -MOST;
	json_array_foreach(value, i, element)
		if (!all_numbers(element))
			return false;
	json_object_foreach((json_t *)value, key, element)
		if (strcmp(key, "start") != 0 && !all_numbers(element))
			return false;
	return true;
}

static bool has_tick(const json_t *run)
{
	json_int_t tick = json_number(run, "tick");

	return tick >= 0 && tick <= A_TICK;
}

/* ---- texts ---- */

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool all_lines(const json_t *run)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_at(run, "lines"), i, line)
		if (!json_is_string(json_at(line, "text")))
			return false;
	return true;
}

const char *run_unsound(const json_t *run)
{
	if (!is_name(json_text(run, "name")))
		return "it has no name that a directory could have";
	if (!*json_text(run, "verdict") || !*json_text(run, "scenario") || !*json_text(run, "path"))
		return "it has no verdict, no scenario or no path";
	if (!all_lines(run))
		return "a line in it has no text";
	if (!all_references(run))
		return "it refers to something that is not in it";
	return all_numbers(run) && has_tick(run) ? NULL : "a number in it is too large";
}
