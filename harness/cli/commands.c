/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of subcommands. A new one is a file cmd_NAME.c with its `command_NAME`, and its name
 * here.
 */
#include "harness/cli/commands.h"

#include <string.h>

#define COMMANDS(X)                                                                                \
	X(run)                                                                                     \
	X(ladder)                                                                                  \
	X(explain)                                                                                 \
	X(try)                                                                                     \
	X(list)                                                                                    \
	X(show)                                                                                    \
	X(check)                                                                                   \
	X(diff)                                                                                    \
	X(new)                                                                                     \
	X(watch)                                                                                   \
	X(exercise)                                                                                \
	X(bless)                                                                                   \
	X(merge)                                                                                   \
	X(report)                                                                                  \
	X(book)                                                                                    \
	X(baseline)                                                                                \
	X(kernel)                                                                                  \
	X(help)                                                                                    \
	X(complete)

#define DECLARED(name) extern const struct command command_##name;
#define LISTED(name)   &command_##name,

COMMANDS(DECLARED)

const struct command *const commands[] = {COMMANDS(LISTED) NULL};

const struct command *command_find(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, word) == 0)
			return commands[i];
	return NULL;
}
