/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the first word that is not an option is a subcommand, if it is the name of
 * one (cli/commands.c); otherwise all words are scenarios to run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/home.h"
#include "harness/base/outlet.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"
#include "harness/guest/guest.h"
#include "netns/proc.h"

static void print_short_help(void)
{
	static const char *const lines[][2] = {
	    {"connect-refused", "run a scenario, print what happened"},
	    {"all", "run them all"},
	    {"list", "what there is"},
	    {"show NAME", "what a scenario teaches, and its script"},
	    {"--help", "everything else"},
	};

	puts("tcplab: see how TCP fails, on this kernel, by name\n");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		printf("  %s %-15s    %s\n", home_command(), lines[i][0], lines[i][1]);
}

static int usage(const char *error, int status)
{
	say("%s", error);
	return status;
}

/*
 * The exit status if the command line is wrong. `git bisect run` would take EXIT_USAGE for a
 * verdict about the commit, and go on.
 */
static int usage_status(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "kernel") && !strcmp(argv[i + 1], "test"))
			return EXIT_NO_COMMIT;
	return EXIT_USAGE;
}

static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	say("cannot write to standard output");
	return status == EXIT_PASSED ? EXIT_BROKEN : status;
}

/*
 * If standard output is closed, the next file to be opened gets its number, and then all that the
 * program prints. So /dev/null takes the number, opened for reading: writing fails, and finish()
 * reports it.
 */
static void occupy_closed(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/*
 * The program must be able to read and to remove the files that it makes. So the umask may not take
 * the owner's rights away. The user decides about all other rights.
 */
static void keep_own_access(void)
{
	umask(umask(0) & 077);
}

/* Suggestions for a first word that is no scenario: the subcommands, and run.sh's own words. */
static const char *const *all_commands(struct arena *a)
{
	const char **names = NULL;
	size_t count = 0;

	for (size_t i = 0; commands[i]; i++)
		*arena_push(a, names, count) = commands[i]->name;
	*arena_push(a, names, count) = "test";
	*arena_push(a, names, count) = "kernel";
	*arena_push(a, names, count) = NULL;
	return names;
}

int main(int argc, char **argv)
{
	const struct command *command = commands[0];
	struct library library;
	struct arena a = {0};
	struct options o;
	char error[512];
	bool has_command;
	int status, wrong = usage_status(argc, argv); /* before its words are moved */

	if (guest_is_init())
		guest_init();
	occupy_closed();
	keep_own_access();
	/* A line at a time: what other processes say at the same moment does not get into it. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	outlet_guard();
	if (!options_read(&o, argc, argv, error, sizeof(error)))
		return usage(error, wrong);
	outlet_is_json(o.json);
	if (o.version) {
		puts("tcplab " TCPLAB_VERSION);
		return finish(EXIT_PASSED);
	}
	if (argc == 1) {
		print_short_help();
		return finish(EXIT_PASSED);
	}
	has_command = o.word_count && command_find(o.words[0]);
	if (has_command) {
		command = command_find(o.words[0]);
		o.words++;
		o.word_count--;
	}
	if (o.help)
		return finish(command_find("help")->run(&o, NULL));
	if (!options_fit(&o, command, error, sizeof(error)))
		return usage(error, wrong);
	if (!getcwd(error, sizeof(error)) && errno == ENOENT)
		return usage("the working directory is gone; start it in one that is there", wrong);
	if (command->needs_proc && !proc_find(error, sizeof(error))) {
		say("%s", error);
		return EXIT_BROKEN;
	}
	library_open(&library, &a, o.library ? o.library : home_library(&a));
	if (!has_command)
		library.also = all_commands(&a);
	status = finish(command->run(&o, &library));
	arena_free(&a);
	return status;
}
