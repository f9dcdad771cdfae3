/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a scenario's title is the first line of its comment; so listing reads each
 * script, and one that cannot be parsed is listed with a remark. A word that is no scenario's name
 * is searched for in their texts: a user who finds an errno in a log does not know a name.
 */
#include "harness/cli/commands.h"

#include <jansson.h>
#include <string.h>

#include "harness/base/diagnostic.h"
#include "harness/base/shown.h"
#include "harness/calls/calls.h"

static const char *title_of(struct library *l, const struct scenario *s)
{
	struct diagnostics c = {.arena = l->arena};
	const char *error = NULL;
	struct script *script = library_load(l, s, &c, &error);

	if (error)
		return error;
	if (!script)
		return "(cannot be parsed; 'check' says why)";
	return script->title ? script->title : "(no title)";
}

static int print_json(struct library *l, const struct selection *chosen)
{
	json_t *list = json_array();
	int status;

	for (size_t i = 0; i < chosen->count; i++) {
		const struct scenario *s = chosen->list[i];

		json_array_append_new(list, json_pack("{s:s,s:s?,s:s,s:s}", "name", s->name,
						      "topic", s->topic, "title", title_of(l, s),
						      "path", s->path));
	}
	status = json_dumpf(list, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(list);
	return status == 0 ? EXIT_PASSED : EXIT_BROKEN;
}

static int print_text(struct library *l, const struct selection *chosen)
{
	const char *topic = "";
	int width = 0;

	for (size_t i = 0; i < chosen->count; i++) {
		int n = shown_width(chosen->list[i]->name);

		width = n > width ? n : width;
	}
	for (size_t i = 0; i < chosen->count; i++) {
		const struct scenario *s = chosen->list[i];

		if (s->topic && strcmp(s->topic, topic) != 0) {
			topic = s->topic;
			printf("%s%s\n", i ? "\n" : "", topic);
		}
		printf("  %s%*s  %s\n", s->name, width - shown_width(s->name), "", title_of(l, s));
	}
	return EXIT_PASSED;
}

/* By --json. */
static int (*const forms[])(struct library *l, const struct selection *chosen) = {
    [false] = print_text,
    [true] = print_json,
};

static int cmd_list(const struct options *o, struct library *l)
{
	struct selection chosen = {0};
	const char *error = NULL;
	const char *near;

	if (l->problem) {
		say("%s", l->problem);
		return EXIT_USAGE;
	}
	if (!o->word_count && !library_select(l, "all", &chosen, &error)) {
		say("%s", error);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < o->word_count; i++) {
		if (!library_select(l, o->words[i], &chosen, &error) &&
		    !library_search(l, o->words[i], &chosen)) {
			near = nearest(o->words[i], constant_names(GROUP_errno));
			say("%s, and no scenario contains it%s%s%s", error,
			    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
			return EXIT_USAGE;
		}
	}
	return forms[o->json](l, &chosen);
}

const struct command command_list = {
    .name = "list",
    .arguments = "[WORD...]",
    .help = "name and title of each scenario, or of those about a word",
    .run = cmd_list,
    .knows = WITH_JSON,
};
