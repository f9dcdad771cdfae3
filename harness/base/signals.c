/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals by their names. The C library has no names for the real-time ones; it uses the first two
 * of them itself (signal(7)), so SIGRTMIN is not a constant.
 */
#include "harness/base/signals.h"

#include <signal.h>
#include <string.h>

const char *signal_name(struct arena *a, int number)
{
	const char *name = sigabbrev_np(number);

	if (name)
		return arena_printf(a, "SIG%s", name);
	if (number == SIGRTMIN)
		return "SIGRTMIN";
	if (number > SIGRTMIN && number <= SIGRTMAX)
		return arena_printf(a, "SIGRTMIN+%d", number - SIGRTMIN);
	return arena_printf(a, "signal %d", number);
}
