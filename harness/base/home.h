/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie when the command line does not say: in the source tree, or where `make install`
 * has put them and where users keep what programs make.
 *
 *                     in the source tree     installed below PREFIX
 *     scenarios       scenarios/             PREFIX/share/tcplab/scenarios/
 *     results         results/               $XDG_STATE_HOME/tcplab/, else tcplab-results/ here
 *     kernels         build/kernels/         $XDG_CACHE_HOME/tcplab/kernels/, else ~/.cache/..
 *     its own files   build/, kernels/       PREFIX/lib/tcplab/, PREFIX/share/tcplab/kernels/
 *     is started by   ./run.sh               tcplab
 *
 * All strings live in the arena, or as long as the program. (XDG Base Directory Specification:
 * relative ones are ignored.)
 */
#ifndef HOME_H
#define HOME_H

#include <stdbool.h>

#include "harness/base/arena.h"

const char *home_library(struct arena *a);
const char *home_results(struct arena *a);
const char *home_kernels(struct arena *a);

/* The program itself. */
const char *home_program(struct arena *a);

/* What is preloaded into a User-Mode Linux. */
const char *home_preload(struct arena *a);

/* A script in kernels/: what builds them, what tests them. */
const char *home_kernel_script(struct arena *a, const char *name);

bool home_is_installed(void);

/* The word by which a user starts the program, for messages. */
const char *home_command(void);

#endif
