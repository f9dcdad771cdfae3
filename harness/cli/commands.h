/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands: each in a file of its own, cmd_NAME.c, which says everything about it; their
 * table is in commands.c.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "harness/base/version.h"
#include "harness/options/options.h"
#include "harness/plan/library.h"
#include "harness/run/capacity.h"

/* What a command's word at a place may be; its last row is for all places from there on. */
struct operand {
	enum operand_kind kind;
	const char *const *words; /* .. or one of these; NULL: none */
	const char *after;	  /* only if that is the command's first word; NULL: any */
	bool is_last;
};

struct command {
	const char *name, *arguments, *help; /* no help: it is for programs, and not shown */
	/* Returns the program's exit status. The library is open; diagnostics go to stderr. */
	int (*run)(const struct options *o, struct library *l);
	unsigned knows;		      /* of the options that are shared: WITH_* */
	const struct option_row *own; /* the options of its own; the last one has no name */
	const struct option_row *(*more)(size_t i); /* the i-th of further ones, NULL: no more */
	const struct operand *operands;		    /* NULL: scenarios */
	bool needs_proc;			    /* it asks the kernel */
	bool knows_all;				    /* it accepts every option of any command */
};

/* In the order of the help; ends with NULL. The first one is the default. */
extern const struct command *const commands[];

/* NULL: no command has that name. */
const struct command *command_find(const char *word);

/*
 * Add what the words of the command line mean. False: some mean nothing, which has been reported.
 */
bool select_words(const struct options *o, struct library *l, struct selection *chosen);

/* Whether what --client, --server and --stdin name is there; what is not has been reported. */
bool programs_exist(struct arena *a, const struct options *o);

/* How many of that number of runs are made at once; on the running kernel, if `guest` is NULL. */
struct guest_kernel;
struct capacity runs_at_once(const struct options *o, const struct guest_kernel *guest,
			     size_t jobs);

/* From now on it is about runs on that kernel, whose facts are these. */
struct invocation;
void run_on_guest(struct invocation *inv, const struct guest_kernel *guest, struct facts *facts);

/*
 * After so long a run is killed. The engine ends a run at its limit and can say where it hung; this
 * is for when it cannot. `more`: what the run may take besides, on the running kernel.
 */
struct planned;
ns_t run_limit(const struct invocation *inv, const struct planned *planned, ns_t more);

/*
 * Write a new file of one's own. False: it has been reported why not; what is there already stays
 * as it is.
 */
bool write_new_file(const char *path, const char *text);

/* Whether --keep-files, if it is given, has a meaning there; if not, that has been reported. */
bool files_can_be_kept(const struct options *o, const struct guest_kernel *guest);

#endif
