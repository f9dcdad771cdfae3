/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row in JSON (docs/try.schema.json). One table has the fields and their names, for writing and
 * for reading.
 */
#include <inttypes.h>
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/json_bytes.h"
#include "harness/base/shown.h"
#include "harness/try/measure.h"

enum field_type { FIELD_TEXT, FIELD_FLAG, FIELD_NUMBER, FIELD_INT, FIELD_OUTCOME };

static const struct field {
	const char *name;
	enum field_type type;
	size_t at;
} fields[] = {
#define FIELD(type, name, member)                                                                  \
	{                                                                                          \
		name, FIELD_##type, offsetof(struct measured, member)                              \
	}
    FIELD(TEXT, "program", whose),
    FIELD(FLAG, "must_end", is_needed),
    FIELD(FLAG, "happened", happened),
    FIELD(TEXT, "not_happened", not_why),
    FIELD(OUTCOME, "end", how),
    FIELD(INT, "status", status),
    FIELD(TEXT, "signal", signal),
    FIELD(NUMBER, "end_after", end),
    FIELD(NUMBER, "waited", waited),
    FIELD(FLAG, "left_early", left_early),
    FIELD(TEXT, "left_why", left_why),
    FIELD(FLAG, "at_work", at_work),
    FIELD(TEXT, "error", error),
    FIELD(TEXT, "error_call", call),
    FIELD(NUMBER, "error_after", error_after),
    FIELD(NUMBER, "connections", connections),
    FIELD(NUMBER, "bytes", bytes),
    FIELD(TEXT, "last_call", in),
    FIELD(FLAG, "in_call", is_in),
    FIELD(NUMBER, "call_limit", in_limit),
    FIELD(FLAG, "connected", has_connected),
    FIELD(FLAG, "options_known", has_options),
    FIELD(FLAG, "keepalive", options.keepalive),
    FIELD(NUMBER, "keepalive_idle", options.idle),
    FIELD(NUMBER, "keepalive_interval", options.interval),
    FIELD(NUMBER, "keepalive_probes", options.probes),
    FIELD(NUMBER, "user_timeout", options.user_timeout),
    FIELD(FLAG, "receive_limit", options.receive_limit),
    FIELD(FLAG, "send_limit", options.send_limit),
    FIELD(NUMBER, "answer", answer),
    FIELD(NUMBER, "received", received),
    FIELD(FLAG, "io_uring", is_unseen),
    FIELD(TEXT, "other_way", other_way),
    FIELD(TEXT, "last_words", last),
};

static void put_text(json_t *json, const char *name, const char *text)
{
	struct arena a = {0};

	if (text) /* in its printable form: it may have any bytes */
		json_object_set_new(json, name, json_string(shown(&a, text)));
	arena_free(&a);
}

json_t *measured_json(const struct measured *m)
{
	json_t *json = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		const void *at = (const char *)m + f->at;

		if (f->type == FIELD_TEXT)
			put_text(json, f->name, *(const char *const *)at);
		else if (f->type == FIELD_FLAG)
			json_object_set_new(json, f->name, json_boolean(*(const bool *)at));
		else if (f->type == FIELD_INT)
			json_object_set_new(json, f->name, json_integer(*(const int *)at));
		else if (f->type == FIELD_NUMBER)
			json_object_set_new(json, f->name, json_integer(*(const int64_t *)at));
		else
			put_text(json, f->name, outcome_names[*(const enum outcome_kind *)at]);
	}
	return json;
}

static bool read_outcome(const json_t *value, enum outcome_kind *how)
{
	for (int i = 0; json_is_string(value) && i < OUTCOME_KINDS; i++) {
		if (!strcmp(json_string_value(value), outcome_names[i])) {
			*how = (enum outcome_kind)i;
			return true;
		}
	}
	return false;
}

bool measured_read(struct arena *a, const json_t *json, struct measured *m)
{
	*m = (struct measured){0};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		const json_t *value = json_object_get(json, f->name);
		void *at = (char *)m + f->at;

		if (f->type == FIELD_TEXT && json_is_string(value))
			*(const char **)at = arena_strdup(a, json_string_value(value));
		else if (f->type == FIELD_FLAG && json_is_boolean(value))
			*(bool *)at = json_is_true(value);
		else if (f->type == FIELD_INT && json_is_integer(value))
			*(int *)at = (int)json_integer_value(value);
		else if (f->type == FIELD_NUMBER && json_is_integer(value))
			*(int64_t *)at = json_integer_value(value);
		else if (f->type == FIELD_OUTCOME && read_outcome(value, at))
			continue;
		else if (f->type != FIELD_TEXT)
			return false;
	}
	return m->whose != NULL;
}
