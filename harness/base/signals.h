/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of signals.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "harness/base/arena.h"

/* SIGKILL, SIGRTMIN+3; for a signal without a name its number: "signal 32". */
const char *signal_name(struct arena *a, int number);

#endif
