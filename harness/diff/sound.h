/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what is told of a run can be worked with.
 */
#ifndef DIFF_SOUND_H
#define DIFF_SOUND_H

#include <jansson.h>
#include <stdbool.h>

/* NULL: it can; else what is wrong with it, in a few words. */
const char *run_unsound(const json_t *run);

#endif
