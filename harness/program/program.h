/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: what `H program` starts.
 *
 * A command is split as a shell would do it. If only a shell can understand it (it has pipes,
 * variables, patterns ..), it is given to one; else no shell comes between, and it is known before
 * anything runs whether there is such a program.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "harness/base/arena.h"
#include "harness/packet/hosts.h"

struct program {
	const char *command;	 /* as given */
	const char *path;	 /* of its file */
	const char *const *argv; /* ends with NULL */
	bool by_shell;		 /* that is a shell, which will find the program itself */
};

/* As whom, and with what, programs are started: as if the user had started them himself. */
struct program_user {
	uid_t uid;
	gid_t gid;
	char *const *environment; /* ends with NULL */
	const char *input;	  /* the path of what they read; NULL: nothing */
};

/* The calling process's. */
struct program_user program_user(const char *input);

/*
 * Find it, for that user: by his PATH, in the calling process's directory. False: there is no such
 * program, or it cannot be run under observation; `error` says so in one line.
 */
bool program_find(struct arena *a, const struct program_user *user, enum host host,
		  const char *command, struct program *program, const char **error);

#endif
