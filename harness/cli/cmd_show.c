/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the comment at the head of a script is prose, and is printed as such; the
 * rest is printed exactly as in the file, so that it can be copied.
 */
#include "harness/cli/commands.h"

#include <string.h>

#include "harness/base/shown.h"

/* What follows the comment at the head, and blank lines after that. */
static const char *after_head(const struct source *source, size_t *left)
{
	const char *at = source->text, *end = source->text + source->length;

	while (at < end && (*at == '#' || *at == '\n')) {
		const char *newline = memchr(at, '\n', end - at);

		at = newline ? newline + 1 : end;
	}
	*left = end - at;
	return at;
}

/* A script never says what program it is about. */
static void print_needs(const struct script *script)
{
	bool said[LAB_HOSTS] = {false};

	for (size_t i = 0; i < script->line_count; i++) {
		const struct line *line = &script->lines[i];
		enum host host =
		    line->kind == LINE_PROGRAM ? host_find(line->actor.host) : HOST_NONE;

		if (host < 0 || host >= LAB_HOSTS || said[host])
			continue;
		printf("Needs --%s 'COMMAND': the program under test.\n\n", line->actor.host);
		said[host] = true;
	}
}

static void show(const struct script *script, bool between)
{
	const char *body;
	size_t length;

	if (between)
		putchar('\n');
	printf("%s\n", script->title ? script->title : "(no title)");
	printf("%s\n\n", script->source->path);
	if (script->prose && *script->prose) {
		size_t n = strlen(script->prose);

		printf("%s%s\n", script->prose, script->prose[n - 1] == '\n' ? "" : "\n");
	}
	print_needs(script);
	body = after_head(script->source, &length);
	fwrite(body, 1, length, stdout);
	if (length && body[length - 1] != '\n')
		putchar('\n');
}

static int cmd_show(const struct options *o, struct library *l)
{
	struct selection chosen = {0};
	const char *error = NULL;

	if (!o->word_count) {
		say("show which scenario? 'list' shows them all");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < o->word_count; i++) {
		if (!library_select(l, o->words[i], &chosen, &error)) {
			say("%s", error);
			return EXIT_USAGE;
		}
	}
	for (size_t i = 0; i < chosen.count; i++) {
		struct diagnostics c = {.arena = l->arena};
		struct script *script = library_load(l, chosen.list[i], &c, &error);

		if (!script) {
			if (error)
				say("%s", error);
			diagnostics_print(stderr, &c);
			return EXIT_USAGE;
		}
		show(script, i > 0);
	}
	return EXIT_PASSED;
}

const struct command command_show = {
    .name = "show",
    .arguments = "NAME...",
    .help = "what a scenario teaches, and its script",
    .run = cmd_show,
};
