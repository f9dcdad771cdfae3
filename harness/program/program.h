/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test: what `H program` starts.
 *
 * A command is split as a shell would do it. If only a shell can understand it (it has pipes,
 * variables, patterns ..), it is given to a shell. Otherwise no shell is used, and it is known
 * before anything runs whether the program exists.
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
	bool by_shell;		 /* `path` is a shell, which will find the program itself */
};

/* The user and the environment of programs: as if the user had started them from a shell. */
struct program_user {
	uid_t uid;
	gid_t gid;
	char *const *environment; /* ends with NULL */
	const char *input;	  /* the path of their standard input; NULL: it is empty */
};

/* Those of the calling process. */
struct program_user program_user(const char *input);

/*
 * Find the program for that user: by the user's PATH, in the calling process's directory. False: it
 * does not exist, or it cannot be run under observation; `error` says so in one line.
 */
bool program_find(struct arena *a, const struct program_user *user, enum host host,
		  const char *command, struct program *program, const char **error);

/* ---- written.c: what it writes, which is kept in memory ---- */

#define OUTPUT_MOST	(256LL << 20)
#define OUTPUT_TOO_LONG "it has written more than 256 MB to its output"

/* Of one of its files; false, too, where there is none. */
bool output_is_too_long(int fd);

#endif
