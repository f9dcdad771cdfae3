/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host's processes cannot do any more: SECURITY.md says why. */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>

/*
 * Give up, for the calling process and all that it will fork, whatever a host does not need: file
 * system, privileges, system calls, and standard input, output and error. To be called by a host's
 * first process, which has one thread; its other descriptors are not touched. This cannot be
 * undone, and no second call can succeed. `has_filter`: the kernel must filter system calls; false:
 * it may be unable to (in a guest, which is confined as a whole).
 *
 * False: not done, and `what` is what failed, errno says why. Then the process must end.
 */
bool confine(bool has_filter, const char **what);

/* Its steps, in their order. For a test, which checks what each of them alone prevents. */
enum confine_step {
	CONFINE_OUTPUT,
	CONFINE_NAMESPACES,
	CONFINE_FILES,
	CONFINE_PROGRAMS,
	CONFINE_CAPABILITIES,
	CONFINE_CALLS,
	CONFINE_STEPS,
};
bool confine_step(enum confine_step step);

#endif
