/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The help: what the tables of commands and options say, and what else there is. */
#include "harness/base/home.h"
#include "harness/cli/commands.h"

static int cmd_help(const struct options *o, struct library *l)
{
	(void)o;
	(void)l;
	printf("tcplab runs TCP failure scenarios in network namespaces of its own and prints what "
	       "happened.\n"
	       "\n"
	       "usage: %s [COMMAND] [OPTION...] [NAME...]\n"
	       "\n"
	       "A NAME is a scenario's name, a glob ('connect-*'), `all`, or a path to a scenario "
	       "file.\n"
	       "\n"
	       "commands:\n",
	       home_command());
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->help)
			printf("  %-8s %-16s  %s\n", commands[i]->name, commands[i]->arguments,
			       commands[i]->help);
	if (!home_is_installed())
		printf("  %-25s  %s\n", "test", "everything the project promises of itself");
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
	    "ladder.svg result.json\n");
	return EXIT_PASSED;
}

const struct command command_help = {
    .name = "help",
    .arguments = "",
    .help = "this help",
    .run = cmd_help,
    .knows_all = true,
};
