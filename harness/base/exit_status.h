/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit status of the program.
 */
#ifndef BASE_EXIT_STATUS_H
#define BASE_EXIT_STATUS_H

enum {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,      /* a scenario failed */
	EXIT_USAGE = 2,	      /* the command line or a script is wrong */
	EXIT_BROKEN = 3,      /* the lab could not be built, or the results not written */
	EXIT_NO_COMMIT = 129, /* `kernel test`: the same as EXIT_USAGE, and ends a bisection */
	EXIT_INTERRUPTED = 130,
};

#endif
