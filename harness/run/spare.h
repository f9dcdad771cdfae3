/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the machine has time for more than it does.
 */
#ifndef SPARE_H
#define SPARE_H

#include <stdbool.h>

/* How many tasks want a processor, in the text of /proc/loadavg; -1: it does not say. */
long spare_wanting(const char *loadavg);

/* Whether so many processors have time for another run. False where nobody can say. */
bool has_spare_time(int processors);

#endif
