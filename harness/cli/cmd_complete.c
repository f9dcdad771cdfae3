/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `complete -- WORD...`: what the last word of a command line may become, one in a line, for the
 * shells (packaging/). Nothing: the shell completes the name of a file.
 */
#include <dirent.h>
#include <string.h>

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"

/* The words before the one that is completed, and that one, which may be empty. */
struct typing {
	char **words;
	size_t count; /* of those before */
	const char *begun;
};

/* A file's name may have any bytes. A name that cannot be printed unchanged is no candidate. */
static bool is_plain(const char *candidate)
{
	size_t left = strlen(candidate), length;

	for (; left; candidate += length, left -= length) {
		length = shown_plain(candidate, left);
		if (!length)
			return false;
	}
	return true;
}

static void offer(const struct typing *t, const char *prefix, const char *candidate)
{
	size_t n = strlen(prefix), begun = strlen(t->begun);

	if (!is_plain(candidate))
		return;
	if (begun < n
		? !strncmp(t->begun, prefix, begun)
		: !strncmp(t->begun, prefix, n) && !strncmp(t->begun + n, candidate, begun - n))
		printf("%s%s\n", prefix, candidate);
}

static void offer_kernels(const struct typing *t, struct arena *a)
{
	DIR *d = opendir(home_kernels(a));
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			offer(t, "", entry->d_name);
	if (d)
		closedir(d);
}

static void offer_topics(const struct typing *t, const struct library *l)
{
	for (size_t i = 0; i < l->topic_count; i++)
		offer(t, "", l->topics[i]);
}

static void offer_scenarios(const struct typing *t, struct library *l)
{
	library_list(l);
	offer(t, "", "all");
	for (size_t i = 0; i < l->count; i++)
		if (!l->list[i].is_beginning)
			offer(t, "", l->list[i].name);
}

static void offer_failures(const struct typing *t, struct library *l)
{
	library_list(l);
	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].is_failure)
			offer(t, "", l->list[i].name);
}

static void offer_commands(const struct typing *t)
{
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->help)
			offer(t, "", commands[i]->name);
}

static void offer_options(const struct typing *t, const struct command *command)
{
	const struct option_row *const *all = options_all();

	for (size_t i = 0; all[i]; i++)
		if (all[i]->help && option_known(command, all[i]))
			offer(t, "--", all[i]->name);
}

/* The option whose argument is typed; NULL: none. */
static const struct option_row *option_before(const struct typing *t)
{
	const char *word = t->count ? t->words[t->count - 1] : "";
	const struct option_row *const *all = options_all();

	for (size_t i = 0; all[i]; i++) {
		const struct option_row *row = all[i];
		bool is_long = !strncmp(word, "--", 2) && !strcmp(word + 2, row->name);
		bool is_short = row->letter && word[0] == '-' && word[1] == row->letter && !word[2];

		if (row->argument && (is_long || is_short))
			return row;
	}
	return NULL;
}

/* The command that has been named, if it is no longer the word that is typed. */
static const struct command *command_typed(const struct typing *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->words[i][0] != '-')
			return command_find(t->words[i]);
	return NULL;
}

static void offer_kind(const struct typing *t, enum operand_kind kind, struct library *l)
{
	switch (kind) {
	case OPERAND_FILE:
		break;
	case OPERAND_SCENARIO:
		offer_scenarios(t, l);
		break;
	case OPERAND_FAILURE:
		offer_failures(t, l);
		break;
	case OPERAND_KERNEL:
		offer_kernels(t, l->arena);
		break;
	case OPERAND_TOPIC:
		offer_topics(t, l);
		break;
	}
}

/* A word of that command: its place is how many words stand before it, the command's name with
 * them.
 */
static void offer_operand(const struct typing *t, const struct command *command, struct library *l)
{
	const struct operand *operand = command->operands;

	for (size_t i = 1; i < t->count && !operand->is_last; i++)
		operand++;
	if (operand->after && strcmp(operand->after, t->words[1]) != 0)
		return;
	for (size_t i = 0; operand->words && operand->words[i]; i++)
		offer(t, "", operand->words[i]);
	offer_kind(t, operand->kind, l);
}

static void complete(const struct typing *t, struct library *l)
{
	const struct command *command = command_typed(t);
	const struct option_row *row = option_before(t);

	if (row) {
		offer_kind(t, row->operand, l);
	} else if (*t->begun == '-') {
		offer_options(t, command ? command : commands[0]);
	} else if (command && command->operands) {
		offer_operand(t, command, l);
	} else {
		if (!t->count)
			offer_commands(t);
		offer_scenarios(t, l);
	}
}

static int cmd_complete(const struct options *o, struct library *l)
{
	struct typing t = {.words = o->words, .begun = ""};

	if (o->word_count) {
		t.count = o->word_count - 1;
		t.begun = o->words[t.count];
	}
	complete(&t, l);
	return EXIT_PASSED;
}

const struct command command_complete = {
    .name = "complete",
    .arguments = "-- WORD...",
    .run = cmd_complete,
};
