/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest says, as it may be printed. A program that is root in the guest, or the guest's
 * kernel, may have written it, and it gets to the user's terminal. So, whatever it is, it gives no
 * commands there, and there is not without end of it.
 *
 * An honest guest's text has no control characters, except those that print it in lines and pages,
 * and the looks of a ladder. So all of its text stays as it is.
 */
#include <string.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/guest/guest.h"
#include "harness/ladder/ladder.h"

static bool is_layout(char c)
{
	return c == '\n' || c == '\t' || c == '\f';
}

void guest_put(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t look = ladder_look(text + i, length - i);

		if (!look)
			look = is_layout(text[i]);
		if (look)
			fwrite(text + i, 1, look, out);
		else
			look = shown_one(out, text + i, length - i);
		i += look;
	}
}

static bool is_plain(const char *text, size_t length)
{
	size_t n = 1;

	for (size_t i = 0; n && i < length; i += n)
		n = is_layout(text[i]) ? 1 : shown_plain(text + i, length - i);
	return n > 0;
}

/* JSON has escapes of its own. What is no JSON is nothing. */
void guest_put_json(FILE *out, const char *text, size_t length)
{
	json_t *json;

	if (is_plain(text, length)) {
		fwrite(text, 1, length, out);
		return;
	}
	json = json_loadb(text, length, 0, NULL);
	if (json)
		json_dumpf(json, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	json_decref(json);
}

/* NULL stays NULL. */
static const char *shown_words(struct arena *a, const char *words)
{
	struct text text;

	if (!words)
		return NULL;
	guest_put(text_open(&text), words, strlen(words));
	return text_close(&text, a);
}

/* A copy of it, in which all texts can be shown. */
static json_t *shown_json(struct arena *a, json_t *json)
{
	json_t *copy, *value;
	const char *key;
	size_t i;

	if (json_is_string(json))
		return json_string(shown(a, json_string_value(json)));
	if (json_is_array(json)) {
		copy = json_array();
		json_array_foreach(json, i, value)
			json_array_append_new(copy, shown_json(a, value));
		return copy;
	}
	if (!json_is_object(json))
		return json_incref(json);
	copy = json_object();
	json_object_foreach(json, key, value)
		json_object_set_new(copy, shown(a, key), shown_json(a, value));
	return copy;
}

void guest_account(struct arena *a, struct account *account)
{
	const char **const texts[] = {
	    &account->why,	&account->diagnostic, &account->reason, &account->file,
	    &account->expected, &account->got,	      &account->differ,
	};
	json_t *row = account->row;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = shown_words(a, *texts[i]);
	account->row = row ? shown_json(a, row) : NULL;
	json_decref(row);
}
