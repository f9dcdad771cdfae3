/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a row says everything about an option. Options of several commands are here;
 * the others come from the commands (commands.c). getopt_long's tables, the help and the options
 * that are passed to a guest (guest/job.c) are made from all of them. getopt's own messages are
 * off, because ours name what was probably meant.
 */
#include "harness/options/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/diagnostic.h"
#include "harness/cli/commands.h"

/* In the help, the commands' own options are between these .. */
static const struct option_row first_rows[] = {
    {
	.name = "jobs",
	.letter = 'j',
	.argument = "N",
	.expected = "a number from 1 to 1000",
	.set = option_count,
	.field = OPTION_FIELD(at_once),
	.value = MAX_AT_ONCE,
	.known_to = WITH_RUNS,
	.help = "run N at once; the default is as many as the machine bears",
    },
    {
	.name = "verbose",
	.letter = 'v',
	.set = option_flag,
	.field = OPTION_FIELD(verbose),
	.value = true,
	.known_to = WITH_VERBOSE,
	.to_guest = true,
	.help = "every field of every packet, one line for each event",
    },
    {
	.name = "ladder",
	.set = option_flag,
	.field = OPTION_FIELD(ladder),
	.value = true,
	.known_to = WITH_LADDER,
	.to_guest = true,
	.help = "what happened as a ladder diagram, in place of the transcript",
    },
    {
	.name = "explain",
	.set = option_flag,
	.field = OPTION_FIELD(explain),
	.value = true,
	.known_to = WITH_LADDER,
	.to_guest = true,
	.help = "what happened in words, step by step, in place of the transcript",
    },
    {
	.name = "quiet",
	.letter = 'q',
	.set = option_flag,
	.field = OPTION_FIELD(quiet),
	.value = true,
	.known_to = WITH_TELLING,
	.to_guest = true,
	.help = "verdicts only",
    },
    {
	.name = "stamps",
	.argument = "WHEN",
	.expected = "auto, always or never",
	.set = option_when,
	.field = OPTION_FIELD(stamps),
	.known_to = WITH_TELLING,
	.to_guest = true,
	.help = "a time before each line of a transcript: auto (on a terminal), always, never",
    },
    {
	.name = "json",
	.set = option_flag,
	.field = OPTION_FIELD(json),
	.value = true,
	.known_to = WITH_JSON,
	.help = "one JSON document instead of text",
    },
    {
	.name = "results",
	.argument = "DIR",
	.expected = "a directory",
	.set = option_text,
	.field = OPTION_FIELD(results),
	.known_to = WITH_RESULTS,
	.help = "leave the results there (default: results/ beside scenarios/)",
    },
    {
	.name = "keep",
	.set = option_flag,
	.field = OPTION_FIELD(keep),
	.value = true,
	.known_to = WITH_TELLING,
	.help = "do not replace earlier results, add a directory with the time in its name",
    },
    {
	.name = "ipv4",
	.letter = '4',
	.set = option_bit,
	.field = OPTION_FIELD(families),
	.value = FAMILY_4,
	.known_to = WITH_RUNS,
	.help = "over IPv4 (the default)",
    },
    {
	.name = "ipv6",
	.letter = '6',
	.set = option_bit,
	.field = OPTION_FIELD(families),
	.value = FAMILY_6,
	.known_to = WITH_RUNS,
	.help = "over IPv6; -4 -6: over both",
    },
    {
	.name = "kernel",
	.letter = 'k',
	.argument = "KERNEL",
	.expected = "a kernel's name, or the path of a User-Mode Linux",
	.operand = OPERAND_KERNEL,
	.set = option_text,
	.field = OPTION_FIELD(kernel),
	.known_to = WITH_KERNEL,
	.help = "run on that kernel, in virtual time (`kernel list` shows them)",
    },
    {
	.name = "slow",
	.set = option_flag,
	.field = OPTION_FIELD(slow),
	.value = true,
	.known_to = WITH_KERNEL,
	.help = "on the running kernel, run also what takes minutes to hours there",
    },
    {
	.name = "client",
	.argument = "COMMAND",
	.expected = "a command, as for a shell",
	.set = option_text,
	.field = OPTION_FIELD(program[HOST_CLIENT]),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "what `client program` starts: the program under test",
    },
    {
	.name = "server",
	.argument = "COMMAND",
	.expected = "a command, as for a shell",
	.set = option_text,
	.field = OPTION_FIELD(program[HOST_SERVER]),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "likewise on the server",
    },
    {
	.name = "stdin",
	.argument = "FILE",
	.expected = "a file",
	.set = option_text,
	.field = OPTION_FIELD(input),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "the input of these programs (default: none)",
    },
    {
	.name = "keep-files",
	.set = option_flag,
	.field = OPTION_FIELD(keep_files),
	.value = true,
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "on another kernel: add what they write below this directory to the results",
    },
    {
	.name = "answer",
	.argument = "FILE",
	.expected = "a file",
	.set = option_text,
	.field = OPTION_FIELD(answer),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "what a scripted server answers a program (default: HTTP/1.1, 100000 bytes)",
    },
    {
	.name = "ask",
	.argument = "FILE",
	.expected = "a file",
	.set = option_text,
	.field = OPTION_FIELD(ask),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "what a scripted client asks a program (default: GET / HTTP/1.1)",
    },
    {
	.name = "port",
	.argument = "N",
	.expected = "a port, 1 to 65535",
	.set = option_port,
	.field = OPTION_FIELD(port),
	.known_to = WITH_PROGRAMS,
	.to_guest = true,
	.help = "where a scripted server listens, or a scripted client connects (default: 8080)",
    },
    {.name = NULL},
};

