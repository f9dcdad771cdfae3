/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the first word that is not an option is a subcommand, if it is the name of
 * one; otherwise all words are scenarios to run. Subcommands are a table.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/array.h"
#include "harness/base/shown.h"
#include "harness/cli/commands.h"
#include "harness/cli/home.h"
#include "harness/guest/guest.h"
#include "netns/proc.h"

struct command {
	const char *name;
	unsigned mask;
	const char *arguments, *help;
	int (*run)(const struct options *o, struct library *l);
	bool needs_proc; /* it asks the kernel */
};

static int cmd_help(const struct options *o, struct library *l);

static const struct command commands[] = {
    {"run", FOR_RUN, "NAME...", "run them (the word `run` may be left out)", cmd_run, true},
    {"list", FOR_LIST, "[WORD...]", "name and title of each scenario, or of those about a word",
     cmd_list, false},
    {"show", FOR_SHOW, "NAME...", "what a scenario teaches, and its script", cmd_show, false},
    {"check", FOR_CHECK, "[NAME...]", "read the scripts (all of them) and run nothing", cmd_check,
     true},
    {"diff", FOR_DIFF, "A B [NAME...]", "where kernels A and B behave differently", cmd_diff, true},
    {"bless", FOR_BLESS, "NAME...", "write what is observed into the scenarios", cmd_bless, true},
    {"help", FOR_ALL, "", "this help", cmd_help, false},
};

#define COMMANDS ARRAY_SIZE(commands)

static const char short_help[] =
    "tcplab: see how TCP fails, on this kernel, by name\n"
    "\n"
    "  ./run.sh connect-refused    run a scenario, print what happened\n"
    "  ./run.sh all                run them all\n"
    "  ./run.sh list               what there is\n"
    "  ./run.sh show NAME          what a scenario teaches, and its script\n"
    "  ./run.sh --help             everything else\n";

static int cmd_help(const struct options *o, struct library *l)
{
	(void)o;
	(void)l;
	printf("tcplab runs TCP failure scenarios in network namespaces of its own and prints what "
	       "happened.\n"
	       "\n"
	       "usage: ./run.sh [COMMAND] [OPTION...] [NAME...]\n"
	       "\n"
	       "A NAME is a scenario's name, a glob ('connect-*'), `all`, or a path to a scenario "
	       "file.\n"
	       "\n"
	       "commands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-6s %-13s  %s\n", commands[i].name, commands[i].arguments,
		       commands[i].help);
	printf("  %-20s  %s\n", "kernel build K", "build a kernel to run on: 6.12, 6.1, or a path");
	printf("  %-20s  %s\n", "kernel list", "the kernels that are there, and that can be had");
	printf("  %-20s  %s\n", "test", "everything the project promises of itself");
	printf("\noptions:\n");
	options_print(stdout);
	printf(
	    "\n"
	    "exit status:\n"
	    "  0  all scenarios passed, or were skipped because the kernel lacks what they need\n"
	    "  1  a scenario failed, or a kernel warned while it ran; diff: the kernels differ\n"
	    "  2  the command line or a scenario is wrong\n"
	    "  3  the lab could not be built, a kernel panicked or hung,\n"
	    "     or the results could not be written\n"
	    "  130  interrupted\n"
	    "\n"
	    "results: results/KERNEL/SCENARIO/ transcript.txt client.pcap server.pcap "
	    "result.json\n");
	return EXIT_PASSED;
}

static const struct command *command_find(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
	}
	return NULL;
}

static int usage(const char *error)
{
	say("%s", error);
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
 * Where standard output is closed, the next file that is opened would have its number, and get what
 * is printed. Nothing can be written to what takes its place, so it is noticed.
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

/* What the program makes it must be able to read again, and to remove: the rest is the user's say.
 */
static void keep_own_access(void)
{
	umask(umask(0) & 077);
}

int main(int argc, char **argv)
{
	const struct command *command = &commands[0];
	struct library library;
	struct arena a = {0};
	struct options o;
	char error[512];
	int status;

	if (guest_is_init())
		guest_init();
	occupy_closed();
	keep_own_access();
	/* A line at a time: what other processes say at the same moment does not get into it. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (!options_read(&o, argc, argv, error, sizeof(error)))
		return usage(error);
	if (o.version) {
		puts("tcplab " TCPLAB_VERSION);
		return finish(EXIT_PASSED);
	}
	if (argc == 1) {
		fputs(short_help, stdout);
		return finish(EXIT_PASSED);
	}
	if (o.word_count && command_find(o.words[0])) {
		command = command_find(o.words[0]);
		o.words++;
		o.word_count--;
	}
	if (o.help)
		return finish(cmd_help(&o, NULL));
	if (!options_fit(&o, command->mask, command->name, error, sizeof(error)))
		return usage(error);
	if (!getcwd(error, sizeof(error)) && errno == ENOENT)
		return usage("the working directory is gone; start it in one that is there");
	if (command->needs_proc && !proc_find(error, sizeof(error))) {
		say("%s", error);
		return EXIT_BROKEN;
	}
	library_open(&library, &a, o.library ? o.library : home_library(&a));
	status = finish(command->run(&o, &library));
	arena_free(&a);
	return status;
}
