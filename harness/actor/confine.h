/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host's processes cannot do any more: SECURITY.md says what for.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>

/*
 * Give up, for the calling process and all that it will fork, whatever a host does not need: file
 * system, privileges, system calls, and what standard input, output and error are. To be called by
 * a host's first process, which has one thread; what else it has open is its own business. For
 * good: no second call can succeed. `has_filter`: the kernel must filter system calls; false: it
 * need not be able to (of a guest, which is confined as a whole).
 *
 * False: not done, and `what` is what failed, errno says why. Then the process must end.
 */
bool confine(bool has_filter, const char **what);

/*
 * The steps of it, in their order. For a test, which looks at what each of them alone keeps from
 * happening.
 */
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