/* .. and these. */
static const struct option_row last_rows[] = {
    {
	.name = "library",
	.argument = "DIR",
	.expected = "a directory",
	.set = option_text,
	.field = OPTION_FIELD(library),
	.help = "the scenarios' directory",
    },
    {
	.name = "timeout",
	.argument = "DURATION",
	.expected = "a duration such as 5s",
	.set = option_duration,
	.field = OPTION_FIELD(timeout),
	.known_to = WITH_KERNEL,
	.to_guest = true,
    },
    {
	.name = "limit",
	.argument = "DURATION",
	.expected = "a duration such as 60s",
	.set = option_duration,
	.field = OPTION_FIELD(limit),
	.known_to = WITH_KERNEL,
	.to_guest = true,
	.help = "a run's wall time (default: 60s beyond its gaps; a guest's: 60s)",
    },
    {
	.name = "memory",
	.argument = "SIZE",
	.expected = "a size such as 300M",
	.set = option_size,
	.field = OPTION_FIELD(memory),
	.known_to = WITH_KERNEL,
	.to_guest = true,
	.help = "a run's memory (default: 256M)",
    },
    {
	.name = "captured",
	.argument = "SIZE",
	.expected = "a size such as 300M",
	.set = option_size,
	.field = OPTION_FIELD(captured),
	.known_to = WITH_KERNEL,
	.to_guest = true,
	.help = "what a run may capture (default: 512M)",
    },
    {
	.name = "record",
	.set = option_flag,
	.field = OPTION_FIELD(record),
	.value = true,
	.known_to = WITH_TELLING,
	.to_guest = true,
    },
    {
	.name = "help",
	.letter = 'h',
	.set = option_flag,
	.field = OPTION_FIELD(help),
	.value = true,
	.help = "this help",
    },
    {
	.name = "version",
	.letter = 'V',
	.set = option_flag,
	.field = OPTION_FIELD(version),
	.value = true,
	.help = "the version",
    },
    {.name = NULL},
};

#define FIRST_ROW 256 /* getopt's value for row 0; above every letter */

/* ---- all of them ---- */

static const struct option_row *all[MAX_OPTIONS + 1];

static void add(const struct option_row *row)
{
	size_t n = 0;

	while (all[n] && all[n] != row)
		n++;
	if (all[n])
		return; /* another command knows it, too */
	if (n == MAX_OPTIONS)
		abort(); /* somebody has added one too many */
	all[n] = row;
}

static void add_list(const struct option_row *list)
{
	for (; list && list->name; list++)
		add(list);
}

static void add_commands(void)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct option_row *row;

		add_list(commands[i]->own);
		for (size_t k = 0; commands[i]->more && (row = commands[i]->more(k)); k++)
			add(row);
	}
}

const struct option_row *const *options_all(void)
{
	if (!all[0]) {
		add_list(first_rows);
		add_commands();
		add_list(last_rows);
	}
	return all;
}

static size_t count_all(void)
{
	size_t n = 0;

	while (options_all()[n])
		n++;
	return n;
}

/* ---- reading ---- */

static const struct option_row *row_of(int value)
{
	if (value >= FIRST_ROW)
		return all[value - FIRST_ROW];
	for (size_t i = 0; all[i]; i++)
		if (all[i]->letter == value)
			return all[i];
	return NULL;
}

