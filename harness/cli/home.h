/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie when the command line does not say: the scenarios, and the results.
 */
#ifndef HOME_H
#define HOME_H

#include "harness/base/arena.h"

/*
 * $TCPLAB_HOME/scenarios, else scenarios/ beside the program's directory, else its share directory.
 */
const char *home_library(struct arena *a);

/* $TCPLAB_HOME/results, else results/ beside that scenarios/, else results/ here. */
const char *home_results(struct arena *a);

/* A file of the project by its path in there; whether it exists is not asked. */
const char *home_file(struct arena *a, const char *name);

/* A file in the directory of the program itself. */
const char *home_beside(struct arena *a, const char *name);

#endif
