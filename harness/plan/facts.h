/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts about the machine that a script's conditions may use.
 */
#ifndef FACTS_H
#define FACTS_H

#include "harness/ast/ast.h"
#include "harness/base/arena.h"

#define RELEASE_SIZE 65 /* of utsname's fields */

/* The running kernel's release (uname -r), and the facts, family 4. */
void facts_gather(struct facts *f, char release[RELEASE_SIZE]);

/* The facts of a guest, which the machine outside may not have: everything in kernels/config. */
void facts_of_guest(struct facts *f);

/*
 * For which hosts the command line names a program; what a script says to it, and where. False:
 * `error` says which file cannot be read.
 */
struct options;
bool facts_of_programs(struct facts *f, struct arena *a, const struct options *o,
		       const char **error);

#endif