/*
 * What getopt did not accept: it leaves a letter in optopt, or a long option before optind in argv.
 */
static void explain(int letter, const char *word, char *error, size_t size)
{
	const char *names[MAX_OPTIONS + 1] = {NULL};
	const char *near;

	if (letter > 0 && letter < FIRST_ROW) {
		snprintf(error, size, "unknown option -%c", letter);
		return;
	}
	for (size_t i = 0; all[i]; i++)
		names[i] = all[i]->name;
	near = nearest(word + 2, names);
	if (near)
		snprintf(error, size, "unknown option %s; did you mean --%s?", word, near);
	else
		snprintf(error, size, "unknown option %s", word);
}

static void *field_of(struct options *o, const struct option_row *row)
{
	return row->own ? row->own : (char *)o + row->field;
}

static bool take(struct options *o, const struct option_row *row, char *error, size_t size)
{
	if (!row->set(field_of(o, row), optarg, row->value)) {
		snprintf(error, size, "--%s: expected %s, not '%s'", row->name, row->expected,
			 optarg);
		return false;
	}
	if (o->given_count < MAX_OPTIONS)
		o->given[o->given_count++] = row;
	return true;
}

bool options_read(struct options *o, int argc, char **argv, char *error, size_t size)
{
	struct option longs[MAX_OPTIONS + 1] = {{0}};
	size_t count = count_all();
	char letters[2 * MAX_OPTIONS + 2] =
	    ":"; /* the colon: tell a missing argument from an unknown option */
	size_t n = 1;
	int c;

	*o = (struct options){0};
	for (size_t i = 0; i < count; i++) {
		longs[i] = (struct option){all[i]->name,
					   all[i]->argument ? required_argument : no_argument, NULL,
					   FIRST_ROW + (int)i};
		if (all[i]->letter) {
			letters[n++] = all[i]->letter;
			if (all[i]->argument)
				letters[n++] = ':';
		}
	}
	letters[n] = '\0';
	opterr = 0;
	optind =
	    0; /* 0, not 1: start again even if an earlier parse stopped in the middle of a word */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':') {
			const struct option_row *row = row_of(optopt);

			snprintf(error, size, "--%s: expected %s", row->name, row->expected);
			return false;
		}
		if (c == '?' && optopt >= FIRST_ROW) {
			snprintf(error, size, "--%s takes no argument", row_of(optopt)->name);
			return false;
		}
		if (c == '?') {
			explain(optopt, argv[optind - 1], error, size);
			return false;
		}
		if (!take(o, row_of(c), error, size))
			return false;
	}
	if (o->verbose && o->quiet) {
		snprintf(error, size, "-v and -q contradict each other");
		return false;
	}
	if (o->ladder && o->explain) {
		snprintf(error, size, "--ladder and --explain contradict each other");
		return false;
	}
	o->words = argv + optind;
	o->word_count = argc - optind;
	return true;
}

static bool is_in(const struct option_row *list, const struct option_row *row)
{
	for (; list && list->name; list++)
		if (list == row)
			return true;
	return false;
}

static bool is_further(const struct command *command, const struct option_row *row)
{
	const struct option_row *known;

	for (size_t i = 0; command->more && (known = command->more(i)); i++)
		if (known == row)
			return true;
	return false;
}

bool option_known(const struct command *command, const struct option_row *row)
{
	if (command->knows_all || is_in(command->own, row) || is_further(command, row))
		return true;
	return (is_in(first_rows, row) || is_in(last_rows, row)) &&
	       (!row->known_to || (row->known_to & command->knows));
}

bool options_fit(const struct options *o, const struct command *command, char *error, size_t size)
{
	for (size_t i = 0; i < o->given_count; i++) {
		if (!option_known(command, o->given[i])) {
			snprintf(error, size, "--%s means nothing to '%s'", o->given[i]->name,
				 command->name);
			return false;
		}
	}
	return true;
}

void options_print(FILE *out)
{
	for (size_t i = 0; options_all()[i]; i++) {
		const char *argument = all[i]->argument;
		char letter[] = "    ", left[40];

		if (!all[i]->help)
			continue;
		if (all[i]->letter)
			snprintf(letter, sizeof(letter), "-%c, ", all[i]->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, all[i]->name,
			 argument ? " " : "", argument ? argument : "");
		fprintf(out, "  %-22s  %s\n", left, all[i]->help);
	}
}
