/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands: each in a file of its own, cmd_NAME.c; the table of them is in main.c.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "harness/cli/options.h"
#include "harness/run/library.h"

#define TCPLAB_VERSION "0.1"

/* Each returns the program's exit status. The library is open; complaints go to stderr. */
int cmd_run(const struct options *o, struct library *l);
int cmd_list(const struct options *o, struct library *l);
int cmd_show(const struct options *o, struct library *l);
int cmd_check(const struct options *o, struct library *l);
int cmd_diff(const struct options *o, struct library *l);
int cmd_bless(const struct options *o, struct library *l);

/* Add what the words of the command line mean. False: some mean nothing, which has been said. */
bool select_words(const struct options *o, struct library *l, struct selection *chosen);

/* How many of so many runs are made at once; on the running kernel, if `guest` is NULL. */
struct guest_kernel;
int runs_at_once(const struct options *o, const struct guest_kernel *guest, size_t jobs);

#endif
