/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run as JSON: result.json, and the elements of what --json prints.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>

#include "harness/engine/engine.h"
#include "harness/plan/plan.h"
#include "harness/story/story.h"

/*
 * The version of the contents, which docs/run.schema.json describes. It grows when something is
 * removed or changes its meaning, not when something is added.
 */
#define REPORT_JSON_FORMAT 2

/*
 * Everything about one run: its name, verdict, problems, lines, connections, segments and events.
 */
json_t *report_json(const struct planned *planned, const char *release, const struct observation *o,
		    const struct story *story);

/* The same for a run that left no observation: verdict broken, and why. */
json_t *report_json_broken(const struct planned *planned, const char *release, const char *why);

/* Either of the two. */
json_t *report_json_of(const struct planned *planned, const char *release,
		       const struct observation *o, const struct story *story);

/* The kernel has printed a diagnostic (a warning, a panic), so the verdict becomes this one. */
void report_json_alter(json_t *json, enum verdict verdict, const char *diagnostic);

/* It is broken because its kernel panicked, hung or crashed. */
void report_json_by_kernel(json_t *json);

/* How it compares with a baseline: known, new, vanished. */
void report_json_against(json_t *json, const char *standing);

/* The directory of what it has left. */
void report_json_trace(json_t *json, const char *directory);

/* How often it was repeated before this outcome. */
void report_json_repeats(json_t *json, int repeats);

/* Write it, in the form of result.json. False: errno says why. */
bool report_json_write(FILE *out, const json_t *json);

#endif
