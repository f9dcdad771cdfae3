/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `kernel`: the scripts that build kernels (kernels/build.sh) and test them (kernels/test.sh), told
 * where kernels are to be and which program runs on them. From the source tree run.sh starts the
 * first one itself, since no program need be built for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/cli/against.h"
#include "harness/cli/commands.h"

static const char *source;

static const struct option_row own[] = {
    {
	.name = "source",
	.argument = "DIR",
	.expected = "a directory",
	.set = option_text,
	.own = &source,
	.help = "with `kernel test`: the git tree of a range of commits",
    },
    {.name = NULL},
};

static const struct option_row *further(size_t i)
{
	return i ? NULL : &against_option;
}

struct arguments {
	struct arena *arena;
	const char **list;
	size_t count;
};

static void add(struct arguments *all, const char *argument)
{
	*arena_push(all->arena, all->list, all->count) = argument;
}

static void add_option(struct arguments *all, const char *name, const char *value)
{
	if (!value)
		return;
	add(all, name);
	add(all, value);
}

/* What test.sh takes. */
static void add_options(struct arguments *all, const struct options *o)
{
	add_option(all, "--against", against_path());
	add_option(all, "--source", source);
	add_option(all, "--results", o->results ? o->results : home_results(all->arena));
	add_option(all, "--library", o->library);
	if (o->at_once)
		add_option(all, "-j", arena_printf(all->arena, "%d", o->at_once));
	if (o->families & FAMILY_4)
		add(all, "-4");
	if (o->families & FAMILY_6)
		add(all, "-6");
	add(all, "--");
}

static int cmd_kernel(const struct options *o, struct library *l)
{
	bool is_test = o->word_count && !strcmp(o->words[0], "test");
	const char *script = home_kernel_script(l->arena, is_test ? "test.sh" : "build.sh");
	struct arguments all = {.arena = l->arena};

	if (o->given_count && !is_test) {
		say("--%s is for 'kernel test'", o->given[0]->name);
		return EXIT_USAGE;
	}
	if (!against_is_one())
		return EXIT_NO_COMMIT;
	add(&all, "sh");
	add(&all, script);
	if (is_test)
		add_options(&all, o);
	for (size_t i = is_test; i < o->word_count; i++)
		add(&all, o->words[i]);
	add(&all, NULL);
	setenv("TCPLAB_KERNELS", home_kernels(l->arena), 1);
	setenv("TCPLAB_COMMAND", home_command(), 1);
	setenv("TCPLAB", home_program(l->arena), 1);
	execvp(all.list[0], (char *const *)all.list);
	say("%s cannot be run: %s", script, strerror(errno));
	return is_test ? EXIT_NO_COMMIT : EXIT_BROKEN;
}

static const struct operand operands[] = {
    {.words = (const char *const[]){"build", "test", "list", NULL}},
    {.kind = OPERAND_FILE},
    {.kind = OPERAND_SCENARIO, .after = "test", .is_last = true},
};

const struct command command_kernel = {
    .name = "kernel",
    .arguments = "build|test K | list",
    .help = "kernels: 6.12, 6.1, or a source tree; those that are there",
    .run = cmd_kernel,
    .operands = operands,
    .knows = WITH_RUNS | WITH_RESULTS,
    .own = own,
    .more = further,
};
