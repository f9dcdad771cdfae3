/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: an exercise is a file of one's own in the current directory, beside others
 * of the same scenario: its name has the level. What it says is a function of the scenario's text
 * (harness/exercise/); running the file judges it (exercises.c).
 */
#include <string.h>

#include "harness/base/home.h"
#include "harness/base/shown.h"
#include "harness/base/text.h"
#include "harness/cli/exercises.h"

static int64_t level = LEVEL_FLAGS;
static bool answers;

static bool set_level(void *field, const char *text, unsigned value)
{
	enum exercise_level found = exercise_level_find(text);

	(void)value;
	*(int64_t *)field = found;
	return found < LEVELS;
}

static const struct option_row own[] = {
    {
	.name = "level",
	.argument = "LEVEL",
	.expected = "errnos, flags, numbers or order",
	.set = set_level,
	.own = &level,
	.help = "exercise: what is left blank: errnos, flags (the default), numbers, order",
    },
    {
	.name = "answers",
	.set = option_flag,
	.own = &answers,
	.value = true,
	.help = "exercise: print it with its answers, write nothing",
    },
    {.name = NULL},
};

static int show_answers(const struct exercise *e, const char *path)
{
	struct arena a = {0};

	exercise_print(stdout, e, arena_printf(&a, "%s %s", home_command(), path), true);
	arena_free(&a);
	return EXIT_PASSED;
}

static int write_exercise(struct arena *a, const struct exercise *e, const char *path)
{
	const char *run = arena_printf(a, "%s %s", home_command(), path);
	struct text text;

	exercise_print(text_open(&text), e, run, false);
	if (!write_new_file(path, text_close(&text, a)))
		return EXIT_USAGE;
	printf("%s\nfill it in, then:  %s\n", path, run);
	return EXIT_PASSED;
}

static bool can_be_written(struct arena *a, const char *name)
{
	if (!name[strcspn(name, " #")] && !strcmp(shown(a, name), name))
		return true;
	say("%s: the exercise has this name in a line, so it must have no blank, no '#' and no "
	    "control character",
	    name);
	return false;
}

/* Of a scenario, a new exercise; of an exercise, only the answers. */
static int cmd_exercise(const struct options *o, struct library *l)
{
	const char *word = o->words[0], *path;
	const struct scenario *origin, *file;
	const struct source *source;
	struct exercise e;

	if (o->word_count != 1) {
		say("exercise takes one scenario");
		return EXIT_USAGE;
	}
	file = exercise_file(l, word, &source);
	if (file && answers)
		return exercise_from(l, file, source, &origin, &e) ? show_answers(&e, source->path)
								   : EXIT_USAGE;
	if (file) {
		say("%s is an exercise already; --answers shows its answers", source->path);
		return EXIT_USAGE;
	}
	if (!can_be_written(l->arena, word) ||
	    !exercise_of(l, word, (enum exercise_level)level, &origin, &e))
		return EXIT_USAGE;
	if (!exercise_has_work(&e)) {
		say("%s has nothing that the level %s leaves blank", word, exercise_levels[level]);
		return EXIT_USAGE;
	}
	path = arena_printf(l->arena, "%s-%s.tcp", origin->name, exercise_levels[level]);
	return answers ? show_answers(&e, path) : write_exercise(l->arena, &e, path);
}

static const struct operand scenario[] = {{.kind = OPERAND_SCENARIO, .is_last = true}};

const struct command command_exercise = {
    .name = "exercise",
    .arguments = "NAME",
    .help = "write it with results and packets left blank",
    .run = cmd_exercise,
    .own = own,
    .operands = scenario,
};
