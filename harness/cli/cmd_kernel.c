/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `kernel`: the script that builds kernels (kernels/build.sh), told where they are to be and which
 * program tries them. From the source tree run.sh starts it itself, since no program need be built
 * for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/shown.h"
#include "harness/cli/commands.h"
#include "harness/cli/home.h"

static int cmd_kernel(const struct options *o, struct library *l)
{
	const char *script = home_kernel_script(l->arena);
	const char **argv = arena_alloc(l->arena, (o->word_count + 3) * sizeof(*argv));

	argv[0] = "sh";
	argv[1] = script;
	for (size_t i = 0; i < o->word_count; i++)
		argv[2 + i] = o->words[i];
	setenv("TCPLAB_KERNELS", home_kernels(l->arena), 1);
	setenv("TCPLAB_COMMAND", home_command(), 1);
	setenv("TCPLAB", home_program(l->arena), 1);
	execvp(argv[0], (char *const *)argv);
	say("%s cannot be run: %s", script, strerror(errno));
	return EXIT_BROKEN;
}

const struct command command_kernel = {
    .name = "kernel",
    .arguments = "build K | list",
    .help = "kernels to run on: 6.12, 6.1, or a path; those that are there",
    .run = cmd_kernel,
};
